/** What is known of the grid so far: a coarse place stands for its block until a finer one has come. */

/** @import { OcclusionEntry, OcclusionPart, OcclusionSeen, Written } from '../../../pkg/cpu/zfnet_web.js' */
/** What a place can be asked for. @typedef {'activity' | 'probability'} Quantity */

/** Distance of the places that come first. */
const COARSEST = 8;

export class Field {
  /** @type {(OcclusionSeen | undefined)[]} */
  #seen = [];
  /** @type {Record<Quantity, { low: number, high: number }>} */
  #ranges = { activity: { low: Infinity, high: -Infinity }, probability: { low: Infinity, high: -Infinity } };

  done = 0;
  /** Classes that are the most probable somewhere, the most frequent first. @type {OcclusionEntry[]} */
  legend = [];
  /** All that is known, to take away. @type {Written} */
  written = { numbers: {}, head: [], rows: [] };

  /** @param {OcclusionPart} part the first that came */
  constructor({ layer, map, class: subject, grid, positions, uncovered, total }) {
    this.layer = layer;
    this.map = map;
    this.class = subject;
    this.rows = grid[0];
    this.cols = grid[1];
    this.positions = positions;
    this.uncovered = uncovered;
    this.total = total;
  }

  /** @param {OcclusionPart} part */
  take({ fresh, seen, done, legend, written }) {
    this.done = done;
    this.legend = legend;
    this.written = written;
    fresh.forEach((at, index) => {
      const one = seen[index];
      if (!one) return;
      this.#seen[at] = one;
      for (const quantity of /** @type {const} */ (['activity', 'probability'])) {
        const value = one[quantity];
        if (value === null) continue;
        const range = this.#ranges[quantity];
        range.low = Math.min(range.low, value);
        range.high = Math.max(range.high, value);
      }
    });
  }

  get isWhole() {
    return this.done === this.total;
  }

  /** What is seen with the square at a place, if that is known. @param {number} at */
  seen(at) {
    return this.#seen[at];
  }

  /** What is seen there, or at the coarser place that stands for it. @param {number} at */
  nearest(at) {
    const [row, col] = [Math.floor(at / this.cols), at % this.cols];
    for (let step = 1; step <= COARSEST; step *= 2) {
      const found = this.#seen[(row - (row % step)) * this.cols + col - (col % step)];
      if (found) return found;
    }
    return undefined;
  }

  /** Top and left of the square at a place. @param {number} at @returns {[number, number]} */
  corner(at) {
    return [this.positions[2 * at] ?? 0, this.positions[2 * at + 1] ?? 0];
  }

  /** The place of the grid that lies nearest to a square. @param {[number, number]} corner @param {number} stride */
  placeOf([top, left], stride) {
    const along = (/** @type {number} */ from, /** @type {number} */ count) =>
      Math.max(0, Math.min(count - 1, Math.round(from / stride)));
    return along(top, this.rows) * this.cols + along(left, this.cols);
  }

  /**
   * The lowest and the highest that has come, and the top of the scale: what is seen without the square, or more where a
   * square makes more of it.
   * @param {Quantity} quantity
   */
  range(quantity) {
    const { low, high } = this.#ranges[quantity];
    return { low, high, top: Math.max(this.uncovered[quantity] ?? 0, high) };
  }

  /** Where a quantity is lowest; the first of equals. @param {Quantity} quantity */
  lowest(quantity) {
    const { low } = this.#ranges[quantity];
    return this.#seen.findIndex((one) => one?.[quantity] === low);
  }
}
