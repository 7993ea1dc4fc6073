// What each key does. Keys of answers are numbers; those of reasons and tools are letters of the reader's language.

import { TOOLS } from "./bar.js";
import { ARROWS } from "./marks.js";

const ON_PAGES = ["undo", "light", "fullscreen"]; // tools that are of use without images

export class Keys {
  constructor(room) {
    this.room = room;
  }

  press(event) {
    const { room } = this;
    room.touch();
    event.stopPropagation(); // JupyterLab has shortcuts on the same keys
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || room.tooSmall) return;
    if (event.target === room.question.note) return this.pressInNote(event);
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (room.viewer.isAimed && ARROWS[key]) {
      event.preventDefault();
      room.viewer.nudge(ARROWS[key], event.shiftKey);
    } else if (key === "Enter") {
      if (event.target.matches("button:not([role])")) return; // it presses that button
      event.preventDefault();
      if (room.viewer.isAimed) room.marking.aim(false);
      else if (!event.repeat) room.enter();
    } else if (room.screen === "case" ? this.onCase(key) : this.onPage(key)) event.preventDefault();
  }

  pressInNote(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    this.room.focus();
  }

  /** Do what a key stands for on a page; false where it stands for nothing. */
  onPage(key) {
    const button = this.room.pages.element.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const tool = this.toolOf(key);
    if (button) button.click();
    else if (ON_PAGES.includes(tool)) this.room.act(tool);
    return Boolean(button || tool);
  }

  /** Do what a key stands for while a case is shown; false where it stands for nothing. */
  onCase(key) {
    const { room } = this;
    const tool = this.toolOf(key);
    if (tool) return room.act(tool), true;
    if (key === "Escape" && room.viewer.isAimed) return room.marking.aim(false), true;
    return !room.talk.waiting && !room.question.isTold && this.choose(key);
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
