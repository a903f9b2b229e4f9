/** What is being done, how far it is, and a way to stop it. */
import { h } from './dom.js';

/** @import { Lens } from '../lens.js' */

/** @typedef {'graphics' | 'program' | 'weights' | 'look'} Stage */

const STAGES = /** @type {const} */ ([
  ['graphics', 'stageGraphics'],
  ['program', 'stageProgram'],
  ['weights', 'stageWeights'],
  ['look', 'stageLook'],
]);

/** The stages from nothing to the first look. @param {Lens} lens @param {() => void} onCancel */
export function createStages(lens, onCancel) {
  const { megabytes, t } = lens.words;
  /** @type {Map<Stage, { item: HTMLElement, bytes: HTMLElement }>} */
  const items = new Map();
  const list = h('ol', { class: 'stages' });
  for (const [stage, key] of STAGES) {
    const bytes = h('span', { class: 'bytes' });
    const item = h('li', {}, h('span', { t: key }), bytes);
    items.set(stage, { item, bytes });
    list.append(item);
  }
  const bar = h('progress', { max: '1', label: 'loading' });
  const cancel = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: onCancel } });
  const element = h('div', { class: 'progress', hidden: true }, list, bar, cancel);

  return {
    element,
    start() {
      element.hidden = false;
      for (const { item } of items.values()) item.className = '';
      bar.removeAttribute('value');
    },
    stop() {
      element.hidden = true;
    },
    /** @param {Stage} stage @param {number} loaded @param {number | null} total @param {boolean} done */
    set(stage, loaded, total, done) {
      const entry = items.get(stage);
      if (!entry) return;
      entry.item.className = done ? 'done' : 'now';
      if (loaded > 0) {
        const both = { loaded: megabytes(loaded), total: megabytes(total ?? 0) };
        entry.bytes.textContent = total && !done ? t('bytesOf', both) : t('bytes', both);
      }
      // The weights are nearly all of the waiting, so they are what the bar shows.
      if (stage === 'weights' && total) bar.value = loaded / total;
      if (stage === 'look') bar.removeAttribute('value');
    },
  };
}

/** A sheet that fills up. @param {Lens} lens @param {() => void} onCancel */
export function createCounter(lens, onCancel) {
  const { t } = lens.words;
  const bar = h('progress', { max: '1', value: '0', label: 'looking' });
  const count = h('span', { class: 'bytes' });
  const cancel = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: onCancel } });
  const element = h('div', { class: 'progress counter', hidden: true }, bar, count, cancel);
  return {
    element,
    /** @param {number} done @param {number} all */
    set(done, all) {
      element.hidden = done >= all;
      bar.value = all > 0 ? done / all : 0;
      count.textContent = t('drawn', { done, all });
    },
    stop() {
      element.hidden = true;
    },
  };
}
