/** The page's end of the line to the engine: calls as promises, with cancel and streamed parts. */
import { EngineError, throwIfAborted } from './protocol.js';
import { createHost } from './host.js';
import { Model } from './model.js';

/** @import { Operations, Operation, Channel } from './protocol.js' */

/**
 * @template {Operation} K
 * @typedef {{ channel: Channel, signal?: AbortSignal | undefined, onChunk?: ((chunk: Operations[K]['chunk']) => void) | undefined }} CallOptions
 */

/**
 * @typedef {object} Line
 * @property {(message: import('./protocol.js').ToHost, transfer: Transferable[]) => void} post
 * @property {() => void} close
 */

export class EngineClient {
  #next = 1;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void, onChunk: ((chunk: any) => void) | undefined }>} */
  #open = new Map();
  /** @type {Line} */
  #line;
  /** Why nothing can be asked any more. @type {EngineError | null} */
  #ended = null;

  /** @param {(receive: (message: import('./protocol.js').FromHost) => void, crashed: (message: string) => void) => Line} connect */
  constructor(connect) {
    this.#line = connect(
      (message) => this.#receive(message),
      (message) => this.#fail(new EngineError('execution', message, true)),
    );
  }

  /**
   * @template {Operation} K
   * @param {K} op
   * @param {Operations[K]['ask']} ask
   * @param {CallOptions<K>} options
   * @param {Transferable[]} [transfer]
   * @returns {Promise<Operations[K]['reply']>}
   */
  async call(op, ask, { channel, signal, onChunk }, transfer = []) {
    throwIfAborted(signal);
    if (this.#ended) throw this.#ended;
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#open.delete(id);
        this.#line.post({ type: 'cancel', id }, []);
        reject(new EngineError('aborted', 'The request was cancelled.'));
      };
      const settle = () => signal?.removeEventListener('abort', cancel);
      signal?.addEventListener('abort', cancel, { once: true });
      this.#open.set(id, {
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
        onChunk,
      });
      this.#line.post({ type: 'call', id, channel, op, ask }, transfer);
    });
  }

  /** Ends the engine; whatever is still open fails. @param {EngineError} [reason] */
  close(reason = new EngineError('superseded', 'The engine was closed.')) {
    this.#line.close();
    this.#fail(reason);
  }

  /** @param {import('./protocol.js').FromHost} message */
  #receive(message) {
    if (message.type === 'probed') return;
    if (message.type === 'ended') return this.#fail(new EngineError(message.code, message.message, true));
    const call = this.#open.get(message.id);
    // Answers to cancelled calls still arrive; nobody waits for them.
    if (!call) return;
    if (message.type === 'chunk') return call.onChunk?.(message.value);
    this.#open.delete(message.id);
    if (message.type === 'reply') call.resolve(message.value);
    else call.reject(new EngineError(message.code, message.message, message.fatal, message.kind));
  }

  /** @param {EngineError} error */
  #fail(error) {
    this.#ended = error;
    const calls = [...this.#open.values()];
    this.#open.clear();
    for (const call of calls) call.reject(error);
  }
}

const here = import.meta.url;
/** Bundlers look for these very words, and take the Worker's script along. */
const ownWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'zf-lens' });

/**
 * A Worker with the engine, once it has answered; `null` where there is none to be had. A sandboxed frame and a page of another
 * origin may not start one from the script's address, and may from a script that they carry themselves and that imports the same.
 * @param {boolean} withAdapter whether it must have a graphics adapter, too
 * @param {string | null} address of its script, where it does not lie beside this one
 * @returns {Promise<{ worker: Worker, readsBlobs: boolean } | null>}
 */
async function start(withAdapter, address) {
  const options = /** @type {const} */ ({ type: 'module', name: 'zf-lens' });
  const href = address ?? new URL('worker.js', here).href;
  const carried = `data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(href)};`)}`;
  const plain = address === null ? ownWorker : () => new Worker(address, options);
  for (const begin of [plain, () => new Worker(carried, options)]) {
    try {
      const worker = begin();
      const found = await greet(worker, withAdapter);
      if (found?.webgpu === withAdapter) return { worker, readsBlobs: found.readsBlobs };
      worker.terminate();
      if (found) return null;
    } catch {
      // Forbidden; the next way may not be.
    }
  }
  return null;
}

/** A Worker of one's own. @param {boolean} withAdapter @param {string | null} [address] of its script */
export async function spawnWorker(withAdapter, address = null) {
  const found = await start(withAdapter, address);
  return found && clientOfWorker(found.worker, found.readsBlobs);
}

/**
 * A Worker that all lenses of a page share: one engine, one device, one copy of the network; it ends with the last of them.
 * `null` where there is none to be had.
 * @param {string} name those of one name share
 * @param {boolean} withAdapter
 */
export async function joinShared(name, withAdapter) {
  // One after the other: of two who wait together, Firefox tells the first alone that it is forbidden.
  const joined = (mayShare.get(name) ?? Promise.resolve(true)).then((may) =>
    may ? joinOfFrames(name, withAdapter) : null,
  );
  mayShare.set(
    name,
    joined.then((client) => client !== null),
  );
  return (await joined) ?? joinOfPage(name, withAdapter);
}

/** Whether those who came last could join those of other frames, by name. @type {Map<string, Promise<boolean>>} */
const mayShare = new Map();

/** A Worker of this page alone that more than one asks. @typedef {{ users: number, came: ReturnType<typeof start>, crashed: Set<(message: string) => void> }} Hub */
/** By name. @type {Map<string, Hub>} */
const hubs = new Map();

/** @param {string} name @param {boolean} withAdapter */
async function joinOfPage(name, withAdapter) {
  const hub = hubs.get(name) ?? { users: 0, came: start(withAdapter, null), crashed: new Set() };
  hubs.set(name, hub);
  hub.users++;
  const found = await hub.came;
  // One that has ended is asked by nobody new.
  const retire = () => hubs.get(name) === hub && hubs.delete(name);
  if (!found) return (retire(), null);
  const { worker, readsBlobs } = found;
  worker.onerror = (event) => {
    retire();
    for (const crashed of hub.crashed) crashed(event.message || 'The worker stopped.');
  };
  return new EngineClient((receive, crashed) => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ type: 'join' }, [port2]);
    hub.crashed.add(crashed);
    port1.onmessage = ({ data }) => {
      if (data.type === 'ended' || data.fatal) retire();
      receive(data);
    };
    const close = () => {
      port1.postMessage({ type: 'leave' });
      if (!hub.crashed.delete(crashed) || --hub.users > 0) return;
      retire();
      worker.terminate();
    };
    return { post: postTo(port1, readsBlobs), close };
  });
}

/** Frames of one page share, too, where the browser has shared Workers. @param {string} name @param {boolean} withAdapter */
async function joinOfFrames(name, withAdapter) {
  try {
    const shared = new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name });
    const { port } = shared;
    const found = await greet(port, withAdapter, shared);
    if (found?.webgpu === withAdapter) return clientOfPort(port, found.readsBlobs);
    port.postMessage({ type: 'leave' });
  } catch {
    // Unknown here, or forbidden.
  }
  return null;
}

/** @param {MessagePort} port of a shared Worker @param {boolean} readsBlobs */
function clientOfPort(port, readsBlobs) {
  return new EngineClient((receive) => {
    port.onmessage = ({ data }) => receive(data);
    const close = () => port.postMessage({ type: 'leave' });
    // A frame that is taken away says so: what it asked for need not be computed.
    globalThis.addEventListener('pagehide', close);
    return { post: postTo(port, readsBlobs), close };
  });
}

/** @param {Worker} worker @param {boolean} readsBlobs */
function clientOfWorker(worker, readsBlobs) {
  return new EngineClient((receive, crashed) => {
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = (event) => crashed(event.message || 'The worker stopped.');
    return { post: postTo(worker, readsBlobs), close: () => worker.terminate() };
  });
}

/**
 * In WebKit a shared Worker, and one of a sandboxed frame, cannot read the page's Blobs: it is sent their bytes instead, and
 * every message after the one before.
 * @param {Worker | MessagePort} line
 * @param {boolean} readsBlobs
 * @returns {Line['post']}
 */
function postTo(line, readsBlobs) {
  if (readsBlobs) return (message, transfer) => line.postMessage(message, transfer);
  let last = Promise.resolve();
  return (message, transfer) => {
    last = last.then(async () => line.postMessage(await withBytes(message), transfer));
  };
}

/** @param {any} item @returns {Promise<any>} */
async function withBytes(item) {
  if (item instanceof Blob) return new Uint8Array(await item.arrayBuffer());
  if (Array.isArray(item)) return Promise.all(item.map(withBytes));
  if (Object.prototype.toString.call(item) !== '[object Object]') return item;
  const entries = Object.entries(item).map(async ([key, value]) => [key, await withBytes(value)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The engine on the page's own thread; its calls are asynchronous, so the page stays alive between them. */
export function clientOfPage() {
  return new EngineClient((receive) => {
    const host = createHost(new Model())((message) => receive(message));
    return { post: (message) => host(message), close: () => {} };
  });
}

/**
 * What a Worker says about itself when it is up; `null` if it does not come up.
 * @param {Worker | MessagePort} line
 * @param {boolean} withAdapter whether to ask for a graphics adapter, which may take it for ever
 * @param {Worker | SharedWorker} [worker] at the other end of it
 * @returns {Promise<{ webgpu: boolean, readsBlobs: boolean } | null>}
 */
function greet(line, withAdapter, worker = /** @type {Worker} */ (line)) {
  return new Promise((resolve) => {
    const timer = withAdapter ? setTimeout(() => resolve({ webgpu: false, readsBlobs: false }), 5000) : undefined;
    const finish = (/** @type {Awaited<ReturnType<typeof greet>>} */ answer) => (clearTimeout(timer), resolve(answer));
    line.onmessage = ({ data }) => finish({ webgpu: data?.webgpu === true, readsBlobs: data?.readsBlobs === true });
    worker.onerror = (event) => (event.preventDefault(), finish(null));
    line.postMessage({ type: 'probe', withAdapter, blob: new Blob(['?']) });
  });
}
