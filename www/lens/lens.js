/** What everything in a lens is made with: the element that it stands in, its language and theme, and where its files lie. */
import { Words } from './text.js';
import { h } from './widgets/dom.js';

/** @import { View } from './view/state.js' */

/** What every lens wears, in this order; what else it needs comes with what needs it. */
const SHEETS = ['tokens', 'base', 'overlays', 'landing', 'stage', 'journey', 'explorer', 'table', 'inspector', 'embedded'];

/** All lenses share what was fetched. @type {Map<string, Promise<CSSStyleSheet>>} */
const sheets = new Map();

/** @param {URL} url */
function sheetOf(url) {
  const found = sheets.get(url.href) ?? fetchSheet(url);
  sheets.set(url.href, found);
  found.catch(() => sheets.delete(url.href));
  return found;
}

/** @param {URL} url */
async function fetchSheet(url) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`no style sheet at ${url}`);
  return new CSSStyleSheet().replace(await response.text());
}

export class Lens {
  /** Nothing outside of it is touched. */
  element = h('div', { class: 'lens' });
  /** Whether somebody leads the visitor through it, who is not to be asked before each step. */
  isGuided = false;

  /**
   * @param {object} options
   * @param {URL} options.folder of the samples and weights
   * @param {View['lang']} options.language `null`: what the browser prefers
   * @param {EventTarget} [options.ground] where pictures may be let go and pasted, and Escape is heard: a page that is nothing else gives itself
   * @param {boolean} [options.isGuest] whether the page around is somebody else's, in whose room nothing is to be kept
   */
  constructor({ folder, language, ground, isGuest = false }) {
    this.folder = folder;
    this.isGuest = isGuest;
    this.ground = ground ?? this.element;
    this.words = new Words(language);
    this.words.follow(this.element);
  }

  get samples() {
    return new URL('samples/', this.folder);
  }

  get isDark() {
    const { theme } = this.element.dataset;
    return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }

  /** What has the focus in it. */
  get focused() {
    return /** @type {Document | ShadowRoot} */ (this.element.getRootNode()).activeElement;
  }

  /** Language and theme. @param {Pick<View, 'lang' | 'theme'>} view */
  dress({ lang, theme }) {
    this.words.speak(lang);
    this.element.lang = this.words.tag;
    this.element.dataset.theme = theme ?? '';
  }

  /** Comes to stand in a root of its own, in the styles that every lens wears. @param {ShadowRoot} root */
  async enter(root) {
    const sheets = await Promise.all(SHEETS.map((name) => sheetOf(new URL(`styles/${name}.css`, import.meta.url))));
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
    root.prepend(this.element);
  }

  /** A style sheet comes to hold where the lens stands. @param {URL} url */
  async adopt(url) {
    const sheet = await sheetOf(url);
    const root = /** @type {Document | ShadowRoot} */ (this.element.getRootNode());
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  /** A dialog of its own, gone when it is closed. @param {HTMLDialogElement} dialog */
  open(dialog) {
    dialog.addEventListener('close', () => dialog.remove());
    this.element.append(dialog);
    dialog.showModal();
  }
}
