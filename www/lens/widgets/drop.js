/** The ways a photograph comes in: dropped anywhere, chosen, pasted, taken, or one of the samples; and the first page that offers them. */
import { h, iconButton, isTextField } from './dom.js';
import { isKey } from '../text.js';
import { carriedBy } from '../photograph/transfer.js';

/** @import { Lens } from '../lens.js' */

/** `aside`: known by its address, and not offered to begin with; `stranger`: what it is of, where the bundled network has never seen one. @typedef {{ id: string, file: string, title: { en: string, zh: string }, author: string, licence: string, source: string, aside?: boolean, stranger?: { en: string, zh: string } }} Sample */
/** What a link shows as soon as there is a photograph. @typedef {Pick<import('../view/state.js').View, 'tab' | 'layer' | 'map' | 'unit' | 'classIndex'>} Linked */
/**
 * @typedef {object} DropHandlers
 * @property {(carried: import('../photograph/transfer.js').Carried) => void} onCarried something was brought, which may be a picture
 * @property {(sample: Sample) => void} onSample
 * @property {() => void} onCamera
 * @property {() => void} onPaste
 * @property {() => void} onIntent something is about to come: time to fetch the program
 * @property {() => void} onLesson
 */

/** What a drag that begins on the page is known by. */
const OWN = 'application/x-zf-lens';

/**
 * @param {Lens} lens
 * @param {DropHandlers} handlers
 */
export function createDrop(lens, { onCarried, onSample, onCamera, onPaste, onIntent, onLesson }) {
  const { t, inLanguage } = lens.words;
  const input = h('input', { type: 'file', accept: 'image/*', class: 'unseen', tabindex: '-1', label: 'openLong' });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    // The same file may be chosen again later.
    input.value = '';
    if (file) onCarried({ file });
  });
  const choose = () => {
    onIntent();
    input.click();
  };

  const veil = h('div', { class: 'veil', hidden: true }, h('p', { t: 'dropNow' }));
  let depth = 0;
  const carries = (/** @type {DragEvent} */ { dataTransfer }, /** @type {string[]} */ ...types) =>
    types.some((type) => dataTransfer?.types.includes(type));
  // A link or words of the page itself are no picture that is brought, and nothing is to be said of them.
  window.addEventListener('dragstart', ({ dataTransfer }) => dataTransfer?.setData(OWN, '1'));
  const isBrought = (/** @type {DragEvent} */ event) =>
    carries(event, 'Files', 'text/uri-list', 'text/html') && !carries(event, OWN);
  // Words go into a text field; anything else let go over a page would take the browser away from it.
  const isForText = (/** @type {DragEvent} */ event) => isTextField(event.target) && !carries(event, 'Files');
  window.addEventListener('dragenter', (event) => {
    if (!isBrought(event)) return;
    depth++;
    veil.hidden = false;
    onIntent();
  });
  window.addEventListener('dragleave', (event) => {
    if (isBrought(event) && --depth <= 0) hide();
  });
  window.addEventListener('dragover', (event) => isForText(event) || event.preventDefault());
  window.addEventListener('drop', (event) => {
    hide();
    if (isForText(event)) return;
    // A tab may have a use for more than one photograph.
    const isTaken = event.defaultPrevented;
    event.preventDefault();
    if (event.dataTransfer && !isTaken && !carries(event, OWN)) onCarried(carriedBy(event.dataTransfer, 'dropEmpty'));
  });
  window.addEventListener('paste', (event) => {
    if (event.clipboardData && !isTextField(event.target)) onCarried(carriedBy(event.clipboardData, 'pasteEmpty'));
  });
  const hide = () => {
    depth = 0;
    veil.hidden = true;
  };

  const wall = h('div', { class: 'wall' });
  const strip = h('div', { class: 'strip', role: 'group', label: 'sampleNav' });
  const openLesson = (/** @type {Event} */ event) => {
    event.preventDefault();
    onLesson();
  };
  const lesson = h('a', { href: '#v=1&tab=learn', t: 'lessonLink', on: { click: openLesson, pointerenter: onIntent } });
  const waits = h('p', { class: 'lead waits', role: 'status', hidden: true });
  const landing = h(
    'section',
    { class: 'landing' },
    h('h1', { t: 'tagline' }),
    h('p', { class: 'lead', t: 'intro' }),
    waits,
    h(
      'div',
      { class: 'ways' },
      h('button', {
        type: 'button',
        class: 'button primary',
        t: 'choose',
        on: { click: choose, pointerenter: onIntent },
      }),
      iconButton('camera', 'camera', onCamera, true),
      iconButton('paste', 'paste', onPaste, true),
    ),
    h(
      'p',
      { class: 'note' },
      h('span', { t: 'drop' }),
      h('span', { class: 'dot', 'aria-hidden': 'true' }, ' · '),
      h('span', { t: 'private' }),
    ),
    h('p', { class: 'or', t: 'samples' }),
    wall,
    h('p', { class: 'lesson-link' }, lesson),
  );

  /** @type {Map<string, { title: Sample['title'], words: HTMLElement, tile: HTMLButtonElement, thumb: HTMLButtonElement }>} */
  const tiles = new Map();

  /** @param {Sample} sample */
  const picture = (sample) =>
    h('img', { src: new URL(sample.file, lens.samples).href, alt: '', loading: 'lazy', draggable: 'false' });

  /** What the network sees in it, shown on the way to opening it. @param {Sample} sample */
  const seen = ({ id }) =>
    h('img', { src: new URL(`seen/${id}.webp`, lens.samples).href, alt: '', loading: 'lazy', draggable: 'false', class: 'seen' });

  /** @type {Linked | null} */
  let linked = null;
  const drawWaits = () => {
    waits.hidden = !linked;
    if (!linked) return;
    const { tab, layer, map, unit, classIndex } = linked;
    const name = `tab-${tab}`;
    const what = [
      tab !== 'explore' && isKey(name) && t(name),
      classIndex === null ? layer : t('linkClass', { index: classIndex }),
      classIndex === null && map !== null && t('linkMap', { map }),
      classIndex === null && unit && t('linkUnit', { row: unit[0], col: unit[1] }),
    ];
    waits.textContent = t('linkWaits', { what: what.filter(Boolean).join(t('comma')) });
  };

  const translateTiles = () => {
    drawWaits();
    for (const { title, words, thumb } of tiles.values()) {
      words.textContent = inLanguage(title);
      thumb.title = inLanguage(title);
      thumb.setAttribute('aria-label', inLanguage(title));
    }
  };

  return {
    input,
    veil,
    landing,
    choose,
    header: h('div', { class: 'inputs' }, strip, iconButton('open', 'open', choose, true)),
    render: translateTiles,
    /** A link that waits for a photograph, told above the ways to bring one. @param {Linked | null} view */
    setLinked(view) {
      linked = view;
      drawWaits();
    },
    /** @param {Sample[]} samples */
    setSamples(samples) {
      for (const sample of samples) {
        const words = h('span', {});
        const caption = h('span', { class: 'caption' }, words);
        if (sample.stranger) caption.append(h('small', { t: 'strangeTile' }));
        const open = { click: () => onSample(sample), pointerenter: onIntent, focus: onIntent };
        const tile = h(
          'button',
          { type: 'button', class: 'print tile', data: { sample: sample.id }, on: open },
          h('span', { class: 'faces' }, picture(sample), seen(sample)),
          caption,
        );
        const thumb = h(
          'button',
          { type: 'button', class: 'thumb', data: { sample: sample.id }, on: { click: () => onSample(sample) } },
          picture(sample),
        );
        tiles.set(sample.id, { title: sample.title, words, tile, thumb });
        wall.append(tile);
        strip.append(thumb);
      }
      translateTiles();
    },
    /** @param {string | null} id */
    chooseSample(id) {
      for (const [name, { thumb }] of tiles) {
        if (name === id) thumb.setAttribute('aria-current', 'true');
        else thumb.removeAttribute('aria-current');
      }
    },
  };
}
