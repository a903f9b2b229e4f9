/** A row of prints, one for each convolution: a unit that tells much, the projection above the patch. It is also the way to choose a layer. */
import { explain, gap, h, icon, iconButton } from './dom.js';
import { mapName } from './map-name.js';
import { blank, inColours, paint } from './paint.js';

/** @import { Lens } from '../lens.js' */
/** @import { LayerInfo, Projection } from '../engine/protocol.js' */
/** @import { InputSize } from '../view/crop.js' */
/**
 * @typedef {object} Print
 * @property {HTMLElement} element
 * @property {HTMLButtonElement} button
 * @property {HTMLButtonElement} next to another of the layer's units
 * @property {HTMLElement} count
 * @property {HTMLCanvasElement} projection
 * @property {HTMLCanvasElement} patch
 * @property {HTMLElement} words
 * @property {LayerInfo | null} layer
 * @property {Projection | null} shown
 * @property {{ at: number, of: number }} place among the layer's units
 */

/** The prints that wait in place before the network is known; the paper's network has five convolutions. */
const WAITING = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'];

/**
 * @param {Lens} lens
 * @param {{ onLayer: (layer: string) => void, onPoint: (layer: string | null) => void, onNext: (layer: string) => void, onSave: () => void }} handlers
 */
export function createJourney(lens, { onLayer, onPoint, onNext, onSave }) {
  const { t, number } = lens.words;
  const row = h('div', { class: 'journey', role: 'group', label: 'journeyLabel' });
  const slot = h('div', { class: 'journey-progress' });
  const element = h(
    'section',
    { class: 'journey-section' },
    h(
      'header',
      {},
      h('h2', { t: 'journey' }),
      h('p', { class: 'note' }, h('span', { t: 'journeyHint' }), gap(), h('span', { t: 'colourText' })),
      iconButton('save', 'saveCard', onSave),
    ),
    slot,
    row,
  );
  /** @type {Map<string, Print>} */
  const prints = new Map();
  /** @type {InputSize} */
  let inputSize = [224, 224];
  /** What is shown beside the prints, named as they name theirs. */
  let shownBeside = '';

  /** @param {string} name @param {LayerInfo | null} layer @returns {Print} */
  const create = (name, layer) => {
    const projection = h('canvas', { class: 'blank', role: 'img', 'aria-hidden': 'true' });
    const patch = h('canvas', { class: 'blank', role: 'img', 'aria-hidden': 'true' });
    const words = h('span', { class: 'words' });
    const glass = h('i', { class: 'glass' });
    const share = layer ? Math.min(1, layer.field.size[0] / inputSize[0]) : 0;
    glass.style.setProperty('--share', String(share));
    const button = h(
      'button',
      {
        type: 'button',
        class: 'print',
        data: { layer: name },
        disabled: !layer,
        on: {
          click: () => onLayer(name),
          pointerenter: (/** @type {PointerEvent} */ event) => event.pointerType !== 'touch' && onPoint(name),
          pointerleave: () => onPoint(null),
        },
      },
      projection,
      patch,
      h('span', { class: 'caption' }, glass, h('b', {}, name), ' ', words),
    );
    const count = h('span', {});
    const next = h(
      'button',
      { type: 'button', class: 'another', disabled: true, on: { click: () => onNext(name) } },
      count,
      icon('next'),
    );
    const element = h('div', { class: 'place' }, button, h('div', { class: 'beneath' }, explain(name), next));
    const place = { at: 0, of: 1 };
    return { element, button, next, count, projection, patch, words, layer, shown: null, place };
  };

  /** @param {string} name @param {Print} print */
  const describe = (name, { element, layer, shown, words, button, next, count, place }) => {
    const [rows, cols] = layer?.field.size ?? [0, 0];
    const sees = layer ? t('sees', { rows, cols }) : '';
    const silent = shown?.activation === 0;
    // A unit of the first layer is projected through its filter alone: the same one for every photograph.
    const isFirst = name === prints.keys().next().value;
    if (silent) words.textContent = t('silentLayer');
    else if (!shown) words.textContent = sees;
    else if (shown.unit)
      words.textContent = t(isFirst ? 'printFilter' : 'printUnit', {
        map: mapName(lens, layer, shown.unit[0]),
        rows,
        cols,
      });
    else
      words.textContent = t('printMap', {
        map: mapName(lens, layer, shown.map ?? 0),
        rows: inputSize[0],
        cols: inputSize[1],
      });
    button.title = sees;
    const value = shown && !silent ? `, ${t('activation')} ${number(shown.activation)}` : '';
    button.setAttribute('aria-label', `${name} ${words.textContent}${value}`);
    next.disabled = place.of < 2;
    const among = t('placeAmong', { at: place.at + 1, of: place.of });
    count.textContent = among;
    element.querySelector('.explain')?.setAttribute('aria-label', `${t('explain')}: ${name}`);
    next.title = t('nextPrint');
    next.setAttribute('aria-label', t('nextPrintOf', { layer: name, place: among }));
  };

  /** @param {readonly (readonly [string, LayerInfo | null])[]} layers */
  const rebuild = (layers) => {
    prints.clear();
    for (const [name, layer] of layers) prints.set(name, create(name, layer));
    row.replaceChildren(...[...prints.values()].map(({ element }) => element));
    for (const [name, print] of prints) describe(name, print);
  };

  /** @param {string} name */
  const see = (name) => {
    const place = prints.get(name)?.element;
    if (!place || row.scrollWidth <= row.clientWidth) return;
    const { left, right } = place.getBoundingClientRect();
    const frame = row.getBoundingClientRect();
    if (left < frame.left) row.scrollBy({ left: left - frame.left });
    else if (right > frame.right) row.scrollBy({ left: right - frame.right });
  };

  /** @param {Print} print @param {Projection} shown */
  const draw = ({ projection }, shown) => {
    if (shown.activation === 0) blank(projection);
    else paint(projection, inColours(shown.projection));
  };

  rebuild(WAITING.map((name) => [name, null]));

  return {
    element,
    slot,
    /** Those that have come. */
    get prints() {
      return [...prints].flatMap(([name, { projection, patch, shown }]) =>
        shown ? { name, map: shown.map ?? shown.unit?.[0] ?? null, projection, patch } : [],
      );
    },
    render() {
      for (const [name, print] of prints) describe(name, print);
    },
    /** @param {LayerInfo[]} layers @param {InputSize} size */
    setLayers(layers, size) {
      // Another network may have other receptive fields under the same names.
      const isSame = (/** @type {LayerInfo} */ { name, field }) =>
        String(prints.get(name)?.layer?.field.size) === String(field.size);
      if (String(size) === String(inputSize) && layers.length === prints.size && layers.every(isSame)) return;
      inputSize = size;
      rebuild(layers.map((layer) => [layer.name, layer]));
    },
    /** @param {string | null} chosen @param {string} target what is shown of it, as a print says what it is of @param {boolean} isFilm whether it is another one with every frame */
    choose(chosen, target, isFilm) {
      for (const [name, { button }] of prints) {
        if (name === chosen) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
        button.classList.toggle('chosen', button.dataset.of === target);
      }
      // Where the row is wider than the screen, it stands where the layer is that is open.
      if (target !== shownBeside && chosen && !isFilm) see(chosen);
      shownBeside = target;
    },
    /** @param {Projection} shown @param {number} at which of the layer's units it is @param {number} of so many */
    show(shown, at, of) {
      const print = prints.get(shown.layer);
      if (!print) return;
      print.shown = shown;
      print.place = { at, of };
      print.button.dataset.of = `${shown.layer} ${shown.unit ? shown.unit.join(',') : shown.map}`;
      print.button.classList.toggle('chosen', print.button.dataset.of === shownBeside);
      draw(print, shown);
      paint(print.patch, shown.patch);
      describe(shown.layer, print);
    },
    /** The colours of projections have changed. */
    redraw() {
      for (const print of prints.values()) if (print.shown) draw(print, print.shown);
    },
    clear() {
      for (const print of prints.values()) {
        print.shown = null;
        blank(print.projection);
        blank(print.patch);
      }
    },
  };
}
