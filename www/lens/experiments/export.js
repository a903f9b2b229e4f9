/** An experiment to take away: numbers as JSON and as a table. */
import { origin, withClassNames } from '../export.js';

/** @import { Session } from '../engine/session.js' */
/** @import { Viewer } from '../view/viewer.js' */
/** @import { Table } from './experiment.js' */

/**
 * @param {string} name
 * @param {object} numbers
 * @param {Viewer} viewer
 * @param {Session} session
 */
export function asJson(name, numbers, viewer, session) {
  const { lang: _lang, theme: _theme, ...view } = viewer.resolved;
  const value = { format: `zf-lens ${name} 1`, ...numbers, view, ...origin(viewer, session) };
  // Typed arrays are lists to everybody else, and what is not a number is nothing.
  const named = withClassNames(session.network?.classes ?? []);
  const plain = (/** @type {string} */ key, /** @type {unknown} */ one) =>
    ArrayBuffer.isView(one) && !(one instanceof DataView) ? [.../** @type {Float32Array} */ (one)] : named(key, one);
  return new Blob([JSON.stringify(value, plain, 1)], { type: 'application/json' });
}

/** Columns that hold the index of a class. */
const OF_CLASSES = ['class', 'other'];

/** @param {Table} table @param {readonly { en: string }[]} [classes] whose names follow at the end of a row */
export function asTable({ head, rows }, classes = []) {
  const wanted = (/** @type {string} */ word) => OF_CLASSES.includes(word) && !head.includes(`${word}_name`);
  const named = head.flatMap((word, at) => (wanted(word) && classes.length > 0 ? [at] : []));
  const names = (/** @type {Table['rows'][number]} */ row) =>
    named.map((at) => (typeof row[at] === 'number' ? (classes[row[at]]?.en ?? null) : null));
  const all = [[...head, ...named.map((at) => `${head[at]}_name`)], ...rows.map((row) => [...row, ...names(row)])];
  const lines = all.map((row) => row.map(cell).join(','));
  return new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' });
}

/** @param {string | number | null | undefined} value */
function cell(value) {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return '';
  const words = String(value);
  return /[",\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}
