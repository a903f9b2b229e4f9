/**
 * Goes through a training on one picture: fetches a checkpoint, asks, lets it go, and fetches the next.
 * What was answered stays, so a walk that was stopped goes on where it was.
 */

/** @import { CheckpointFrame, Context, Manner, Projection } from '../../engine/protocol.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Checkpoint } from './record.js' */
/** @typedef {{ context: Context, layer: string, map: number, manner: Manner }} Question */
/** @typedef {(Projection | undefined)[]} Frames by place in the training */
/** @typedef {(Record<string, number> | null | undefined)[]} Moved how far each layer's answers moved; `null`: nothing to compare with */

/** Answers to so many questions are kept, so that going back and forth between maps costs nothing. */
const KEPT = 6;

export class Walk {
  #session;
  #checkpoints;
  #picture = '';
  /** @type {Map<string, Frames>} */
  #frames = new Map();
  /** @type {Moved} */
  #moved = [];

  /** @param {Session} session @param {Checkpoint[]} checkpoints */
  constructor(session, checkpoints) {
    this.#session = session;
    this.#checkpoints = checkpoints;
  }

  /** What is known of an answer so far. @param {Question} question @returns {{ frames: Frames, moved: Moved }} */
  of({ context, layer, map, manner }) {
    const picture = JSON.stringify([context.photo.id, context.crop]);
    if (picture !== this.#picture) {
      this.#picture = picture;
      this.#frames.clear();
      this.#moved = [];
    }
    const key = JSON.stringify([layer, map, manner]);
    const frames = this.#frames.get(key) ?? [];
    // The newest stands last.
    this.#frames.delete(key);
    this.#frames.set(key, frames);
    for (const old of this.#frames.keys()) {
      if (this.#frames.size <= KEPT) break;
      this.#frames.delete(old);
    }
    return { frames, moved: this.#moved };
  }

  /**
   * @param {Question} question
   * @param {AbortSignal} signal
   * @param {{ onBytes: (at: number, loaded: number, total: number | null) => void, onFrame: (at: number) => void }} hooks
   */
  async go(question, signal, { onBytes, onFrame }) {
    const { frames, moved } = this.of(question);
    const visit = async (/** @type {number} */ at) => {
      const found = await this.#ask(question, at, signal, (loaded, total) => onBytes(at, loaded, total));
      frames[at] = found.projection;
      moved[at] = found.moved ?? moved[at] ?? null;
    };
    for (let at = 0; at < this.#checkpoints.length; at++) {
      if (frames[at] && moved[at] !== undefined) continue;
      await visit(at);
      // The engine compares with the checkpoint that it saw last: after a pause, or a new engine, that was another one.
      if (at > 0 && moved[at] === null) {
        await visit(at - 1);
        await visit(at);
      }
      onFrame(at);
    }
  }

  /**
   * @param {Question} question
   * @param {number} at
   * @param {AbortSignal} signal
   * @param {(loaded: number, total: number | null) => void} onBytes
   * @returns {Promise<CheckpointFrame>}
   */
  async #ask(question, at, signal, onBytes) {
    const checkpoint = /** @type {Checkpoint} */ (this.#checkpoints[at]);
    const bytes = await this.#session.load(checkpoint.file, onBytes, signal);
    const ask = { ...question, bytes, at, of: this.#checkpoints.length };
    return this.#session.call('checkpoint', ask, { channel: 'evolution', signal });
  }
}
