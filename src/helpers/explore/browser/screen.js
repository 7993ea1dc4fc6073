// Images on the reading room's viewer: window by dragging, zoom by the wheel.

import { make } from "./dom.js";
import { IMAGE_KEYS, pressOnImages, toldKeys } from "./image_keys.js";
import { storedPixels } from "./levels.js";
import { Viewer } from "./viewer.js";
import { VIEWER_TEXTS } from "./words.js";

class Screen {
  constructor(model) {
    this.viewer = new Viewer(VIEWER_TEXTS, { onPaint() {}, onMark() {} });
    this.told = make("p", { "aria-live": "polite" });
    this.element = make("div.ex.ex-screen", {
      tabindex: 0, role: "region", "aria-label": "Images", "data-lm-suppress-shortcuts": "true", keydown: (event) => this.press(event),
    }, this.viewer.element, this.told, toldKeys(IMAGE_KEYS));
    this.hear = (message, buffers) => this[`on_${message.is}`]?.(message, buffers);
    model.on("msg:custom", this.hear);
    model.send({ do: "open" });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // JupyterLab has shortcuts on the same keys
    if (pressOnImages(this.viewer, event)) event.preventDefault();
  }

  /** Show images; window and zoom stay as they are while images of one size follow each other. */
  async on_images({ names, told, width, height, bits }, buffers) {
    this.told.textContent = told;
    if (!buffers.length) return;
    const { windows } = this.viewer;
    const { inverted, zoom, native, x, y } = this.viewer.view;
    const before = this.viewer.panes.length ? this.viewer.panes[0].image.width : null;
    const bytes = buffers.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    const painted = this.viewer.show(bytes.map((own) => ({ width, height, levels: 2 ** bits, pixels: storedPixels(own, bits) })), names);
    if (before === width) {
      this.viewer.setWindows(() => windows[0]);
      this.viewer.change({ inverted, zoom, native, x, y });
    }
    await painted;
    this.element.setAttribute("data-shown", Number(this.element.getAttribute("data-shown") ?? 0) + 1);
  }

  on_trouble({ text }) {
    this.told.textContent = text;
  }
}

export default {
  render({ model, el }) {
    const screen = new Screen(model);
    el.append(screen.element);
    return () => { model.off("msg:custom", screen.hear); screen.viewer.observer.disconnect(); };
  },
};
