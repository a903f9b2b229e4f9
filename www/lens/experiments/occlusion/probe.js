/** The small questions of this view, one at a time: of squares that a hand drags only the newest, then one picture after the other. */
import { isAbandoned } from '../../engine/protocol.js';

/** @typedef {() => Promise<void>} Question */

export class Probe {
  /** @type {Question | null} */
  #newest = null;
  /** @type {Question[]} */
  #line = [];
  #running = false;
  #onError;

  /** @param {(error: unknown) => void} onError */
  constructor(onError) {
    this.#onError = onError;
  }

  /** Takes the place of what was wanted before and is not begun. @param {Question | null} question */
  newest(question) {
    this.#newest = question;
    void this.#run();
  }

  /** Waits for its turn. @param {Question} question */
  queue(question) {
    this.#line.push(question);
    void this.#run();
  }

  /** Leaves what is not begun. */
  stop() {
    this.#newest = null;
    this.#line = [];
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      const next = this.#newest ?? this.#line.shift();
      if (!next) break;
      if (next === this.#newest) this.#newest = null;
      try {
        await next();
      } catch (error) {
        if (!isAbandoned(error)) this.#onError(error);
      }
    }
    this.#running = false;
  }
}
