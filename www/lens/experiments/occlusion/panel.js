/** One map of the grid on the faded photograph: pointed at with mouse, finger or keys, with the square shown where it stands. */
import { createKeypad } from '../../widgets/keypad.js';
import { h } from '../../widgets/dom.js';
import { blank, paint } from '../../widgets/paint.js';

/** @import { Picture } from '../../engine/protocol.js' */
/**
 * Where the square is put, from any of the maps.
 * @typedef {object} Pointing
 * @property {(at: number) => void} onPoint
 * @property {() => void} onLeave
 * @property {(at: number) => void} onPick
 * @property {(at: number) => void} onMove
 */
/** Sides of the input in pixels. @typedef {{ width: number, height: number }} Sides */
/**
 * The input, the square on it, and places of the grid.
 * @typedef {{ input: Sides, size: number, stride: number, rows: number, cols: number }} Geometry
 */
/** Top and left of the square. @typedef {[number, number]} Corner */

/**
 * A picture of the input's frame, with the square's outline on it.
 * @param {string} view
 * @param {string} letter of figure 7
 */
export function createStill(view, letter) {
  const canvas = h('canvas', { class: 'blank', width: '8', height: '8', role: 'img', data: { view } });
  const square = h('i', { class: 'square-mark' });
  const centre = h('i', { class: 'unit-mark' });
  const frame = h('div', { class: 'square-frame' }, canvas, square, centre);
  const title = h('span', {});
  const below = h('div', { class: 'below' });
  const element = h(
    'figure',
    { class: 'print' },
    frame,
    h('figcaption', {}, h('b', { class: 'letter' }, letter), ' ', title),
    below,
  );
  return {
    element,
    frame,
    canvas,
    below,
    /** @param {string} words the caption @param {string} alt what is to be seen, for those who do not see it */
    say(words, alt) {
      title.textContent = words;
      canvas.setAttribute('aria-label', alt);
    },
    /** @param {Corner} corner @param {number} size @param {Sides} input */
    mark([top, left], size, input) {
      putSquare(square, [top, left], size, input);
      centre.style.left = `${(100 * (left + size / 2)) / input.width}%`;
      centre.style.top = `${(100 * (top + size / 2)) / input.height}%`;
    },
  };
}

/** @param {string} view @param {string} letter of figure 7 @param {Pointing} pointing */
export function createPanel(view, letter, { onPoint, onLeave, onPick, onMove }) {
  const { frame, canvas, ...still } = createStill(view, letter);
  const photo = h('canvas', { class: 'faded', 'aria-hidden': 'true' });
  canvas.classList.add('grid');
  frame.prepend(photo);
  /** @type {Geometry | null} */
  let now = null;
  const keypad = createKeypad({
    cellAt(event) {
      if (!now) return null;
      const box = canvas.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * now.rows);
      const col = Math.floor(((event.clientX - box.left) / box.width) * now.cols);
      return row >= 0 && col >= 0 && row < now.rows && col < now.cols ? row * now.cols + col : null;
    },
    onPoint,
    onLeave,
    onPick,
    onMove,
  });
  frame.append(keypad.element);

  return {
    ...still,
    canvas,
    /** @param {Picture} photograph */
    begin(photograph) {
      paint(photo, photograph);
      blank(canvas);
      now = null;
    },
    /** @param {Picture} picture a pixel for each place @param {Geometry} geometry */
    show(picture, geometry) {
      now = geometry;
      paint(canvas, picture);
      canvas.classList.add('coarse');
      const { input, cols, rows } = geometry;
      const [from, step] = spreadOf(geometry);
      canvas.style.left = `${(100 * from) / input.width}%`;
      canvas.style.top = `${(100 * from) / input.height}%`;
      canvas.style.width = `${(100 * cols * step) / input.width}%`;
      canvas.style.height = `${(100 * rows * step) / input.height}%`;
    },
    /** @param {number} at the place nearest to the square @param {string} name @param {string} words */
    point(at, name, words) {
      keypad.set({ current: at, total: now ? now.rows * now.cols : 0, columns: now?.cols ?? 1, name, words });
    },
  };
}

/** Every place is drawn where the middle of its square is: where the grid begins, and the side of a place. @param {Pick<Geometry, 'size' | 'stride'>} square */
function spreadOf({ size, stride }) {
  return /** @type {[number, number]} */ ([(size - stride) / 2, stride]);
}

/** @param {HTMLElement} element @param {Corner} corner @param {number} size @param {Sides} input */
export function putSquare(element, [top, left], size, { width, height }) {
  element.style.top = `${(100 * top) / height}%`;
  element.style.left = `${(100 * left) / width}%`;
  element.style.width = `${(100 * size) / width}%`;
  element.style.height = `${(100 * size) / height}%`;
}
