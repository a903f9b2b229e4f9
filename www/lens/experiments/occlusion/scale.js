/** The colours of a map of numbers, with a tick where the picture without a square is. */
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */

/** @param {Lens} lens @param {string} of what the numbers are */
export function createScale(lens, of) {
  const { t } = lens.words;
  const tick = h('b', { hidden: true });
  const high = h('span', {});
  const bar = h('div', { class: 'colour-bar viridis' }, h('span', {}, '0'), h('i', {}, tick), high);
  const note = h('p', { class: 'note', data: { range: of } });
  const lowest = h('button', { type: 'button', class: 'link', t: 'occlusionLowest', data: { lowest: of } });
  const element = h('div', { hidden: true }, bar, note, lowest);
  return {
    element,
    lowest,
    /** @param {{ low: number, high: number, top: number }} range @param {number} uncovered @param {(value: number) => string} words */
    draw(range, uncovered, words) {
      element.hidden = false;
      high.textContent = words(range.top);
      tick.hidden = !(range.top > 0);
      tick.style.left = `${(100 * uncovered) / (range.top || 1)}%`;
      note.textContent = t('occlusionRange', {
        value: words(uncovered),
        low: words(range.low),
        high: words(range.high),
      });
    },
  };
}
