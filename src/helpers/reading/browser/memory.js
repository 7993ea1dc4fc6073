// What this tab remembers across a reload: an unfinished answer, and the sitting with its display check.

import { isSameDisplay } from "./display.js";

const SITTING_LASTS_MS = 4 * 3600 * 1000; // since the last case

/** Memory of one reader, identified by `seat`. If the browser stores nothing, nothing is remembered. */
export class Memory {
  constructor(seat) {
    this.seat = seat;
  }

  /** What was stored under a name, or null. */
  read(what) {
    try {
      return JSON.parse(sessionStorage.getItem(`reading-room-${what}-${this.seat}`));
    } catch {
      return null;
    }
  }

  /** Store something, or nothing (null), under a name. */
  write(what, value) {
    try {
      sessionStorage.setItem(`reading-room-${what}-${this.seat}`, JSON.stringify(value));
    } catch {
      // a browser that stores nothing: the reader starts again after a reload
    }
  }

  /** Store what was reported about the display in this sitting: { display, ramp }. */
  keepSitting(sight) {
    this.write("sitting", { sight, at: Date.now() });
  }

  /** What was reported about this display, if the sitting still continues; otherwise null. */
  sitting(display) {
    const { sight, at } = this.read("sitting") ?? {};
    return sight && Date.now() - at < SITTING_LASTS_MS && isSameDisplay(sight.display, display) ? sight : null;
  }
}
