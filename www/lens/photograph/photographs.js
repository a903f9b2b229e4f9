/** The visitor's own photographs, for Back and Forward: kept while the page is open, within a bound, the newest first. */

/** @import { Photo } from '../engine/protocol.js' */

/** As many bytes as the largest file that is opened, so that one at least has room. */
const MOST_BYTES = 128 * 1024 * 1024;

export class Photographs {
  /** By their ids, the one that was on view last at the end. @type {Map<string, Photo>} */
  #kept = new Map();
  #most;

  /** @param {number} [most] bytes */
  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** @param {Photo} photo that is on view */
  keep(photo) {
    this.#kept.delete(photo.id);
    this.#kept.set(photo.id, photo);
    for (const [id] of this.#kept) {
      if (this.#bytes <= this.#most || id === photo.id) break;
      this.#kept.delete(id);
    }
  }

  /** @param {string} id @returns {Photo | null} `null`: it had to make room, or the page has been opened anew since */
  find(id) {
    return this.#kept.get(id) ?? null;
  }

  get #bytes() {
    return [...this.#kept.values()].reduce((sum, { blob }) => sum + blob.size, 0);
  }
}
