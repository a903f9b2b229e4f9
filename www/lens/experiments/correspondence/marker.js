/** A picture that boxes are put on: tapped or drawn, dragged, resized at a corner, moved with keys. */
import { h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { fit, letterSide, sizeOf } from './boxes.js';
import { LETTERS } from './marks.js';

/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/**
 * @typedef {object} State
 * @property {Picture} square
 * @property {number} number of the picture
 * @property {string} title
 * @property {string[]} names of the parts
 * @property {(Rectangle | null)[]} boxes in pixels of the input
 * @property {number} chosen the part that is marked next
 * @property {Rectangle[]} random boxes at random places
 * @property {string} note what is missing here
 */

/** A letter beside a box, in pixels of the screen. */
const LETTER = 14;
/** A hand that moves less than this, in pixels of the screen, has tapped. */
const TAP = 6;
/** A change with keys counts once they rest for so long, in milliseconds. */
const REST = 400;

/**
 * @param {object} hooks
 * @param {(part: number, box: Rectangle | null) => void} hooks.onMark
 * @param {(part: number) => void} hooks.onChoose
 * @param {(state: State, part: number, at: Rectangle) => string} hooks.box what a box is, in words
 * @param {(state: State) => string} hooks.picture what the picture is
 * @param {(state: State) => string} hooks.caption
 */
export function createMarker({ onMark, onChoose, box: boxWords, picture, caption }) {
  const canvas = h('canvas', { role: 'img', data: { view: 'marked' } });
  const chance = h('div', { class: 'random-boxes', 'aria-hidden': 'true' });
  const draft = h('div', { class: 'part-box draft', 'aria-hidden': 'true', hidden: true });
  const square = h('div', { class: 'square' }, canvas, chance, draft);
  const words = h('span', {});
  const note = h('span', { class: 'soft' });
  const element = h('figure', { class: 'print marked' }, square, h('figcaption', { class: 'note' }, words, note));
  /** @type {HTMLElement[]} */
  const elements = [];
  /** @type {State | null} */
  let state = null;
  /** What a hand or a key holds and has not let go of. @type {{ part: number, box: Rectangle } | null} */
  let held = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  const size = () => sizeOf(state?.square ?? { height: 1, width: 1 });
  const perPixel = () => size()[1] / (square.getBoundingClientRect().width || 1);
  const boxOf = (/** @type {number} */ part) => (held?.part === part ? held.box : (state?.boxes[part] ?? null));

  /** @param {HTMLElement} box @param {Rectangle} at */
  const lay = (box, { top, left, rows, cols }) => {
    const [all, across] = size();
    const share = (/** @type {number} */ pixels, /** @type {number} */ of) => `${(100 * pixels) / of}%`;
    const [y, x] = [share(top, all), share(left, across)];
    Object.assign(box.style, { top: y, left: x, height: share(rows, all), width: share(cols, across) });
  };

  /** As large as the last one here, so that one set of random boxes serves them all. */
  const usual = () => {
    const last = state?.boxes.findLast((box) => box !== null);
    const side = Math.round(Math.min(...size()) / 6);
    return last ? { rows: last.rows, cols: last.cols } : { rows: side, cols: side };
  };

  const commit = () => {
    clearTimeout(resting);
    const now = held;
    held = null;
    if (now) onMark(now.part, now.box);
  };

  /** @param {number} part */
  const boxElement = (part) => {
    const handle = h('i', { class: 'handle' });
    const letter = h('b', { class: 'letter', 'aria-hidden': 'true' }, LETTERS[part] ?? '');
    const props = { class: 'part-box', role: 'group', tabindex: '0', data: { part: String(part) } };
    const box = h('div', props, letter, handle);
    box.addEventListener('focus', () => onChoose(part));
    box.addEventListener('blur', () => commit());
    box.addEventListener('keydown', (event) => press(event, part));
    box.addEventListener('pointerdown', (event) => {
      const from = boxOf(part);
      if (event.button !== 0 || !from) return;
      event.stopPropagation();
      const isCorner = event.target === handle;
      const onMove = (/** @type {number} */ right, /** @type {number} */ down) => {
        const { top, left, rows, cols } = from;
        // The corner stops where the picture ends, and the other corners stay where they are.
        const [all, across] = size();
        const [high, wide] = [Math.min(rows + down, all - top), Math.min(cols + right, across - left)];
        const pulled = { top, left, rows: high, cols: wide };
        const moved = isCorner ? pulled : { ...from, top: top + down, left: left + right };
        held = { part, box: fit(moved, size()) };
        lay(box, held.box);
      };
      follow(event, box, onMove, commit);
      box.focus({ preventScroll: true });
    });
    square.append(box);
    return box;
  };

  /** @param {KeyboardEvent} event @param {number} part */
  const press = (event, part) => {
    const from = boxOf(part);
    if (!from) return;
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      clearTimeout(resting);
      held = null;
      onMark(part, null);
      return;
    }
    const step = event.shiftKey ? 8 : 1;
    const right = { ArrowLeft: -step, ArrowRight: step }[event.key] ?? 0;
    const down = { ArrowUp: -step, ArrowDown: step }[event.key] ?? 0;
    const grow = { '+': 2, '=': 2, '-': -2 }[event.key] ?? 0;
    if (!right && !down && !grow) return;
    event.preventDefault();
    event.stopPropagation();
    const { top, left, rows, cols } = from;
    const wanted = { top: top + down - grow / 2, left: left + right - grow / 2, rows: rows + grow, cols: cols + grow };
    held = { part, box: fit(wanted, size()) };
    draw();
    clearTimeout(resting);
    resting = setTimeout(commit, REST);
  };

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} target
   * @param {(right: number, down: number) => void} onMove distances in pixels of the input
   * @param {(moved: boolean, cancelled: boolean) => void} onEnd
   */
  const follow = (event, target, onMove, onEnd) => {
    event.preventDefault();
    const scale = perPixel();
    target.setPointerCapture(event.pointerId);
    let moved = false;
    let cancelled = false;
    const move = (/** @type {PointerEvent} */ now) => {
      const [right, down] = [now.clientX - event.clientX, now.clientY - event.clientY];
      moved ||= Math.hypot(right, down) >= TAP;
      if (moved) onMove(right * scale, down * scale);
    };
    const stop = () => void (cancelled = true);
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointercancel', stop);
      onEnd(moved, cancelled);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointercancel', stop);
    target.addEventListener('lostpointercapture', end, { once: true });
  };

  square.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !state) return;
    const { chosen } = state;
    const frame = square.getBoundingClientRect();
    const [x, y] = [(event.clientX - frame.left) * perPixel(), (event.clientY - frame.top) * perPixel()];
    /** @type {Rectangle | null} */
    let drawn = null;
    draft.style.setProperty('--part', `var(--part-${chosen})`);
    const span = (/** @type {number} */ from, /** @type {number} */ by, /** @type {number} */ most) => {
      const to = Math.min(most, Math.max(0, from + by));
      return { from: Math.min(from, to), length: Math.abs(to - from) };
    };
    const onMove = (/** @type {number} */ right, /** @type {number} */ down) => {
      const [across, along] = [span(x, right, size()[1]), span(y, down, size()[0])];
      drawn = fit({ top: along.from, left: across.from, rows: along.length, cols: across.length }, size());
      draft.hidden = false;
      lay(draft, drawn);
    };
    follow(event, square, onMove, (moved, cancelled) => {
      draft.hidden = true;
      if (cancelled) return;
      const { rows, cols } = usual();
      const tapped = fit({ top: y - rows / 2, left: x - cols / 2, rows, cols }, size());
      onMark(chosen, moved && drawn ? drawn : tapped);
    });
  });

  function draw() {
    if (!state) return;
    const now = state;
    const { names } = now;
    names.forEach((_name, part) => {
      const box = (elements[part] ??= boxElement(part));
      const at = boxOf(part);
      box.hidden = at === null;
      box.classList.toggle('chosen', part === now.chosen);
      if (!at) return;
      lay(box, at);
      box.dataset.side = letterSide(
        names.map((_, other) => boxOf(other)),
        part,
        size(),
        LETTER * perPixel(),
      );
      box.setAttribute('aria-label', boxWords(now, part, at));
    });
    elements.slice(names.length).forEach((box) => void (box.hidden = true));
    canvas.setAttribute('aria-label', picture(now));
    words.textContent = caption(now);
    note.textContent = now.note;
    chance.replaceChildren(
      ...now.random.map((at) => {
        const box = h('i', {});
        lay(box, at);
        return box;
      }),
    );
  }

  return {
    element,
    canvas,
    /** A box of the usual size in the middle, for whoever has no pointer. @param {number} part */
    place(part) {
      const { rows, cols } = usual();
      const [all, across] = size();
      onMark(part, fit({ top: (all - rows) / 2, left: (across - cols) / 2, rows, cols }, [all, across]));
      elements[part]?.focus({ preventScroll: true });
    },
    /** @param {State} next */
    set(next) {
      if (state?.square !== next.square) paint(canvas, next.square);
      state = next;
      draw();
    },
  };
}
