/** A row of prints, one for each convolution: its strongest unit, the projection above the patch. It is also the way to choose a layer. */
import { h, iconButton } from './dom.js';
import { blank, paint } from './paint.js';
import { isKey, number, t } from '../text.js';

/** @import { LayerInfo, Projection } from '../engine/protocol.js' */
/**
 * @typedef {object} Print
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} projection
 * @property {HTMLCanvasElement} patch
 * @property {HTMLElement} words
 * @property {LayerInfo | null} layer
 * @property {Projection | null} shown
 */

/** The prints that wait in place before the network is known; the paper's network has five convolutions. */
const WAITING = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'];

/**
 * @param {{ onLayer: (layer: string) => void, onPoint: (layer: string | null) => void, onSave: () => void }} handlers
 */
export function createJourney({ onLayer, onPoint, onSave }) {
  const row = h('div', { class: 'journey', role: 'group', label: 'journeyLabel' });
  const slot = h('div', { class: 'journey-progress' });
  const element = h(
    'section',
    { class: 'journey-section' },
    h('header', {}, h('h2', { t: 'journey' }), h('p', { class: 'note', t: 'journeyHint' }), iconButton('save', 'saveCard', onSave)),
    slot,
    row,
  );
  /** @type {Map<string, Print>} */
  const prints = new Map();
  let inputSize = 224;

  /** @param {string} name @param {LayerInfo | null} layer @returns {Print} */
  const create = (name, layer) => {
    const projection = h('canvas', { class: 'blank', role: 'img', 'aria-hidden': 'true' });
    const patch = h('canvas', { class: 'blank', role: 'img', 'aria-hidden': 'true' });
    const words = h('span', { class: 'words' });
    const glass = h('i', { class: 'glass' });
    const share = layer ? Math.min(1, layer.field.size[0] / inputSize) : 0;
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
    return { button, projection, patch, words, layer, shown: null };
  };

  /** @param {string} name @param {Print} print */
  const describe = (name, print) => {
    const index = [...prints.keys()].indexOf(name) + 1;
    const key = prints.size === 5 ? `layer${index}` : '';
    const size = print.layer?.field.size ?? [0, 0];
    const sees = print.layer ? t('sees', { rows: size[0], cols: size[1] }) : '';
    const silent = print.shown?.activation === 0;
    print.words.textContent = silent ? t('silentLayer') : isKey(key) ? t(key) : sees;
    print.button.title = sees;
    const value = print.shown ? `, ${t('activation')} ${number(print.shown.activation)}` : '';
    print.button.setAttribute('aria-label', `${name} ${print.words.textContent}, ${sees}${value}`);
  };

  /** @param {readonly (readonly [string, LayerInfo | null])[]} layers */
  const rebuild = (layers) => {
    prints.clear();
    for (const [name, layer] of layers) prints.set(name, create(name, layer));
    row.replaceChildren(...[...prints.values()].map(({ button }) => button));
    for (const [name, print] of prints) describe(name, print);
  };

  rebuild(WAITING.map((name) => [name, null]));

  return {
    element,
    slot,
    /** Those that have come. */
    get prints() {
      return [...prints].flatMap(([name, { projection, patch, shown }]) => (shown ? { name, projection, patch } : []));
    },
    render() {
      for (const [name, print] of prints) describe(name, print);
    },
    /** @param {LayerInfo[]} layers @param {number} size */
    setLayers(layers, size) {
      const same = layers.length === prints.size && layers.every(({ name }) => prints.get(name)?.layer);
      if (same) return;
      inputSize = size;
      rebuild(layers.map((layer) => [layer.name, layer]));
    },
    /** @param {string | null} chosen */
    choose(chosen) {
      for (const [name, { button }] of prints) {
        if (name === chosen) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    },
    /** @param {Projection} shown */
    show(shown) {
      const print = prints.get(shown.layer);
      if (!print) return;
      print.shown = shown;
      if (shown.activation === 0) blank(print.projection);
      else paint(print.projection, shown.projection);
      paint(print.patch, shown.patch);
      describe(shown.layer, print);
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
