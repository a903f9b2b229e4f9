/**
 * A grid of many cells drawn on one canvas, as one tab stop: a list box of which only the current option is in the document.
 */
import { h } from './dom.js';

let count = 0;

/**
 * @typedef {object} KeypadOptions
 * @property {(event: PointerEvent) => number | null} cellAt which cell is under the pointer
 * @property {(cell: number, event: PointerEvent | null) => void} onPoint hovered with the pointer
 * @property {() => void} onLeave
 * @property {(cell: number, event: PointerEvent | null) => void} onPick clicked, or confirmed with Enter
 * @property {(cell: number) => void} onMove moved to with a key
 * @property {(step: number) => void} [onBracket] `[` or `]`
 */

/** @param {KeypadOptions} options */
export function createKeypad(options) {
  const id = `cell-${++count}`;
  const option = h('div', { id, role: 'option', 'aria-selected': 'true', class: 'unseen' });
  const element = h('div', { class: 'keypad', role: 'listbox', tabindex: '0', 'aria-activedescendant': id }, option);
  let current = 0;
  let total = 0;
  let columns = 1;
  let rows = 1;

  element.addEventListener('pointermove', (event) => {
    // A finger that slides is scrolling; it picks by tapping.
    if (event.pointerType === 'touch') return;
    const cell = options.cellAt(event);
    if (cell === null) options.onLeave();
    else options.onPoint(cell, event);
  });
  element.addEventListener('pointerleave', () => options.onLeave());
  element.addEventListener('click', (event) => {
    const cell = options.cellAt(/** @type {PointerEvent} */ (event));
    if (cell !== null) options.onPick(cell, /** @type {PointerEvent} */ (event));
  });
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      ArrowUp: current - columns,
      ArrowDown: current + columns,
      Home: 0,
      End: total - 1,
      PageUp: current - columns * rows,
      PageDown: current + columns * rows,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (total > 0) options.onMove(Math.max(0, Math.min(total - 1, to)));
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (total > 0) options.onPick(current, null);
    } else if (options.onBracket && (event.key === '[' || event.key === ']')) {
      event.preventDefault();
      options.onBracket(event.key === '[' ? -1 : 1);
    }
  });

  return {
    element,
    /**
     * @param {{ current: number, total: number, columns: number, rows?: number, name: string, words: string }} now
     *   `rows`: how many a page is; `words`: what the current option says
     */
    set(now) {
      ({ current, total, columns } = now);
      rows = now.rows ?? 4;
      element.setAttribute('aria-label', now.name);
      option.textContent = now.words;
      option.setAttribute('aria-posinset', String(current + 1));
      option.setAttribute('aria-setsize', String(Math.max(1, total)));
    },
  };
}
