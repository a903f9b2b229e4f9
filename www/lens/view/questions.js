/** What was asked of the engine last, channel by channel: the same question is not asked twice, a new one ends the old one. */
import { codeOf, isAbandoned } from '../engine/protocol.js';

/** @import { Channel } from '../engine/protocol.js' */

export class Questions {
  /** @type {Map<Channel, { key: string, control: AbortController }>} */
  #asked = new Map();
  #pending = 0;
  /** Whoever waits until nothing is asked any more. @type {(() => void)[]} */
  #waiting = [];
  #hooks;
  /** Nobody sees the answers: nothing is asked. */
  isParked = false;

  /** @param {{ onError: (error: unknown) => void, onBusy: (busy: boolean) => void }} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  get busy() {
    return this.#pending > 0;
  }

  /** @param {Channel} channel @param {string} [key] */
  holds(channel, key) {
    const asked = this.#asked.get(channel);
    return asked !== undefined && (key === undefined || asked.key === key);
  }

  /**
   * @param {Channel} channel
   * @param {string} key what the answer depends on, beside the picture
   * @param {(signal: AbortSignal) => Promise<void>} act
   */
  async ask(channel, key, act) {
    if (this.isParked || this.holds(channel, key)) return;
    this.drop(channel);
    const control = new AbortController();
    this.#asked.set(channel, { key, control });
    this.#pending++;
    this.#hooks.onBusy(true);
    try {
      await act(control.signal);
    } catch (error) {
      // A question that failed may be asked again.
      if (this.#asked.get(channel)?.control === control) this.#asked.delete(channel);
      if (!isAbandoned(error)) {
        console.error(codeOf(error), error);
        this.#hooks.onError(error);
      }
    } finally {
      this.#pending--;
      this.#hooks.onBusy(this.#pending > 0);
      if (!this.busy) for (const go of this.#waiting.splice(0)) go();
    }
  }

  /** Resolves when every question has been answered. */
  async rested() {
    while (this.busy) await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
  }

  /** @param {Channel} channel */
  drop(channel) {
    this.#asked.get(channel)?.control.abort();
    this.#asked.delete(channel);
  }

  dropAll() {
    for (const channel of this.#asked.keys()) this.drop(channel);
  }
}
