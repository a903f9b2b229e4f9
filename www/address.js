/** The page's address and its history: what is on view stands there. */
import { hashFromView, isForeign, viewFromHash } from './lens/view/state.js';

/** @import { Crop } from './lens/engine/protocol.js' */
/** @import { View } from './lens/view/state.js' */

/**
 * What the entry of the history keeps beside the address, where nothing of a visitor's own may stand: which photograph it is
 * of, and the square.
 * @typedef {{ photo: string, crop: Crop | null }} Own
 * @typedef {{ hash: string, own: Own | null }} Entry
 */

/** What the page is opened with, or has come back to. */
export function here() {
  const own = ownFrom(history.state);
  const view = viewFromHash(location.hash);
  return { view: own ? { ...view, crop: own.crop } : view, photo: own?.photo ?? null };
}

/** Writes the address: a new entry for each choice, the same entry while something is being dragged or hovered. */
export class Address {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Entry | null} */
  #late = null;
  /** @type {Entry | null} what was last chosen */
  #chosen = null;
  #photo;

  /**
   * @param {() => string | null} photo the visitor's own photograph that is on view
   * @param {(view: View, photo: string | null) => void} onTravel called when the visitor goes back, forward, or edits the address
   */
  constructor(photo, onTravel) {
    this.#photo = photo;
    const travel = () => {
      this.#drop();
      this.#chosen = { hash: location.hash, own: ownFrom(history.state) };
      const { view, photo: found } = here();
      onTravel(view, found);
    };
    window.addEventListener('popstate', travel);
  }

  /** @param {View} view */
  push(view) {
    this.#drop();
    // What was only pointed at must not stay behind as the place to come back to.
    if (this.#chosen !== null && !isHere(this.#chosen)) write(this.#chosen, false);
    const entry = (this.#chosen = this.#entry(view));
    if (!isHere(entry)) write(entry, true);
  }

  /** Leaves out of the address what makes no sense; that of a later form of the page may make sense to it. @param {View} view */
  mend(view) {
    const words = location.hash.slice(1);
    if (!words || isForeign(new URLSearchParams(words))) return;
    this.#put({ hash: hashFromView(view), own: ownFrom(history.state) }, true);
  }

  /**
   * @param {View} view
   * @param {boolean} [chosen] whether it is to be kept, or only pointed at
   */
  replace(view, chosen = true) {
    this.#put(this.#entry(view), chosen);
  }

  /** @param {Entry} entry @param {boolean} chosen */
  #put(entry, chosen) {
    this.#late = entry;
    if (chosen) this.#chosen = entry;
    // Browsers refuse more than about a hundred changes in half a minute.
    this.#timer ??= setTimeout(() => this.settle(), 350);
  }

  /** Writes at once what `replace` has put off. */
  settle() {
    const entry = this.#late;
    this.#drop();
    if (entry && !isHere(entry)) write(entry, false);
  }

  /** @param {View} view @returns {Entry} */
  #entry(view) {
    const photo = this.#photo();
    return { hash: hashFromView(view), own: photo === null ? null : { photo, crop: view.crop } };
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#late = null;
  }
}

/** @param {Entry} entry @param {boolean} isNew an entry of its own */
function write({ hash, own }, isNew) {
  if (isNew) history.pushState(own, '', hash);
  else history.replaceState(own, '', hash);
}

/** @param {Entry} entry */
function isHere({ hash, own }) {
  return hash === location.hash && JSON.stringify(own) === JSON.stringify(ownFrom(history.state));
}

/** @param {any} state of an entry of the history @returns {Own | null} */
function ownFrom(state) {
  return typeof state?.photo === 'string' ? { photo: state.photo, crop: state.crop ?? null } : null;
}
