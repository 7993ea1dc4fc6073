// The images side by side, with one window, zoom and position for all, and the reader's mark.

import { fill, make, painted } from "./dom.js";
import { Darkroom, fullWindow } from "./levels.js";
import { boxBetween, movedMark, pointAt, stretchedMark } from "./marks.js";
import { Pane, print } from "./pane.js";

const CLICK_WITHIN = 4; // CSS pixels; a longer way of the pointer is a drag
const ZOOM_LIMIT = 16; // times the fitted size

/** Columns for so many images of a shape (width / height) in a viewer of this size: up to three stand in a row, four
 * in a row or two by two, whichever shows them larger. */
export function columnsFor(count, shape, width, height) {
  const size = (columns) => Math.min(width / columns / shape, height / (count / columns));
  return count === 4 && size(2) > size(4) ? 2 : count;
}

/** Shows images, lets the pointer change the view, and keeps the mark: { place, index of its image } or null. */
export class Viewer {
  constructor(texts, { onPaint, onMark }) {
    Object.assign(this, { texts, onPaint, onMark, panes: [], mark: null, levels: 256, darkrooms: {} });
    this.element = make("div.rr-viewer", {
      wheel: (event) => this.zoomBy(event),
      pointerdown: (event) => this.grab(event),
      pointermove: (event) => this.drag(event),
      pointerup: (event) => this.release(event),
      pointercancel: () => (this.held = null),
      dblclick: () => this.reset(),
      contextmenu: (event) => { event.preventDefault(); event.stopPropagation(); },
    });
    this.corner = make("div.rr-corner");
    this.view = { ...this.untouched(), smooth: true };
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.element);
  }

  untouched() {
    return { ...fullWindow(this.levels), zoom: 1, native: false, x: 0, y: 0, inverted: false };
  }

  /** Develop images ({ width, height, levels, pixels }) ahead, and print them at the panes' size. */
  prepare(images) {
    const view = { ...this.untouched(), smooth: this.view.smooth };
    images.forEach((image, index) => {
      this.develop(image, { ...fullWindow(image.levels), inverted: false });
      if (this.panes.length === images.length) print(image, this.panes[index].canvas, view);
    });
  }

  develop(image, view) {
    this.darkrooms[image.levels] ??= new Darkroom(image.levels);
    this.darkrooms[image.levels].develop(image, view);
  }

  /** Show images; resolves at the time of the first paint. */
  show(images, names) {
    this.panes.forEach(({ image }) => Object.assign(image, { film: null, print: null, developed: "" })); // frees their memory
    this.prepare(images);
    this.levels = images[0].levels;
    if (this.panes.length !== images.length) {
      this.panes = images.map(() => new Pane());
      this.element.replaceChildren(...this.panes.map((pane) => pane.element), this.corner);
    }
    this.panes.forEach((pane, index) => (pane.image = images[index]));
    this.name(names);
    this.view = { ...this.view, ...this.untouched() };
    this.setMark(null);
    this.paint();
    return painted();
  }

  /** Name the images; a single one only for screen readers. */
  name(names, flagged = null) {
    this.panes.forEach((pane, index) => pane.name(names[index], names.length > 1, index === flagged));
  }

  change(view) {
    Object.assign(this.view, view);
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = null; this.paint(); });
  }

  reset() {
    this.change(this.untouched());
  }

  paint() {
    const { element, panes, view } = this;
    if (!panes.length || !element.clientWidth) return;
    const { width, height } = panes[0].image;
    this.columns = columnsFor(panes.length, width / height, element.clientWidth, element.clientHeight);
    element.style.gridTemplateColumns = `repeat(${this.columns}, minmax(0, 1fr))`;
    this.onPaint(view);
    panes.forEach((pane) => {
      this.develop(pane.image, view);
      pane.expose({ ...view, rough: this.held }); // a moving image needs the frames more than the quality
    });
    this.placeMark();
    const zoom = (panes[0].layOut(view).scale / devicePixelRatio) * 100;
    this.corner.textContent = [
      fill(this.texts.window, { window: Math.round(view.window), level: Math.round(view.level) }),
      fill(this.texts.zoom, { zoom: Math.round(zoom) }),
    ].join("   ");
  }

  // ---- zoom, position, window

  paneOf(event) {
    return this.panes.find(({ element }) => element.contains(event.target)) ?? this.panes[0];
  }

  zoomBy(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!this.panes.length) return;
    const pane = this.paneOf(event);
    const [u, v] = pane.spot(event, this.view);
    const { fit, scale } = pane.layOut(this.view);
    const wanted = (scale / fit) * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015));
    const zoom = Math.min(ZOOM_LIMIT, Math.max(1, wanted));
    if (zoom === 1) return this.change({ zoom, native: false, x: 0, y: 0 });
    const kept = scale / (fit * zoom); // the point under the pointer stays where it is
    const { x, y } = this.view;
    this.change({ zoom, native: false, x: 0.5 - u + (x - 0.5 + u) * kept, y: 0.5 - v + (y - 0.5 + v) * kept });
  }

  grab(event) {
    if (!this.panes.length) return;
    const pane = this.paneOf(event);
    this.element.setPointerCapture(event.pointerId);
    const does = event.shiftKey || event.button !== 0 ? "move" : this.isAimed ? "mark" : "window";
    const { clientX, clientY } = event;
    this.held = { does, pane, from: pane.spot(event, this.view), start: [clientX, clientY], last: [clientX, clientY] };
  }

  drag(event) {
    if (!this.held) return;
    const [dx, dy] = [event.clientX - this.held.last[0], event.clientY - this.held.last[1]];
    this.held.last = [event.clientX, event.clientY];
    if (this.held.does === "mark") this.stretch(event);
    else if (this.held.does === "move") this.moveBy(dx, dy);
    else this.windowBy(dx, dy);
  }

  release(event) {
    if (this.held?.does === "mark") {
      if (!this.isDragged(event)) this.setMark(pointAt(this.held.from), this.panes.indexOf(this.held.pane));
      this.onMark();
    }
    this.held = null;
    this.change({}); // at full quality again
  }

  moveBy(dx, dy) {
    const { image } = this.held.pane;
    const shown = (this.held.pane.layOut(this.view).scale * image.width) / devicePixelRatio; // CSS pixels
    const within = (value) => Math.min(0.5, Math.max(-0.5, value)); // the image's edge stops in the middle
    this.change({ x: within(this.view.x + dx / shown), y: within(this.view.y + (dy / shown) * (image.width / image.height)) });
  }

  windowBy(dx, dy) {
    const step = this.levels / 256; // the same feel for both depths
    const { window: width, level } = this.view;
    this.change({
      window: Math.min(1024 * step, Math.max(2 * step, width + dx * step)),
      level: Math.min(400 * step, Math.max(-145 * step, level + dy * step)),
    });
  }

  // ---- the mark

  isDragged(event) {
    return Math.hypot(event.clientX - this.held.start[0], event.clientY - this.held.start[1]) >= CLICK_WITHIN;
  }

  stretch(event) {
    const { pane, from } = this.held;
    if (this.isDragged(event)) this.setMark(boxBetween(from, pane.spot(event, this.view)), this.panes.indexOf(pane));
  }

  setMark(place, index = 0) {
    this.mark = place && { place, index };
    this.placeMark();
  }

  placeMark() {
    this.panes.forEach((pane, index) => pane.placeMark(this.mark?.index === index ? this.mark.place : null, this.view));
  }

  /** Move the mark by a step, or stretch it; where there is none, put one in the middle of the first image. */
  nudge(step, isStretched) {
    if (!this.mark) return this.setMark([0.5, 0.5, 0, 0]);
    const { place, index } = this.mark;
    if (isStretched) return this.setMark(stretchedMark(place, step), index);
    const moved = movedMark(place, index, { count: this.panes.length, columns: this.columns }, step);
    this.setMark(moved.place, moved.index);
  }

  /** Let the pointer and the arrow keys mark, or not. */
  aim(isAimed) {
    this.isAimed = isAimed;
    this.element.classList.toggle("rr-marking", isAimed);
  }
}
