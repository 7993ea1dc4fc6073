// The answer on the screen, in terms of the original order of the images: kept across a reload and restored.

export class Draft {
  constructor(room) {
    this.room = room;
  }

  /** What has been chosen, and the marks. */
  get answer() {
    const { question, viewer } = this.room;
    const [main, ...others] = viewer.marks.all.map(({ place, index }) => ({ mark: place, mark_image: viewer.placeOf(index) }));
    return { ...question.answer, ...(main ?? { mark: null, mark_image: null }), more_marks: others, swapped: viewer.view.swapped };
  }

  /** Whether something chosen has not been saved. */
  get isHalfMade() {
    const { onScreen, turn, question } = this.room;
    return Boolean(onScreen && onScreen === turn.trial && question.chosen && !question.isTold);
  }

  /** Store what has been chosen, in case the page is reloaded. */
  keep() {
    this.room.memory.write("draft", this.isHalfMade ? { trial: this.room.onScreen, ...this.answer } : null);
  }

  /** What had been chosen for this trial, returned once; null if nothing. */
  take(trial) {
    const draft = this.room.memory.read("draft");
    this.room.memory.write("draft", null);
    return draft?.trial === trial ? draft : null;
  }

  /** Restore an answer given before, or an unfinished one. */
  bringBack(given) {
    const { question, viewer, marking } = this.room;
    question.fill(given);
    const marked = given.mark ? [given, ...(given.more_marks ?? [])] : [];
    viewer.mark((marks) => marks.set(marked.map(({ mark, mark_image }) => ({ place: mark, index: mark_image ?? 0 }))));
    marking.show();
    if (given.swapped) this.swap();
  }

  /** Show the images in the opposite order; the answer and the marks go with them. */
  swap() {
    const { question, viewer, texts } = this.room;
    viewer.swap();
    question.mirror();
    question.say(viewer.view.swapped ? texts.swapped : "");
  }
}
