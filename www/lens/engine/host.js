/**
 * The engine's loop: owns the model, answers one request at a time, serves the newest of each channel of each line.
 * The same code runs in a Worker, in one that several pages share, and, where a Worker has no WebGPU, on the page's own thread.
 */
import { CHANNELS, codeOf } from './protocol.js';

/** @import { Model } from './model.js' */
/** @import { CallMessage, Channel, FromHost, ToHost } from './protocol.js' */

/**
 * @typedef {object} Job
 * @property {CallMessage} message
 * @property {AsyncGenerator<unknown, unknown> | null} steps
 * @property {boolean} cancelled
 */
/** @typedef {(message: FromHost, transfer: Transferable[]) => void} Post */

/** One who asks, and what waits to be answered. */
class Line {
  /** @type {Map<Channel, Job>} */
  waiting = new Map();
  /** @type {Job | null} */
  current = null;

  /** @param {Post} post */
  constructor(post) {
    this.post = post;
  }

  /** @param {Job} job @param {string} code @param {string} message @param {boolean} [fatal] @param {string | null} [kind] */
  fail(job, code, message, fatal = false, kind = null) {
    this.post({ type: 'failure', id: job.message.id, code, message, fatal, kind }, []);
  }

  /** Ends a job that may have begun. @param {Job} job @param {string} code @param {string} message */
  drop(job, code, message) {
    job.steps?.return(null).catch(() => {});
    this.fail(job, code, message);
  }

  /** @param {number} id */
  cancel(id) {
    for (const [channel, job] of this.waiting) {
      if (job.message.id !== id) continue;
      this.waiting.delete(channel);
      this.drop(job, 'aborted', 'The request was cancelled.');
    }
    if (this.current?.message.id === id) this.current.cancelled = true;
  }

  /** @param {CallMessage} message */
  take(message) {
    const older = this.waiting.get(message.channel);
    if (older) this.drop(older, 'superseded', 'A newer request took its place.');
    this.waiting.set(message.channel, { message, steps: null, cancelled: false });
  }

  /** Nobody listens any more. */
  end() {
    for (const { steps } of this.waiting.values()) steps?.return(null).catch(() => {});
    this.waiting.clear();
    if (this.current) this.current.cancelled = true;
  }
}

/**
 * @param {Pick<Model, 'perform'>} model
 * @param {() => void} [onFatal] called once the engine cannot go on, after every line has heard of it
 * @returns {(post: Post) => (message: ToHost) => void} opens a line
 */
export function createHost(model, onFatal = () => {}) {
  /** In the order of their turns. @type {Set<Line>} */
  const lines = new Set();
  let pumping = false;

  /** The most urgent channel, and of several lines the one that waited longest for its turn. */
  const next = () => {
    for (const channel of CHANNELS) {
      for (const line of lines) {
        if (!line.waiting.has(channel)) continue;
        lines.delete(line);
        lines.add(line);
        return { line, channel };
      }
    }
    return null;
  };

  /** @param {Line} line @param {Channel} channel */
  async function step(line, channel) {
    const { waiting, post } = line;
    const job = /** @type {Job} */ (waiting.get(channel));
    const { id, op } = job.message;
    waiting.delete(channel);
    line.current = job;
    try {
      job.steps ??= model.perform(job.message);
      const { done, value } = await job.steps.next();
      post({ type: done ? 'reply' : 'chunk', id, value }, buffersOf(op, value));
      if (done) return;
      if (job.cancelled) line.drop(job, 'aborted', 'The request was cancelled.');
      else if (waiting.has(channel)) line.drop(job, 'superseded', 'A newer request took its place.');
      else waiting.set(channel, job);
    } catch (error) {
      const { code, message, fatal, kind } = describe(error);
      line.fail(job, code, message, fatal, kind);
      if (!fatal) return;
      for (const other of lines) if (other !== line) other.post({ type: 'ended', code, message }, []);
      onFatal();
    } finally {
      line.current = null;
    }
  }

  async function pump() {
    if (pumping) return;
    pumping = true;
    while ([...lines].some(({ waiting }) => waiting.size > 0)) {
      // Messages that arrived during the last step are heard before the next one is chosen.
      await breathe();
      const turn = next();
      if (turn) await step(turn.line, turn.channel);
    }
    pumping = false;
  }

  return (post) => {
    const line = new Line(post);
    lines.add(line);
    return (message) => {
      if (message.type === 'leave') {
        line.end();
        lines.delete(line);
      } else if (message.type === 'cancel') {
        line.cancel(message.id);
      } else {
        line.take(message);
        void pump();
      }
    };
  };
}

/**
 * @param {any} error
 * @returns {{ code: string, message: string, fatal: boolean, kind?: string | null }}
 */
function describe(error) {
  const message = error instanceof Error ? error.message : String(error);
  if (typeof error?.code === 'string') {
    return { code: error.code, message, fatal: error.code === 'device-lost', kind: error.kind ?? null };
  }
  // A trap leaves the module in an unknown state: it has to be started again.
  const trapped = error instanceof WebAssembly.RuntimeError;
  const starved = error instanceof RangeError || /memory/i.test(message);
  return { code: starved ? 'out-of-memory' : codeOf(error), message, fatal: trapped || starved };
}

/**
 * The buffers to hand over instead of copying. A look is kept by the host, so it is copied.
 * @param {string} op
 * @param {unknown} value
 * @returns {ArrayBuffer[]}
 */
function buffersOf(op, value) {
  if (op === 'look' || op === 'shard') return [];
  /** @type {Set<ArrayBuffer>} */
  const found = new Set();
  const walk = (/** @type {unknown} */ item) => {
    if (ArrayBuffer.isView(item)) {
      // A view of the module's own memory is a part of a larger buffer and must be copied.
      if (item.buffer instanceof ArrayBuffer && item.byteLength === item.buffer.byteLength) found.add(item.buffer);
    } else if (item && typeof item === 'object') {
      Object.values(item).forEach(walk);
    }
  };
  walk(value);
  return [...found];
}

/** Lets waiting messages in; a plain promise would not. */
function breathe() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}
