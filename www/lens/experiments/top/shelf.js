/** The galleries of a page: the one that came with the network, one that the visitor opened, and one of the visitor's own pictures. */
import { abortable, EngineError } from '../../engine/protocol.js';
import { request } from '../../engine/weights.js';
import { SheetGallery, wrong } from './gallery.js';
import { keyOf, OwnSet } from './own.js';
import { Store } from './store.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Listed } from './files.js' */
/** @import { Gallery, Kind } from './gallery.js' */

/** @type {WeakMap<Session, { of: string, shelf: Shelf }>} */
const shelves = new WeakMap();

/** The same for all tabs, as long as the network is the same. @param {Lens} lens @param {Session} session */
export function shelfOf(lens, session) {
  const of = keyOf(session);
  const found = shelves.get(session);
  if (found?.of === of) return found.shelf;
  const shelf = new Shelf(lens, session);
  shelves.set(session, { of, shelf });
  return shelf;
}

export class Shelf {
  store;
  /** Which one is looked at. @type {Kind} */
  chosen = 'training';
  /** Counts up whenever another gallery is opened or one is forgotten. */
  revision = 0;

  /** @type {OwnSet | null} */
  own = null;

  #lens;
  #session;
  /** What everything is kept under. */
  #key;
  /** @type {Promise<Gallery | null> | null} */
  #training = null;
  /** @type {Gallery | null} */
  #opened = null;
  /** What the browser has kept is asked for once. @type {Promise<void> | null} */
  #recalled = null;

  /** @param {Lens} lens @param {Session} session */
  constructor(lens, session) {
    this.#lens = lens;
    this.store = new Store(!lens.isGuest);
    this.#session = session;
    this.#key = keyOf(session);
  }

  get networkName() {
    return this.#session.network?.name ?? '';
  }

  /** @param {Kind} kind @param {AbortSignal} signal @returns {Promise<Gallery | null>} `null`: there is none */
  async get(kind, signal) {
    // What is fetched is for everybody: one who no longer waits ends it for nobody else.
    if (kind === 'training') return abortable(this.#ofTraining(), signal);
    await abortable(this.recall(), signal);
    return kind === 'own' ? this.own : this.#opened;
  }

  /** Counts up whenever a gallery shows something else. @param {Kind} kind */
  revisionOf(kind) {
    return [this.revision, kind === 'own' ? (this.own?.revision ?? 0) : 0].join('.');
  }

  /** Whether a gallery is of another network than the one that runs. @param {Gallery} gallery */
  isForeign({ about }) {
    const { fingerprint, network } = this.#session;
    if (about.features && fingerprint) return about.features !== fingerprint;
    return about.network !== network?.name;
  }

  recall() {
    return (this.#recalled ??= (async () => {
      this.own ??= await OwnSet.recall(this.#lens, this.#session, this.store, this.#key);
      const kept = await this.store.read('galleries', this.#key);
      if (kept && !this.#opened) this.#opened = opened(kept.json, kept.files);
    })());
  }

  /**
   * Opens a gallery's folder, and keeps it.
   * @param {Map<string, File>} files by their names
   */
  async open(files) {
    const json = await files
      .get('gallery.json')
      ?.text()
      .then(JSON.parse)
      .catch(() => null);
    const gallery = opened(json, files);
    await this.recall();
    this.#opened = gallery;
    this.revision++;
    await this.store.write('galleries', this.#key, { json, files });
  }

  /** Takes pictures in: a new set, or the files of the one that is known. @param {Listed[]} pictures */
  async take(pictures) {
    await this.recall();
    if (this.own?.isOf(pictures)) {
      this.own.take(pictures);
      return this.own;
    }
    if (this.own) await this.forget('own');
    this.own = OwnSet.of(this.#lens, this.#session, this.store, this.#key, pictures);
    this.revision++;
    return this.own;
  }

  /** @param {Kind} kind */
  async forget(kind) {
    if (kind === 'own') {
      if (this.own) this.own.isForgotten = true;
      this.own = null;
      await this.store.forget('tiles', `${this.#key}/`);
      await this.store.forget('sets', this.#key);
    } else if (kind === 'opened') {
      this.#opened = null;
      await this.store.forget('galleries', this.#key);
    }
    this.revision++;
  }

  #ofTraining() {
    this.#training ??= this.#fetch().catch((error) => {
      this.#training = null;
      throw error;
    });
    return this.#training;
  }

  /** @returns {Promise<Gallery | null>} */
  async #fetch() {
    const { manifest } = this.#session;
    // A network that is one file came with nothing beside it.
    if (!manifest || manifest.files.some(({ name }) => name !== undefined)) return null;
    const url = new URL('gallery/gallery.json', manifest.url);
    const response = await request(url, 'no-cache').catch((error) => {
      if (error?.status === 404 || error?.status === 410) return null;
      throw error;
    });
    if (!response) return null;
    const json = await response.json().catch(() => null);
    return new SheetGallery('training', json, null, async (name) =>
      (await request(new URL(name, url), 'no-cache')).blob(),
    );
  }
}

/** @param {unknown} json @param {Map<string, File>} files */
function opened(json, files) {
  return new SheetGallery('opened', json, [...files.keys()], async (name) => {
    const file = files.get(name);
    if (!file) throw wrong(`${name} beside gallery.json`, [...files.keys()].join(', '));
    return file;
  });
}

/** Whether a failure says that the files are no gallery. @param {unknown} error @returns {error is EngineError} */
export function isNoGallery(error) {
  return error instanceof EngineError && error.code === 'gallery';
}
