/** All words: looks them up, fills them in, and puts them into elements that carry a key. Each lens speaks a language of its own. */
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
 *   | keyof typeof import('../offline/words.js').en
 *   | keyof typeof import('../tour/words.js').en} TabKey
 */
/** Words that come with the choice of networks. @typedef {keyof typeof import('./networks/words.js').en} NetworkKey */
/** Words of the drawing of the network. @typedef {keyof typeof import('./experiments/drawing/words.js').en | keyof typeof import('./experiments/arithmetic/words.js').en} DrawingKey */
/** @typedef {keyof typeof en | TabKey | NetworkKey | DrawingKey} Key */
/** @typedef {Record<string, string>} Dictionary */
/** @typedef {'en' | 'zh'} Language */

/** @type {Record<Language, Dictionary>} */
const dictionaries = { en: { ...en }, zh: { ...zh } };

/** Takes in the words of a part that is fetched later. @template {Dictionary} T @param {{ en: T, zh: { [K in keyof T]: string } }} words */
export function addWords(words) {
  Object.assign(dictionaries.en, words.en);
  Object.assign(dictionaries.zh, words.zh);
}

/** @param {string} key @returns {key is Key} */
export function isKey(key) {
  return key in dictionaries.en;
}

/** With a minus sign, not a hyphen. @param {string} words */
function withMinus(words) {
  return words.replace('-', '−');
}

/** What elements carry a key for, and how it gets there. @type {[string, (element: Element, words: string) => void][]} */
const CARRIED = [
  ['data-t', (element, words) => (element.textContent = words)],
  ['data-t-label', (element, words) => element.setAttribute('aria-label', words)],
  ['data-t-title', (element, words) => element.setAttribute('title', words)],
];
const KEYS = CARRIED.map(([attribute]) => attribute);
const ANY = KEYS.map((attribute) => `[${attribute}]`).join();

/** What the browser prefers of the two. @returns {Language} */
function preferred() {
  const tag = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? '';
  return /^zh/i.test(tag) ? 'zh' : 'en';
}

/** One language at a time; its methods may be taken out of it. */
export class Words {
  /** @type {Language} */
  #language = 'en';
  /** @type {Element[]} */
  #roots = [];

  /** @param {Language | null} wanted `null`: what the browser prefers */
  constructor(wanted) {
    this.speak(wanted);
  }

  get language() {
    return this.#language;
  }

  /** As HTML names it. */
  get tag() {
    return this.#language === 'zh' ? 'zh-Hans' : 'en';
  }

  /** @param {Language | null} wanted `null`: what the browser prefers */
  speak(wanted) {
    this.#language = wanted ?? preferred();
  }

  /** @param {Key} key @param {Record<string, string | number>} [values] */
  t = (key, values = {}) =>
    (dictionaries[this.#language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? withMinus(String(value)) : value;
    });

  /** @param {{ en: string, zh?: string | undefined }} names */
  inLanguage = (names) => (this.#language === 'zh' && names.zh) || names.en;

  /** @param {number} value @param {number} [digits] significant digits */
  number = (value, digits = 3) => this.#written(value, { maximumSignificantDigits: digits });

  /** All digits, in groups. @param {number} value */
  wholeNumber = (value) => this.#written(value, { maximumFractionDigits: 0 });

  /** In a column with others: always as many decimals. @param {number} value @param {number} digits */
  fixed = (value, digits) =>
    this.#written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });

  /** With so many decimals at most. @param {number} value @param {number} digits */
  decimal = (value, digits) => this.#written(value, { maximumFractionDigits: digits, useGrouping: false });

  /** @param {number} share */
  percent = (share) => this.#written(share, { style: 'percent', maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0 });

  /** However small a share is, two of its digits are there. @param {number} share */
  finePercent = (share) => this.#written(share, { style: 'percent', maximumSignificantDigits: 2 });

  /** @param {number} bytes */
  megabytes = (bytes) => this.fixed(bytes / 1e6, 1);

  /** The only way from a number to what is read: what is rounded to nothing has no sign. @param {number} value @param {Intl.NumberFormatOptions} options */
  #written(value, options) {
    return withMinus(new Intl.NumberFormat(this.#language, { signDisplay: 'negative', ...options }).format(value));
  }

  /** Writes every word again, in the language of now. */
  translate() {
    for (const root of this.#roots) this.#below(root);
  }

  /** From now on, words stand in whatever comes to stand below `root`. @param {Element} root */
  follow(root) {
    this.#roots.push(root);
    this.#below(root);
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type === 'attributes') this.#fill(/** @type {Element} */ (target));
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          this.#below(node);
        }
      }
    }).observe(root, { subtree: true, childList: true, attributeFilter: KEYS });
  }

  /** @param {Element} root */
  #below(root) {
    this.#fill(root);
    for (const element of root.querySelectorAll(ANY)) this.#fill(element);
  }

  /** @param {Element} element */
  #fill(element) {
    for (const [attribute, put] of CARRIED) {
      const key = element.getAttribute(attribute) ?? '';
      if (isKey(key)) put(element, this.t(key));
    }
  }
}
