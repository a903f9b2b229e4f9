/** Pixels onto canvases. */

/** @import { Picture } from '../engine/protocol.js' */
/** @typedef {HTMLCanvasElement | OffscreenCanvas} AnyCanvas */

/** Below this many pixels a picture is shown as the squares that it is made of. */
const COARSE = 32;

/** @param {Picture} picture */
export function imageData({ rgba, width, height }) {
  return new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (rgba), width, height);
}

/**
 * Resizes the canvas only when it must, so that a thousand projections reuse one buffer.
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 */
export function paint(canvas, picture) {
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.classList.toggle('coarse', picture.width < COARSE);
  context(canvas).putImageData(imageData(picture), 0, 0);
  canvas.classList.remove('blank');
}

/** @param {HTMLCanvasElement} canvas */
export function context(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
}

/** @param {HTMLCanvasElement} canvas */
export function blank(canvas) {
  canvas.classList.add('blank');
  context(canvas).clearRect(0, 0, canvas.width, canvas.height);
}
