/** The figure as a print: for each transformation the picture at the cursor and its curves. */
import { INK, place, SANS, SOFT, write } from '../../export.js';
import { pictureOf, PRINT_PALETTE } from '../plot.js';
import { print } from '../export.js';
import { chart } from './chart.js';
import { linesOf } from './columns.js';
import { MOVES, moveBy } from './moves.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Transformation } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Drawn } from './row.js' */
/** @typedef {Drawn & { transformation: Transformation }} PrintedRow */

const SIDE = 200;
const GAP = 24;
const CHART = { width: 340, height: 220 };
const ROW = 300;

/**
 * @param {Lens} lens
 * @param {{ title: string, rows: PrintedRow[], names: string[], measured: string, session: Session }} content
 */
export function sheet(lens, { title, rows, names, measured, session }) {
  const { t } = lens.words;
  const columns = Math.max(...rows.map((row) => row.columns.length));
  return print(
    lens,
    {
      width: SIDE + columns * (CHART.width + GAP),
      height: rows.length * ROW - GAP,
      title,
      lines: [
        [...names, ...(names.length > 1 ? [`Ø ${t('moveMost')}`] : [])].join(' · '),
        `${measured} ${t('movePrinted', { letter: names.length > 1 ? ' A' : '' })}`,
        t('invarianceSource'),
      ],
      async draw(pen, left, top) {
        for (const [index, row] of rows.entries()) await drawRow(lens, pen, row, left, top + index * ROW);
      },
    },
    session,
  );
}

/** @param {Lens} lens @param {CanvasRenderingContext2D} pen @param {PrintedRow} row @param {number} left @param {number} top */
async function drawRow(lens, pen, { transformation, seen, columns, highs, selected }, left, top) {
  const { t } = lens.words;
  const { parameters, marks } = MOVES[transformation];
  write(pen, t(`move-${transformation}`), left, top + 14, INK, `600 17px ${SANS}`, SIDE);
  const frame = seen[0]?.frame;
  if (frame) place(pen, frame, left, top + 28, SIDE);
  write(pen, moveBy(lens, transformation, selected), left, top + 28 + SIDE + 22, SOFT, `15px ${SANS}`, SIDE);
  for (const [index, column] of columns.entries()) {
    const at = left + SIDE + GAP + index * (CHART.width + GAP);
    write(pen, column.title, at, top + 14, INK, `600 15px ${SANS}`, CHART.width);
    const drawn = chart(lens, {
      ...CHART,
      x: parameters,
      marks,
      lines: linesOf(column, seen, PRINT_PALETTE),
      high: highs[column.kind],
      selected,
      palette: PRINT_PALETTE,
      format: column.format,
      axis: t(`moveAxis-${transformation}`),
    });
    drawn.setAttribute('font-family', 'sans-serif');
    pen.drawImage(await pictureOf(drawn), at, top + 26, CHART.width, CHART.height);
  }
}
