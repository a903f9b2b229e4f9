/** The engine's life: which backend runs and why, the network's files, and starting again when a device is lost. */
import { clientOfPage, joinShared, spawnWorker } from './client.js';
import { adapterKind, moduleFor } from './probe.js';
import { abortable, codeOf, EngineError, REPLACED, throwIfAborted } from './protocol.js';
import { featuresOf, keyOf, loadManifest, loadShard, sha256 } from './weights.js';

/** @import { EngineClient } from './client.js' */
/** @import { NetworkInfo } from './protocol.js' */
/** @import { Manifest, Own, ShardFile } from './weights.js' */
/** @typedef {'cpu' | 'webgpu'} BackendName */
/** Why the CPU runs, or `null` when the graphics card does. @typedef {'no-adapter' | 'software-adapter' | 'asked' | 'selftest-failed' | 'device-lost' | null} Why */
/**
 * @typedef {object} Running
 * @property {EngineClient} client
 * @property {BackendName} backend
 * @property {string} adapter
 * @property {'shared' | 'worker' | 'page'} place
 * @property {Why} why
 * @property {import('./protocol.js').Operations['start']['ask'] & { worker: string | null }} from where its program lies, and its Worker's script, if it is not the one beside this
 * @property {import('./protocol.js').SelfTest} selfTest
 */
/**
 * @typedef {'graphics' | 'program' | 'weights'} Stage
 * @typedef {object} SessionOptions
 * @property {BackendName | null} forced
 * @property {string | null} [share] the name under which lenses of one page share an engine; without it, an engine of its own
 * @property {() => Promise<string | Own>} weightsAddress of the network that is loaded first
 * @property {(stage: Stage, loaded: number, total: number | null, done: boolean) => void} onStage
 * @property {(loaded: number, total: number | null) => void} onClassifierBytes
 * @property {(running: Running) => void} onRunning
 * @property {boolean | undefined} [plain] whether burn's operations alone compute, which are slower and what the kernels are held against
 * @property {string | null | undefined} [workers] how many Workers may share a long question; without it, as many as the device has room for
 * @property {boolean} [keeps] whether the browser may keep the network's files; without it, it may
 * @property {(backend: BackendName) => Partial<Addresses>} [addresses] of what does not lie where it lies in the page
 */
/**
 * Where the program lies.
 * @typedef {object} Addresses
 * @property {string} worker the Worker's script, with all that it imports
 * @property {string} module what wasm-bindgen wrote
 * @property {string} wasm
 */

/** What a network can be handed to. @typedef {Pick<Running, 'client' | 'from'>} Engine */

/** Questions in parts that several Workers can share. */
const LONG = /^(mosaic|occlusion|attribution|topObserve)$/;

/** Named apart, since a bundler would follow an address that is made of it at once. */
const here = import.meta.url;

export class Session {
  /** @type {NetworkInfo | null} */
  network = null;
  /** @type {Manifest | null} */
  manifest = null;
  /** The dense layers, while they come. @type {{ file: ShardFile, done: Promise<unknown> } | null} */
  #dense = null;
  /** @type {Running | null} */
  running = null;
  /** SHA-256 of the file with the features, which tells this network from all others; `null` where the browser has no digest. @type {string | null} */
  fingerprint = null;

  #options;
  /** @type {Promise<Running> | null} */
  #start = null;
  /** @type {{ control: AbortController, network: Promise<NetworkInfo> } | null} the features on their way */
  #coming = null;
  /** @type {Map<ShardFile, EngineClient>} which engine holds which file */
  #held = new Map();
  /** @type {string | null} */
  #share;
  /** Who shares long questions. @type {Promise<import('./crew.js').Crew | null> | null} */
  #crew = null;
  /** @type {Why} set once the graphics card has failed, so that it is not tried again */
  #spoilt = null;

  /** @param {SessionOptions} options */
  constructor(options) {
    this.#options = options;
    this.#share = options.share ?? null;
  }

  /** @param {AbortSignal} [signal] @returns {Promise<Running>} */
  async ready(signal) {
    // The start itself is never cancelled: the program is small, and the next picture needs it anyway.
    this.#start ??= this.#choose().catch((error) => {
      this.#start = null;
      throw error;
    });
    return abortable(this.#start, signal);
  }

  /** The small program is fetched while the visitor still looks round; the large one for graphics cards only once it is wanted. */
  async fetchAhead() {
    const { forced } = this.#options;
    const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
    if (connection?.saveData || forced === 'webgpu') return;
    if (forced === 'cpu' || (await adapterKind()) !== 'hardware') await this.ready();
  }

  /**
   * The convolution layers: all that projections need. Photographs that come while they do wait for the same download.
   * @param {AbortSignal} [signal]
   */
  async features(signal) {
    const coming = (this.#coming ??= this.#fetchFeatures());
    const cancel = () => {
      if (signal?.reason === REPLACED) return;
      coming.control.abort();
      if (this.#coming === coming) this.#coming = null;
    };
    signal?.addEventListener('abort', cancel, { once: true });
    return abortable(coming.network, signal).finally(() => signal?.removeEventListener('abort', cancel));
  }

  #fetchFeatures() {
    const control = new AbortController();
    const coming = { control, network: this.#loadFeatures(control.signal) };
    const settled = () => {
      if (this.#coming === coming) this.#coming = null;
    };
    coming.network.then(settled, () => {
      settled();
      // What is wrong may be the manifest: it is read again when the visitor tries again.
      if (!this.network) this.manifest = null;
    });
    return coming;
  }

  /** @param {AbortSignal} signal */
  async #loadFeatures(signal) {
    const manifest = (this.manifest ??= await loadManifest(await this.#options.weightsAddress(), signal));
    const file = featuresOf(manifest);
    return this.#hold(file, (loaded, total, done) => this.#options.onStage('weights', loaded, total, done), signal);
  }

  /**
   * Another network takes the place of this one, as soon as its features are here and are what they should be; until then,
   * and if they never are, this one stays.
   * @param {string | Own} address or a file of the visitor's own
   * @param {(loaded: number, total: number | null) => void} onBytes
   * @param {AbortSignal} signal
   */
  async take(address, onBytes, signal) {
    const manifest = await loadManifest(address, signal);
    const file = featuresOf(manifest);
    const give = await bring(this, file, onBytes, signal);
    const running = await this.#alone(signal);
    throwIfAborted(signal);
    const { network, fingerprint, rest } = await give(running);
    if (rest) manifest.files.push(rest);
    this.#coming?.control.abort();
    this.#coming = null;
    this.network = network;
    this.manifest = manifest;
    this.fingerprint = fingerprint;
    this.#held.set(file, running.client);
  }

  /** Pictures enter the network in another way from now on. @param {import('./protocol.js').Preprocessing} preprocessing */
  async setPreprocessing(preprocessing) {
    if (!this.manifest) return;
    await this.#alone();
    // As often as the engine is started again.
    featuresOf(this.manifest).preprocessing = preprocessing;
    this.network = await this.call('setPreprocessing', { preprocessing }, { channel: 'shard' });
  }

  /** The file with the dense layers, if it is apart from the features and not loaded yet. */
  get classifierFile() {
    const file = this.manifest?.files.find(({ shard }) => shard === 'classifier') ?? null;
    return file && this.#held.get(file) !== this.running?.client ? file : null;
  }

  /** Two who want it wait for the same. @param {AbortSignal} [signal] */
  async classifier(signal) {
    const file = this.classifierFile;
    if (!file) return;
    if (this.#dense?.file !== file) {
      const { onClassifierBytes } = this.#options;
      const done = this.#hold(file, (loaded, total) => onClassifierBytes(loaded, total), signal).finally(() => {
        if (this.#dense?.file === file) this.#dense = null;
      });
      this.#dense = { file, done };
    }
    await this.#dense.done;
  }

  /**
   * Asks the engine; if it dies under the question, starts it again (a lost graphics card: on the CPU) and asks once more.
   * @template {import('./protocol.js').Operation} K
   * @param {K} op
   * @param {import('./protocol.js').Operations[K]['ask']} ask
   * @param {import('./client.js').CallOptions<K>} options
   * @param {Transferable[]} [transfer] what is handed over with the question, which can then be asked once only
   * @returns {Promise<import('./protocol.js').Operations[K]['reply']>}
   */
  async call(op, ask, options, transfer = []) {
    const running = await this.ready(options.signal);
    try {
      const crew =
        running.backend === 'cpu' &&
        LONG.test(/** @type {any} */ (ask).name ?? op) &&
        // Where its script does not come, one Worker does it all.
        (await (this.#crew ??= import('./crew.js').then(
          ({ Crew }) => new Crew(this, this.#options.workers),
          () => null,
        )));
      return await (crew ? crew.ask(running, op, ask, options) : running.client.call(op, ask, options, transfer));
    } catch (error) {
      const fatal = error instanceof EngineError && error.fatal;
      const lost =
        running.backend === 'webgpu' && ['execution', 'device-lost', 'out-of-memory'].includes(codeOf(error));
      if (!fatal && !lost) throw error;
      if (running !== this.running && this.running && transfer.length === 0) return this.call(op, ask, options);
      if (running.backend === 'webgpu') this.#spoilt = 'device-lost';
      const again = await this.#restart(running, options.signal);
      if (transfer.length > 0) throw new EngineError('superseded', 'What was handed over is gone.');
      return again.client.call(op, ask, options);
    }
  }

  /**
   * Asks an experiment.
   * @template {import('./protocol.js').ExperimentName} N
   * @param {N} name
   * @param {import('./protocol.js').Experiments[N]['ask']} ask
   * @param {object} options
   * @param {import('./protocol.js').Context | null} options.context the picture on view; `null` where the question has none
   * @param {import('./protocol.js').Context[]} [options.pictures] further pictures of the question
   * @param {import('./protocol.js').Channel} [options.channel]
   * @param {AbortSignal} [options.signal]
   * @param {(part: import('./protocol.js').Experiments[N]['part']) => void} [options.onPart]
   * @returns {Promise<import('./protocol.js').Experiments[N]['answer']>}
   */
  experiment(name, ask, { context, pictures = [], channel = 'experiment', signal, onPart }) {
    return this.call('experiment', { context, name, ask, pictures }, { channel, signal, onChunk: onPart });
  }

  /** A file of a network, checked. @param {import('./weights.js').Checked} file @param {(loaded: number, total: number | null) => void} [onBytes] @param {AbortSignal} [signal] */
  load(file, onBytes = () => {}, signal) {
    return loadShard(file, onBytes, signal, this.#options.keeps);
  }

  /** Ends the engine; whatever is still asked fails. */
  close() {
    this.#crew?.then((crew) => crew?.close());
    this.#coming?.control.abort();
    this.#start?.then(({ client }) => client.close()).catch(() => {});
  }

  /** An engine that no other lens asks: the others keep their network. @param {AbortSignal} [signal] */
  async #alone(signal) {
    const running = await this.ready(signal);
    if (running.place !== 'shared') return running;
    this.#share = null;
    return this.#restart(running, signal);
  }

  /** @param {Running} dead @param {AbortSignal} [signal] */
  async #restart(dead, signal) {
    const hadClassifier = this.manifest?.files.some(
      (file) => file.shard === 'classifier' && this.#held.get(file) === dead.client,
    );
    if (this.running === dead) {
      // Who else waits for it asks the next one.
      dead.client.close(new EngineError('execution', 'The engine is started again.', true));
      this.#start = null;
      this.running = null;
    }
    const running = await this.ready(signal);
    if (this.network) await this.features(signal);
    if (hadClassifier) await this.classifier(signal);
    return running;
  }

  /**
   * @param {ShardFile} file
   * @param {(loaded: number, total: number | null, done: boolean) => void} onBytes
   * @param {AbortSignal} [signal]
   */
  async #hold(file, onBytes, signal) {
    if (this.network && this.running && this.#held.get(file) === this.running.client) return this.network;
    const found = await this.#heldByOthers(file, signal);
    if (found) {
      onBytes(file.bytes ?? 0, file.bytes, true);
      return found;
    }
    let bytes = file.bytes ?? 0;
    const give = await bring(this, file, (loaded, total) => onBytes((bytes = loaded), total, false), signal);
    onBytes(bytes, bytes, true);
    const running = await this.ready(signal);
    const { network, fingerprint, rest } = await give(running);
    this.network = network;
    // As often as the engine is started again; the first time it is not known of.
    if (rest && !this.manifest?.files.some(({ shard }) => shard === 'classifier')) this.manifest?.files.push(rest);
    if (file.shard !== 'classifier') this.fingerprint = fingerprint;
    this.#held.set(file, running.client);
    // What was downloaded need not stay in memory; should the engine be started again, it can be fetched again.
    if (file.shard === 'classifier' && file.url.protocol !== 'file:') file.here = null;
    return this.network;
  }

  /** Where an engine is shared, somebody else may have brought the file. @param {ShardFile} file @param {AbortSignal} [signal] */
  async #heldByOthers(file, signal) {
    if (this.#share === null || !file.sha256) return null;
    const { client, place } = await this.ready(signal);
    if (place !== 'shared') return null;
    const found = await client.call('held', { key: keyOf(file) }, { channel: 'shard', signal });
    if (!found) return null;
    if (file.shard !== 'classifier') this.fingerprint = file.sha256;
    this.network = found;
    this.#held.set(file, client);
    return found;
  }

  /** @returns {Promise<Running>} */
  async #choose() {
    const { forced } = this.#options;
    this.#options.onStage('graphics', 0, null, false);
    /** @type {Why} */
    let why = this.#spoilt;
    if (!why && forced === 'cpu') why = 'asked';
    if (!why) {
      const kind = await adapterKind();
      if (kind === 'none') {
        if (forced === 'webgpu') {
          throw new EngineError('no-adapter', 'Expected a graphics adapter for WebGPU; the browser offers none.');
        }
        why = 'no-adapter';
      } else if (kind === 'software' && forced !== 'webgpu') {
        why = 'software-adapter';
      }
    }
    this.#options.onStage('graphics', 0, null, true);
    if (!why) {
      try {
        return await this.#launch('webgpu', null);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'not-found') throw error;
        why = code === 'selftest-failed' ? code : code === 'no-adapter' ? code : 'device-lost';
        this.#spoilt = why;
      }
    }
    return this.#launch('cpu', why);
  }

  /** @param {BackendName} backend @param {Why} why @returns {Promise<Running>} */
  async #launch(backend, why) {
    const { worker = null, wasm = null, ...given } = this.#options.addresses?.(backend) ?? {};
    const { client, place } = await connect(backend, this.#share, worker);
    const module = given.module ?? new URL(`../../pkg/${moduleFor(backend)}/zfnet_web.js`, here).href;
    const program = { module, wasm, plain: this.#options.plain };
    let bytes = 0;
    try {
      const { backend: found, selfTest } = await client.call('start', program, {
        channel: 'start',
        onChunk: ({ loaded, total }) => {
          bytes = loaded;
          this.#options.onStage('program', loaded, total, false);
        },
      });
      this.#options.onStage('program', bytes, null, true);
      if (!selfTest.passed) {
        throw new EngineError(
          'selftest-failed',
          `Expected the reference values within ${selfTest.tolerance}; the largest difference was ${selfTest.worst}.`,
        );
      }
      this.running = { client, backend, adapter: found.adapter, place, why, from: { ...program, worker }, selfTest };
      this.#options.onRunning(this.running);
      return this.running;
    } catch (error) {
      client.close();
      throw error;
    }
  }
}

/**
 * @param {Session} session
 * @param {ShardFile} file
 * @param {(loaded: number, total: number | null) => void} onBytes
 * @param {AbortSignal} [signal]
 */
export async function bring(session, file, onBytes, signal) {
  const load = () => session.load(file, onBytes, signal);
  return file.name === undefined
    ? shardOf(file, await load())
    : (await import('./foreign.js')).bring(file, load, signal);
}

/** Hands a network's file to an engine; `fingerprint` tells what came from all others, `rest` is what was left for later. @typedef {(running: Engine) => Promise<{ network: NetworkInfo, fingerprint: string | null, rest?: ShardFile | null }>} Give */

/** @param {ShardFile} file @param {Uint8Array} bytes @returns {Give} */
export function shardOf(file, bytes) {
  return async ({ client }) => {
    const fingerprint = file.sha256 ?? (await sha256(bytes));
    const shard = { key: file.sha256 && keyOf(file), bytes, begins: file.shard !== 'classifier' };
    return { network: await client.call('shard', shard, { channel: 'shard' }, [bytes.buffer]), fingerprint };
  };
}

/**
 * The engine lives in a Worker; where Workers have no WebGPU or are forbidden, on the page's own thread.
 * @param {BackendName} backend
 * @param {string | null} share
 * @param {string | null} address of the Worker's script, if it is not the one beside this
 * @returns {Promise<{ client: EngineClient, place: Running['place'] }>}
 */
async function connect(backend, share, address) {
  const isGraphics = backend === 'webgpu';
  const shared = share === null ? null : await joinShared(`zf-lens ${backend} ${share}`, isGraphics);
  if (shared) return { client: shared, place: 'shared' };
  const own = await spawnWorker(isGraphics, address);
  return own ? { client: own, place: 'worker' } : { client: clientOfPage(), place: 'page' };
}
