// The panel below the images: one question, its answers, the reasons, a note; nothing is preselected.

import { fill, make } from "./dom.js";

const READ_FEEDBACK_MS = 600; // minimum display time of feedback, so that a key pressed twice does not skip it
export const ENTER = "↵";

/** Reasons after one more press, the main one first: a new one is added, an added one becomes main, the main one goes. */
export function pressReason(cues, cue) {
  if (!cues.includes(cue)) return [...cues, cue];
  const others = cues.filter((other) => other !== cue);
  return cues[0] === cue ? others : [cue, ...others];
}

/** A text without half characters, such as an emoji cut off at the length limit of a field. */
export const whole = (text) => text.replace(/\p{Surrogate}/gu, "");

/** Asks a question and holds what is chosen: one of its answers, and reasons if that answer requires them. */
export class Question {
  constructor(texts, { submit, tool, changed }) {
    Object.assign(this, { texts, changed, answers: [] });
    this.title = make("h2.rr-question");
    this.hint = make("div.rr-hint", { role: "status", "aria-live": "polite" });
    this.scale = make("div.rr-scale", { role: "radiogroup" });
    this.reasons = make("div.rr-cues", { role: "group", "aria-label": texts.cue_question });
    this.note = make("input.rr-note", { type: "text", maxlength: 2000, placeholder: texts.note, "aria-label": texts.note });
    this.markTool = tool("mark");
    this.unmarkTool = tool("unmark");
    this.submitButton = make("button.rr-submit", { type: "button", click: submit });
    this.element = make("section.rr-panel", {},
      make("div.rr-asked", {}, this.title, this.hint, make("div.rr-keys-off", {}, texts.click_for_keys)),
      make("div.rr-row", {}, this.scale, this.submitButton),
      make("div.rr-row.rr-why", {}, this.reasons, this.markTool, this.unmarkTool, this.note));
  }

  /** Ask a question, with nothing chosen. */
  put({ question, answers }) {
    const { texts } = this;
    Object.assign(this, { answers, chosen: null, cues: [], isMirrored: false });
    this.title.textContent = question;
    this.scale.setAttribute("aria-label", question);
    this.scale.replaceChildren(...answers.map(({ label }, index) =>
      this.choice("radio", label, index + 1, () => this.choose(index))));
    this.reasons.replaceChildren(make("span.rr-label", {}, texts.cue_question), ...Object.entries(texts.cues).map(
      ([cue, [label, key]]) => this.choice("checkbox", label, key, () => this.reason(cue))));
    this.note.value = "";
    this.element.classList.remove("rr-told");
    this.element.classList.toggle("rr-no-why", !answers.some((answer) => answer.takes_mark));
    this.element.classList.toggle("rr-mark-only", !answers.some((answer) => answer.asks_why));
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

  /** Choose an answer by its number from 0; false if there is none. */
  choose(index) {
    if (!this.answers[index]) return false;
    this.chosen = this.answers[index];
    if (!this.asksWhy) this.cues = [];
    this.say("");
    this.refresh();
    return true;
  }

  reason(cue) {
    if (!this.asksWhy) return;
    this.cues = pressReason(this.cues, cue);
    this.say(this.cues.length > 1 ? this.texts.several_cues : "");
    this.refresh();
  }

  /** Whether the chosen answer requires a reason. */
  get asksWhy() {
    return Boolean(this.chosen?.asks_why);
  }

  /** Whether the chosen answer may carry a mark. */
  get takesMark() {
    return Boolean(this.chosen?.takes_mark);
  }

  /** What must still be chosen, in words, or null. */
  get missing() {
    if (!this.chosen) return fill(this.texts.choose_answer, { n: this.answers.length });
    return this.asksWhy && !this.cues.length ? this.texts.choose_cue : null;
  }

  /** What has been chosen, for the original order of the images: if they are swapped, the first answer is the last. */
  get answer() {
    const { cues } = this;
    return { rating: this.asCame(this.chosen).rating, cue: cues[0] ?? null, cues, note: whole(this.note.value).trim() || null };
  }

  asCame(answer) {
    return this.isMirrored ? this.opposite(answer) : answer;
  }

  opposite(answer) {
    return answer && this.answers[this.answers.length - 1 - this.answers.indexOf(answer)];
  }

  /** After the images have been swapped, swap what has been chosen too. */
  mirror() {
    this.isMirrored = !this.isMirrored;
    this.chosen = this.opposite(this.chosen);
    this.refresh();
  }

  /** Restore an answer, given for the original order of the images. */
  fill({ rating, cues, note }) {
    this.chosen = this.answers.find((answer) => answer.rating === rating) ?? null;
    this.cues = this.asksWhy ? cues : [];
    this.note.value = note ?? "";
    this.refresh();
  }

  /** Update the display to what is chosen. */
  refresh() {
    const { answers, chosen, cues, asksWhy, takesMark, texts } = this;
    const names = Object.keys(texts.cues);
    this.element.classList.toggle("rr-takes-mark", takesMark);
    [...this.scale.children].forEach((button, index) => button.setAttribute("aria-checked", String(chosen === answers[index])));
    [...this.reasons.querySelectorAll("button")].forEach((button, index) => {
      const isMain = cues[0] === names[index];
      button.disabled = !asksWhy;
      button.setAttribute("aria-checked", String(cues.includes(names[index])));
      button.classList.toggle("rr-main", cues.length > 1 && isMain);
      button.setAttribute("aria-label", fill(isMain ? texts.main_cue : "{cue}", { cue: texts.cues[names[index]][0] }));
    });
    this.markTool.disabled = this.unmarkTool.disabled = !takesMark;
    this.note.disabled = !cues.length;
    if (!cues.length) this.note.value = "";
    this.submitButton.classList.toggle("rr-ready", !this.missing);
    this.changed();
  }

  /** Block the button for a while; it keeps the focus, so that keys still arrive here. */
  hold(isHeld) {
    clearTimeout(this.held);
    this.isHeld = isHeld;
    this.submitButton.setAttribute("aria-disabled", String(isHeld));
  }

  /** After a practice case, say what was right; the reader's own answer stays on the screen. */
  tell({ verdict, truth }) {
    this.element.classList.add("rr-told");
    this.title.textContent = `${verdict} ${truth}`;
    this.element.querySelectorAll(".rr-choice").forEach((button) => (button.disabled = true));
    this.markTool.disabled = this.unmarkTool.disabled = this.note.disabled = true;
    this.say("");
    this.submitButton.replaceChildren(this.texts.next_case, make("kbd", {}, ENTER));
    this.submitButton.classList.add("rr-ready");
    this.hold(true);
    this.held = setTimeout(() => this.hold(false), READ_FEEDBACK_MS);
  }

  get isTold() {
    return this.element.classList.contains("rr-told");
  }
}
