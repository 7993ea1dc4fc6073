// Communication with Python: one request at a time, kept until it is answered. A reply is a turn or a trouble.

import { randomHex } from "./dom.js";

const LOCATION = "reading-room-location";
const REPLY_WITHIN_MS = 12000;
const SAVING_AFTER_MS = 150; // shorter waits are not reported

/** A random name stored by this browser, to detect one access code in two places; without storage, this page's. */
function locationName() {
  const name = randomHex();
  try {
    localStorage.setItem(LOCATION, localStorage.getItem(LOCATION) ?? name);
    return localStorage.getItem(LOCATION);
  } catch {
    return name;
  }
}

/** `on` has a function for each event: asked, saving, case, turn, trouble. */
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

  /** Send a message that needs no reply. */
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

  /** Ask for the state of the session. */
  open() {
    this.ask(this.opening);
  }

  /** Send the last request once more. */
  askAgain() {
    this.ask(this.waiting ?? this.opening);
  }

  /** After the connection is back, open the session again, then resend the unanswered request. */
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
