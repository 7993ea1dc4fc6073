// What this tab remembers through a reload: a half-made answer, and the sitting with its look at the display.

import { isSameDisplay } from "./display.js";

const SITTING_LASTS_MS = 4 * 3600 * 1000; // since the last case

/** Of one reader, whose seat it is. Where the browser keeps nothing, nothing is remembered. */
export class Memory {
  constructor(seat) {
    this.seat = seat;
  }

  /** What was kept under a name, or null. */
  read(what) {
    try {
      return JSON.parse(sessionStorage.getItem(`reading-room-${what}-${this.seat}`));
    } catch {
      return null;
    }
  }

  /** Keep something, or nothing (null), under a name. */
  write(what, value) {
    try {
      sessionStorage.setItem(`reading-room-${what}-${this.seat}`, JSON.stringify(value));
    } catch {
      // a browser that keeps nothing: the reader begins anew after a reload
    }
  }

  /** Keep what was told of the display in this sitting: { display, ramp }. */
  keepSitting(sight) {
    this.write("sitting", { sight, at: Date.now() });
  }

  /** What was told of this display, where the sitting still goes on; otherwise null. */
  sitting(display) {
    const { sight, at } = this.read("sitting") ?? {};
    return sight && Date.now() - at < SITTING_LASTS_MS && isSameDisplay(sight.display, display) ? sight : null;
  }
}
