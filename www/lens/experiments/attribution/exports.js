/** What can be taken away: the sheet as a print with its scale, the numbers, a row for each method. */
import { colourBar, INK, place as paste, SANS, SOFT, VIRIDIS, write } from '../../export.js';
import { h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { print } from '../export.js';
import { pictureOf, PRINT_PALETTE } from '../plot.js';
import { nameOf } from './attention.js';
import { areaOf, areasOf, captionOf, chart, CHART, colourOf, METRICS } from './deletion-insertion.js';
import { METHODS } from './methods.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Exports, Table } from '../experiment.js' */
/** @import { Board, Manner, Order } from './board.js' */
/** @import { MethodName } from './methods.js' */
/**
 * @typedef {object} Content
 * @property {Board} board
 * @property {Manner} manner
 * @property {ReturnType<typeof import('./attention.js').createAttention>} attention
 * @property {string} title
 * @property {Session} session
 */

const SIDE = 212;
const GAP = 16;
const COLUMNS = 5;
/** Below a tile: its name, and how alike it is for the other class. */
const WORDS = 46;

/** @param {Lens} lens @param {Content} content @returns {Exports} */
export function exportsOf(lens, content) {
  const known = content.board.question.methods.filter((name) => content.board.found(name) !== null);
  return {
    picture: () => picture(lens, content, known),
    numbers: () => numbers(content, known),
    table: () => table(content, known),
  };
}

/** @param {Lens} lens @param {Content} content @param {MethodName[]} known */
function picture(lens, { board, manner, attention, title, session }, known) {
  const { t, percent, number, fixed } = lens.words;
  const rows = Math.ceil((known.length + 1) / COLUMNS);
  const attended = attention.canvases;
  const { numbers: n, other } = board.question;
  const isMeasured = board.curves.size > 0;
  const below = WORDS + (isMeasured ? 36 : 0);
  const sheet = rows * (SIDE + below) + 50;
  const measured = sheet + (isMeasured ? CHART.height + 60 : 0);
  const settings = [
    `${t('whyLayer')} ${n.layer}`,
    `${t('whySamples')} ${n.samples}`,
    `${t('whyNoise')} ${percent(n.noise)}`,
    `${t('whySeed')} ${n.seed}`,
    `${t('whySteps')} ${n.steps}`,
    `${t('whyBaseline')} ${t(BASELINES[n.baseline])}`,
  ];
  const whole = board.found('integrated_gradients')?.completeness;
  if (whole) settings.push(`${t('whySum')} ${number(whole.sum)}`, `${t('whyDifference')} ${number(whole.difference)}`);
  const lines = [
    t(manner.scale === 'unit' ? 'whyBarUnit' : 'whyBar'),
    ...(manner.signed ? [t('whyBarSigned')] : []),
    settings.join(' · '),
    ...(isMeasured ? [t('deletionReading')] : []),
  ];
  return print(
    lens,
    {
      width: COLUMNS * (SIDE + GAP) - GAP,
      height: measured + Math.ceil(attended.length / 2) * (SIDE + WORDS),
      title,
      lines,
      async draw(pen, left, top) {
        const canvas = h('canvas', {});
        const at = (/** @type {number} */ index) => [
          left + (index % COLUMNS) * (SIDE + GAP),
          top + Math.floor(index / COLUMNS) * (SIDE + below),
        ];
        const tile = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string[]} */ words) => {
          paste(pen, canvas, x, y, SIDE);
          words.forEach((line, index) =>
            write(pen, line, x, y + SIDE + 18 + 18 * index, index ? SOFT : INK, `15px ${SANS}`, SIDE),
          );
        };
        paint(canvas, board.photograph);
        tile(left, top, [t('whyPhotograph')]);
        known.forEach((name, index) => {
          const drawn = board.picture(name, 'class', manner);
          if (drawn) paint(canvas, drawn);
          const [x = left, y = top] = at(index + 1);
          const likeness = board.likeness(name);
          const like =
            likeness === null || other === null
              ? []
              : [t('whyLike', { name: board.nameOf(other), value: fixed(likeness, 2) })];
          const areas = board.curves.has(name) ? areasOf(lens, board, name) : [];
          tile(x, y, [t(`why-${name}`), ...areas, ...like]);
          if (areas.length > 0) {
            pen.fillStyle = colourOf(board, name, PRINT_PALETTE);
            pen.fillRect(x + SIDE - 28, y + SIDE + 30, 28, 3);
          }
        });
        const most = t('whyBrightest');
        colourBar(pen, left, top + sheet - 44, VIRIDIS, '0', most);
        if (manner.signed)
          colourBar(pen, left + 2 * (SIDE + GAP), top + sheet - 44, ['#000000', '#ffffff'], `−${most}`, `+${most}`);
        for (const [index, metric] of (isMeasured ? METRICS : []).entries()) {
          const x = left + index * 2 * (SIDE + GAP);
          const y = top + sheet + 14;
          write(pen, captionOf(lens, board, metric), x, y, INK, `15px ${SANS}`, CHART.width);
          const chance = `– – ${t('deletionChance')} ${areaOf(lens, board, 'chance', metric)}`;
          write(pen, chance, x, y + CHART.height + 24, SOFT, `15px ${SANS}`, CHART.width);
          const drawn = chart(lens, board, metric, manner.chosen, PRINT_PALETTE);
          drawn.setAttribute('font-family', 'sans-serif');
          pen.drawImage(await pictureOf(drawn), x, y + 10, CHART.width, CHART.height);
        }
        attended.forEach(({ canvases, part }, index) => {
          const x = left + (index % 2) * 2 * (SIDE + GAP);
          const y = top + measured + Math.floor(index / 2) * (SIDE + WORDS);
          const { before, after } = part.found;
          const name = nameOf(lens, part);
          canvases.forEach((one, side) => paste(pen, one, x + side * (SIDE + GAP), y, SIDE));
          const fall = t('gainFall', {
            before: percent(before.probability),
            after: after ? percent(after.probability) : '…',
          });
          write(pen, name, x, y + SIDE + 18, INK, `15px ${SANS}`, SIDE);
          write(pen, `${t('gainLeft')}: ${fall}`, x + SIDE + GAP, y + SIDE + 18, INK, `15px ${SANS}`, SIDE);
        });
      },
    },
    session,
  );
}

const BASELINES = /** @type {const} */ ({ mean: 'whyMean', black: 'whyBlack', white: 'whyWhite' });

/** What the command line writes of each method too, with how it is drawn here. @param {Content} content @param {MethodName[]} known */
function numbers({ board, manner, attention, session }, known) {
  const { subject, other, removal, threshold } = board.question;
  const named = (/** @type {number} */ index) => ({ index, ...session.network?.classes[index] });
  return {
    class: named(subject),
    other: other === null ? null : named(other),
    score: board.found(known[0] ?? 'saliency')?.score ?? null,
    methods: known.map((name) => {
      const { done = 0, of = 0 } = board.answer(name) ?? {};
      return {
        ...board.found(name)?.written.numbers,
        source: METHODS[name].source,
        done,
        of,
        drawn: board.scale(name, 'class', manner),
        likeness: board.likeness(name),
      };
    }),
    ...(removal && { deletion_insertion: { settings: removal, curves: Object.fromEntries(board.curves) } }),
    attention: {
      threshold,
      ends: attention.parts.map(({ head, mined, found }) => ({ head, mined, ...found.written.numbers })),
    },
  };
}

/** @param {Content} content @param {MethodName[]} known @returns {Table} */
function table({ board }, known) {
  const { other } = board.question;
  const found = known.flatMap((name) => {
    const written = board.found(name)?.written;
    return written ? [{ name, written }] : [];
  });
  const head = found[0]?.written.head ?? [];
  const areas = (/** @type {Order} */ order) =>
    board.curves.size > 0 ? METRICS.map((metric) => board.curves.get(order)?.[metric].area) : [];
  const rows = found.flatMap(({ name, written }) => {
    const { done = null, of = null } = board.answer(name) ?? {};
    return written.rows.map((row) => [...row, ...areas(name), done, of, other, board.likeness(name)]);
  });
  if (board.curves.size > 0) rows.push(['chance', ...head.slice(1).map(() => null), ...areas('chance')]);
  return { head: [...head, ...(board.curves.size > 0 ? METRICS : []), 'done', 'of', 'other', 'likeness'], rows };
}
