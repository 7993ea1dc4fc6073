// The owner's view in a notebook: asks for updates as long as it is visible, and shows them.

import { make } from "./dom.js";

class Owner {
  constructor(model) {
    this.model = model;
    this.table = make("div");
    this.figure = make("img", { alt: "How far each reader is, how they answer, and how long they take", hidden: "" });
    this.told = make("p", { role: "status" });
    this.element = make("div.rr-owner", { "data-drawn": 0 }, this.table, this.figure, this.told);
    this.hear = (message, buffers) => this[`on_${message.is}`]?.(message, buffers);
    model.on("msg:custom", this.hear);
    this.ask();
  }

  ask() {
    if (document.hidden) return this.later(1);
    this.model.send({ do: "look", knows: Boolean(this.url) });
  }

  later(seconds) {
    this.timer = setTimeout(() => this.ask(), 1000 * seconds);
  }

  on_now({ html, next }, [view]) {
    this.later(next);
    this.table.innerHTML = html; // written by the kernel, with all text escaped
    URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(new Blob([view], { type: "image/png" }));
    this.figure.setAttribute("src", this.url);
    this.figure.removeAttribute("hidden");
    this.told.textContent = `As of ${new Date().toLocaleTimeString()}; redraws by itself.`;
    this.element.setAttribute("data-drawn", Number(this.element.getAttribute("data-drawn")) + 1);
  }

  on_same({ next }) {
    this.later(next);
  }

  on_trouble({ text, next }) {
    this.later(next);
    this.told.textContent = text;
  }

  remove() {
    clearTimeout(this.timer);
    URL.revokeObjectURL(this.url);
    this.model.off("msg:custom", this.hear);
  }
}

export default {
  render({ model, el }) {
    const owner = new Owner(model);
    el.append(owner.element);
    return () => owner.remove();
  },
};
