// What the reading room's viewer says of its images, for views that have no reader's language.

export const VIEWER_TEXTS = {
  language: "en", window: "W {window}  L {level}", pixels: "{width} × {height} pixels, ", scale_native: "one for each pixel of the display",
  scale_enlarged: "enlarged {times} times", scale_reduced: "reduced to {percent} %", scale_same: "at their own size",
};
