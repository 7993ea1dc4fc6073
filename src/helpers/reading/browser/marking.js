// The tools for marks: one adds a mark, after which the mouse changes the window again; the other removes a mark.

import { fill } from "./dom.js";
import { MARKS_LIMIT } from "./mark_list.js";

export class Marking {
  constructor(texts, viewer, question) {
    Object.assign(this, { texts, viewer, question });
  }

  /** Start or stop marking. */
  press() {
    const { question, texts, viewer } = this;
    if (!question.takesMark) return;
    if (!viewer.isAimed && viewer.marks.isFull) return question.say(fill(texts.most_marks, { n: MARKS_LIMIT }));
    this.aim(!viewer.isAimed);
  }

  aim(isAimed) {
    this.viewer.aim(isAimed);
    this.question.say(isAimed ? this.texts.how_to_mark : "");
    this.show();
  }

  /** Remove the chosen mark, or the last one. */
  remove() {
    this.viewer.mark((marks) => { marks.end(); marks.remove(); });
    this.aim(false);
  }

  /** Show the available tools; remove marks if the answer takes none. */
  show() {
    const { question, viewer } = this;
    if (!question.takesMark) {
      viewer.aim(false);
      viewer.mark((marks) => marks.set([]));
    }
    question.markTool.setAttribute("aria-pressed", Boolean(viewer.isAimed));
    question.unmarkTool.hidden = !viewer.marks.all.length;
  }
}
