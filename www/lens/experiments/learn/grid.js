/** Numbers in rows and columns, as a table: those that can be changed are fields, those that can be chosen are buttons. */
import { h } from '../../widgets/dom.js';
import { index, largest, LIMIT, shown, typed } from './numbers.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Key } from '../../text.js' */
/**
 * @typedef {object} GridOptions
 * @property {string} name its letter
 * @property {string} view what it is called in the page
 * @property {Key} [caption]
 * @property {number} rows
 * @property {number} cols
 * @property {(values: number[]) => void} [onEdit]
 * @property {(at: number) => void} [onPick]
 * @property {(at: number | null) => void} [onPoint]
 */
/** @typedef {ReturnType<typeof createGrid>} GridPart */

/** Where in a window of so many a side the largest number was. */
export const ARROWS = { 2: ['↖', '↗', '↙', '↘'], 3: ['↖', '↑', '↗', '←', '•', '→', '↙', '↓', '↘'] };

/** @param {Lens} lens @param {GridOptions} options */
export function createGrid(lens, { name, view, caption, rows, cols, onEdit, onPick, onPoint }) {
  const { t } = lens.words;
  /** @type {number[]} */
  let values = Array.from({ length: rows * cols }, () => 0);
  const words = h('span', caption ? { t: caption } : {});
  const frame = h('div', { class: 'window', hidden: true });
  const cells = values.map((_, at) => (onEdit ? field(at) : onPick ? h('button', { type: 'button' }) : null));
  const boxes = cells.map((cell, at) => {
    const box = h('td', { data: { at: String(at) } }, ...(cell ? [cell] : []));
    if (onPick && cell) cell.addEventListener('click', () => onPick(at));
    if (onPoint) box.addEventListener('pointerenter', () => onPoint(at));
    if (onPoint) cell?.addEventListener('focus', () => onPoint(at));
    return box;
  });
  const lines = Array.from({ length: rows }, (_, row) => h('tr', {}, ...boxes.slice(row * cols, (row + 1) * cols)));
  const table = h(
    'table',
    { class: `cells ${onEdit ? 'open' : ''}`, data: { view: `learn-${view}` } },
    h('caption', {}, h('span', { class: 'above' }, ...(name ? [letter(name), ' '] : []), words)),
    h('tbody', {}, ...lines),
  );
  const element = h('div', { class: 'board', style: `--rows: ${rows}; --cols: ${cols}` }, table, frame);
  if (onPoint) table.addEventListener('pointerleave', () => onPoint(null));

  /** @param {number} at */
  function field(at) {
    const input = h('input', { type: 'number', min: -LIMIT, max: LIMIT, step: 'any', autocomplete: 'off' });
    input.addEventListener('input', () => {
      const value = typed(input.value);
      if (value === null || value === values[at]) return;
      values = values.with(at, value);
      tint(/** @type {HTMLElement} */ (boxes[at]), value, largest(values));
      onEdit?.(values);
    });
    // What was typed and is no number gives way to what is there.
    input.addEventListener('change', () => (input.value = String(values[at])));
    input.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
      if (!step) return;
      event.preventDefault();
      input.value = String(Math.min(LIMIT, Math.max(-LIMIT, (values[at] ?? 0) + step)));
      input.dispatchEvent(new Event('input'));
    });
    return input;
  }

  function label() {
    for (const [at, cell] of cells.entries()) {
      const place = { name: `${name} `.trim(), row: Math.floor(at / cols) + 1, col: (at % cols) + 1 };
      if (onEdit) cell?.setAttribute('aria-label', t('learnCell', place));
      else cell?.setAttribute('aria-label', t('learnCellIs', { ...place, value: shown(lens, values[at] ?? 0) }));
    }
  }

  return {
    element,
    /** A caption that depends on more than the language. @param {string} text */
    caption(text) {
      words.textContent = text;
    },
    /**
     * @param {readonly number[]} found
     * @param {number} [scale] what has the strongest colour
     * @param {(at: number) => string} [mark] written beside a number
     */
    set(found, scale = largest(found), mark = () => '') {
      values = [...found];
      for (const [at, value] of values.entries()) {
        const box = /** @type {HTMLElement} */ (boxes[at]);
        const cell = cells[at];
        tint(box, value, scale);
        if (cell instanceof HTMLInputElement) {
          // What is half typed stays until it is left.
          const isHalf = cell === lens.focused && typed(cell.value) === null;
          if (!isHalf && typed(cell.value) !== value) cell.value = String(value);
          continue;
        }
        const text = mark(at);
        (cell ?? box).replaceChildren(
          shown(lens, value),
          ...(text ? [h('span', { class: 'switch', 'aria-hidden': 'true' }, text)] : []),
        );
      }
      label();
    },
    /** Lights cells, by a class for each. @param {(at: number) => string} of */
    light(of) {
      for (const [at, box] of boxes.entries()) {
        box.className = `${of(at)} ${box.classList.contains('minus') ? 'minus' : ''}`.trim();
        if (onPick) cells[at]?.setAttribute('aria-pressed', String(of(at).includes('lit')));
      }
    },
    /** The window that lies on it. @param {{ top: number, left: number, rows: number, cols: number } | null} piece */
    lay(piece) {
      frame.hidden = !piece;
      for (const [key, value] of Object.entries(piece ?? {})) frame.style.setProperty(`--${key}`, String(value));
    },
    render: label,
  };
}

/** @param {HTMLElement} box @param {number} value @param {number} scale */
export function tint(box, value, scale) {
  box.style.setProperty('--share', String(scale > 0 ? Math.min(1, Math.abs(value) / scale) : 0));
  box.classList.toggle('minus', value < 0);
}

/** A letter as in a formula, with what stands below it. @param {string} name @param {string} [below] */
export function letter(name, below = '') {
  const element = h('i', { class: 'letter' }, name);
  if (below) element.append(h('sub', {}, below));
  return element;
}

/** A step that an address can lead to. @param {string} name @param {(Node | string)[]} words @param {...Node} figures */
export function piece(name, words, ...figures) {
  const element = step(words, ...figures);
  element.dataset.lesson = name;
  return element;
}

/** A number's letter with its row and column. @param {string} name @param {number} at @param {number} cols */
export function letterAt(name, at, cols) {
  return letter(name, index(at, cols));
}

/**
 * Words beside what they are about.
 * @param {(Node | string)[]} words
 * @param {...Node} figures
 */
export function step(words, ...figures) {
  return h('div', { class: 'step' }, h('div', { class: 'say' }, ...words), h('div', { class: 'figures' }, ...figures));
}

/** What stands between two grids, for the eye. @param {string} text */
export function sign(text) {
  return h('span', { class: 'sign', 'aria-hidden': 'true' }, text);
}

/** Numbers to begin with, as a row of buttons. @param {Key} title @param {(readonly [Key, () => void])[]} choices */
export function presets(title, choices) {
  const buttons = choices.map(([words, click]) =>
    h('button', { type: 'button', class: 'button', t: words, on: { click } }),
  );
  return h('div', { class: 'control presets', role: 'group', label: title }, h('span', { t: title }), ...buttons);
}

/** Products, added up. @param {Lens} lens @param {(readonly number[])[]} pairs */
export function terms(lens, pairs) {
  const words = pairs.map(([weight = 0, value = 0]) =>
    h('span', { class: 'term' }, `${inside(lens, weight)}·${inside(lens, value)}`),
  );
  return h('span', { class: 'terms' }, ...words.flatMap((word, at) => (at ? [' + ', word] : [word])));
}

/** @param {Lens} lens @param {number} value */
function inside(lens, value) {
  return value < 0 ? `(${shown(lens, value)})` : shown(lens, value);
}
