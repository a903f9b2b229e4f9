/** The part of a photograph that the network sees: as many pixels wide as its `size`, and as high as the aspect of the input asks for. */

/** @import { Crop } from '../engine/protocol.js' */
/** Rows and columns of what enters a network. @typedef {readonly [number, number]} InputSize */
/** @typedef {{ width: number, height: number }} Sides in pixels */

/** @param {Crop} crop @param {InputSize} inputSize */
export function partOf({ left, top, size }, [rows, cols]) {
  return { left, top, width: size, height: Math.max(1, Math.round((size * rows) / cols)) };
}

/** The width of the largest part that such a frame has room for. @param {Sides} frame @param {InputSize} inputSize */
export function widest({ width, height }, [rows, cols]) {
  // What rounds to the frame's height is no higher.
  return Math.min(width, Math.ceil(((height + 0.5) * cols) / rows) - 1);
}

/** A crop, if its part lies in a photograph. @param {Crop | null} crop @param {Sides} photo @param {InputSize} inputSize */
export function ifInside(crop, photo, inputSize) {
  if (!crop) return null;
  const { left, top, width, height } = partOf(crop, inputSize);
  const isInside = width > 0 && left >= 0 && top >= 0 && left + width <= photo.width && top + height <= photo.height;
  return isInside ? crop : null;
}

/** The nearest part that lies in a photograph. @param {Crop} wanted @param {Sides} photo @param {InputSize} inputSize @param {number} [least] width @returns {Crop} */
export function fitted(wanted, photo, inputSize, least = 1) {
  const most = widest(photo, inputSize);
  const size = Math.round(Math.max(Math.min(most, least), Math.min(most, wanted.size)));
  const { width, height } = partOf({ ...wanted, size }, inputSize);
  const within = (/** @type {number} */ at, /** @type {number} */ room) => Math.round(Math.max(0, Math.min(room, at)));
  return { left: within(wanted.left, photo.width - width), top: within(wanted.top, photo.height - height), size };
}
