/** A gallery as `zf-lens top` writes it: who won, and sheets of what the winners saw. */
import { abortable, EngineError, RULES } from '../../engine/protocol.js';
import { context } from '../../widgets/paint.js';

/** @import { FieldWindow, Picture, Rule } from '../../engine/protocol.js' */
/** Whose a picture is. @typedef {{ title: string, by: string, licence: { name: string, url: string }, source: string }} Credit */
/**
 * A picture that a map answers to, at its strongest unit there. `name`: what the picture's file is called, where that is known;
 * `credit`: whose it is, where that is to be said; `withheld`: why it is not shown, where it may not be.
 * @typedef {{ picture: number, row: number, col: number, activation: number, name: string | null, credit?: Credit, withheld?: { en: string, zh: string } }} Winner
 */
/** What a winner's unit saw. @typedef {{ projection: HTMLCanvasElement, patch: HTMLCanvasElement | null, window: FieldWindow, scale: number }} Tile */
/** @typedef {'training' | 'opened' | 'own'} Kind */
/**
 * @typedef {object} Gallery
 * @property {Kind} kind
 * @property {{ network: string, features: string | null, rule: Rule, count: number, pictures: number, skipped: number }} about
 * @property {string[]} layers
 * @property {(layer: string) => boolean} hasPatches whether there are pieces of the pictures beside a layer's projections
 * @property {Licence | null} licence of what it shows of other people's pictures
 * @property {(layer: string) => number} maps how many a layer has
 * @property {(layer: string, map: number) => Winner[]} winners the strongest first
 * @property {(layer: string, map: number, onTile: (rank: number, tile: Tile) => void, signal: AbortSignal) => Promise<void>} tiles
 *   of a map's winners; those that can no longer be drawn are left out, and one whose patch comes later comes again with it
 * @property {(layer: string, map: number, onTile: (rank: number, tile: Tile) => void, signal: AbortSignal) => Promise<void>} projections
 *   the same without patches
 * @property {(layer: string, onTile: (map: number, projection: Picture) => void, signal: AbortSignal) => Promise<void>} firsts
 *   the first winner's projection of every map
 */
/** @typedef {Credit['licence']} Licence */
/** Gets a file of the gallery by its name. @typedef {(name: string) => Promise<Blob>} Source */

const FORMAT = 'zf-lens gallery 1';
/** Below this many pixels of the input a tile is shown as the squares that it is made of. */
const COARSE = 32;
/** What is said of a file that does not come. */
const ABSENT = ['not-found', 'cors'];

/** @implements {Gallery} */
export class SheetGallery {
  kind;
  about;
  layers;

  #json;
  #source;
  /** The sheet of one layer at a time. @type {{ layer: string, sheet: Promise<ImageBitmap> } | null} */
  #open = null;
  /** The sheet of patches of one layer, as it is on the disk: it holds many more pixels. @type {{ layer: string, file: Promise<Blob> } | null} */
  #patches = null;
  /** Layers whose patches did not come. @type {Set<string>} */
  #without = new Set();
  /** What is said of each picture of others. @type {Map<number, Pick<Winner, 'credit' | 'withheld'>>} */
  #said = new Map();

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
    for (const { credit, pictures } of this.#json.credits?.shown ?? [])
      for (const picture of pictures) this.#said.set(picture, { credit });
    for (const { why, pictures } of this.#json.credits?.withheld ?? [])
      for (const picture of pictures) this.#said.set(picture, { withheld: why });
  }

  get licence() {
    return this.#json.credits?.licence ?? null;
  }

  /** @param {string} layer */
  hasPatches(layer) {
    return this.layers.includes(layer) && this.#layer(layer).patches !== null && !this.#without.has(layer);
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
      ...this.#said.get(picture),
    }));
  }

  /** @param {string} layer @param {number} map @param {(rank: number, tile: Tile) => void} onTile @param {AbortSignal} signal */
  async projections(layer, map, onTile, signal) {
    const sheet = await this.#sheet(layer, signal);
    const { tile } = this.#layer(layer);
    for (const [rank, { window, scale }] of this.#entries(layer, map))
      onTile(rank, { projection: this.#cut(sheet, layer, tile, map, rank), patch: null, window, scale });
  }

  /** @param {string} layer @param {number} map @param {(rank: number, tile: Tile) => void} onTile @param {AbortSignal} signal */
  async tiles(layer, map, onTile, signal) {
    // Both are on their way at once.
    const patches = this.#patchesOf(layer, signal);
    patches.catch(() => {});
    /** @type {Tile[]} */
    const drawn = [];
    await this.projections(layer, map, (rank, tile) => onTile(rank, (drawn[rank] = tile)), signal);
    const sheet = await patches;
    if (!sheet) return;
    const side = patchTile(this.#layer(layer));
    for (const [rank, winner] of this.winners(layer, map).entries()) {
      const tile = drawn[rank];
      if (tile && !winner.withheld) onTile(rank, { ...tile, patch: this.#cut(sheet, layer, side, map, rank) });
    }
    sheet.close();
  }

  /** @param {string} layer @param {(map: number, projection: Picture) => void} onTile @param {AbortSignal} signal */
  async firsts(layer, onTile, signal) {
    const sheet = await this.#sheet(layer, signal);
    const { top, tile } = this.#layer(layer);
    for (const [map, winners] of top.entries())
      if (winners.length > 0) onTile(map, pictureOf(this.#cut(sheet, layer, tile, map, 0)));
  }

  /** @param {string} layer @param {number} map */
  #entries(layer, map) {
    return (this.#layer(layer).top[map] ?? []).entries();
  }

  /** @param {string} name */
  #layer(name) {
    const found = this.#json.layers.find(({ layer }) => layer === name);
    if (!found) throw wrong(`a layer among ${this.layers.join(', ')}`, name);
    return found;
  }

  /** A copy, so that the sheet may go. @param {ImageBitmap} sheet @param {string} name @param {number} tile its side @param {number} map @param {number} rank */
  #cut(sheet, name, tile, map, rank) {
    const { columns, field } = this.#layer(name);
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
  #sheet(name, signal) {
    if (this.#open?.layer !== name) {
      const before = this.#open;
      const { projections, tile } = this.#layer(name);
      const sheet = this.#source(projections).then((file) => this.#decoded(file, projections, name, tile));
      const now = { layer: name, sheet };
      this.#open = now;
      sheet.catch(() => {
        if (this.#open === now) this.#open = null;
      });
      void before?.sheet.then(
        (old) => old.close(),
        () => {},
      );
    }
    // The other tab may be waiting for the same.
    return abortable(this.#open.sheet, signal);
  }

  /** The sheet of a layer's patches, to be closed; `null`: there is none, or it is not to be had. @param {string} name @param {AbortSignal} signal */
  async #patchesOf(name, signal) {
    const layer = this.#layer(name);
    if (layer.patches === null || this.#without.has(name)) return null;
    if (this.#patches?.layer !== name) {
      const now = { layer: name, file: this.#source(layer.patches) };
      this.#patches = now;
      now.file.catch(() => {
        if (this.#patches === now) this.#patches = null;
      });
    }
    const file = await abortable(this.#patches.file, signal).catch((error) => {
      // Projections tell much by themselves.
      if (!(error instanceof EngineError && ABSENT.includes(error.code))) throw error;
      this.#without.add(name);
      return null;
    });
    return file && this.#decoded(file, layer.patches, name, patchTile(layer));
  }

  /** @param {Blob} file @param {string} called @param {string} name @param {number} tile */
  async #decoded(file, called, name, tile) {
    const layer = this.#layer(name);
    const across = Math.ceil(Math.sqrt(this.about.count));
    const width = layer.columns * across * tile;
    const height = Math.ceil(layer.maps / layer.columns) * across * tile;
    const sheet = await createImageBitmap(file).catch((error) => {
      throw wrong(`a picture in ${called}`, String(error?.message ?? error));
    });
    if (sheet.width !== width || sheet.height !== height)
      throw wrong(`${width} × ${height} pixels in ${called}`, `${sheet.width} × ${sheet.height}`);
    return sheet;
  }
}

/** Side of a tile on the sheet of patches. @param {Layer} layer */
function patchTile({ patch_tile, tile }) {
  return patch_tile ?? tile;
}

/** @param {HTMLCanvasElement} canvas @returns {Picture} */
export function pictureOf(canvas) {
  const { width, height } = canvas;
  return { width, height, rgba: context(canvas).getImageData(0, 0, width, height).data };
}

/**
 * @typedef {{ picture: number, row: number, col: number, activation: number, window: FieldWindow, scale: number }} Entry
 * @typedef {{ layer: string, maps: number, columns: number, tile: number, patch_tile?: number, field: [number, number], projections: string, patches: string | null, top: Entry[][] }} Layer
 * @typedef {{ licence: Licence, shown: { credit: Credit, pictures: number[] }[], withheld: { why: { en: string, zh: string }, pictures: number[] }[] }} Credits
 * @typedef {{ format: string, network: string, features_sha256: string, rule: Rule, count: number, pictures: number, skipped: number, names: Record<string, string>, credits?: Credits, layers: Layer[] }} Description
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
    RULES.includes(json.rule) &&
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
      [layer.maps, layer.columns, layer.tile, patchTile(layer)].every((value) => isCount(value, 1)) &&
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
  if (json.credits !== undefined && !isCredits(json.credits))
    throw wrong('whose the pictures are in gallery.json', 'others');
  return json;
}

/** @param {any} credits */
function isCredits(credits) {
  const isWords = (/** @type {any} */ words, /** @type {string[]} */ keys) =>
    keys.every((key) => typeof words?.[key] === 'string');
  const isLicence = (/** @type {any} */ licence) => isWords(licence, ['name', 'url']) && isAddress(licence.url);
  const isList = (/** @type {unknown} */ list, /** @type {(one: any) => boolean} */ isOne) =>
    Array.isArray(list) && list.every((one) => isOne(one) && Array.isArray(one.pictures));
  return (
    isLicence(credits?.licence) &&
    isList(
      credits.shown,
      ({ credit }) =>
        isWords(credit, ['title', 'by', 'source']) && isAddress(credit.source) && isLicence(credit.licence),
    ) &&
    isList(credits.withheld, ({ why }) => isWords(why, ['en', 'zh']))
  );
}

/** Nothing but a page may be led to. @param {string} url */
function isAddress(url) {
  return /^https?:/.test(url);
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
