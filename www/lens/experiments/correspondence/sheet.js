/** The marked pictures and their scores on one print. */
import { INK, SANS, SOFT, place, write } from '../../export.js';
import { letterSide, sizeOf } from './boxes.js';
import { LETTERS, spoken } from './marks.js';
import { certainty, endOf, scoreWords, verdict } from './scores.js';

/** @import { Lens } from '../../lens.js' */
/** @import { CorrespondenceLayer, CorrespondenceScore, Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {{ title: string, canvas: HTMLCanvasElement, boxes: Rectangle[] }} Print */

/** The parts' colours: apart from each other to every kind of eye, and dark letters can be read on all of them. */
export const COLOURS = ['#e69f00', '#56b4e9', '#2fb68a', '#f0e442', '#d98cba', '#e8743b'];
const CHANCE = '#8a8378';
const SIDE = 236;
const GAP = 16;
const ACROSS = 4;
const ROW = 40;
const BADGE = 18;
const BARS = { left: 560, width: 420 };
const WIDTH = ACROSS * SIDE + (ACROSS - 1) * GAP;

/** @param {Lens} lens @param {Print[]} prints @param {CorrespondenceLayer[]} layers @param {string[]} names */
export function sheet(lens, prints, layers, names) {
  const { t } = lens.words;
  const count = prints.length;
  const rows = Math.ceil(prints.length / ACROSS);
  const top = rows * (SIDE + 40);
  const verdicts = layers.map((layer) => verdict(lens, layer, names, count));
  const heights = verdicts.map((lines) => 44 + names.length * ROW + lines.length * 24 + 18);
  const end = endOf(layers);
  return {
    width: WIDTH,
    height: top + heights.reduce((sum, height) => sum + height, 0) + 20,
    /** @param {CanvasRenderingContext2D} pen @param {number} left @param {number} from */
    draw(pen, left, from) {
      prints.forEach((print, at) => {
        const [x, y] = [left + (at % ACROSS) * (SIDE + GAP), from + Math.floor(at / ACROSS) * (SIDE + 40)];
        drawPrint(pen, print, x, y);
        const words = t('partsPicture', { number: at + 1, name: print.title });
        write(pen, words, x, y + SIDE + 22, SOFT, `15px ${SANS}`, SIDE);
      });
      let y = from + top;
      layers.forEach((layer, at) => {
        drawLayer(lens, pen, layer, names, end, left, y);
        let line = y + 44 + names.length * ROW;
        for (const words of verdicts[at] ?? []) write(pen, words, left, (line += 24), SOFT, `15px ${SANS}`, WIDTH);
        y += heights[at] ?? 0;
      });
      write(pen, certainty(lens, count), left, y + 6, SOFT, `15px ${SANS}`, WIDTH);
    },
  };
}

/** @param {CanvasRenderingContext2D} pen @param {Print} print @param {number} left @param {number} top */
function drawPrint(pen, { canvas, boxes }, left, top) {
  const print = place(pen, canvas, left, top, SIDE);
  const scale = print.width / canvas.width;
  for (const [at, box] of boxes.entries()) {
    const [x, y] = [print.left + box.left * scale, print.top + box.top * scale];
    const [wide, high] = [box.cols * scale, box.rows * scale];
    for (const [colour, width] of /** @type {const} */ ([
      ['#000000', 4],
      [COLOURS[at] ?? INK, 2],
    ])) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.strokeRect(x, y, wide, high);
    }
    const [dx, dy] = {
      left: [-BADGE - 3, (high - BADGE) / 2],
      right: [wide + 3, (high - BADGE) / 2],
      top: [(wide - BADGE) / 2, -BADGE - 3],
      bottom: [(wide - BADGE) / 2, high + 3],
    }[letterSide(boxes, at, sizeOf(canvas), BADGE / scale)];
    badge(pen, at, x + (dx ?? 0), y + (dy ?? 0));
  }
}

/** @param {CanvasRenderingContext2D} pen @param {number} at @param {number} left @param {number} top */
function badge(pen, at, left, top) {
  pen.fillStyle = COLOURS[at] ?? INK;
  pen.fillRect(left, top, BADGE, BADGE);
  write(pen, LETTERS[at] ?? '', left + 4, top + 14, '#111111', `600 13px ${SANS}`, 60);
}

/**
 * @param {Lens} lens
 * @param {CanvasRenderingContext2D} pen @param {CorrespondenceLayer} scores @param {string[]} names
 * @param {number} end @param {number} left @param {number} top
 */
function drawLayer(lens, pen, { layer, parts, random }, names, end, left, top) {
  const { t, number } = lens.words;
  const head = top + 28;
  write(pen, layer, left, head, INK, `600 18px ${SANS}`);
  write(pen, t('partsOwn'), left + 200, head, SOFT, `15px ${SANS}`, 160);
  write(pen, t('partsAtRandom'), left + 370, head, SOFT, `15px ${SANS}`, 170);
  const bars = left + BARS.left;
  write(pen, '0', bars, head, SOFT, `15px ${SANS}`);
  const share = t('partsShare');
  write(pen, share, bars + (BARS.width - pen.measureText(share).width) / 2, head, SOFT, `15px ${SANS}`);
  write(pen, number(end), bars + BARS.width - pen.measureText(number(end)).width, head, SOFT, `15px ${SANS}`);
  names.forEach((name, at) => {
    const line = top + 44 + at * ROW;
    badge(pen, at, left, line + 7);
    write(pen, spoken(lens, name), left + 28, line + 21, INK, `15px ${SANS}`, 165);
    write(pen, scoreWords(lens, parts[at]), left + 200, line + 21, INK, `15px ${SANS}`, 160);
    write(pen, scoreWords(lens, random[at]), left + 370, line + 21, INK, `15px ${SANS}`, 170);
    bar(pen, parts[at], COLOURS[at] ?? INK, end, bars, line + 4);
    bar(pen, random[at], CHANCE, end, bars, line + 19);
  });
}

/** @param {CanvasRenderingContext2D} pen @param {CorrespondenceScore | null | undefined} score @param {string} colour @param {number} end @param {number} left @param {number} top */
function bar(pen, score, colour, end, left, top) {
  if (!score) return;
  const at = (/** @type {number} */ value) => left + (BARS.width * Math.min(end, Math.max(0, value))) / end;
  pen.fillStyle = colour;
  pen.fillRect(left, top, at(score.mean) - left, 12);
  if (!score.spread) return;
  const [low, high] = [at(score.mean - score.spread), at(score.mean + score.spread)];
  pen.fillStyle = INK;
  pen.fillRect(low, top + 5, high - low, 1.5);
  for (const edge of [low, high]) pen.fillRect(edge - 0.75, top + 2, 1.5, 8);
}
