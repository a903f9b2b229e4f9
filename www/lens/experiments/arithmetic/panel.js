/** The arithmetic of one operation of the network, with the numbers of the picture on view at the place that is chosen. */
import '../learn/words.js';
import './words.js';
import { isAbandoned } from '../../engine/protocol.js';
import { reasonOf, wordsOf } from '../../failure.js';
import { LIMIT, toWord } from '../learn/numbers.js';
import { h, iconButton } from '../../widgets/dom.js';
import { convolutionAt } from './convolution.js';
import { normAt, poolingAt, rectifierAt } from './others.js';
import { spotOf } from './spot.js';

/** @import { LayerInfo, Maps } from '../../engine/protocol.js' */
/** @import { Place } from '../../tab.js' */
/**
 * What an operation shows.
 * @typedef {object} Shape
 * @property {string} title
 * @property {string} text
 * @property {string} real which of its numbers are of this picture
 * @property {Node[]} body
 * @property {string | null} lesson of Learn that is about it
 * @property {() => Record<string, number | number[]> | null} copy what Learn can begin with
 */
/** @typedef {ReturnType<typeof createPanel>} Panel */

/** A superseded question is asked again, so often. */
const TRIES = 3;

/** @param {Place} place @param {() => void} onClose */
export function createPanel(place, onClose) {
  const { lens } = place;
  const { t } = lens.words;
  const { viewer, session, onChange } = place;
  const title = h('h3', {});
  const content = h('div', { class: 'arithmetic-content' });
  const element = h(
    'section',
    { class: 'arithmetic learn', hidden: true, data: { view: 'arithmetic', state: 'idle' } },
    h('header', {}, title, iconButton('close', 'cellClose', onClose)),
    content,
  );
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose();
  });
  /** @type {Map<string, Maps>} */
  let held = new Map();
  let heldOf = '';
  let asked = '';
  /** @type {AbortController | null} */
  let control = null;
  /** @type {string | null} */
  let open = null;

  /** @param {string | null} name of the operation */
  function update(name) {
    const { shown, resolved } = viewer;
    const layer = shown?.network.layers.find((one) => one.name === name);
    element.hidden = !layer;
    const isNew = name !== open;
    open = name;
    if (!shown || !layer) {
      control?.abort();
      held = new Map();
      asked = heldOf = '';
      return;
    }
    const { photo, crop } = shown.context;
    const of = JSON.stringify([session.fingerprint, photo.id, crop]);
    if (of !== heldOf) [held, heldOf] = [new Map(), of];
    const key = JSON.stringify([of, name, resolved.layer, resolved.map, resolved.unit, lens.words.language]);
    if (key === asked) return;
    asked = key;
    control?.abort();
    control = new AbortController();
    void show(layer, control.signal, isNew);
  }

  /** @param {LayerInfo} layer @param {AbortSignal} signal @param {boolean} isNew */
  async function show(layer, signal, isNew) {
    element.dataset.state = 'running';
    element.setAttribute('aria-busy', 'true');
    if (isNew) {
      title.textContent = layer.name;
      content.replaceChildren(h('p', { class: 'note' }, t('cellWaits')));
    }
    for (let left = TRIES; ; left--) {
      try {
        const nodes = await contents(layer, signal);
        if (signal.aborted) return;
        content.replaceChildren(...nodes);
        element.dataset.state = 'done';
        break;
      } catch (error) {
        if (signal.aborted) return;
        if (isAbandoned(error) && left > 1) continue;
        console.warn(error);
        asked = '';
        const note = h('p', { class: 'note' });
        const write = () => {
          note.textContent = t('cellFailed', { reason: wordsOf(lens, reasonOf(error), write).details });
        };
        write();
        content.replaceChildren(note);
        element.dataset.state = 'error';
        break;
      }
    }
    element.setAttribute('aria-busy', 'false');
    if (!isNew) return;
    element.scrollIntoView({ block: 'nearest' });
    place.say(title.textContent ?? '');
  }

  /** @param {LayerInfo} layer @param {AbortSignal} signal @returns {Promise<Node[]>} */
  async function contents(layer, signal) {
    const spot = await spotOf(place, layer, held, signal);
    if (!spot) {
      const isMean = layer.op === 'gap';
      title.textContent =
        layer.op === 'dense' || isMean
          ? t(isMean ? 'cellGapTitle' : 'cellDenseTitle', { layer: layer.name })
          : t('cellReluTitle', { layer: layer.name });
      return [h('p', { class: 'text' }, t('cellNone', { count: layer.shape[0] }))];
    }
    const shape =
      layer.op === 'conv'
        ? convolutionAt(lens, spot)
        : layer.op === 'relu'
          ? await rectifierAt(lens, spot, session)
          : layer.op === 'lrn'
            ? normAt(lens, spot)
            : await poolingAt(lens, spot, session);
    title.textContent = shape.title;
    const note = `${t(spot.found, { layer: spot.source })} ${shape.real}`;
    return [
      h('p', { class: 'text' }, shape.text),
      ...shape.body,
      h('p', { class: 'note' }, note),
      ...(shape.lesson ? [toLearn(shape.lesson, shape.copy)] : []),
    ];
  }

  /** @param {string} lesson @param {Shape['copy']} copy */
  function toLearn(lesson, copy) {
    const go = () => {
      // The numbers that are copied, not those that Learn took from the picture before.
      const { 'learn.from': _from, 'learn.own': _own, ...before } = viewer.view.options;
      /** @type {Record<string, string>} */
      const options = { ...before, 'learn.lesson': lesson };
      // Those of a photograph of one's own stand in no address.
      if (!viewer.shown?.sample) options['learn.own'] = '1';
      for (const [name, value] of Object.entries(copy() ?? {})) {
        options[`learn.${name}`] = typeof value === 'number' ? String(value) : toWord(scaled(value));
      }
      onChange({ tab: 'learn', options }, true);
    };
    return h(
      'div',
      { class: 'control' },
      h('button', { type: 'button', class: 'button', on: { click: go } }, t('cellLearn')),
      h('span', { class: 'note' }, t(copy() ? 'cellLearnNote' : 'cellLearnOwn')),
    );
  }

  return {
    element,
    update,
    render: () => update(open),
  };
}

/** As large as a cell of Learn can hold. @param {number[]} values */
function scaled(values) {
  const most = Math.max(...values.map(Math.abs));
  return most > 0 ? values.map((value) => (value * LIMIT) / most) : values;
}
