/** Numbers of a picture in rows and columns, as Learn draws them, to be read and not to be changed. */
import { letter, tint } from '../learn/grid.js';
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */

/**
 * @typedef {object} TableOptions
 * @property {string} name its letter
 * @property {string} view what it is called in the page
 * @property {string} caption
 * @property {number} cols
 * @property {readonly number[]} values
 * @property {number} [lit]
 * @property {readonly number[]} [rings] cells with a ring around them
 * @property {(at: number) => string} [mark] written beside a number
 */

/** @param {Lens} lens @param {TableOptions} options */
export function tableOf(lens, { name, view, caption, cols, values, lit = -1, rings = [], mark = () => '' }) {
  const most = Math.max(...values.map(Math.abs), 0);
  const cells = values.map((value, at) => {
    const cell = h('td', { data: { at: String(at) } }, brief(lens, value));
    tint(cell, value, most);
    cell.classList.toggle('lit', at === lit);
    cell.classList.toggle('ring', rings.includes(at));
    const text = mark(at);
    if (text) cell.append(h('span', { class: 'switch', 'aria-hidden': 'true' }, text));
    return cell;
  });
  const rows = Array.from({ length: Math.ceil(values.length / cols) }, (_, row) =>
    h('tr', {}, ...cells.slice(row * cols, (row + 1) * cols)),
  );
  const table = h(
    'table',
    { class: 'cells', data: { view } },
    h('caption', {}, h('span', { class: 'above' }, letter(name), ' ', caption)),
    h('tbody', {}, ...rows),
  );
  const element = h('div', { class: 'board', style: `--cols: ${cols}` }, table);
  return {
    element,
    cells,
    table,
    /** @param {number} at */
    light(at) {
      for (const [i, cell] of cells.entries()) cell.classList.toggle('lit', i === at);
    },
  };
}

/** Where there is little room. @param {Lens} lens @param {number} value */
function brief(lens, value) {
  const { number } = lens.words;
  return Math.abs(value) < 1 ? number(value, 2).replace(/^(−?)0\./, '$1.') : number(value, 3);
}
