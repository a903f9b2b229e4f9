/**
 * The engine alone, for a page that has an interface of its own: opens a network, looks at pictures, projects, and asks
 * experiments. It needs no document, so that it works in a Worker as well.
 *
 *     const lens = await openLens();
 *     const look = await lens.look(blob);
 *     const { map, row, col } = look.layers[4].strongest[0];
 *     const { projection, values } = await lens.project({ layer: 'conv5', map, unit: [row, col] });
 */
import { headOf, headsOf } from './heads.js';
import { moduleFor } from './probe.js';
import { abortable, EngineError, isForBrowser, throwIfAborted } from './protocol.js';
import { Session } from './session.js';

export { EngineError };

/** @typedef {import('./protocol.js').ClassScore} ClassScore */
/** @typedef {import('./protocol.js').Context} Context */
/** @typedef {import('./protocol.js').Crop} Crop */
/** @typedef {import('./protocol.js').ExperimentName} ExperimentName */
/** @typedef {import('./protocol.js').Experiments} Experiments */
/** @typedef {import('./protocol.js').LayerInfo} LayerInfo */
/** @typedef {import('./protocol.js').Maps} Maps */
/** @typedef {import('./protocol.js').NetworkInfo} NetworkInfo */
/** @typedef {import('./protocol.js').PhotoInfo} PhotoInfo */
/** @typedef {import('./protocol.js').Picture} Picture */
/** @typedef {import('./protocol.js').Projection} Projection */
/** @typedef {import('./protocol.js').Rule} Rule */
/** @typedef {import('./protocol.js').Stretch} Stretch */
/** @typedef {import('./session.js').BackendName} BackendName */
/** @typedef {import('./session.js').Stage} Stage */
/** @typedef {import('./session.js').Why} Why */
/** @typedef {{ signal?: AbortSignal | undefined }} Asking */
/** A file, or pixels. @typedef {Blob | ImageData} Source */
/** What the network sees and says, of which photograph, and how long it took. @typedef {import('./protocol.js').Look & { photograph: PhotoInfo, seconds: number }} Look */
/**
 * Whose projection: with `class`, a score of that class; with `unit` (row, column), one unit of a map; with a map alone, all of it.
 * @typedef {{ class: number, layer?: undefined, map?: undefined, unit?: undefined } | { layer: string, map: number, unit?: readonly [number, number] | undefined, class?: undefined }} Target
 */
/**
 * @typedef {object} LensOptions
 * @property {string | URL} [base] the folder with `lens/`, `pkg/` and `weights/`, where a bundler has moved this script away from it
 * @property {string | URL} [weights] a manifest, or one safetensors file; without it, the network in `base`
 * @property {BackendName} [backend] without it, WebGPU where there is a graphics card
 * @property {number} [workers] how many Workers may share a long question on the CPU, 1 to 4; without it, as many as the device has room for
 * @property {string | URL} [workerUrl] `lens/engine/worker.js`, which imports what lies beside it
 * @property {Partial<Record<BackendName, string | URL>>} [moduleUrl] `pkg/cpu/zfnet_web.js`, `pkg/webgpu/zfnet_web.js`
 * @property {Partial<Record<BackendName, string | URL>>} [wasmUrl] `zfnet_web_bg.wasm` of each, where it has another name or lies apart
 * @property {(stage: Stage | 'classifier', loaded: number, total: number | null) => void} [onProgress] bytes that have come
 * @property {AbortSignal} [signal]
 */

/** More than the network can see, and bounded. */
const LONG_SIDE = 2048;

const here = import.meta.url;
let count = 0;

/**
 * Opens a network: resolves once projections can be asked for.
 * @param {LensOptions} [options]
 * @returns {Promise<Lens>} fails with an `EngineError`
 */
export async function openLens({
  base,
  weights,
  backend,
  workers,
  workerUrl,
  moduleUrl,
  wasmUrl,
  onProgress,
  signal,
} = {}) {
  throwIfAborted(signal);
  const folder = base === undefined ? new URL('../../', here) : absolute(base, '/');
  // A folder that is named is that of the Worker, too: it imports what lies there, whatever a bundler does.
  const worker = workerUrl ?? (base === undefined ? undefined : new URL('lens/engine/worker.js', folder));
  const session = new Session({
    forced: backend ?? null,
    workers: workers === undefined ? null : String(workers),
    weightsAddress: async () => absolute(weights ?? new URL('weights/manifest.json', folder)).href,
    onStage: (stage, loaded, total) => onProgress?.(stage, loaded, total),
    onClassifierBytes: (loaded, total) => onProgress?.('classifier', loaded, total),
    onRunning: () => {},
    addresses: (name) => ({
      ...(worker && { worker: absolute(worker).href }),
      module: absolute(
        moduleUrl?.[name] ?? new URL(`pkg/${wasmUrl?.[name] ? name : moduleFor(name)}/zfnet_web.js`, folder),
      ).href,
      ...(wasmUrl?.[name] && { wasm: absolute(wasmUrl[name]).href }),
    }),
  });
  try {
    await Promise.all([session.ready(signal), session.features(signal)]);
  } catch (error) {
    session.close();
    throw error;
  }
  return new Lens(session);
}

/** Made by `openLens`. Questions of a kind are answered one after the other; each is about the picture that was looked at last when it was asked. */
export class Lens {
  #session;
  /** @type {Context | null} */
  #context = null;
  /** @type {Map<import('./protocol.js').Channel, Promise<unknown>>} the last question of each kind */
  #last = new Map();
  #isClosed = false;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** Its name, layers and classes. @returns {NetworkInfo} */
  get network() {
    return /** @type {NetworkInfo} */ (this.#session.network);
  }

  /** What computes, where, and why not the graphics card. @returns {{ backend: BackendName, adapter: string, place: 'shared' | 'worker' | 'page', why: Why } | null} */
  get running() {
    const { running } = this.#session;
    return running && { backend: running.backend, adapter: running.adapter, place: running.place, why: running.why };
  }

  /**
   * Looks at a picture: what the network sees of it, the strongest unit of each map of each layer, and the likely classes.
   * @param {Source} picture
   * @param {object} [options]
   * @param {Crop | null} [options.crop] a part of the upright photograph in its pixels, `size` of them wide and as high as the aspect of the network's input asks for; without it, the one in its middle
   * @param {boolean} [options.classes] whether the class scores are wanted, for which another file is fetched the first time
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Look>}
   */
  look(picture, { crop = null, classes = true, signal } = {}) {
    return this.#inTurn('look', signal, async () => {
      if (classes) await this.loadClassifier({ signal });
      const { photo, info } = await this.#open(photoOf(picture), signal);
      const context = { photo, crop };
      const { look, seconds } = await this.#session.call('look', { context }, { channel: 'look', signal });
      this.#context = context;
      return { ...look, photograph: info, seconds };
    });
  }

  /**
   * All maps of a layer after its rectifier, as numbers and drawn, each on its own scale or on one that they share.
   * @param {string} layer
   * @param {{ scale?: 'own' | 'shared', signal?: AbortSignal }} [options]
   * @returns {Promise<Maps>}
   */
  async maps(layer, { scale = 'own', signal } = {}) {
    const context = this.#looked();
    return this.#inTurn('maps', signal, () =>
      this.#session.call('maps', { context, layer, scale }, { channel: 'maps', signal }),
    );
  }

  /**
   * Projects a unit, a whole map or a class score back to pixels: the numbers of its window, a picture of them, and the patch
   * of the photograph.
   * @param {Target & { rule?: Rule, stretch?: Stretch, scale?: number | null }} target `scale`: the value drawn as full white; without it, its own
   * @param {Asking} [options]
   * @returns {Promise<Projection>}
   */
  async project({ rule = 'deconvnet', stretch = 'quantile', scale = null, ...target }, { signal } = {}) {
    const context = this.#looked();
    const manner = { rule, stretch, sharedScale: scale };
    const options = { channel: /** @type {const} */ ('unit'), signal };
    return this.#inTurn('unit', signal, async () => {
      if (target.class !== undefined) {
        await this.loadClassifier({ signal });
        return this.#session.call('classScore', { context, index: target.class, manner }, options);
      }
      const { layer, map, unit } = target;
      if (!unit) return this.#session.call('wholeMap', { context, layer, map, manner }, options);
      const found = await this.#session.call('units', { context, layer, units: [map, ...unit], manner }, options);
      return /** @type {Projection} */ (found[0]);
    });
  }

  /**
   * Asks an experiment. What it is asked, its parts and its answer are described beside `Experiments`.
   * @template {ExperimentName} N
   * @param {N} name
   * @param {Experiments[N]['ask']} question
   * @param {object} [options]
   * @param {readonly (Source | { picture: Source, crop: Crop | null })[]} [options.pictures] further pictures, where the question is about several
   * @param {(part: Experiments[N]['part']) => void} [options.onPart] is given each part as it comes
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Experiments[N]['answer']>}
   */
  ask(name, question, { pictures = [], onPart, signal } = {}) {
    const context = this.#context;
    return this.#inTurn('experiment', signal, async () => {
      const further = [];
      for (const one of pictures) {
        const { picture, crop } = 'picture' in one ? one : { picture: one, crop: null };
        further.push({ photo: photoOf(picture), crop });
      }
      const told = onPart && { onPart };
      return this.#session.experiment(name, question, {
        context,
        pictures: further,
        ...told,
        ...(signal && { signal }),
      });
    });
  }

  /**
   * Shows the picture to a checkpoint of the network's training, and projects the strongest unit of one of its maps; what has
   * moved is told from the checkpoint that was asked about before.
   * @param {Uint8Array} bytes of its file
   * @param {{ at: number, of: number, layer: string, map: number, rule?: Rule, stretch?: Stretch, scale?: number | null }} question `at`: its place among so many
   * @param {Asking} [options]
   * @returns {Promise<import('./protocol.js').CheckpointFrame>}
   */
  async checkpoint(bytes, { rule = 'deconvnet', stretch = 'quantile', scale = null, ...asked }, { signal } = {}) {
    const ask = { context: this.#looked(), bytes, ...asked, manner: { rule, stretch, sharedScale: scale } };
    return this.#inTurn('evolution', signal, () =>
      this.#session.call('checkpoint', ask, { channel: 'evolution', signal }),
    );
  }

  /** The class scores of the bundled network have a file of their own; `look` fetches it unless it is told not to. @param {Asking} [options] */
  async loadClassifier({ signal } = {}) {
    await this.#inTurn('shard', signal, () => this.#session.classifier(signal));
  }

  /** Other ends of the network, for `attribution` and `attention`. @returns {string[]} */
  get heads() {
    return headsOf(this.#session);
  }

  /** The file of one, as these ask for it. @param {string} name @param {Asking} [options] @returns {Promise<{ name: string, bytes: Uint8Array }>} */
  head(name, { signal } = {}) {
    return headOf(this.#session, name, signal);
  }

  /** Ends the engine; what is still asked fails with the code `superseded`. */
  close() {
    this.#isClosed = true;
    this.#session.close();
  }

  #looked() {
    if (!this.#context) throw new EngineError('no-photo', 'Expected a picture that was looked at; found none.');
    return this.#context;
  }

  /**
   * What the engine cannot read, the browser may.
   * @param {import('./protocol.js').Photo} photo
   * @param {AbortSignal | undefined} signal
   */
  async #open(photo, signal) {
    const open = async (/** @type {import('./protocol.js').Photo} */ photo) => {
      const info = await this.#session.call('photo', { photo }, { channel: 'open', signal });
      return { photo, info };
    };
    try {
      return await open(photo);
    } catch (error) {
      const pixels = isForBrowser(error) ? await decode(photo.blob) : null;
      if (!pixels) throw error;
      return open(photoOf(pixels));
    }
  }

  /**
   * The engine answers only the newest question of a kind; here none is given up for another.
   * @template T
   * @param {import('./protocol.js').Channel} channel
   * @param {AbortSignal | undefined} signal
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  async #inTurn(channel, signal, act) {
    throwIfAborted(signal);
    const before = this.#last.get(channel) ?? Promise.resolve();
    const answer = before.then(() => {
      if (this.#isClosed) throw new EngineError('superseded', 'The engine was closed.');
      throwIfAborted(signal);
      return act();
    });
    this.#last.set(
      channel,
      answer.catch(() => {}),
    );
    return abortable(answer, signal);
  }
}

/** @param {Source} picture @returns {import('./protocol.js').Photo} */
function photoOf(picture) {
  const id = `picture-${++count}`;
  if (picture instanceof Blob) return { id, blob: picture, pixels: null };
  const { width, height, data } = picture;
  return { id, blob: new Blob([/** @type {BlobPart} */ (data)]), pixels: { width, height } };
}

/** @param {Blob} blob @returns {Promise<ImageData | null>} `null` where the browser cannot read it either */
async function decode(blob) {
  const image = await createImageBitmap(blob).catch(() => null);
  if (!image) return null;
  const shrink = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * shrink)));
  const pen = new OffscreenCanvas(width ?? 1, height ?? 1).getContext('2d', { willReadFrequently: true });
  pen?.drawImage(image, 0, 0, width ?? 1, height ?? 1);
  image.close();
  return pen?.getImageData(0, 0, width ?? 1, height ?? 1) ?? null;
}

/** @param {string | URL} address @param {string} [end] what it is to end with */
function absolute(address, end = '') {
  const text = String(address);
  try {
    return new URL(text.endsWith(end) ? text : text + end, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    throw new EngineError('not-found', `Expected an address; found ${text}.`);
  }
}
