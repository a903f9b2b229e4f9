/** Where the graph of a network is drawn: a column for each step on the longest way up, a lane for each branch beside another. */

/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/**
 * A layer that is drawn; those that only bend, shift or leave out numbers are drawn with what they read.
 * @typedef {{ layer: LayerInfo, from: number[], column: number, lane: number }} Node `from`: the nodes that it reads, without what enters
 */
/** Columns of one resolution. @typedef {{ rows: number, cols: number, first: number, end: number }} Band */
/** @typedef {{ nodes: Node[], columns: number, lanes: { first: number, last: number }, bands: Band[] }} Layout */

const PLAIN = new Set(['relu', 'activation', 'prelu', 'affine', 'lrn', 'dropout', 'shuffle']);

/** @param {NetworkInfo} network @returns {Layout} */
export function layoutOf({ layers }) {
  /** @type {Node[]} */
  const nodes = [];
  /** The node of each layer; none for what enters. @type {Map<string, number>} */
  const at = new Map();
  /** @type {Map<number, Set<number>>} */
  const taken = new Map();
  for (const layer of layers) {
    const from = [...new Set(layer.from.flatMap((name) => at.get(name) ?? []))];
    const [only] = from;
    if (PLAIN.has(layer.op) && only !== undefined) {
      at.set(layer.name, only);
      continue;
    }
    const below = from.map((index) => /** @type {Node} */ (nodes[index]));
    const column = 1 + Math.max(-1, ...below.map((node) => node.column));
    const wanted = below.map(({ lane }) => lane).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? 0;
    const others = taken.get(column) ?? new Set();
    taken.set(column, others);
    let lane = wanted;
    // To one side and to the other, ever farther.
    for (let step = 1; others.has(lane); step++) lane = wanted + (step % 2 ? (step + 1) / 2 : -step / 2);
    others.add(lane);
    at.set(layer.name, nodes.push({ layer, from, column, lane }) - 1);
  }
  const lanes = nodes.map(({ lane }) => lane);
  const columns = 1 + Math.max(0, ...nodes.map(({ column }) => column));
  return {
    nodes,
    columns,
    lanes: { first: Math.min(0, ...lanes), last: Math.max(0, ...lanes) },
    bands: bandsOf(nodes, columns),
  };
}

/** @param {Node[]} nodes @param {number} columns @returns {Band[]} */
function bandsOf(nodes, columns) {
  /** @type {Map<string, Band>} */
  const bands = new Map();
  for (const { layer, column } of nodes) {
    const [, rows, cols] = layer.shape;
    if (rows * cols === 1) continue;
    const key = layer.field.stride.join();
    const band = bands.get(key);
    if (band) Object.assign(band, { rows, cols, first: Math.min(band.first, column) });
    else bands.set(key, { rows, cols, first: column, end: columns });
  }
  const inOrder = [...bands.values()].sort((a, b) => a.first - b.first);
  for (const [index, band] of inOrder.entries()) band.end = inOrder[index + 1]?.first ?? columns;
  return inOrder;
}

/** A node and all that it rests on. @param {Node[]} nodes @param {number} index @returns {Set<number>} */
export function restsOn(nodes, index) {
  /** @type {Set<number>} */
  const found = new Set();
  const waiting = [index];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(nodes[next]?.from ?? []));
  }
  return found;
}

/**
 * The unit of a layer that looks at the same place of the picture as one of another layer.
 * @param {LayerInfo} from
 * @param {readonly [number, number]} unit row and column
 * @param {LayerInfo} to
 * @param {import('../../view/crop.js').InputSize} size of the picture
 * @returns {[number, number]}
 */
export function samePlace(from, unit, to, size) {
  const along = (/** @type {0 | 1} */ axis) => {
    const [here, there] = [from.field, to.field];
    const count = to.shape[axis + 1] ?? 1;
    // Behind a gate every unit sees all of the picture; where it lies in its map is all that is known.
    const isEverywhere = [here, there].some(
      ({ size: seen, offset }) => seen[axis] === size[axis] && offset[axis] === 0,
    );
    const found = isEverywhere
      ? Math.floor(((unit[axis] + 0.5) * count) / (from.shape[axis + 1] ?? 1))
      : Math.round(
          (here.offset[axis] +
            here.stride[axis] * unit[axis] +
            (here.size[axis] - there.size[axis]) / 2 -
            there.offset[axis]) /
            there.stride[axis],
        );
    return Math.min(count - 1, Math.max(0, found));
  };
  return [along(0), along(1)];
}
