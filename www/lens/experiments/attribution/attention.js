/** What the network and its heads attend to, and what is left of the answer without that: a row for each. */
import { gap, h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { over } from './drawing.js';
import { heat } from '../heat.js';

/** @import { Lens } from '../../lens.js' */
/** @import { AttentionPart } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Board, Manner } from './board.js' */
/** @typedef {{ part: AttentionPart, canvases: [HTMLCanvasElement, HTMLCanvasElement], row: HTMLElement, name: HTMLElement, fall: HTMLElement }} Row @param {Lens} lens */

export function createAttention(lens) {
  const { t, percent, fixed } = lens.words;
  const none = h('p', { class: 'note', t: 'gainNone' });
  const rows = h('div', { class: 'gain-rows' });
  const element = h(
    'section',
    { class: 'gain' },
    h('h3', { t: 'gainTitle' }),
    h('p', { class: 'reading' }, h('span', { t: 'gainText' }), gap(), h('span', { class: 'soft', t: 'gainNot' })),
    rows,
    none,
  );
  /** @type {Row[]} */
  let shown = [];

  /** @param {Board} board */
  function begin(board) {
    shown = [];
    rows.replaceChildren();
    element.hidden = true;
    none.hidden = board.question.heads.length > 0;
  }

  /** @param {AttentionPart} part @param {Board} board @param {Manner} manner */
  function keep(part, board, manner) {
    element.hidden = false;
    const before = shown[part.at];
    if (before) before.part = part;
    else shown[part.at] = rowOf(part);
    rows.replaceChildren(...shown.map(({ row }) => row));
    draw(board, manner);
  }

  /** @param {Board} board @param {Manner} manner */
  function draw(board, manner) {
    for (const { part, canvases, name, fall } of shown) {
      const { found } = part;
      const { after, before } = found;
      const map = heat(found.map, found.cols, 1);
      paint(canvases[0], over(board.photograph, map, Math.min(manner.opacity, 0.6)));
      paint(canvases[1], found.left);
      const words = nameOf(lens, part);
      name.textContent = words;
      const [row, col] = found.strongest;
      canvases[0].setAttribute('aria-label', t('gainMapAlt', { name: words, row, col }));
      const values = { before: percent(before.probability), after: after ? percent(after.probability) : '…' };
      const share = percent(found.removed);
      canvases[1].setAttribute('aria-label', t('gainLeftAlt', { name: words, share, ...values }));
      fall.replaceChildren(
        h('dt', {}, t('probability')),
        h('dd', {}, t('gainFall', values)),
        h('dt', {}, t('whyScore')),
        h('dd', {}, t('gainFall', { before: fixed(before.score, 2), after: after ? fixed(after.score, 2) : '…' })),
        h('dt', {}, t('gainRemoved')),
        h('dd', {}, share),
      );
    }
  }

  return {
    element,
    begin,
    keep,
    draw,
    /** What is known, row by row. */
    get parts() {
      return shown.map(({ part }) => part);
    },
  };
}

/** What is asked: the network, or a head and how it was trained. @param {Lens} lens @param {AttentionPart} part */
function nameOf(lens, { head, mined }) {
  const { t } = lens.words;
  if (head === null) return t('gainItself');
  return t(mined ? 'gainMined' : 'gainHead', { name: head });
}

/** @param {AttentionPart} part @returns {Row} */
function rowOf(part) {
  const map = h('canvas', { role: 'img', data: { view: 'attention' } });
  const left = h('canvas', { role: 'img', data: { view: 'attention-left' } });
  const name = h('h4', {});
  const fall = h('dl', { class: 'facts' });
  const row = h(
    'div',
    { class: 'gain-row', data: { head: part.head ?? '' } },
    h('figure', { class: 'print' }, map, h('figcaption', { class: 'note', t: 'gainMap' })),
    h('figure', { class: 'print' }, left, h('figcaption', { class: 'note', t: 'gainLeft' })),
    h('div', {}, name, fall),
  );
  return { part, canvases: [map, left], row, name, fall };
}
