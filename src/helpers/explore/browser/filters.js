// The filters above the table: one fold for each category or range.

import { make } from "./dom.js";

/** How a filter's present choice is told on its fold. */
export function toldChoice(values, chosen) {
  if (!chosen?.length) return "all";
  const titles = values.filter(([key]) => chosen.includes(key)).map(([, title]) => title);
  return titles.length > 2 ? `${titles.length} of ${values.length}` : titles.join(", ");
}

export class Filters {
  constructor(onChange) {
    Object.assign(this, { onChange, chosen: {} });
    this.element = make("div.ex-filters", { role: "group", "aria-label": "Filters" });
    this.element.addEventListener("toggle", (event) => this.closeOthers(event.target), true);
  }

  /** categories: [name, title, [[key, title]]]; ranges: [name, title, low, high]; chosen: name -> keys, or [low, high]. */
  put(categories, ranges, chosen) {
    this.chosen = { ...chosen };
    const folds = categories.map((one) => this.category(...one)).concat(ranges.map((one) => this.range(...one)));
    const all = make("button.ex-button", { type: "button", click: () => this.clear() }, "Show all");
    const lasso = chosen.image ? [make("span.ex-lasso", {}, `${chosen.image} images chosen`)] : [];
    this.element.replaceChildren(...folds, ...lasso, all);
    this.given = { categories, ranges };
  }

  clear() {
    this.chosen = {};
    this.put(this.given.categories, this.given.ranges, {});
    this.onChange(this.chosen);
  }

  fold(name, title, told, body) {
    const value = make("b", {}, told);
    const fold = make("details.ex-filter", { "data-name": name }, make("summary", {}, `${title} `, value), make("div.ex-choices", {}, body));
    fold.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { fold.open = false; fold.firstChild.focus(); }
    });
    return { fold, value };
  }

  category(name, title, values) {
    const chosen = new Set(this.chosen[name] ?? []);
    const boxes = values.map(([key, text]) => {
      const box = make("input", { type: "checkbox", value: key });
      box.checked = chosen.has(key);
      box.addEventListener("change", () => {
        box.checked ? chosen.add(key) : chosen.delete(key);
        this.take(name, [...chosen], value, fold, values);
      });
      return make("label", {}, box, text);
    });
    const { fold, value } = this.fold(name, title, toldChoice(values, this.chosen[name]), boxes);
    fold.classList.toggle("ex-on", chosen.size > 0);
    return fold;
  }

  range(name, title, low, high) {
    const isShare = high <= 1;
    const [now, step] = [this.chosen[name] ?? [low, high], isShare ? 0.01 : 1];
    const ends = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
    const told = ([from, to]) => (isShare ? `${Math.round(100 * from)}–${Math.round(100 * to)} %` : `${Math.round(from)}–${Math.round(to)}`);
    const inputs = ["from", "to"].map((word, i) => {
      const input = make("input", { type: "range", min: ends[0], max: ends[1], step, "aria-label": `${title}, ${word}` });
      input.value = i ? Math.ceil(now[i] / step) * step : Math.floor(now[i] / step) * step;
      input.addEventListener("input", () => {
        const range = inputs.map(({ firstChild }) => Number(firstChild.value)).sort((a, b) => a - b);
        value.textContent = told(range);
        const isAll = range[0] <= low && range[1] >= high;
        this.chosen[name] = isAll ? [] : range;
        fold.classList.toggle("ex-on", !isAll);
        this.onChange(this.chosen);
      });
      return make("label", {}, input, word);
    });
    const { fold, value } = this.fold(name, title, this.chosen[name]?.length ? told(now) : "all", inputs);
    fold.classList.toggle("ex-on", Boolean(this.chosen[name]?.length));
    return fold;
  }

  take(name, keys, value, fold, values) {
    this.chosen[name] = keys;
    value.textContent = toldChoice(values, keys);
    fold.classList.toggle("ex-on", keys.length > 0);
    this.onChange(this.chosen);
  }

  closeOthers(opened) {
    if (!opened.open) return;
    for (const fold of this.element.querySelectorAll("details[open]")) if (fold !== opened) fold.open = false;
  }
}
