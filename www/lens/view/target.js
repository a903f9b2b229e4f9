/** What a view means on a photograph: defaults filled in, and the unit, map or class that is to be projected. */

/** @import { FieldWindow, Maps, NetworkInfo } from '../engine/protocol.js' */
/** @import { View } from './state.js' */
/** @import { Shown } from './viewer.js' */
/** @import { Spot } from '../widgets/explorer.js' */
/** @import { Subject } from '../widgets/inspector.js' */
/**
 * @typedef {{ kind: 'unit', layer: string, map: number, row: number, col: number }
 *   | { kind: 'map', layer: string, map: number }
 *   | { kind: 'class', index: number }} Target
 */

/**
 * Fills in what the view leaves open, and drops what this network does not have: a link may come from another one.
 * @param {View} view
 * @param {Pick<Shown, 'look' | 'network' | 'sample'>} shown
 * @param {Partial<View> | null} first where nothing was chosen yet; without it, the strongest unit of the last layer
 * @returns {View}
 */
export function resolve(view, { look, network, sample }, first) {
  if (first && isOpen(view)) return resolve({ ...view, ...first }, { look, network, sample }, null);
  const known = look.layers.find(({ layer }) => layer === view.layer);
  const summary = known ?? milestonesOf({ look, network }).at(-1);
  if (!summary) return { ...view, sample };
  const { strongest } = summary;
  const map = known && view.map !== null && view.map < strongest.length ? view.map : indexOfStrongest(strongest);
  const shape = network.layers.find(({ name }) => name === summary.layer)?.shape ?? [0, 0, 0];
  const inside = view.unit !== null && map === view.map && view.unit[0] < shape[1] && view.unit[1] < shape[2];
  const best = strongest[map];
  return {
    ...view,
    sample,
    layer: summary.layer,
    map,
    unit: inside ? view.unit : [best?.row ?? 0, best?.col ?? 0],
    // A network may have scores and no names for them.
    classIndex: look.classes?.some(({ index }) => index === view.classIndex) ? view.classIndex : null,
  };
}

/** The layers that a look begins with. @param {Pick<Shown, 'look' | 'network'>} shown */
export function milestonesOf({ look, network }) {
  return look.layers.filter(({ layer }) => network.milestones.includes(layer));
}

/** Whether nothing of a layer has been chosen. @param {View} view */
export function isOpen({ layer, map }) {
  return layer === null && map === null;
}

/**
 * @param {View} view with its defaults filled in
 * @param {Spot | null} hover
 * @returns {Target}
 */
export function targetOf(view, hover) {
  const layer = view.layer ?? '';
  if (hover) return { kind: 'unit', layer, ...hover };
  if (view.classIndex !== null) return { kind: 'class', index: view.classIndex };
  const map = view.map ?? 0;
  if (view.whole) return { kind: 'map', layer, map };
  return { kind: 'unit', layer, map, row: view.unit?.[0] ?? 0, col: view.unit?.[1] ?? 0 };
}

/**
 * @param {Target} target
 * @param {Shown} shown
 * @param {Maps | null} maps
 * @param {number | null} [activation] as the engine says
 * @returns {Subject}
 */
export function subjectOf(target, { look, network }, maps, activation = null) {
  if (target.kind === 'class') {
    const score = look.classes?.find(({ index }) => index === target.index);
    const names = network.classes[target.index] ?? { en: `#${target.index}` };
    return {
      kind: 'class',
      index: target.index,
      names,
      logit: score?.logit ?? 0,
      probability: score?.probability ?? 0,
    };
  }
  const strongest = look.layers.find(({ layer }) => layer === target.layer)?.strongest ?? [];
  const best = strongest[target.map];
  const rank = 1 + strongest.filter((other) => other.activation > (best?.activation ?? 0)).length;
  if (target.kind === 'map') return { ...target, rank, activation: best?.activation ?? 0 };
  const held =
    maps?.layer === target.layer
      ? (maps.values[(target.map * maps.rows + target.row) * maps.cols + target.col] ?? null)
      : null;
  const same = best && best.row === target.row && best.col === target.col ? best.activation : null;
  const mapIsSilent = best?.activation === 0;
  return { ...target, rank, mapIsSilent, activation: activation ?? held ?? same };
}

/**
 * The receptive field in pixels of the network's input, or all of it.
 * @param {Target} target
 * @param {NetworkInfo} network
 * @returns {FieldWindow}
 */
export function windowOf(target, network) {
  const info = target.kind === 'unit' ? network.layers.find(({ name }) => name === target.layer) : null;
  if (target.kind !== 'unit' || !info) {
    const [height, width] = network.inputSize;
    return { top: 0, left: 0, height, width };
  }
  const { size, stride, offset } = info.field;
  return {
    top: offset[0] + stride[0] * target.row,
    left: offset[1] + stride[1] * target.col,
    height: size[0],
    width: size[1],
  };
}

/**
 * @param {import('../engine/protocol.js').Look} look
 * @param {string} layer
 */
export function strongestOf(look, layer) {
  const strongest = look.layers.find((entry) => entry.layer === layer)?.strongest ?? [];
  return strongest[indexOfStrongest(strongest)];
}

/** @param {import('../engine/protocol.js').Strongest[]} strongest */
function indexOfStrongest(strongest) {
  let best = 0;
  strongest.forEach(({ activation }, index) => {
    if (activation > (strongest[best]?.activation ?? 0)) best = index;
  });
  return best;
}
