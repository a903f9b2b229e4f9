/**
 * A set of the visitor's own pictures: every map of every layer keeps the nine that it answers to most. Pictures are looked
 * at one handful after the other and let go; what is kept in the browser is who won, and what was drawn of the winners.
 */
import { EngineError } from '../../engine/protocol.js';
import { decodeInBrowser, photoFrom } from '../../photograph/photo.js';
import { pictureOf } from './gallery.js';
import { handful } from './handful.js';
import { drawn, packed, unpacked } from './tiles.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { TopLayer } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Listed } from './files.js' */
/** @import { Gallery, Tile, Winner } from './gallery.js' */
/** @import { Store } from './store.js' */
/** @import { Reason } from '../../failure.js' */
/** @typedef {{ picture: number, reason: Reason }} Skipped */
/**
 * What is kept of it.
 * @typedef {object} Kept
 * @property {2} version
 * @property {string} network
 * @property {{ path: string, size: number, modified: number }[]} list
 * @property {number} done
 * @property {Skipped[]} skipped
 * @property {number[]} others pictures that only the browser can decode
 * @property {TopLayer[] | null} state
 */

const COUNT = 9;
const RULE = 'deconvnet';
/** What is known is kept at least this often, in milliseconds. */
const KEEP_EVERY = 15_000;

/** What everything is kept under: the network's features, or at least its name. @param {Session} session */
export function keyOf(session) {
  return session.fingerprint ?? session.network?.name ?? '';
}

/** @implements {Gallery} */
export class OwnSet {
  #lens;
  kind = /** @type {const} */ ('own');
  /** Nobody else's pictures. */
  licence = null;
  /** Counts up whenever other winners are worth drawing. */
  revision = 0;
  /** Whether nothing of it is to be kept any more. */
  isForgotten = false;

  #session;
  #store;
  #key;
  /** @type {Kept} */
  #kept;
  /** The files themselves; gone when the page is opened again. @type {File[] | null} */
  #files = null;

  /**
   * @param {Lens} lens
   * @param {Session} session
   * @param {Store} store
   * @param {string} key of the network
   * @param {Kept} kept
   */
  constructor(lens, session, store, key, kept) {
    this.#lens = lens;
    this.#session = session;
    this.#store = store;
    this.#key = key;
    this.#kept = kept;
  }

  /** What is kept for a network. @param {Lens} lens @param {Session} session @param {Store} store @param {string} key */
  static async recall(lens, session, store, key) {
    const kept = await store.read('sets', key);
    return kept?.version === 2 && Array.isArray(kept.list) ? new OwnSet(lens, session, store, key, kept) : null;
  }

  /** @param {Lens} lens @param {Session} session @param {Store} store @param {string} key @param {Listed[]} pictures */
  static of(lens, session, store, key, pictures) {
    const network = session.network?.name ?? '';
    const kept = {
      version: /** @type {const} */ (2),
      network,
      list: pictures.map(said),
      done: 0,
      skipped: [],
      others: [],
      state: null,
    };
    const set = new OwnSet(lens, session, store, key, kept);
    set.take(pictures);
    return set;
  }

  /** @returns {Gallery['about']} */
  get about() {
    const { network, done, skipped } = this.#kept;
    return {
      network,
      features: this.#key,
      rule: RULE,
      count: COUNT,
      pictures: done - skipped.length,
      skipped: skipped.length,
    };
  }

  get layers() {
    return this.#kept.state?.map(({ layer }) => layer) ?? [];
  }

  get done() {
    return this.#kept.done;
  }

  get all() {
    return this.#kept.list.length;
  }

  get isWhole() {
    return this.done === this.all;
  }

  /** Whether the files are at hand. */
  get hasFiles() {
    return this.#files !== null;
  }

  /** Files that could not be read, by name. @returns {{ name: string, reason: Reason }[]} */
  get unread() {
    return this.#kept.skipped.map(({ picture, reason }) => ({ name: this.#nameOf(picture), reason }));
  }

  /** Whether these are the same pictures, so that a run may go on. @param {Listed[]} pictures */
  isOf(pictures) {
    return JSON.stringify(pictures.map(said)) === JSON.stringify(this.#kept.list);
  }

  /** @param {Listed[]} pictures the same as before */
  take(pictures) {
    this.#files = pictures.map(({ file }) => file);
    this.revision++;
  }

  hasPatches() {
    return true;
  }

  /** @param {string} layer */
  maps(layer) {
    return (this.#table(layer)?.activation.length ?? 0) / COUNT;
  }

  /** @param {string} layer @param {number} map @returns {Winner[]} */
  winners(layer, map) {
    const table = this.#table(layer);
    /** @type {Winner[]} */
    const found = [];
    for (let at = map * COUNT; table && at < (map + 1) * COUNT; at++) {
      const [picture = -1, row = 0, col = 0] = table.unit.subarray(3 * at, 3 * at + 3);
      if (picture >= 0)
        found.push({ picture, row, col, activation: table.activation[at] ?? 0, name: this.#nameOf(picture) });
    }
    return found;
  }

  /** @param {string} layer @param {number} map @param {(rank: number, tile: Tile) => void} onTile @param {AbortSignal} signal */
  async tiles(layer, map, onTile, signal) {
    /** @type {Wish[]} */
    const wanted = this.winners(layer, map).map((winner, rank) => ({
      map,
      winner,
      show: (tile) => onTile(rank, tile),
    }));
    await this.#draw('tiles', layer, wanted, signal);
  }

  /** The way to both is the same. @param {Parameters<OwnSet['tiles']>} asked */
  projections(...asked) {
    return this.tiles(...asked);
  }

  /** @param {string} layer @param {(map: number, projection: Picture) => void} onTile @param {AbortSignal} signal */
  async firsts(layer, onTile, signal) {
    /** @type {Wish[]} */
    const wanted = [];
    for (let map = 0; map < this.maps(layer); map++) {
      const [winner] = this.winners(layer, map);
      if (winner) wanted.push({ map, winner, show: (tile) => onTile(map, pictureOf(tile.projection)) });
    }
    await this.#draw('set', layer, wanted, signal);
  }

  /**
   * Lets the pictures compete that are not done yet.
   * @param {AbortSignal} signal
   * @param {(isWorthDrawing: boolean) => void} onStep after each handful
   */
  async run(signal, onStep) {
    const files = this.#files;
    if (!files) throw new EngineError('not-found', 'Expected the pictures of the set; found that they are gone.');
    let kept = performance.now();
    // Coarse first: what is drawn on the way is drawn again whenever twice as many pictures have been looked at.
    let next = Math.max(COUNT, 2 * this.done);
    try {
      while (!this.isWhole) {
        this.#checkNetwork();
        const step = await handful(this.#lens, this.#session, files, this.#kept, COUNT, signal);
        this.#checkNetwork();
        Object.assign(this.#kept, step);
        const isWorthDrawing = this.done >= next && !this.isWhole;
        if (isWorthDrawing) next = 2 * this.done;
        if (isWorthDrawing || this.isWhole) this.revision++;
        if (performance.now() - kept > KEEP_EVERY) {
          await this.keep();
          kept = performance.now();
        }
        onStep(isWorthDrawing);
      }
    } finally {
      this.revision++;
      await this.keep();
    }
  }

  async keep() {
    if (!this.isForgotten) await this.#store.write('sets', this.#key, this.#kept);
  }

  /**
   * @typedef {{ map: number, winner: Winner, show: (tile: Tile) => void }} Wish
   * @param {'tiles' | 'set'} channel
   * @param {string} layer
   * @param {Wish[]} wishes
   * @param {AbortSignal} signal
   */
  async #draw(channel, layer, wishes, signal) {
    /** @type {Map<number, Wish[]>} */
    const rest = new Map();
    for (const wish of wishes) {
      const stored = await this.#store.read('tiles', this.#tileKey(layer, wish.map, wish.winner));
      if (signal.aborted) throw new EngineError('aborted', 'The request was cancelled.');
      if (stored) {
        wish.show(await unpacked(stored));
      } else {
        const { picture } = wish.winner;
        rest.set(picture, [...(rest.get(picture) ?? []), wish]);
      }
    }
    const files = this.#files;
    if (!files) return;
    /** @type {unknown} */
    let unread = null;
    // Each picture is opened once, whatever it has won; one that has gone since leaves its places empty, and only them.
    for (const [picture, mine] of rest) {
      const photo = await photoFrom(this.#lens, /** @type {File} */ (files[picture])).catch(
        (error) => void (unread = error),
      );
      if (!photo) continue;
      const pictures = [
        { photo: this.#kept.others.includes(picture) ? await decodeInBrowser(photo) : photo, crop: null },
      ];
      const units = mine.map(
        ({ map, winner }) => /** @type {[number, number, number]} */ ([map, winner.row, winner.col]),
      );
      let at = 0;
      await this.#session.experiment(
        'topTiles',
        { layer, rule: RULE, units: [units] },
        {
          context: null,
          pictures,
          channel,
          signal,
          onPart: ({ tiles }) => {
            if (keyOf(this.#session) !== this.#key) return;
            for (const one of tiles) {
              const wish = mine[at++];
              if (!wish) continue;
              const tile = drawn(one);
              wish.show(tile);
              const key = this.#tileKey(layer, wish.map, wish.winner);
              // What cannot be kept is drawn again.
              void packed(tile).then(
                (stored) => (this.isForgotten ? undefined : this.#store.write('tiles', key, stored)),
                () => {},
              );
            }
          },
        },
      );
    }
    if (unread) throw unread;
  }

  /** Another network may have taken the place of the one whose set this is. */
  #checkNetwork() {
    if (keyOf(this.#session) !== this.#key) throw new EngineError('superseded', 'Another network took its place.');
  }

  /** @param {string} layer @param {number} map @param {Winner} winner */
  #tileKey(layer, map, { picture, row, col }) {
    return [this.#key, layer, map, picture, row, col].join('/');
  }

  /** @param {string} name */
  #table(name) {
    return this.#kept.state?.find(({ layer }) => layer === name);
  }

  /** @param {number} picture */
  #nameOf(picture) {
    return this.#kept.list[picture]?.path ?? '';
  }
}

/** @param {Listed} listed */
function said({ path, file }) {
  return { path, size: file.size, modified: file.lastModified };
}
