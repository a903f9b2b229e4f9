/** The few numbers of a lesson: as words of the address, and as they are shown. */

/** @import { Lens } from '../../lens.js' */

/** What a cell may hold, so that the numbers of the largest grid still make an address. */
export const LIMIT = 9;
const STEP = 0.1;

/** @param {string | undefined} word @param {number} count @returns {number[] | null} */
export function fromWord(word, count) {
  const values = word?.split(',').map((one) => (/^-?\d(\.\d)?$/.test(one) ? Number(one) : NaN)) ?? [];
  return values.length === count && values.every(Number.isFinite) ? values : null;
}

/** @param {readonly number[]} values */
export function toWord(values) {
  return values.map((value) => String(rounded(value))).join(',');
}

/** What was typed, if it is a number that a cell may hold. @param {string} typed */
export function typed(typed) {
  const value = typed.trim() === '' ? NaN : Number(typed);
  return Number.isFinite(value) ? rounded(Math.min(LIMIT, Math.max(-LIMIT, value))) : null;
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value / STEP) / Math.round(1 / STEP) || 0;
}

/** A number as it is printed: what rounding in 32 bits leaves behind is not shown. @param {Lens} lens @param {number} value */
export function shown(lens, value) {
  const { decimal } = lens.words;
  return decimal(value, 3);
}

/** The same where there is little room. @param {Lens} lens @param {number} value */
export function brief(lens, value) {
  const { decimal } = lens.words;
  return decimal(value, 2).replace(/^(−?)0\./, '$1.');
}

/** A place among so many, as an address names it. @param {string} word @param {number} count */
export function placeOf(word, count) {
  return /^\d{1,2}$/.test(word) && Number(word) < count ? Number(word) : 0;
}

/** The largest magnitude, for colours. @param {readonly number[]} values */
export function largest(values) {
  return Math.max(...values.map(Math.abs), 0);
}

/** A row and a column as they name a cell. @param {number} at @param {number} cols */
export function index(at, cols) {
  return `${Math.floor(at / cols) + 1}${(at % cols) + 1}`;
}

/** The same as it is written below a letter. @param {number} at @param {number} cols */
export function below(at, cols) {
  return index(at, cols).replaceAll(/\d/g, (digit) => String.fromCodePoint(0x2080 + Number(digit)));
}
