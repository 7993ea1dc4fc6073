// A round magnifier that shows the same spot of every image twice as large while it is on.

import { make } from "./dom.js";

const ACROSS = 240; // CSS pixels
const TIMES = 2; // factor on the current size of the images

export class Magnifier {
  constructor() {
    this.isHeld = false;
    this.glasses = [];
  }

  /** Show every pane's image around a spot (x and y as fractions of the image), or nothing. */
  place(panes, view, [u, v]) {
    this.glasses.forEach((glass) => glass.remove());
    this.glasses = this.isHeld ? panes.map((pane) => pane.element.appendChild(this.glassOver(pane, view, u, v))) : [];
  }

  glassOver(pane, view, u, v) {
    const size = Math.round(ACROSS * devicePixelRatio);
    const { scale, left, top } = pane.layOut(view);
    const { image } = pane;
    const glass = make("canvas.rr-glass", { width: size, height: size, "aria-hidden": "true" });
    const context = glass.getContext("2d", { alpha: false });
    context.imageSmoothingEnabled = view.smooth;
    const large = scale * TIMES;
    const [x, y] = [u * image.width, v * image.height].map((spot) => Math.round(size / 2 - spot * large));
    context.drawImage(image.film, x, y, image.width * large, image.height * large);
    Object.assign(glass.style, {
      width: `${ACROSS}px`, height: `${ACROSS}px`,
      left: `${(left + u * scale * image.width) / devicePixelRatio}px`, top: `${(top + v * scale * image.height) / devicePixelRatio}px`,
    });
    return glass;
  }
}
