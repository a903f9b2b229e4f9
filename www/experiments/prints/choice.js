/**
 * Which units of a layer tell most of a photograph. Nothing is asked of the engine: a look knows the strongest unit of every
 * map.
 */
/** @import { LayerInfo, Picture, Strongest } from '../../engine/protocol.js' */
/** @import { Known } from './table.js' */

/** So many of a layer, the first and its runner-ups. */
const MOST = 5;
/** Nearer than this share of a receptive field, and of the photograph, two units are at one place. */
const APART = { field: 0.4, picture: 0.1 };
/** What an answer counts whose map's nine have nothing in common, beside 1 for nine of one class. */
const UNSELECTIVE = 0.35;

/**
 * @param {Strongest[]} strongest the strongest unit of every map
 * @param {Pick<LayerInfo, 'field'>} info
 * @param {number} size of the network's input
 * @param {Known | null} of what the training set tells
 * @returns {Strongest[]} the most telling first
 */
export function choose(strongest, { field }, size, of) {
  const highest = Math.max(...strongest.map(({ activation }) => activation));
  const rated = strongest
    .filter(({ activation }) => activation > 0)
    .map((unit) => {
      const middle = [0, 1].map((axis) => middleOf(field, axis, axis === 0 ? unit.row : unit.col));
      const seen = [0, 1].map((axis) => shareSeen(middle[axis] ?? 0, field.size[axis] ?? 1, size));
      const inside = (seen[0] ?? 0) * (seen[1] ?? 0);
      return { unit, middle, inside, rating: ratingOf(unit, highest, of) };
    })
    // Whatever is cut by the border comes after all that is not.
    .sort((a, b) => Number(b.inside === 1) - Number(a.inside === 1) || b.rating * b.inside - a.rating * a.inside);
  const apart = [0, 1].map((axis) => Math.max(APART.field * (field.size[axis] ?? 1), APART.picture * size));
  /** @type {typeof rated} */
  const chosen = [];
  for (const one of rated) {
    if (chosen.length === MOST) break;
    const isNear = (/** @type {typeof one} */ { middle }) =>
      [0, 1].every((axis) => Math.abs((middle[axis] ?? 0) - (one.middle[axis] ?? 0)) < (apart[axis] ?? 0));
    if (!chosen.some(isNear)) chosen.push(one);
  }
  return chosen.map(({ unit }) => unit);
}

/** @param {Strongest} unit @param {number} highest answer of the layer @param {Known | null} of */
function ratingOf({ map, activation }, highest, of) {
  const strongest = of?.strongest[map];
  const alike = Number(of?.alike[map]);
  if (!strongest || !alike) return activation / highest;
  const selective = (alike - 1) / 8;
  return Math.min(1, activation / strongest) * (UNSELECTIVE + (1 - UNSELECTIVE) * selective);
}

/** So far from mid grey a pixel of a projection tells something. */
const LIT = 40;
/** A whole map shows more where it lights so many times the pixels of its strongest unit, and yet not the whole photograph. */
const MORE = { times: 1.8, share: 0.25 };

/** Whether a whole map's projection shows more than that of its strongest unit. @param {Picture} unit @param {Picture} whole */
export function showsMore(unit, whole) {
  const lit = litOf(whole);
  return lit >= MORE.times * litOf(unit) && lit <= MORE.share * whole.width * whole.height;
}

/** How many pixels are lit. @param {Picture} picture */
function litOf({ rgba }) {
  let count = 0;
  for (let at = 0; at < rgba.length; at += 4)
    if ([0, 1, 2].some((channel) => Math.abs((rgba[at + channel] ?? 128) - 128) > LIT)) count++;
  return count;
}

/** Where on the input a unit's receptive field has its middle. @param {LayerInfo['field']} field @param {number} axis @param {number} at */
function middleOf({ size, stride, offset }, axis, at) {
  return (offset[axis] ?? 0) + (stride[axis] ?? 1) * at + (size[axis] ?? 1) / 2;
}

/** How much of a field lies on the input, along one side; 1: all that could. @param {number} middle @param {number} field @param {number} size */
function shareSeen(middle, field, size) {
  const seen = Math.min(size, middle + field / 2) - Math.max(0, middle - field / 2);
  return Math.max(0, seen) / Math.min(field, size);
}
