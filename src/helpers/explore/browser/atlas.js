// A cloud of points on a canvas: wheel zooms, drag moves, Shift and drag draws a lasso, the pointer shows an image.

import { greyCanvas } from "./about.js";
import { make } from "./dom.js";
import { toldKeys } from "./image_keys.js";
import { ARROWS } from "./marks.js";
import { discOf, Grid, isInside } from "./points.js";

const NEAR = 8; // CSS pixels within which a point is under the pointer
const KEY_WAY = 5; // times the way of an arrow key that moves a mark
const DEEPEST = 60; // times, of the zoom
const ATLAS_KEYS = [["wheel, + −", "zoom"], ["drag, arrows", "move"], ["Shift + drag", "lasso"], ["Enter", "choose all in sight"], ["Space", "image in the middle"], ["Esc", "let go"]];

class Cloud {
  constructor(model) {
    Object.assign(this, { model, view: { zoom: 1, x: 0, y: 0 }, chosen: null, hovered: -1, colours: [] });
    this.canvas = make("canvas", {
      tabindex: 0, role: "img", "aria-label": "Atlas of images", wheel: (event) => this.zoom(event), pointerdown: (event) => this.grab(event),
      pointermove: (event) => this.move(event), pointerup: () => this.release(), pointerleave: () => this.leave(),
      dblclick: () => this.reset(), keydown: (event) => this.press(event),
    });
    this.card = make("div.ex-card", { hidden: "" });
    this.by = make("select", { "aria-label": "Colour by", change: () => this.colour() });
    this.layout = make("select", { "aria-label": "Laid out by", change: () => this.layOut() });
    this.legend = make("p.ex-legend");
    this.note = make("p");
    this.inside = make("div.ex-inside");
    this.element = make("div.ex.ex-atlas", { "data-lm-suppress-shortcuts": "true" },
      make("div.ex-filters", {}, make("label", {}, "Laid out by ", this.layout), make("label", {}, "Colour by ", this.by)),
      make("div.ex-cloud", {}, this.canvas, this.card), toldKeys(ATLAS_KEYS), this.legend, this.inside, this.note);
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.canvas);
    this.hear = (message, buffers) => this[`on_${message.is}`]?.(message, buffers);
    model.on("msg:custom", this.hear);
    model.send({ do: "open" });
  }

  layOut() {
    this.note.textContent = "Images are laid out …";
    this.model.send({ do: "layout", by: this.layout.value });
  }

  on_points({ note, colours, extractors, extractor }, buffers) {
    const by = this.by.value;
    this.layout.replaceChildren(...extractors.map((name) => make("option", { value: name }, name)));
    this.layout.value = extractor;
    const [places, ...codes] = buffers.map((view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    this.places = new Float32Array(places);
    this.grid = new Grid(this.places);
    this.colours = colours.map((one, i) => ({ ...one, codes: new Uint8Array(codes[i]) }));
    this.by.replaceChildren(...colours.map(({ name, title }) => make("option", { value: name }, title)));
    if (colours.some(({ name }) => name === by)) this.by.value = by;
    this.note.textContent = note;
    this.colour();
  }

  colour() {
    const { key = [] } = this.colours.find(({ name }) => name === this.by.value) ?? {};
    this.legend.replaceChildren(...key.map(([title, colour]) => make("span", {}, make("i", { style: `background: ${colour}` }), title)));
    this.paint();
  }

  /** Place among the points of a pointer, 0..1. */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const { zoom, x, y } = this.view;
    const [u, v] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [(u - 0.5) / zoom + 0.5 - x, 0.5 - ((v - 0.5) / zoom - y)];
  }

  paint() {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * devicePixelRatio));
    if (!width || !this.places) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const began = performance.now();
    this.stamp(canvas.getContext("2d", { alpha: false }), width, height);
    this.element.setAttribute("data-frame-ms", (performance.now() - began).toFixed(1));
    if (this.lasso) this.drawLasso(canvas.getContext("2d"));
  }

  /** All points at once, written into the pixels: much faster than a shape for each. */
  stamp(context, width, height) {
    const data = new ImageData(width, height);
    const pixels = new Uint32Array(data.data.buffer).fill(0xff1b1816); // dark ground, as bytes from the last
    const { codes, key } = this.colours.find(({ name }) => name === this.by.value) ?? { codes: null, key: [] };
    const shades = key.map(([, colour]) => 0xff000000 | (parseInt(colour.slice(5, 7), 16) << 16) | (parseInt(colour.slice(3, 5), 16) << 8) | parseInt(colour.slice(1, 3), 16));
    const { zoom, x: shiftX, y: shiftY } = this.view;
    const count = this.places.length / 2, size = (count > 5000 ? 1 : 2.5) * devicePixelRatio * Math.min(3, zoom ** 0.5);
    const reach = Math.max(1, Math.round(size)), disc = discOf(reach, width);
    const [byX, fromX, byY, fromY] = [zoom * width, ((shiftX - 0.5) * zoom + 0.5) * width, -zoom * height, ((0.5 + shiftY) * zoom + 0.5) * height];
    for (let point = 0; point < count; point++) {
      const px = Math.round(this.places[2 * point] * byX + fromX), py = Math.round(this.places[2 * point + 1] * byY + fromY);
      if (px < reach || py < reach || px >= width - reach || py >= height - reach) continue;
      let shade = codes ? shades[codes[point]] : 0xffb0a9a3;
      if (this.chosen && !this.chosen[point]) shade = 0xff4a443f;
      const middle = py * width + px;
      for (let i = 0; i < disc.length; i++) pixels[middle + disc[i]] = shade;
    }
    context.putImageData(data, 0, 0);
  }

  drawLasso(context) {
    context.strokeStyle = "#fff";
    context.lineWidth = 1.5 * devicePixelRatio;
    context.beginPath();
    this.lasso.forEach(([, , x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }

  later() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = null; this.paint(); });
  }

  zoom(event) {
    event.preventDefault();
    event.stopPropagation();
    const [px, py] = this.place(event);
    this.view.zoom = Math.min(DEEPEST, Math.max(1, this.view.zoom * Math.exp(-event.deltaY * 0.0015)));
    const [qx, qy] = this.place(event);
    this.view.x += qx - px;
    this.view.y -= qy - py;
    this.later();
  }

  press(event) {
    const { view } = this;
    if (ARROWS[event.key]) {
      const [x, y] = ARROWS[event.key].map((way) => (KEY_WAY * way) / view.zoom);
      [view.x, view.y] = [view.x - x, view.y - y];
    } else if (event.key === "+" || event.key === "=") view.zoom = Math.min(DEEPEST, view.zoom * 1.3);
    else if (event.key === "-") view.zoom = Math.max(1, view.zoom / 1.3);
    else if (event.key === "Enter") this.choose(this.inSight());
    else if (event.key === " ") this.look();
    else if (event.key === "Escape") this.choose([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.later();
  }

  /** The points that are on the canvas now. */
  inSight() {
    const { zoom, x, y } = this.view;
    const isSeen = (point) => Math.abs(this.places[2 * point] - 0.5 + x) * zoom <= 0.5 && Math.abs(this.places[2 * point + 1] - 0.5 - y) * zoom <= 0.5;
    return Array.from({ length: this.places.length / 2 }, (_, point) => point).filter(isSeen);
  }

  /** Show the image of the point nearest to the middle of the canvas. */
  look() {
    const box = this.canvas.getBoundingClientRect();
    this.hover({ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }, box, 1);
  }

  reset() {
    this.view = { zoom: 1, x: 0, y: 0 };
    this.later();
  }

  grab(event) {
    this.canvas.setPointerCapture(event.pointerId);
    if (event.shiftKey) this.lasso = [];
    else this.held = [event.clientX, event.clientY];
  }

  move(event) {
    const box = this.canvas.getBoundingClientRect();
    if (this.lasso) {
      const [dx, dy] = [event.clientX - box.left, event.clientY - box.top].map((value) => value * devicePixelRatio);
      this.lasso.push([...this.place(event), dx, dy]);
      this.later();
    } else if (this.held) {
      this.view.x += (event.clientX - this.held[0]) / box.width / this.view.zoom;
      this.view.y += (event.clientY - this.held[1]) / box.height / this.view.zoom;
      this.held = [event.clientX, event.clientY];
      this.later();
    } else this.hover(event, box);
  }

  release() {
    const { lasso } = this;
    this.lasso = this.held = null;
    if (!lasso) return;
    const inside = [];
    for (let i = 0; i < this.places.length / 2; i++) if (isInside([this.places[2 * i], this.places[2 * i + 1]], lasso)) inside.push(i);
    this.choose(lasso.length > 2 ? inside : []);
  }

  choose(inside) {
    this.chosen = inside.length ? new Uint8Array(this.places.length / 2) : null;
    inside.forEach((point) => (this.chosen[point] = 1));
    this.model.send({ do: "lasso", points: inside });
    this.later();
  }

  /** What is filtered in another view stands out here. */
  on_brushed({ all }, [view]) {
    this.chosen = all ? null : new Uint8Array(this.places.length / 2);
    if (all) this.inside.replaceChildren();
    if (!all) for (const point of new Uint32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))) this.chosen[point] = 1;
    this.element.setAttribute("data-chosen", this.chosen ? this.chosen.reduce((sum, one) => sum + one, 0) : this.places.length / 2);
    this.later();
  }

  hover(event, box, reach = NEAR / box.width) {
    const point = this.grid?.nearest(...this.place(event), reach / this.view.zoom) ?? -1;
    if (point < 0) return this.leave();
    this.canvas.setAttribute("data-point", point);
    Object.assign(this.card.style, { left: `${event.clientX - box.left + 14}px`, top: `${event.clientY - box.top + 14}px` });
    if (point === this.hovered) return;
    this.hovered = point;
    this.model.send({ do: "hover", point });
  }

  leave() {
    this.hovered = -1;
    this.canvas.setAttribute("data-point", -1);
    this.card.setAttribute("hidden", "");
  }

  on_thumbnail({ point, size, told }, [view]) {
    if (point !== this.hovered) return; // the pointer has gone on
    const pixels = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    this.card.replaceChildren(greyCanvas(pixels, size, told), make("span", {}, told));
    this.card.removeAttribute("hidden");
  }

  on_compared({ lines, count }) {
    const rows = lines.map((line) => make("tr", {}, line.map((text) => make("td", {}, text))));
    const head = make("tr", {}, ["", "Inside", "Outside"].map((title) => make("th", {}, title)));
    this.inside.replaceChildren(...(count ? [make("table.ex-answers", {}, head, rows)] : []));
  }

  on_trouble({ text }) {
    this.note.textContent = text;
  }
}

export default {
  render({ model, el }) {
    const cloud = new Cloud(model);
    el.append(cloud.element);
    return () => { model.off("msg:custom", cloud.hear); cloud.observer.disconnect(); };
  },
};
