// Windows of images: the stored levels over which the greys of the display are spread.

/** The window that shows every stored level: width and middle. */
export function fullWindow(levels) {
  return { window: levels - 1, level: (levels - 1) / 2 };
}

/** Shares of an image's pixels that limit the levels of a preset, by its key; null: every level. Shares rather than
 * the lowest and highest level in use, which would reveal how an image was stored, something no eye can see. */
export const PRESETS = { 6: [0.01, 0.99], 7: [0.01, 0.55], 8: [0.45, 0.995], 9: null };

/** Number of pixels of an image at each level; counted once. */
function countsOf(image) {
  if (!image.counts) {
    image.counts = new Uint32Array(image.levels);
    for (const pixel of image.pixels) image.counts[pixel]++;
  }
  return image.counts;
}

/** The lowest level at or below which at least this share of an image's pixels lies. */
export function levelAt(image, share) {
  const counts = countsOf(image);
  const wanted = share * image.pixels.length;
  let level = 0;
  for (let passed = counts[0]; passed < wanted && level < counts.length - 1; passed += counts[level]) level++;
  return level;
}

/** The window of a preset that suits all these images. */
export function presetWindow(images, shares) {
  if (!shares) return fullWindow(images[0].levels);
  const [low, high] = [Math.min, Math.max].map((outer, end) => outer(...images.map((image) => levelAt(image, shares[end]))));
  const width = Math.max(2 * (images[0].levels / 256), high - low);
  return { window: width, level: (low + high) / 2 };
}

/** A window made wider and higher by steps of 1/256 of the levels, within useful limits. */
export function movedWindow({ window, level }, dx, dy, levels) {
  const step = levels / 256; // the same feel for both depths
  return {
    window: Math.min(1024 * step, Math.max(2 * step, window + dx * step)),
    level: Math.min(400 * step, Math.max(-145 * step, level + dy * step)),
  };
}
