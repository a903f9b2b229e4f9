/**
 * The engine's loop: owns the wasm, answers one request at a time, serves the newest of each channel.
 * The same code runs in a Worker and, where a Worker has no WebGPU, on the page's own thread.
 */
import { CHANNELS, codeOf, EngineError } from './protocol.js';

/** @import { CallMessage, Context, ExperimentName, Photo, PhotoInfo } from './protocol.js' */
/** @import { Engine } from '../pkg/cpu/zfnet_web.js' */

/** Units per step of a mosaic: large enough to be efficient, small enough for the pointer to get in between. */
const MOSAIC_CHUNK = 8;

/**
 * @typedef {object} Job
 * @property {CallMessage} message
 * @property {AsyncGenerator<unknown, unknown> | null} steps
 * @property {boolean} cancelled
 */

/**
 * @param {(message: import('./protocol.js').FromHost, transfer: Transferable[]) => void} post
 * @returns {(message: import('./protocol.js').ToHost) => void}
 */
export function createHost(post) {
  const model = new Model();
  /** @type {Map<string, Job>} */
  const waiting = new Map();
  /** @type {Job | null} */
  let current = null;
  let pumping = false;

  /** @param {Job} job @param {string} code @param {string} message @param {boolean} [fatal] @param {string | null} [kind] */
  const fail = (job, code, message, fatal = false, kind = null) =>
    post({ type: 'failure', id: job.message.id, code, message, fatal, kind }, []);

  /** Ends a job that may have begun. @param {Job} job @param {string} code @param {string} message */
  const drop = (job, code, message) => {
    job.steps?.return(null).catch(() => {});
    fail(job, code, message);
  };

  async function pump() {
    if (pumping) return;
    pumping = true;
    while (waiting.size > 0) {
      // Messages that arrived during the last step are heard before the next one is chosen.
      await breathe();
      const channel = CHANNELS.find((name) => waiting.has(name));
      if (!channel) break;
      const job = /** @type {Job} */ (waiting.get(channel));
      waiting.delete(channel);
      current = job;
      try {
        job.steps ??= model.perform(job.message);
        const step = await job.steps.next();
        if (step.done) {
          post({ type: 'reply', id: job.message.id, value: step.value }, buffersOf(job.message.op, step.value));
        } else {
          post({ type: 'chunk', id: job.message.id, value: step.value }, buffersOf(job.message.op, step.value));
          if (job.cancelled) drop(job, 'aborted', 'The request was cancelled.');
          else if (waiting.has(channel)) drop(job, 'superseded', 'A newer request took its place.');
          else waiting.set(channel, job);
        }
      } catch (error) {
        const { code, message, fatal, kind } = describe(error);
        fail(job, code, message, fatal, kind);
      }
      current = null;
    }
    pumping = false;
  }

  return (message) => {
    if (message.type === 'cancel') {
      for (const [channel, job] of waiting) {
        if (job.message.id !== message.id) continue;
        waiting.delete(channel);
        drop(job, 'aborted', 'The request was cancelled.');
      }
      if (current?.message.id === message.id) current.cancelled = true;
      return;
    }
    const older = waiting.get(message.channel);
    if (older) drop(older, 'superseded', 'A newer request took its place.');
    waiting.set(message.channel, { message, steps: null, cancelled: false });
    void pump();
  };
}

/** What the engine holds now, and how each operation is done. */
class Model {
  /** @type {Engine | null} */
  #engine = null;
  /** @type {{ id: string, info: PhotoInfo } | null} */
  #opened = null;
  /** @type {{ key: string, looked: import('./protocol.js').Looked } | null} */
  #seen = null;

  /**
   * Every answer is awaited before it is returned: a promise that leaves an async generator reaches the caller as it is in
   * Safari, and a promise cannot be posted.
   * @param {CallMessage} message
   * @returns {AsyncGenerator<unknown, unknown>}
   */
  async *perform({ op, ask }) {
    if (op === 'start') return yield* this.#start(ask.module);
    const engine = this.#engine;
    if (!engine) throw new EngineError('execution', 'The engine was asked before it was started.');
    switch (op) {
      case 'shard': {
        // Class scores belong to a look, so a look made before its classifier came is no longer complete.
        this.#seen = null;
        return await engine.loadShard(ask.bytes);
      }
      case 'open':
        return { info: await this.#open(engine, ask.photo), preview: engine.preview(ask.longSide) };
      case 'look':
        return await this.#look(engine, ask.context);
      case 'memory':
        return await engine.memory();
    }
    if (ask.context) await this.#look(engine, ask.context);
    const { rule, stretch, sharedScale } = ask.manner ?? {};
    switch (op) {
      case 'maps':
        return await engine.maps(ask.layer, ask.scale);
      case 'units':
        return await engine.projectUnits(ask.layer, Uint32Array.from(ask.units), rule, stretch, sharedScale);
      case 'wholeMap':
        return await engine.projectMap(ask.layer, ask.map, rule, stretch, sharedScale);
      case 'classScore':
        return await engine.projectClass(ask.index, rule, stretch, sharedScale);
      case 'checkpoint': {
        const { at, of, layer, map } = ask;
        return await engine.checkpoint(ask.bytes, { picture: keyOf(ask.context), at, of, layer, map, ...ask.manner });
      }
      case 'experiment': {
        const pictures = await Promise.all(ask.pictures.map(further));
        return yield* parts((tell) => engine[/** @type {ExperimentName} */ (ask.name)](ask.ask, pictures, tell));
      }
      case 'mosaic':
        for (let at = 0; at < ask.units.length; at += 3 * MOSAIC_CHUNK) {
          await this.#look(engine, ask.context);
          const units = Uint32Array.from(ask.units.slice(at, at + 3 * MOSAIC_CHUNK));
          yield { at: at / 3, projections: await engine.projectUnits(ask.layer, units, rule, stretch, sharedScale) };
        }
        return null;
      default:
        throw new EngineError('execution', `The engine has no operation “${op}”.`);
    }
  }

  /**
   * @param {string} module address of the wasm-bindgen module
   * @returns {AsyncGenerator<import('./protocol.js').ProgramProgress, import('./protocol.js').Started>}
   */
  async *#start(module) {
    /** @type {typeof import('../pkg/cpu/zfnet_web.js')} */
    const program = await import(module).catch((error) => {
      throw new EngineError('not-found', `Expected the program at ${module}; ${error?.message ?? 'it did not load'}.`);
    });
    const wasm = new URL(module.replace(/\.js$/, '_bg.wasm'), module);
    const response = await fetch(wasm).catch((error) => {
      throw new EngineError('not-found', `Expected the program at ${wasm}; ${error?.message ?? 'it did not load'}.`);
    });
    if (!response.ok) {
      throw new EngineError('not-found', `Expected the program at ${wasm}; the server answered ${response.status}.`);
    }
    const counter = countBytes(response);
    const ready = program.default({ module_or_path: counter.response });
    const total = program.moduleBytes;
    for await (const loaded of counter.progress(ready)) yield { stage: 'program', loaded, total };
    await ready;
    const engine = await program.Engine.create();
    const selfTest = await engine.selfTest();
    this.#engine = engine;
    return { backend: engine.backend(), selfTest };
  }

  /**
   * @param {Engine} engine
   * @param {Photo} photo
   */
  async #open(engine, photo) {
    if (this.#opened?.id === photo.id) return this.#opened.info;
    const bytes = new Uint8Array(await photo.blob.arrayBuffer());
    this.#opened = null;
    this.#seen = null;
    const info = photo.pixels
      ? await engine.openPixels(photo.pixels.width, photo.pixels.height, bytes)
      : await engine.openPhoto(bytes);
    this.#opened = { id: photo.id, info };
    return info;
  }

  /**
   * @param {Engine} engine
   * @param {Context} context
   */
  async #look(engine, context) {
    const { photo, crop } = context;
    await this.#open(engine, photo);
    const key = keyOf(context);
    if (this.#seen?.key === key) return this.#seen.looked;
    this.#seen = null;
    const began = performance.now();
    const look = await engine.look(crop);
    this.#seen = { key, looked: { look, seconds: (performance.now() - began) / 1000 } };
    return this.#seen.looked;
  }
}

/** A picture of a question about several, as the engine takes it. @param {Context} context */
async function further({ photo, crop }) {
  return { bytes: new Uint8Array(await photo.blob.arrayBuffer()), pixels: photo.pixels, crop };
}

/**
 * An answer that comes in parts, step by step: after each part the engine waits until the next step is asked for, and ends
 * when none will be.
 * @param {(tell: (part: unknown) => Promise<boolean>) => Promise<unknown>} run
 */
async function* parts(run) {
  /** @type {(part: { part: unknown }) => void} */
  let arrive = () => {};
  /** @type {(goOn: boolean) => void} */
  let resume = () => {};
  const next = () => new Promise((/** @type {(part: { part: unknown }) => void} */ resolve) => (arrive = resolve));
  let coming = next();
  const done = run((part) => {
    arrive({ part });
    return new Promise((resolve) => (resume = resolve));
  }).then((answer) => ({ answer }));
  // Nobody may be waiting any more when it fails.
  done.catch(() => {});
  try {
    for (;;) {
      const found = await Promise.race([coming, done]);
      if ('answer' in found) return found.answer;
      coming = next();
      yield found.part;
      resume(true);
    }
  } finally {
    resume(false);
  }
}

/** Tells what is looked at from everything else. @param {Context} context */
function keyOf({ photo, crop }) {
  return JSON.stringify([photo.id, crop]);
}

/**
 * A response that can be compiled while it streams, and the bytes that have come so far.
 * @param {Response} response
 */
function countBytes(response) {
  let loaded = 0;
  const counted = response.body?.pipeThrough(
    new TransformStream({
      transform(/** @type {Uint8Array} */ chunk, controller) {
        loaded += chunk.byteLength;
        controller.enqueue(chunk);
      },
    }),
  );
  return {
    response: new Response(counted ?? null, { headers: { 'content-type': 'application/wasm' } }),
    /** @param {Promise<unknown>} done */
    async *progress(done) {
      let waiting = true;
      const settled = done.catch(() => {}).then(() => (waiting = false));
      while (waiting) {
        await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 80))]);
        yield loaded;
      }
    },
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
