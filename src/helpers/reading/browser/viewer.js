// The images side by side, with one zoom and position for all, one window or one for each, and the reader's marks.

import { fill, make, painted } from "./dom.js";
import { Gestures } from "./gestures.js";
import { Darkroom } from "./levels.js";
import { Magnifier } from "./magnifier.js";
import { MarkList } from "./mark_list.js";
import { Pane, print } from "./pane.js";
import { fullWindow, movedWindow, PRESETS, presetWindow } from "./windows.js";

const ZOOM_LIMIT = 16; // factor on the fitted size
const REACH = { mouse: 8, touch: 20 }; // distance in CSS pixels at which a mark can be picked up

/** Columns for a number of images of a shape (width / height) in a viewer of this size: up to three in a row, four in a
 * row or two by two, whichever shows them larger. */
export function columnsFor(count, shape, width, height) {
  const size = (columns) => Math.min(width / columns / shape, height / (count / columns));
  return count === 4 && size(2) > size(4) ? 2 : count;
}

/** Shows images, lets the pointer change the view, and keeps the marks.
 *
 * `windows` has one for each place; `only` is the place whose window is changed, null for all. */
export class Viewer {
  constructor(texts, { onPaint, onMark, mayMark }) {
    Object.assign(this, { texts, onPaint, panes: [], windows: [], only: null, levels: 256, darkrooms: {} });
    this.element = make("div.rr-viewer");
    this.marks = new MarkList();
    this.gestures = new Gestures(this, { onMark, mayMark });
    this.magnifier = new Magnifier();
    this.spot = [0.5, 0.5]; // where the pointer was last, on any image
    this.view = { ...this.untouched(), smooth: true, limit: Infinity };
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.element);
  }

  untouched() {
    return { zoom: 1, native: false, x: 0, y: 0, inverted: false, swapped: false };
  }

  /** Develop images ({ width, height, levels, pixels }) in advance, and print them at the panes' size. */
  prepare(images) {
    const view = { ...this.view, ...this.untouched() };
    images.forEach((image, index) => {
      this.develop(image, { ...fullWindow(image.levels), inverted: false });
      if (this.panes.length === images.length) print(image, this.panes[index].canvas, view);
    });
  }

  develop(image, view) {
    this.darkrooms[image.levels] ??= new Darkroom(image.levels);
    this.darkrooms[image.levels].develop(image, view);
  }

  /** Show images, automatically enlarged at most `limit` times; resolves with the time of the first paint. */
  show(images, names, limit = Infinity) {
    this.panes.forEach(({ image }) => Object.assign(image, { film: null, print: null, developed: "" })); // frees their memory
    this.view = { ...this.view, ...this.untouched(), limit };
    this.prepare(images);
    this.levels = images[0].levels;
    if (this.panes.length !== images.length) {
      this.only = null;
      this.panes = images.map(() => new Pane());
      this.element.replaceChildren(...this.panes.map((pane) => pane.element));
    }
    this.panes.forEach((pane, index) => (pane.image = images[index]));
    this.windows = images.map(() => fullWindow(this.levels));
    this.magnifier.isHeld = false;
    this.name(names);
    this.marks.set([]);
    this.paint();
    return painted();
  }

  /** Name the places of the images; a single one only for screen readers. */
  name(names, flagged = null) {
    this.panes.forEach((pane, index) => pane.name(names[index], names.length > 1, index === flagged));
  }

  change(view) {
    Object.assign(this.view, view);
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = null; this.paint(); });
  }

  reset() {
    this.windows = this.panes.map(() => fullWindow(this.levels));
    this.change({ ...this.untouched(), swapped: this.view.swapped });
  }

  paint() {
    const { element, panes, view } = this;
    if (!panes.length || !element.clientWidth) return;
    const { width, height } = panes[0].image;
    this.columns = columnsFor(panes.length, width / height, element.clientWidth, element.clientHeight);
    element.style.gridTemplateColumns = `repeat(${this.columns}, minmax(0, 1fr))`;
    this.onPaint(view);
    const isRough = Boolean(this.gestures.held); // for a moving image, frame rate matters more than quality
    panes.forEach((pane, index) => {
      this.develop(pane.image, { ...this.windows[index], inverted: view.inverted });
      pane.expose({ ...view, rough: isRough });
      pane.say(this.windowInWords(index) + (index ? "" : `   ${this.scaleInWords(pane)}`), this.only === index);
    });
    this.placeMarks();
    this.magnifier.place(panes, view, this.spot);
  }

  windowInWords(index) {
    const { window, level } = this.windows[index];
    return fill(this.texts.window, { window: Math.round(window), level: Math.round(level) });
  }

  /** The size of the images in pixels, and the scale: CSS pixels per stored pixel. */
  scaleInWords(pane) {
    const { texts, view } = this;
    const { image } = pane;
    const { scale } = pane.layOut(view);
    const times = scale / devicePixelRatio;
    const name = view.native ? "scale_native" : times >= 1.005 ? "scale_enlarged" : times <= 0.995 ? "scale_reduced" : "scale_same";
    const values = { width: image.width, height: image.height, times: Number(times.toFixed(2)).toLocaleString(texts.language), percent: Math.round(100 * times) };
    return fill(texts.pixels, values) + fill(texts[name], values);
  }

  // ---- zoom, position, window

  paneOf(event) {
    return this.panes.find(({ element }) => element.contains(event.target)) ?? this.panes[0];
  }

  /** Note where the pointer is, for the magnifier and for keys. */
  point(event) {
    if (!this.panes.length) return;
    const pane = this.panes.find(({ element }) => element.contains(event.target));
    if (pane) this.spot = pane.spot(event, this.view);
    if (this.magnifier.isHeld) this.change({});
  }

  /** Zoom by a factor about a spot of a pane's image, which stays where it is. */
  zoomAt(pane, [u, v], factor) {
    const { fit, scale } = pane.layOut(this.view);
    const zoom = Math.min(ZOOM_LIMIT, Math.max(1, (scale / fit) * factor));
    if (zoom === 1) return this.change({ zoom, native: false, x: 0, y: 0 });
    const kept = scale / (fit * zoom);
    const { x, y } = this.view;
    this.change({ zoom, native: false, x: 0.5 - u + (x - 0.5 + u) * kept, y: 0.5 - v + (y - 0.5 + v) * kept });
  }

  /** Zoom about the middle of the view. */
  zoomBy(factor) {
    if (this.panes.length) this.zoomAt(this.panes[0], [0.5 - this.view.x, 0.5 - this.view.y], factor);
  }

  /** Move the images by a distance in CSS pixels. */
  moveBy(dx, dy, pane = this.panes[0]) {
    if (!pane) return;
    const { image } = pane;
    const shown = (pane.layOut(this.view).scale * image.width) / devicePixelRatio; // CSS pixels
    const within = (value) => Math.min(0.5, Math.max(-0.5, value)); // the image's edge stops at the middle
    this.change({ x: within(this.view.x + dx / shown), y: within(this.view.y + (dy / shown) * (image.width / image.height)) });
  }

  /** Change a window; `index` is the place pointed at, used if each image has its own window. */
  windowBy(dx, dy, index = this.only) {
    if (this.only !== null) this.only = index;
    this.setWindows((window) => movedWindow(window, dx, dy, this.levels));
  }

  /** Set a preset's window, by its key: one for all images, or for one image only. */
  preset(key) {
    const { panes, only } = this;
    if (!panes.length) return;
    const images = panes.map(({ image }) => image);
    const window = presetWindow(only === null ? images : [images[only]], PRESETS[key]);
    this.setWindows(() => window);
  }

  setWindows(change) {
    this.windows = this.windows.map((window, index) => (this.only === null || this.only === index ? change(window) : window));
    this.change({});
  }

  /** Cycle the window between all images, each one alone in turn, and all again, with the window of the first. */
  link() {
    const next = this.only === null ? 0 : this.only + 1;
    this.only = next < this.panes.length ? next : null;
    if (this.only === null) this.windows = this.windows.map(() => this.windows[0]);
    this.change({});
  }

  /** Show the images in the opposite order, each with its window and marks; names stay with the places. */
  swap() {
    const images = this.panes.map(({ image }) => image).reverse();
    this.panes.forEach((pane, index) => (pane.image = images[index]));
    this.windows = [...this.windows].reverse();
    if (this.only !== null) this.only = this.placeOf(this.only, true);
    const { all, chosen } = this.marks;
    this.marks.set(all.map((mark) => ({ ...mark, index: this.placeOf(mark.index, true) })), chosen);
    this.change({ swapped: !this.view.swapped });
  }

  /** The number of the image at a place, which is reversed if the images are swapped (by default, as they are now). */
  placeOf(index, isSwapped = this.view.swapped) {
    return isSwapped ? this.panes.length - 1 - index : index;
  }

  magnify(isHeld) {
    this.magnifier.isHeld = isHeld;
    this.change({});
  }

  // ---- the marks

  placeMarks() {
    const { all, chosen } = this.marks;
    const isOneOf = all.length > 1; // a single mark need not be highlighted as chosen
    const shown = all.map((mark, number) => ({ ...mark, isChosen: isOneOf && number === chosen }));
    this.panes.forEach((pane, index) => pane.placeMarks(shown.filter((mark) => mark.index === index), this.view));
  }

  /** Change the marks, and show them. */
  mark(change) {
    change(this.marks);
    this.placeMarks();
  }

  /** Choose the mark pointed at; returns its place, or null if there is none. */
  pickMark(event, pane) {
    const reach = pane.reach(REACH[event.pointerType] ?? REACH.mouse, this.view);
    return this.marks.pick(this.panes.indexOf(pane), pane.spot(event, this.view), reach);
  }

  /** Move the chosen mark by a step, or stretch it. */
  nudge(step, isStretched) {
    this.mark((marks) => marks.nudge(step, isStretched, { count: this.panes.length, columns: this.columns }));
  }

  /** Set whether the pointer and the arrow keys mark. */
  aim(isAimed) {
    this.isAimed = isAimed;
    this.mark((marks) => (isAimed ? marks.beginAnother() : marks.end()));
    this.element.classList.toggle("rr-marking", isAimed);
  }

  /** Set whether the pointer moves the images instead of changing the window. */
  hold(isMoved) {
    this.isMoved = isMoved;
    this.element.classList.toggle("rr-moving", isMoved);
    this.change({});
  }
}
