/** Numbers of the picture on view for a lesson: those around the strongest unit of the first layer that is pooled. They stand in no address. */

/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */
/** `largest`: what is written as the largest number a cell takes. @typedef {{ key: string, layer: string, map: number, largest: number, values: number[] }} Own */

/** The largest number that is written into a cell. */
const TOP = 9;

/** What is on view, as a word; `null`: nothing that has a pooled layer. @param {Viewer} viewer */
export function keyOf({ shown }) {
  const layer = shown && pooled(shown.network.layers);
  return layer ? JSON.stringify([shown.network.name, shown.context.photo.id, shown.context.crop, layer]) : null;
}

/** The first convolution with a pool before the next one. @param {import('../../engine/protocol.js').LayerInfo[]} layers */
function pooled(layers) {
  const pool = layers.findIndex(({ op }) => op === 'max_pool');
  return layers.slice(0, Math.max(0, pool)).findLast(({ op }) => op === 'conv')?.name ?? null;
}

/** @param {Session} session @param {Viewer} viewer @param {number} side of the piece @returns {Promise<Own | null>} */
export async function ownNumbers(session, viewer, side) {
  const { shown } = viewer;
  const key = keyOf(viewer);
  const layer = shown && pooled(shown.network.layers);
  if (!shown || !key || !layer) return null;
  const strongest = shown.look.layers.find((one) => one.layer === layer)?.strongest ?? [];
  const best = strongest.reduce((most, one) => (one.activation > most.activation ? one : most), {
    map: 0,
    row: 0,
    col: 0,
    activation: 0,
  });
  const ask = { context: shown.context, layer, scale: /** @type {const} */ ('own') };
  const { rows, cols, values } = await session.call('maps', ask, { channel: 'probe' });
  if (rows < side || cols < side) return null;
  // Where a pool's windows begin, with the strongest unit about the middle.
  const from = (/** @type {number} */ at, /** @type {number} */ count) =>
    Math.min(Math.max(0, at - side / 2), count - side) & ~1;
  const [top, left] = [from(best.row, rows), from(best.col, cols)];
  const piece = Array.from(
    { length: side * side },
    (_, at) => values[(best.map * rows + top + Math.floor(at / side)) * cols + left + (at % side)] ?? 0,
  );
  const largest = Math.max(...piece);
  const scale = largest > 0 ? TOP / largest : 0;
  // In quarters, which the engine's numbers hold exactly.
  return { key, layer, map: best.map, largest, values: piece.map((value) => Math.round(value * scale * 4) / 4) };
}
