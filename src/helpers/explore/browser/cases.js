// The case view: filters, table, images, answers and facts. Python holds the answers; this shows what it sends.

import { answersTable, factsOf, greyCanvas } from "./about.js";
import { make } from "./dom.js";
import { Filters } from "./filters.js";
import { IMAGE_KEYS, pressOnImages, toldKeys } from "./image_keys.js";
import { storedPixels } from "./levels.js";
import { List } from "./list.js";
import { MarkedViewer } from "./overlay.js";
import { VIEWER_TEXTS } from "./words.js";

const COLOURS = [[86, 180, 233], [230, 159, 0], [0, 158, 115], [204, 121, 167], [240, 228, 66]]; // Okabe and Ito's
const KEYS = [["↑ ↓", "step"], ["O", "marks and outlines"], ...IMAGE_KEYS];
const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

class Cases {
  constructor(model) {
    this.model = model;
    this.viewer = new MarkedViewer(VIEWER_TEXTS, { onPaint() {}, onMark() {} });
    this.filters = new Filters((chosen) => this.filter(chosen));
    this.list = new List({
      onChoose: (index) => this.choose(index), onMore: (from) => this.ask({ do: "rows", from }),
      onSort: (by, falls) => this.ask({ do: "sort", by, falls }),
    });
    this.title = make("h3.ex-title", { "aria-live": "polite" });
    this.state = make("p.ex-state", { role: "alert", hidden: "" });
    this.lacks = make("ul.ex-lacks", { hidden: "" });
    this.trouble = make("p.ex-trouble", { hidden: "" });
    this.answers = make("div.ex-said");
    this.facts = make("div.ex-known");
    this.element = make("div.ex.rr-host", {
      tabindex: 0, role: "region", "aria-label": "Cases", "data-lm-suppress-shortcuts": "true", keydown: (event) => this.press(event),
    }, this.state, this.lacks, this.filters.element, make("div.ex-body", {}, this.list.element,
      make("div.ex-case", {}, this.title, this.trouble, this.viewer.element, toldKeys(KEYS))), this.answers, this.facts);
    this.hear = (message, buffers) => this[`on_${message.is}`]?.(message, buffers);
    model.on("msg:custom", this.hear);
    this.ask({ do: "open" });
  }

  ask(message) {
    this.model.send(message);
  }

  /** Ask for what passes these filters; while an answer is on its way, only the last of further wishes waits for it. */
  filter(chosen) {
    this.wished = chosen;
    if (this.isFiltering) return;
    this.isFiltering = true;
    this.wished = null;
    this.ask({ do: "filter", chosen });
  }

  /** An answer is on the screen: ask for what was wished meanwhile. */
  answered() {
    this.isFiltering = false;
    if (this.wished) this.filter(this.wished);
  }

  choose(index) {
    if (index < 0 || index >= this.list.total) return;
    if (index >= this.list.body.children.length) this.ask({ do: "rows", from: this.list.body.children.length });
    this.list.choose(index);
    this.ask({ do: "choose", index });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // JupyterLab has shortcuts on the same keys
    if (event.target.matches("input, select, summary")) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (pressOnImages(this.viewer, event)) return event.preventDefault();
    if (step) this.choose(this.list.index + step);
    else if (event.key === "Home") this.choose(0);
    else if (event.key === "End") this.choose(this.list.total - 1);
    else if (event.key === "o") this.viewer.showOver((this.isBare = !this.isBare) === false);
    else if (event.key === "Escape" && this.cameFrom) this.cameFrom.focus();
    else return;
    event.preventDefault();
  }

  on_setup({ state, lacks, simulated, columns, filters, ranges, chosen, order, comes }) {
    if (comes) this.come();
    this.state.textContent = state;
    this.state.hidden = !state;
    this.lacks.replaceChildren(...lacks.map((text) => make("li", {}, text)));
    this.lacks.hidden = !lacks.length;
    this.element.classList.toggle("ex-empty", !columns);
    this.readers = simulated ? "simulated readers" : "";
    if (!columns) return;
    this.list.put(columns, order);
    this.filters.put(filters, ranges, chosen);
  }

  /** Into sight, with the keys: a mark of a figure was chosen, to which Escape leads back. */
  come() {
    this.cameFrom = document.activeElement?.closest("[data-pick]");
    this.element.scrollIntoView({ block: "nearest" });
    this.element.focus({ preventScroll: true });
  }

  on_selection({ rows, case: chosen }, buffers) {
    this.on_rows(rows);
    return this.on_case(chosen, buffers);
  }

  on_rows(message) {
    this.list.add(message);
    const told = [message.title, this.readers].filter(Boolean);
    this.list.count.append(...told.map((text) => make("span", {}, `  ·  ${text}`)));
  }

  async on_case({ index, title, names, width, height, bits, trouble }, buffers) {
    this.list.choose(index);
    this.title.textContent = title;
    this.trouble.textContent = trouble ?? "";
    this.trouble.hidden = !trouble;
    this.viewer.element.hidden = !buffers.length;
    this.element.classList.add("ex-turning"); // what is said of the case before holds the place, so that nothing jumps
    if (buffers.length) await this.show(buffers, { width, height, bits, names });
    this.element.setAttribute("data-shown", index);
    this.answered();
    if (index === this.list.index) this.ask({ do: "more", index });
  }

  /** Paint the images of a case, without anything over them. */
  async show(buffers, { width, height, bits, names }) {
    const images = buffers.map((view) => ({ width, height, levels: 2 ** bits, pixels: storedPixels(bytes(view), bits) }));
    const { inverted } = this.viewer.view;
    const painted = this.viewer.show(images, names);
    if (inverted) this.viewer.change({ inverted });
    this.viewer.clearOver();
    await painted;
  }

  on_more({ index, answers, facts, masks, near }, buffers) {
    if (index !== this.list.index) return; // the reader has gone on
    this.element.classList.remove("ex-turning");
    this.answers.replaceChildren(...(answers.length ? [answersTable(answers)] : []));
    answers.forEach(({ marks, reader }, i) => marks.forEach((mark) => this.viewer.addMark(mark, reader, i === 0)));
    const pixels = buffers.map(bytes);
    masks.forEach(({ image, size }, i) => this.viewer.addMask(image, pixels[i], size, COLOURS[i % COLOURS.length]));
    const canvases = near.map(({ name, size }, i) => greyCanvas(pixels[masks.length + i], size, name));
    const sections = facts.map((lines, image) => {
      const own = near.map((one, i) => ({ ...one, canvas: canvases[i] })).filter((one) => one.image === image);
      return factsOf(lines, own);
    });
    const key = masks.map(({ finding }, i) => {
      const swatch = make("i", { style: `background: rgb(${COLOURS[i % COLOURS.length]})` });
      return make("span", {}, swatch, finding);
    });
    this.facts.replaceChildren(...(key.length ? [make("p.ex-legend", {}, "Outlined: ", key)] : []), make("div.ex-sections", {}, sections));
  }

  on_trouble({ text }) {
    this.trouble.textContent = text;
    this.trouble.hidden = false;
    this.answered();
  }

  remove() {
    this.model.off("msg:custom", this.hear);
    this.viewer.observer.disconnect();
  }
}

export default {
  render({ model, el }) {
    const cases = new Cases(model);
    el.append(cases.element);
    return () => cases.remove();
  },
};
