// What each key does. Keys of answers are numbers; those of reasons and tools are letters of the reader's language.

import { ARROWS } from "./marks.js";
import { ON_PAGES, TOOLS } from "./tools.js";
import { PRESETS } from "./windows.js";

const SIGNS = ["?", "+"]; // are on number keys on some keyboards
const ZOOMS = { "+": 1.25, "=": 1.25, PageUp: 1.25, "-": 0.8, PageDown: 0.8 };
const REMOVES = ["Delete", "Backspace"];
const MOVE = 3000, WINDOW = 400; // CSS pixels and grey steps, for an arrow step of 1

/** The intended key, on any keyboard: a number by its position in the row, a letter by its label if that is Latin,
 * otherwise by its position. */
export function keyOf({ key = "", code = "" }) {
  if (SIGNS.includes(key)) return key;
  const number = code.match(/^(?:Digit|Numpad)([0-9])$/);
  if (number) return number[1];
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  const letter = key.length === 1 && /[^\u0000-\u024f]/.test(key) && code.match(/^Key([A-Z])$/);
  if (letter) return letter[1];
  return key.length === 1 ? key.toUpperCase() : key;
}

export class Keys {
  constructor(room) {
    this.room = room;
  }

  press(event) {
    const { room } = this;
    room.touch();
    event.stopPropagation(); // JupyterLab has shortcuts on the same keys
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || room.tooSmall) return;
    const key = keyOf(event);
    if (room.help.isOpen) return this.inHelp(event, key);
    if (event.target === room.question.note) return this.pressInNote(event);
    if (this.does(event, key)) event.preventDefault();
  }

  /** A key is released: hide the magnifier if it was its key. */
  release(event) {
    event.stopPropagation();
    if (this.held && event.code === this.held) {
      this.held = null;
      this.room.viewer.magnify(false);
    }
  }

  /** Carry out a key's action; false if it has none here. */
  does(event, key) {
    const { room } = this;
    if (key === "Enter") return this.enter(event);
    if (key === room.texts.help[1]) return room.act("help"), true;
    if (room.screen !== "case") return this.onPage(key);
    return ARROWS[key] ? this.arrow(key, event.shiftKey) : this.onCase(key, event);
  }

  enter({ target, repeat }) {
    const { room } = this;
    if (target.matches("button:not([role])")) return false; // it presses that button
    if (room.viewer.isAimed) room.marking.aim(false);
    else if (!repeat) room.enter();
    return true;
  }

  inHelp(event, key) {
    const { help } = this.room;
    if (key === "Escape" || key === this.room.texts.help[1]) help.toggle();
    else if (key === "Enter" || key === " ") return; // it presses the button
    event.preventDefault();
  }

  pressInNote(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    this.room.focus();
  }

  /** Carry out a key's action on a page; false if it has none. */
  onPage(key) {
    const button = this.room.pages.element.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const tool = this.toolOf(key);
    if (button) button.click();
    else if (ON_PAGES.includes(tool)) this.room.act(tool);
    return Boolean(button || tool);
  }

  /** Arrows move a mark during marking, otherwise the images; with Shift they stretch the mark or change the window. */
  arrow(key, isShift) {
    const { viewer } = this.room;
    const [dx, dy] = ARROWS[key];
    if (viewer.isAimed) viewer.nudge(ARROWS[key], isShift);
    else if (isShift) viewer.windowBy(WINDOW * dx, WINDOW * dy);
    else viewer.moveBy(-MOVE * dx, -MOVE * dy);
    return true;
  }

  /** Carry out a key's action while a case is shown; false if it has none. */
  onCase(key, event) {
    const { room } = this;
    const { viewer } = room;
    const tool = this.toolOf(key);
    if (tool === "magnify") return this.magnify(event);
    if (tool) return room.act(tool), true;
    if (key in PRESETS) return viewer.preset(key), true;
    if (key in ZOOMS) return viewer.zoomBy(ZOOMS[key]), true;
    if (key === "Escape" && viewer.isAimed) return room.marking.aim(false), true;
    if (key === " " && viewer.isAimed) return viewer.mark((marks) => marks.chooseNext()), true;
    if (REMOVES.includes(key)) return room.act("unmark"), true;
    return !room.talk.waiting && !room.question.isTold && this.choose(key);
  }

  magnify({ code, repeat }) {
    if (!repeat) this.room.viewer.magnify(true);
    this.held = code;
    return true;
  }

  toolOf(key) {
    return [...TOOLS, "mark"].find((name) => this.room.texts[name][1] === key);
  }

  choose(key) {
    const { question, texts } = this.room;
    const cue = Object.keys(texts.cues).find((name) => texts.cues[name][1] === key);
    if (!cue) return /^[1-9]$/.test(key) && question.choose(Number(key) - 1);
    question.reason(cue);
    if (cue === "other" && question.cues.includes("other")) question.note.focus({ preventScroll: true });
    return true;
  }
}
