/** A gallery as `zf-lens top` writes it: who won, and sheets of what the winners saw. */
import { abortable, EngineError } from '../../engine/protocol.js';
import { context } from '../../widgets/paint.js';

/** @import { FieldWindow, Picture } from '../../engine/protocol.js' */
/**
 * A picture that a map answers to, at its strongest unit there. `name`: what the picture's file is called, where that is known.
 * @typedef {{ picture: number, row: number, col: number, activation: number, name: string | null }} Winner
 */
/** What a winner's unit saw. @typedef {{ projection: HTMLCanvasElement, patch: HTMLCanvasElement | null, window: FieldWindow, scale: number }} Tile */
/** @typedef {'training' | 'opened' | 'own'} Kind */
/**
 * @typedef {object} Gallery
 * @property {Kind} kind
 * @property {{ network: string, features: string | null, rule: string, count: number, pictures: number, skipped: number }} about
 * @property {string[]} layers
 * @property {boolean} hasPatches
 * @property {(layer: string) => number} maps how many a layer has
 * @property {(layer: string, map: number) => Winner[]} winners the strongest first
 * @property {(layer: string, map: number, onTile: (rank: number, tile: Tile) => void, signal: AbortSignal) => Promise<void>} tiles
 *   of a map's winners; those that can no longer be drawn are left out
 * @property {(layer: string, onTile: (map: number, projection: Picture) => void, signal: AbortSignal) => Promise<void>} firsts
 *   the first winner's projection of every map
 */
/** Gets a file of the gallery by its name. @typedef {(name: string) => Promise<Blob>} Source */

const FORMAT = 'zf-lens gallery 1';
/** Below this many pixels of the input a tile is shown as the squares that it is made of. */
const COARSE = 32;

/** @implements {Gallery} */
export class SheetGallery {
  kind;
  about;
  layers;

  #json;
  #source;
  /** The sheets of one layer at a time. @type {{ layer: string, sheets: Promise<{ projections: ImageBitmap, patches: ImageBitmap | null }> } | null} */
  #open = null;

  /**
   * @param {'training' | 'opened'} kind
   * @param {unknown} json the description, checked here
   * @param {string[] | null} files the names of the files that came with it; `null`: whatever is there
   * @param {Source} source
   */
  constructor(kind, json, files, source) {
    this.#json = described(json, files);
    this.#source = source;
    this.kind = kind;
    const { network, features_sha256, rule, count, pictures, skipped, layers } = this.#json;
    this.about = { network, features: features_sha256 || null, rule, count, pictures, skipped };
    this.layers = layers.map(({ layer }) => layer);
  }

  get hasPatches() {
    return this.#json.layers.some(({ patches }) => patches !== null);
  }

  /** @param {string} layer */
  maps(layer) {
    return this.#layer(layer).maps;
  }

  /** @param {string} layer @param {number} map @returns {Winner[]} */
  winners(layer, map) {
    return (this.#layer(layer).top[map] ?? []).map(({ picture, row, col, activation }) => ({
      picture,
      row,
      col,
      activation,
      name: this.#json.names[picture] ?? null,
    }));
  }

  /** @param {string} layer @param {number} map @param {(rank: number, tile: Tile) => void} onTile @param {AbortSignal} signal */
  async tiles(layer, map, onTile, signal) {
    const { projections, patches } = await this.#sheets(layer, signal);
    for (const [rank, { window, scale }] of (this.#layer(layer).top[map] ?? []).entries()) {
      const cut = (/** @type {ImageBitmap} */ sheet) => this.#cut(sheet, layer, map, rank);
      onTile(rank, { projection: cut(projections), patch: patches && cut(patches), window, scale });
    }
  }

  /** @param {string} layer @param {(map: number, projection: Picture) => void} onTile @param {AbortSignal} signal */
  async firsts(layer, onTile, signal) {
    const { projections } = await this.#sheets(layer, signal);
    const { top } = this.#layer(layer);
    for (const [map, winners] of top.entries())
      if (winners.length > 0) onTile(map, pictureOf(this.#cut(projections, layer, map, 0)));
  }

  /** @param {string} name */
  #layer(name) {
    const found = this.#json.layers.find(({ layer }) => layer === name);
    if (!found) throw wrong(`a layer among ${this.layers.join(', ')}`, name);
    return found;
  }

  /** A copy, so that the sheet may go. @param {ImageBitmap} sheet @param {string} name @param {number} map @param {number} rank */
  #cut(sheet, name, map, rank) {
    const { tile, columns, field } = this.#layer(name);
    const across = Math.ceil(Math.sqrt(this.about.count));
    const at = (/** @type {number} */ block, /** @type {number} */ place) => (block * across + place) * tile;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = tile;
    canvas.classList.toggle('coarse', field[1] < COARSE);
    const left = at(map % columns, rank % across);
    const top = at(Math.floor(map / columns), Math.floor(rank / across));
    context(canvas).drawImage(sheet, left, top, tile, tile, 0, 0, tile, tile);
    return canvas;
  }

  /** @param {string} name @param {AbortSignal} signal */
  #sheets(name, signal) {
    if (this.#open?.layer !== name) {
      const before = this.#open;
      const now = { layer: name, sheets: this.#fetch(name) };
      this.#open = now;
      now.sheets.catch(() => {
        if (this.#open === now) this.#open = null;
      });
      void before?.sheets.then(close, () => {});
    }
    // The other tab may be waiting for the same.
    return abortable(this.#open.sheets, signal);
  }

  /** @param {string} name */
  async #fetch(name) {
    const layer = this.#layer(name);
    const across = Math.ceil(Math.sqrt(this.about.count));
    const width = layer.columns * across * layer.tile;
    const height = Math.ceil(layer.maps / layer.columns) * across * layer.tile;
    const read = async (/** @type {string} */ file) => {
      const sheet = await createImageBitmap(await this.#source(file)).catch((error) => {
        if (error instanceof EngineError) throw error;
        throw wrong(`a picture in ${file}`, String(error?.message ?? error));
      });
      if (sheet.width !== width || sheet.height !== height)
        throw wrong(`${width} × ${height} pixels in ${file}`, `${sheet.width} × ${sheet.height}`);
      return sheet;
    };
    return {
      projections: await read(layer.projections),
      patches: layer.patches === null ? null : await read(layer.patches),
    };
  }
}

/** @param {{ projections: ImageBitmap, patches: ImageBitmap | null }} sheets */
function close({ projections, patches }) {
  projections.close();
  patches?.close();
}

/** @param {HTMLCanvasElement} canvas @returns {Picture} */
export function pictureOf(canvas) {
  const { width, height } = canvas;
  return { width, height, rgba: context(canvas).getImageData(0, 0, width, height).data };
}

/**
 * @typedef {{ picture: number, row: number, col: number, activation: number, window: FieldWindow, scale: number }} Entry
 * @typedef {{ layer: string, maps: number, columns: number, tile: number, field: [number, number], projections: string, patches: string | null, top: Entry[][] }} Layer
 * @typedef {{ format: string, network: string, features_sha256: string, rule: string, count: number, pictures: number, skipped: number, names: Record<string, string>, layers: Layer[] }} Description
 */

/**
 * @param {any} json
 * @param {string[] | null} files
 * @returns {Description}
 */
function described(json, files) {
  if (json?.format !== FORMAT)
    throw wrong(`the format “${FORMAT}” in gallery.json`, json ? String(json.format) : 'no JSON');
  const isCount = (/** @type {unknown} */ value, least = 0) => Number.isSafeInteger(value) && Number(value) >= least;
  const isWords = (/** @type {unknown} */ value) => typeof value === 'string';
  const isWhole =
    isWords(json.network) &&
    isWords(json.features_sha256) &&
    isWords(json.rule) &&
    isCount(json.count, 1) &&
    isCount(json.pictures) &&
    isCount(json.skipped) &&
    typeof json.names === 'object' &&
    Array.isArray(json.layers) &&
    json.layers.length > 0;
  if (!isWhole)
    throw wrong('network, features_sha256, rule, count, pictures, skipped, names and layers in gallery.json', 'others');
  for (const layer of json.layers) {
    // A bare name stays in the folder of the gallery.
    const isFile = (/** @type {unknown} */ name) => typeof name === 'string' && /^\w[\w.-]*$/.test(name);
    const isSound =
      isWords(layer?.layer) &&
      [layer.maps, layer.columns, layer.tile].every((value) => isCount(value, 1)) &&
      Array.isArray(layer.field) &&
      isFile(layer.projections) &&
      (layer.patches === null || isFile(layer.patches)) &&
      Array.isArray(layer.top) &&
      layer.top.length === layer.maps &&
      layer.top.every(
        (/** @type {any} */ winners) =>
          Array.isArray(winners) && winners.length <= json.count && winners.every(isEntry),
      );
    if (!isSound)
      throw wrong('maps, columns, tile, field, sheets and the winners of every map', `those of ${layer?.layer}`);
    for (const file of [layer.projections, layer.patches])
      if (file && files && !files.includes(file)) throw wrong(`${file} beside gallery.json`, files.join(', '));
  }
  return json;
}

/** @param {any} entry */
function isEntry(entry) {
  const { picture, row, col, activation, window, scale } = entry ?? {};
  const sides = [window?.top, window?.left, window?.height, window?.width];
  return (
    [picture, row, col, ...sides].every(Number.isSafeInteger) && Number.isFinite(activation) && Number.isFinite(scale)
  );
}

/** @param {string} expected @param {string} found */
export function wrong(expected, found) {
  return new EngineError('gallery', `Expected ${expected}; found ${found}.`);
}
