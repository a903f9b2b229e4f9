/** What the drawing knows from the network's own table: its stages, and how far back a unit reaches in each of them. */

/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/** @import { InputSize } from '../../view/crop.js' */
/**
 * Rows and columns of a stage, from 0; the end is not in it.
 * @typedef {{ top: number, bottom: number, left: number, right: number }} Reach
 */

/** Dropout does nothing when a picture is looked at. @param {NetworkInfo} network */
export function stagesOf(network) {
  return network.layers.filter(({ op }) => op !== 'dropout');
}

/** Whether a layer still has places in the picture. @param {LayerInfo} layer */
export function hasPlaces({ op, shape }) {
  return op !== 'dense' && op !== 'gap' && shape[1] * shape[2] > 0;
}

/**
 * The units of a stage that a unit of a later one rests on, cut to those that there are.
 * @param {LayerInfo} from the layer of the unit
 * @param {readonly [number, number]} unit row and column
 * @param {LayerInfo} stage
 * @returns {Reach}
 */
export function reachIn(from, [row, col], stage) {
  const [top, bottom] = along(from, row, stage, 0);
  const [left, right] = along(from, col, stage, 1);
  return { top, bottom, left, right };
}

/** @param {LayerInfo} from @param {number} place @param {LayerInfo} stage @param {0 | 1} axis @returns {[number, number]} */
function along(from, place, stage, axis) {
  const start = from.field.offset[axis] + from.field.stride[axis] * place;
  const { size, stride, offset } = stage.field;
  const most = stage.shape[axis + 1] ?? 1;
  const first = Math.round((start - offset[axis]) / stride[axis]);
  const last = Math.round((start + from.field.size[axis] - offset[axis] - size[axis]) / stride[axis]);
  return [Math.min(most, Math.max(0, first)), Math.min(most, Math.max(0, last + 1))];
}

/**
 * Kernel and stride of a layer, from what its units and those of the layer before see.
 * @param {LayerInfo} layer
 * @param {LayerInfo | undefined} before `undefined`: the picture
 */
export function kernelOf(layer, before) {
  const [below, pace] = before
    ? [before.field.size, before.field.stride]
    : [
        [1, 1],
        [1, 1],
      ];
  const of = (/** @type {0 | 1} */ axis) => ({
    kernel: Math.round((layer.field.size[axis] - (below[axis] ?? 1)) / (pace[axis] ?? 1)) + 1,
    stride: Math.round(layer.field.stride[axis] / (pace[axis] ?? 1)),
  });
  const [rows, cols] = [of(0), of(1)];
  return { kernel: [rows.kernel, cols.kernel], stride: [rows.stride, cols.stride] };
}

/** Sides of the picture's box in pixels, none longer than this. @param {InputSize} inputSize @param {number} longest */
export function pictureBoxOf([rows, cols], longest) {
  const side = (/** @type {number} */ length) => Math.max(8, Math.round((longest * length) / Math.max(rows, cols)));
  return { width: side(cols), height: side(rows) };
}

/** Sides of a box in pixels: the width says how many maps, the height how fine they are beside what enters. @param {readonly number[]} shape @param {number} inputRows @param {number} tallest */
export function boxOf([maps = 1, rows = 1], inputRows, tallest) {
  return {
    width: Math.round(6 + 4 * Math.log2(Math.max(1, maps))),
    height: Math.round(8 + (tallest - 8) * Math.sqrt(Math.min(1, rows / inputRows))),
  };
}

/**
 * The unit of a stage that looks at the same place of the picture as a unit of another one.
 * @param {LayerInfo} from
 * @param {readonly [number, number]} unit row and column
 * @param {LayerInfo} stage
 * @returns {[number, number]}
 */
export function nearestIn(from, unit, stage) {
  const along = (/** @type {0 | 1} */ axis) => {
    const middle = from.field.offset[axis] + from.field.stride[axis] * unit[axis] + from.field.size[axis] / 2;
    const { size, stride, offset } = stage.field;
    const found = Math.round((middle - offset[axis] - size[axis] / 2) / stride[axis]);
    return Math.min((stage.shape[axis + 1] ?? 1) - 1, Math.max(0, found));
  };
  return [along(0), along(1)];
}
