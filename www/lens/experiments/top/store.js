/**
 * What a visitor's own set has given, kept in the browser: one thing of a kind for each network. Where the browser keeps
 * nothing (a private window, a full disk), it stays in memory as long as the page is open.
 */

const NAME = 'zf-lens-top';
const STORES = /** @type {const} */ (['sets', 'tiles', 'galleries']);
/** Above every character of a key. */
const LAST = '\uffff';

/** @typedef {(typeof STORES)[number]} StoreName */

export class Store {
  /** Whether something could not be kept. */
  isFull = false;

  #keeps;
  /** @type {Promise<IDBDatabase> | null} */
  #base = null;
  /** @type {Map<string, unknown>} what the browser would not take */
  #memory = new Map();

  /** @param {boolean} keeps whether the browser may keep anything */
  constructor(keeps) {
    this.#keeps = keeps;
  }

  /** @param {StoreName} store @param {string} key @returns {Promise<any>} `undefined`: there is none */
  async read(store, key) {
    const held = this.#memory.get(`${store}/${key}`);
    if (held !== undefined) return held;
    return this.#act(store, 'readonly', (objects) => objects.get(key)).catch(() => undefined);
  }

  /** @param {StoreName} store @param {string} key @param {unknown} value */
  async write(store, key, value) {
    try {
      await this.#act(store, 'readwrite', (objects) => objects.put(value, key));
      this.#memory.delete(`${store}/${key}`);
    } catch {
      this.isFull = true;
      this.#memory.set(`${store}/${key}`, value);
    }
  }

  /** Forgets everything whose key begins so. @param {StoreName} store @param {string} prefix */
  async forget(store, prefix) {
    for (const key of this.#memory.keys()) if (key.startsWith(`${store}/${prefix}`)) this.#memory.delete(key);
    const range = IDBKeyRange.bound(prefix, prefix + LAST);
    await this.#act(store, 'readwrite', (objects) => objects.delete(range)).catch(() => {});
  }

  #open() {
    return (this.#base ??= new Promise((resolve, reject) => {
      if (!this.#keeps) return reject(null);
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        for (const store of STORES) asked.result.createObjectStore(store);
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
      asked.onblocked = () => reject(new Error('Another page holds an older form of what is kept.'));
    }));
  }

  /**
   * @param {StoreName} store
   * @param {IDBTransactionMode} mode
   * @param {(objects: IDBObjectStore) => IDBRequest} act
   */
  async #act(store, mode, act) {
    const base = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(store, mode);
      const asked = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? asked.error);
    });
  }
}
