/** A matrix with the numbers that it is multiplied with above its columns, and what comes of each row beside it. */
import { h } from '../../widgets/dom.js';
import { letter, letterAt, tint } from './grid.js';
import { brief, largest } from './numbers.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Key } from '../../text.js' */
/** @import { Grid } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {{ name: string, cols: number, values: readonly number[] }} Vector numbers of a grid with so many columns */

/**
 * @param {Lens} lens
 * @param {object} options
 * @param {string} options.view
 * @param {string} options.letter
 * @param {Key} options.caption
 * @param {number} options.rows
 * @param {number} options.cols
 * @param {(row: number | null) => void} options.onPoint
 */
export function createMatrix(lens, { view, letter: name, caption, rows, cols, onPoint }) {
  const heads = Array.from({ length: cols }, () => h('th', { scope: 'col' }));
  const sides = Array.from({ length: rows }, () => h('th', { scope: 'row' }));
  const times = Array.from({ length: cols }, () => h('td', {}));
  const sums = Array.from({ length: rows }, () => h('td', { class: 'sum' }));
  const cells = Array.from({ length: rows * cols }, () => h('td', {}));
  const body = sides.map((side, row) => {
    const line = h(
      'tr',
      { data: { row: String(row) } },
      side,
      ...cells.slice(row * cols, (row + 1) * cols),
      /** @type {Node} */ (sums[row]),
    );
    line.addEventListener('pointerenter', () => onPoint(row));
    return line;
  });
  const first = h('th', { scope: 'row' });
  const table = h(
    'table',
    { class: 'matrix', data: { view: `learn-${view}` }, on: { pointerleave: () => onPoint(null) } },
    h('caption', {}, letter(name), ' ', h('span', { t: caption })),
    h(
      'thead',
      {},
      h('tr', {}, h('td', {}), ...heads, h('td', {})),
      h('tr', { class: 'times' }, first, ...times, h('td', {})),
    ),
    h('tbody', {}, ...body),
  );

  return {
    // Long numbers may need more room than there is; then it is moved within its frame.
    element: h('div', { class: `matrix-board of-${cols}`, role: 'region', tabindex: '0', label: caption }, table),
    /** @param {{ grid: Grid, head: Vector, side: Vector, light: (row: number, col: number) => string }} content */
    set({ grid, head, side, light }) {
      const scale = largest(grid.values);
      const [most, mostHead] = [largest(side.values), largest(head.values)];
      first.replaceChildren(letter(head.name));
      for (let col = 0; col < cols; col++) {
        heads[col]?.replaceChildren(letterAt(head.name, col, head.cols));
        put(lens, times[col], head.values[col] ?? 0, mostHead);
      }
      for (let row = 0; row < rows; row++) {
        sides[row]?.replaceChildren(letterAt(side.name, row, side.cols));
        put(lens, sums[row], side.values[row] ?? 0, most);
        const lights = Array.from({ length: cols }, (_, col) => light(row, col));
        for (const [col, word] of lights.entries())
          put(lens, cells[row * cols + col], grid.values[row * cols + col] ?? 0, scale, word);
        sums[row]?.classList.toggle('lit', lights.includes('lit'));
      }
      for (let col = 0; col < cols; col++) {
        const isLit = Array.from({ length: rows }, (_, row) => light(row, col)).includes('lit');
        times[col]?.classList.toggle('lit', isLit);
      }
    },
  };
}

/** @param {Lens} lens @param {HTMLElement | undefined} cell @param {number} value @param {number} scale @param {string} [light] */
function put(lens, cell, value, scale, light = '') {
  if (!cell) return;
  cell.textContent = brief(lens, value);
  const kind = cell.classList.contains('sum') ? 'sum' : '';
  cell.className = `${kind} ${light} ${value === 0 ? 'nothing' : ''}`.trim();
  tint(cell, value, scale);
}
