/** One method, large: its picture with the scale, its numbers, and a sentence each for what it can and cannot show. */
import { gap, h } from '../../widgets/dom.js';
import { blank, paint } from '../../widgets/paint.js';
import { METHODS } from './methods.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Board, Manner, Side } from './board.js' */

/** @param {Lens} lens @param {(side: Side) => void} onSide */
export function createLarge(lens, onSide) {
  const { t, percent, number } = lens.words;
  const canvas = h('canvas', { class: 'blank', width: '8', height: '8', role: 'img', data: { view: 'attribution' } });
  const [low, high] = [h('span', {}), h('span', {})];
  const ramp = h('i', {});
  const bar = h('div', { class: 'colour-bar' }, low, ramp, high);
  const rule = h('p', { class: 'note' });
  const name = h('h3', {});
  const can = h('span', {});
  const cannot = h('span', { class: 'soft' });
  const says = h('p', { class: 'says' }, can, gap(), cannot);
  const facts = h('dl', { class: 'facts' });
  const buttons = /** @type {const} */ (['class', 'other']).map((side) =>
    h('button', { type: 'button', class: 'button', data: { side }, on: { click: () => onSide(side) } }),
  );
  const sides = h('div', { class: 'sides', role: 'group', label: 'whyShow' }, ...buttons);
  const likenessText = h('p', { class: 'note', t: 'whyLikenessText' });
  const element = h(
    'div',
    { class: 'why-large' },
    h('figure', { class: 'print' }, canvas, bar),
    h('div', { class: 'about' }, name, says, sides, facts, likenessText, rule),
  );

  /** @param {Board} board @param {Manner} manner */
  function draw(board, manner) {
    const { chosen, side } = manner;
    const { subject, other } = board.question;
    const found = board.found(chosen, side);
    const picture = board.picture(chosen, side, manner);
    if (picture) paint(canvas, picture);
    else blank(canvas);
    canvas.dataset.of = found ? `${chosen} ${found.class}` : '';
    const words = {
      method: t(`why-${chosen}`),
      name: board.nameOf(side === 'other' && other !== null ? other : subject),
      row: found?.strongest[0] ?? 0,
      col: found?.strongest[1] ?? 0,
      half: percent(found?.half ?? 0),
    };
    canvas.setAttribute('aria-label', found ? t('whyAlt', words) : t('whyWaits'));
    const isSigned = manner.signed && METHODS[chosen].signed;
    const scale = number(board.scale(chosen, side, manner), 2);
    bar.className = `colour-bar ${isSigned ? 'grey' : 'viridis'}`;
    [low.textContent, high.textContent] = isSigned ? [`−${scale}`, `+${scale}`] : ['0', scale];
    rule.textContent = [
      manner.scale === 'unit' ? t('whyBarUnit') : t('whyBar'),
      manner.signed ? t('whyBarSigned') : '',
    ].join(' ');
    name.replaceChildren(t(`why-${chosen}`), ' ', h('small', {}, METHODS[chosen].source));
    can.textContent = t(`whyCan-${chosen}`);
    cannot.textContent = t(`whyCannot-${chosen}`);
    sides.hidden = other === null;
    likenessText.hidden = other === null;
    for (const button of buttons) {
      const index = button.dataset.side === 'other' ? other : subject;
      button.textContent = index === null ? '' : board.nameOf(index);
      button.setAttribute('aria-pressed', String(button.dataset.side === side));
    }
    const pairs = factsOf(lens, board, manner);
    facts.replaceChildren(...pairs.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)]));
  }

  return { element, canvas, draw };
}

/** @param {Lens} lens @param {Board} board @param {Manner} manner @returns {[string, string][]} */
function factsOf(lens, board, { chosen, side }) {
  const { t, number, percent, fixed } = lens.words;
  const found = board.found(chosen, side);
  if (!found) return [];
  const { completeness, half, score, sigma, strongest } = found;
  /** @type {[string, string][]} */
  const pairs = [[t('whyScore'), number(score)]];
  if (completeness) {
    const { sum, difference } = completeness;
    const share = difference === 0 ? '' : ` (${percent(Math.abs((sum - difference) / difference))})`;
    pairs.push(
      [t('whySum'), number(sum)],
      [t('whyDifference'), number(difference)],
      [t('whyGap'), `${number(difference - sum, 2)}${share}`],
    );
  }
  if (sigma !== null) pairs.push([t('whySigmaOf'), number(sigma)]);
  pairs.push(
    [t('whyHalf'), percent(half)],
    [t('whyStrongest'), t('placeOf', { row: strongest[0], col: strongest[1] })],
  );
  const likeness = board.likeness(chosen);
  const { other } = board.question;
  if (likeness !== null && other !== null)
    pairs.push([t('whyLikeness', { name: board.nameOf(other) }), fixed(likeness, 2)]);
  return pairs;
}
