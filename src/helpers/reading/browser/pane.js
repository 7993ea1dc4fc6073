// One image on the screen: its canvas, its name and the reader's marks on it.

import { make } from "./dom.js";

/** Where an image lies on a canvas, in device pixels: left and top edge, and size of a stored pixel, fitted and now.
 * A fitted image has at most `limit` CSS pixels per stored pixel. */
export function layOut(image, canvas, { zoom, native, x, y, limit }) {
  const fit = Math.min(canvas.width / image.width, canvas.height / image.height, limit * devicePixelRatio);
  const scale = native ? 1 : fit * zoom;
  const left = Math.round(canvas.width / 2 + (x - 0.5) * scale * image.width);
  const top = Math.round(canvas.height / 2 + (y - 0.5) * scale * image.height);
  return { fit, scale, left, top };
}

/** Draw an image's film onto a canvas; `rough`: fast, at lower quality. */
function draw(image, canvas, { left, top, scale }, { smooth, rough }) {
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = rough ? "low" : "high";
  context.drawImage(image.film, left, top, image.width * scale, image.height * scale);
  return context;
}

/** Everything that a drawing depends on. */
function sortOf({ developed }, { width, height }, { scale, left, top }, { smooth, rough }) {
  return [developed, width, height, scale, left, top, smooth, Boolean(rough)].join();
}

/** Draw a developed image in advance for a canvas of this size: scaling takes longer than all other steps of showing
 * it. */
export function print(image, { width, height }, view) {
  const place = layOut(image, { width, height }, view);
  const of = sortOf(image, { width, height }, place, view);
  if (image.print?.of === of) return;
  const canvas = make("canvas", { width, height });
  draw(image, canvas, place, view).getImageData(0, 0, 1, 1); // forces drawing now rather than at first use
  image.print = { canvas, of };
}

/** A place that shows one image after another. */
export class Pane {
  constructor() {
    this.canvas = make("canvas", { role: "img" });
    this.head = make("div.rr-side");
    this.marks = make("div.rr-marks");
    this.corner = make("div.rr-corner");
    this.element = make("div.rr-pane", {}, this.canvas, this.marks, this.head, this.corner);
  }

  /** Name the image for screen readers, and visibly if `isShown`. */
  name(name, isShown, isFlagged) {
    this.canvas.setAttribute("aria-label", name);
    this.head.classList.toggle("rr-flag", isFlagged);
    this.head.textContent = isShown ? name : "";
  }

  /** Say how the image is shown; `isAlone`: it is the one whose window is changed. */
  say(text, isAlone) {
    this.corner.textContent = text;
    this.corner.classList.toggle("rr-alone", isAlone);
  }

  /** Show the developed image at its place: copied from a matching print, if there is one. */
  expose(view) {
    const { image, canvas, element } = this;
    const [width, height] = [element.clientWidth, element.clientHeight].map((size) => Math.round(size * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const place = this.layOut(view);
    if (image.print?.of !== sortOf(image, canvas, place, view)) draw(image, canvas, place, view);
    else canvas.getContext("2d", { alpha: false }).drawImage(image.print.canvas, 0, 0);
  }

  layOut(view) {
    return layOut(this.image, this.canvas, view);
  }

  /** The pointer's position on the image: x and y as fractions, even if outside it. */
  spot({ clientX, clientY }, view) {
    const box = this.canvas.getBoundingClientRect();
    const dots = this.canvas.width / box.width;
    const { left, top, scale } = this.layOut(view);
    return [
      ((clientX - box.left) * dots - left) / (scale * this.image.width),
      ((clientY - box.top) * dots - top) / (scale * this.image.height),
    ];
  }

  /** A distance in CSS pixels as fractions of the image, to the right and down. */
  reach(size, view) {
    const { scale } = this.layOut(view);
    return [this.image.width, this.image.height].map((side) => (size * devicePixelRatio) / (scale * side));
  }

  /** Show marks, each { place, isChosen }; a point has no size. */
  placeMarks(marks, view) {
    const { scale, left, top } = this.layOut(view);
    const across = (share) => (share * scale * this.image.width) / devicePixelRatio; // CSS pixels
    const down = (share) => (share * scale * this.image.height) / devicePixelRatio;
    this.marks.replaceChildren(...marks.map(({ place: [x, y, width, height], isChosen }) => {
      const mark = make("div.rr-mark");
      mark.classList.toggle("rr-point", !width);
      mark.classList.toggle("rr-chosen", isChosen);
      Object.assign(mark.style, {
        left: `${left / devicePixelRatio + across(x)}px`, top: `${top / devicePixelRatio + down(y)}px`,
        width: width ? `${across(width)}px` : "", height: height ? `${down(height)}px` : "",
      });
      return mark;
    }));
  }
}
