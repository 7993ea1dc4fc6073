// Helpers for elements, texts, random names, and the time at which something has been painted.

/** A text with its {placeholders} filled in. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Make an element: tag with classes ("button.key"), attributes (functions become listeners), children. */
export function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity));
  return element;
}

/** Resolves when the drawing is on the screen, with the time of the browser's clock. */
export function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel(); // its message is handled right after the frame
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(null);
  }));
}

const hex = (byte) => byte.toString(16).padStart(2, "0");

/** 128 random bits in hexadecimal digits. */
export const randomHex = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join("");
