/** What can be taken away: the sheet as a figure with its scale, the numbers, a row for each method. */
import { figure } from '../../figures.js';
import { METRICS } from './deletion-insertion.js';
import { heat } from '../heat.js';
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
 * @property {Session} session
 */

/** @param {Lens} lens @param {Content} content @returns {Exports} */
export function exportsOf(lens, content) {
  const known = content.board.question.methods.filter((name) => content.board.found(name) !== null);
  return {
    figure: () => figure(lens, content.session, 'attribution', shown(content, known)),
    numbers: () => numbers(content, known),
    table: () => table(content, known),
  };
}

/** @param {Content} content @param {MethodName[]} known */
function shown({ board, manner, attention }, known) {
  const { subject, other, removal, threshold } = board.question;
  const unsigned = { ...manner, signed: false };
  const methods = known.flatMap((name) => {
    const found = board.found(name);
    const tile = board.picture(name, 'class', manner);
    if (!found || !tile) return [];
    const [, , cols] = found.shape;
    const drawn = board.scale(name, 'class', unsigned);
    return {
      found: found.written.numbers,
      drawn,
      tiles: /** @type {[typeof tile, typeof tile]} */ ([heat(found.relevance, cols, drawn), tile]),
      likeness: board.likeness(name),
      curves: board.curves.get(name) ?? null,
    };
  });
  const heads = attention.parts.map(({ head, mined, found }) => {
    const { map, cols, left, removed, before, after } = found;
    return { head, mined, map: heat(map, cols, 1), left, removed, before, after };
  });
  return {
    photograph: board.photograph,
    class: subject,
    score: board.found(known[0] ?? 'saliency')?.score ?? null,
    other,
    shared: manner.scale === 'unit',
    methods,
    removal:
      removal && board.curves.size > 0 ? { settings: removal, chance: board.curves.get('chance') ?? null } : null,
    attention: heads.length > 0 ? { threshold, heads } : null,
  };
}

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
