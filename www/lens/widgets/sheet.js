/** A contact sheet: many equal tiles on one canvas, kept small in an atlas and drawn again at any width and in any order. */
import { context, imageData, pictureOf, recolour } from './paint.js';

/** @import { Maps, Picture } from '../engine/protocol.js' */
/** @import { Box } from './paint.js' */

/** No tile of the atlas is larger; a mosaic of large windows would fill the memory of a phone. */
const LARGEST_TILE = 112;

/**
 * @typedef {object} Layout
 * @property {number} columns
 * @property {number} rows
 * @property {number} width of a tile, in pixels of the canvas
 * @property {number} height
 * @property {number} gap
 * @property {number} ratio pixels of the canvas per CSS pixel
 */

export class Sheet {
  /** @type {Layout} */
  layout = { columns: 1, rows: 1, width: 1, height: 1, gap: 2, ratio: 1 };
  /** @type {number[]} the map in each cell */
  order = [];
  /** Whether the tiles are projections of the page's own colours. */
  hasProjections = false;

  #canvas;
  /** One atlas for all layers: its buffer is only replaced when a layer needs another size. */
  #atlas = document.createElement('canvas');
  #tile = { width: 1, height: 1, columns: 1 };
  /** @type {Set<number>} the maps that the atlas has */
  #filled = new Set();
  /** @type {Set<number>} */
  #silent = new Set();
  #smooth = false;
  #total = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** @param {number} total @param {number} width @param {number} height of a tile before scaling */
  #prepare(total, width, height) {
    const shrink = Math.min(1, LARGEST_TILE / Math.max(width, height));
    const columns = Math.ceil(Math.sqrt(total));
    this.#tile = {
      width: Math.max(1, Math.round(width * shrink)),
      height: Math.max(1, Math.round(height * shrink)),
      columns,
    };
    const atlasWidth = columns * this.#tile.width;
    const atlasHeight = Math.ceil(total / columns) * this.#tile.height;
    if (this.#atlas.width !== atlasWidth) this.#atlas.width = atlasWidth;
    if (this.#atlas.height !== atlasHeight) this.#atlas.height = atlasHeight;
    this.#filled.clear();
    this.#total = total;
    this.#smooth = this.#tile.width > 32;
  }

  /** @param {Maps} maps */
  setMaps({ maps, rows, cols, tiles }) {
    this.#prepare(maps, cols, rows);
    const pixels = rows * cols * 4;
    for (let map = 0; map < maps; map++) {
      this.#put(map, { width: cols, height: rows, rgba: tiles.subarray(map * pixels, (map + 1) * pixels) });
    }
  }

  /** @param {number} total @param {number} width @param {number} height */
  startMosaic(total, width, height) {
    this.#prepare(total, width, height);
  }

  /** @param {number} map @param {Picture} picture */
  addTile(map, picture) {
    this.#put(map, picture);
    const cell = this.order.indexOf(map);
    if (cell >= 0) this.#drawCell(context(this.#canvas), cell);
  }

  /** @param {number} map @param {Picture} picture */
  #put(map, picture) {
    const { width, height, columns } = this.#tile;
    const left = (map % columns) * width;
    const top = Math.floor(map / columns) * height;
    const atlas = context(this.#atlas);
    if (picture.width === width && picture.height === height) {
      atlas.putImageData(imageData(picture), left, top);
    } else {
      scratch.width = picture.width;
      scratch.height = picture.height;
      context(scratch).putImageData(imageData(picture), 0, 0);
      atlas.imageSmoothingQuality = 'high';
      atlas.drawImage(scratch, left, top, width, height);
    }
    this.#filled.add(map);
  }

  /**
   * @param {number[]} order
   * @param {Set<number>} silent
   */
  arrange(order, silent) {
    this.order = order;
    this.#silent = silent;
  }

  /**
   * @param {number} width in CSS pixels
   * @param {number} smallest a square tile's side in CSS pixels
   */
  draw(width, smallest) {
    if (width <= 0 || this.#total === 0) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const gap = Math.round((this.#tile.width > 24 ? 3 : 2) * ratio);
    const wanted = Math.max(smallest, Math.min(104, Math.sqrt((width * width * 1.1) / this.#total)));
    // A tile of another aspect has as much room as a square one.
    const columns = Math.max(1, Math.floor((width * ratio + gap) / (wanted * Math.sqrt(this.aspect) * ratio + gap)));
    const wide = Math.floor((width * ratio + gap) / columns) - gap;
    const high = Math.ceil(wide / this.aspect);
    const rows = Math.ceil(this.#total / columns);
    this.layout = { columns, rows, width: wide, height: high, gap, ratio };
    const canvas = this.#canvas;
    canvas.width = columns * (wide + gap) - gap;
    canvas.height = rows * (high + gap) - gap;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const pen = context(canvas);
    for (let cell = 0; cell < this.order.length; cell++) this.#drawCell(pen, cell);
  }

  /** Width of a tile by its height. */
  get aspect() {
    return this.#tile.width / this.#tile.height;
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} cell */
  #drawCell(pen, cell) {
    const map = this.order[cell];
    if (map === undefined) return;
    const box = this.#place(cell);
    pen.globalAlpha = 1;
    if (this.#copyTile(pen, map, box)) return;
    const style = getComputedStyle(this.#canvas);
    pen.fillStyle = style.outlineColor || '#888';
    pen.fillRect(box.left, box.top, box.width, box.height);
    if (!this.#silent.has(map)) return;
    pen.strokeStyle = style.color || '#666';
    pen.lineWidth = Math.max(1, box.width / 40);
    const { left, top, width, height } = box;
    pen.beginPath();
    pen.moveTo(left + width * 0.4, top + height * 0.6);
    pen.lineTo(left + width * 0.6, top + height * 0.4);
    pen.stroke();
  }

  /** A map's tile as it is drawn, if there is one. @param {number} map @returns {Picture | null} */
  picture(map) {
    const { width, height } = this.#tile;
    scratch.width = width;
    scratch.height = height;
    return this.#copyTile(context(scratch), map, { left: 0, top: 0, width, height }) ? pictureOf(scratch) : null;
  }

  /** Draws a tile anywhere. @param {CanvasRenderingContext2D} pen @param {number} map @param {Box} box @returns {boolean} whether there is one */
  #copyTile(pen, map, box) {
    if (this.#silent.has(map) || !this.#filled.has(map)) return false;
    const { width, height, columns } = this.#tile;
    pen.imageSmoothingEnabled = this.#smooth;
    pen.imageSmoothingQuality = 'high';
    const sourceLeft = (map % columns) * width;
    const sourceTop = Math.floor(map / columns) * height;
    pen.drawImage(this.#atlas, sourceLeft, sourceTop, width, height, box.left, box.top, box.width, box.height);
    if (this.hasProjections) recolour(pen, box.left, box.top, box.width, box.height);
    return true;
  }

  /** @param {number} cell @returns {Box} */
  #place(cell) {
    const { columns, width, height, gap } = this.layout;
    return { left: (cell % columns) * (width + gap), top: Math.floor(cell / columns) * (height + gap), width, height };
  }

  /**
   * Where a cell lies, in CSS pixels.
   * @param {number} cell
   * @returns {Box}
   */
  boxOf(cell) {
    const { left, top, width, height } = this.#place(cell);
    const { ratio } = this.layout;
    return { left: left / ratio, top: top / ratio, width: width / ratio, height: height / ratio };
  }

  /**
   * @param {{ clientX: number, clientY: number }} point
   * @returns {{ cell: number, x: number, y: number } | null} the cell and the place in it, from 0 to 1
   */
  cellAt(point) {
    const frame = this.#canvas.getBoundingClientRect();
    const { columns, width, height, gap, ratio } = this.layout;
    const x = ((point.clientX - frame.left) * ratio) / (width + gap);
    const y = ((point.clientY - frame.top) * ratio) / (height + gap);
    const cell = Math.floor(y) * columns + Math.floor(x);
    if (x < 0 || y < 0 || x >= columns || cell >= this.order.length) return null;
    const share = (/** @type {number} */ value, /** @type {number} */ side) =>
      Math.min(0.999, ((value % 1) * (side + gap)) / side);
    return { cell, x: share(x, width), y: share(y, height) };
  }

  /** What is drawn, with everything in the place where it is. */
  get canvas() {
    return this.#canvas;
  }
}

const scratch = document.createElement('canvas');
