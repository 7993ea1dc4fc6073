// The door: asks for an access code until a valid one is given.

import { make } from "./dom.js";

/** A request that sends an object as JSON. */
export const asJson = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** Ask for the code under a title, and call `enter` once it is accepted; `why`: the reason for asking again. */
export function showDoor(texts, title, enter, why = "") {
  document.documentElement.lang = texts.language;
  document.title = title;
  const field = make("input", { type: "password", autocomplete: "off", "aria-label": texts.door_code, placeholder: texts.door_code });
  const notice = make("p", { role: "alert" }, why);
  const submit = async (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (!code) return;
    const state = await fetch("door", asJson({ code })).then((reply) => reply.status).catch(() => 0);
    if (state === 204) return enter(texts);
    notice.textContent = texts[{ 403: "door_unknown", 429: "door_wait" }[state] ?? "door_closed"];
    field.focus();
  };
  document.body.replaceChildren(make("main", {}, make("form.door", { submit }, make("h1", {}, title), field,
    make("button", { type: "submit" }, texts.door_enter), notice)));
  field.focus();
}
