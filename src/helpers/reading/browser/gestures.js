// Control of the images by mouse, fingers and touchpad: window, zoom, position and marks.

import { boxBetween, pointAt } from "./marks.js";

const CLICK_WITHIN = 4; // CSS pixels; a longer movement of the pointer is a drag
const PINCH_LIMIT = 50; // a touchpad's pinch comes in small steps, a wheel with Ctrl in one large one

/** Listens on a viewer's element. One pointer changes the window, the position or a mark, which it picks up by its edge
 * if `mayMark()` allows it; two pointers change the zoom. */
export class Gestures {
  constructor(viewer, { onMark, mayMark }) {
    Object.assign(this, { viewer, onMark, mayMark, held: null, fingers: new Map() });
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

  /** Safari's events for a touchpad's pinch: its scale is relative to the start of the gesture. */
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
    const { all, chosen } = viewer.marks;
    this.held = {
      pane, from: pane.spot(event, viewer.view), start: [clientX, clientY], last: [clientX, clientY],
      windows: viewer.windows, marks: [all, chosen], ...this.useOf(event, pane),
    };
  }

  /** The purpose of a pointer that is put down now. */
  useOf(event, pane) {
    const { viewer } = this;
    if (event.shiftKey || event.button !== 0) return { does: "move" };
    const place = viewer.marks.all.length && this.mayMark() ? viewer.pickMark(event, pane) : null;
    if (place) return { does: "carry", place };
    return { does: viewer.isAimed ? "mark" : viewer.isMoved ? "move" : "window" };
  }

  /** A second finger: what the first one has done so far was the start of the pinch. */
  beginPinch() {
    const { viewer, held } = this;
    if (held) {
      viewer.windows = held.windows;
      if (held.marks) viewer.mark((marks) => marks.set(...held.marks));
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
    else if (held.does === "carry") this.carry(event);
    else if (held.does === "move") viewer.moveBy(dx, dy, held.pane);
    else viewer.windowBy(dx, dy, viewer.panes.indexOf(held.pane));
  }

  /** Two fingers: their distance sets the zoom about the point between them, and this point moves the images. */
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
    if (["mark", "carry"].includes(held?.does) && event.type === "pointerup") {
      if (held.does === "mark" && !this.isDragged(event)) this.put(pointAt(held.from));
      this.onMark();
    }
    this.held = null; // the remaining finger does nothing until it is lifted
    viewer.change({}); // at full quality again
  }

  isDragged(event) {
    return Math.hypot(event.clientX - this.held.start[0], event.clientY - this.held.start[1]) >= CLICK_WITHIN;
  }

  stretch(event) {
    const { viewer, held } = this;
    if (this.isDragged(event)) this.put(boxBetween(held.from, held.pane.spot(event, viewer.view)));
  }

  put(place) {
    const { viewer, held } = this;
    viewer.mark((marks) => marks.put(place, viewer.panes.indexOf(held.pane)));
  }

  carry(event) {
    const { viewer, held } = this;
    const [x, y] = held.pane.spot(event, viewer.view);
    if (this.isDragged(event)) viewer.mark((marks) => marks.carry(held.place, [x - held.from[0], y - held.from[1]]));
  }
}
