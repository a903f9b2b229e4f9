/** The poster to take away: its file, its picture, and the numbers of its tiles. */
import { blobOf } from '../../export.js';

/** @import { Part } from '../experiment.js' */
/** @import { Sheet } from './sheet.js' */

/** A poster's width in pixels, as the command line draws it. */
const WIDTH = 2520;

/** What has come so far, as the engine lays it out on paper. @param {Sheet} sheet @param {Part} part */
export async function asSvg(sheet, part) {
  const bands = sheet.known();
  const pictures = [sheet.photograph, ...sheet.tiles.map(({ projection }) => projection)];
  return part.ask('poster', { bands, pictures, words: sheet.words(bands) });
}

/** @param {Uint8Array<ArrayBuffer>} svg */
export async function asPicture(svg) {
  const [, width, height] =
    /width="([\d.]+)mm" height="([\d.]+)mm"/.exec(new TextDecoder().decode(svg.subarray(0, 400))) ?? [];
  if (!width || !height) throw new Error('Expected a poster with its size on paper; found none.');
  const tall = Math.round((WIDTH * Number(height)) / Number(width));
  const text = new TextDecoder()
    .decode(svg)
    .replace(`width="${width}mm" height="${height}mm"`, `width="${WIDTH}" height="${tall}"`);
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = tall;
    canvas.getContext('2d')?.drawImage(image, 0, 0, WIDTH, tall);
    return await blobOf(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}
