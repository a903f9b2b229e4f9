/** An experiment to take away: numbers as JSON and as a table, and the frame of a print. */
import { blobOf, INK, MARGIN, origin, paper, SANS, SOFT, withClassNames, write } from '../export.js';

/** @import { Lens } from '../lens.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { Viewer } from '../view/viewer.js' */
/** @import { Table } from './experiment.js' */

const LINE = 28;
const CAPTION = `16px ${SANS}`;

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

/**
 * A print with its caption: a title, and lines of what it was made with.
 * @param {Lens} lens
 * @param {object} content
 * @param {number} content.width of what is drawn, in pixels
 * @param {number} content.height
 * @param {(pen: CanvasRenderingContext2D, left: number, top: number) => void | Promise<void>} content.draw
 * @param {string} content.title
 * @param {string[]} content.lines
 * @param {Session} session
 */
export async function print(lens, { width, height, draw, title, lines }, session) {
  const { t } = lens.words;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(760, width + 2 * MARGIN);
  const origin = `ZF Lens · ${session.network?.name ?? ''} · ${session.running ? t(session.running.backend) : ''}`;
  const all = [...lines, origin].flatMap((words) => wrapped(words, canvas.width - 2 * MARGIN));
  canvas.height = height + 2 * MARGIN + 44 + all.length * LINE;
  const pen = paper(canvas);
  await draw(pen, MARGIN, MARGIN);
  let line = MARGIN + height + 44;
  write(pen, title, MARGIN, line, INK, `600 24px ${SANS}`);
  for (const words of all) write(pen, words, MARGIN, (line += LINE), SOFT, CAPTION);
  return blobOf(canvas);
}

/** A caption in lines that are no wider than the print: broken between words, in Chinese between any two signs. @param {string} words @param {number} width */
function wrapped(words, width) {
  const pen = document.createElement('canvas').getContext('2d');
  if (!pen) return [words];
  pen.font = CAPTION;
  /** @type {string[]} */
  const lines = [];
  let line = '';
  for (const piece of words.match(/[\p{Script=Han}，。；：、）”]|[^\s\p{Script=Han}]+\s*|\s+/gu) ?? []) {
    if (line && pen.measureText((line + piece).trimEnd()).width > width && !/^[，。；：、）”]/.test(piece)) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  return [...lines, line.trimEnd()];
}
