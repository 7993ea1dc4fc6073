// How long a case has been viewed, and how long the rest will take.

import { fill } from "./dom.js";

const IDLE_AFTER_MS = 60000; // after longer without mouse, key or visibility, the reader is considered away

/** Active and idle milliseconds since `now` on a monotonic clock; a hidden case is idle, and so is a long pause. */
export class Stopwatch {
  constructor(now, hidden = false) {
    Object.assign(this, { last: now, hidden, active: 0, idle: 0 });
  }
  touch(now, hidden = this.hidden) {
    const span = Math.max(0, now - this.last);
    const active = this.hidden ? 0 : Math.min(span, IDLE_AFTER_MS);
    this.active += active;
    this.idle += span - active;
    Object.assign(this, { last: now, hidden });
  }
}

/** How long something takes, in words. */
export function timeInWords(texts, seconds) {
  if (seconds < 60) return texts.left_seconds;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return fill(texts.left_minutes, { minutes });
  return fill(texts.left_hours, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
