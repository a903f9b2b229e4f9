/** What a training held still, as the recipe in the weights tells it: a layer that could not move says nothing by not moving. */

/** @import { Lens } from '../../lens.js' */
/** @import { NetworkInfo } from '../../engine/protocol.js' */
/** `found`: whether its filters had been found in the pictures beforehand. @typedef {{ layer: string, until: number, found: boolean }} Held `until`: an epoch */

/** @param {NetworkInfo | null} network @returns {Held | null} */
export function heldOf(network) {
  const { recipe } = /** @type {{ recipe?: { hold_first?: unknown, initialisation?: unknown } }} */ (
    network?.provenance ?? {}
  );
  const until = Number(recipe?.hold_first);
  const first = network?.layers.find(({ op }) => op === 'conv');
  if (!first || !(until > 0)) return null;
  const { initialisation } = recipe ?? {};
  const found = typeof initialisation === 'object' && initialisation !== null && 'k_means' in initialisation;
  return { layer: first.name, until, found };
}

/** Whether a layer could not move before an epoch was over. @param {Held | null} held @param {string} layer @param {number} epoch */
export function isHeld(held, layer, epoch) {
  return held !== null && held.layer === layer && epoch <= held.until;
}

/** @param {Lens} lens @param {Held} held */
export function heldWords(lens, { layer, until, found }) {
  const { t, number } = lens.words;
  return t(found ? 'curvesHeldFound' : 'curvesHeld', { layer, epoch: number(until) });
}
