// Where many points lie: which is nearest, which are inside a lasso, which pixels one covers.

const CELLS = 64; // of the grid in which points are looked up, along each side

/** Whether a place lies inside a polygon of [x, y], by the even-odd rule. */
export function isInside([x, y], polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [polygon[i], polygon[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Where the pixels of a disc lie from its middle, in an image of a width. */
export function discOf(reach, width) {
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const inside = steps.flatMap((y) => steps.filter((x) => x * x + y * y <= (reach + 0.4) ** 2).map((x) => y * width + x));
  return Int32Array.from(inside);
}

export class Grid {
  /** Points (x and y in turn, 0..1) by the cell that they lie in. */
  constructor(places) {
    this.places = places;
    this.cells = new Map();
    for (let i = 0; i < places.length / 2; i++) {
      const cell = this.cell(places[2 * i], places[2 * i + 1]);
      if (this.cells.has(cell)) this.cells.get(cell).push(i);
      else this.cells.set(cell, [i]);
    }
  }

  cell(x, y) {
    const at = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));
    return at(x) * CELLS + at(y);
  }

  /** The point nearest to a place within a distance; -1 where there is none. */
  nearest(x, y, reach) {
    let [found, least] = [-1, reach * reach];
    const steps = Math.ceil(reach * CELLS);
    for (let i = -steps; i <= steps; i++) {
      for (let j = -steps; j <= steps; j++) {
        for (const point of this.cells.get(this.cell(x + i / CELLS, y + j / CELLS)) ?? []) {
          const far = (this.places[2 * point] - x) ** 2 + (this.places[2 * point + 1] - y) ** 2;
          if (far < least) [found, least] = [point, far];
        }
      }
    }
    return found;
  }
}
