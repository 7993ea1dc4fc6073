// The reading room in the browser: shows a case, asks one question, returns the answer and its times.
// It knows only what is on the screen: a random trial id, pixels, the question and its answers. The next case is shown
// only after Python says that the answer is on the disk.

import { Bar } from "./bar.js";
import { displayFacts, fill, make, randomHex } from "./dom.js";
import { Keys } from "./keys.js";
import { storedPixels } from "./levels.js";
import { Marking } from "./marking.js";
import { Pages } from "./pages.js";
import { Question } from "./question.js";
import { SmallNotice } from "./small.js";
import { Talk } from "./talk.js";
import { Stopwatch, timeInWords } from "./times.js";
import { Viewer } from "./viewer.js";

const CASES_KEPT = 4; // the current one, the next, and the last ones for undo

/** The whole room: pages and cases, one question at a time. */
export class Room {
  constructor(model, host) {
    Object.assign(this, { model, texts: model.get("texts"), turn: null, begun: false, onScreen: null, facts: null });
    this.cases = new Map(); // trial id -> what was said of it, and its images
    this.build(host);
    this.listen();
    this.talk.open();
  }

  build(host) {
    const { texts } = this;
    const tool = (name) => this.tool(name);
    this.viewer = new Viewer(texts, { onPaint: (view) => this.showView(view), onMark: () => this.marking.aim(false) });
    this.question = new Question(texts, { submit: () => this.enter(), tool, changed: () => this.marking.show() });
    this.marking = new Marking(texts, this.viewer, this.question);
    this.pages = new Pages(texts);
    this.bar = new Bar(texts, tool);
    this.keys = new Keys(this);
    this.trouble = make("div.rr-trouble", { role: "alert", hidden: "" });
    this.small = new SmallNotice(texts);
    this.root = make("div.rr", {
      tabindex: 0, "aria-label": texts.room, lang: texts.language, "data-lm-suppress-shortcuts": "true",
      keydown: (event) => this.keys.press(event),
      keyup: (event) => event.stopPropagation(),
      pointerdown: () => this.touch(),
      pointermove: () => this.touch(),
      wheel: () => this.touch(),
      pointerup: (event) => event.target.closest("input, kbd, button") || this.focus(),
    }, this.bar.element, this.trouble, this.pages.element, this.viewer.element, this.question.element, this.small.element);
    this.root.classList.toggle("rr-whole-page", this.model.get("page"));
    this.pages.notice(texts.room, texts.opening);
    this.turnTo("opening");
    host.append(this.root);
  }

  listen() {
    const ending = new AbortController();
    const size = new ResizeObserver(() => this.measure());
    this.talk = new Talk(this.model, {
      asked: () => { this.root.classList.add("rr-busy"); this.showTrouble(null); },
      saving: () => this.question.say(this.texts.saving),
      case: (message, buffers) => this.keep(message, buffers),
      turn: (turn, asked) => this.receive(turn, asked),
      trouble: (name) => (name === "trouble_ended" ? this.showEnded() : this.showTrouble(this.texts[name])),
    });
    this.tabs = new BroadcastChannel(`reading-room-${this.model.get("seat")}`); // this reader's tabs in this browser
    this.tabs.onmessage = () => this.showElsewhere();
    this.tabs.postMessage("opened");
    document.addEventListener("visibilitychange", () => this.comeOrGo(), { signal: ending.signal });
    size.observe(this.root);
    this.leave = () => {
      this.talk.end();
      ending.abort();
      this.tabs.close();
      [size, this.viewer.observer].forEach((observer) => observer.disconnect());
    };
  }

  /** The reader is there; time runs while the case is on the screen and the page can be seen. */
  touch() {
    this.watch?.touch(performance.now(), document.hidden || this.screen !== "case" || this.tooSmall);
  }

  comeOrGo() {
    this.touch();
    const isReading = this.screen === "case" && !this.talk.waiting && !this.question.isTold;
    if (!document.hidden && isReading) this.talk.ask({ do: "look" });
  }

  // ---- what Python says

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

  /** Take in where the session stands after a reply to the request named `asked`. */
  receive(turn, asked) {
    this.turn = turn;
    this.root.classList.remove("rr-busy");
    this.showTrouble(null);
    if (asked === "answer") this.question.say("");
    if (turn.notice === "times" && this.watch) this.watch = new Stopwatch(performance.now(), document.hidden);
    this.showTurn(asked === "answer" && !turn.notice);
    if (turn.notice) this.question.say(this.texts[turn.notice]);
  }

  showTrouble(text) {
    this.trouble.hidden = !text;
    if (!text) return;
    this.root.classList.remove("rr-busy");
    this.question.say("");
    const again = make("button.rr-tool", { type: "button", click: () => this.talk.askAgain() }, this.texts.try_again);
    this.trouble.replaceChildren(make("span", {}, text), again);
  }

  // ---- what is on the screen

  /** Go to a screen by its name; a screen reader reads pages as text and a case as an application. */
  turnTo(screen) {
    this.screen = this.root.dataset.screen = screen;
    this.root.setAttribute("role", screen === "case" ? "application" : "region");
    this.touch();
  }

  focus() {
    this.root.focus({ preventScroll: true });
  }

  measure() {
    const size = this.root.getBoundingClientRect();
    if (!size.width) return;
    this.tooSmall = this.small.measure(size);
    this.touch();
  }

  /** Show where the session stands; a break may be offered after an answer. */
  showTurn(isAnswered) {
    const { turn } = this;
    if (!turn.trial) return this.showEnd();
    if (!turn.agreed) return this.showConsent();
    if (!this.begun) return this.showStart();
    if (turn.feedback) return this.showFeedback(turn.feedback);
    if (turn.is_paused) return this.showBreak();
    if (isAnswered && this.isBreakDue()) return this.showBreak(() => this.talk.ask({ do: "pause" }));
    this.showCase();
  }

  /** The consent text: before anything else, and again where it has been amended. What has been chosen stays. */
  showConsent() {
    if (this.screen === "consent") return;
    this.agreed = true;
    this.pages.consent(() => this.talk.waiting || this.talk.ask({ do: "agree" }));
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
      this.facts = { display: displayFacts(), ramp };
      this.begun = true;
      if (this.turn.is_paused) this.talk.ask({ do: "resume" });
      else this.showTurn();
    });
    this.turnTo("ramp");
    this.focus();
    this.root.scrollIntoView({ block: "nearest" });
  }

  showCase() {
    const { turn } = this;
    const shown = this.cases.get(turn.trial);
    if (shown.part !== (this.part ?? shown.part)) return this.showPart(shown.part);
    this.part = shown.part;
    this.bar.put(turn);
    this.turnTo("case");
    if (this.onScreen === turn.trial) return this.viewer.paint(); // what has been chosen stays
    this.onScreen = turn.trial;
    this.watch = null;
    this.marking.aim(false);
    this.question.put(shown);
    if (this.root.contains(document.activeElement)) this.focus();
    this.viewer.show(shown.images, shown.places).then((now) => this.startClock(turn.trial, now));
  }

  /** The case has been painted: time runs, and Python is told; with the facts of the display, once. */
  startClock(trial, now) {
    if (this.onScreen !== trial) return;
    this.watch = new Stopwatch(now, document.hidden || this.screen !== "case");
    this.root.dataset.shown = trial;
    this.talk.tell({ do: "shown", trial, facts: this.facts });
    this.facts = null;
  }

  /** After a practice case: what was right, with the images still there. */
  showFeedback(feedback) {
    this.onScreen = this.watch = null;
    this.marking.aim(false);
    this.question.tell(feedback);
    this.bar.tools.undo.disabled = !this.turn.can_undo;
    this.viewer.name(feedback.places, feedback.flagged);
    this.turnTo("case");
  }

  showPart(part) {
    this.part = part;
    this.pages.part(this.turn.parts[part], () => this.showCase());
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
    const goOn = () => (this.turn.is_paused ? this.talk.ask({ do: "resume" }) : this.showCase());
    this.pages.pause(progress, goOn, take, this.turn.can_undo ? [this.tool("undo")] : []);
    this.turnTo("break");
    this.focus();
  }

  showElsewhere() {
    this.pages.notice(this.texts.elsewhere_title, this.texts.elsewhere_lead, this.pages.primary(this.texts.read_here, () => {
      this.tabs.postMessage("opened");
      this.onScreen = this.watch = null;
      this.turnTo("opening");
      this.talk.open();
    }));
    this.turnTo("elsewhere");
  }

  /** The reader has a new access code: this page is told nothing more. */
  showEnded() {
    this.talk.end();
    this.pages.notice(this.texts.ended_title, this.texts.trouble_ended);
    this.turnTo("elsewhere");
  }

  showEnd() {
    const { texts, turn } = this;
    const [title, lead] = turn.is_closed ? ["closed_title", "closed_lead"] : ["thanks_title", "thanks_lead"];
    Object.assign(this, { begun: true, onScreen: null, watch: null });
    this.pages.notice(texts[title], fill(texts[lead], { total: turn.total_all }), this.turn.can_undo ? [this.tool("undo")] : []);
    this.turnTo("end");
  }

  // ---- what the reader does

  /** Enter, or the button that stands for it. */
  enter() {
    const { question } = this;
    if (this.screen !== "case") return this.pages.element.querySelector(".rr-primary")?.click();
    if (this.talk.waiting) return;
    if (question.isTold) return question.isHeld || this.goOnAfterFeedback();
    if (question.missing) return question.say(question.missing);
    if (this.watch) this.submit();
  }

  goOnAfterFeedback() {
    this.turn.feedback = null;
    this.showTurn(true);
  }

  submit() {
    this.touch();
    const { mark } = this.viewer;
    this.talk.ask({
      do: "answer", trial: this.onScreen, submission: randomHex(), ...this.question.answer,
      mark: mark?.place ?? null, mark_image: mark?.index ?? null,
      active_ms: Math.round(this.watch.active), idle_ms: Math.round(this.watch.idle),
    });
  }

  tool(name) {
    const [label, key] = this.texts[name];
    const click = (event) => { this.act(name); if (event.detail) this.focus(); };
    return make("button.rr-tool", { type: "button", "data-tool": name, title: `${label} (${key})`, click },
      make("span", {}, label), make("kbd", {}, key));
  }

  act(name) {
    const { view } = this.viewer;
    const isReading = this.screen === "case" && !this.talk.waiting && !this.question.isTold;
    const does = {
      undo: () => this.mayUndo && this.talk.ask({ do: "undo" }),
      pause: () => isReading && this.talk.ask({ do: "pause" }),
      mark: () => isReading && this.marking.press(),
      invert: () => this.viewer.change({ inverted: !view.inverted }),
      native: () => this.viewer.change({ native: !view.native, zoom: 1, x: 0, y: 0 }),
      smooth: () => this.viewer.change({ smooth: !view.smooth }),
      reset: () => this.viewer.reset(),
      light: () => this.bar.press({ light: this.root.classList.toggle("rr-light") }),
      fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    };
    does[name]();
  }

  get mayUndo() {
    return this.turn?.can_undo && !this.talk.waiting && ["case", "break", "end"].includes(this.screen);
  }

  showView({ native, smooth, inverted }) {
    this.bar.press({ native, smooth, invert: inverted });
  }
}

export default {
  render({ model, el }) {
    const room = new Room(model, el);
    return () => room.leave();
  },
};
