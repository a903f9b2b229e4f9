/** The winners of a map by strength, as bars, with the picture on view among them. */
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Winner } from './gallery.js' */
/** The strongest unit of the picture on view in the same map. @typedef {{ row: number, col: number, activation: number }} Yours */

/** @param {Lens} lens @param {(rank: number | null) => void} onPoint */
export function createRanking(lens, onPoint) {
  const { t, number } = lens.words;
  const list = h('ol', { class: 'ranking' });
  const words = h('p', { class: 'note' });
  const element = h(
    'div',
    { class: 'among' },
    h('h3', { t: 'topRanking' }),
    h('p', { class: 'note', t: 'topRankingText' }),
    list,
    words,
  );

  return {
    element,
    /** @param {number | null} rank */
    light(rank) {
      for (const row of list.children)
        row.classList.toggle('lit', rank !== null && row instanceof HTMLElement && row.dataset.rank === String(rank));
    },
    /**
     * @param {Winner[]} winners
     * @param {Yours | null} yours `null`: it cannot be compared
     */
    draw(winners, yours) {
      const largest = Math.max(winners[0]?.activation ?? 0, yours?.activation ?? 0);
      const rows = winners.map(({ picture, row, col, activation, name }, rank) => {
        const of = name?.split('/').pop() ?? t('topPicture', { picture });
        const on = { pointerenter: () => onPoint(rank), pointerleave: () => onPoint(null) };
        const line = bar(lens, String(rank + 1), of, name ?? of, { row, col, activation }, largest, on);
        line.dataset.rank = String(rank);
        return line;
      });
      const place = yours && placeOf(winners, yours);
      if (yours && place !== null) {
        const mine = bar(lens, '', t('topYours'), t('topYours'), yours, largest, {});
        mine.classList.add('yours');
        rows.splice(place, 0, mine);
      }
      list.replaceChildren(...rows);
      words.hidden = !yours || winners.length === 0;
      if (!yours || place === null) return;
      const isSilent = yours.activation <= 0;
      const share = number(yours.activation / (winners[0]?.activation ?? 1), 2);
      if (isSilent) words.textContent = t('topYoursSilent');
      else if (place === winners.length) words.textContent = t('topYoursBelow', { share });
      else words.textContent = t('topYoursAmong', { place: place + 1, share });
    },
  };
}

/** How many winners are at least as strong. @param {Winner[]} winners @param {Yours} yours */
export function placeOf(winners, { activation }) {
  return winners.filter((winner) => winner.activation >= activation).length;
}

/**
 * @param {Lens} lens
 * @param {string} rank
 * @param {string} name
 * @param {string} path
 * @param {Yours} unit
 * @param {number} largest
 * @param {Record<string, () => void>} on
 */
function bar(lens, rank, name, path, { row, col, activation }, largest, on) {
  const { t, number } = lens.words;
  const length = largest > 0 ? (100 * Math.max(0, activation)) / largest : 0;
  return h(
    'li',
    { on },
    h('span', { class: 'rank', 'aria-hidden': 'true' }, rank),
    h('span', { class: 'name', title: path }, name),
    h('span', { class: 'unit' }, t('topUnit', { row, col })),
    h('span', { class: 'length', style: `--length: ${length}%`, 'aria-hidden': 'true' }),
    h('span', { class: 'value' }, number(activation)),
  );
}
