/** Asks the engine for the projection of a target, at the scale that the view wants. */
import { strongestOf } from './target.js';

/** @import { Manner, Projection } from '../engine/protocol.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { View } from './state.js' */
/** @import { Target } from './target.js' */
/** @import { Shown } from './viewer.js' */

export class Projections {
  #session;
  /** @type {Map<string, number>} the drawn scale of each layer's strongest unit, and of the most likely class */
  #scales = new Map();

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** Another picture has other scales. */
  forget() {
    this.#scales.clear();
  }

  /** @param {string} layer @param {Manner} manner @param {number} scale of the layer's strongest unit */
  remember(layer, manner, scale) {
    this.#scales.set(scaleKey(layer, manner), scale);
  }

  /**
   * @param {Shown} shown
   * @param {View} view
   * @param {Target} target
   * @param {AbortSignal} signal
   * @returns {Promise<Projection | undefined>}
   */
  async of(shown, view, target, signal) {
    const { context } = shown;
    const manner = await this.manner(shown, view, target.kind === 'class' ? null : target.layer, signal);
    const options = { channel: /** @type {const} */ ('unit'), signal };
    if (target.kind === 'class') {
      return this.#session.call('classScore', { context, index: target.index, manner }, options);
    }
    const { layer, map } = target;
    if (target.kind === 'map') return this.#session.call('wholeMap', { context, layer, map, manner }, options);
    const units = [map, target.row, target.col];
    return (await this.#session.call('units', { context, layer, units, manner }, options))[0];
  }

  /**
   * The shared scale of a layer is that of its strongest unit; the shared scale of the classes, that of the likeliest.
   * @param {Shown} shown
   * @param {View} view
   * @param {string | null} layer `null`: a class
   * @param {AbortSignal} signal
   * @returns {Promise<Manner>}
   */
  async manner({ context, look }, { rule, stretch, scale }, layer, signal) {
    const manner = { rule, stretch, sharedScale: null };
    if (scale === 'own') return manner;
    const key = scaleKey(layer, manner);
    if (!this.#scales.has(key)) {
      const options = { channel: /** @type {const} */ ('scale'), signal };
      const best = layer && strongestOf(look, layer);
      if (layer && best) {
        const units = [best.map, best.row, best.col];
        const [found] = await this.#session.call('units', { context, layer, units, manner }, options);
        if (found) this.#scales.set(key, found.scale);
      } else {
        const index = look.classes?.[0]?.index ?? 0;
        const found = await this.#session.call('classScore', { context, index, manner }, options);
        this.#scales.set(key, found.scale);
      }
    }
    return { ...manner, sharedScale: this.#scales.get(key) ?? null };
  }
}

/** @param {string | null} layer @param {Manner} manner */
function scaleKey(layer, { rule, stretch }) {
  return JSON.stringify([layer, rule, stretch]);
}
