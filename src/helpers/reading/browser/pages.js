// The pages of text before, between and after the cases.

import { fill, make } from "./dom.js";
import { ENTER } from "./question.js";

/** The brightness ramp: eleven grey steps, with squares of 5 % in black and 95 % in white, after SMPTE and TG18-QC. */
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

/** Pages of text with buttons. `primary` is pressed by Enter; a button with data-key by its key. */
export class Pages {
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

  /** A button that chooses one of the answers in `chosen[name]`; `after` is then called. */
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
    const parts = turn.parts.map(({ question, about }) => make("p", {}, make("strong", {}, question), make("br"), about));
    const so_far = turn.answered ? fill(texts.so_far, { answered: turn.answered, total: turn.total_all }) : "";
    this.put(texts.start_title, make("p", {}, fill(texts.start_lead, { total: turn.total_all })),
      make("div.rr-columns", {},
        make("div", {}, make("h2", {}, texts.parts_title), parts, make("p", {}, turn.practice_all ? texts.start_practice : "")),
        make("div", {}, make("h2", {}, texts.keys_title), make("dl", {}, keys))),
      make("div.rr-begin", {}, this.primary(turn.answered ? texts.continue : texts.start, begin), make("span", {}, so_far)));
  }

  /** The brightness ramp, with facts about the display; calls `seen` with what the reader sees: { dark, bright }, each
   * true or false. */
  ramp(facts, seen) {
    const { texts } = this;
    const chosen = {};
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

  part({ question, about }, begin) {
    this.put(this.texts.part_title, make("p", {}, make("strong", {}, question)), make("p", {}, about),
      make("div.rr-begin", {}, this.primary(this.texts.next_page, begin)));
  }

  /** A break: offered, with a button that takes it, or taken. */
  pause(progress, goOn, take, undo) {
    const { texts } = this;
    const [title, lead] = take ? [texts.offer_title, texts.offer_lead] : [texts.break_title, texts.break_lead];
    this.put(title, make("p", {}, lead), make("p.rr-progress", {}, progress), make("div.rr-begin", {},
      this.primary(texts.continue, goOn), take ? this.secondary(texts.take_break, texts.pause[1], take) : [], undo));
  }

  notice(title, lead, buttons = []) {
    this.put(title, make("p", {}, lead), make("div.rr-begin", {}, buttons));
  }
}
