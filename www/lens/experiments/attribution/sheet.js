/** The methods side by side, each a print that can be chosen. */
import { h } from '../../widgets/dom.js';
import { blank, paint } from '../../widgets/paint.js';
import { areasOf, swatch } from './deletion-insertion.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Board, Manner } from './board.js' */
/** @import { MethodName } from './methods.js' */

/** @param {Lens} lens @param {(name: MethodName) => void} onChoose */
export function createSheet(lens, onChoose) {
  const { t } = lens.words;
  const element = h('div', { class: 'why-sheet', role: 'group', label: 'whySheet' });
  const photograph = h('canvas', { 'aria-hidden': 'true' });
  /** @type {Map<MethodName, { button: HTMLButtonElement, canvas: HTMLCanvasElement, name: HTMLElement, note: HTMLElement, areas: HTMLElement }>} */
  const tiles = new Map();

  /** Every method has its place before it has an answer. @param {Board} board */
  function begin(board) {
    tiles.clear();
    const all = board.question.methods.map((method) => {
      const canvas = h('canvas', { class: 'blank', width: '8', height: '8', 'aria-hidden': 'true' });
      blank(canvas);
      const [name, note] = [h('span', { class: 'name' }), h('span', { class: 'note' })];
      const areas = h('span', { class: 'areas' });
      const click = () => onChoose(method);
      const button = h('button', { type: 'button', data: { method }, on: { click } }, canvas, name, areas, note);
      tiles.set(method, { button, canvas, name, note, areas });
      return button;
    });
    paint(photograph, board.photograph);
    element.replaceChildren(
      h('figure', {}, photograph, h('figcaption', { class: 'name', t: 'whyPhotograph' })),
      ...all,
    );
  }

  /** @param {Board} board @param {Manner} manner @param {MethodName} [only] the one that has changed */
  function draw(board, manner, only) {
    for (const [method, { button, canvas, name, note }] of tiles) {
      if (only && method !== only) continue;
      const picture = board.picture(method, manner.side, manner);
      if (picture) paint(canvas, picture);
      else blank(canvas);
      name.textContent = t(`why-${method}`);
      note.textContent = noteOf(lens, board, method);
      const answer = board.answer(method);
      button.dataset.done = String(answer?.done ?? 0);
      button.dataset.of = String(answer?.of ?? '');
      button.setAttribute('aria-pressed', String(method === manner.chosen));
    }
    drawAreas(board);
  }

  /** What deletion and insertion measured, beside chance. @param {Board} board */
  function drawAreas(board) {
    for (const [method, { areas }] of tiles) {
      const words = areasOf(lens, board, method).map((one) => h('span', {}, one));
      areas.replaceChildren(...(board.curves.has(method) ? [swatch(board, method), ...words] : []));
    }
  }

  return { element, begin, draw, drawAreas };
}

/** How far a method is, or how it answers for the other class. @param {Lens} lens @param {Board} board @param {MethodName} method */
function noteOf(lens, board, method) {
  const { t, fixed } = lens.words;
  const answer = board.answer(method);
  if (!answer?.found) return t('whyWaits');
  if (answer.done < answer.of) return t('whyPasses', { done: answer.done, of: answer.of });
  const likeness = board.likeness(method);
  const { other } = board.question;
  if (likeness === null || other === null) return '';
  return t('whyLike', { name: board.nameOf(other), value: fixed(likeness, 2) });
}
