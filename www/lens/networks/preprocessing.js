/** How pictures enter a network of which nobody says: what it says of the samples under each usual way, to be chosen by looking. */
import { codeOf, isAbandoned } from '../engine/protocol.js';
import { loadSamples } from '../photograph/samples.js';
import { h } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { Preprocessing } from '../engine/protocol.js' */
/** @import { Sample } from '../widgets/drop.js' */
/** @import { PreprocessingTried } from '../../pkg/cpu/zfnet_web.js' */

const WAYS = /** @type {const} */ (['torchvision', 'caffe', 'zero-to-one', 'minus-one-to-one']);
/** So many samples tell, and do not keep anybody waiting. */
const SAMPLES = 3;

/** The way that was chosen, or 'guessed'; `null` where the network's makers say. @param {Session} session @returns {Preprocessing | 'guessed' | null} */
export function wayOf({ network }) {
  return /** @type {any} */ (network?.provenance)?.preprocessing ?? null;
}

/** Whether the file leaves rows and columns of what enters open. @param {Session} session */
const isOpen = ({ network }) => /** @type {any} */ (network?.provenance)?.imported_from?.size === 'open';

/**
 * @param {Lens} lens
 * @param {Session} session
 * @param {{ onChoose: (way: Preprocessing) => void, onSize: (size: [number, number]) => void }} handlers `size`: rows and columns
 */
export function createPreprocessing(lens, session, { onChoose, onSize }) {
  const { t, percent, inLanguage } = lens.words;
  const choices = h('div', { class: 'networks', role: 'radiogroup', label: 'preprocessingChoice' });
  const text = h('p', { class: 'note', t: 'preprocessingText' });
  const choose = () => {
    const [high, wide] = [rows, cols].map((side) => (side.reportValidity() ? side.valueAsNumber : NaN));
    if (high && wide) onSize([high, wide]);
  };
  const side = (/** @type {'inputRows' | 'inputCols'} */ label) =>
    h('input', { type: 'number', min: '1', max: '4096', required: true, label, on: { change: choose } });
  const [rows, cols] = [side('inputRows'), side('inputCols')];
  const sizing = h('div', { class: 'input-size' }, h('span', { t: 'inputSize' }), h('span', {}, rows, ' × ', cols));
  const element = h(
    'section',
    { class: 'preprocessing', hidden: true },
    h('h3', { t: 'preprocessingChoice' }),
    text,
    choices,
    sizing,
  );
  /** Of which network, on which samples. @type {{ fingerprint: string | null, samples: Sample[], tried: PreprocessingTried[] } | null} */
  let found = null;
  /** The network that is being tried. @type {string | null} */
  let trying = null;

  function render() {
    const way = wayOf(session);
    sizing.hidden = !isOpen(session);
    const [high, wide] = session.network?.inputSize ?? [];
    rows.value = String(high ?? '');
    cols.value = String(wide ?? '');
    element.hidden = way === null && sizing.hidden;
    text.hidden = choices.hidden = way === null;
    if (way === null) return;
    const each = WAYS.map((name) => {
      const input = h('input', {
        type: 'radio',
        name: 'preprocessing',
        value: name,
        on: { change: () => onChoose(name) },
      });
      // Until somebody chooses it is torchvision's, by guess.
      input.checked = name === (way === 'guessed' ? WAYS[0] : way);
      const one = found?.tried.find(({ preprocessing }) => preprocessing === name);
      const tells = one && t('preprocessingSure', { share: percent(one.confidence) });
      const sure = tells ?? (trying === null ? '' : t('loading'));
      return h(
        'label',
        { data: { way: name } },
        input,
        h('span', { class: 'network-title' }, t(`preprocessing-${name}`), ' ', h('span', { class: 'note' }, sure)),
        h('span', { class: 'note' }, one ? said(one) : ''),
      );
    });
    choices.replaceChildren(...each);
  }

  /** @param {PreprocessingTried} one */
  function said({ said }) {
    const nameOf = (/** @type {number} */ at) => inLanguage(session.network?.classes[at] ?? { en: `#${at}` });
    const lines = said.map(({ class: at, probability }, sample) =>
      t('preprocessingSaid', {
        sample: inLanguage(found?.samples[sample]?.title ?? { en: '' }),
        name: nameOf(at),
        share: percent(probability),
      }),
    );
    return lines.join(' · ');
  }

  async function tryAll() {
    const { fingerprint } = session;
    // What a phone has not asked for is not brought for this.
    if (session.classifierFile && lens.isOnPhone) return;
    trying = fingerprint;
    try {
      await session.classifier();
      const all = await loadSamples(lens.samples);
      const samples = all.filter(({ aside }) => !aside).slice(0, SAMPLES);
      const pictures = await Promise.all(
        samples.map(async ({ id, file }) => {
          const blob = await (await fetch(new URL(file, lens.samples))).blob();
          return { photo: { id: `preprocessing-${id}`, blob, pixels: null }, crop: null };
        }),
      );
      const tried = await session.experiment('preprocessings', null, { context: null, pictures, channel: 'album' });
      if (fingerprint === session.fingerprint) found = { fingerprint, samples, tried };
    } catch (error) {
      // One can be chosen all the same.
      if (!isAbandoned(error)) console.warn(codeOf(error), error);
    } finally {
      if (trying === fingerprint) trying = null;
    }
    render();
  }

  return {
    element,
    render,
    /** The network may be another one. */
    update() {
      const { fingerprint } = session;
      if (found && found.fingerprint !== fingerprint) found = null;
      if (wayOf(session) !== null && !found && trying !== fingerprint) void tryAll();
      render();
    },
  };
}
