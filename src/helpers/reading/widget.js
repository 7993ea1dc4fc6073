// The reading room in the browser: shows a case, asks one question, returns the answer and its times.
// It knows only what is on the screen: a random trial id, pixels and the question. The next case is shown only
// after Python says that the answer is on the disk.

const IDLE_AFTER_MS = 60000; // without mouse, key or visibility for longer, the reader is taken to be away
const REPLY_WITHIN_MS = 12000;
const SAVING_AFTER_MS = 150; // what takes less is not worth saying
const READ_FEEDBACK_MS = 600; // after which feedback can be left: a key pressed twice must not skip it
const CASES_KEPT = 4; // the current one, the next, and the last ones for undo
const SMALLEST = { width: 760, height: 480 }; // of the room, in CSS pixels; less shows too little of a chest
const PHONE_BELOW = 600; // CSS pixels of a screen's shorter side
const CLICK_WITHIN = 4; // CSS pixels; a longer way of the pointer is a drag
const ZOOM_LIMIT = 16; // times the fitted size
const STEP = 0.02; // of the image, by which an arrow key moves or stretches the mark
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const TOOLS = ["undo", "invert", "native", "smooth", "reset", "pause", "light", "fullscreen"];
const ENTER = "↵";

// ---- what can be computed

/** The window that shows every stored level: width and middle. */
export function fullWindow(levels) {
  return { window: levels - 1, level: (levels - 1) / 2 };
}

/** Grey shown for each stored level (DICOM LINEAR_EXACT), written into `shown`, one entry a level. */
export function lookUp(window, level, inverted, shown) {
  for (let stored = 0; stored < shown.length; stored++) {
    const grey = ((stored - level) / window + 0.5) * 255;
    shown[stored] = inverted ? 255 - grey : grey;
  }
  return shown;
}

/** Stored pixels from bytes as they came: 8 bit, or 16 bit with the low byte first, as the browser's machine has it. */
export function storedPixels({ buffer, byteOffset, byteLength }, bits) {
  if (bits === 8) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength)); // must begin at an even byte
}

/** Active and idle milliseconds since `now` on a monotonic clock; a hidden case is idle, and so is a long pause. */
export class Stopwatch {
  constructor(now, hidden = false) {
    Object.assign(this, { last: now, hidden, active: 0, idle: 0 });
  }
  touch(now, hidden = this.hidden) {
    const span = Math.max(0, now - this.last);
    const active = this.hidden ? 0 : Math.min(span, IDLE_AFTER_MS);
    this.active += active;
    this.idle += span - active;
    Object.assign(this, { last: now, hidden });
  }
}

/** Reasons after one more press, the main one first: a new one is added, an added one becomes main, the main one goes. */
export function pressReason(cues, cue) {
  if (!cues.includes(cue)) return [...cues, cue];
  const others = cues.filter((other) => other !== cue);
  return cues[0] === cue ? others : [cue, ...others];
}

/** Box between two corners as fractions of the image: centre x and y, width, height. Null where nothing of it is inside. */
export function boxBetween(from, to) {
  const inside = (value) => Math.min(1, Math.max(0, value));
  const [x0, x1] = [inside(from[0]), inside(to[0])].sort((a, b) => a - b);
  const [y0, y1] = [inside(from[1]), inside(to[1])].sort((a, b) => a - b);
  return x1 > x0 && y1 > y0 ? [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0] : null;
}

/** Point as a mark: centre and no size. Null outside the image. */
export function pointAt([x, y]) {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y, 0, 0] : null;
}

/** A mark moved by parts of the image, and the side it is on then: at an edge it goes over to the other image of a pair. */
export function movedMark([x, y, width, height], side, sides, [dx, dy]) {
  const within = (value, size) => Math.min(1 - size / 2, Math.max(size / 2, value));
  const to = x + dx;
  const other = to < width / 2 - STEP / 2 ? side - 1 : to > 1 - width / 2 + STEP / 2 ? side + 1 : side;
  const crosses = other !== side && other >= 0 && other < sides;
  const placed = crosses ? (other < side ? 1 - width / 2 : width / 2) : within(to, width);
  return { place: [placed, within(y + dy, height), width, height], side: crosses ? other : side };
}

/** A mark made larger or smaller about its centre; a point becomes a box, and a box that shrinks away a point. */
export function stretchedMark([x, y, width, height], [dx, dy]) {
  const [wide, high] = [width || 2 * STEP, height || 2 * STEP].map((size, axis) => size + 2 * (width ? [dx, -dy][axis] : 0));
  if (Math.min(wide, high) < STEP) return [x, y, 0, 0];
  return boxBetween([x - wide / 2, y - high / 2], [x + wide / 2, y + high / 2]);
}

/** How long something takes, in words. */
export function timeInWords(texts, seconds) {
  if (seconds < 60) return texts.left_seconds;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return fill(texts.left_minutes, { minutes });
  return fill(texts.left_hours, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const hex = (byte) => byte.toString(16).padStart(2, "0");
const randomHex = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join("");

/** Facts of the display that may bear on what is seen. */
function displayFacts() {
  return {
    window: [innerWidth, innerHeight],
    screen: [screen.width, screen.height],
    device_pixel_ratio: devicePixelRatio,
    colour_depth: screen.colorDepth,
  };
}

/** Resolves when what has been drawn is on the screen, at the time of the browser's clock. */
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel(); // its message is handled right after the frame
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(null);
  }));
}

/** Make an element: tag with classes ("button.key"), attributes (functions become listeners), children. */
function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity));
  return element;
}

// ---- the brightness ramp

/** Eleven grey steps and the squares of 5 % in black and 95 % in white, after the SMPTE and TG18-QC patterns. */
function drawRamp(canvas) {
  const context = canvas.getContext("2d", { alpha: false });
  const box = (share, x, y, width, height) => {
    const grey = Math.round(255 * share);
    context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
    context.fillRect(x, y, width, height);
  };
  const step = canvas.width / 11;
  box(0.45, 0, 0, canvas.width, canvas.height);
  for (let i = 0; i <= 10; i++) box(i / 10, i * step, 5 * step, step + 1, 2 * step);
  for (const [large, small, x] of [[0, 0.05, 1], [1, 0.95, 6]]) {
    box(large, x * step, 0.5 * step, 4 * step, 4 * step);
    box(small, (x + 1.25) * step, 1.75 * step, 1.5 * step, 1.5 * step);
  }
}

// ---- the images

/** Grey levels to canvas colours, in arrays that are made once. */
class Darkroom {
  constructor(levels) {
    Object.assign(this, { levels, greys: new Uint8ClampedArray(levels), colours: new Uint32Array(levels), set: "" });
  }

  /** Draw an image ({ width, height, pixels }) onto its film, an off-screen canvas, unless it is there already. */
  develop(image, { window, level, inverted }) {
    const wanted = [window, level, inverted].join();
    if (image.developed === wanted) return;
    if (this.set !== wanted) this.mix(window, level, inverted, wanted);
    const [{ pixels }, target, colours] = [image, this.tray(image), this.colours];
    for (let i = 0; i < target.length; i++) target[i] = colours[pixels[i]];
    image.film ??= make("canvas", { width: image.width, height: image.height });
    image.film.getContext("2d", { alpha: false }).putImageData(this.data, 0, 0);
    image.developed = wanted;
  }

  mix(window, level, inverted, wanted) {
    lookUp(window, level, inverted, this.greys);
    for (let i = 0; i < this.levels; i++) this.colours[i] = (0xff000000 | (this.greys[i] * 0x10101)) >>> 0;
    this.set = wanted;
  }

  /** The pixels of one image as 32-bit numbers; the same memory for every image of a size. */
  tray({ width, height }) {
    if (this.data?.width !== width || this.data.height !== height) {
      this.data = new ImageData(width, height);
      this.target = new Uint32Array(this.data.data.buffer);
    }
    return this.target;
  }
}

/** One or two canvases with one window, zoom and position for both, and the reader's mark. */
class Viewer {
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

  /** Develop images ({ width, height, levels, pixels }) ahead and print them at the panes' size: to scale an image
   * takes longer than all else that is done to show it. */
  prepare(images) {
    images.forEach((image, index) => {
      this.develop(image, { ...fullWindow(image.levels), inverted: false });
      if (this.panes.length === images.length) this.print(image, this.panes[index].canvas);
    });
  }

  print(image, { width, height }) {
    const place = this.layOut({ image, canvas: { width, height } }, this.untouched());
    const of = this.sort(image, { width, height }, place);
    if (image.print?.of === of) return;
    const canvas = make("canvas", { width, height });
    this.draw(image, canvas, place).getImageData(0, 0, 1, 1); // otherwise it is drawn when it is first used
    image.print = { canvas, of };
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
    if (this.panes.length !== images.length) this.lay(names);
    this.panes.forEach((pane, index) => Object.assign(pane, { image: images[index] }));
    this.name(names);
    this.view = { ...this.view, ...this.untouched() };
    this.setMark(null);
    this.paint();
    return painted();
  }

  lay(names) {
    this.panes = names.map(() => {
      const [canvas, head, mark] = [make("canvas", { role: "img" }), make("div.rr-side"), make("div.rr-mark", { hidden: "" })];
      return { canvas, head, mark, element: make("div.rr-pane", {}, canvas, mark, head) };
    });
    this.element.replaceChildren(...this.panes.map((pane) => pane.element), this.corner);
  }

  name(names, flagged = -1) {
    this.panes.forEach(({ canvas, head }, index) => {
      canvas.setAttribute("aria-label", names[index]);
      head.classList.toggle("rr-flag", index === flagged);
      head.textContent = names.length > 1 ? names[index] : "";
    });
  }

  change(view) {
    Object.assign(this.view, view);
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = null; this.paint(); });
  }

  reset() {
    this.change(this.untouched());
  }

  paint() {
    if (!this.panes.length || !this.element.clientWidth) return;
    this.onPaint(this.view);
    for (const pane of this.panes) {
      this.develop(pane.image, this.view);
      this.expose(pane);
      this.placeMark(pane);
    }
    const { window: width, level } = this.view;
    const zoom = (this.layOut(this.panes[0]).scale / devicePixelRatio) * 100;
    this.corner.textContent = [
      fill(this.texts.window, { window: Math.round(width), level: Math.round(level) }),
      fill(this.texts.zoom, { zoom: Math.round(zoom) }),
    ].join("   ");
  }

  /** Show a pane's film at its place: copied from a print of just that, where there is one. */
  expose({ image, canvas, element }) {
    const [width, height] = [element.clientWidth, element.clientHeight].map((size) => Math.round(size * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const place = this.layOut({ image, canvas });
    if (image.print?.of === this.sort(image, canvas, place)) canvas.getContext("2d", { alpha: false }).drawImage(image.print.canvas, 0, 0);
    else this.draw(image, canvas, place);
  }

  /** Draw an image's film onto a canvas. */
  draw(image, canvas, place) {
    const context = canvas.getContext("2d", { alpha: false });
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = this.view.smooth;
    context.imageSmoothingQuality = this.held ? "low" : "high"; // a moving image needs the frames more
    context.drawImage(image.film, place.left, place.top, image.width * place.scale, image.height * place.scale);
    return context;
  }

  /** All that a drawing depends on. */
  sort({ developed }, { width, height }, { scale, left, top }) {
    return [developed, width, height, scale, left, top, this.view.smooth, Boolean(this.held)].join();
  }

  /** Where a pane's image lies, in device pixels: left and top edge and the size of a stored pixel, fitted and now. */
  layOut({ image, canvas }, { zoom, native, x, y } = this.view) {
    const fit = Math.min(canvas.width / image.width, canvas.height / image.height);
    const scale = native ? 1 : fit * zoom;
    const left = Math.round(canvas.width / 2 + (x - 0.5) * scale * image.width);
    const top = Math.round(canvas.height / 2 + (y - 0.5) * scale * image.height);
    return { fit, scale, left, top };
  }

  paneOf(event) {
    return this.panes.find(({ element }) => element.contains(event.target)) ?? this.panes[0];
  }

  /** The pointer's place on a pane's image: x and y as fractions, also outside of it. */
  spot(pane, { clientX, clientY }) {
    const box = pane.canvas.getBoundingClientRect();
    const dots = pane.canvas.width / box.width;
    const { left, top, scale } = this.layOut(pane);
    return [
      ((clientX - box.left) * dots - left) / (scale * pane.image.width),
      ((clientY - box.top) * dots - top) / (scale * pane.image.height),
    ];
  }

  // ---- zoom, position, window

  zoomBy(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!this.panes.length) return;
    const pane = this.paneOf(event);
    const [u, v] = this.spot(pane, event);
    const { fit, scale } = this.layOut(pane);
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
    const does = event.shiftKey || event.button !== 0 ? "move" : this.marking ? "mark" : "window";
    const { clientX, clientY } = event;
    this.held = { does, pane, from: this.spot(pane, event), start: [clientX, clientY], last: [clientX, clientY] };
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
      if (!this.isDragged(event)) this.setMark(pointAt(this.held.from), this.held.pane);
      this.onMark();
    }
    this.held = null;
    this.change({}); // at full quality again
  }

  moveBy(dx, dy) {
    const { image, canvas } = this.held.pane;
    const shown = (this.layOut({ image, canvas }).scale * image.width) / devicePixelRatio; // CSS pixels
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
    if (this.isDragged(event)) this.setMark(boxBetween(this.held.from, this.spot(this.held.pane, event)), this.held.pane);
  }

  setMark(place, pane = null) {
    this.mark = place && { place, side: this.panes.indexOf(pane) };
    this.panes.forEach((each) => this.placeMark(each));
  }

  /** Move the mark by a step, or stretch it; where there is none, put one in the middle of the first image. */
  nudge(step, isStretched) {
    if (!this.mark) return this.setMark([0.5, 0.5, 0, 0], this.panes[0]);
    const { place, side } = this.mark;
    if (isStretched) return this.setMark(stretchedMark(place, step), this.panes[side]);
    const moved = movedMark(place, side, this.panes.length, step);
    this.setMark(moved.place, this.panes[moved.side]);
  }

  aim(marking) {
    this.marking = marking;
    this.element.classList.toggle("rr-marking", marking);
  }

  placeMark(pane) {
    const { image, canvas, mark } = pane;
    mark.hidden = this.mark === null || this.panes[this.mark.side] !== pane;
    if (mark.hidden || !image) return;
    const { scale, left, top } = this.layOut(pane);
    const [x, y, width, height] = this.mark.place;
    const across = (share) => (share * scale * image.width) / devicePixelRatio; // CSS pixels
    const down = (share) => (share * scale * image.height) / devicePixelRatio;
    mark.classList.toggle("rr-point", !width);
    Object.assign(mark.style, {
      left: `${left / devicePixelRatio + across(x)}px`, top: `${top / devicePixelRatio + down(y)}px`,
      width: width ? `${across(width)}px` : "", height: height ? `${down(height)}px` : "",
    });
  }
}

// ---- the question and its answer

/** The panel below the images: one question, the scale, the reasons, a note; nothing chosen beforehand. */
class Panel {
  constructor(texts, { submit, tool, changed }) {
    Object.assign(this, { texts, changed });
    this.question = make("h2.rr-question");
    this.hint = make("div.rr-hint", { role: "status", "aria-live": "polite" });
    this.scale = make("div.rr-scale", { role: "radiogroup" });
    this.reasons = make("div.rr-cues", { role: "group", "aria-label": texts.cue_question });
    this.note = make("input.rr-note", { type: "text", maxlength: 2000, placeholder: texts.note, "aria-label": texts.note });
    this.markTool = tool("mark");
    this.submitButton = make("button.rr-submit", { type: "button", click: submit });
    this.element = make("section.rr-panel", {},
      make("div.rr-asked", {}, this.question, this.hint, make("div.rr-keys-off", {}, texts.click_for_keys)),
      make("div.rr-row", {}, this.scale, this.submitButton),
      make("div.rr-row.rr-why", {}, this.reasons, this.markTool, this.note));
  }

  /** Ask about a case with nothing chosen. */
  put({ task, finding }) {
    const { texts } = this;
    Object.assign(this, { task, rating: null, cues: [], asksCue: task !== "conditionality" });
    this.question.textContent = fill(texts[`question_${task}`], { finding: texts.findings[finding] ?? finding });
    this.scale.setAttribute("aria-label", this.question.textContent);
    this.scale.replaceChildren(...texts[`scale_${task}`].map((label, index) =>
      this.choice("radio", label, index + 1, () => this.rate(index - 2))));
    this.reasons.replaceChildren(make("span.rr-label", {}, texts.cue_question), ...Object.entries(texts.cues).map(
      ([cue, [label, key]]) => this.choice("checkbox", label, key, () => this.reason(cue))));
    this.note.value = "";
    this.element.classList.remove("rr-told");
    this.element.classList.toggle("rr-no-why", !this.asksCue);
    this.hold(false);
    this.submitButton.replaceChildren(texts.submit, make("kbd", {}, ENTER));
    this.say("");
    this.refresh();
  }

  choice(role, label, key, click) {
    return make("button.rr-choice", { type: "button", role, "aria-checked": "false", click }, make("kbd", {}, key), make("span", {}, label));
  }

  say(text) {
    this.hint.textContent = text;
  }

  rate(rating) {
    this.rating = rating;
    if (!rating) this.cues = [];
    this.say("");
    this.refresh();
  }

  reason(cue) {
    if (!this.asksCue || !this.rating) return;
    this.cues = pressReason(this.cues, cue);
    this.say(this.cues.length > 1 ? this.texts.several_cues : "");
    this.refresh();
  }

  /** Whether the reason is asked for, which it is of a decided answer only. */
  get asksWhy() {
    return this.asksCue && Boolean(this.rating);
  }

  /** Name of the text that says what is still missing, or null. */
  get missing() {
    if (this.rating === null) return "choose_answer";
    return this.asksWhy && !this.cues.length ? "choose_cue" : null;
  }

  get answer() {
    const { rating, cues } = this;
    return { rating, cue: cues[0] ?? null, cues, note: this.note.value.trim() || null };
  }

  /** Bring what is seen in line with what is chosen. */
  refresh() {
    const { rating, cues, asksWhy, texts } = this;
    const names = Object.keys(texts.cues);
    this.element.classList.toggle("rr-asks-why", asksWhy);
    [...this.scale.children].forEach((button, index) => button.setAttribute("aria-checked", String(rating === index - 2)));
    [...this.reasons.querySelectorAll("button")].forEach((button, index) => {
      const isMain = cues[0] === names[index];
      button.disabled = !asksWhy;
      button.setAttribute("aria-checked", String(cues.includes(names[index])));
      button.classList.toggle("rr-main", cues.length > 1 && isMain);
      button.setAttribute("aria-label", fill(isMain ? texts.main_cue : "{cue}", { cue: texts.cues[names[index]][0] }));
    });
    this.markTool.disabled = !asksWhy;
    this.note.disabled = !cues.length;
    if (!cues.length) this.note.value = "";
    this.submitButton.classList.toggle("rr-ready", !this.missing);
    this.changed();
  }

  /** Hold the button back for a while; it keeps the focus, so that keys still come here. */
  hold(isHeld) {
    clearTimeout(this.held);
    this.isHeld = isHeld;
    this.submitButton.setAttribute("aria-disabled", String(isHeld));
  }

  /** Say after a practice case what was right; the reader's own answer stays on the screen. */
  tell({ truth, correct }) {
    const { texts } = this;
    const verdict = correct === null ? "undecided" : correct ? "right" : "wrong";
    this.element.classList.add("rr-told");
    this.question.textContent = `${texts.verdict[verdict]} ${texts[`truth_${this.task}`][truth]}`;
    this.element.querySelectorAll(".rr-choice").forEach((button) => (button.disabled = true));
    this.markTool.disabled = this.note.disabled = true;
    this.say("");
    this.submitButton.replaceChildren(texts.next_case, make("kbd", {}, ENTER));
    this.submitButton.classList.add("rr-ready");
    this.hold(true);
    this.held = setTimeout(() => this.hold(false), READ_FEEDBACK_MS);
  }
}

// ---- the pages before, between and after the cases

/** Pages of text with buttons. `primary` is pressed by Enter; a button with data-key by its key. */
class Pages {
  constructor(texts) {
    this.texts = texts;
    this.element = make("section.rr-page");
  }

  put(title, ...content) {
    this.element.replaceChildren(make("h1", {}, title), ...content.flat());
    this.element.scrollTop = 0;
  }

  primary(label, click) {
    return make("button.rr-submit.rr-primary", { type: "button", click }, label, make("kbd", {}, ENTER));
  }

  secondary(label, key, click) {
    return make("button.rr-tool", { type: "button", "data-key": key, click }, label, make("kbd", {}, key));
  }

  /** A button that chooses one of the answers in `chosen[name]`; `after` is called when it has. */
  option(chosen, name, value, label, key, after) {
    const click = (event) => {
      chosen[name] = value;
      const group = event.currentTarget.parentElement.querySelectorAll("[role=radio]");
      group.forEach((button) => button.setAttribute("aria-checked", String(button === event.currentTarget)));
      after();
    };
    return make("button.rr-choice", { type: "button", role: "radio", "aria-checked": "false", "data-key": key, click },
      make("kbd", {}, key), make("span", {}, label));
  }

  consent(agreed) {
    const { texts } = this;
    const begin = this.primary(texts.next_page, agreed);
    const toggle = () => agree.setAttribute("aria-checked", String(!(begin.disabled = !begin.disabled)));
    const agree = make("button.rr-choice.rr-agree", { type: "button", role: "checkbox", "aria-checked": "false", "data-key": "1", click: toggle },
      make("kbd", {}, "1"), make("span", {}, texts.consent_agree));
    begin.disabled = true;
    this.put(texts.consent_title, texts.consent.map((text) => make("p", {}, text)), make("div.rr-begin", {}, agree, begin));
  }

  start(turn, begin) {
    const { texts } = this;
    const keys = texts.keys.map(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]);
    const tasks = turn.tasks.map((task) => make("p", {},
      make("strong", {}, fill(texts[`question_${task}`], { finding: "…" })), make("br"), texts[`about_${task}`]));
    const so_far = turn.answered ? fill(texts.so_far, { answered: turn.answered, total: turn.total_all }) : "";
    this.put(texts.start_title, make("p", {}, fill(texts.start_lead, { total: turn.total_all })),
      make("div.rr-columns", {},
        make("div", {}, make("h2", {}, texts.tasks_title), tasks, make("p", {}, turn.practice_all ? texts.start_practice : "")),
        make("div", {}, make("h2", {}, texts.keys_title), make("dl", {}, keys))),
      make("div.rr-begin", {}, this.primary(turn.answered ? texts.continue : texts.start, begin), make("span", {}, so_far)));
  }

  /** The brightness ramp; calls `seen` with what the reader sees: { dark, bright }, true or false each. */
  ramp(seen) {
    const { texts } = this;
    const [facts, chosen] = [displayFacts(), {}];
    const begin = this.primary(texts.ramp_done, () => seen(chosen));
    begin.disabled = true;
    const canvas = make("canvas.rr-ramp", { role: "img", "aria-label": texts.ramp_picture, width: 792, height: 540 });
    const ask = (name, [yes, no]) => {
      const after = () => (begin.disabled = Object.keys(chosen).length < 2);
      const option = (value, label, key) => this.option(chosen, name, value, label, key, after);
      return make("div.rr-ask", { role: "radiogroup", "aria-label": texts[`ramp_${name}`] }, make("p", {}, texts[`ramp_${name}`]),
        option(true, texts.seen, yes), option(false, texts.not_seen, no));
    };
    drawRamp(canvas);
    this.put(texts.ramp_title, make("p", {}, texts.ramp_lead), make("div.rr-columns.rr-check", {}, canvas,
      make("div", {}, ask("dark", ["1", "2"]), ask("bright", ["3", "4"]), make("p", {}, texts.ramp_advice))),
      make("p.rr-small-print", {}, texts.ramp_limits, " ", fill(texts.ramp_display, {
        window: facts.window.join(" × "), screen: facts.screen.join(" × "),
        ratio: Number(facts.device_pixel_ratio.toFixed(2)), depth: facts.colour_depth })),
      make("div.rr-begin", {}, begin));
  }

  part(question, about, begin) {
    this.put(this.texts.part_title, make("p", {}, make("strong", {}, question)), make("p", {}, about),
      make("div.rr-begin", {}, this.primary(this.texts.next_page, begin)));
  }

  /** A break: offered, with a button that takes it, or taken. */
  rest(progress, goOn, take, undo) {
    const { texts } = this;
    const [title, lead] = take ? [texts.offer_title, texts.offer_lead] : [texts.break_title, texts.break_lead];
    this.put(title, make("p", {}, lead), make("p.rr-progress", {}, progress), make("div.rr-begin", {},
      this.primary(texts.continue, goOn), take ? this.secondary(texts.take_break, texts.pause[1], take) : [], undo));
  }

  notice(title, lead, buttons = []) {
    this.put(title, make("p", {}, lead), make("div.rr-begin", {}, buttons));
  }
}

// ---- the room

/** The whole room: pages, cases, and the talk with Python; one question at a time. */
class Room {
  constructor(model, host) {
    Object.assign(this, { model, texts: model.get("texts"), turn: null, begun: false, onScreen: null, facts: null });
    this.cases = new Map(); // trial id -> { task, finding, images }
    this.build(host);
    this.listen();
    this.ask({ do: "open" });
  }

  listen() {
    const ending = new AbortController();
    const onMessage = (message, buffers) => this.receive(message, buffers);
    const size = new ResizeObserver(() => this.measure());
    this.tabs = new BroadcastChannel(`reading-room-${this.model.get("seat")}`); // this reader's tabs in this browser
    this.tabs.onmessage = () => this.showElsewhere();
    this.tabs.postMessage("opened");
    this.model.on("msg:custom", onMessage);
    document.addEventListener("visibilitychange", () => this.comeOrGo(), { signal: ending.signal });
    size.observe(this.root);
    this.leave = () => {
      this.model.off("msg:custom", onMessage);
      ending.abort();
      this.tabs.close();
      [size, this.viewer.observer].forEach((observer) => observer.disconnect());
      clearTimeout(this.timer);
    };
  }

  /** The reader is there; time runs while the case is on the screen and the page can be seen. */
  touch() {
    this.watch?.touch(performance.now(), document.hidden || this.screen !== "case" || this.tooSmall);
  }

  comeOrGo() {
    this.touch();
    if (!document.hidden && this.screen === "case" && !this.waiting && !this.isTold) this.ask({ do: "look" });
  }

  // ---- talking to Python

  /** Send a request that must be replied to; it is kept until then and can be sent again. */
  ask(request) {
    this.waiting = request;
    this.root.classList.add("rr-busy");
    clearTimeout(this.saving);
    if (request.do === "answer") this.saving = setTimeout(() => this.panel.say(this.texts.saving), SAVING_AFTER_MS);
    this.showTrouble(null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.showTrouble(this.texts.trouble_silent), REPLY_WITHIN_MS);
    this.model.send(request);
  }

  receive(message, buffers) {
    if (message.is === "case") return this.keep(message, buffers);
    clearTimeout(this.timer);
    clearTimeout(this.saving);
    this.root.classList.remove("rr-busy");
    if (message.is === "trouble") return this.showTrouble(this.texts[message.text]);
    const asked = this.waiting?.do;
    Object.assign(this, { waiting: null, turn: message });
    this.showTrouble(null);
    if (asked === "answer") this.panel.say("");
    this.showTurn(asked);
    if (message.notice) this.panel.say(this.texts[message.notice]);
  }

  /** Keep a case that came ahead, ready to be drawn. */
  keep(message, buffers) {
    const { width, height, bits, trial } = message;
    const view = (buffer) => (ArrayBuffer.isView(buffer) ? buffer : new DataView(buffer));
    const images = buffers.map((buffer) => ({ width, height, levels: 2 ** bits, pixels: storedPixels(view(buffer), bits) }));
    this.cases.delete(trial);
    this.cases.set(trial, { ...message, images });
    while (this.cases.size > CASES_KEPT) this.cases.delete(this.cases.keys().next().value);
    this.viewer.prepare(images);
  }

  // ---- what is on the screen

  build(host) {
    const { texts } = this;
    this.viewer = new Viewer(texts, { onPaint: (view) => this.showView(view), onMark: () => this.afterMark() });
    this.panel = new Panel(texts, {
      submit: () => this.enter(), tool: (name) => this.tool(name), changed: () => this.showMarkTool(),
    });
    this.pages = new Pages(texts);
    this.place = make("span.rr-place", { "aria-live": "polite" });
    this.practice = make("span.rr-practice", { hidden: "" }, texts.practice);
    this.bar = make("div.rr-done", { role: "progressbar", "aria-label": texts.progress, "aria-valuemin": 0 }, make("i"));
    this.left = make("span.rr-left");
    this.tools = TOOLS.map((name) => this.tool(name));
    this.trouble = make("div.rr-trouble", { role: "alert", hidden: "" });
    this.small = make("section.rr-small", { role: "alert", hidden: "" });
    this.root = make("div.rr", {
      tabindex: 0, "aria-label": texts.room, lang: texts.language, "data-lm-suppress-shortcuts": "true",
      keydown: (event) => this.key(event),
      keyup: (event) => event.stopPropagation(),
      pointerdown: () => this.touch(),
      pointermove: () => this.touch(),
      wheel: () => this.touch(),
      pointerup: (event) => event.target.closest("input, kbd, button") || this.focus(),
    }, make("header.rr-bar", {}, this.place, this.practice, this.bar, this.left, make("nav", {}, this.tools)),
    this.trouble, this.pages.element, this.viewer.element, this.panel.element, this.small);
    this.root.classList.toggle("rr-whole-page", this.model.get("page"));
    this.pages.notice(texts.room, texts.opening);
    this.turnTo("opening");
    host.append(this.root);
  }

  /** Go to a screen by its name; a screen reader reads pages as text and a case as an application. */
  turnTo(screen) {
    this.screen = this.root.dataset.screen = screen;
    this.root.setAttribute("role", screen === "case" ? "application" : "region");
    this.touch();
  }

  focus() {
    this.root.focus({ preventScroll: true });
  }

  tool(name) {
    const [label, key] = this.texts[name];
    const click = (event) => { this.act(name); if (event.detail) this.focus(); };
    return make("button.rr-tool", { type: "button", "data-tool": name, title: `${label} (${key})`, click },
      make("span", {}, label), make("kbd", {}, key));
  }

  toolNamed(name) {
    return this.tools.find((tool) => tool.dataset.tool === name);
  }

  showView({ native, smooth, inverted }) {
    for (const [name, isOn] of Object.entries({ native, smooth, invert: inverted })) {
      this.toolNamed(name).setAttribute("aria-pressed", isOn);
    }
  }

  /** Refuse phones and windows in which too little of a chest can be seen, until there is room. */
  measure() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!width) return;
    const isPhone = Math.min(screen.width, screen.height) < PHONE_BELOW;
    this.tooSmall = isPhone || width < SMALLEST.width || height < SMALLEST.height;
    this.small.hidden = !this.tooSmall;
    const lead = this.texts[isPhone ? "small_phone" : "small_lead"];
    const values = { ...SMALLEST, now: `${Math.round(width)} × ${Math.round(height)}` };
    this.small.replaceChildren(make("h1", {}, this.texts.small_title), make("p", {}, fill(lead, values)));
    this.touch();
  }

  /** Show where the session stands after a reply to the request named `asked`. */
  showTurn(asked) {
    const { turn } = this;
    if (!turn.trial) return this.showEnd();
    if (!this.begun) return this.welcome();
    if (turn.feedback) return this.showFeedback(turn.feedback);
    if (turn.is_paused) return this.showBreak();
    if (asked === "answer" && this.isBreakDue()) return this.showBreak(() => this.ask({ do: "pause" }));
    this.showCase();
  }

  welcome() {
    if (this.turn.answered) return this.showStart();
    if (this.screen !== "opening") return;
    this.pages.consent(() => { this.agreed = true; this.showStart(); });
    this.turnTo("consent");
    if (this.model.get("page")) this.focus();
  }

  showStart() {
    if (["start", "ramp"].includes(this.screen)) return;
    this.pages.start(this.turn, () => this.showRamp());
    this.turnTo("start");
    if (this.model.get("page") || this.agreed) this.focus();
  }

  showRamp() {
    this.pages.ramp((ramp) => {
      this.facts = { display: displayFacts(), ramp, agreed: Boolean(this.agreed), language: this.texts.language };
      this.begun = true;
      if (this.turn.is_paused) this.ask({ do: "resume" });
      else this.showTurn();
    });
    this.turnTo("ramp");
    this.focus();
    this.root.scrollIntoView({ block: "nearest" });
  }

  showCase() {
    const { turn } = this;
    const shown = this.cases.get(turn.trial);
    if (this.task && this.task !== shown.task) return this.showPart(shown);
    this.task = shown.task;
    this.showProgress();
    this.turnTo("case");
    if (this.onScreen === turn.trial) return this.viewer.paint(); // what has been chosen stays
    this.onScreen = turn.trial;
    this.watch = null;
    this.aim(false);
    this.panel.put(shown);
    if (this.root.contains(document.activeElement)) this.focus();
    this.viewer.show(shown.images, this.names(shown.images)).then((now) => this.startClock(turn.trial, now));
  }

  names(images) {
    return images.length > 1 ? [this.texts.left, this.texts.right] : [this.texts.single];
  }

  /** The case has been painted: time runs, and Python is told; with the facts of the display, once. */
  startClock(trial, now) {
    if (this.onScreen !== trial) return;
    this.watch = new Stopwatch(now, document.hidden || this.screen !== "case");
    this.root.dataset.shown = trial;
    this.model.send({ do: "shown", trial, facts: this.facts });
    this.facts = null;
  }

  showProgress() {
    const { texts, turn } = this;
    this.place.textContent = fill(turn.is_practice ? texts.practice_of : texts.case_of, turn);
    this.practice.hidden = !turn.is_practice;
    this.bar.firstChild.style.width = `${(100 * turn.answered) / turn.total_all}%`;
    this.bar.setAttribute("aria-valuenow", turn.answered);
    this.bar.setAttribute("aria-valuemax", turn.total_all);
    this.left.textContent = turn.seconds_left === null ? "" : timeInWords(texts, turn.seconds_left);
    this.toolNamed("undo").disabled = !turn.can_undo;
  }

  /** After a practice case: what was right, with the images still there. */
  showFeedback(feedback) {
    this.onScreen = this.watch = null;
    this.aim(false);
    this.panel.tell(feedback);
    this.toolNamed("undo").disabled = !this.turn.can_undo;
    const side = ["left", "right"].indexOf(feedback.truth);
    const told = (name, index) => (index === side ? `${name} – ${this.texts.synthetic}` : name);
    if (side >= 0) this.viewer.name(this.names(this.viewer.panes).map(told), side);
    this.turnTo("case");
  }

  get isTold() {
    return this.panel.element.classList.contains("rr-told");
  }

  showPart(shown) {
    const { texts } = this;
    this.task = shown.task;
    const question = fill(texts[`question_${shown.task}`], { finding: "…" });
    this.pages.part(question, texts[`about_${shown.task}`], () => this.showCase());
    this.turnTo("part");
  }

  isBreakDue() {
    const { is_practice, n } = this.turn;
    return !is_practice && n > 1 && (n - 1) % this.model.get("break_every") === 0;
  }

  /** A break: taken already, or offered where `take` is given. */
  showBreak(take = null) {
    const { texts, turn } = this;
    const left = turn.seconds_left === null ? "" : ` · ${timeInWords(texts, turn.seconds_left)}`;
    const progress = fill(texts.so_far, { answered: turn.answered, total: turn.total_all }) + left;
    const goOn = () => (this.turn.is_paused ? this.ask({ do: "resume" }) : this.showCase());
    this.pages.rest(progress, goOn, take, this.undoButton());
    this.turnTo("break");
    this.focus();
  }

  showElsewhere() {
    this.pages.notice(this.texts.elsewhere_title, this.texts.elsewhere_lead, this.pages.primary(this.texts.read_here, () => {
      this.tabs.postMessage("opened");
      this.onScreen = this.watch = null;
      this.turnTo("opening");
      this.ask({ do: "open" });
    }));
    this.turnTo("elsewhere");
  }

  showEnd() {
    const { texts, turn } = this;
    const [title, lead] = turn.is_closed ? ["closed_title", "closed_lead"] : ["thanks_title", "thanks_lead"];
    Object.assign(this, { begun: true, onScreen: null, watch: null });
    this.pages.notice(texts[title], fill(texts[lead], { total: turn.total_all }), this.undoButton());
    this.turnTo("end");
  }

  undoButton() {
    return this.turn.can_undo ? [this.tool("undo")] : [];
  }

  showTrouble(text) {
    this.trouble.hidden = !text;
    if (!text) return;
    this.root.classList.remove("rr-busy");
    this.panel.say("");
    const again = () => this.ask(this.waiting ?? { do: "open" });
    this.trouble.replaceChildren(make("span", {}, text), make("button.rr-tool", { type: "button", click: again }, this.texts.try_again));
  }

  // ---- what the reader does

  /** Enter, or the button that stands for it. */
  enter() {
    if (this.screen !== "case") return this.pages.element.querySelector(".rr-primary")?.click();
    if (this.waiting) return;
    if (this.isTold) return this.panel.isHeld || this.goOnAfterFeedback();
    if (this.panel.missing) return this.panel.say(this.texts[this.panel.missing]);
    if (this.watch) this.submit();
  }

  goOnAfterFeedback() {
    this.turn.feedback = null;
    this.showTurn("answer");
  }

  submit() {
    this.touch();
    const { mark } = this.viewer;
    const side = mark && this.viewer.panes.length > 1 ? ["left", "right"][mark.side] : null;
    this.ask({
      do: "answer", trial: this.onScreen, submission: randomHex(), ...this.panel.answer,
      mark: mark?.place ?? null, mark_side: side,
      active_ms: Math.round(this.watch.active), idle_ms: Math.round(this.watch.idle),
    });
  }

  act(name) {
    const { view } = this.viewer;
    const isReading = this.screen === "case" && !this.waiting;
    const does = {
      undo: () => this.mayUndo && this.ask({ do: "undo" }),
      pause: () => isReading && !this.isTold && this.ask({ do: "pause" }),
      mark: () => isReading && this.pressMark(),
      invert: () => this.viewer.change({ inverted: !view.inverted }),
      native: () => this.viewer.change({ native: !view.native, zoom: 1, x: 0, y: 0 }),
      smooth: () => this.viewer.change({ smooth: !view.smooth }),
      reset: () => this.viewer.reset(),
      light: () => this.toolNamed("light").setAttribute("aria-pressed", this.root.classList.toggle("rr-light")),
      fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    };
    does[name]();
  }

  get mayUndo() {
    return this.turn?.can_undo && !this.waiting && ["case", "break", "end"].includes(this.screen);
  }

  // ---- the mark: asked for by its tool, drawn once, then the mouse is for the window again

  pressMark() {
    if (!this.panel.asksWhy || this.isTold) return;
    if (this.viewer.mark) this.viewer.setMark(null);
    else this.aim(!this.viewer.marking);
    this.showMarkTool();
  }

  afterMark() {
    this.aim(false);
    this.showMarkTool();
  }

  aim(marking) {
    this.viewer.aim(marking);
    this.panel.markTool.setAttribute("aria-pressed", marking);
    this.panel.say(marking ? this.texts.how_to_mark : "");
  }

  showMarkTool() {
    const { panel, viewer } = this;
    if (!panel.asksWhy) {
      viewer.setMark(null);
      viewer.aim(false);
    }
    panel.markTool.firstChild.textContent = viewer.mark ? this.texts.unmark : this.texts.mark[0];
    panel.markTool.setAttribute("aria-pressed", Boolean(viewer.marking));
  }

  // ---- keys

  key(event) {
    this.touch();
    event.stopPropagation(); // JupyterLab has shortcuts on the same keys
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || this.tooSmall) return;
    if (event.target === this.panel.note) return this.keyInNote(event);
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (this.viewer.marking && ARROWS[key]) {
      event.preventDefault();
      this.viewer.nudge(ARROWS[key], event.shiftKey);
    } else if (key === "Enter") {
      if (event.target.matches("button:not([role])")) return; // it presses that button
      event.preventDefault();
      if (this.viewer.marking) this.afterMark();
      else if (!event.repeat) this.enter();
    } else if (this.press(key)) event.preventDefault();
  }

  keyInNote(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    this.focus();
  }

  /** Do what a key stands for on this screen; false where it stands for nothing. */
  press(key) {
    const { texts } = this;
    const named = [...TOOLS, "mark"].find((name) => texts[name][1] === key);
    if (this.screen !== "case") {
      const button = this.pages.element.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (button) button.click();
      else if (["undo", "light", "fullscreen"].includes(named)) this.act(named);
      return Boolean(button || named);
    }
    if (named) return this.act(named), true;
    if (key === "Escape" && this.viewer.marking) return this.aim(false), true;
    return !this.waiting && !this.isTold && this.choose(key);
  }

  choose(key) {
    const cue = Object.keys(this.texts.cues).find((name) => this.texts.cues[name][1] === key);
    if (cue) this.panel.reason(cue);
    else if (/^[1-5]$/.test(key)) this.panel.rate(Number(key) - 3);
    else return false;
    if (cue === "other" && this.panel.cues.includes("other")) this.panel.note.focus({ preventScroll: true });
    return true;
  }
}

export default {
  render({ model, el }) {
    const room = new Room(model, el);
    return () => room.leave();
  },
};
