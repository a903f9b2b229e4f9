/** All words: looks them up, fills them in, and puts them into elements that carry a key. Each lens speaks a language of its own. */
import page from '../../crates/zfnet-words/words/page.json' with { type: 'json' };

/**
 * Words that come with a tab, when it is opened: one line for each file of words.
 * @typedef {keyof typeof import('../../crates/zfnet-words/words/experiments.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/attribution.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/correspondence.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/evolution.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/favourite.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/filters.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/hierarchy.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/invariance.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/layers.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/learn.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/live.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/occlusion.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/prints.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/region.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/share.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/top.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/unit.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/offline.json')
 *   | keyof typeof import('../../crates/zfnet-words/words/tour.json')} TabKey
 */
/** Words that come with the choice of networks. @typedef {keyof typeof import('../../crates/zfnet-words/words/networks.json')} NetworkKey */
/** Words of the drawing of the network. @typedef {keyof typeof import('../../crates/zfnet-words/words/drawing.json') | keyof typeof import('../../crates/zfnet-words/words/arithmetic.json')} DrawingKey */
/** @typedef {keyof typeof page | TabKey | NetworkKey | DrawingKey} Key */
/** @typedef {'en' | 'zh'} Language */
/** A file of the catalogue. @typedef {Record<string, Record<Language, string>>} Catalogue */

/** @type {Catalogue} */
const catalogue = { ...page };

/** Takes in the words of a part that is fetched later. @param {Catalogue} words */
export function addWords(words) {
  Object.assign(catalogue, words);
}

/** @param {string} key @returns {key is Key} */
export function isKey(key) {
  return key in catalogue;
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
    (catalogue[key]?.[this.#language] ?? key).replace(/\{(\w+)\}/g, (_, name) => {
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
