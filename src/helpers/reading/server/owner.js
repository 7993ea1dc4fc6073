// The owner's page: its door, the table of readers, which is kept up to date, and the owner's actions.

import { make } from "./dom.js";
import { asJson, showDoor } from "./door.js";

const EVERY_MS = 4000;
const OF_READER = ["invite", "close", "reopen"], OF_ALL = ["close_all", "export", "verify", "log"];
const ASKED_FIRST = ["invite", "close", "reopen", "close_all", "export"]; // they change something or take long
const WITH_REASON = ["close", "reopen"];

/** The page of an owner or monitor who has entered. */
class Page {
  constructor(state) {
    this.texts = state.texts;
    this.mayAct = state.may_act;
    document.documentElement.lang = this.texts.language;
    document.title = this.texts.title;
    this.trouble = make("p.trouble", { role: "status" });
    this.body = make("tbody");
    this.said = make("pre", { role: "status", tabindex: "0", "aria-label": this.texts.title });
    this.told = make("section.told", { hidden: "" }, this.said,
      make("button", { type: "button", click: () => window.print() }, this.texts.print),
      make("button", { type: "button", click: () => this.tell() }, this.texts.hide));
    this.dialog = make("dialog", { "aria-labelledby": "asks" });
    const who = `${state.name} · ${this.texts.role[state.role]}`;
    const tools = this.mayAct ? OF_ALL.map((what) => this.button(what)) : [];
    document.body.replaceChildren(make("main", {}, make("header", {}, make("h1", {}, this.texts.title), make("p", {}, who)),
      make("nav", { "aria-label": this.texts.actions }, tools), this.trouble, this.told, this.table(), this.dialog));
    this.show(state);
    this.poll();
  }

  table() {
    const names = [...Object.values(this.texts.columns), ...(this.mayAct ? [this.texts.actions] : [])];
    const heads = names.map((name) => make("th", { scope: "col" }, name));
    return make("table", {}, make("caption", {}, this.texts.readers), make("thead", {}, make("tr", {}, heads)), this.body);
  }

  async poll() {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    await this.look();
    this.poll();
  }

  async look() {
    const reply = await fetch("state").catch(() => null);
    if (reply?.status === 403) return location.reload(); // the ticket is no longer valid
    this.trouble.textContent = reply?.ok ? "" : this.texts.lost;
    if (reply?.ok) this.show(await reply.json());
  }

  /** The rows, redrawn only if something has changed; the focus stays where it is. */
  show({ readers }) {
    const news = JSON.stringify(readers);
    if (news === this.shown) return;
    this.shown = news;
    const at = document.activeElement?.dataset.key;
    this.body.replaceChildren(...readers.map((row) => this.row(row)));
    if (at) [...this.body.querySelectorAll("button")].find((button) => button.dataset.key === at)?.focus();
  }

  row(row) {
    const { yes, no, states, simulated, two_places } = this.texts;
    const done = make("progress", { value: row.answered, max: row.total, "aria-label": `${row.reader}: ${this.texts.columns.answered}` });
    const state = [states[row.state], row.kind === "simulated" ? ` (${simulated})` : ""];
    const places = row.two_places ? make("em", {}, `${two_places}: ${moment(row.two_places)}`) : "";
    const cells = [[state, places], [done, ` ${row.answered}\u00a0/\u00a0${row.total}`], row.median_seconds?.toFixed(1) ?? "–",
      row.last_activity ? moment(row.last_activity) : "–", row.counts === "yes" ? yes : no, row.here ? yes : no];
    const buttons = this.mayAct ? [make("td", {}, OF_READER.map((what) => this.button(what, row.reader)))] : [];
    return make("tr", {}, make("th", { scope: "row" }, row.reader), cells.map((cell) => make("td", {}, cell)), buttons);
  }

  button(what, reader) {
    const name = { "data-key": `${what} ${reader ?? ""}`, ...(reader && { "aria-label": `${this.texts[what]}: ${reader}` }) };
    const click = () => (ASKED_FIRST.includes(what) ? this.ask(what, reader) : this.act({ do: what }));
    return make("button", { type: "button", ...name, click }, this.texts[what]);
  }

  /** Ask for confirmation and the reason before an action. */
  ask(what, reader) {
    const title = reader ? `${this.texts[what]}: ${reader}` : this.texts[what];
    const reason = make("input", { maxlength: "1000", ...(what === "reopen" && { required: "" }) });
    const go = (event) => {
      event.preventDefault();
      this.dialog.close();
      this.act({ do: what, ...(reader && { reader, reason: reason.value.toWellFormed() }) });
    };
    this.dialog.replaceChildren(make("form", { submit: go }, make("h2", { id: "asks" }, title),
      make("p", {}, this.texts[`${what}_about`]), WITH_REASON.includes(what) ? make("label", {}, this.texts.reason, reason) : [],
      make("button", { type: "submit" }, this.texts[what]),
      make("button", { type: "button", click: () => this.dialog.close() }, this.texts.cancel)));
    this.dialog.showModal();
  }

  async act(asked) {
    const reply = await fetch("do", asJson(asked)).catch(() => null);
    if (reply?.status === 403) return location.reload();
    const { said, file, name } = reply && [200, 409].includes(reply.status) ? await reply.json() : { said: "" };
    this.tell([this.texts[asked.do], reply?.ok ? this.texts.done : this.texts.failed, said]);
    if (file) save(file, name);
    await this.look();
  }

  /** Show the request, its outcome and the output of the command; without arguments, hide them. */
  tell([what, end, text] = []) {
    this.said.textContent = what ? `${what}: ${end}\n\n${text}` : "";
    this.told.hidden = !what;
  }
}

const moment = (text) => new Date(text).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "medium" });

/** Let the browser save a file received in base64. */
function save(file, name) {
  const bytes = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0));
  const href = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

async function begin(texts) {
  const reply = await fetch("state");
  if (reply.ok) new Page(await reply.json());
  else showDoor(texts, texts.title, begin);
}

const door = await fetch("door").then((reply) => reply.json());
if (door.open) begin(door.texts);
else showDoor(door.texts, door.texts.title, begin);
