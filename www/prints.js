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

export class Prints {
  /** Which of a layer's units is shown, where it is not the first. @type {Map<string, number>} */
  at = new Map();

  #session;
  #projections;
  #widget;
  /** @type {Awaited<ReturnType<typeof import('./experiments/prints/choices.js').choicesOf>> | null} */
  #choices = null;
  /** @type {Map<string, { key: string, found: Projection }>} */
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
    const found = this.get(layer);
    const choice = this.#chosen(layer);
    if (!found || found.activation === 0 || !choice) return { layer, map: null, unit: null, whole: false };
    return { layer, map: choice.map, unit: [choice.row, choice.col], whole: choice.whole };
  }

  /** @param {Shown} shown @param {View} view @param {AbortSignal} signal */
  async draw({ context, look, network }, { rule, stretch }, signal) {
    if (!this.#choices) {
      const found = await chooser()
        .then(({ choicesOf }) => choicesOf(look, network, this.#session.fingerprint))
        .catch(() => null);
      throwIfAborted(signal);
      this.#choices = found;
    }
    const manner = { rule, stretch, sharedScale: null };
    const options = { channel: /** @type {const} */ ('journey'), signal };
    for (const { layer } of look.layers) {
      const strongest = strongestOf(look, layer);
      const choice = this.#chosen(layer) ?? (strongest && { ...strongest, whole: false });
      if (!choice) continue;
      const { map, row, col, whole } = choice;
      const key = JSON.stringify([map, row, col, whole, rule, stretch]);
      if (this.#drawn.get(layer)?.key === key) continue;
      const units = [map, row, col];
      const found = whole
        ? await this.#session.call('wholeMap', { context, layer, map, manner }, options)
        : (await this.#session.call('units', { context, layer, units, manner }, options))[0];
      if (!found) continue;
      this.#drawn.set(layer, { key, found });
      if (!whole && map === strongest?.map) this.#projections.remember(layer, manner, found.scale);
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
