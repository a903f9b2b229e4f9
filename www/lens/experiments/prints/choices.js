/** Which units the row of prints shows, for every layer that a look begins with. */
import { arranged, choose, showsMore } from './choice.js';
import { known } from './table.js';

export { arranged, showsMore };

/** @import { Look, NetworkInfo } from '../../engine/protocol.js' */
/** @import { Choice } from './choice.js' */

/**
 * @param {Look} look
 * @param {NetworkInfo} network
 * @param {string | null} fingerprint
 * @returns {Promise<Map<string, Choice[]>>} of each layer, the most telling first; none of a silent one
 */
export async function choicesOf(look, network, fingerprint) {
  const table = await known(fingerprint);
  const layers = look.layers.filter(({ layer }) => network.milestones.includes(layer));
  const found = layers.map(({ layer, strongest }) => {
    const info = network.layers.find(({ name }) => name === layer);
    const choices = info ? choose(strongest, info, network.inputSize, table?.[layer] ?? null) : [];
    return /** @type {const} */ ([layer, choices]);
  });
  return new Map(found);
}
