/** Photographs as they come in, and the browser's own decoder for the formats that the engine leaves to it. */
import { EngineError } from '../engine/protocol.js';

/** @import { Lens } from '../lens.js' */
/** @import { Photo } from '../engine/protocol.js' */

/** A file larger than this is not read into memory. */
const LARGEST_FILE = 128 * 1024 * 1024;
/** The long side of a picture that the browser decodes: more than the network can see, and bounded. */
const LONG_SIDE = 2048;
const MOST_PIXELS = 100e6;

/** The history outlives the page, and its photographs do not: no two visits name theirs alike. */
const VISIT = Math.random().toString(36).slice(2);
/** How much of a text is searched for a drawing's element; comments and declarations may stand before it. */
const PROLOG = 1024 * 1024;

let count = 0;

/**
 * Reads a picture, once and for all: its file may change or go away while the page is open.
 * @param {Lens} lens
 * @param {Blob} blob
 * @returns {Promise<Photo>}
 */
export async function photoFrom(lens, blob) {
  const { t } = lens.words;
  if (blob.size > LARGEST_FILE) {
    const found = Math.round(blob.size / 1e6);
    throw new EngineError(
      'image-too-large',
      `Expected a file of at most ${Math.round(LARGEST_FILE / 1e6)} MB; found ${found} MB.`,
    );
  }
  const bytes = await blob.arrayBuffer().catch(() => {
    throw new EngineError('unreadable', blob instanceof File ? t('unreadableFile', { name: blob.name }) : '');
  });
  return { id: nextId(), blob: inPlaceOf(blob, bytes), pixels: null };
}

/** What tells a photograph from all others. */
export function nextId() {
  return `photo-${VISIT}-${++count}`;
}

/** Bytes under the name of their file: lists of boxes, and what is saved, know a photograph by it. @param {Blob} blob @param {BlobPart} bytes */
function inPlaceOf(blob, bytes) {
  return blob instanceof File
    ? new File([bytes], blob.name, { type: blob.type })
    : new Blob([bytes], { type: blob.type });
}

/**
 * AVIF, HEIC, SVG and whatever else this browser can read.
 * @param {Photo} photo
 * @param {EngineError} [refusal] why the engine could not read it: the last word if the browser cannot either
 * @returns {Promise<Photo>}
 */
export async function decodeInBrowser(photo, refusal) {
  const source = (await bitmap(photo.blob)) ?? (await vector(photo.blob));
  if (!source || source.width === 0 || source.height === 0) {
    throw refusal ?? new EngineError('image-decode', 'Expected a picture that this browser reads; found none.');
  }
  if (source.width * source.height > MOST_PIXELS) {
    throw new EngineError(
      'image-too-large',
      `Expected at most ${MOST_PIXELS / 1e6} megapixels; found ${source.width} × ${source.height}.`,
    );
  }
  const shrink = Math.min(1, LONG_SIDE / Math.max(source.width, source.height));
  const width = Math.max(1, Math.round(source.width * shrink));
  const height = Math.max(1, Math.round(source.height * shrink));
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(source.image, 0, 0, width, height);
  const { data } = pen.getImageData(0, 0, width, height);
  return { id: photo.id, blob: inPlaceOf(photo.blob, data), pixels: { width, height } };
}

/** @param {Blob} blob */
async function bitmap(blob) {
  try {
    const image = await createImageBitmap(blob);
    return { image, width: image.width, height: image.height };
  } catch {
    return null;
  }
}

/**
 * A drawing may have no size of its own; then the long side is the limit.
 * @param {Blob} blob
 */
async function vector(blob) {
  const head = await text(blob.slice(0, PROLOG));
  if (!/<([\w-]+:)?svg[\s>]/i.test(head) && blob.type !== 'image/svg+xml') return null;
  const url = URL.createObjectURL(new Blob([blob], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth, naturalHeight } = image;
    const grow = naturalWidth && naturalHeight ? LONG_SIDE / Math.max(naturalWidth, naturalHeight) : 0;
    const width = grow ? naturalWidth * grow : LONG_SIDE;
    const height = grow ? naturalHeight * grow : LONG_SIDE;
    return { image, width, height };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The words of a file, which may begin with the mark of its encoding. @param {Blob} blob */
async function text(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(mark).decode(bytes);
}
