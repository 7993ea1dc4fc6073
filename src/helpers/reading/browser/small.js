// The notice that blocks phones and windows in which too little of a chest is visible, until there is enough space.

import { fill, make } from "./dom.js";

const SMALLEST = { width: 760, height: 480 }; // of the room, in CSS pixels
const PHONE_BELOW = 600; // CSS pixels of a screen's shorter side

export class SmallNotice {
  constructor(texts) {
    this.texts = texts;
    this.element = make("section.rr-small", { role: "alert", hidden: "" });
  }

  /** Show the notice if a room of this size is too small; returns whether it is. */
  measure({ width, height }) {
    const isPhone = Math.min(screen.width, screen.height) < PHONE_BELOW;
    const isSmall = isPhone || width < SMALLEST.width || height < SMALLEST.height;
    const lead = this.texts[isPhone ? "small_phone" : "small_lead"];
    const values = { ...SMALLEST, now: `${Math.round(width)} × ${Math.round(height)}` };
    this.element.replaceChildren(make("h1", {}, this.texts.small_title), make("p", {}, fill(lead, values)));
    this.element.hidden = !isSmall;
    return isSmall;
  }
}
