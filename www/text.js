/** All words of the page: looks them up, fills them in, and puts them into elements that carry a key. */
import { en } from './text/en.js';
import { zh } from './text/zh.js';

/**
 * Words that come with a tab, when it is opened: one line for each file of words.
 * @typedef {keyof typeof import('./experiments/words.js').en
 *   | keyof typeof import('./experiments/attribution/words.js').en
 *   | keyof typeof import('./experiments/correspondence/words.js').en
 *   | keyof typeof import('./experiments/favourite/words.js').en
 *   | keyof typeof import('./experiments/filters/words.js').en
 *   | keyof typeof import('./experiments/hierarchy/words.js').en
 *   | keyof typeof import('./experiments/invariance/words.js').en
 *   | keyof typeof import('./experiments/learn/words.js').en
 *   | keyof typeof import('./experiments/occlusion/words.js').en
 *   | keyof typeof import('./experiments/top/words.js').en} TabKey
 */
/** Words that come with the choice of networks. @typedef {keyof typeof import('./networks/words.js').en} NetworkKey */
/** @typedef {keyof typeof en | TabKey | NetworkKey} Key */
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
  return (dictionaries[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** @param {string} key @returns {key is Key} */
export function isKey(key) {
  return key in dictionaries.en;
}

/** @param {{ en: string, zh?: string | undefined }} names */
export function inLanguage(names) {
  return (language === 'zh' && names.zh) || names.en;
}

/** @param {number} value @param {number} [digits] significant digits */
export function number(value, digits = 3) {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: digits }).format(value).replace('-', '−');
}

/** @param {number} share */
export function percent(share) {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(
    share,
  );
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(bytes / 1e6);
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
