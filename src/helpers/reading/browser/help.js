// The list of all keys and gestures, shown over the current screen.

import { make } from "./dom.js";

export class Help {
  constructor(texts, closed) {
    this.closed = closed;
    const rows = [...texts.keys, ...texts.more_keys].map(([key, what]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)));
    this.button = make("button.rr-submit", { type: "button", click: () => this.toggle() }, texts.close, make("kbd", {}, "Esc"));
    this.element = make("div.rr-help", { role: "dialog", "aria-modal": "true", "aria-label": texts.help_title, hidden: "" },
      make("div", {}, make("h1", {}, texts.help_title), make("dl", {}, rows), this.button));
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle() {
    this.element.hidden = !this.element.hidden;
    if (this.isOpen) this.button.focus();
    else this.closed();
  }
}
