/** What everything in a lens is made with: its language, the element it stands in, and where its files lie. */
import { Words } from './text.js';

/** @import { Language } from './text.js' */

export class Lens {
  /**
   * @param {Element | ShadowRoot} root what the lens stands in; it touches nothing outside
   * @param {URL} folder of the samples and weights
   * @param {Language | null} language `null`: what the browser prefers
   */
  constructor(root, folder, language) {
    this.root = root;
    this.folder = folder;
    this.words = new Words(language);
    this.words.follow(root);
  }

  get samples() {
    return new URL('samples/', this.folder);
  }
}
