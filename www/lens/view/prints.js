/** The prints of a photograph: which unit or map of each layer is shown, and the drawing of it. */
import { throwIfAborted } from '../engine/protocol.js';
import { milestonesOf, strongestOf } from './target.js';

/** @import { Projection } from '../engine/protocol.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { Projections } from './projections.js' */
/** @import { View } from './state.js' */
/** @import { Shown } from './viewer.js' */

/** What chooses them, fetched while the photograph is opened. */
export const chooser = () => import('../experiments/prints/choices.js');

/** So many of the last layers are chosen by what their projections show, and so many may show a whole map. */
const DEEP = { compared: 3, whole: 2 };
/** While a film goes by, a print keeps its map as long as that answers this much as strongly as what would be shown in its place. */
const STEADY = 0.5;

export class Prints {
  /** Which of a layer's units is shown, where it is not the first. @type {Map<string, number>} */
  at = new Map();
  /** What the print of the last layer shows first, which is what a visit begins with. @type {Partial<View> | null} */
  first = null;

  #session;
  #projections;
  #widget;
  #onFirst;
  /** @type {Awaited<ReturnType<typeof import('../experiments/prints/choices.js').choicesOf>> | null} */
  #choices = null;
  /** The layers whose choices have been compared by their projections. @type {Set<string>} */
  #compared = new Set();
  /** @type {Map<string, { key: string, at: number, found: Projection, choice: { map: number, row: number, col: number } }>} */
  #drawn = new Map();

  /**
   * @param {Session} session
   * @param {Projections} projections
   * @param {ReturnType<typeof import('../widgets/journey.js').createJourney>} widget
   * @param {() => void} onFirst
   */
  constructor(session, projections, widget, onFirst) {
    this.#onFirst = onFirst;
    this.#session = session;
    this.#projections = projections;
    this.#widget = widget;
  }

  /** Another picture has other units. */
  forget() {
    this.at.clear();
    this.first = null;
    this.#choices = null;
    this.#compared.clear();
    this.#drawn.clear();
  }

  /** The next frame of a film: the same maps, in which other units are the strongest. */
  turn() {
    if (this.first) this.first = { ...this.first, unit: null, whole: false };
    this.#choices = null;
    this.#compared.clear();
    for (const drawn of this.#drawn.values()) drawn.key = '';
  }

  /** @param {string} layer */
  get(layer) {
    return this.#drawn.get(layer)?.found;
  }

  /** Goes on to the next of a layer's units; after the last comes the first. @param {string} layer */
  next(layer) {
    this.at.set(layer, ((this.at.get(layer) ?? 0) + 1) % this.#count(layer));
  }

  /** What a layer's print shows. @param {string} layer @returns {Partial<View>} */
  viewOf(layer) {
    const { found, choice } = this.#drawn.get(layer) ?? {};
    return viewOf(layer, found?.activation === 0 ? undefined : choice, found?.unit === null);
  }

  /**
   * @param {Shown} shown
   * @param {View} view
   * @param {{ isBrief: boolean, isFilm: boolean }} pace `isBrief`: there is no time for whole maps; `isFilm`: what is shown follows from frame to frame
   * @param {AbortSignal} signal
   */
  async draw({ context, look, network }, { rule, stretch }, { isBrief, isFilm }, signal) {
    const chosen = await chooser().catch(() => null);
    const choices = this.#choices ?? (await chosen?.choicesOf(look, network, this.#session.fingerprint));
    throwIfAborted(signal);
    this.#choices = choices ?? null;
    const manner = { rule, stretch, sharedScale: null };
    const options = { channel: /** @type {const} */ ('journey'), signal };
    // What it is by the statistics alone is there at once; its projection may yet speak for another, or for the whole map.
    const layers = milestonesOf({ look, network });
    const last = layers.at(-1)?.layer ?? '';
    if (!this.first) this.#begin(viewOf(last, this.#chosen(last) ?? strongestOf(look, last), false));
    for (const [index, { layer, strongest: all }] of layers.entries()) {
      const left = layers.length - index;
      const project = (/** @type {number[]} */ units) =>
        this.#session.call('units', { context, layer, units, manner }, options);
      const several = choices?.get(layer) ?? [];
      if (chosen && !isBrief && left <= DEEP.compared && several.length > 1 && !this.#compared.has(layer)) {
        const found = await project(several.flatMap(({ map, row, col }) => [map, row, col]));
        this.#compared.add(layer);
        choices?.set(
          layer,
          chosen.arranged(
            several,
            found.map(({ projection }) => projection),
          ),
        );
      }
      const strongest = strongestOf(look, layer);
      const at = this.at.get(layer) ?? 0;
      let choice = this.#chosen(layer) ?? strongest;
      if (!choice) continue;
      const drawn = this.#drawn.get(layer);
      const same = isFilm && drawn?.at === at ? all[drawn.choice.map] : undefined;
      if (same && same.activation > STEADY * (all[choice.map]?.activation ?? 0)) choice = same;
      const { map, row, col } = choice;
      const key = JSON.stringify([map, row, col, rule, stretch]);
      if (drawn?.key === key) continue;
      let [found] = await project([map, row, col]);
      if (!found) continue;
      if (map === strongest?.map) this.#projections.remember(layer, manner, found.scale);
      if (chosen && !isBrief && left <= DEEP.whole && found.activation > 0) {
        const whole = await this.#session.call('wholeMap', { context, layer, map, manner }, options);
        if (chosen.showsMore(found.projection, whole.projection)) found = whole;
      }
      this.#drawn.set(layer, { key, at, found, choice });
      this.#widget.show(found, at, this.#count(layer));
      if (layer === last && at === 0) this.#begin({ ...this.viewOf(layer), ...(isFilm && { unit: null }) });
    }
  }

  /** @param {Partial<View>} first */
  #begin(first) {
    if (JSON.stringify(first) === JSON.stringify(this.first)) return;
    this.first = first;
    this.#onFirst();
  }

  /** @param {string} layer */
  #chosen(layer) {
    return this.#choices?.get(layer)?.[this.at.get(layer) ?? 0];
  }

  /** @param {string} layer */
  #count(layer) {
    return this.#choices?.get(layer)?.length || 1;
  }
}

/** @param {string} layer @param {{ map: number, row: number, col: number } | undefined} unit @param {boolean} whole @returns {Partial<View>} */
function viewOf(layer, unit, whole) {
  return {
    layer,
    map: unit?.map ?? null,
    unit: unit ? [unit.row, unit.col] : null,
    whole: whole && unit !== undefined,
  };
}
