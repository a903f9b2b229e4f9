/** Networks of the visitor's own that are kept on request: the files themselves, in a database of the browser's. */
import { EngineError } from '../engine/protocol.js';

/** @typedef {import('../engine/weights.js').Own & { name: string }} Kept */

const DATABASE = 'zf-lens-networks';
const STORE = 'files';

/** All of them, in the order of their names. @returns {Promise<Kept[]>} none where the browser keeps nothing */
export async function kept() {
  return ask('readonly', (store) => store.getAll()).catch(() => []);
}

/** @param {Kept} network fails with `quota` where there is no room, with `storage` where nothing is kept */
export async function keep(network) {
  // What a visitor asks to keep is not to be thrown away when others need room.
  void globalThis.navigator.storage?.persist?.().catch(() => {});
  await ask('readwrite', (store) => store.put(network, network.name), network.file.size);
}

/** @param {string} name */
export async function remove(name) {
  await ask('readwrite', (store) => store.delete(name));
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @param {number} [size] bytes that are to be written
 * @returns {Promise<T>}
 */
async function ask(mode, act, size = 0) {
  /** @type {IDBDatabase | null} */
  let database = null;
  try {
    database = await opened();
    const transaction = database.transaction(STORE, mode);
    const request = act(transaction.objectStore(STORE));
    await new Promise((resolve, reject) => {
      transaction.addEventListener('complete', resolve);
      for (const end of ['abort', 'error'])
        transaction.addEventListener(end, () => reject(transaction.error ?? request.error));
    });
    return request.result;
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'QuotaExceededError') throw new EngineError('quota', `Expected room for ${size} bytes; found none.`);
    const found = error instanceof Error ? error.message : String(error);
    throw new EngineError('storage', `Expected a browser that keeps files; found ${found || 'none'}.`);
  } finally {
    database?.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    // In a frame without an origin even asking throws.
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
    request.addEventListener('success', () => resolve(request.result));
    for (const end of ['error', 'blocked']) request.addEventListener(end, () => reject(request.error));
  });
}
