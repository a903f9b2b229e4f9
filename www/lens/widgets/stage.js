/** The photograph: the part that the network sees, the receptive field of the unit in question, its projection laid over it. */
import { createCropBox } from './crop-box.js';
import { h } from './dom.js';
import { blank, context, inColours, paint } from './paint.js';

/** @import { Lens } from '../lens.js' */
/** @import { Crop, FieldWindow, Picture } from '../engine/protocol.js' */
/** @import { InputSize } from '../view/crop.js' */

/** Long side of a photograph that is shown before the engine has read it. */
const EARLY = 1024;

/** @param {Lens} lens @param {{ onCrop: (crop: Crop, final: boolean) => void }} handlers */
export function createStage(lens, { onCrop }) {
  const { t } = lens.words;
  const photo = h('canvas', { class: 'photo', role: 'img', label: 'photo', data: { view: 'photo' } });
  const box = createCropBox(onCrop);
  const overlay = h('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  const field = h('div', { class: 'field', 'aria-hidden': 'true' });
  box.element.prepend(h('div', { class: 'inside' }, overlay, field));
  const frame = h('div', { class: 'frame' }, photo, box.element);
  const pane = h('div', { class: 'pane' }, frame);
  const blankNote = h('p', { class: 'note', role: 'status', t: 'blank', hidden: true });
  const caption = h('p', { class: 'note' });
  const opacity = h('input', {
    type: 'range',
    min: '0',
    max: '1',
    step: '0.05',
    value: '0.5',
    label: 'overlay',
    hint: 'overlay',
  });
  photo.addEventListener('click', (event) => box.moveTo(event));
  const resize = (
    /** @type {string} */ sign,
    /** @type {'cropSmaller' | 'cropLarger'} */ label,
    /** @type {number} */ factor,
  ) =>
    h(
      'button',
      { type: 'button', class: 'button resize', label, hint: label, on: { click: () => box.grow(factor) } },
      sign,
    );
  const slider = h(
    'div',
    { class: 'overlay-slider' },
    h('label', {}, h('span', { t: 'overlay' }), opacity),
    resize('−', 'cropSmaller', 1 / 1.2),
    resize('+', 'cropLarger', 1.2),
  );
  const showOpacity = () => {
    overlay.style.opacity = opacity.value;
  };
  opacity.addEventListener('input', showOpacity);
  showOpacity();

  const unfold = h('button', {
    type: 'button',
    class: 'button unfold',
    'aria-expanded': 'false',
    on: { click: () => ((isOpen = !isOpen), fold()) },
  });
  /** For what works a film. */
  const slot = h('div', { class: 'stage-slot' });
  const element = h(
    'section',
    { class: 'stage' },
    h('figure', { class: 'print' }, pane, slider),
    slot,
    unfold,
    blankNote,
    caption,
  );
  /** Whether the photograph is beside what the tab is about, so that it may fold where there is little room. */
  let isAside = false;
  let isOpen = false;

  function fold() {
    const folds = isAside && lens.isBelow(760);
    element.classList.toggle('folds', folds);
    element.classList.toggle('folded', folds && !isOpen);
    // Too small to be worked with.
    pane.inert = folds && !isOpen;
    unfold.setAttribute('aria-expanded', String(isOpen));
    unfold.textContent = t(isOpen ? 'photoFold' : 'photoUnfold');
  }
  lens.onWidth(fold);

  /** @type {{ window: FieldWindow, whole: boolean } | null} */
  let shown = null;
  /** @type {InputSize} */
  let inputSize = [224, 224];
  /** Counts the photographs that were begun. */
  let begun = 0;

  const render = () => {
    fold();
    if (!shown) {
      caption.textContent = t('photoHint');
      return;
    }
    const { window: seen, whole } = shown;
    // One number where the sides are equal.
    const size = [...new Set(inputSize)].join('\u00a0×\u00a0');
    caption.textContent = whole ? t('fieldWhole') : t('fieldHint', { rows: seen.height, cols: seen.width, size });
  };

  /** @param {HTMLElement} element @param {FieldWindow} seen */
  const place = (element, seen) => {
    const [rows, cols] = inputSize;
    element.style.left = `${(100 * seen.left) / cols}%`;
    element.style.top = `${(100 * seen.top) / rows}%`;
    element.style.width = `${(100 * seen.width) / cols}%`;
    element.style.height = `${(100 * seen.height) / rows}%`;
  };

  /** @param {ImageBitmap} image */
  const draw = (image) => {
    const shrink = Math.min(1, EARLY / Math.max(image.width, image.height));
    const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * shrink)));
    // A canvas that is resized is blank.
    if (photo.width !== width || photo.height !== height) Object.assign(photo, { width, height });
    photo.getContext('2d')?.drawImage(image, 0, 0, photo.width, photo.height);
    photo.style.aspectRatio = `${image.width} / ${image.height}`;
    pane.style.setProperty('--aspect', String(image.width / image.height));
  };

  return {
    element,
    slot,
    render,
    /** The next frame of a film that is on view. @param {ImageBitmap} image */
    turn: draw,
    /** What is on view. @returns {Picture} */
    picture() {
      const { width, height, data } = context(photo).getImageData(0, 0, photo.width, photo.height);
      return { width, height, rgba: data };
    },
    /** Shows a photograph as the browser does, while the engine is still on its way. @param {import('../engine/protocol.js').Photo} from */
    async await({ blob, pixels }) {
      const mine = ++begun;
      const source = pixels && new ImageData(new Uint8ClampedArray(await blob.arrayBuffer()), pixels.width);
      const image = await createImageBitmap(source ?? blob, { imageOrientation: 'from-image' }).catch(() => null);
      // The engine may have been quicker, or another photograph have come; and not all can be read by the browser.
      if (!image || mine !== begun) return;
      draw(image);
      box.element.hidden = true;
    },
    /** @param {boolean} aside */
    setAside(aside) {
      if (aside === isAside) return;
      isAside = aside;
      fold();
      if (!aside) box.centre();
    },
    /** @param {Picture} preview @param {import('../engine/protocol.js').PhotoInfo} size @param {Crop} crop */
    open(preview, size, crop) {
      begun++;
      box.element.hidden = false;
      paint(photo, preview);
      blankNote.hidden = !size.blank;
      photo.style.aspectRatio = `${size.width} / ${size.height}`;
      // A pane for a panorama, in which its short side is large enough to work with.
      pane.style.setProperty('--aspect', String(size.width / size.height));
      box.set(size, crop);
      box.centre();
      this.point(null, null);
    },
    /** @param {{ width: number, height: number }} size @param {Crop} crop */
    setCrop(size, crop) {
      if (!box.isHeld()) box.set(size, crop);
    },
    /** @param {InputSize} size */
    setInputSize(size) {
      inputSize = size;
      box.setInputSize(size);
      // What shows all of the input, wherever it stands, has its aspect.
      lens.element.style.setProperty('--input', String(size[1] / size[0]));
    },
    /**
     * @param {FieldWindow | null} seen what the unit in question sees, in pixels of the network's input
     * @param {Picture | null} projection
     * @param {boolean} [whole]
     */
    point(seen, projection, whole = false) {
      shown = seen && { window: seen, whole };
      field.hidden = !seen || whole;
      if (seen) place(field, within(seen, inputSize));
      overlay.hidden = !seen || !projection;
      if (seen && projection) {
        place(overlay, seen);
        paint(overlay, inColours(projection));
      } else {
        blank(overlay);
      }
      render();
    },
  };
}

/**
 * The part of a window that lies on the picture; a frame of which an edge is missing would look like a mistake.
 * @param {FieldWindow} seen
 * @param {InputSize} size
 * @returns {FieldWindow}
 */
function within(seen, [rows, cols]) {
  const top = Math.max(0, seen.top);
  const left = Math.max(0, seen.left);
  return {
    top,
    left,
    height: Math.min(rows, seen.top + seen.height) - top,
    width: Math.min(cols, seen.left + seen.width) - left,
  };
}
