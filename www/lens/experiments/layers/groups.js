/** The layers of a look in the order in which they are listed: by resolution, and in it by the blocks of their makers. */

/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/** @typedef {{ name: string, layers: LayerInfo[] }} Block `name`: empty for layers that belong to none */
/** @typedef {{ rows: number, cols: number, blocks: Block[] }} Resolution of its last layer that has places */

/** Whether every layer reads the one before and nothing else. @param {NetworkInfo} network */
export function isChain({ layers }) {
  return layers.every(({ from }, at) => from.length === 1 && from[0] === (layers[at - 1]?.name ?? 'input'));
}

/** Those of one resolution have units equally far apart in the picture. @param {LayerInfo[]} layers @returns {Resolution[]} */
export function resolutionsOf(layers) {
  /** @type {Map<string, Resolution & { of: Map<string, Block> }>} */
  const found = new Map();
  for (const layer of layers) {
    const key = layer.field.stride.join();
    const [, rows, cols] = layer.shape;
    /** @type {Resolution & { of: Map<string, Block> }} */
    const resolution = found.get(key) ?? { rows, cols, blocks: [], of: new Map() };
    found.set(key, resolution);
    if (rows * cols > 1) Object.assign(resolution, { rows, cols });
    let block = resolution.of.get(layer.block);
    if (!block) {
      block = { name: layer.block, layers: [] };
      resolution.of.set(layer.block, block);
      resolution.blocks.push(block);
    }
    block.layers.push(layer);
  }
  return [...found.values()].map(({ rows, cols, blocks }) => ({ rows, cols, blocks }));
}

/** What a layer is called in its block. @param {LayerInfo} layer */
export function ownName({ name, block }) {
  return name.slice(block.length).replace(/^[/._]+/, '') || name;
}

/** Whether every word that is searched for stands in a name. @param {string} name @param {string} words */
export function isFound(name, words) {
  const low = name.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word));
}
