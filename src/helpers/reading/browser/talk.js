// The talk with Python: one request at a time, kept until it is replied to. A reply is a turn or a trouble.

import { randomHex } from "./dom.js";

const LOCATION = "reading-room-location";
const REPLY_WITHIN_MS = 12000;
const SAVING_AFTER_MS = 150; // what takes less is not worth saying

/** A random name that this browser keeps, so that one access code in two places is noticed; without a store, this page's. */
function locationName() {
  const name = randomHex();
  try {
    localStorage.setItem(LOCATION, localStorage.getItem(LOCATION) ?? name);
    return localStorage.getItem(LOCATION);
  } catch {
    return name;
  }
}

/** `on` has a function for each thing that happens: asked, saving, case, turn, trouble. */
export class Talk {
  constructor(model, on) {
    Object.assign(this, { model, on, waiting: null, unanswered: null, opening: { do: "open", location: locationName() } });
    this.listener = (message, buffers) => this.receive(message, buffers);
    model.on("msg:custom", this.listener);
  }

  end() {
    this.model.off("msg:custom", this.listener);
    this.stopWaiting();
  }

  stopWaiting() {
    clearTimeout(this.silence);
    clearTimeout(this.saving);
  }

  /** Say something that needs no reply. */
  tell(message) {
    this.model.send(message);
  }

  /** Send a request that must be replied to. */
  ask(request) {
    this.stopWaiting();
    this.waiting = request;
    this.on.asked();
    if (request.do === "answer") this.saving = setTimeout(this.on.saving, SAVING_AFTER_MS);
    this.silence = setTimeout(() => this.on.trouble("trouble_silent"), REPLY_WITHIN_MS);
    this.model.send(request);
  }

  /** Ask where the session stands. */
  open() {
    this.ask(this.opening);
  }

  /** Send the last request once more. */
  askAgain() {
    this.ask(this.waiting ?? this.opening);
  }

  /** The connection is back: say who is there, then send again what was not replied to. */
  comeBack() {
    this.unanswered = this.waiting?.do === "open" ? null : this.waiting;
    this.ask(this.opening);
  }

  receive(message, buffers) {
    if (message.is === "case") return this.on.case(message, buffers);
    if (message.is === "back") return this.comeBack();
    this.stopWaiting();
    if (message.is === "trouble") return this.on.trouble(message.text);
    const asked = this.waiting?.do;
    this.waiting = null;
    if (this.unanswered) {
      const request = this.unanswered;
      this.unanswered = null;
      return this.ask(request);
    }
    this.on.turn(message, asked);
  }
}
