// Below the images: what every reader answered, and what is known of each image.

import { make } from "./dom.js";

/** The answers to a case, the chosen one first. */
export function answersTable(answers) {
  const rows = answers.map((one, i) => make(`tr${i ? "" : ".ex-own"}`, {},
    make("td", {}, one.reader + (one.kind === "simulated" ? " (simulated)" : "")),
    make("td", {}, one.words + (one.swapped ? " (images swapped)" : "")),
    make("td", { "data-answer": one.right }, one.right),
    make("td", {}, one.cue), make("td.ex-note", {}, one.note),
    make("td.ex-number", {}, one.seconds === null ? "" : `${one.seconds} s`)));
  const titles = ["Reader", "Answer", "", "Reason", "Note", "Time"];
  return make("table.ex-answers", {}, make("thead", {}, make("tr", {}, titles.map((title) => make("th", {}, title)))), make("tbody", {}, rows));
}

/** Grey pixels (bytes, size x size) on a canvas. */
export function greyCanvas(pixels, size, name) {
  const canvas = make("canvas", { width: size, height: size, role: "img", "aria-label": name });
  const data = new ImageData(size, size);
  pixels.forEach((grey, i) => data.data.set([grey, grey, grey, 255], 4 * i));
  canvas.getContext("2d").putImageData(data, 0, 0);
  return canvas;
}

/** What is known of one image, and the training image nearest to it. */
export function factsOf(lines, near) {
  const list = make("dl", {}, lines.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  const figures = near.map(({ canvas, name }) => make("figure", {}, canvas, make("figcaption", {}, `Nearest in training: ${name}`)));
  return make("section.ex-facts", {}, figures, list);
}
