// Buttons other than answers: the tools of the bar, and those that mark.

import { make } from "./dom.js";

/** Tools in the order of the bar; those that mark are separate. */
export const TOOLS = [
  "undo", "move", "link", "swap", "automatic", "invert", "native", "smooth", "magnify", "reset", "pause", "light", "fullscreen", "help",
];
export const OF_SEVERAL = ["link", "swap"]; // useful only with several images
export const ON_PAGES = ["undo", "light", "fullscreen", "help"]; // useful without images

/** A button for a tool, whose name and key are in `texts`. */
export function toolButton(texts, name, click) {
  const [label, key] = texts[name];
  return make("button.rr-tool", { type: "button", "data-tool": name, title: `${label} (${key})`, click },
    make("span", {}, label), make("kbd", {}, key));
}

/** What each tool does, by its name. */
export function toolsOf(room) {
  const { viewer, root } = room;
  const isSeveral = () => viewer.panes.length > 1;
  return {
    undo: () => room.mayUndo && room.talk.ask({ do: "undo" }),
    pause: () => room.isReading && room.talk.ask({ do: "pause" }),
    mark: () => room.isReading && room.marking.press(),
    unmark: () => room.isReading && room.marking.remove(),
    swap: () => room.isReading && isSeveral() && room.draft.swap(),
    link: () => isSeveral() && viewer.link(),
    move: () => viewer.hold(!viewer.isMoved),
    automatic: () => viewer.preset("6"),
    invert: () => viewer.change({ inverted: !viewer.view.inverted }),
    native: () => viewer.change({ native: !viewer.view.native, zoom: 1, x: 0, y: 0 }),
    smooth: () => viewer.change({ smooth: !viewer.view.smooth }),
    magnify: () => viewer.magnify(!viewer.magnifier.isHeld),
    reset: () => viewer.reset(),
    light: () => room.bar.press({ light: root.classList.toggle("rr-light") }),
    fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
    help: () => room.help.toggle(),
  };
}
