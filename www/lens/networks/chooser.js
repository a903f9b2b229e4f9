/** The networks that can be chosen, with what they are and how large; and the way of one of them here, which can be stopped. */
import { h } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Offered, Own } from './networks.js' */

/** A download that takes longer than this is shown. */
const PATIENCE = 300;

/**
 * @param {Lens} lens
 * @param {object} options
 * @param {(name: string, isFirst: boolean) => void} options.onChoose
 * @param {(file: File) => void} options.onFile
 * @param {(name: string, isWanted: boolean) => void} options.onKeep a file of the visitor's own is to stay on this device, or no longer
 * @param {(name: string) => void} options.onDare opens what is likely too large
 * @param {() => void} options.onCancel
 * @param {() => void} options.onSlow shows the page that this stands on
 */
export function createChooser(lens, { onChoose, onFile, onKeep, onDare, onCancel, onSlow }) {
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
  const warning = h('div', { class: 'halt', role: 'alert', hidden: true });
  const element = h(
    'section',
    { class: 'chooser', hidden: true },
    h('h3', { t: 'networkAll' }),
    choices,
    own,
    warning,
    progress,
  );

  /** @type {Offered[]} */
  let all = [];
  /** @type {Offered[]} */
  let elsewhere = [];
  /** @type {readonly Own[]} */
  let files = [];
  /** What is likely too large. @type {{ one: Offered, needs: number, has: number } | null} */
  let short = null;
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
    const keeping = (/** @type {string} */ name) => {
      const own = files.find((one) => one.name === name);
      if (!own) return [];
      const words = own.isKept
        ? /** @type {const} */ (['networkKept', 'networkRemove'])
        : /** @type {const} */ (['networkNotKept', 'networkKeep']);
      const button = h('button', {
        type: 'button',
        class: 'button',
        t: words[1],
        on: {
          click: () => {
            button.disabled = true;
            onKeep(name, !own.isKept);
          },
        },
      });
      return [
        h('p', { class: 'network-keeping note', data: { keeping: name } }, h('span', { t: words[0] }), ' ', button),
      ];
    };
    const others = elsewhere.map((one) => row(one, all.length));
    choices.replaceChildren(
      ...all.flatMap((one, at) => [row(one, at), ...keeping(one.name)]),
      h('p', { class: 'note', t: 'networkElsewhere' }),
      ...others,
    );
    drawWarning();
    open.disabled = !canChoose;
    element.hidden = all.length === 0;
  }

  function drawWarning() {
    warning.hidden = short === null;
    if (!short) return;
    const { one, needs, has } = short;
    const say = t('networkLarge', {
      name: inLanguage(one.title),
      size: t('bytes', { loaded: megabytes(one.bytes) }),
      needs: t('bytes', { loaded: megabytes(needs) }),
      has: t('bytes', { loaded: megabytes(has) }),
    });
    const dare = h('button', {
      type: 'button',
      class: 'button',
      t: 'networkDare',
      on: { click: () => onDare(one.name) },
    });
    warning.replaceChildren(h('p', { class: 'note' }, say), dare);
  }

  return {
    element,
    render,
    /** @param {readonly Own[]} own files of the visitor's own */
    setOwn(own) {
      files = own;
      render();
    },
    /** @param {Offered} one that is likely too large @param {{ needs: number, has: number }} room */
    warn(one, room) {
      short = { one, ...room };
      render();
    },
    /** @param {Offered[]} offered @param {Offered[]} others with other hosts @param {string} name of the one that looks @param {boolean} free whether another can be chosen now */
    set(offered, others, name, free) {
      [all, elsewhere, current, canChoose] = [offered, others, name, free];
      render();
    },
    /** @param {number} size */
    begin(size) {
      total = size;
      short = null;
      drawWarning();
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
