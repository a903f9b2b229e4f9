/** What can be taken away: the sheet as a print with its scale, the numbers, a row for each method. */
import { colourBar, INK, place as paste, SANS, SOFT, VIRIDIS, write } from '../../export.js';
import { h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { print } from '../export.js';
import { nameOf } from './attention.js';
import { METHODS } from './methods.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Exports, Table } from '../experiment.js' */
/** @import { Board, Manner } from './board.js' */
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
  const sheet = rows * (SIDE + WORDS) + 50;
  const { numbers: n, other } = board.question;
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
  ];
  return print(
    lens,
    {
      width: COLUMNS * (SIDE + GAP) - GAP,
      height: sheet + Math.ceil(attended.length / 2) * (SIDE + WORDS),
      title,
      lines,
      draw(pen, left, top) {
        const canvas = h('canvas', {});
        const at = (/** @type {number} */ index) => [
          left + (index % COLUMNS) * (SIDE + GAP),
          top + Math.floor(index / COLUMNS) * (SIDE + WORDS),
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
          tile(x, y, [t(`why-${name}`), ...like]);
        });
        const most = t('whyBrightest');
        colourBar(pen, left, top + sheet - 44, VIRIDIS, '0', most);
        if (manner.signed)
          colourBar(pen, left + 2 * (SIDE + GAP), top + sheet - 44, ['#000000', '#ffffff'], `−${most}`, `+${most}`);
        attended.forEach(({ canvases, part }, index) => {
          const x = left + (index % 2) * 2 * (SIDE + GAP);
          const y = top + sheet + Math.floor(index / 2) * (SIDE + WORDS);
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
  const { subject, other, threshold } = board.question;
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
  return {
    head: [...(found[0]?.written.head ?? []), 'done', 'of', 'other', 'likeness'],
    rows: found.flatMap(({ name, written }) => {
      const { done = null, of = null } = board.answer(name) ?? {};
      return written.rows.map((row) => [...row, done, of, other, board.likeness(name)]);
    }),
  };
}
