/** Numbers as colours, those of the bars beside them. */
import { VIRIDIS } from '../export.js';

/** @import { Picture } from '../engine/protocol.js' */

const STOPS = VIRIDIS.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));

/** @param {number} share from 0 to 1 @returns {[number, number, number]} */
function viridis(share) {
  const at = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const low = STOPS[Math.floor(at)] ?? [];
  const high = STOPS[Math.ceil(at)] ?? [];
  const mix = (/** @type {number} */ channel) =>
    (low[channel] ?? 0) + ((high[channel] ?? 0) - (low[channel] ?? 0)) * (at % 1);
  return [mix(0), mix(1), mix(2)];
}

/**
 * A picture with a pixel for each number; what is not known is left open.
 * @param {ArrayLike<number | null | undefined>} values row by row
 * @param {number} cols
 * @param {number} top drawn brightest; zero is darkest
 * @returns {Picture}
 */
export function heat(values, cols, top) {
  return coloured(values, cols, (value) => viridis(top > 0 ? value / top : 0));
}

/**
 * @param {ArrayLike<number | null | undefined>} values row by row
 * @param {number} cols
 * @param {(value: number) => readonly [number, number, number]} colour
 * @returns {Picture}
 */
export function coloured(values, cols, colour) {
  const rgba = new Uint8ClampedArray(4 * values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    rgba.set([...colour(value), 255], 4 * at);
  }
  return { width: cols, height: values.length / cols, rgba };
}
