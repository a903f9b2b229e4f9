/** What can be done to a picture, how far, and what that is called; the ranges are those of the paper's figure 5. */

/** @import { Lens } from '../../lens.js' */
/** @import { Transformation } from '../../../pkg/cpu/zfnet_web.js' */
/**
 * @typedef {object} Move
 * @property {readonly number[]} parameters pixels down, times, degrees counter-clockwise
 * @property {number} still the place of the parameter that leaves the picture as it is
 * @property {readonly number[]} marks of the axis
 */

/** @param {number} first @param {number} last @param {number} count */
function evenly(first, last, count) {
  const step = (last - first) / (count - 1);
  // To three digits, so that the address and the tables hold 1.15 and not what adding up makes of it.
  return Array.from({ length: count }, (_, at) => Math.round((first + at * step) * 1000) / 1000);
}

/** @type {Readonly<Record<Transformation, Move>>} */
export const MOVES = Object.freeze({
  translation: { parameters: evenly(-60, 60, 25), still: 12, marks: [-60, -30, 0, 30, 60] },
  scale: { parameters: evenly(1, 1.8, 17), still: 0, marks: [1, 1.2, 1.4, 1.6, 1.8] },
  rotation: { parameters: evenly(0, 350, 36), still: 0, marks: [0, 90, 180, 270, 350] },
});

export const TRANSFORMATIONS = /** @type {const} */ (['translation', 'scale', 'rotation']);

/** @param {Lens} lens @param {Transformation} transformation @param {number} at place among the parameters */
export function moveBy(lens, transformation, at) {
  const { t } = lens.words;
  const { parameters, still } = MOVES[transformation];
  const value = parameters[at] ?? 0;
  if (at === still) return t('moveStill');
  if (transformation === 'translation' && value < 0) return t('moveBy-up', { value: -value });
  return t(`moveBy-${transformation}`, { value });
}

/** The place of the parameter nearest to a word of the address. @param {Transformation} transformation @param {string | undefined} word */
export function placeOf(transformation, word) {
  const { parameters, still } = MOVES[transformation];
  const value = word === undefined ? NaN : Number(word);
  if (!Number.isFinite(value)) return still;
  const gaps = parameters.map((parameter) => Math.abs(parameter - value));
  return gaps.indexOf(Math.min(...gaps));
}
