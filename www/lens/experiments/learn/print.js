/** The lessons as one print, with every number in its cell. */
import { blobOf, INK, MARGIN, paper, SANS, SOFT, write } from '../../export.js';
import { brief, largest } from './numbers.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Figure } from './lesson.js' */

const CELL = 34;
const GAP = 56;
const LINE = 26;
const HEADING = 56;
const CAPTION = 30;
const WARM = [164, 71, 10];
const COLD = [29, 99, 144];

/**
 * @param {Lens} lens
 * @param {string} title
 * @param {{ title: string, figures: Figure[][] }[]} lessons
 * @param {string[]} lines below the print
 */
export function printed(lens, title, lessons, lines) {
  const rowHeight = (/** @type {Figure[]} */ row) =>
    CAPTION + Math.max(...row.map(({ grid }) => grid.rows)) * CELL + 18;
  const rowWidth = (/** @type {Figure[]} */ row) => row.reduce((sum, { grid }) => sum + widthOf(grid) + GAP, -GAP);
  const rows = lessons.flatMap(({ figures }) => figures);
  const canvas = document.createElement('canvas');
  canvas.width = 2 * MARGIN + Math.max(760, ...rows.map(rowWidth));
  canvas.height =
    2 * MARGIN +
    40 +
    lessons.length * HEADING +
    rows.reduce((sum, row) => sum + rowHeight(row), 0) +
    lines.length * LINE +
    20;
  const pen = paper(canvas);
  let top = MARGIN + 24;
  write(pen, title, MARGIN, top, INK, `600 26px ${SANS}`);
  for (const lesson of lessons) {
    top += HEADING;
    write(pen, lesson.title, MARGIN, top - 12, INK, `600 19px ${SANS}`);
    for (const row of lesson.figures) {
      let left = MARGIN;
      for (const figure of row) {
        draw(lens, pen, figure, left, top);
        left += widthOf(figure.grid) + GAP;
      }
      top += rowHeight(row);
    }
  }
  top += 16;
  for (const words of lines) write(pen, words, MARGIN, (top += LINE), SOFT, `15px ${SANS}`);
  return blobOf(canvas);
}

/** A narrow grid still needs room for its caption. @param {{ cols: number }} grid */
function widthOf({ cols }) {
  return Math.max(cols * CELL, 190);
}

/** @param {Lens} lens @param {CanvasRenderingContext2D} pen @param {Figure} figure @param {number} left @param {number} top */
function draw(lens, pen, { letter, words, grid, rings = [], scale = largest(grid.values) }, left, top) {
  write(pen, `${letter}  ${words}`, left, top + 18, SOFT, `14px ${SANS}`);
  pen.textAlign = 'center';
  for (const [at, value] of grid.values.entries()) {
    const x = left + (at % grid.cols) * CELL;
    const y = top + CAPTION + Math.floor(at / grid.cols) * CELL;
    pen.fillStyle = mixed(value, scale);
    pen.fillRect(x, y, CELL, CELL);
    pen.strokeStyle = '#d8d2c7';
    pen.lineWidth = 1;
    pen.strokeRect(x + 0.5, y + 0.5, CELL - 1, CELL - 1);
    if (rings.includes(at)) {
      pen.strokeStyle = INK;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(x + CELL / 2, y + CELL / 2, CELL / 2 - 4, 0, 2 * Math.PI);
      pen.stroke();
    }
    pen.fillStyle = INK;
    pen.font = `14px ${SANS}`;
    pen.fillText(brief(lens, value), x + CELL / 2, y + CELL / 2 + 5, CELL - 4);
  }
  pen.textAlign = 'start';
}

/** The colour of a number between paper and full strength. @param {number} value @param {number} most */
function mixed(value, most) {
  const share = most > 0 ? 0.5 * Math.min(1, Math.abs(value) / most) : 0;
  const colour = (value < 0 ? COLD : WARM).map((one) => Math.round(255 + (one - 255) * share));
  return `rgb(${colour.join(' ')})`;
}
