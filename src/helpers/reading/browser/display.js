// What a browser can tell about its display, and whether something else has changed the page.

import { make } from "./dom.js";

/** What others have changed on the room's page: "colours" if an extension or a setting inverts or filters them,
 * "text" if a translator has changed it. */
export function alterationsOf(room) {
  const found = [];
  const { dataset, classList } = document.documentElement;
  let isFiltered = "darkreaderMode" in dataset || matchMedia("(inverted-colors: inverted)").matches;
  const canvas = room.querySelector("canvas");
  for (let element = canvas ?? room; element; element = element.parentElement) isFiltered ||= getComputedStyle(element).filter !== "none";
  if (isFiltered) found.push("colours");
  const isTranslated = [...classList].some((name) => name.startsWith("translated-"));
  if (isTranslated || room.querySelector("font, [_msttexthash]")) found.push("text");
  return found;
}

/** Facts about the display that may affect what is seen; `altered` as from `alterationsOf`. */
export function displayFacts(altered) {
  return {
    window: [innerWidth, innerHeight],
    screen: [screen.width, screen.height],
    device_pixel_ratio: devicePixelRatio,
    colour_depth: screen.colorDepth,
    altered,
  };
}

/** Whether two sets of facts are of one display; the size of the window may differ. */
export function isSameDisplay(one, other) {
  const [a, b] = [one, other].map((facts) => JSON.stringify({ ...facts, window: null }));
  return a === b;
}

/** Calls `changed` whenever the pixel ratio changes, even without a change of size, until `signal` aborts. */
export function watchRatio(changed, signal) {
  const again = () => {
    if (signal.aborted) return;
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => { changed(); again(); }, { once: true, signal });
  };
  again();
}

/** A line over the bar that warns of what others have changed on the page, until the reader has read it. */
export class PageWatch {
  constructor(texts, room) {
    Object.assign(this, { texts, room, read: "" });
    this.element = make("div.rr-line.rr-warning", { role: "alert", hidden: "" });
    this.observer = new MutationObserver(() => this.look());
    this.observer.observe(document.documentElement, { attributes: true });
    this.observer.observe(document.body, { attributes: true });
    this.observer.observe(document.head, { childList: true });
  }

  /** Check whether there is something to warn of; returns what has been altered. */
  look() {
    const altered = alterationsOf(this.room);
    this.warn(altered);
    return altered;
  }

  warn(altered) {
    const names = altered.join();
    this.element.hidden = !names || names === this.read;
    if (this.element.hidden || names === this.shown) return;
    this.shown = names;
    const click = () => { this.read = names; this.element.hidden = true; this.room.focus({ preventScroll: true }); };
    this.element.replaceChildren(make("span", {}, altered.map((name) => this.texts[`altered_${name}`]).join(" ")),
      make("button.rr-tool", { type: "button", click }, this.texts.understood));
  }
}
