// The reading room in the browser: shows a case, asks one question, returns the answer and its times.
// It knows only what is on the screen: a random trial id, pixels, the question and its answers. The next case is shown
// only after Python has confirmed that the answer is on the disk.

import { Bar } from "./bar.js";
import { displayFacts, isSameDisplay, PageWatch, watchRatio } from "./display.js";
import { make, randomHex } from "./dom.js";
import { Draft } from "./draft.js";
import { Help } from "./help.js";
import { Keys } from "./keys.js";
import { storedPixels } from "./levels.js";
import { Marking } from "./marking.js";
import { Memory } from "./memory.js";
import { Pages } from "./pages.js";
import { Question } from "./question.js";
import { Screens } from "./screens.js";
import { SmallNotice } from "./small.js";
import { Talk } from "./talk.js";
import { Stopwatch } from "./times.js";
import { toolButton, toolsOf } from "./tools.js";
import { Viewer } from "./viewer.js";

const CASES_KEPT = 4; // the current one, the next, and the last ones for undo

/** The whole room: pages and cases, one question at a time. */
export class Room {
  constructor(model, host) {
    Object.assign(this, { model, texts: model.get("texts"), isPage: model.get("page"), turn: null, onScreen: null });
    Object.assign(this, { ramp: null, sight: null }); // what the reader saw of the ramp; what was reported of the display
    this.cases = new Map(); // trial id -> its texts and images
    this.memory = new Memory(model.get("seat"));
    this.screens = new Screens(this);
    this.draft = new Draft(this);
    this.build(host);
    this.listen();
    this.talk.open();
  }

  build(host) {
    const { texts } = this;
    const tool = (name) => this.tool(name);
    this.viewer = new Viewer(texts, {
      onPaint: () => this.showTools(), onMark: () => this.marking.aim(false), mayMark: () => this.isReading,
    });
    this.question = new Question(texts, { submit: () => this.enter(), tool, changed: () => this.marking.show() });
    this.marking = new Marking(texts, this.viewer, this.question);
    this.pages = new Pages(texts);
    this.bar = new Bar(texts, tool);
    this.keys = new Keys(this);
    this.help = new Help(texts, () => this.focus());
    this.trouble = make("div.rr-line", { role: "alert", hidden: "" });
    this.small = new SmallNotice(texts);
    this.root = make("div.rr.notranslate", {
      tabindex: 0, "aria-label": texts.room, lang: texts.language, translate: "no", "data-lm-suppress-shortcuts": "true",
      keydown: (event) => this.keys.press(event),
      keyup: (event) => this.keys.release(event),
      pointerdown: () => this.touch(),
      pointermove: () => this.touch(),
      wheel: (event) => { this.touch(); if (event.ctrlKey) event.preventDefault(); }, // the page keeps its size
      pointerup: (event) => event.target.closest("input, kbd, button, .rr-help") || this.focus(),
    }, this.bar.element, this.pages.element, this.viewer.element, this.question.element, this.small.element);
    this.page = new PageWatch(texts, this.root);
    this.root.append(this.page.element, this.trouble, this.help.element);
    this.root.classList.toggle("rr-whole-page", this.isPage);
    this.tools = toolsOf(this);
    this.pages.notice(texts.room, texts.opening);
    this.turnTo("opening");
    host.append(this.root);
    this.page.look();
    if (!this.isPage) this.root.scrollIntoView({ block: "nearest" });
  }

  listen() {
    const ending = new AbortController();
    const { signal } = ending;
    const size = new ResizeObserver(() => this.measure());
    this.talk = new Talk(this.model, {
      asked: () => { this.root.classList.add("rr-busy"); this.showTrouble(null); },
      saving: () => this.question.say(this.texts[this.newest === this.onScreen ? "loading" : "saving"]),
      case: (message, buffers) => this.keep(message, buffers),
      turn: (turn, asked) => this.receive(turn, asked),
      trouble: (name) => (name === "trouble_ended" ? this.screens.ended() : this.showTrouble(this.texts[name])),
    });
    this.tabs = new BroadcastChannel(`reading-room-${this.model.get("seat")}`); // this reader's tabs in this browser
    this.tabs.onmessage = () => this.screens.elsewhere();
    this.tabs.postMessage("opened");
    document.addEventListener("visibilitychange", () => this.comeOrGo(), { signal });
    window.addEventListener("beforeunload", (event) => this.draft.isHalfMade && event.preventDefault(), { signal });
    window.addEventListener("pagehide", () => this.draft.keep(), { signal });
    window.addEventListener("blur", () => this.viewer.magnify(false), { signal });
    watchRatio(() => this.viewer.paint(), signal);
    size.observe(this.root);
    this.leave = () => {
      this.draft.keep();
      this.talk.end();
      ending.abort();
      this.tabs.close();
      [size, this.viewer.observer, this.page.observer].forEach((observer) => observer.disconnect());
    };
  }

  /** Note that the reader is active; time runs while the case is on the screen and the page is visible. */
  touch() {
    this.watch?.touch(performance.now(), document.hidden || this.screen !== "case" || this.tooSmall);
  }

  comeOrGo() {
    this.touch();
    this.page.look();
    if (!document.hidden && this.isReading) this.talk.ask({ do: "look" });
  }

  /** Whether the case on the screen waits for its answer. */
  get isReading() {
    return this.screen === "case" && !this.talk.waiting && !this.question.isTold;
  }

  readHere() {
    this.tabs.postMessage("opened");
    this.clear();
    this.turnTo("opening");
    this.talk.open();
  }

  // ---- messages from Python

  /** Store a case sent in advance, ready to be drawn. */
  keep(message, buffers) {
    const { width, height, bits, trial } = message;
    const view = (buffer) => (ArrayBuffer.isView(buffer) ? buffer : new DataView(buffer));
    const images = buffers.map((buffer) => ({ width, height, levels: 2 ** bits, pixels: storedPixels(view(buffer), bits) }));
    this.cases.delete(trial);
    this.cases.set(trial, { ...message, images });
    while (this.cases.size > CASES_KEPT) this.cases.delete(this.cases.keys().next().value);
    this.newest = trial;
    this.viewer.prepare(images);
  }

  /** Update the state of the session from the reply to the request named `asked`. */
  receive(turn, asked) {
    this.turn = turn;
    this.root.classList.remove("rr-busy");
    this.showTrouble(null);
    if (asked === "answer") this.question.say("");
    if (turn.notice === "times" && this.watch) this.watch = new Stopwatch(performance.now(), document.hidden);
    this.screens.turn(asked === "answer" && !turn.notice);
    if (turn.notice) this.question.say(this.texts[turn.notice]);
  }

  showTrouble(text) {
    this.trouble.hidden = !text;
    if (!text) return;
    this.root.classList.remove("rr-busy");
    this.question.say("");
    const again = make("button.rr-tool", { type: "button", click: () => { this.focus(); this.talk.askAgain(); } }, this.texts.try_again);
    this.trouble.replaceChildren(make("span", {}, text), again);
  }

  // ---- what is on the screen

  /** Go to a screen by its name; to a screen reader, pages are text and a case is an application. */
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

  /** No case is on the screen. */
  clear() {
    this.onScreen = this.watch = null;
  }

  showCase() {
    const { turn } = this;
    const shown = this.cases.get(turn.trial);
    this.bar.put(turn, shown.images.length > 1);
    this.turnTo("case");
    if (this.onScreen === turn.trial) return this.viewer.paint(); // what has been chosen stays
    const given = this.draft.take(turn.trial) ?? turn.given;
    this.onScreen = turn.trial;
    this.watch = null;
    delete this.root.dataset.shown; // until it has been painted
    this.marking.aim(false);
    this.question.put(shown);
    if (this.root.contains(document.activeElement)) this.focus();
    this.viewer.show(shown.images, shown.places, shown.enlarge_at_most).then((now) => this.startClock(turn.trial, now)).then(() => this.report(turn.trial));
    if (given) this.draft.bringBack(given);
  }

  /** The case has been painted: start the time. */
  startClock(trial, now) {
    if (this.onScreen !== trial) return;
    this.watch = new Stopwatch(now, document.hidden || this.screen !== "case");
    this.root.dataset.shown = trial;
  }

  /** Tell Python that the case has been painted, with the facts about the display if they are new. */
  report(trial) {
    if (this.onScreen !== trial) return;
    const display = displayFacts(this.page.look());
    const isNews = !this.sight || !isSameDisplay(this.sight.display, display);
    if (isNews) this.sight = { display, ramp: this.ramp };
    this.talk.tell({ do: "shown", trial, facts: isNews ? this.sight : null });
    this.memory.keepSitting(this.sight);
  }

  /** After a practice case: show the right answer, with the images still visible. */
  showFeedback(feedback) {
    this.clear();
    this.marking.aim(false);
    this.question.tell(feedback);
    this.bar.tools.undo.disabled = !this.turn.can_undo;
    this.viewer.name(feedback.places, feedback.flagged);
    this.turnTo("case");
  }

  // ---- what the reader does

  /** Act on Enter, or the button for it. */
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
    this.screens.turn(true);
  }

  submit() {
    this.touch();
    const { active, idle } = this.watch;
    this.screens.worked += active;
    const times = { active_ms: Math.round(active), idle_ms: Math.round(idle) };
    this.talk.ask({ do: "answer", trial: this.onScreen, submission: randomHex(), ...this.draft.answer, ...times });
  }

  tool(name) {
    return toolButton(this.texts, name, (event) => {
      this.act(name);
      if (event.detail && !this.help.isOpen) this.focus();
    });
  }

  act(name) {
    this.tools[name]();
  }

  get mayUndo() {
    return this.turn?.can_undo && !this.talk.waiting && ["case", "break", "end"].includes(this.screen);
  }

  /** Show which tools are on. */
  showTools() {
    const { view, only, isMoved, magnifier } = this.viewer;
    this.bar.press({
      native: view.native, smooth: view.smooth, invert: view.inverted, swap: view.swapped,
      link: only === null, move: Boolean(isMoved), magnify: magnifier.isHeld,
    });
  }
}

export default {
  render({ model, el }) {
    const room = new Room(model, el);
    return () => room.leave();
  },
};
