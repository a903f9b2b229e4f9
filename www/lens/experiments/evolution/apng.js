/** Still pictures as one that moves: animated PNG, with the chunks acTL, fcTL and fdAT of the PNG specification's third edition. */
import { crc32 } from '../crc32.js';

/** @typedef {{ type: string, data: Uint8Array }} Chunk */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Length and type before a chunk's bytes, and its check after them. */
const FRAME = { head: 8, tail: 4 };
/** Without end. */
const PLAYS = 0;

/** @param {Uint8Array} png @returns {Chunk[]} */
function chunksOf(png) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = view.getUint32(at);
    const start = at + FRAME.head;
    chunks.push({
      type: String.fromCharCode(...png.subarray(at + 4, start)),
      data: png.subarray(start, start + length),
    });
    at = start + length + FRAME.tail;
  }
  return chunks;
}

/** @param {Chunk} chunk @returns {Uint8Array<ArrayBuffer>} */
function written({ type, data }) {
  const bytes = new Uint8Array(FRAME.head + data.length + FRAME.tail);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let at = 0; at < 4; at++) bytes[4 + at] = type.charCodeAt(at);
  bytes.set(data, FRAME.head);
  view.setUint32(FRAME.head + data.length, crc32(bytes.subarray(4, FRAME.head + data.length)));
  return bytes;
}

/** @param {number} size @param {(view: DataView) => void} fill @returns {Uint8Array} */
function packed(size, fill) {
  const bytes = new Uint8Array(size);
  fill(new DataView(bytes.buffer));
  return bytes;
}

/**
 * One file of several PNG files of one size and kind; a program that knows no animation shows the first.
 * @param {{ png: Uint8Array, milliseconds: number }[]} frames at least one
 */
export function animated(frames) {
  const stills = frames.map(({ png, milliseconds }) => ({ chunks: chunksOf(png), milliseconds }));
  const [first] = stills;
  const header = first?.chunks.find(({ type }) => type === 'IHDR');
  if (!first || !header) throw new Error('Expected a picture to begin an animation with; found none.');
  const { data } = header;
  const size = data.subarray(0, 8);
  /** Counts what belongs to the animation. */
  let number = 0;
  const control = (/** @type {number} */ milliseconds) =>
    packed(26, (view) => {
      view.setUint32(0, number++);
      new Uint8Array(view.buffer).set(size, 4);
      view.setUint16(20, milliseconds);
      view.setUint16(22, 1000);
    });
  const before = first.chunks.slice(
    0,
    first.chunks.findIndex(({ type }) => type === 'IDAT'),
  );
  const count = packed(8, (view) => {
    view.setUint32(0, stills.length);
    view.setUint32(4, PLAYS);
  });
  const chunks = [...before, { type: 'acTL', data: count }];
  for (const [at, { chunks: own, milliseconds }] of stills.entries()) {
    if (own.find(({ type }) => type === 'IHDR')?.data.some((byte, place) => byte !== data[place]))
      throw new Error('Expected pictures of one size and kind for an animation; found several.');
    chunks.push({ type: 'fcTL', data: control(milliseconds) });
    for (const { type, data: bytes } of own) {
      if (type !== 'IDAT') continue;
      if (at === 0) chunks.push({ type, data: bytes });
      else {
        const numbered = packed(4 + bytes.length, (view) => view.setUint32(0, number++));
        numbered.set(bytes, 4);
        chunks.push({ type: 'fdAT', data: numbered });
      }
    }
  }
  chunks.push({ type: 'IEND', data: new Uint8Array() });
  return new Blob([SIGNATURE, ...chunks.map(written)], { type: 'image/apng' });
}
