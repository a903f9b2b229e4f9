/** Tiles as the engine draws them, as canvases, and as they are kept. */
import { context, paint } from '../../widgets/paint.js';

/** @import { Picture } from '../../engine/protocol.js' */
/** @import { TopTile } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Tile } from './gallery.js' */

/** Above this many pixels a tile is kept with losses: nine of each map must not fill a disk. */
const LOSSLESS = 48;
/** Below this many pixels a tile is shown as the squares that it is made of. */
const COARSE = 32;

/** @param {TopTile} tile @returns {Tile} */
export function drawn({ projection, patch, window, scale }) {
  const painted = (/** @type {Picture} */ picture) => {
    const canvas = document.createElement('canvas');
    paint(canvas, picture);
    return canvas;
  };
  return { projection: painted(projection), patch: painted(patch), window, scale };
}

/** @typedef {{ projection: Blob, patch: Blob, window: Tile['window'], scale: number }} Stored */

/** @param {Tile} tile @returns {Promise<Stored>} */
export async function packed({ projection, patch, window, scale }) {
  const pack = (/** @type {HTMLCanvasElement} */ canvas) =>
    new Promise((/** @type {(blob: Blob) => void} */ resolve, reject) => {
      const done = (/** @type {Blob | null} */ blob) =>
        blob ? resolve(blob) : reject(new Error('no picture could be written'));
      if (canvas.width > LOSSLESS) canvas.toBlob(done, 'image/webp', 0.92);
      else canvas.toBlob(done, 'image/png');
    });
  return {
    projection: await pack(projection),
    patch: await pack(/** @type {HTMLCanvasElement} */ (patch)),
    window,
    scale,
  };
}

/** @param {Stored} stored @returns {Promise<Tile>} */
export async function unpacked({ projection, patch, window, scale }) {
  const open = async (/** @type {Blob} */ blob) => {
    const bitmap = await createImageBitmap(blob);
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.classList.toggle('coarse', bitmap.width < COARSE);
    context(canvas).drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  };
  return { projection: await open(projection), patch: await open(patch), window, scale };
}
