/** All words of the page: looks them up, fills them in, and puts them into elements that carry a key. */
import { en } from './text/en.js';
import { zh } from './text/zh.js';

/**
 * Words that come with a tab, when it is opened: one line for each file of words.
 * @typedef {keyof typeof import('./experiments/words.js').en
 *   | keyof typeof import('./experiments/attribution/words.js').en
 *   | keyof typeof import('./experiments/correspondence/words.js').en
 *   | keyof typeof import('./experiments/evolution/words.js').en
 *   | keyof typeof import('./experiments/favourite/words.js').en
 *   | keyof typeof import('./experiments/filters/words.js').en
 *   | keyof typeof import('./experiments/hierarchy/words.js').en
 *   | keyof typeof import('./experiments/invariance/words.js').en
 *   | keyof typeof import('./experiments/learn/words.js').en
 *   | keyof typeof import('./experiments/occlusion/words.js').en
 *   | keyof typeof import('./experiments/prints/words.js').en
 *   | keyof typeof import('./experiments/share/words.js').en
 *   | keyof typeof import('./experiments/top/words.js').en
 *   | keyof typeof import('./experiments/unit/words.js').en
 *   | keyof typeof import('./offline/words.js').en
 *   | keyof typeof import('./tour/words.js').en} TabKey
 */
/** Words that come with the choice of networks. @typedef {keyof typeof import('./networks/words.js').en} NetworkKey */
/** Words of the drawing of the network. @typedef {keyof typeof import('./experiments/drawing/words.js').en | keyof typeof import('./experiments/arithmetic/words.js').en} DrawingKey */
/** @typedef {keyof typeof en | TabKey | NetworkKey | DrawingKey} Key */
/** @typedef {Record<string, string>} Dictionary */
/** @typedef {'en' | 'zh'} Language */

/** @type {Language} */
let language = 'en';

/** @type {Record<Language, Dictionary>} */
const dictionaries = { en: { ...en }, zh: { ...zh } };

/** Takes in the words of a part of the page that is fetched later. @template {Dictionary} T @param {{ en: T, zh: { [K in keyof T]: string } }} words */
export function addWords(words) {
  Object.assign(dictionaries.en, words.en);
  Object.assign(dictionaries.zh, words.zh);
}

/** @param {Language | null} wanted `null`: what the browser prefers */
export function setLanguage(wanted) {
  language =
    wanted ??
    (navigator.languages
      .find((tag) => /^(en|zh)\b/i.test(tag))
      ?.slice(0, 2)
      .toLowerCase() === 'zh'
      ? 'zh'
      : 'en');
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
}

export function currentLanguage() {
  return language;
}

/**
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return (dictionaries[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? '';
    return typeof value === 'number' ? withMinus(String(value)) : value;
  });
}

/** @param {string} key @returns {key is Key} */
export function isKey(key) {
  return key in dictionaries.en;
}

/** @param {{ en: string, zh?: string | undefined }} names */
export function inLanguage(names) {
  return (language === 'zh' && names.zh) || names.en;
}

/** With a minus sign, not a hyphen. @param {string} words */
function withMinus(words) {
  return words.replace('-', '−');
}

/** The only way from a number to what is read: what is rounded to nothing has no sign. @param {number} value @param {Intl.NumberFormatOptions} options */
function written(value, options) {
  return withMinus(new Intl.NumberFormat(language, { signDisplay: 'negative', ...options }).format(value));
}

/** @param {number} value @param {number} [digits] significant digits */
export function number(value, digits = 3) {
  return written(value, { maximumSignificantDigits: digits });
}

/** All digits, in groups. @param {number} value */
export function wholeNumber(value) {
  return written(value, { maximumFractionDigits: 0 });
}

/** In a column with others: always as many decimals. @param {number} value @param {number} digits */
export function fixed(value, digits) {
  return written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
}

/** With so many decimals at most. @param {number} value @param {number} digits */
export function decimal(value, digits) {
  return written(value, { maximumFractionDigits: digits, useGrouping: false });
}

/** @param {number} share */
export function percent(share) {
  return written(share, { style: 'percent', maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0 });
}

/** However small a share is, two of its digits are there. @param {number} share */
export function finePercent(share) {
  return written(share, { style: 'percent', maximumSignificantDigits: 2 });
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return fixed(bytes / 1e6, 1);
}

/** Fills in the words of every element below `root` that carries a key. @param {ParentNode} root */
export function translate(root) {
  for (const element of root.querySelectorAll('[data-t]')) {
    const key = element.getAttribute('data-t') ?? '';
    if (isKey(key)) element.textContent = t(key);
  }
  for (const element of root.querySelectorAll('[data-t-label]')) {
    const key = element.getAttribute('data-t-label') ?? '';
    if (isKey(key)) element.setAttribute('aria-label', t(key));
  }
  for (const element of root.querySelectorAll('[data-t-title]')) {
    const key = element.getAttribute('data-t-title') ?? '';
    if (isKey(key)) element.setAttribute('title', t(key));
  }
}
