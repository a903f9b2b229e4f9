/** What the charts of a row show: the distance of an early and of a late layer, and a probability. */
import { hueOf, PALETTE } from '../plot.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Line } from './chart.js' */
/** @import { Curves, Values } from './known.js' */
/**
 * A picture with what is known of it under one transformation.
 * @typedef {object} Seen
 * @property {string} letter
 * @property {string} name
 * @property {string | null} className what its probability is of
 * @property {Curves | undefined} curves
 * @property {HTMLCanvasElement | undefined} frame the picture at the cursor, once it has come
 */
/**
 * @typedef {object} Column
 * @property {'early' | 'late' | 'probability'} kind
 * @property {string} short
 * @property {string} title
 * @property {(curves: Curves) => Values | null} values
 * @property {(value: number) => string} format
 */

/**
 * @param {Lens} lens
 * @param {{ early: string, late: string | null, hasClasses: boolean, relative: boolean, className: string | null }} about
 * @returns {Column[]}
 */
export function columnsOf(lens, { early, late, hasClasses, relative, className }) {
  const { t, percent, number } = lens.words;
  const distance = (/** @type {'early' | 'late'} */ kind, /** @type {string} */ layer) => ({
    kind,
    short: layer,
    title: t('moveDistance', { layer }),
    values: (/** @type {Curves} */ curves) => distances(curves, layer, relative),
    format: relative ? percent : (/** @type {number} */ value) => number(value),
  });
  /** @type {Column[]} */
  const columns = [distance('early', early)];
  if (late) columns.push(distance('late', late));
  if (hasClasses)
    columns.push({
      kind: 'probability',
      short: t('moveProbabilityShort'),
      title: className === null ? t('moveProbability') : t('moveProbabilityOf', { name: className }),
      values: ({ probability }) => probability?.map(known) ?? null,
      format: percent,
    });
  return columns;
}

/** @param {Curves} curves @param {string} layer @param {boolean} relative @returns {Values | null} */
export function distances({ layers }, layer, relative) {
  const curve = layers[layer];
  if (!curve) return null;
  const unit = relative && curve.norm > 0 ? curve.norm : 1;
  return curve.distance.map((distance) => {
    const found = known(distance);
    return found === null ? null : found / unit;
  });
}

/** @param {number | null | undefined} value */
function known(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A line for each picture, and where there are several, their mean. @param {Column} column @param {Seen[]} seen @returns {Line[]} */
export function linesOf(column, seen) {
  const lines = seen.map(({ letter, curves }, index) => ({
    name: letter,
    colour: PALETTE.curve(hueOf(index, seen.length)),
    values: (curves && column.values(curves)) ?? [],
    isMean: false,
  }));
  if (lines.length < 2) return lines;
  const values = (lines[0]?.values ?? []).map((_, at) => meanOf(lines.map((line) => line.values[at] ?? null)));
  return [...lines, { name: 'Ø', colour: PALETTE.ink, values, isMean: true }];
}

/** The mean, where every value is known. @param {Values} values */
export function meanOf(values) {
  const all = values.filter((value) => value !== null);
  if (all.length === 0 || all.length < values.length) return null;
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/**
 * The highest value of each column, over everything that is compared: relative distances share one scale, raw ones have one
 * for each layer, and a probability goes up to 1.
 * @param {Column[]} columns @param {Seen[][]} rows @param {boolean} relative
 * @returns {Record<Column['kind'], number>}
 */
export function highs(columns, rows, relative) {
  const most = { early: 0, late: 0, probability: 1 };
  for (const column of columns) {
    if (column.kind === 'probability') continue;
    for (const { curves } of rows.flat())
      for (const value of (curves && column.values(curves)) ?? [])
        if (value !== null) most[column.kind] = Math.max(most[column.kind], value);
  }
  if (relative) most.early = most.late = Math.max(most.early, most.late);
  return most;
}
