/** Boxes of parts: in pixels of the upright photograph, where they stay when what is seen of it moves, and in pixels of the input. */
import { partOf } from '../../view/crop.js';

/** @import { Crop, Picture } from '../../engine/protocol.js' */
/** @import { InputSize } from '../../view/crop.js' */
/** @import { Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/** Left, top, right and bottom in pixels of the upright photograph; the last two are exclusive. @typedef {[number, number, number, number]} Sides */
/** One box as `zf-lens correspondence --boxes` reads it. @typedef {{ file: string, part: string, box: Sides }} Entry */

/** The smallest box that a hand can make, in pixels of the input. */
const SMALLEST = 2;

/** Rows and columns of what enters the network. @param {Pick<Picture, 'height' | 'width'>} picture @returns {InputSize} */
export function sizeOf({ height, width }) {
  return [height, width];
}

/**
 * Rounded to whole pixels as the command line does it; `null` if nothing of it is seen.
 * @param {Sides} sides @param {Crop} crop @param {InputSize} size
 * @returns {Rectangle | null}
 */
export function toInput([xmin, ymin, xmax, ymax], crop, size) {
  const [rows, cols] = size;
  const part = partOf(crop, size);
  const across = (/** @type {number} */ x) => near(((x - part.left) * cols) / part.width, 0, cols);
  const down = (/** @type {number} */ y) => near(((y - part.top) * rows) / part.height, 0, rows);
  const [left, right, top, bottom] = [across(xmin), across(xmax), down(ymin), down(ymax)];
  return right > left && bottom > top ? { top, left, rows: bottom - top, cols: right - left } : null;
}

/** @param {Rectangle} box @param {Crop} crop @param {InputSize} size @returns {Sides} */
export function toPhoto({ top, left, rows, cols }, crop, size) {
  const part = partOf(crop, size);
  const across = (/** @type {number} */ at) => hundredths(part.left + (at * part.width) / size[1]);
  const down = (/** @type {number} */ at) => hundredths(part.top + (at * part.height) / size[0]);
  return [across(left), down(top), across(left + cols), down(top + rows)];
}

/** The nearest box that lies in the input. @param {Rectangle} box @param {InputSize} size @returns {Rectangle} */
export function fit({ top, left, rows, cols }, [all, across]) {
  const [high, wide] = [near(rows, SMALLEST, all), near(cols, SMALLEST, across)];
  return { top: near(top, 0, all - high), left: near(left, 0, across - wide), rows: high, cols: wide };
}

/** The nearest whole number within two others. @param {number} value @param {number} low @param {number} high */
function near(value, low, high) {
  return Math.round(Math.min(high, Math.max(low, value)));
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(100 * value) / 100;
}

/** @typedef {'left' | 'right' | 'top' | 'bottom'} Side */

/**
 * Where a box's letter stands: away from the other boxes, so that none covers what another marks, and inside the picture.
 * @param {(Rectangle | null)[]} boxes @param {number} part @param {InputSize} size @param {number} room that a letter needs, in pixels of the input
 * @returns {Side}
 */
export function letterSide(boxes, part, [rows, cols], room) {
  const box = boxes[part];
  if (!box) return 'top';
  const centre = (/** @type {Rectangle} */ one) => [one.left + one.cols / 2, one.top + one.rows / 2];
  const centres = boxes.flatMap((one) => (one ? [centre(one)] : []));
  const away = (/** @type {0 | 1} */ axis) => {
    const mean = centres.reduce((sum, one) => sum + (one[axis] ?? 0), 0) / centres.length;
    return (centre(box)[axis] ?? 0) - mean;
  };
  const [across, along] = [away(0), away(1)];
  /** @type {[Side, Side]} */
  const sides = [across < 0 ? 'left' : 'right', along > 0 ? 'bottom' : 'top'];
  if (Math.abs(along) >= Math.abs(across)) sides.reverse();
  const left = { left: box.left, right: cols - box.left - box.cols, top: box.top, bottom: rows - box.top - box.rows };
  const all = /** @type {Side[]} */ ([...sides, 'top', 'bottom', 'left', 'right']);
  return all.find((side) => left[side] >= room) ?? sides[0];
}

/** @param {unknown} value @returns {value is Sides} */
function areSides(value) {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((side) => Number.isFinite(side))) return false;
  const [xmin, ymin, xmax, ymax] = value;
  return xmax > xmin && ymax > ymin;
}

/** A picture's boxes as a word of the address: parts in their order, nothing where there is none. @param {(Sides | null)[]} all */
export function wordOf(all) {
  const word = all.map((sides) => sides?.join(',') ?? '').join(':');
  return word.replaceAll(':', '') === '' ? '' : word;
}

/** @param {string | null} word @param {number} count of parts @returns {(Sides | null)[]} */
export function boxesIn(word, count) {
  const parts = word?.split(':') ?? [];
  return Array.from({ length: count }, (_, at) => {
    const sides = parts[at] ? parts[at].split(',').map(Number) : null;
    return areSides(sides) ? sides : null;
  });
}

/**
 * A name as a word of the address: what is no letter, digit or hyphen as its bytes.
 * @param {string} name
 */
export function nameWord(name) {
  const letter = (/** @type {number} */ byte) => {
    const character = String.fromCharCode(byte);
    if (character === ' ') return '_';
    return /[A-Za-z0-9-]/.test(character) ? character : `.${byte.toString(16).padStart(2, '0')}`;
  };
  return [...new TextEncoder().encode(name)].map(letter).join('');
}

/** @param {string} word @returns {string | null} */
export function nameIn(word) {
  const bytes = [...word.matchAll(/\.([0-9a-f]{2})|[A-Za-z0-9_-]/g)].map(([letter, byte]) =>
    byte ? parseInt(byte, 16) : letter === '_' ? 32 : letter.charCodeAt(0),
  );
  try {
    const name = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes)).trim();
    return name && nameWord(name) === word ? name : null;
  } catch {
    return null;
  }
}

/**
 * The boxes of a file for the command line.
 * @param {string} text
 * @returns {Entry[]}
 */
export function entriesIn(text) {
  const value = JSON.parse(text);
  // What the page itself saves with its scores holds the same list.
  const list = Array.isArray(value) ? value : value?.boxes;
  if (!Array.isArray(list) || list.length === 0) throw new Error(list ? 'an empty list' : typeof value);
  return list.map((entry, at) => {
    const { file, part = 'box', box } = entry ?? {};
    if (typeof file !== 'string' || typeof part !== 'string' || !part.trim() || !areSides(box))
      throw new Error(`${JSON.stringify(entry)?.slice(0, 120)} (${at + 1})`);
    return { file, part: part.trim(), box };
  });
}

/** A file's name without its folders. @param {string} path */
export function lastOf(path) {
  return path.split(/[\\/]/).at(-1) ?? path;
}
