// A mark on an image: centre x and y, width and height, as fractions of the image; a point has no size.

const STEP = 0.02; // of the image, by which an arrow key moves or stretches the mark
export const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** Box between two corners; null if no part of it is inside the image. */
export function boxBetween(from, to) {
  const inside = (value) => Math.min(1, Math.max(0, value));
  const [x0, x1] = [inside(from[0]), inside(to[0])].sort((a, b) => a - b);
  const [y0, y1] = [inside(from[1]), inside(to[1])].sort((a, b) => a - b);
  return x1 > x0 && y1 > y0 ? [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0] : null;
}

/** Point as a mark; null outside the image. */
export function pointAt([x, y]) {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y, 0, 0] : null;
}

/** Whether a spot lies within `reach` (x and y, as fractions) of the edge of a mark, or of a point mark itself. */
export function isAtMark([x, y, width, height], [u, v], reach) {
  const [over, under] = [Math.abs(u - x) - width / 2, Math.abs(v - y) - height / 2]; // below 0 inside
  const isNear = over <= reach[0] && under <= reach[1];
  return isNear && (over >= -reach[0] || under >= -reach[1]);
}

/** A mark moved by fractions of the image, kept entirely inside. */
export function carriedMark([x, y, width, height], [dx, dy]) {
  const within = (value, size) => Math.min(1 - size / 2, Math.max(size / 2, value));
  return [within(x + dx, width), within(y + dy, height), width, height];
}

/** One coordinate of a mark of a given size, and whether it crosses an edge to the image before (-1) or after (1). */
function along(value, size, hasNeighbour) {
  const over = value < size / 2 - STEP / 2 ? -1 : value > 1 - size / 2 + STEP / 2 ? 1 : 0;
  if (over && hasNeighbour(over)) return [over < 0 ? 1 - size / 2 : size / 2, over];
  return [Math.min(1 - size / 2, Math.max(size / 2, value)), 0];
}

/** A mark moved by fractions of the image, and the number of its new image, of `count` images in `columns` columns. */
export function movedMark([x, y, width, height], index, { count, columns }, [dx, dy]) {
  const column = index % columns;
  const [toX, right] = along(x + dx, width, (over) => column + over >= 0 && column + over < columns);
  const [toY, down] = along(y + dy, height, (over) => index + over * columns >= 0 && index + over * columns < count);
  return { place: [toX, toY, width, height], index: index + right + down * columns };
}

/** A mark made larger or smaller about its centre; a point becomes a box, and a box that shrinks to nothing a point. */
export function stretchedMark([x, y, width, height], [dx, dy]) {
  const [wide, high] = [width || 2 * STEP, height || 2 * STEP].map((size, axis) => size + 2 * (width ? [dx, -dy][axis] : 0));
  if (Math.min(wide, high) < STEP) return [x, y, 0, 0];
  return boxBetween([x - wide / 2, y - high / 2], [x + wide / 2, y + high / 2]);
}
