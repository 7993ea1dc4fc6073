// A drawing whose marks can be clicked, or chosen by Tab and Enter.

import { make, painted } from "./dom.js";

class Picture {
  constructor(model) {
    this.model = model;
    this.title = make("h4");
    this.flag = make("span.ex-flag", { hidden: "" });
    this.body = make("div.ex-drawing", { click: (event) => this.pick(event), keydown: (event) => this.press(event) });
    this.note = make("p");
    this.element = make("figure.ex-picture", { "data-lm-suppress-shortcuts": "true" }, make("figcaption", {}, this.title, this.flag), this.body, this.note);
    this.hear = (message) => this[`on_${message.is}`]?.(message);
    model.on("msg:custom", this.hear);
    model.send({ do: "open" });
  }

  async on_drawing({ svg, title, note, flag }) {
    this.body.innerHTML = svg; // written by the kernel, with every text in it escaped
    this.title.textContent = title;
    this.flag.textContent = flag;
    this.flag.hidden = !flag;
    this.note.textContent = note;
    await painted();
    this.element.setAttribute("data-drawn", Number(this.element.getAttribute("data-drawn") ?? 0) + 1);
  }

  on_trouble({ text }) {
    this.note.textContent = text;
  }

  pick(event) {
    const mark = event.target.closest("[data-pick]");
    if (!mark) return;
    this.body.querySelector(".ex-picked")?.classList.remove("ex-picked");
    mark.classList.add("ex-picked");
    this.model.send({ do: "pick", pick: Number(mark.dataset.pick) });
  }

  press(event) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    this.pick(event);
  }
}

export default {
  render({ model, el }) {
    const picture = new Picture(model);
    el.append(picture.element);
    return () => model.off("msg:custom", picture.hear);
  },
};
