// Keys that change how images are shown, as in the reading room: window, zoom, invert, reset.

import { make } from "./dom.js";
import { ARROWS } from "./marks.js";
import { PRESETS } from "./windows.js";

export const IMAGE_KEYS = [["drag, Shift + arrows", "window"], ["6 to 9", "presets"], ["wheel, + −", "zoom"], ["I", "invert"], ["R", "reset"]];
const GREY_STEPS = 400; // for an arrow's way of 1
const CLOSER = 1.25; // times

/** Do what a key does to a viewer's images; false where it does nothing. */
export function pressOnImages(viewer, event) {
  const { key } = event;
  if (event.shiftKey && ARROWS[key]) viewer.windowBy(...ARROWS[key].map((way) => GREY_STEPS * way));
  else if (key in PRESETS) viewer.preset(key);
  else if (key === "+" || key === "=") viewer.zoomBy(CLOSER);
  else if (key === "-") viewer.zoomBy(1 / CLOSER);
  else if (key === "i") viewer.change({ inverted: !viewer.view.inverted });
  else if (key === "r") viewer.reset();
  else return false;
  return true;
}

/** A line that tells keys: [[key, what it does]]. */
export const toldKeys = (keys) => make("p.ex-keys", {}, keys.map(([key, does]) => make("span", {}, make("kbd", {}, key), ` ${does}`)));
