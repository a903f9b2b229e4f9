/** The ways a photograph comes in: let go over the lens, chosen, pasted, or one of the samples. */
import { h, iconButton, isTextField } from './dom.js';
import { carriedBy } from '../photograph/transfer.js';

/** @import { Lens } from '../lens.js' */

/** `aside`: known by its address, and not offered to begin with; `stranger`: what it is of, where the bundled network has never seen one. @typedef {{ id: string, file: string, title: { en: string, zh: string }, author: string, licence: string, source: string, aside?: boolean, stranger?: { en: string, zh: string } }} Sample */
/**
 * @typedef {object} DropHandlers
 * @property {(carried: import('../photograph/transfer.js').Carried) => void} onCarried something was brought, which may be a picture
 * @property {(sample: Sample) => void} onSample
 * @property {() => void} onIntent something is about to come: time to fetch the program
 */

/** What a drag that begins on the page is known by. */
const OWN = 'application/x-zf-lens';

/** @param {Lens} lens @param {DropHandlers} handlers */
export function createDrop(lens, { onCarried, onSample, onIntent }) {
  const { inLanguage } = lens.words;
  const input = h('input', {
    type: 'file',
    accept: 'image/*,video/*',
    class: 'unseen',
    tabindex: '-1',
    label: 'openLong',
  });
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

  /** @template {keyof GlobalEventHandlersEventMap} K @param {K} type @param {(event: GlobalEventHandlersEventMap[K]) => void} listener */
  const on = (type, listener) => lens.ground.addEventListener(type, /** @type {EventListener} */ (listener));

  const veil = h('div', { class: 'veil', hidden: true }, h('p', { t: 'dropNow' }));
  let depth = 0;
  const carries = (/** @type {DragEvent} */ { dataTransfer }, /** @type {string[]} */ ...types) =>
    types.some((type) => dataTransfer?.types.includes(type));
  // A link or words of the page itself are no picture that is brought, and nothing is to be said of them.
  on('dragstart', ({ dataTransfer }) => dataTransfer?.setData(OWN, '1'));
  const isBrought = (/** @type {DragEvent} */ event) =>
    carries(event, 'Files', 'text/uri-list', 'text/html') && !carries(event, OWN);
  // Words go into a text field; anything else let go over a page would take the browser away from it.
  const isForText = (/** @type {DragEvent} */ event) => isTextField(event.target) && !carries(event, 'Files');
  on('dragenter', (event) => {
    if (!isBrought(event)) return;
    depth++;
    veil.hidden = false;
    onIntent();
  });
  on('dragleave', (event) => {
    if (isBrought(event) && --depth <= 0) hide();
  });
  on('dragover', (event) => isForText(event) || event.preventDefault());
  on('drop', (event) => {
    hide();
    if (isForText(event)) return;
    // A tab may have a use for more than one photograph.
    const isTaken = event.defaultPrevented;
    event.preventDefault();
    if (event.dataTransfer && !isTaken && !carries(event, OWN)) onCarried(carriedBy(event.dataTransfer, 'dropEmpty'));
  });
  on('paste', (event) => {
    if (event.clipboardData && !isTextField(event.target)) onCarried(carriedBy(event.clipboardData, 'pasteEmpty'));
  });
  const hide = () => {
    depth = 0;
    veil.hidden = true;
  };

  const strip = h('div', { class: 'strip', role: 'group', label: 'sampleNav' });
  /** @type {Map<string, { title: Sample['title'], thumb: HTMLButtonElement }>} */
  const thumbs = new Map();

  const render = () => {
    for (const { title, thumb } of thumbs.values()) {
      thumb.title = inLanguage(title);
      thumb.setAttribute('aria-label', inLanguage(title));
    }
  };

  return {
    input,
    veil,
    choose,
    inputs: h('div', { class: 'inputs' }, strip, iconButton('open', 'open', choose, true)),
    render,
    /** @param {Sample[]} samples */
    setSamples(samples) {
      for (const sample of samples) {
        const thumb = h(
          'button',
          { type: 'button', class: 'thumb', data: { sample: sample.id }, on: { click: () => onSample(sample) } },
          pictureOf(lens, sample),
        );
        thumbs.set(sample.id, { title: sample.title, thumb });
        strip.append(thumb);
      }
      render();
    },
    /** @param {string | null} id */
    chooseSample(id) {
      for (const [name, { thumb }] of thumbs) {
        if (name === id) thumb.setAttribute('aria-current', 'true');
        else thumb.removeAttribute('aria-current');
      }
    },
  };
}

/** @param {Lens} lens @param {Sample} sample */
export function pictureOf(lens, { file }) {
  return h('img', { src: new URL(file, lens.samples).href, alt: '', loading: 'lazy', draggable: 'false' });
}
