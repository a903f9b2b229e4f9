/** Attributions as colours: how much each place counts, or what speaks for and against, over the photograph. */

/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Attribution } from '../../../pkg/cpu/zfnet_web.js' */

/** Signed numbers about mid grey. @param {Attribution} found @param {number} scale drawn as full white @returns {Picture} */
export function signs({ values, shape: [channels, rows, cols] }, scale) {
  const plane = rows * cols;
  const rgba = new Uint8ClampedArray(4 * plane);
  for (let at = 0; at < plane; at++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[(channels === 3 ? channel : 0) * plane + at] ?? 0;
      rgba[4 * at + channel] = 127.5 + (scale > 0 ? (127.5 * value) / scale : 0);
    }
    rgba[4 * at + 3] = 255;
  }
  return { width: cols, height: rows, rgba };
}

/**
 * A picture over the photograph, of its size.
 * @param {Picture} photograph
 * @param {Picture} picture
 * @param {number} opacity 0: the photograph alone; 1: the picture alone
 * @returns {Picture}
 */
export function over(photograph, { width, height, rgba }, opacity) {
  const mixed = Uint8ClampedArray.from(
    rgba,
    (value, at) => (photograph.rgba[at] ?? 0) * (1 - opacity) + value * opacity,
  );
  return { width, height, rgba: mixed };
}
