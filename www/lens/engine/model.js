/** What the engine holds now, and how each operation is done. */
import { EngineError } from './protocol.js';

/** @import { CallMessage, Context, ExperimentName, Look, LookNumbers, NetworkInfo, Photo, PhotoInfo, Started } from './protocol.js' */
/** @import { Engine } from '../../pkg/cpu/zfnet_web.js' */

/** Units per step of a mosaic: large enough to be efficient, small enough for the pointer to get in between. */
const MOSAIC_CHUNK = 8;

export class Model {
  /** @type {Engine | null} */
  #engine = null;
  /** @type {ReturnType<typeof begin> | null} */
  #begun = null;
  /** A network that comes in pieces. @type {import('../../pkg/cpu/zfnet_web.js').Assembly | null} */
  #assembly = null;
  /** The files of the network that is loaded, by what they are known as. @type {Set<string>} */
  #held = new Set();
  /** @type {NetworkInfo | null} */
  #network = null;
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
    if (op === 'start') return yield* this.#start(ask);
    const engine = this.#engine;
    if (!engine) throw new EngineError('execution', 'The engine was asked before it was started.');
    switch (op) {
      case 'held':
        return this.#held.has(ask.key) ? this.#network : null;
      case 'shard':
        return await this.#load(engine, ask);
      case 'assemble':
        return await this.#assemble(ask);
      case 'assembled':
        return await this.#takeAssembly(engine);
      case 'setPreprocessing':
        this.#seen = null;
        this.#network = engine.setPreprocessing(ask.preprocessing);
        return this.#network;
      case 'photo':
        return await this.#open(engine, ask.photo);
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
        return ask.switches === 'lost'
          ? await engine.projectMapWithoutSwitches(ask.layer, ask.map, rule, stretch, sharedScale)
          : await engine.projectMap(ask.layer, ask.map, rule, stretch, sharedScale);
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
   * Whoever comes later gets what the first one started.
   * @param {import('./protocol.js').Operations['start']['ask']} ask
   * @returns {AsyncGenerator<import('./protocol.js').ProgramProgress, Started>}
   */
  async *#start(ask) {
    const begun = (this.#begun ??= begin(ask));
    try {
      for await (const { loaded, total } of begun.progress()) yield { stage: 'program', loaded, total };
      const { engine, selfTest } = await begun.done;
      this.#engine = engine;
      return { backend: engine.backend(), selfTest };
    } catch (error) {
      this.#begun = null;
      throw error;
    }
  }

  /** @param {Engine} engine @param {import('./protocol.js').Shard} shard */
  async #load(engine, { key, bytes, begins }) {
    // Two who share the engine may bring the same file.
    if (this.#network && key !== null && this.#held.has(key)) return this.#network;
    // Class scores belong to a look, so a look made before its classifier came is no longer complete.
    this.#seen = null;
    this.#network = await engine.loadShard(bytes);
    if (begins) this.#held.clear();
    if (key !== null) this.#held.add(key);
    return this.#network;
  }

  /** @param {import('./protocol.js').Piece} piece */
  async #assemble(piece) {
    const begun = await this.#begun?.done;
    if ('model' in piece) {
      this.#assembly?.free();
      this.#assembly = null;
      this.#assembly = begun ? new begun.Assembly(piece.model, piece.shard) : null;
    } else {
      this.#assembly?.add(piece.name, piece.count, piece.part);
      // There are many, and nobody else holds them.
      /** @type {any} */ (piece.part.buffer).transfer?.(0);
    }
    return null;
  }

  /** @param {Engine} engine */
  async #takeAssembly(engine) {
    const assembly = this.#assembly;
    if (!assembly) throw new EngineError('weights', 'Expected the pieces of a network; found none.');
    this.#seen = this.#assembly = null;
    this.#network = engine.takeNetwork(assembly);
    this.#held.clear();
    return this.#network;
  }

  /**
   * @param {Engine} engine
   * @param {Photo} photo
   */
  async #open(engine, photo) {
    if (this.#opened?.id === photo.id) return this.#opened.info;
    if (photo.frame === null) throw new EngineError('superseded', 'The frame has gone by.');
    const bytes = photo.frame ? pixelsOf(photo.frame) : await bytesOf(photo);
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
    const look = lookOf(await engine.look(crop));
    this.#seen = { key, looked: { look, seconds: (performance.now() - began) / 1000 } };
    return this.#seen.looked;
  }
}

/** A look as pages have it, of what left the module. @param {LookNumbers} numbers @returns {Look} */
export function lookOf({ layers, scores, ...look }) {
  const strongest = layers.map(({ layer, units, activations }) => ({
    layer,
    strongest: Array.from(activations, (activation, map) => {
      const [row, col] = [units[2 * map] ?? 0, units[2 * map + 1] ?? 0];
      return { map, row, col, activation };
    }),
  }));
  const { order = [], probabilities = [], logits = [] } = scores ?? {};
  const classes = Array.from(order, (index, at) => ({
    index,
    probability: probabilities[at] ?? 0,
    logit: logits[index] ?? 0,
  }));
  return { ...look, layers: strongest, classes: scores && classes };
}

/** Where frames are read, one after the other. @type {OffscreenCanvas | null} */
let easel = null;

/** Takes the pixels out of a frame, which is let go of. @param {ImageBitmap} frame */
function pixelsOf(frame) {
  const { width, height } = frame;
  easel ??= new OffscreenCanvas(width, height);
  if (easel.width !== width || easel.height !== height) Object.assign(easel, { width, height });
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (easel.getContext('2d', { willReadFrequently: true }));
  pen.globalCompositeOperation = 'copy';
  pen.drawImage(frame, 0, 0);
  frame.close();
  return new Uint8Array(pen.getImageData(0, 0, width, height).data.buffer);
}

/** @param {Photo} photo */
async function bytesOf({ blob }) {
  // A Worker that reads no Blobs was sent the bytes.
  const sent = /** @type {Blob | Uint8Array} */ (blob);
  return sent instanceof Uint8Array ? sent : new Uint8Array(await sent.arrayBuffer());
}

/** A picture of a question about several, as the engine takes it. @param {Context} context */
async function further({ photo, crop }) {
  return { bytes: await bytesOf(photo), pixels: photo.pixels, crop };
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
 * Fetches the program, compiles it while it streams, and starts it; the bytes that have come so far can be asked for meanwhile.
 * @param {import('./protocol.js').Operations['start']['ask']} ask `module`: address of the wasm-bindgen module; `wasm`: where it is not
 *   beside that; `plain`: computed with burn's operations alone
 */
function begin({ module, wasm: beside, plain }) {
  let loaded = 0;
  let total = 0;
  const start = async () => {
    /** @type {typeof import('../../pkg/cpu/zfnet_web.js')} */
    const program = await import(/* webpackIgnore: true */ /* @vite-ignore */ module).catch((error) => {
      throw new EngineError('not-found', `Expected the program at ${module}; ${error?.message ?? 'it did not load'}.`);
    });
    total = program.moduleBytes;
    const wasm = beside ?? new URL(module.replace(/\.js$/, '_bg.wasm'), module);
    const response = await fetch(wasm).catch((error) => {
      throw new EngineError('not-found', `Expected the program at ${wasm}; ${error?.message ?? 'it did not load'}.`);
    });
    if (!response.ok) {
      throw new EngineError('not-found', `Expected the program at ${wasm}; the server answered ${response.status}.`);
    }
    const counted = response.body?.pipeThrough(
      new TransformStream({
        transform(/** @type {Uint8Array} */ chunk, controller) {
          loaded += chunk.byteLength;
          controller.enqueue(chunk);
        },
      }),
    );
    const streamed = new Response(counted ?? null, { headers: { 'content-type': 'application/wasm' } });
    await program.default({ module_or_path: streamed });
    const engine = await program.Engine.create(plain);
    return { engine, selfTest: await engine.selfTest(), Assembly: program.Assembly };
  };
  const done = start();
  let isWaiting = true;
  const settled = done
    .then(
      () => {},
      () => {},
    )
    .then(() => (isWaiting = false));
  return {
    done,
    async *progress() {
      while (isWaiting) {
        await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 80))]);
        if (total > 0) yield { loaded, total };
      }
    },
  };
}
