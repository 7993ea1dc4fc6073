// The table of answers: a page of rows at a time, sorted by its headings, one row chosen.

import { make } from "./dom.js";

const NEAR_END = 200; // CSS pixels from the end at which more rows are asked for

export class List {
  constructor({ onChoose, onSort, onMore }) {
    Object.assign(this, { onChoose, onSort, onMore, total: 0, index: 0, asked: 0 });
    this.count = make("p.ex-count", { "aria-live": "polite" });
    this.head = make("thead");
    this.body = make("tbody", { click: (event) => this.click(event) });
    this.table = make("table.ex-table", {}, this.head, this.body);
    this.scroll = make("div.ex-scroll", { scroll: () => this.look() }, this.table);
    this.element = make("div.ex-list", {}, this.count, this.scroll);
  }

  /** columns: [name, title]; order: [name, falls]. */
  put(columns, order) {
    Object.assign(this, { columns, order });
    const cells = columns.map(([name, title]) => {
      const isOn = order[0] === name;
      const button = make("button", { type: "button", click: () => this.sort(name) }, title, make("i", {}, isOn ? (order[1] ? " ▼" : " ▲") : ""));
      return make("th", { "aria-sort": isOn ? (order[1] ? "descending" : "ascending") : "none", "data-name": name }, button);
    });
    this.head.replaceChildren(make("tr", {}, cells));
  }

  sort(name) {
    this.put(this.columns, [name, this.order[0] === name && !this.order[1]]);
    this.onSort(...this.order);
  }

  /** Rows from a place on; from 0 they replace those that are there. */
  add({ from, total, lines }) {
    this.total = total;
    if (from === 0) this.body.replaceChildren();
    else if (from !== this.body.children.length) return;
    this.asked = from + lines.length;
    this.body.append(...lines.map((line, i) => this.row(line, from + i)));
    this.count.textContent = total === 1 ? "1 answer" : `${total} answers`;
    this.mark();
  }

  row(line, index) {
    const cells = line.map((text, i) => make("td", { "data-name": this.columns[i][0], title: text }, text));
    return make("tr", { "data-index": index, "data-answer": line[this.columns.findIndex(([name]) => name === "answer")] ?? "" }, cells);
  }

  click(event) {
    const row = event.target.closest("tr");
    if (row) this.onChoose(Number(row.dataset.index));
  }

  choose(index) {
    this.index = index;
    this.mark();
  }

  mark() {
    this.body.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
    const row = this.body.children[this.index];
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    this.frame ??= requestAnimationFrame(() => this.reveal()); // asked for at once, the table would be laid out twice
  }

  /** Scroll to the chosen row where it is not seen. */
  reveal() {
    this.frame = null;
    const row = this.body.children[this.index];
    if (!row) return;
    const [top, bottom] = [row.offsetTop - this.head.offsetHeight, row.offsetTop + row.offsetHeight];
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (bottom > this.scroll.scrollTop + this.scroll.clientHeight) this.scroll.scrollTop = bottom - this.scroll.clientHeight;
  }

  look() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    const loaded = this.body.children.length;
    if (loaded >= this.total || this.asked > loaded || scrollTop + clientHeight < scrollHeight - NEAR_END) return;
    this.asked = loaded + 1;
    this.onMore(loaded);
  }
}
