/** What a map is called: its number and, where branches meet, whose map it was. */

/** @import { Lens } from '../lens.js' */
/** @import { LayerInfo, NetworkInfo } from '../engine/protocol.js' */

/** Whose map it was before it was joined with others. @param {LayerInfo | null | undefined} layer @param {number} map */
export function branchOf(layer, map) {
  const branch = layer?.branches.findLast(({ first }) => first <= map);
  return branch && { branch: branch.layer, own: map - branch.first, map };
}

/** @param {Lens} lens @param {LayerInfo | null | undefined} layer @param {number} map */
export function mapName({ words: { t } }, layer, map) {
  const of = branchOf(layer, map);
  return of ? t('mapOfBranch', of) : String(map);
}

/** A map and its layer, as words have gaps for them. @param {Lens} lens @param {NetworkInfo | null | undefined} network @param {{ layer: string | null, map: number | null }} of */
export function mapAndLayer(lens, network, { layer, map }) {
  const info = network?.layers.find(({ name }) => name === layer);
  return { layer: layer ?? '', map: mapName(lens, info, map ?? 0) };
}
