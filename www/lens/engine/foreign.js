/**
 * Networks of other programs. A Worker of their own reads them, so that the room for the file is given back with it; the engine is
 * handed a description, and numbers, some after the others.
 */
import { EngineError, throwIfAborted } from './protocol.js';
import { answer } from './reader.js';
import { shardOf } from './session.js';
import { request, sha256 } from './weights.js';

/** @import { ShardFile } from './weights.js' */
/** @import { Ask, Opened } from './reader.js' */

/** How many numbers cross at a time: 4 MB of them. */
const AT_A_TIME = 1 << 20;
/** No header of ours is longer. */
const HEADER = 1 << 24;
/** Dense layers of more bytes than this come after the features, when class scores are wanted. */
const LARGE = 1 << 24;

/** An engine puts one network together at a time: the pieces of two would become one. @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * A network in one file, which is of another program or of this one.
 * @param {ShardFile} file
 * @param {() => Promise<Uint8Array>} load
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./session.js').Give>}
 */
export async function bring(file, load, signal) {
  const give = await read(file, load, signal);
  return async (running) => {
    const given = await give(running);
    const { preprocessing } = file;
    if (!preprocessing) return given;
    const network = await running.client.call('setPreprocessing', { preprocessing }, { channel: 'shard' });
    return { ...given, network };
  };
}

/**
 * The same, before it is said how pictures enter.
 * @param {ShardFile} file
 * @param {() => Promise<Uint8Array>} load
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./session.js').Give>}
 */
async function read(file, load, signal) {
  const { here, url, name = '', size = null } = file;
  const bytes = here ? null : await load();
  // What lies on this device is not copied before somebody reads it.
  const blob = here ?? new Blob([/** @type {BlobPart} */ (bytes)]);
  if (await isOurs(blob)) return shardOf(file, bytes ?? new Uint8Array(await blob.arrayBuffer()));
  const ofFile = { blob, file: decodeURIComponent(url.pathname), name, size };
  return async (running) => {
    const mine = last.then(() => give(running, ofFile, file.shard, signal));
    last = mine.catch(() => {});
    const { left, ...given } = await mine;
    /** @type {ShardFile | null} */
    const rest = left ? { ...file, shard: 'classifier', bytes: left, here: blob, preprocessing: null } : null;
    return { ...given, rest };
  };
}

/** Whether safetensors say of themselves that they are this program's. @param {Blob} blob */
async function isOurs(blob) {
  const begin = await blob.slice(0, 8).arrayBuffer();
  if (begin.byteLength < 8) return false;
  const length = new DataView(begin).getBigUint64(0, true);
  return length < HEADER && (await blob.slice(8, 8 + Number(length)).text()).includes('"zf-lens"');
}

/**
 * @param {import('./session.js').Engine} running
 * @param {{ blob: Blob, file: string, name: string, size: import('../view/crop.js').InputSize | null }} ofFile what stands in it, how it is named, what the network is called, and how large what enters is to be
 * @param {import('./weights.js').Shard} wanted what of it; of all of it, large dense layers are left for later
 * @param {AbortSignal} [signal]
 */
async function give({ client, from }, ofFile, wanted, signal) {
  throwIfAborted(signal);
  const options = { channel: /** @type {const} */ ('shard'), signal };
  // Who has a thousand classes is no worse off without their names.
  const names = request(new URL('../../imagenet.json', from.module), 'default', signal).then((found) => found.text());
  const classes = await names.catch(() => null);
  throwIfAborted(signal);
  const reader = await open(from.worker && new URL('reader.js', from.worker).href);
  try {
    const module = new URL('../import/zfnet_web_import.js', from.module).href;
    const { model, tensors } = /** @type {Opened} */ (await reader.ask({ module, ...ofFile, classes }));
    const dense = denseOf(model, tensors);
    const bytes = [...dense].reduce((sum, { count }) => sum + 4 * count, 0);
    const shard = wanted === 'all' && bytes > LARGE ? 'features' : wanted;
    await client.call('assemble', { model, shard }, options);
    const digests = [model];
    for (const tensor of tensors) {
      const { name, count } = tensor;
      if (shard !== 'all' && dense.has(tensor) !== (shard === 'classifier')) continue;
      for (let at = 0; at < count; at += AT_A_TIME) {
        const part = /** @type {Float32Array} */ (await reader.ask({ name, from: at, most: AT_A_TIME }));
        digests.push((await sha256(new Uint8Array(part.buffer))) ?? '');
        await client.call('assemble', { name, count, part }, options, [part.buffer]);
      }
    }
    throwIfAborted(signal);
    const fingerprint = await sha256(new TextEncoder().encode(digests.join()));
    const network = await client.call('assembled', {}, { channel: 'shard' });
    return { network, fingerprint, left: shard === 'features' ? bytes : 0 };
  } finally {
    reader.close();
  }
}

/** The tensors of the dense layers. @param {string} model @param {Opened['tensors']} tensors */
function denseOf(model, tensors) {
  /** @type {{ name: string, op: string }[]} */
  const layers = JSON.parse(model).architecture;
  const dense = new Set(layers.flatMap(({ name, op }) => (op === 'dense' ? [`${name}.weight`, `${name}.bias`] : [])));
  return new Set(tensors.filter(({ name }) => dense.has(name)));
}

/** @typedef {{ ask: (what: Ask) => Promise<Opened | Float32Array>, close: () => void }} Reader */

const here = import.meta.url;
/** Bundlers look for these very words, and take the Worker's script along. */
const ownWorker = () => new Worker(new URL('./reader.js', import.meta.url), { type: 'module', name: 'zf-lens reader' });

/**
 * As for the engine, a page may have to carry a script that imports the Worker's; where there are no Workers, the page reads.
 * @param {string | null} address
 * @returns {Promise<Reader>}
 */
async function open(address) {
  const options = /** @type {const} */ ({ type: 'module', name: 'zf-lens reader' });
  const href = address ?? new URL('reader.js', here).href;
  const carried = `data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(href)};`)}`;
  const plain = address === null ? ownWorker : () => new Worker(address, options);
  for (const begin of [plain, () => new Worker(carried, options)]) {
    try {
      const worker = begin();
      const isThere = await new Promise((resolve) => {
        worker.onmessage = () => resolve(true);
        worker.onerror = () => resolve(false);
      });
      if (isThere) return readerOf(worker);
      worker.terminate();
    } catch {
      // Forbidden; the next way may not be.
    }
  }
  return { ask: answer, close: () => {} };
}

/** @param {Worker} worker @returns {Reader} */
const readerOf = (worker) => ({
  ask: (what) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data: { value, error } }) =>
        error ? reject(new EngineError(error.code, error.message)) : resolve(value);
      worker.onerror = ({ message }) => reject(new EngineError('execution', message));
      worker.postMessage(what);
    }),
  close: () => worker.terminate(),
});
