/** A tab from outside: it is fetched when it is first opened, and told of every change of the view. */
import { EngineError } from './engine/protocol.js';
import { TABS } from './tabs.js';
import { h } from './widgets/dom.js';

/** @import { Lens } from './lens.js' */
/** @import { Tab } from './tabs.js' */
/** @import { View } from './view/state.js' */
/**
 * What a tab is given.
 * @typedef {object} Place
 * @property {Lens} lens
 * @property {import('./engine/session.js').Session} session
 * @property {import('./view/viewer.js').Viewer} viewer
 * @property {import('./photograph/album.js').Album} album
 * @property {(change: Partial<View>, final: boolean) => void} onChange
 * @property {() => void} onCopyLink
 * @property {(error: unknown) => void} onError
 * @property {(words: string) => void} say
 */
/**
 * What a tab is.
 * @typedef {object} TabPart
 * @property {HTMLElement} element
 * @property {(isOpen: boolean) => void} update called with every change of the view, and when the tab is opened or left
 * @property {() => void} render writes every word again, in the language of now
 * @property {() => void} cancel
 * @property {string} title
 * @property {(ending: string) => Promise<Blob>} [taken] what it shows, to be taken away: `png` or `json`
 */
/** All tabs but the first, in one place of the page; and what the first fetches late. */
export class Tabs {
  /** Where they stand. */
  element = h('div', { class: 'tab-part' });
  /** The network as a drawing, in Explore. */
  drawing = h('section', { class: 'drawing', label: 'drawing' });

  #place;
  /** @type {Map<Tab, TabPart>} */
  #parts = new Map();
  /** @type {Set<Tab>} on their way */
  #coming = new Set();
  /** @type {import('./experiments/drawing/drawing.js').Drawing | null} */
  #drawing = null;
  #isDrawing = false;

  /** @param {Place} place */
  constructor(place) {
    this.#place = place;
  }

  /** Nobody sees them. */
  isParked = false;

  /** The tab that is looked at, if it is one of these. */
  get open() {
    const { viewer } = this.#place;
    const { tab } = viewer.view;
    const { alone, load } = TABS[tab];
    return load && (alone || viewer.shown !== null) ? tab : null;
  }

  get title() {
    return this.#current?.title ?? '';
  }

  get #current() {
    const { open } = this;
    return open ? this.#parts.get(open) : undefined;
  }

  /** What the open tab shows, to be taken away. @param {'png' | 'json'} ending @returns {Promise<Blob>} */
  async taken(ending) {
    const taken = this.#current?.taken;
    if (!taken) throw new EngineError('execution', 'Expected a tab with a result; found none.');
    return taken(ending);
  }

  update() {
    const { open } = this;
    for (const [tab, part] of this.#parts) {
      part.element.hidden = tab !== open;
      // What is left lets go of the engine before what is opened asks for it.
      if (tab !== open || this.isParked) part.update(false);
    }
    if (this.isParked) return;
    if (!open) return this.#draw();
    const part = this.#parts.get(open);
    if (part) part.update(true);
    else void this.#load(open);
  }

  /** Another network: what the tabs know is of the one before. */
  forget() {
    for (const part of this.#parts.values()) {
      part.cancel();
      part.update(false);
      part.element.remove();
    }
    this.#parts.clear();
  }

  render() {
    for (const part of this.#parts.values()) part.render();
    this.#drawing?.render();
  }

  #draw() {
    const { shown, dragging } = this.#place.viewer;
    if (!shown || dragging) return;
    if (this.#drawing) this.#drawing.update();
    else if (!this.#isDrawing) void this.#loadDrawing();
  }

  async #loadDrawing() {
    this.#isDrawing = true;
    try {
      await this.#place.lens.adopt('experiments/drawing/drawing.css');
      const drawing = (await import('./experiments/drawing/drawing.js')).createNetworkDrawing(
        this.#place,
        this.drawing,
      );
      this.#drawing = drawing;
      drawing.update();
    } catch (error) {
      // Explore does without it; the next change tries again.
      console.warn(error);
      this.#isDrawing = false;
    }
  }

  cancel() {
    this.#current?.cancel();
  }

  /** @param {Tab} tab */
  async #load(tab) {
    const { load, styles = [] } = TABS[tab];
    if (!load || this.#coming.has(tab)) return;
    this.#coming.add(tab);
    try {
      const [part] = await Promise.all([load(this.#place), ...styles.map((path) => this.#place.lens.adopt(path))]);
      part.element.hidden = true;
      this.#parts.set(tab, part);
      this.element.append(part.element);
      this.update();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#place.onError(new EngineError('not-found', `Expected the tab “${tab}”; found ${reason}.`));
    } finally {
      this.#coming.delete(tab);
    }
  }
}
