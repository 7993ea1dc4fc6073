// The reading room's viewer, with marks of all readers and outlines of findings over its images.

import { make } from "./dom.js";
import { Viewer } from "./viewer.js";

/** Which pixels of a mask (bytes, size x size) lie at its edge: inside, with a neighbour outside. */
export function edgeOf(mask, size) {
  const at = (x, y) => x >= 0 && y >= 0 && x < size && y < size && mask[y * size + x];
  return Array.from(mask, (inside, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    return Boolean(inside && !(at(x - 1, y) && at(x + 1, y) && at(x, y - 1) && at(x, y + 1)));
  });
}

/** A canvas with the edge of a mask in one colour. */
function outline(mask, size, [red, green, blue]) {
  const canvas = make("canvas.ex-mask", { width: size, height: size });
  const data = new ImageData(size, size);
  edgeOf(mask, size).forEach((isEdge, i) => isEdge && data.data.set([red, green, blue, 255], 4 * i));
  canvas.getContext("2d").putImageData(data, 0, 0);
  return canvas;
}

export class MarkedViewer extends Viewer {
  /** Lay over every image what was put there, at the image's place and size. */
  placeMarks() {
    for (const pane of this.panes) {
      pane.over ??= pane.element.appendChild(make("div.ex-over"));
      const { scale, left, top } = pane.layOut(this.view);
      const pixels = (value) => `${value / devicePixelRatio}px`;
      Object.assign(pane.over.style, { left: pixels(left), top: pixels(top), width: pixels(scale * pane.image.width), height: pixels(scale * pane.image.height) });
    }
  }

  clearOver() {
    this.panes.forEach((pane) => pane.over?.replaceChildren());
  }

  /** A reader's mark: { image, place: [x, y, width, height] } as fractions; `isChosen`: of the answer that is looked at. */
  addMark({ image, place: [x, y, width, height] }, name, isChosen) {
    const percent = (share) => `${100 * share}%`;
    const mark = make("div.ex-mark", {}, make("span", {}, name));
    mark.classList.toggle("ex-point", !width);
    mark.classList.toggle("ex-chosen", isChosen);
    Object.assign(mark.style, { left: percent(x), top: percent(y), width: width ? percent(width) : "", height: height ? percent(height) : "" });
    this.panes[image]?.over?.append(mark);
  }

  addMask(index, mask, size, colour) {
    this.panes[index]?.over?.append(outline(mask, size, colour));
  }

  /** Show marks and outlines, or the images alone. */
  showOver(isShown) {
    this.element.classList.toggle("ex-bare", !isShown);
  }
}
