/**
 * Networks of other programs. A Worker of their own reads them, so that the room for the file is given back with it; the engine is
 * handed a description, and numbers, some after the others.
 */
import { EngineError, throwIfAborted } from './protocol.js';
import { answer } from './reader.js';
import { request } from './weights.js';

/** @import { EngineClient } from './client.js' */
/** @import { Ask, Opened } from './reader.js' */

/** How many numbers cross at a time: 4 MB of them. */
const AT_A_TIME = 1 << 20;

/** Whether safetensors say of themselves that they are this program's. @param {Uint8Array} bytes */
export function isOurs(bytes) {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength < 9) return false;
  const length = new DataView(buffer, byteOffset).getBigUint64(0, true);
  if (length > byteLength - 8) return false;
  return new TextDecoder().decode(bytes.subarray(8, 8 + Number(length))).includes('"zf-lens"');
}

/**
 * Reads a network and hands it to the engine.
 * @param {EngineClient} client
 * @param {import('./session.js').Running['from']} from
 * @param {Uint8Array} bytes which are gone afterwards
 * @param {string} name what it is called
 * @param {AbortSignal} [signal]
 */
export async function give(client, from, bytes, name, signal) {
  const options = { channel: /** @type {const} */ ('shard'), signal };
  // Who has a thousand classes is no worse off without their names.
  const names = request(new URL('../../imagenet.json', from.module), 'default', signal).then((found) => found.text());
  const classes = await names.catch(() => null);
  throwIfAborted(signal);
  const reader = await open(from.worker && new URL('reader.js', from.worker).href);
  try {
    const module = new URL('../import/zfnet_web_import.js', from.module).href;
    const opening = reader.ask({ module, bytes, name, classes }, [bytes.buffer]);
    const { model, guessed, tensors } = /** @type {Opened} */ (await opening);
    await client.call('assemble', { model }, options);
    for (const { name, count } of tensors) {
      for (let at = 0; at < count; at += AT_A_TIME) {
        const part = /** @type {Float32Array} */ (await reader.ask({ name, from: at, most: AT_A_TIME }));
        await client.call('assemble', { name, count, part }, options, [part.buffer]);
      }
    }
    throwIfAborted(signal);
    return { ...(await client.call('assembled', {}, { channel: 'shard' })), guessed };
  } finally {
    reader.close();
  }
}

/** @typedef {{ ask: (what: Ask, transfer?: Transferable[]) => Promise<Opened | Float32Array>, close: () => void }} Reader */

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
  ask: (what, transfer = []) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data: { value, error } }) =>
        error ? reject(new EngineError(error.code, error.message)) : resolve(value);
      worker.onerror = ({ message }) => reject(new EngineError('execution', message));
      worker.postMessage(what, transfer);
    }),
  close: () => worker.terminate(),
});
