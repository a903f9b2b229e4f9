/** The frame on the photograph and the maps of every layer on one print. */
import { INK, place, SANS, SOFT, write } from '../../export.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Row } from './board.js' */

/** The colour of the frame, which all kinds of eyes tell from photographs. */
export const FRAME = '#e69f00';
const SIDE = 300;
const TILE = 104;
const GAP = 16;
const LINE = 20;
/** Title and words of a layer, besides its tiles. */
const WORDS = 44 + 3 * LINE;

/** @param {Lens} lens @param {HTMLCanvasElement} photograph @param {Rectangle} region in its pixels @param {Row[]} rows */
export function sheet(lens, photograph, region, rows) {
  const { t } = lens.words;
  const most = Math.max(4, ...rows.map(({ tiles }) => tiles.length));
  return {
    width: most * (TILE + GAP) - GAP,
    height: SIDE + rows.length * (TILE + WORDS),
    /** @param {CanvasRenderingContext2D} pen @param {number} left @param {number} top */
    draw(pen, left, top) {
      const print = place(pen, photograph, left, top, SIDE);
      const scale = print.width / photograph.width;
      const at = { left: print.left + region.left * scale, top: print.top + region.top * scale };
      pen.strokeStyle = FRAME;
      pen.lineWidth = 3;
      pen.strokeRect(at.left, at.top, region.cols * scale, region.rows * scale);
      let y = top + SIDE;
      for (const { title, tiles } of rows) {
        write(pen, title, left, y + 32, INK, `600 17px ${SANS}`);
        if (tiles.length === 0) write(pen, t('regionNone'), left, y + 32 + LINE, SOFT, `15px ${SANS}`);
        tiles.forEach(({ canvas, lines }, at) => {
          const x = left + at * (TILE + GAP);
          place(pen, canvas, x, y + 44, TILE);
          lines.forEach((line, row) => write(pen, line, x, y + 44 + TILE + (row + 1) * LINE - 4, SOFT, `14px ${SANS}`));
        });
        y += TILE + WORDS;
      }
    },
  };
}
