/** What went wrong, as it is read: the sentence of its code, and the line of what was expected and found. */
import { codeOf, EngineError } from './engine/protocol.js';
import { isKey } from './text.js';

/** @import { Lens } from './lens.js' */

/**
 * @typedef {object} Reason
 * @property {string} code
 * @property {string} message for those who look for the cause
 * @property {string | null} kind of a file that is no picture, or none that can be read
 */

/** The Chinese of detail lines is fetched when the first is read. @type {((message: string) => string) | null} */
let inChinese = null;

/** @param {unknown} error @returns {Reason} */
export function reasonOf(error) {
  return {
    code: codeOf(error),
    message: error instanceof Error ? error.message : String(error),
    kind: error instanceof EngineError ? error.kind : null,
  };
}

/** @param {Lens} lens @param {Reason} reason @param {() => void} again writes it once more, when its words have come */
export function wordsOf(lens, reason, again) {
  const { t } = lens.words;
  const key = `error-${reason.code}`;
  return { sentence: t(isKey(key) ? key : 'error-execution'), details: detailsOf(lens, reason, again) };
}

/** In one line. @param {Lens} lens @param {Reason} reason @param {() => void} again */
export function lineOf(lens, reason, again) {
  const { sentence, details } = wordsOf(lens, reason, again);
  return `${sentence} ${details}`;
}

/** @param {Lens} lens @param {Reason} reason @param {() => void} again */
function detailsOf(lens, { code, message, kind }, again) {
  const { t } = lens.words;
  const key = `found-${code}`;
  if (isKey(key)) {
    const named = `kind-${kind}`;
    return t(key, { kind: t(isKey(named) ? named : 'kind-unknown') });
  }
  if (lens.words.language === 'en') return message;
  if (inChinese) return inChinese(message);
  // Until they have come, and where they do not come, the message stands as it was reported.
  fetchChinese().then(again, () => {});
  return message;
}

async function fetchChinese() {
  inChinese = (await import('./text/details/details.js')).inChinese;
}
