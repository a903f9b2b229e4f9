/** What can be taken away: the five panels with their scales, the numbers, a row for each place of the square. */
import { colourBar, INK, place as paste, SANS, SOFT, VIRIDIS, write } from '../../export.js';
import { print } from '../export.js';
import { css } from './legend.js';
import { spreadOf } from './panel.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Exports } from '../experiment.js' */
/** @import { State } from './board.js' */
/** @import { Field, Quantity } from './field.js' */
/** @import { Found } from './others.js' */
/**
 * @typedef {State & {
 *   field: Field,
 *   board: ReturnType<typeof import('./board.js').createBoard>,
 *   others: ReturnType<typeof import('./others.js').createOthers>,
 *   found: Found[],
 *   title: string,
 *   session: Session,
 * }} Content
 */

/** The bars of `colourBar` are as wide. */
const SIDE = 312;
const GAP = 20;
const LINE = 22;
/** A piece of photograph and its projection, beside each other. */
const SMALL = 152;

/** @param {Lens} lens @param {Content} content @returns {Exports} */
export function exportsOf(lens, content) {
  return { picture: () => picture(lens, content), numbers: () => numbers(content), table: () => content.field.written };
}

/** @param {Lens} lens @param {Content} content */
function picture(lens, content) {
  const { t, number, percent } = lens.words;
  const { field, question, board, others, found, scores, title, session } = content;
  const legend = scores ? field.legend : [];
  const count = scores ? 5 : 3;
  const width = count * (SIDE + GAP) - GAP;
  const below = Math.max(4, 1 + legend.length) * LINE + 12;
  const perRow = Math.floor((width + GAP) / (2 * SMALL + GAP + 8));
  const rows = Math.ceil(found.length / perRow);
  const strip = rows > 0 ? rows * (SMALL + LINE + GAP) + LINE : 0;
  const { size, stride, fill } = question;
  const settings = { size, stride, fill: t(FILLS[fill]), done: field.done, total: field.total };
  return print(
    lens,
    {
      width,
      height: SIDE + below + strip,
      title,
      lines: [t('occlusionSettings', settings), t('occlusionText')],
      draw(pen, left, top) {
        const captions = board.captions();
        const words = (/** @type {number} */ at, /** @type {string} */ letter, /** @type {string} */ line) => {
          write(pen, letter, left + at * (SIDE + GAP), top + SIDE + LINE, INK, `600 16px ${SANS}`, SIDE);
          write(pen, line, left + at * (SIDE + GAP) + 18, top + SIDE + LINE, INK, `16px ${SANS}`, SIDE - 18);
        };
        cover(pen, content, paste(pen, board.hand.canvas, left, top, SIDE));
        words(0, 'a', t('occlusionInput'));
        map(pen, content, 'activity', left + SIDE + GAP, top);
        words(1, 'b', captions.activity);
        scale(lens, pen, field, 'activity', left + SIDE + GAP, top, (value) => number(value));
        paste(pen, board.panels.projection.canvas, left + 2 * (SIDE + GAP), top, SIDE);
        words(2, 'c', captions.projection);
        write(
          pen,
          captions.projectionScale,
          left + 2 * (SIDE + GAP),
          top + SIDE + 2 * LINE,
          SOFT,
          `15px ${SANS}`,
          SIDE,
        );
        if (scores) {
          map(pen, content, 'probability', left + 3 * (SIDE + GAP), top);
          words(3, 'd', captions.probability);
          scale(lens, pen, field, 'probability', left + 3 * (SIDE + GAP), top, percent);
          map(pen, content, 'label', left + 4 * (SIDE + GAP), top);
          words(4, 'e', captions.label);
          legend.forEach(({ class: label, positions, colour }, at) => {
            const line = top + SIDE + (at + 2) * LINE;
            pen.fillStyle = css(colour);
            pen.fillRect(left + 4 * (SIDE + GAP), line - 12, 14, 14);
            const says = `${content.nameOf(label)} · ${t('occlusionPlaces', { count: positions })}`;
            write(pen, says, left + 4 * (SIDE + GAP) + 22, line, SOFT, `15px ${SANS}`, SIDE - 22);
          });
        }
        const start = top + SIDE + below + LINE;
        if (rows > 0) write(pen, t('occlusionElsewhere'), left, start - 6, INK, `16px ${SANS}`, width);
        others.canvases.forEach((canvas, index) => {
          const at = Math.floor(index / 2);
          const x = left + (at % perRow) * (2 * SMALL + GAP + 8) + (index % 2) * (SMALL + 8);
          const y = start + 6 + Math.floor(at / perRow) * (SMALL + LINE + GAP);
          paste(pen, canvas, x, y, SMALL);
          const one = found[at];
          if (index % 2 === 0 && one)
            write(pen, nameOfPicture(lens, one), x, y + SMALL + 18, SOFT, `15px ${SANS}`, 2 * SMALL);
        });
      },
    },
    session,
  );
}

const FILLS = /** @type {const} */ ({
  grey: 'occlusionGrey',
  mean: 'occlusionMean',
  black: 'occlusionBlack',
  white: 'occlusionWhite',
});

/** @param {Lens} lens @param {Found} found */
function nameOfPicture(lens, { name, found }) {
  const { inLanguage, t, number } = lens.words;
  return `${name ? inLanguage(name) : t('occlusionHere')} · ${number(found.activation)}`;
}

/** The square where it stands. @param {CanvasRenderingContext2D} pen @param {Content} content @param {import('../../widgets/paint.js').Box} print */
function cover(pen, { corner, question, photograph }, print) {
  const scale = print.width / photograph.width;
  const [x, y, side] = [print.left + corner[1] * scale, print.top + corner[0] * scale, question.size * scale];
  pen.fillStyle = question.fill === 'black' ? '#000' : question.fill === 'white' ? '#fff' : '#808080';
  pen.fillRect(x, y, side, side);
  pen.lineWidth = 1;
  pen.strokeStyle = '#fff';
  pen.strokeRect(x, y, side, side);
  pen.strokeStyle = '#000';
  pen.strokeRect(x - 1, y - 1, side + 2, side + 2);
}

/** A map of the grid on the faded photograph. @param {CanvasRenderingContext2D} pen @param {Content} content @param {Quantity | 'label'} name @param {number} left @param {number} top */
function map(pen, { board, field, question, photograph }, name, left, top) {
  const [from, step] = spreadOf(question);
  pen.save();
  const print = paste(pen, board.hand.canvas, left, top, SIDE);
  pen.beginPath();
  pen.rect(print.left, print.top, print.width, print.height);
  pen.clip();
  pen.fillStyle = 'rgb(255 255 255 / 0.7)';
  pen.fillRect(print.left, print.top, print.width, print.height);
  pen.imageSmoothingEnabled = false;
  const perPixel = print.width / photograph.width;
  const begin = from * perPixel;
  pen.drawImage(
    board.panels[name].canvas,
    print.left + begin,
    print.top + begin,
    field.cols * step * perPixel,
    field.rows * step * perPixel,
  );
  pen.restore();
}

/** @param {Lens} lens @param {CanvasRenderingContext2D} pen @param {Field} field @param {Quantity} quantity @param {number} left @param {number} top @param {(value: number) => string} words */
function scale(lens, pen, field, quantity, left, top, words) {
  const { t } = lens.words;
  const range = field.range(quantity);
  const uncovered = field.uncovered[quantity] ?? 0;
  const line = top + SIDE + LINE + 14;
  colourBar(pen, left, line, VIRIDIS, '0', words(range.top));
  pen.fillStyle = INK;
  if (range.top > 0) pen.fillRect(left + (SIDE * uncovered) / range.top - 1, line - 4, 2, 16);
  const says = t('occlusionRange', { value: words(uncovered), low: words(range.low), high: words(range.high) });
  write(pen, says, left, line + 46, SOFT, `15px ${SANS}`, SIDE);
}

/** What the command line writes of it too, with the square and the other pictures of the page. @param {Content} content */
function numbers({ field, corner, close, found, nameOf }) {
  return {
    ...field.written.numbers,
    done: field.done,
    total: field.total,
    square: {
      top: corner[0],
      left: corner[1],
      activity: close?.activity ?? null,
      probability: close?.probability ?? null,
      label: close?.label ?? null,
      classes: close?.classes.map((one) => ({ ...one, name: nameOf(one.index) })) ?? null,
      map: close && { rows: close.rows, cols: close.cols, answers: close.answers, uncovered: close.uncovered },
    },
    elsewhere: found.map(({ key, found: one }) => ({
      picture: key,
      unit: one.unit,
      activation: one.activation,
      window: one.window,
    })),
  };
}
