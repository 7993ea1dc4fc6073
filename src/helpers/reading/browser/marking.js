// The tool that marks: asked for, used once, then the mouse is for the window again.

export class Marking {
  constructor(texts, viewer, question) {
    Object.assign(this, { texts, viewer, question });
  }

  /** Begin to mark, stop it, or take the mark away. */
  press() {
    if (!this.question.takesMark) return;
    if (!this.viewer.mark) return this.aim(!this.viewer.isAimed);
    this.viewer.setMark(null);
    this.show();
  }

  aim(isAimed) {
    this.viewer.aim(isAimed);
    this.question.say(isAimed ? this.texts.how_to_mark : "");
    this.show();
  }

  /** Show on the tool what it does next; where the answer has nothing to show there is no mark. */
  show() {
    const { question, viewer } = this;
    if (!question.takesMark) {
      viewer.setMark(null);
      viewer.aim(false);
    }
    question.markTool.firstChild.textContent = viewer.mark ? this.texts.unmark : this.texts.mark[0];
    question.markTool.setAttribute("aria-pressed", Boolean(viewer.isAimed));
  }
}
