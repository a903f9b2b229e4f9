/** At which map and place an operation is looked at, and the numbers that this takes. */
import { nearestIn, reachIn } from '../drawing/geometry.js';
import { networkFile } from './file.js';
import { Numbers, sourcesOf } from './numbers.js';

/** @import { LayerInfo, Maps } from '../../engine/protocol.js' */
/** @import { Place } from '../../tab.js' */
/**
 * @typedef {object} Spot
 * @property {LayerInfo} layer
 * @property {number} at its index in the network's table
 * @property {number} map
 * @property {number} row of the numbers that go in; for a convolution, of the number that comes out
 * @property {number} col
 * @property {string} source the convolution that the place was found in
 * @property {'cellHere' | 'cellBelow' | 'cellAbove'} found
 * @property {Numbers} numbers
 * @property {number | null} engine what the engine says of this unit, if it says anything
 * @property {boolean} isRectified whether that is after a rectifier
 */

/**
 * @param {Place} place
 * @param {LayerInfo} layer
 * @param {Map<string, Maps>} held maps that are here already; what is fetched is added
 * @param {AbortSignal} signal
 * @returns {Promise<Spot | null>} `null` where the page has no numbers: before the first convolution, and from the dense layers on
 */
export async function spotOf({ session, viewer }, layer, held, signal) {
  const { shown, resolved } = viewer;
  if (!shown || layer.op === 'dense' || layer.op === 'gap') return null;
  const { network, look, context } = shown;
  const at = network.layers.indexOf(layer);
  if (network.layers.slice(0, at).some(({ op }) => op === 'dense' || op === 'gap')) return null;
  const names = sourcesOf(network.layers, at);
  const own = network.layers.find(({ name }) => name === names[0]);
  const chosen = network.layers.find(({ name }) => name === resolved.layer);
  if (!own || !chosen) return null;
  const file = await networkFile(session);
  for (const name of names) {
    if (held.has(name)) continue;
    const ready = viewer.maps?.layer === name ? viewer.maps : null;
    held.set(
      name,
      ready ?? (await session.call('maps', { context, layer: name, scale: 'own' }, { channel: 'probe', signal })),
    );
  }
  const maps = /** @type {Maps} */ (held.get(own.name));
  const unit = /** @type {[number, number]} */ (resolved.unit ?? [0, 0]);
  const strongest = look.layers.find((entry) => entry.layer === own.name)?.strongest ?? [];
  /** @type {Spot['found']} */
  let found = 'cellHere';
  let spot = { map: resolved.map ?? 0, row: unit[0], col: unit[1] };
  if (own !== chosen) {
    const isBelow = network.layers.indexOf(own) < network.layers.indexOf(chosen);
    found = isBelow ? 'cellBelow' : 'cellAbove';
    spot = isBelow
      ? largestIn(maps, reachIn(chosen, unit, own))
      : strongest.reduce((best, one) => (one.activation > best.activation ? one : best), {
          map: 0,
          row: 0,
          col: 0,
          activation: -Infinity,
        });
  }
  const value = maps.values[(spot.map * maps.rows + spot.row) * maps.cols + spot.col] ?? null;
  const before = network.layers[at - 1];
  const [row, col] = layer === own || !before ? [spot.row, spot.col] : nearestIn(own, [spot.row, spot.col], before);
  return {
    layer,
    at,
    map: spot.map,
    row,
    col,
    source: own.name,
    found,
    numbers: new Numbers(file, network.layers, look.input, held),
    engine: layer === own ? value : null,
    isRectified: network.layers[network.layers.indexOf(own) + 1]?.op === 'relu',
  };
}

/** @param {Maps} maps @param {import('../drawing/geometry.js').Reach} reach */
function largestIn({ maps, rows, cols, values }, { top, bottom, left, right }) {
  let best = { map: 0, row: top, col: left, value: -Infinity };
  for (let map = 0; map < maps; map++)
    for (let row = top; row < bottom; row++)
      for (let col = left; col < right; col++) {
        const value = values[(map * rows + row) * cols + col] ?? 0;
        if (value > best.value) best = { map, row, col, value };
      }
  return best;
}
