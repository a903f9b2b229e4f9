/** What everything in a lens is made with: the element that it stands in, its language, theme and width, and where its files lie. */
import { adopt, FIRST } from './styles/adopt.js';
import { Words } from './text.js';
import { h } from './widgets/dom.js';

/** @import { View } from './view/state.js' */

/** Where the layout changes: a lens says which of these widths it is narrower than. */
const WIDTHS = [480, 760, 1180];

export class Lens {
  /** Nothing outside of it is touched. */
  element = h('div', { class: 'lens' });
  /** Whether somebody leads the visitor through it, who is not to be asked before each step. */
  isGuided = false;

  #width = Infinity;
  /** @type {(() => void)[]} */
  #onWidth = [];

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
    new ResizeObserver(() => this.measure()).observe(this.element);
  }

  get samples() {
    return new URL('samples/', this.folder);
  }

  /** Whether it is dark, by its own choice or the system's. */
  get isDark() {
    const { theme } = this.element.dataset;
    return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }

  /** What has the focus in it. */
  get focused() {
    return /** @type {Document | ShadowRoot} */ (this.element.getRootNode()).activeElement;
  }

  /** Whether it is narrower than one of its widths. @param {480 | 760 | 1180} width */
  isBelow(width) {
    return this.#width < width;
  }

  /** Whether it is in somebody's hand. */
  get isOnPhone() {
    return this.isBelow(760) && matchMedia('(pointer: coarse)').matches;
  }

  /** @param {() => void} act when the layout changes */
  onWidth(act) {
    this.#onWidth.push(act);
  }

  /** Lays itself out for the room that it has: at once when it comes to stand somewhere, from then on by itself. */
  measure() {
    const width = this.element.offsetWidth;
    // What is not shown has no width to go by.
    if (width === 0) return;
    this.#width = width;
    const { dataset } = this.element;
    const below = WIDTHS.filter((limit) => width < limit).join(' ');
    if (dataset.below === below) return;
    dataset.below = below;
    for (const act of this.#onWidth) act();
  }

  /** Language and theme. @param {Pick<View, 'lang' | 'theme'>} view */
  dress({ lang, theme }) {
    this.words.speak(lang);
    this.element.lang = this.words.tag;
    this.element.dataset.theme = theme ?? '';
  }

  /** Comes to stand in a root of somebody else's page, in the styles that it begins with. @param {ShadowRoot} root */
  async enter(root) {
    await Promise.all([...FIRST, 'styles/embedded.css'].map((path) => adopt(root, path)));
    root.prepend(this.element);
    this.measure();
  }

  /** Resolves when a style sheet holds where the lens stands. @param {string} path from this folder */
  adopt(path) {
    return adopt(/** @type {Document | ShadowRoot} */ (this.element.getRootNode()), path);
  }

  /** A dialog of its own, gone when it is closed. @param {HTMLDialogElement} dialog */
  open(dialog) {
    dialog.addEventListener('close', () => dialog.remove());
    this.element.append(dialog);
    dialog.showModal();
  }
}
