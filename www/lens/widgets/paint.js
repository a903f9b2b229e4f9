/** Pixels onto canvases. */

/** @import { Picture } from '../engine/protocol.js' */
/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

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
  canvas.classList.toggle('coarse', Math.min(picture.width, picture.height) < COARSE);
  context(canvas).putImageData(imageData(picture), 0, 0);
  canvas.classList.remove('blank');
}

/** Whether projections are drawn by their luminance alone. */
export let isGrey = false;

/** @param {boolean} wanted @returns {boolean} whether that is another way than before */
export function setGrey(wanted) {
  const before = isGrey;
  isGrey = wanted;
  return before !== wanted;
}

/** A projection in the colours of now. @param {Picture} picture @returns {Picture} */
export function inColours(picture) {
  if (!isGrey) return picture;
  const rgba = picture.rgba.slice();
  for (let at = 0; at < rgba.length; at += 4) {
    // Rec. 709; the weights sum to one, so what is mid grey stays so.
    const luminance = 0.2126 * (rgba[at] ?? 0) + 0.7152 * (rgba[at + 1] ?? 0) + 0.0722 * (rgba[at + 2] ?? 0);
    rgba[at] = rgba[at + 1] = rgba[at + 2] = Math.round(luminance);
  }
  return { ...picture, rgba };
}

/**
 * Brings projections that are drawn already into the colours of now.
 * @param {CanvasRenderingContext2D} pen @param {number} left @param {number} top @param {number} width @param {number} height
 */
export function recolour(pen, left, top, width, height) {
  if (!isGrey) return;
  const { data } = pen.getImageData(left, top, width, height);
  pen.putImageData(imageData(inColours({ rgba: data, width, height })), left, top);
}

/** What is on a canvas. @param {HTMLCanvasElement} canvas @returns {Picture} */
export function pictureOf(canvas) {
  const { width, height } = canvas;
  return { width, height, rgba: context(canvas).getImageData(0, 0, width, height).data };
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

/**
 * Where a picture lies in a box that it fills as far as its aspect allows, in the middle.
 * @param {{ width: number, height: number }} picture @param {Box} box
 * @returns {Box}
 */
export function within({ width, height }, box) {
  const scale = Math.min(box.width / width, box.height / height);
  const [wide, high] = [width * scale, height * scale];
  return { left: box.left + (box.width - wide) / 2, top: box.top + (box.height - high) / 2, width: wide, height: high };
}

/**
 * A picture in a square, as large as its aspect allows; one that is not there leaves the square grey.
 * @param {CanvasRenderingContext2D} pen @param {HTMLCanvasElement} picture @param {number} left @param {number} top @param {number} side
 * @returns {Box} where it lies
 */
export function place(pen, picture, left, top, side) {
  const square = { left, top, width: side, height: side };
  const box = picture.classList.contains('blank') ? square : within(picture, square);
  pen.fillStyle = '#808080';
  pen.fillRect(box.left, box.top, box.width, box.height);
  pen.imageSmoothingEnabled = !picture.classList.contains('coarse');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, box.left, box.top, box.width, box.height);
  return box;
}
