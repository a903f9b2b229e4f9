/** What went wrong, in a sentence, with what was expected and found, and one thing to do about it. */
import { h } from './dom.js';
import { isKey, t } from '../text.js';

/** @typedef {{ key: import('../text.js').Key, act: () => void }} Remedy */
/**
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} message for those who look for the cause
 * @property {string | null} kind of a file that is no picture, or none that can be read
 * @property {boolean} hasResult
 * @property {Remedy | null} remedy
 */

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

/** What can be done about a failure. @param {string} code @param {() => void} retry @returns {Remedy | null} */
export function remedyOf(code, retry) {
  if (code === 'no-adapter') return { key: 'useCpu', act: useCpu };
  return PASSING.includes(code) ? { key: 'retry', act: retry } : null;
}

function useCpu() {
  const url = new URL(location.href);
  url.searchParams.set('backend', 'cpu');
  location.assign(url);
}

/** @param {string} code */
function sentenceOf(code) {
  const key = `error-${code}`;
  return t(isKey(key) ? key : 'error-execution');
}

/** @typedef {Pick<Failure, 'code' | 'message' | 'kind'>} Reason */

/** What was expected and found: of a picture in the visitor's language, of anything else as it was reported. @param {Reason} reason */
function detailsOf({ code, message, kind }) {
  const key = `found-${code}`;
  if (!isKey(key)) return message;
  const named = `kind-${kind}`;
  return t(key, { kind: t(isKey(named) ? named : 'kind-unknown') });
}

/** In one line, for a list of what was left out. @param {Reason} reason */
export function reasonWords(reason) {
  return `${sentenceOf(reason.code)} ${detailsOf(reason)}`;
}

/** @param {() => void} onDismiss */
export function createNotice(onDismiss) {
  const sentence = h('p', { class: 'sentence' });
  const details = h('p', { class: 'note' });
  const kept = h('p', { class: 'note', t: 'kept' });
  const remedy = h('button', { type: 'button', class: 'button' });
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
    h('div', { class: 'ways' }, remedy, dismiss),
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
    sentence.textContent = sentenceOf(shown.code);
    details.textContent = detailsOf(shown);
    kept.hidden = !shown.hasResult;
    remedy.hidden = !shown.remedy;
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
      kept.hidden = remedy.hidden = true;
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
