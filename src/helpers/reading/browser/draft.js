// The answer as it stands on the screen, in terms of the images as they came: kept through a reload, and brought back.

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

  /** Whether something has been chosen that is not saved. */
  get isHalfMade() {
    const { onScreen, turn, question } = this.room;
    return Boolean(onScreen && onScreen === turn.trial && question.chosen && !question.isTold);
  }

  /** Keep what has been chosen, in case the page is loaded again. */
  keep() {
    this.room.memory.write("draft", this.isHalfMade ? { trial: this.room.onScreen, ...this.answer } : null);
  }

  /** What had been chosen for this trial, once; null where it was nothing. */
  take(trial) {
    const draft = this.room.memory.read("draft");
    this.room.memory.write("draft", null);
    return draft?.trial === trial ? draft : null;
  }

  /** Bring an answer back that was given before, or half of one. */
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
