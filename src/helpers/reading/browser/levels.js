// Conversion of stored pixels to the greys of a canvas.

import { make } from "./dom.js";

/** Grey shown for each stored level (DICOM LINEAR_EXACT), written into `shown`, one entry per level. */
export function lookUp(window, level, inverted, shown) {
  for (let stored = 0; stored < shown.length; stored++) {
    const grey = ((stored - level) / window + 0.5) * 255;
    shown[stored] = inverted ? 255 - grey : grey;
  }
  return shown;
}

/** Stored pixels from the received bytes: 8 bit, or 16 bit with the low byte first, as on the browser's machine. */
export function storedPixels({ buffer, byteOffset, byteLength }, bits) {
  if (bits === 8) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength)); // must start at an even byte
}

/** Converts grey levels to canvas colours, in arrays that are created once. */
export class Darkroom {
  constructor(levels) {
    Object.assign(this, { levels, greys: new Uint8ClampedArray(levels), colours: new Uint32Array(levels), set: "" });
  }

  /** Draw an image ({ width, height, pixels }) onto its film, an off-screen canvas, unless this is done already. */
  develop(image, { window, level, inverted }) {
    const wanted = [window, level, inverted].join();
    if (image.developed === wanted) return;
    if (this.set !== wanted) this.mix(window, level, inverted, wanted);
    const [{ pixels }, target, colours] = [image, this.tray(image), this.colours];
    for (let i = 0; i < target.length; i++) target[i] = colours[pixels[i]];
    image.film ??= make("canvas", { width: image.width, height: image.height });
    image.film.getContext("2d", { alpha: false }).putImageData(this.data, 0, 0);
    image.developed = wanted;
  }

  mix(window, level, inverted, wanted) {
    lookUp(window, level, inverted, this.greys);
    for (let i = 0; i < this.levels; i++) this.colours[i] = (0xff000000 | (this.greys[i] * 0x10101)) >>> 0;
    this.set = wanted;
  }

  /** The pixels of one image as 32-bit numbers; images of the same size share the memory. */
  tray({ width, height }) {
    if (this.data?.width !== width || this.data.height !== height) {
      this.data = new ImageData(width, height);
      this.target = new Uint32Array(this.data.data.buffer);
    }
    return this.target;
  }
}
