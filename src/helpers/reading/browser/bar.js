// The bar above the images: the current case, the reader's progress, and the tools.

import { fill, make } from "./dom.js";
import { timeInWords } from "./times.js";
import { OF_SEVERAL, TOOLS } from "./tools.js";

export class Bar {
  constructor(texts, tool) {
    this.texts = texts;
    this.place = make("span.rr-place", { "aria-live": "polite" });
    this.practice = make("span.rr-practice", { hidden: "" }, texts.practice);
    this.done = make("div.rr-done", { role: "progressbar", "aria-label": texts.progress, "aria-valuemin": 0 }, make("i"));
    this.left = make("span.rr-left");
    this.tools = Object.fromEntries(TOOLS.map((name) => [name, tool(name)]));
    this.element = make("header.rr-bar", {}, this.place, this.practice, this.done, this.left,
      make("nav", {}, Object.values(this.tools)));
  }

  /** Show the state of the session; tools for several images appear only with them. */
  put(turn, isSeveral) {
    const { texts } = this;
    for (const name of OF_SEVERAL) this.tools[name].hidden = !isSeveral;
    this.place.textContent = fill(turn.is_practice ? texts.practice_of : texts.case_of, turn);
    this.practice.hidden = !turn.is_practice;
    this.done.firstChild.style.width = `${(100 * turn.answered) / turn.total_all}%`;
    this.done.setAttribute("aria-valuenow", turn.answered);
    this.done.setAttribute("aria-valuemax", turn.total_all);
    this.left.textContent = turn.seconds_left === null ? "" : timeInWords(texts, turn.seconds_left);
    this.tools.undo.disabled = !turn.can_undo;
  }

  /** Show which tools are on: { name: whether it is on }. */
  press(tools) {
    for (const [name, isOn] of Object.entries(tools)) this.tools[name].setAttribute("aria-pressed", isOn);
  }
}
