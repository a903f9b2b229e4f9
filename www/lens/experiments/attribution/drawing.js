/** Attributions as colours: how much each place counts, or what speaks for and against, over the photograph. */
import { VIRIDIS } from '../../export.js';

/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Attribution } from '../../../pkg/cpu/zfnet_web.js' */

const STEPS = 256;
const TABLE = table();

/** The colours of the bar below the pictures, step by step. */
function table() {
  const stops = VIRIDIS.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  const colours = new Uint8ClampedArray(3 * STEPS);
  for (let step = 0; step < STEPS; step++) {
    const at = (step / (STEPS - 1)) * (stops.length - 1);
    const low = stops[Math.floor(at)] ?? [];
    const high = stops[Math.ceil(at)] ?? [];
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [low[channel] ?? 0, high[channel] ?? 0];
      colours[3 * step + channel] = from + (to - from) * (at % 1);
    }
  }
  return colours;
}

/** @param {Float32Array} values row by row @param {[number, number]} size rows and columns @param {number} scale drawn brightest @returns {Picture} */
export function heat(values, [rows, cols], scale) {
  const rgba = new Uint8ClampedArray(4 * rows * cols);
  for (let at = 0; at < values.length; at++) {
    const share = scale > 0 ? Math.min(1, Math.max(0, (values[at] ?? 0) / scale)) : 0;
    const step = 3 * Math.round(share * (STEPS - 1));
    rgba.set(TABLE.subarray(step, step + 3), 4 * at);
    rgba[4 * at + 3] = 255;
  }
  return { width: cols, height: rows, rgba };
}

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
