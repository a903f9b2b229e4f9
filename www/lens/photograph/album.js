/** The visitor's further pictures, for questions about several: they stay while the page is open, and never leave it. */
import { EngineError, isForBrowser } from '../engine/protocol.js';
import { decodeInBrowser, photoFrom } from './photo.js';
import { TABS } from '../tabs.js';

/** @import { Context, Picture } from '../engine/protocol.js' */
/** @import { View } from '../view/state.js' */
/** @import { Sample } from '../widgets/drop.js' */
/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {{ en: string, zh?: string | undefined }} name
 * @property {string | null} sample
 * @property {Context} context
 * @property {Picture} square what enters the network
 */

export class Album {
  /** @type {Entry[]} */
  entries = [];
  /** The page's own samples. @type {Sample[]} */
  samples = [];

  /** The samples of the address that was followed last. @type {readonly string[]} */
  #wanted = [];
  /** Those of them that are on their way. @type {Set<string>} */
  #coming = new Set();
  #lens;
  #session;
  #onChange;
  /** So many networks are yet to see them, one after the other. */
  #renewals = 0;
  /** Pictures are taken in one after the other: the engine answers one question of a kind at a time. */
  #line = Promise.resolve();

  /**
   * @param {import('../lens.js').Lens} lens
   * @param {import('../engine/session.js').Session} session
   * @param {() => void} onChange
   */
  constructor(lens, session, onChange) {
    this.#lens = lens;
    this.#session = session;
    this.#onChange = onChange;
  }

  /** @param {File} file */
  addFile(file) {
    return this.#take(async () => ({ blob: file, name: { en: file.name }, sample: null }));
  }

  /** @param {Sample} sample */
  addSample({ id, file, title }) {
    return this.#take(async () => {
      const url = new URL(file, this.#lens.samples);
      const response = await fetch(url).catch(() => null);
      if (!response?.ok) {
        const found = response ? `the server answered ${response.status}` : 'nothing came';
        throw new EngineError('not-found', `Expected a photograph at ${url}; ${found}.`);
      }
      return { blob: await response.blob(), name: title, sample: id };
    }, id);
  }

  /** Holds the samples that an address names, in its order, and no others. @param {readonly string[]} ids */
  async follow(ids) {
    this.#wanted = ids;
    const isKept = (/** @type {Entry} */ { sample }) => sample === null || ids.includes(sample);
    if (!this.entries.every(isKept)) {
      this.entries = this.entries.filter(isKept);
      this.#onChange();
    }
    const known = ids.flatMap((id) => this.samples.find((sample) => sample.id === id) ?? []);
    this.#coming = new Set(known.map(({ id }) => id).filter((id) => !this.#here.includes(id)));
    /** @type {unknown} */
    let failure = null;
    for (const sample of known) {
      await this.addSample(sample).catch((error) => (failure ??= error));
      // A newer address has taken over.
      if (this.#wanted !== ids) return;
      // One that cannot be had is not waited for, and keeps no other out.
      if (this.#coming.delete(sample.id)) this.#onChange();
    }
    if (failure) throw failure;
  }

  /** Whether pictures are still on their way: a question about several waits for all of them. */
  get isComing() {
    return this.#coming.size > 0 || this.#renewals > 0;
  }

  /** Another network is here: it may see another part of each picture, at another size. */
  async renew() {
    this.#renewals++;
    const renewed = this.#line.then(async () => {
      for (const entry of this.entries) Object.assign(entry, await this.#seen(entry.context.photo));
    });
    this.#line = renewed.catch(() => {});
    await renewed.finally(() => this.#renewals--);
    if (this.entries[0]) this.#onChange();
  }

  /** @param {string} id */
  remove(id) {
    this.entries = this.entries.filter((entry) => entry.id !== id);
    this.#onChange();
  }

  /** The samples that an address asks for: that of a tab without further pictures takes none away. @param {View} view */
  othersOf({ tab, others }) {
    return TABS[tab].compares ? others : this.others;
  }

  /** The samples among the pictures, as the address names them: those that are here, and those that are on their way. */
  get others() {
    return [...this.#here, ...this.#coming];
  }

  get #here() {
    return this.entries.flatMap(({ sample }) => sample ?? []);
  }

  /**
   * @param {() => Promise<{ blob: Blob, name: Entry['name'], sample: string | null }>} source
   * @param {string} [sample] taken in once only
   */
  #take(source, sample) {
    const taken = this.#line.then(async () => {
      if (sample && this.entries.some((entry) => entry.sample === sample)) return;
      const { blob, ...about } = await source();
      let photo = await photoFrom(this.#lens, blob);
      const seen = await this.#seen(photo).catch(async (error) => {
        if (!isForBrowser(error)) throw error;
        photo = await decodeInBrowser(photo, error);
        return this.#seen(photo);
      });
      this.entries.push({ id: photo.id, ...about, ...seen });
      if (sample) this.#coming.delete(sample);
      this.#onChange();
    });
    this.#line = taken.catch(() => {});
    return taken;
  }

  /** @param {import('../engine/protocol.js').Photo} photo @returns {Promise<Pick<Entry, 'context' | 'square'>>} */
  async #seen(photo) {
    await this.#session.features();
    const pictures = [{ photo, crop: null }];
    const [found] = await this.#session.experiment('squares', null, { context: null, pictures, channel: 'album' });
    if (!found) throw new EngineError('execution', 'Expected a part of the picture; found none.');
    return { context: { photo, crop: found.crop }, square: found.picture };
  }
}
