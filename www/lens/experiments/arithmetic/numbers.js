/**
 * The numbers of this picture at one place of any stage before the dense layers. What the engine gives are the maps of the
 * convolutions, after their rectifier; what lies between one and the next is worked out here, as the network's table says.
 */

/** @import { LayerInfo, Maps, Picture } from '../../engine/protocol.js' */
/** @import { Entry, NetworkFile } from './file.js' */
/** @typedef {{ maps: number, rows: number, cols: number, first: number, weights: Float32Array, bias: number, patch: Float32Array, shares: Float32Array, sum: number }} Sum */

export class Numbers {
  #file;
  #layers;
  #table;
  #input;
  #maps;
  /** @type {Map<number, Float32Array>} */
  #filled = new Map();
  /** @type {Float32Array | null} */
  #mean = null;

  /**
   * @param {NetworkFile} file
   * @param {readonly LayerInfo[]} table of the engine: the same layers, with their shapes
   * @param {Picture} input what the network is given, as a picture
   * @param {Map<string, Maps>} maps of the convolutions that are needed
   */
  constructor(file, table, input, maps) {
    this.#file = file;
    this.#layers = file.layers;
    this.#table = table;
    this.#input = input;
    this.#maps = maps;
    if (file.has('mean')) this.#mean = file.numbers('mean');
  }

  /** Rows and columns of what a layer gives; the picture is −1. @param {number} at @returns {[number, number]} */
  sizeOf(at) {
    const [, rows, cols] = this.#table[at]?.shape ?? [3, this.#input.height, this.#input.width];
    return [rows, cols];
  }

  /** How many maps a layer gives. @param {number} at */
  mapsOf(at) {
    return this.#table[at]?.shape[0] ?? 3;
  }

  /**
   * One number of what a layer gives; outside of it there is nothing.
   * @param {number} at @param {number} map @param {number} row @param {number} col
   * @returns {number}
   */
  at(at, map, row, col) {
    const [rows, cols] = this.sizeOf(at);
    if (row < 0 || col < 0 || row >= rows || col >= cols || map < 0 || map >= this.mapsOf(at)) return 0;
    const layer = this.#layers[at];
    if (!layer) return this.#pixel(map, row, col);
    if (layer.op === 'conv') {
      // After its rectifier, where one follows: then the number before is only known as a sum.
      return this.#isRectified(at) ? this.sum(at, map, row, col).sum : this.#held(layer, map, row, col);
    }
    if (layer.op === 'relu') {
      const before = this.#layers[at - 1];
      if (before?.op === 'conv') return this.#held(before, map, row, col);
      return Math.max(0, this.at(at - 1, map, row, col));
    }
    if (layer.op !== 'max_pool' && layer.op !== 'lrn') return this.at(at - 1, map, row, col);
    const memory = this.#memory(at);
    const place = (map * rows + row) * cols + col;
    const known = memory[place];
    if (known !== undefined && !Number.isNaN(known)) return known;
    return (memory[place] =
      layer.op === 'lrn' ? this.normalised(at, map, row, col).result : this.#largest(at, map, row, col));
  }

  /** @param {number} at */
  #memory(at) {
    const known = this.#filled.get(at);
    if (known) return known;
    const [rows, cols] = this.sizeOf(at);
    const fresh = new Float32Array(this.mapsOf(at) * rows * cols).fill(NaN);
    this.#filled.set(at, fresh);
    return fresh;
  }

  /** @param {number} at */
  #isRectified(at) {
    return this.#layers[at + 1]?.op === 'relu';
  }

  /** @param {Entry} layer @param {number} map @param {number} row @param {number} col */
  #held({ name }, map, row, col) {
    const held = this.#maps.get(name);
    return held?.values[(map * held.rows + row) * held.cols + col] ?? 0;
  }

  /** @param {number} channel @param {number} row @param {number} col */
  #pixel(channel, row, col) {
    const { channels, range, mean, std } = this.#file.input;
    const { width, height, rgba } = this.#input;
    const colour = channels === 'bgr' ? 2 - channel : channel;
    const value = ((rgba[(row * width + col) * 4 + colour] ?? 0) * range) / 255;
    const dark = this.#mean?.[(channel * height + row) * width + col] ?? mean[channel] ?? 0;
    return (value - dark) / (std?.[channel] || 1);
  }

  /** How the windows of a layer lie on what goes in. @param {number} at */
  windowsOf(at) {
    const { kernel = [1, 1], stride = [1, 1], pad = [0, 0, 0, 0] } = this.#layers[at] ?? {};
    return { kernel, stride, pad };
  }

  /** @param {number} at @param {number} map @param {number} row @param {number} col */
  #largest(at, map, row, col) {
    const { kernel, stride, pad } = this.windowsOf(at);
    const [rows, cols] = this.sizeOf(at - 1);
    const [top, left] = [row * stride[0] - pad[0], col * stride[1] - pad[1]];
    let most = -Infinity;
    for (let r = Math.max(0, top); r < Math.min(rows, top + kernel[0]); r++)
      for (let c = Math.max(0, left); c < Math.min(cols, left + kernel[1]); c++)
        most = Math.max(most, this.at(at - 1, map, r, c));
    return most;
  }

  /**
   * A normalised number, with those that it was divided by.
   * @param {number} at @param {number} map @param {number} row @param {number} col
   */
  normalised(at, map, row, col) {
    const { region, size = 1, alpha = 0, beta = 0, k = 1 } = this.#layers[at] ?? {};
    const half = Math.floor(size / 2);
    const steps = Array.from({ length: size }, (_, step) => step - half);
    const neighbours =
      region === 'within'
        ? steps.flatMap((down) => steps.map((across) => this.at(at - 1, map, row + down, col + across)))
        : steps.map((step) => this.at(at - 1, map + step, row, col));
    const squares = neighbours.reduce((sum, value) => sum + value * value, 0);
    const value = this.at(at - 1, map, row, col);
    const by = (k + alpha * squares) ** beta;
    return { value, neighbours, squares, by, result: value / by, alpha, beta, k, region };
  }

  /**
   * What a convolution adds up for one number, before the rectifier.
   * @param {number} at @param {number} map @param {number} row @param {number} col
   * @returns {Sum}
   */
  sum(at, map, row, col) {
    const { name = '', out = 1, stride = [1, 1], pad = [0, 0, 0, 0], groups = 1 } = this.#layers[at] ?? {};
    const { maps, rows, cols, weights, bias } = this.#file.filter(name, map);
    const first = Math.floor(map / (out / groups)) * maps;
    const [top, left] = [row * stride[0] - pad[0], col * stride[1] - pad[1]];
    const patch = new Float32Array(weights.length);
    const shares = new Float32Array(maps);
    let sum = bias;
    for (let m = 0, i = 0; m < maps; m++) {
      let share = 0;
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++, i++) {
          const value = this.at(at - 1, first + m, top + r, left + c);
          patch[i] = value;
          share += value * (weights[i] ?? 0);
        }
      shares[m] = share;
      sum += share;
    }
    return { maps, rows, cols, first, weights, bias, patch, shares, sum };
  }

  /** Numbers around a place. @param {number} at @param {number} map @param {{ top: number, left: number, rows: number, cols: number }} window */
  window(at, map, { top, left, rows, cols }) {
    return Array.from({ length: rows * cols }, (_, i) =>
      this.at(at, map, top + Math.floor(i / cols), left + (i % cols)),
    );
  }
}

/** The convolutions whose maps a layer's numbers come from: its own, and the one that feeds it. @param {readonly Entry[]} layers @param {number} at */
export function sourcesOf(layers, at) {
  const before = (/** @type {number} */ from) => layers.findLastIndex(({ op }, i) => op === 'conv' && i <= from);
  const own = before(at);
  return [own, own > 0 ? before(own - 1) : -1].flatMap((i) => layers[i]?.name ?? []);
}
