// The reader's marks. One of them may be chosen, to be moved, stretched or removed.

import { carriedMark, isAtMark, movedMark, stretchedMark } from "./marks.js";

export const MARKS_LIMIT = 20; // of one answer

export class MarkList {
  constructor() {
    this.set([]);
  }

  /** Set these marks, each { place, index of its image }; the last one is chosen. */
  set(all, chosen = all.length - 1) {
    Object.assign(this, { all, chosen });
  }

  get isFull() {
    return this.all.length >= MARKS_LIMIT;
  }

  /** Make the next mark a new one. */
  beginAnother() {
    this.chosen = -1;
  }

  /** End marking: if no mark is chosen, choose the last one. */
  end() {
    if (this.chosen < 0) this.chosen = this.all.length - 1;
  }

  /** Put the chosen mark at a place, or a new one if none is chosen; without a place, remove the chosen one. */
  put(place, index) {
    if (!place) return this.chosen < 0 || this.remove(), this.beginAnother();
    if (this.chosen < 0) this.set([...this.all, { place, index }]);
    else this.set(this.all.with(this.chosen, { place, index }), this.chosen);
  }

  /** Remove the chosen mark. */
  remove() {
    this.set(this.all.filter((_, number) => number !== this.chosen));
  }

  chooseNext() {
    this.chosen = this.all.length ? (this.chosen + 1) % this.all.length : -1;
  }

  /** Choose the mark whose edge lies within `reach` of a spot on an image; returns its place, or null if none does. */
  pick(index, spot, reach) {
    const number = this.all.findLastIndex((mark) => mark.index === index && isAtMark(mark.place, spot, reach));
    if (number < 0) return null;
    this.chosen = number;
    return this.all[number].place;
  }

  /** Move the chosen mark, which was at `place` before, by fractions of the image. */
  carry(place, by) {
    this.put(carriedMark(place, by), this.all[this.chosen].index);
  }

  /** Move the chosen mark by a step, or stretch it; if none is chosen, put one in the middle of the first image. */
  nudge(step, isStretched, layout) {
    if (this.chosen < 0) return this.put([0.5, 0.5, 0, 0], 0);
    const { place, index } = this.all[this.chosen];
    if (isStretched) return this.put(stretchedMark(place, step), index);
    const moved = movedMark(place, index, layout, step);
    this.put(moved.place, moved.index);
  }
}
