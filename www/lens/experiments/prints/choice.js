/**
 * Which units of a layer tell most of a photograph: first by what a look and the training set know of every map's strongest
 * unit, then by what its projection shows.
 */
/** @import { LayerInfo, Picture, Strongest } from '../../engine/protocol.js' */
/** @import { Known } from './table.js' */

/** @typedef {Strongest & { rating: number }} Choice */

/** So many of a layer, the first and its runner-ups. */
const MOST = 5;
/** Nearer than this share of a receptive field, and of the photograph, two units are at one place. */
const APART = { field: 0.4, picture: 0.1 };
/** What an answer counts whose map's nine have nothing in common, beside 1 for nine of one class. */
const UNSELECTIVE = 0.5;
/** What a unit counts whose receptive field the border cuts, beside 1. */
const CUT = 0.5;
/** What a projection counts that is mere colour, beside 1 for one of light and dark; and what share of light and dark is enough. */
const MERE = { colour: 0.35, enough: 0.5 };

/**
 * @param {Strongest[]} strongest the strongest unit of every map
 * @param {Pick<LayerInfo, 'field'>} info
 * @param {import('../../view/crop.js').InputSize} inputSize
 * @param {Known | null} of what the training set tells
 * @returns {Choice[]} the most telling first
 */
export function choose(strongest, { field }, inputSize, of) {
  const highest = Math.max(...strongest.map(({ activation }) => activation));
  const rated = strongest
    .filter(({ activation }) => activation > 0)
    .map((unit) => {
      const middle = [0, 1].map((axis) => middleOf(field, axis, axis === 0 ? unit.row : unit.col));
      const seen = [0, 1].map((axis) => shareSeen(middle[axis] ?? 0, field.size[axis] ?? 1, inputSize[axis] ?? 1));
      const inside = (seen[0] ?? 0) * (seen[1] ?? 0);
      const rating = ratingOf(unit, highest, of) * (inside < 1 ? CUT * inside : 1);
      return { ...unit, rating, middle };
    })
    .sort((a, b) => b.rating - a.rating);
  const apart = inputSize.map((size, axis) => Math.max(APART.field * (field.size[axis] ?? 1), APART.picture * size));
  /** @type {typeof rated} */
  const chosen = [];
  for (const one of rated) {
    if (chosen.length === MOST) break;
    const isNear = (/** @type {typeof one} */ { middle }) =>
      [0, 1].every((axis) => Math.abs((middle[axis] ?? 0) - (one.middle[axis] ?? 0)) < (apart[axis] ?? 0));
    if (!chosen.some(isNear)) chosen.push(one);
  }
  return chosen.map(({ middle: _, ...one }) => one);
}

/** How strongly a unit answers, among the maps of the layer and beside its own map's best. @param {Strongest} unit @param {number} highest answer of the layer @param {Known | null} of */
function ratingOf({ map, activation }, highest, of) {
  const among = activation / highest;
  const strongest = of?.strongest[map];
  const alike = Number(of?.alike[map]);
  if (!strongest || !alike) return among;
  const selective = (alike - 1) / 8;
  return Math.sqrt(among * Math.min(1, activation / strongest)) * (UNSELECTIVE + (1 - UNSELECTIVE) * selective);
}

/**
 * The same by what their projections show: a blob of colour tells less than a form.
 * @param {Choice[]} choices
 * @param {Picture[]} projections
 */
export function arranged(choices, projections) {
  const rated = choices.map((choice, at) => {
    const form = Math.min(1, lightOf(projections[at]) / MERE.enough);
    return { ...choice, rating: choice.rating * (MERE.colour + (1 - MERE.colour) * form) };
  });
  return rated.sort((a, b) => b.rating - a.rating);
}

/** Which share of a projection's energy is light and dark. @param {Picture | undefined} picture */
function lightOf(picture) {
  const { rgba } = picture ?? { rgba: [] };
  let light = 0;
  let all = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const [red, green, blue] = [0, 1, 2].map((channel) => (rgba[at + channel] ?? 128) - 128);
    light += (0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)) ** 2;
    all += ((red ?? 0) ** 2 + (green ?? 0) ** 2 + (blue ?? 0) ** 2) / 3;
  }
  return all > 0 ? light / all : 0;
}

/** So far from mid grey a pixel of a projection tells something. */
const LIT = 40;
/** A whole map shows more where it is lit half as densely as its strongest unit's field or more, and yet not everywhere. */
const MORE = { dense: 0.45, most: 0.25 };

/** Whether a whole map's projection shows more than that of its strongest unit. @param {Picture} unit @param {Picture} whole */
export function showsMore(unit, whole) {
  const share = litOf(whole);
  return share >= MORE.dense * litOf(unit) && share <= MORE.most;
}

/** Which share of the pixels is lit. @param {Picture} picture */
function litOf({ rgba, width, height }) {
  let count = 0;
  for (let at = 0; at < rgba.length; at += 4)
    if ([0, 1, 2].some((channel) => Math.abs((rgba[at + channel] ?? 128) - 128) > LIT)) count++;
  return count / (width * height);
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
