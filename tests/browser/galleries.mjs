// Sets of pictures and galleries for the tests of the Top nine tab.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

import { opened } from './heads.mjs';

/** A small network of whole numbers, its pictures, and who wins (`tests/golden/experiments/top.py`). */
export const NETWORK = readFileSync(new URL('../golden/experiments/top.safetensors', import.meta.url));
export const LAYERS = ['conv1', 'conv2', 'conv3'];
export const COUNT = 9;

/**
 * A picture without losses.
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number[]} colour
 */
export function png(width, height, colour) {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows.set(colour(x, y), y * (1 + 3 * width) + 1 + 3 * x);
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** @param {string} name of a tensor of four bytes each @param {"F32" | "I32"} kind */
export function stored(name, kind) {
  const { json, data } = opened(NETWORK);
  const bytes = Uint8Array.from(data.subarray(...json[name].data_offsets)).buffer;
  return [...(kind === 'F32' ? new Float32Array(bytes) : new Int32Array(bytes))];
}

/** The pictures of the golden file, in their order by name. */
export function pictures() {
  const { json, data } = opened(NETWORK);
  const { shape, data_offsets } = json['golden.pictures'];
  const [count, , size] = shape;
  const planes = data.subarray(...data_offsets);
  return Array.from({ length: count }, (_, at) => {
    const value = (/** @type {number} */ channel, /** @type {number} */ x, /** @type {number} */ y) =>
      planes[((3 * at + channel) * size + y) * size + x];
    const buffer = png(size, size, (x, y) => [0, 1, 2].map((channel) => value(channel, x, y)));
    return { name: `set-${String(at).padStart(4, '0')}.png`, mimeType: 'image/png', buffer };
  });
}

/** Every tile of a sheet is of a colour that says where it belongs. @param {number} map @param {number} rank @param {boolean} isPatch */
export const colourOf = (map, rank, isPatch) => [10 + 20 * map, 30 + 20 * rank, isPatch ? 200 : 60];

/**
 * A gallery as `zf-lens top` writes it, with sheets that can be told apart.
 * @param {object} options
 * @param {string} options.network
 * @param {string} options.features SHA-256
 * @param {{ layer: string, maps: number }[]} options.layers
 * @param {boolean} [options.patches]
 * @param {boolean} [options.credited] with patches larger than projections, of which some have a credit and others a reason why not
 * @returns {Record<string, Buffer>}
 */
export function gallery({ network, features, layers, patches = false, credited = false }) {
  const tile = 16;
  const patchTile = credited ? 24 : tile;
  /** @type {Record<string, Buffer>} */
  const files = {};
  const described = layers.map(({ layer, maps }) => {
    const columns = Math.ceil(Math.sqrt(maps));
    const sheet = (/** @type {boolean} */ isPatch) => {
      const side = isPatch ? patchTile : tile;
      const block = 3 * side;
      return png(columns * block, Math.ceil(maps / columns) * block, (x, y) => {
        const map = Math.floor(y / block) * columns + Math.floor(x / block);
        const rank = Math.floor((y % block) / side) * 3 + Math.floor((x % block) / side);
        return map < maps ? colourOf(map % 12, rank, isPatch) : [128, 128, 128];
      });
    };
    files[`${layer}.projections.png`] = sheet(false);
    if (patches) files[`${layer}.patches.png`] = sheet(true);
    const winner = (/** @type {number} */ map, /** @type {number} */ rank) => ({
      picture: 10 * map + rank,
      row: 0,
      col: rank % 2,
      activation: 100 - rank - map / 1000,
      window: { top: -2, left: rank, height: tile, width: tile },
      scale: 0.5,
    });
    return {
      layer,
      maps,
      columns,
      tile,
      ...(credited ? { patch_tile: patchTile } : {}),
      field: [tile, tile],
      projections: `${layer}.projections.png`,
      patches: patches ? `${layer}.patches.png` : null,
      // The last map has been silent, and the one before has fewer winners than there is room for.
      top: Array.from({ length: maps }, (_, map) =>
        Array.from({ length: map === maps - 1 ? 0 : map === maps - 2 ? 4 : COUNT }, (_, rank) => winner(map, rank)),
      ),
    };
  });
  const names = Object.fromEntries(described[0].top.flat().map(({ picture }) => [picture, `folder/${picture}.jpg`]));
  const winners = [...new Set(described.flatMap(({ top }) => top.flat().map(({ picture }) => picture)))];
  const json = {
    format: 'zf-lens gallery 1',
    network,
    features_sha256: features,
    rule: 'deconvnet',
    count: COUNT,
    pictures: 5000,
    skipped: 2,
    names: patches ? names : {},
    ...(credited ? { credits: credits(winners) } : {}),
    layers: described,
  };
  files['gallery.json'] = Buffer.from(JSON.stringify(json));
  return files;
}

/** Of this map none of the nine pictures is shown. */
export const UNSHOWN = 21;
/** Whose pictures are not shown. @param {number} picture */
export const isWithheld = (picture) => picture % 3 === 2 || Math.floor(picture / 10) === UNSHOWN;

/** @param {number[]} pictures */
function credits(pictures) {
  const licence = (/** @type {string} */ name) => ({ name, url: `https://example.org/${name.replaceAll(' ', '-')}` });
  const credit = {
    title: 'Coloured squares',
    by: 'A. Painter',
    licence: licence('CC BY 4.0'),
    source: 'https://example.org/squares',
  };
  return {
    licence: licence('CC BY-SA 4.0'),
    shown: [{ credit, pictures: pictures.filter((picture) => !isWithheld(picture)) }],
    withheld: [{ why: { en: 'a person’s face', zh: '人脸' }, pictures: pictures.filter(isWithheld) }],
  };
}

/** A gallery beside the bundled network. @param {{ patches?: boolean, credited?: boolean }} [shows] */
export function bundled(shows = {}) {
  const manifest = JSON.parse(readFileSync(new URL('../../weights/manifest.json', import.meta.url), 'utf8'));
  const { sha256 } = manifest.files.find((/** @type {any} */ { shard }) => shard !== 'classifier');
  const layers = [
    ['conv1', 96],
    ['conv2', 256],
    ['conv3', 384],
    ['conv4', 384],
    ['conv5', 256],
  ].map(([layer, maps]) => ({ layer: String(layer), maps: Number(maps) }));
  const files = gallery({ network: manifest.name, features: sha256, layers, ...shows });
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`weights/gallery/${name}`, bytes]));
}

/** Writes files into a folder of their own. @param {Record<string, Buffer>} files */
export function folder(files) {
  const path = mkdtempSync(join(tmpdir(), 'zf-lens-gallery-'));
  const inner = join(path, 'gallery');
  mkdirSync(inner);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(inner, name), bytes);
  return { path: inner, remove: () => rmSync(path, { recursive: true }) };
}

/** The colour in the middle of each tile of a block. @param {import("playwright-core").Page} page @param {"projection" | "patch"} side */
export const middles = (page, side) =>
  page.locator(`.top-nine ol[data-view=nine-${side}] canvas`).evaluateAll((all) =>
    all.map((/** @type {any} */ one) =>
      Array.from(
        one
          .getContext('2d')
          .getImageData(one.width / 2, one.height / 2, 1, 1)
          .data.slice(0, 3),
      ),
    ),
  );
