/** Numbers as colours, those of the bars beside them. */

/** @import { Picture } from '../engine/protocol.js' */

const VIRIDIS = ['440154', '482878', '3e4a89', '31688e', '26828e', '1f9e89', '35b779', '6ece58', 'b5de2b', 'fde725'];
const STOPS = VIRIDIS.map((colour) => [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16)));

/** So many colours that steps between them are not seen, which is faster than to mix each anew. */
const STEPS = 256;
const TABLE = Uint8ClampedArray.from({ length: 3 * STEPS }, (_, index) => {
  const at = (Math.floor(index / 3) / (STEPS - 1)) * (STOPS.length - 1);
  const [low = 0, high = 0] = [Math.floor(at), Math.ceil(at)].map((stop) => STOPS[stop]?.[index % 3]);
  return low + (high - low) * (at % 1);
});

/**
 * A picture with a pixel for each number; what is not known is left open.
 * @param {ArrayLike<number | null | undefined>} values row by row
 * @param {number} cols
 * @param {number} top drawn brightest; zero is darkest
 * @returns {Picture}
 */
export function heat(values, cols, top) {
  return coloured(values, cols, (value) => {
    const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
    const step = 3 * Math.round(share * (STEPS - 1));
    return TABLE.subarray(step, step + 3);
  });
}

/**
 * @param {ArrayLike<number | null | undefined>} values row by row
 * @param {number} cols
 * @param {(value: number) => ArrayLike<number>} colour
 * @returns {Picture}
 */
export function coloured(values, cols, colour) {
  const rgba = new Uint8ClampedArray(4 * values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    rgba.set(colour(value), 4 * at);
    rgba[4 * at + 3] = 255;
  }
  return { width: cols, height: values.length / cols, rgba };
}
