// What mouse, fingers and touchpad do to the images: window, zoom, position and the mark.

import { boxBetween, pointAt } from "./marks.js";

const CLICK_WITHIN = 4; // CSS pixels; a longer way of the pointer is a drag
const PINCH_LIMIT = 50; // a touchpad's pinch comes in small steps, a wheel with Ctrl in one large one

/** Listens on a viewer's element. One pointer is for the window, the position or the mark; two are for the zoom. */
export class Gestures {
  constructor(viewer, { onMark }) {
    Object.assign(this, { viewer, onMark, held: null, fingers: new Map() });
    const listeners = {
      wheel: (event) => this.wheel(event),
      pointerdown: (event) => this.grab(event),
      pointermove: (event) => this.drag(event),
      pointerup: (event) => this.release(event),
      pointercancel: (event) => this.release(event),
      dblclick: () => viewer.reset(),
      gesturestart: (event) => this.stretchPage(event),
      gesturechange: (event) => this.stretchPage(event),
      contextmenu: (event) => { event.preventDefault(); event.stopPropagation(); },
    };
    for (const [name, listener] of Object.entries(listeners)) viewer.element.addEventListener(name, listener);
  }

  wheel(event) {
    event.preventDefault();
    event.stopPropagation();
    const { viewer } = this;
    if (!viewer.panes.length) return;
    const pane = viewer.paneOf(event);
    const isSideways = !event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isSideways) return viewer.moveBy(-event.deltaX, 0, pane);
    const pinch = Math.min(PINCH_LIMIT, Math.max(-PINCH_LIMIT, event.deltaY));
    const wanted = event.ctrlKey ? pinch * 0.01 : event.deltaY * (event.deltaMode ? 0.05 : 0.0015);
    viewer.zoomAt(pane, pane.spot(event, viewer.view), Math.exp(-wanted));
  }

  /** Safari's events of a touchpad's pinch: its scale counts from the beginning of the gesture. */
  stretchPage(event) {
    event.preventDefault();
    const { viewer } = this;
    if (event.type === "gesturechange" && viewer.panes.length && this.fingers.size < 2) {
      const pane = viewer.paneOf(event);
      viewer.zoomAt(pane, pane.spot(event, viewer.view), event.scale / this.stretched);
    }
    this.stretched = event.scale;
  }

  grab(event) {
    const { viewer } = this;
    if (!viewer.panes.length) return;
    const { clientX, clientY, pointerId } = event;
    viewer.element.setPointerCapture(pointerId);
    if (event.pointerType === "touch") this.fingers.set(pointerId, [clientX, clientY]);
    if (this.fingers.size > 1) return this.beginPinch();
    const pane = viewer.paneOf(event);
    const does = event.shiftKey || event.button !== 0 || viewer.isMoved ? "move" : "window";
    this.held = {
      does: viewer.isAimed && event.button === 0 && !event.shiftKey ? "mark" : does,
      pane, from: pane.spot(event, viewer.view), start: [clientX, clientY], last: [clientX, clientY], windows: viewer.windows, mark: viewer.mark,
    };
  }

  /** A second finger: what the first one has done until now was the beginning of the pinch. */
  beginPinch() {
    const { viewer, held } = this;
    if (held) {
      viewer.windows = held.windows;
      if (held.does === "mark") viewer.setMark(held.mark?.place ?? null, held.mark?.index);
    }
    this.held = { does: "pinch", pane: held?.pane ?? viewer.panes[0] };
  }

  drag(event) {
    this.viewer.point(event);
    if (!this.held) return;
    const { viewer, held } = this;
    if (held.does === "pinch") return this.pinch(event);
    const [dx, dy] = [event.clientX - held.last[0], event.clientY - held.last[1]];
    held.last = [event.clientX, event.clientY];
    if (held.does === "mark") this.stretch(event);
    else if (held.does === "move") viewer.moveBy(dx, dy, held.pane);
    else viewer.windowBy(dx, dy, viewer.panes.indexOf(held.pane));
  }

  /** Two fingers: their distance zooms about the point between them, which itself moves the images. */
  pinch(event) {
    if (!this.fingers.has(event.pointerId)) return;
    const { viewer, held } = this;
    const before = this.span();
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    const after = this.span();
    viewer.moveBy(after.clientX - before.clientX, after.clientY - before.clientY, held.pane);
    viewer.zoomAt(held.pane, held.pane.spot(after, viewer.view), after.distance / Math.max(1, before.distance));
  }

  /** The point between the first two fingers, and their distance. */
  span() {
    const [[x0, y0], [x1, y1]] = [...this.fingers.values()];
    return { clientX: (x0 + x1) / 2, clientY: (y0 + y1) / 2, distance: Math.hypot(x1 - x0, y1 - y0) };
  }

  release(event) {
    this.fingers.delete(event.pointerId);
    const { viewer, held } = this;
    if (held?.does === "mark" && event.type === "pointerup") {
      if (!this.isDragged(event)) viewer.setMark(pointAt(held.from), viewer.panes.indexOf(held.pane));
      this.onMark();
    }
    this.held = null; // a finger that is left does nothing until it is lifted
    viewer.change({}); // at full quality again
  }

  isDragged(event) {
    return Math.hypot(event.clientX - this.held.start[0], event.clientY - this.held.start[1]) >= CLICK_WITHIN;
  }

  stretch(event) {
    const { viewer, held } = this;
    if (this.isDragged(event)) viewer.setMark(boxBetween(held.from, held.pane.spot(event, viewer.view)), viewer.panes.indexOf(held.pane));
  }
}
