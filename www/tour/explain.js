/** From a print to the piece of Learn that explains it. */

/** @import { Page } from '../guide.js' */

/** @param {Page} page @param {string} what a piece of Learn, or a layer */
export function explainIn({ viewer, choose }, what) {
  const options = { ...viewer.view.options, 'learn.lesson': lessonOf(what, viewer.shown?.network.layers ?? []) };
  choose({ tab: 'learn', options });
}

/**
 * The piece for the operation through which a layer's projection leaves it.
 * @param {string} what
 * @param {import('../lens/engine/protocol.js').LayerInfo[]} layers
 */
function lessonOf(what, layers) {
  const at = layers.findIndex(({ name }) => name === what);
  if (at < 0) return what;
  const before = layers.slice(0, at);
  const below = before.slice(before.findLastIndex(({ op }) => op === 'conv') + 1);
  if (below.some(({ op }) => op === 'max_pool')) return 'pooling';
  return before.length > 0 ? 'rectifier' : 'convolution';
}
