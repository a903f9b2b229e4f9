/** How far the marking is: which pictures take part, and what is still missing, in words. */
import { sizeOf, toInput } from './boxes.js';
import { spoken } from './marks.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Marked, Marks } from './marks.js' */
/**
 * @typedef {object} Standing
 * @property {Marked[]} taken pictures on which every part is marked
 * @property {Rectangle[][]} boxes for each part, for each picture that is taken
 * @property {string[]} words what is missing
 * @property {string[]} notes for each picture, why it is left out
 */

/** @param {Lens} lens @param {Marked[]} pictures @param {string[]} names @param {Pick<Marks, 'on'>} marks @returns {Standing} */
export function standing(lens, pictures, names, marks) {
  const { t } = lens.words;
  /** @type {Marked[]} */
  const taken = [];
  /** @type {Rectangle[][]} */
  const boxes = names.map(() => []);
  /** @type {string[]} */
  const blank = [];
  /** @type {string[]} */
  const words = [];
  const notes = pictures.map((picture, at) => {
    const sides = marks.on(picture);
    const own = sides.map((one) => one && toInput(one, picture.crop, sizeOf(picture.square)));
    const where = { number: at + 1, name: picture.title };
    const unmarked = listed(
      lens,
      names.filter((_, part) => sides[part] === null),
    );
    const outside = listed(
      lens,
      names.filter((_, part) => sides[part] !== null && own[part] === null),
    );
    if (sides.every((one) => one === null)) {
      blank.push(t('partsMark', { parts: unmarked, ...where }));
      return null;
    }
    if (unmarked) words.push(t('partsMark', { parts: unmarked, ...where }));
    if (outside) words.push(t('partsOutside', { parts: outside, ...where }));
    if (unmarked || outside) return t('partsWaits');
    taken.push(picture);
    own.forEach((box, part) => box && boxes[part]?.push(box));
    return '';
  });
  // A picture without any mark is only asked for where there are too few others.
  const lacking = 2 - taken.length - words.length;
  words.push(...blank.slice(0, Math.max(0, lacking)));
  if (pictures.length < 2) words.push(t('partsSecond'));
  const left = taken.length < 2 ? '' : t('partsLeftOut');
  return { taken, boxes, words, notes: notes.map((note) => note ?? left) };
}

/** @param {Lens} lens @param {string[]} names */
function listed(lens, names) {
  const { t } = lens.words;
  const words = names.map((name) => spoken(lens, name));
  const last = words.pop() ?? '';
  return words.length > 0 ? `${words.join(t('partsComma'))}${t('partsAnd')}${last}` : last;
}
