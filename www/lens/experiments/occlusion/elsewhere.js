/** Projections of the watched map, each asked for once: of the whole map, and of its strongest unit in every picture. */

/** @import { Place } from '../../tab.js' */
/** @import { Context, Projection } from '../../engine/protocol.js' */
/** @import { Part } from '../experiment.js' */
/** @import { Found } from './others.js' */
/** @import { Probe } from './probe.js' */
/** What is watched in which picture. @typedef {{ layer: string, map: number, context: Context }} Watched */

export class Elsewhere {
  /** By what was asked; null while it is on its way. @type {Map<string, Projection | null>} */
  #found = new Map();
  #place;
  #probe;
  #onFound;

  /** @param {Place} place @param {Probe} probe @param {() => void} onFound */
  constructor(place, probe, onFound) {
    this.#place = place;
    this.#probe = probe;
    this.#onFound = onFound;
  }

  /** Asks for what is not there yet. @param {Watched} watched @param {Part['ask']} ask */
  want(watched, ask) {
    const { layer, map, context } = watched;
    const { session, viewer } = this.#place;
    const { rule, stretch } = viewer.resolved;
    const manner = { rule, stretch, sharedScale: null };
    this.#want(this.#key('map', watched), () =>
      session.call('wholeMap', { context, layer, map, manner }, { channel: 'probe' }),
    );
    for (const { key, context } of this.#pictures(watched)) {
      this.#want(key, async () => {
        const [found] = await ask('occlusionElsewhere', { layer, map, rule, stretch }, { pictures: [context] });
        return found;
      });
    }
  }

  /** The projection of the whole map, if it is there. @param {Watched} watched */
  whole(watched) {
    return this.#found.get(this.#key('map', watched)) ?? null;
  }

  /** The projections of single units that are there, the picture on view first. @param {Watched} watched @returns {Found[]} */
  known(watched) {
    return this.#pictures(watched).flatMap(({ key, of, name }) => {
      const found = this.#found.get(key);
      return found ? [{ key: of, name, found }] : [];
    });
  }

  /** What has not come will not come any more. */
  stop() {
    for (const [key, found] of this.#found) if (!found) this.#found.delete(key);
  }

  /** @param {string} key @param {() => Promise<Projection | undefined>} ask */
  #want(key, ask) {
    if (this.#found.has(key)) return;
    this.#found.set(key, null);
    this.#probe.queue(async () => {
      try {
        const found = await ask();
        if (found) this.#found.set(key, found);
      } catch (error) {
        this.#found.delete(key);
        throw error;
      }
      this.#onFound();
    });
  }

  /** @param {Watched} watched */
  #pictures(watched) {
    const further = this.#place.album.entries.map(({ id, sample, name, context }) => ({
      of: sample ?? id,
      name,
      context,
    }));
    const all = [{ of: 'here', name: null, context: watched.context }, ...further];
    return all.map((one) => ({ ...one, key: this.#key('unit', { ...watched, context: one.context }) }));
  }

  /** @param {'map' | 'unit'} kind @param {Watched} watched */
  #key(kind, { layer, map, context: { photo, crop } }) {
    const { rule, stretch } = this.#place.viewer.resolved;
    return JSON.stringify([kind, layer, map, rule, stretch, photo.id, crop]);
  }
}
