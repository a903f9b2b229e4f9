/** The networks that can be chosen, with what they are and how large; and the way of one of them here, which can be stopped. */
import { h } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Offered } from './networks.js' */

/** A download that takes longer than this is shown. */
const PATIENCE = 300;

/**
 * @param {Lens} lens
 * @param {object} options
 * @param {(name: string, isFirst: boolean) => void} options.onChoose
 * @param {(file: File) => void} options.onFile
 * @param {() => void} options.onCancel
 * @param {() => void} options.onSlow shows the page that this stands on
 */
export function createChooser(lens, { onChoose, onFile, onCancel, onSlow }) {
  const { t, megabytes, inLanguage } = lens.words;
  const choices = h('div', { class: 'networks', role: 'radiogroup', label: 'networkChoice' });
  const bar = h('progress', { max: '1', label: 'loading' });
  const bytes = h('span', { class: 'bytes' });
  const cancel = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: onCancel } });
  const progress = h('div', { class: 'progress', hidden: true }, bar, bytes, cancel);
  const file = h('input', { type: 'file', accept: '.onnx,.safetensors,.pth,.pt', hidden: true });
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (chosen) onFile(chosen);
  });
  const open = h('button', { type: 'button', class: 'button', t: 'networkOpen', on: { click: () => file.click() } });
  const own = h('p', {}, open, ' ', h('span', { class: 'note', t: 'networkOpenHint' }), file);
  const element = h(
    'section',
    { class: 'chooser', hidden: true },
    h('h3', { t: 'networkChoice' }),
    choices,
    own,
    progress,
  );

  /** @type {Offered[]} */
  let all = [];
  /** @type {Offered[]} */
  let elsewhere = [];
  let current = '';
  let canChoose = false;
  let total = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  function render() {
    const row = (/** @type {Offered} */ { name, manifest, title, about, bytes }, /** @type {number} */ at) => {
      const input = h('input', {
        type: 'radio',
        name: 'network',
        value: name,
        on: { change: () => onChoose(name, at === 0) },
      });
      input.checked = name === current;
      input.disabled = !canChoose;
      const size = t('bytes', { loaded: megabytes(bytes) });
      const isElsewhere = elsewhere.some((one) => one.name === name);
      const from = isElsewhere ? `${new URL(String(manifest)).host} · ${size}` : size;
      return h(
        'label',
        { data: { network: name } },
        input,
        h('span', { class: 'network-title' }, inLanguage(title), ' ', h('span', { class: 'note' }, from)),
        h('span', { class: 'note' }, about ? inLanguage(about) : t('networkOwn')),
      );
    };
    const others = elsewhere.map((one) => row(one, all.length));
    choices.replaceChildren(...all.map(row), h('p', { class: 'note', t: 'networkElsewhere' }), ...others);
    open.disabled = !canChoose;
    element.hidden = all.length === 0;
  }

  return {
    element,
    render,
    /** @param {Offered[]} offered @param {Offered[]} others with other hosts @param {string} name of the one that looks @param {boolean} free whether another can be chosen now */
    set(offered, others, name, free) {
      [all, elsewhere, current, canChoose] = [offered, others, name, free];
      render();
    },
    /** @param {number} size */
    begin(size) {
      total = size;
      progress.hidden = false;
      this.advance(0);
      clearTimeout(waiting);
      waiting = setTimeout(onSlow, PATIENCE);
    },
    /** @param {number} loaded */
    advance(loaded) {
      bar.value = total > 0 ? loaded / total : 0;
      bytes.textContent = t('bytesOf', { loaded: megabytes(loaded), total: megabytes(total) });
    },
    end() {
      clearTimeout(waiting);
      progress.hidden = true;
    },
  };
}
