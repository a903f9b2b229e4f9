/** From a print to the piece of Learn that explains it. */

/** @import { View } from './state.js' */
/** @import { Viewer } from './viewer.js' */

/** @param {Viewer} viewer @param {string} what a piece of Learn, or a layer @returns {Partial<View>} */
export function explaining({ view, shown }, what) {
  return { tab: 'learn', options: { ...view.options, 'learn.lesson': lessonOf(what, shown?.network.layers ?? []) } };
}

/**
 * The piece for the operation through which a layer's projection leaves it.
 * @param {string} what
 * @param {import('../engine/protocol.js').LayerInfo[]} layers
 */
function lessonOf(what, layers) {
  const at = layers.findIndex(({ name }) => name === what);
  if (at < 0) return what;
  const before = layers.slice(0, at);
  const below = before.slice(before.findLastIndex(({ op }) => op === 'conv') + 1);
  if (below.some(({ op }) => op === 'max_pool')) return 'pooling';
  return before.length > 0 ? 'rectifier' : 'convolution';
}
