// The reading room in the browser: shows a case, asks one question, returns the answer and its times.
// It knows only what is on the screen: a random trial id, pixels and the question. The next case is shown only
// after Python says that the answer is on the disk.

const IDLE_AFTER_MS = 60000; // without mouse, key or visibility for longer, the reader is taken to be away
const REPLY_WITHIN_MS = 12000;
const CASES_KEPT = 4; // the current one, the next, and the last ones for undo

/** The window that shows every stored level: width and middle. */
export function fullWindow(levels) {
  return { window: levels - 1, level: (levels - 1) / 2 };
}

/** Grey shown for each stored level (DICOM LINEAR_EXACT): Uint8ClampedArray of 256 or 65,536. */
export function lookUp(window, level, inverted, levels = 256) {
  const shown = new Uint8ClampedArray(levels);
  for (let stored = 0; stored < levels; stored++) {
    const grey = ((stored - level) / window + 0.5) * 255;
    shown[stored] = inverted ? 255 - grey : grey;
  }
  return shown;
}

/** Active and idle milliseconds since `now` on a monotonic clock; a hidden page is idle, and so is a long pause. */
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

/** Stored pixels from bytes as they came: 8 bit, or 16 bit with the low byte first, as the browser's machine has it. */
export function storedPixels({ buffer, byteOffset, byteLength }, bits) {
  if (bits === 8) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength)); // must begin at an even byte
}

/** Reasons after one more press, the main one first: a new one is added, an added one becomes main, the main one goes. */
export function pressReason(cues, cue) {
  if (!cues.includes(cue)) return [...cues, cue];
  const others = cues.filter((other) => other !== cue);
  return cues[0] === cue ? others : [cue, ...others];
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

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

/** One or two canvases with one window, zoom and position for both. */
class Viewer {
  constructor(texts, onPaint) {
    this.texts = texts;
    this.onPaint = onPaint;
    this.element = make("div.rr-viewer", {
      wheel: (event) => this.zoomBy(event),
      pointerdown: (event) => this.grab(event),
      pointermove: (event) => this.drag(event),
      pointerup: () => (this.held = null),
      pointercancel: () => (this.held = null),
      dblclick: () => this.reset(),
      contextmenu: (event) => { event.preventDefault(); event.stopPropagation(); },
    });
    this.corner = make("div.rr-corner");
    this.panes = [];
    this.levels = 256;
    this.view = { ...fullWindow(this.levels), zoom: 1, x: 0, y: 0, inverted: false, smooth: true };
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.element);
  }

  /** Show images ({ width, height, levels, pixels }); resolves at the time of the first paint. */
  show(images, names) {
    this.panes = images.map((image, index) => {
      const film = make("canvas", { width: image.width, height: image.height });
      const canvas = make("canvas", { role: "img", "aria-label": names[index] });
      const head = make("div.rr-side", {}, names.length > 1 ? names[index] : "");
      return { image, film, canvas, element: make("div.rr-pane", {}, canvas, head) };
    });
    this.element.replaceChildren(...this.panes.map((pane) => pane.element), this.corner);
    this.levels = images[0].levels;
    this.view = { ...this.view, ...fullWindow(this.levels), zoom: 1, x: 0, y: 0, inverted: false };
    this.developed = null;
    return new Promise((resolve) => requestAnimationFrame(() => { this.paint(); requestAnimationFrame(resolve); }));
  }

  change(view) {
    Object.assign(this.view, view);
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = null; this.paint(); });
  }

  reset() {
    this.change({ ...fullWindow(this.levels), zoom: 1, x: 0, y: 0, inverted: false });
  }

  /** Run the stored pixels through the look-up, once for each change of window. */
  develop() {
    const { window, level, inverted } = this.view;
    const wanted = [window, level, inverted].join();
    if (this.developed === wanted) return;
    const shown = lookUp(window, level, inverted, this.levels);
    const colours = Uint32Array.from(shown, (grey) => (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0);
    for (const { image, film } of this.panes) {
      const data = new ImageData(image.width, image.height);
      const target = new Uint32Array(data.data.buffer);
      for (let i = 0; i < target.length; i++) target[i] = colours[image.pixels[i]];
      film.getContext("2d").putImageData(data, 0, 0);
    }
    this.developed = wanted;
  }

  paint() {
    if (!this.panes.length || !this.element.isConnected) return;
    this.develop();
    this.onPaint(this.view);
    const { zoom, x, y, smooth } = this.view;
    for (const { image, film, canvas, element } of this.panes) {
      const dots = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(element.clientWidth * dots), Math.round(element.clientHeight * dots)];
      if (!width || !height) continue;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      const scale = this.fit(image, width, height) * zoom;
      const context = canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = "#000";
      context.fillRect(0, 0, width, height);
      context.imageSmoothingEnabled = smooth;
      context.imageSmoothingQuality = "high";
      context.setTransform(scale, 0, 0, scale, width / 2 + x * scale * image.width, height / 2 + y * scale * image.width);
      context.drawImage(film, -image.width / 2, -image.height / 2);
      this.corner.textContent = [
        fill(this.texts.window, { window: Math.round(this.view.window), level: Math.round(this.view.level) }),
        fill(this.texts.zoom, { zoom: Math.round((scale / dots) * 100) }),
      ].join("   ");
    }
  }

  fit(image, width, height) {
    return Math.min(width / image.width, height / image.height);
  }

  /** Place of the pointer in image widths from the middle of the pane it is over, and the pane's fitted width. */
  place(event) {
    const pane = this.panes.find(({ element }) => element.contains(event.target)) ?? this.panes[0];
    const box = pane.element.getBoundingClientRect();
    const width = this.fit(pane.image, box.width, box.height) * pane.image.width;
    return { u: (event.clientX - box.left - box.width / 2) / width, v: (event.clientY - box.top - box.height / 2) / width, width };
  }

  zoomBy(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!this.panes.length) return;
    const { u, v } = this.place(event);
    const { zoom, x, y } = this.view;
    const next = Math.min(16, Math.max(1, zoom * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015))));
    const kept = (1 / next - 1 / zoom); // the point under the pointer stays where it is
    this.change(next === 1 ? { zoom: 1, x: 0, y: 0 } : { zoom: next, x: x + u * kept, y: y + v * kept });
  }

  grab(event) {
    if (!this.panes.length) return;
    this.element.setPointerCapture(event.pointerId);
    this.held = { x: event.clientX, y: event.clientY, moves: event.shiftKey || event.button !== 0, width: this.place(event).width };
  }

  drag(event) {
    if (!this.held) return;
    const [dx, dy] = [event.clientX - this.held.x, event.clientY - this.held.y];
    Object.assign(this.held, { x: event.clientX, y: event.clientY });
    const { window, level, zoom, x, y } = this.view;
    if (this.held.moves) {
      this.change({ x: x + dx / (this.held.width * zoom), y: y + dy / (this.held.width * zoom) });
    } else {
      const step = this.levels / 256; // the same feel for both depths
      this.change({
        window: Math.min(1024 * step, Math.max(2 * step, window + dx * step)),
        level: Math.min(400 * step, Math.max(-145 * step, level + dy * step)),
      });
    }
  }
}

/** The whole room: start, cases, thanks; one question at a time. */
class Room {
  constructor(model, host) {
    this.model = model;
    this.texts = model.get("texts");
    this.cases = new Map(); // trial id -> { question, images }
    this.turn = null;
    this.started = false;
    this.build(host);
    this.onMessage = (message, buffers) => this.receive(message, buffers);
    this.onVisibility = () => this.touch();
    model.on("msg:custom", this.onMessage);
    document.addEventListener("visibilitychange", this.onVisibility);
    this.ask({ do: "open" });
  }

  leave() {
    this.model.off("msg:custom", this.onMessage);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.viewer.observer.disconnect();
    clearTimeout(this.timer);
  }

  touch() {
    this.watch?.touch(performance.now(), document.hidden);
  }

  // ---- talking to Python

  /** Send a request that must be replied to; it is kept until then and can be sent again. */
  ask(request) {
    this.waiting = request;
    this.root.classList.add("rr-busy");
    this.say(request.do === "answer" ? this.texts.saving : "");
    this.showTrouble(null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.showTrouble(this.texts.trouble_silent), REPLY_WITHIN_MS);
    this.model.send(request);
  }

  receive(message, buffers) {
    if (message.is === "case") {
      const images = buffers.map((buffer) => ({
        width: message.width,
        height: message.height,
        levels: 2 ** message.bits,
        pixels: storedPixels(ArrayBuffer.isView(buffer) ? buffer : new DataView(buffer), message.bits),
      }));
      this.cases.delete(message.trial);
      this.cases.set(message.trial, { ...message, images });
      while (this.cases.size > CASES_KEPT) this.cases.delete(this.cases.keys().next().value);
      return;
    }
    clearTimeout(this.timer);
    this.root.classList.remove("rr-busy");
    if (message.is === "trouble") return this.showTrouble(this.texts[message.text]);
    this.waiting = null;
    this.showTrouble(null);
    this.say(message.notice ? this.texts[message.notice] : "");
    const isSame = this.started && this.turn?.trial === message.trial;
    this.turn = message;
    if (!isSame || !message.trial) this.showTurn();
  }

  // ---- screens

  build(host) {
    const { texts } = this;
    this.viewer = new Viewer(texts, ({ inverted, smooth }) => {
      this.toolNamed("invert").setAttribute("aria-pressed", inverted);
      this.toolNamed("smooth").setAttribute("aria-pressed", smooth);
    });
    this.place = make("span.rr-place");
    this.practice = make("span.rr-practice", { hidden: "" }, texts.practice);
    this.bar = make("div.rr-done", { role: "progressbar", "aria-valuemin": 0 }, make("i"));
    this.tools = ["undo", "invert", "smooth", "reset", "fullscreen"].map((name) => this.tool(name));
    this.question = make("h2.rr-question");
    this.scale = make("div.rr-scale", { role: "radiogroup" });
    this.cueRow = make("div.rr-cues", { role: "radiogroup", "aria-label": texts.cue_question });
    this.note = make("input.rr-note", { type: "text", maxlength: 2000, placeholder: texts.note, "aria-label": texts.note });
    this.submitButton = make("button.rr-submit", { type: "button", click: () => this.submit() }, texts.submit, make("kbd", {}, "↵"));
    this.hint = make("div.rr-hint", { role: "status", "aria-live": "polite" });
    this.trouble = make("div.rr-trouble", { role: "alert", hidden: "" });
    this.page = make("section.rr-page");
    this.panel = make("section.rr-panel", {}, make("div.rr-asked", {}, this.question, this.hint, make("div.rr-keys-off", {}, texts.click_for_keys)),
      make("div.rr-row", {}, this.scale, this.submitButton), make("div.rr-row.rr-why", {}, this.cueRow, this.note));
    const head = make("header.rr-bar", {}, make("b", {}, texts.room), this.place, this.practice, this.bar,
      make("nav", {}, this.tools));
    this.root = make("div.rr", {
      tabindex: 0, role: "application", "aria-label": texts.room, "data-lm-suppress-shortcuts": "true",
      keydown: (event) => this.key(event),
      keyup: (event) => event.stopPropagation(),
      pointerdown: () => this.touch(),
      pointermove: () => this.touch(),
      wheel: () => this.touch(),
      pointerup: (event) => event.target.closest("input, kbd, button") || this.root.focus({ preventScroll: true }),
    }, head, this.trouble, this.page, this.viewer.element, this.panel);
    this.root.classList.toggle("rr-whole-page", this.model.get("page"));
    this.root.dataset.screen = "opening";
    this.page.append(make("p", {}, texts.opening));
    host.append(this.root);
  }

  tool(name) {
    const [label, key] = this.texts[name];
    const click = (event) => { this.act(name); if (event.detail) this.root.focus({ preventScroll: true }); };
    return make("button.rr-tool", { type: "button", "data-tool": name, title: `${label} (${key})`, click }, label, make("kbd", {}, key));
  }

  toolNamed(name) {
    return this.tools.find((tool) => tool.dataset.tool === name);
  }

  showTurn() {
    const { texts, turn } = this;
    this.watch = null;
    const [undo, ...others] = this.tools;
    undo.hidden = !turn.can_undo;
    if (!turn.trial) return this.showEnd();
    if (!this.started) return this.showStart();
    others.forEach((tool) => (tool.hidden = false));
    const shown = this.cases.get(turn.trial);
    this.root.dataset.screen = "case";
    this.place.textContent = fill(turn.is_practice ? texts.practice_of : texts.case_of, turn);
    this.practice.hidden = !turn.is_practice;
    this.bar.firstChild.style.width = `${(100 * turn.answered) / turn.total_all}%`;
    this.bar.setAttribute("aria-valuenow", turn.answered);
    this.bar.setAttribute("aria-valuemax", turn.total_all);
    this.put(shown);
    const names = shown.images.length > 1 ? [texts.left, texts.right] : [texts.single];
    const now = turn.trial;
    this.viewer.show(shown.images, names).then(() => {
      if (this.turn.trial !== now) return;
      this.watch = new Stopwatch(performance.now(), document.hidden);
      this.root.dataset.shown = now;
      this.model.send({ do: "shown", trial: now });
    });
  }

  /** Put the question with nothing chosen. */
  put({ task, finding }) {
    const { texts } = this;
    this.answer = { rating: null, cues: [] };
    this.asksCue = task !== "conditionality";
    this.question.textContent = fill(texts[`question_${task}`], { finding: texts.findings[finding] ?? finding });
    this.scale.setAttribute("aria-label", this.question.textContent);
    this.scale.replaceChildren(...texts[`scale_${task}`].map((label, index) =>
      this.choice(label, index + 1, () => this.rate(index - 2))));
    this.cueRow.replaceChildren(make("span.rr-label", {}, texts.cue_question), ...Object.entries(texts.cues).map(
      ([cue, [label, key]]) => this.choice(label, key, () => this.reason(cue))));
    this.note.value = "";
    this.mark();
    if (this.note.matches(":focus")) this.root.focus({ preventScroll: true });
  }

  choice(label, key, click) {
    return make("button.rr-choice", { type: "button", role: "radio", "aria-checked": "false", click }, make("kbd", {}, key), make("span", {}, label));
  }

  showStart() {
    const { texts, turn } = this;
    const begin = make("button.rr-submit", { type: "button", click: () => this.begin() },
      turn.answered ? texts.continue : texts.start, make("kbd", {}, "↵"));
    const keys = texts.keys.map(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]);
    this.root.dataset.screen = "start";
    this.page.replaceChildren(
      make("h1", {}, texts.start_title),
      make("p", {}, fill(texts.start_lead, { total: turn.total_all })),
      make("div.rr-columns", {},
        make("div", {}, make("h2", {}, texts.tasks_title), turn.tasks.map((task) => make("p", {},
          make("strong", {}, fill(texts[`question_${task}`], { finding: "…" })), make("br"), texts[`about_${task}`])),
          make("p", {}, turn.practice_all ? texts.start_practice : "")),
        make("div", {}, make("h2", {}, texts.keys_title), make("dl", {}, keys))),
      make("div.rr-begin", {}, begin, make("span", {}, turn.answered ? fill(texts.so_far, { answered: turn.answered, total: turn.total_all }) : "")),
    );
    if (this.model.get("page")) this.root.focus({ preventScroll: true });
  }

  begin() {
    this.started = true;
    this.root.focus({ preventScroll: true });
    this.root.scrollIntoView({ block: "nearest" });
    this.showTurn();
  }

  showEnd() {
    const { texts, turn } = this;
    const [title, lead] = turn.is_closed ? ["closed_title", "closed_lead"] : ["thanks_title", "thanks_lead"];
    this.started = true;
    this.root.dataset.screen = "end";
    this.page.replaceChildren(make("h1", {}, texts[title]), make("p", {}, fill(texts[lead], { total: turn.total_all })));
    if (turn.can_undo) this.page.append(make("div.rr-begin", {}, this.tool("undo")));
  }

  showTrouble(text) {
    this.trouble.hidden = !text;
    if (!text) return;
    this.root.classList.remove("rr-busy");
    this.say("");
    const again = () => this.ask(this.waiting ?? { do: "open" });
    this.trouble.replaceChildren(make("span", {}, text), make("button.rr-tool", { type: "button", click: again }, this.texts.try_again));
  }

  say(text) {
    this.hint.textContent = text;
  }

  // ---- answering

  rate(rating) {
    this.answer.rating = rating;
    if (!rating) this.answer.cues = [];
    this.mark();
  }

  reason(cue) {
    if (!this.asksCue || !this.answer.rating) return;
    this.answer.cues = pressReason(this.answer.cues, cue);
    this.mark();
    if (this.answer.cues.length > 1) this.say(this.texts.several_cues);
  }

  mark() {
    const { rating, cues } = this.answer;
    const cue = cues[0] ?? null;
    this.say("");
    [...this.scale.children].forEach((button, index) => button.setAttribute("aria-checked", String(rating === index - 2)));
    const offered = this.asksCue && Boolean(rating);
    this.panel.classList.toggle("rr-asks-why", offered);
    this.panel.classList.toggle("rr-no-why", !this.asksCue);
    const names = Object.keys(this.texts.cues);
    [...this.cueRow.querySelectorAll("button")].forEach((button, index) => {
      button.disabled = !offered;
      button.setAttribute("aria-checked", String(cues.includes(names[index])));
      button.classList.toggle("rr-main", cues.length > 1 && cue === names[index]);
      button.setAttribute("aria-label", fill(cue === names[index] ? this.texts.main_cue : "{cue}", { cue: this.texts.cues[names[index]][0] }));
    });
    this.note.disabled = !cue;
    if (!cue) this.note.value = "";
    this.submitButton.classList.toggle("rr-ready", rating !== null && (!offered || cue !== null));
  }

  submit() {
    const { rating, cues } = this.answer;
    const cue = cues[0] ?? null;
    if (this.waiting || !this.watch) return;
    if (rating === null) return this.say(this.texts.choose_answer);
    if (this.asksCue && rating && !cue) return this.say(this.texts.choose_cue);
    this.touch();
    const submission = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.ask({ do: "answer", trial: this.turn.trial, submission, rating, cue, cues, note: this.note.value.trim() || null,
      active_ms: Math.round(this.watch.active), idle_ms: Math.round(this.watch.idle) });
  }

  act(name) {
    const { view } = this.viewer;
    if (name === "undo" && this.turn?.can_undo && !this.waiting) this.ask({ do: "undo" });
    if (name === "invert") this.viewer.change({ inverted: !view.inverted });
    if (name === "smooth") this.viewer.change({ smooth: !view.smooth });
    if (name === "reset") this.viewer.reset();
    if (name === "fullscreen") document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen();
  }

  key(event) {
    this.touch();
    event.stopPropagation(); // JupyterLab has shortcuts on the same keys
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target === this.note) {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      return this.root.focus({ preventScroll: true });
    }
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key === "Enter" && !(event.target.matches("button") && !event.target.matches("[role=radio]"))) {
      event.preventDefault();
      if (event.repeat) return;
      if (this.root.dataset.screen === "start") this.begin();
      else if (this.root.dataset.screen === "case") this.submit();
      return;
    }
    const tool = ["undo", "invert", "smooth", "reset", "fullscreen"].find((name) => this.texts[name][1] === key);
    const cue = Object.keys(this.texts.cues).find((name) => this.texts.cues[name][1] === key);
    const isCase = this.root.dataset.screen === "case";
    if (tool && (isCase || (tool === "undo" && this.started))) this.act(tool);
    else if (isCase && cue && !this.waiting) this.reason(cue);
    else if (isCase && /^[1-5]$/.test(key) && !this.waiting) this.rate(Number(key) - 3);
    else return;
    event.preventDefault();
    if (cue === "other" && this.answer.cues.includes("other")) this.note.focus({ preventScroll: true });
  }
}

export default {
  render({ model, el }) {
    const room = new Room(model, el);
    return () => room.leave();
  },
};
