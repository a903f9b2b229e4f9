/** The picture with the square on it, which is dragged by mouse or finger, put with a click, and moved with keys. */
import { h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { putSquare } from './panel.js';

/** @import { Picture } from '../../engine/protocol.js' */
/** @typedef {[number, number]} Corner top and left */

/** @param {(corner: Corner, how: 'drag' | 'end' | 'key') => void} onMove */
export function createHand(onMove) {
  const canvas = h('canvas', { role: 'img', label: 'occlusionPhoto', data: { view: 'occlusion-photo' } });
  const square = h('div', { class: 'cover', role: 'group', tabindex: '0' });
  const frame = h('div', { class: 'square-frame hand' }, canvas, square);
  let input = { width: 224, height: 224 };
  let size = 48;
  let stride = 8;
  /** @type {Corner} */
  let corner = [0, 0];
  let held = false;

  /** @param {number} top @param {number} left @returns {Corner} */
  const fit = (top, left) => {
    const within = (/** @type {number} */ from, /** @type {number} */ side) =>
      Math.round(Math.max(0, Math.min(side - size, from)));
    return [within(top, input.height), within(left, input.width)];
  };

  /** @param {Corner} wanted @param {'drag' | 'end' | 'key'} how */
  const move = (wanted, how) => {
    corner = wanted;
    putSquare(square, corner, size, input);
    onMove(corner, how);
  };

  /** Top and left of a square whose middle is under the pointer. @param {{ clientX: number, clientY: number }} event @returns {Corner} */
  const under = ({ clientX, clientY }) => {
    const box = frame.getBoundingClientRect();
    const perPixel = input.width / box.width;
    return fit((clientY - box.top) * perPixel - size / 2, (clientX - box.left) * perPixel - size / 2);
  };

  frame.addEventListener('pointerdown', (event) => {
    const onSquare = event.target === square;
    // A finger beside the square may be scrolling; it puts the square there by tapping.
    if (event.button !== 0 || (event.pointerType === 'touch' && !onSquare)) return;
    event.preventDefault();
    square.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    const start = under(event);
    // Where it is taken hold of stays under the pointer.
    const hold = onSquare ? [corner[0] - start[0], corner[1] - start[1]] : [0, 0];
    held = true;
    const onMoved = (/** @type {PointerEvent} */ now) => {
      const [top, left] = under(now);
      move(fit(top + (hold[0] ?? 0), left + (hold[1] ?? 0)), 'drag');
    };
    frame.addEventListener('pointermove', onMoved);
    const onEnd = () => {
      frame.removeEventListener('pointermove', onMoved);
      held = false;
      move(corner, 'end');
    };
    frame.addEventListener('lostpointercapture', onEnd, { once: true });
    if (!onSquare) move(start, 'drag');
  });
  frame.addEventListener('click', (event) => {
    const { pointerType } = /** @type {PointerEvent} */ (event);
    if (pointerType === 'touch' && event.target !== square) move(under(event), 'end');
  });
  square.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? 1 : stride;
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    const right = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (!down && !right) return;
    event.preventDefault();
    move(fit(corner[0] + down * step, corner[1] + right * step), 'key');
  });

  return {
    element: frame,
    canvas,
    get isHeld() {
      return held;
    },
    /** @param {Picture} photograph @param {{ size: number, stride: number, colour: string }} now */
    begin(photograph, now) {
      paint(canvas, photograph);
      input = photograph;
      ({ size, stride } = now);
      square.style.background = now.colour;
    },
    /** @param {Corner} next @param {string} words how it is moved, and what is seen there */
    put(next, words) {
      corner = next;
      putSquare(square, corner, size, input);
      square.setAttribute('aria-label', words);
    },
  };
}
