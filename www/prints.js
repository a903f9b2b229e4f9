/** The prints of a photograph: which unit or map of each layer is shown, and the drawing of it. */
import { throwIfAborted } from './engine/protocol.js';
import { strongestOf } from './target.js';

/** @import { Projection } from './engine/protocol.js' */
/** @import { Session } from './engine/session.js' */
/** @import { Projections } from './projections.js' */
/** @import { View } from './state.js' */
/** @import { Shown } from './viewer.js' */

/** What chooses them, fetched while the photograph is opened. */
export const chooser = () => import('./experiments/prints/choices.js');

/** So many of the last layers are chosen by what their projections show, and so many may show a whole map. */
const DEEP = { compared: 3, whole: 2 };

export class Prints {
  /** Which of a layer's units is shown, where it is not the first. @type {Map<string, number>} */
  at = new Map();

  #session;
  #projections;
  #widget;
  /** @type {Awaited<ReturnType<typeof import('./experiments/prints/choices.js').choicesOf>> | null} */
  #choices = null;
  /** The layers whose choices have been compared by their projections. @type {Set<string>} */
  #compared = new Set();
  /** @type {Map<string, { key: string, found: Projection, choice: { map: number, row: number, col: number } }>} */
  #drawn = new Map();

  /** @param {Session} session @param {Projections} projections @param {ReturnType<typeof import('./widgets/journey.js').createJourney>} widget */
  constructor(session, projections, widget) {
    this.#session = session;
    this.#projections = projections;
    this.#widget = widget;
  }

  /** Another picture has other units. */
  forget() {
    this.at.clear();
    this.#choices = null;
    this.#compared.clear();
    this.#drawn.clear();
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
    const drawn = this.#drawn.get(layer);
    if (!drawn || drawn.found.activation === 0) return { layer, map: null, unit: null, whole: false };
    const { found, choice } = drawn;
    return { layer, map: choice.map, unit: [choice.row, choice.col], whole: !found.unit };
  }

  /** @param {Shown} shown @param {View} view @param {boolean} isBrief whether there is no time for whole maps @param {AbortSignal} signal */
  async draw({ context, look, network }, { rule, stretch }, isBrief, signal) {
    const chosen = await chooser().catch(() => null);
    const choices = this.#choices ?? (await chosen?.choicesOf(look, network, this.#session.fingerprint));
    throwIfAborted(signal);
    this.#choices = choices ?? null;
    const manner = { rule, stretch, sharedScale: null };
    const options = { channel: /** @type {const} */ ('journey'), signal };
    for (const [at, { layer }] of look.layers.entries()) {
      const left = look.layers.length - at;
      const project = (/** @type {number[]} */ units) =>
        this.#session.call('units', { context, layer, units, manner }, options);
      const several = choices?.get(layer) ?? [];
      if (chosen && !isBrief && left <= DEEP.compared && several.length > 1 && !this.#compared.has(layer)) {
        const all = await project(several.flatMap(({ map, row, col }) => [map, row, col]));
        this.#compared.add(layer);
        choices?.set(layer, chosen.arranged(several, all.map(({ projection }) => projection)));
      }
      const strongest = strongestOf(look, layer);
      const choice = this.#chosen(layer) ?? strongest;
      if (!choice) continue;
      const { map, row, col } = choice;
      const key = JSON.stringify([map, row, col, rule, stretch]);
      if (this.#drawn.get(layer)?.key === key) continue;
      let [found] = await project([map, row, col]);
      if (!found) continue;
      if (map === strongest?.map) this.#projections.remember(layer, manner, found.scale);
      if (chosen && !isBrief && left <= DEEP.whole && found.activation > 0) {
        const whole = await this.#session.call('wholeMap', { context, layer, map, manner }, options);
        if (chosen.showsMore(found.projection, whole.projection)) found = whole;
      }
      this.#drawn.set(layer, { key, found, choice });
      this.#widget.show(found, this.at.get(layer) ?? 0, this.#count(layer));
    }
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
