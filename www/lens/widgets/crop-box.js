/** The part of the photograph that the network sees: dragged, resized at its corners, moved with keys; always in the aspect of its input. */
import { fitted, partOf, widest } from '../view/crop.js';
import { h } from './dom.js';

/** @import { Crop } from '../engine/protocol.js' */
/** @import { InputSize } from '../view/crop.js' */

/** The smallest share of the widest part that may be cut out, and never fewer pixels than this. */
const SMALLEST_SHARE = 0.15;
const SMALLEST_PIXELS = 16;

const CORNERS = /** @type {const} */ ([
  ['nw', -1, -1],
  ['ne', 1, -1],
  ['sw', -1, 1],
  ['se', 1, 1],
]);

/**
 * @param {(crop: Crop, final: boolean) => void} onCrop `final` when the hand lets go
 */
export function createCropBox(onCrop) {
  const element = h('div', { class: 'crop', role: 'group', tabindex: '0', label: 'crop' });
  let photo = { width: 1, height: 1 };
  /** @type {InputSize} */
  let inputSize = [1, 1];
  /** @type {Crop} */
  let crop = { left: 0, top: 0, size: 1 };
  let part = partOf(crop, inputSize);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  const draw = () => {
    part = partOf(crop, inputSize);
    element.style.left = `${(100 * part.left) / photo.width}%`;
    element.style.top = `${(100 * part.top) / photo.height}%`;
    element.style.width = `${(100 * part.width) / photo.width}%`;
    element.style.height = `${(100 * part.height) / photo.height}%`;
  };

  /** Moves the pane, where a panorama is larger than it, so that the part is in it. */
  const show = () => {
    const pane = paneOf(element);
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = element;
    pane.scrollLeft = near(pane.scrollLeft, offsetLeft, offsetWidth, pane.clientWidth);
    pane.scrollTop = near(pane.scrollTop, offsetTop, offsetHeight, pane.clientHeight);
  };

  /** @param {Crop} wanted */
  const fit = (wanted) => {
    const least = Math.max(SMALLEST_PIXELS, Math.round(widest(photo, inputSize) * SMALLEST_SHARE));
    return fitted(wanted, photo, inputSize, least);
  };

  /** @param {Crop} wanted @param {boolean} final */
  const change = (wanted, final) => {
    const next = fit(wanted);
    const same = next.left === crop.left && next.top === crop.top && next.size === crop.size;
    if (same && !final) return;
    crop = next;
    draw();
    show();
    onCrop(crop, final);
  };

  /**
   * @param {PointerEvent} event
   * @param {(from: Crop, right: number, down: number) => Crop} move distances in pixels of the photograph
   */
  const drag = (event, move) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    element.focus({ preventScroll: true });
    const from = { ...crop };
    const frame = /** @type {HTMLElement} */ (element.offsetParent).getBoundingClientRect();
    const perPixel = photo.width / frame.width;
    const pane = paneOf(element);
    const { scrollLeft, scrollTop } = pane;
    const handle = /** @type {HTMLElement} */ (event.currentTarget);
    handle.setPointerCapture(event.pointerId);
    let moved = false;
    const onMove = (/** @type {PointerEvent} */ now) => {
      moved = true;
      element.classList.add('held');
      // The photograph may move below the hand.
      const right = now.clientX - event.clientX + pane.scrollLeft - scrollLeft;
      const down = now.clientY - event.clientY + pane.scrollTop - scrollTop;
      change(move(from, right * perPixel, down * perPixel), false);
    };
    const onEnd = () => {
      handle.removeEventListener('pointermove', onMove);
      element.classList.remove('held');
      if (moved) change(crop, true);
    };
    handle.addEventListener('pointermove', onMove);
    handle.addEventListener('lostpointercapture', onEnd, { once: true });
  };

  element.addEventListener('pointerdown', (event) =>
    drag(event, (from, right, down) => ({ ...from, left: from.left + right, top: from.top + down })),
  );
  for (const [name, across, along] of CORNERS) {
    const handle = h('i', { class: `handle ${name}` });
    handle.addEventListener('pointerdown', (event) =>
      drag(event, (from, right, down) => {
        // The opposite corner stays where it is, and the part stops where the photograph ends.
        const { width, height } = partOf(from, inputSize);
        const fixedX = across > 0 ? from.left : from.left + width;
        const fixedY = along > 0 ? from.top : from.top + height;
        const frame = {
          width: across > 0 ? photo.width - fixedX : fixedX,
          height: along > 0 ? photo.height - fixedY : fixedY,
        };
        const grown = from.size + (right * across + (down * along * width) / height) / 2;
        const { size } = fit({ ...from, size: Math.min(widest(frame, inputSize), grown) });
        const now = partOf({ ...from, size }, inputSize);
        return { size, left: across > 0 ? fixedX : fixedX - size, top: along > 0 ? fixedY : fixedY - now.height };
      }),
    );
    element.append(handle);
  }

  /** Around its middle. @param {number} factor */
  const grown = (factor) => {
    const by = (1 - factor) / 2;
    return { size: part.width * factor, left: part.left + part.width * by, top: part.top + part.height * by };
  };

  element.addEventListener('keydown', (event) => {
    const step = crop.size * (event.shiftKey ? 0.1 : 0.025);
    const grow = { '+': 1.1, '=': 1.1, '-': 1 / 1.1 }[event.key];
    const right = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    const far = { Home: -1, End: 1 }[event.key] ?? 0;
    if (!grow && !right && !down && !far) return;
    event.preventDefault();
    const { size, left, top } = grown(grow ?? 1);
    // Along the side that leaves more room.
    const isWide = photo.width - part.width >= photo.height - part.height;
    const across = isWide ? far * photo.width : 0;
    const along = isWide ? 0 : far * photo.height;
    change({ size, left: left + right * step + across, top: top + down * step + along }, false);
    clearTimeout(resting);
    resting = setTimeout(() => onCrop(crop, true), 500);
  });

  return {
    element,
    /** Rows and columns of what the network sees. @param {InputSize} next */
    setInputSize(next) {
      inputSize = next;
    },
    /** @param {{ width: number, height: number }} size @param {Crop} next */
    set(size, next) {
      // Keys that moved the part of another photograph end with it.
      if (size !== photo) clearTimeout(resting);
      photo = size;
      crop = fit(next);
      draw();
    },
    /** For those who press and do not drag: the part comes to where the photograph is pressed. @param {MouseEvent} event on the photograph */
    moveTo(event) {
      const frame = /** @type {HTMLElement} */ (element.offsetParent).getBoundingClientRect();
      const perPixel = photo.width / frame.width;
      const left = (event.clientX - frame.left) * perPixel - part.width / 2;
      change({ ...crop, left, top: (event.clientY - frame.top) * perPixel - part.height / 2 }, true);
    },
    /** @param {number} factor */
    grow: (factor) => change(grown(factor), true),
    /** Moves the pane so that the part is in its middle. */
    centre() {
      const pane = paneOf(element);
      pane.scrollLeft = element.offsetLeft + (element.offsetWidth - pane.clientWidth) / 2;
      pane.scrollTop = element.offsetTop + (element.offsetHeight - pane.clientHeight) / 2;
    },
    isHeld: () => element.classList.contains('held'),
  };
}

/** What is moved to see another part of a panorama. @param {HTMLElement} element */
function paneOf(element) {
  return /** @type {HTMLElement} */ (element.closest('.pane'));
}

/**
 * How far a pane has to be moved, at least, to show a stretch of what it holds.
 * @param {number} now @param {number} from @param {number} length @param {number} room
 */
function near(now, from, length, room) {
  return Math.max(Math.min(now, from), from + length - room);
}
