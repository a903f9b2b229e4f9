/** What went wrong, in a sentence, with what was expected and found, and one thing to do about it. */
import { wordsOf } from '../failure.js';
import { h } from './dom.js';

/** @import { Lens } from '../lens.js' */

/** @typedef {{ key: import('../text.js').Key, act: () => void }} Remedy */
/** @typedef {import('../failure.js').Reason & { hasResult: boolean, remedy: Remedy | null }} Failure */

/** What may work when it is tried again. */
const PASSING = [
  'weights',
  'integrity',
  'not-found',
  'cors',
  'execution',
  'device-lost',
  'out-of-memory',
  'selftest-failed',
];

/** What can be done about a failure. @param {string} code @param {() => void} retry @param {(() => void) | null} onCpu @returns {Remedy | null} */
export function remedyOf(code, retry, onCpu) {
  if (code === 'no-adapter') return onCpu && { key: 'useCpu', act: onCpu };
  return PASSING.includes(code) ? { key: 'retry', act: retry } : null;
}

/** @param {Lens} lens @param {{ onDismiss: () => void, onClear: (() => void) | undefined }} handlers `onClear`: what is kept here can be done away with */
export function createNotice(lens, { onDismiss, onClear }) {
  const { t } = lens.words;
  const sentence = h('p', { class: 'sentence' });
  const details = h('p', { class: 'note' });
  const kept = h('p', { class: 'note', t: 'kept' });
  const remedy = h('button', { type: 'button', class: 'button' });
  // Where what is kept here may be the cause, it can be done away with.
  const clear = h('button', {
    type: 'button',
    class: 'button',
    t: 'clearData',
    data: { action: 'clear-data' },
    on: { click: () => onClear?.() },
  });
  const dismiss = h('button', {
    type: 'button',
    class: 'button',
    t: 'dismiss',
    on: { click: () => (hide(), onDismiss()) },
  });
  const element = h(
    'div',
    { class: 'notice', role: 'alert', hidden: true },
    h('div', {}, sentence, details, kept),
    h('div', { class: 'ways' }, remedy, clear, dismiss),
  );

  /** @type {Failure | null} */
  let shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let fading;
  remedy.addEventListener('click', () => {
    const act = shown?.remedy?.act;
    hide();
    act?.();
  });

  const render = () => {
    if (!shown) return;
    const words = wordsOf(lens, shown, render);
    sentence.textContent = words.sentence;
    details.textContent = words.details;
    kept.hidden = !shown.hasResult;
    remedy.hidden = !shown.remedy;
    clear.hidden = shown.remedy?.key !== 'retry' || !onClear;
    if (shown.remedy) remedy.textContent = t(shown.remedy.key);
  };
  const hide = () => {
    element.hidden = true;
    shown = null;
  };

  return {
    element,
    render,
    /** Says something that is no failure. @param {string} words */
    tell(words) {
      shown = null;
      sentence.textContent = words;
      details.textContent = '';
      kept.hidden = remedy.hidden = clear.hidden = true;
      element.hidden = false;
      clearTimeout(fading);
      fading = setTimeout(() => shown ?? hide(), 6000);
    },
    hide,
    /** @param {Failure} next */
    show(next) {
      shown = next;
      element.hidden = false;
      render();
    },
  };
}
