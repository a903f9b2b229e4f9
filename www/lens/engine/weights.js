/** Fetches a network's files: progress in bytes, checked by SHA-256, kept in the browser's cache where it has one. */
import { codeOf, EngineError, throwIfAborted } from './protocol.js';

/** @import { Preprocessing } from './protocol.js' */
/** @import { InputSize } from '../view/crop.js' */
/**
 * @typedef {'features' | 'classifier' | 'all'} Shard
 * @typedef {{ url: URL, bytes: number | null, sha256: string | null }} Checked
 * @typedef {Checked & { shard: Shard, name?: string, here?: Blob | null, preprocessing?: Preprocessing | null, size?: InputSize | null }} ShardFile `name`: that of a network in one file, which may be of another program; `here`: it lies on this device; `preprocessing`: how pictures enter, where that was chosen, `size`: in how many rows and columns
 * @typedef {{ file: File, preprocessing?: Preprocessing | null, size?: InputSize | null }} Own a network of the visitor's own
 * @typedef {{ name: string, file: Checked }} HeadFile another end on the network's features
 * @typedef {{ url: URL, columns: number }} Drawings a square tile for each class, row by row
 * @typedef {{ name: string, url: URL, files: ShardFile[], heads: HeadFile[], drawings: Drawings | null }} Manifest
 * @typedef {(loaded: number, total: number | null) => void} OnBytes
 */

/** Where files are kept, under their address and their content's SHA-256; the service worker serves them from here as well. */
export const KEPT = 'zf-lens-weights-1';

/** A module or a script is refused without its kind. @type {Record<string, string>} */
const KINDS = { js: 'text/javascript', wasm: 'application/wasm', json: 'application/json', jpg: 'image/jpeg' };

/** A network in one file: ours, or one of another program. */
const ONE_FILE = /\.(safetensors|onnx|pth?)$/i;

/**
 * @param {string | Own} address a manifest, or a network in one file
 * @param {AbortSignal} [signal]
 * @returns {Promise<Manifest>}
 */
export async function loadManifest(address, signal) {
  const own = typeof address === 'string' ? null : address;
  const url = own ? new URL(encodeURIComponent(own.file.name), 'file:') : addressFrom(/** @type {string} */ (address));
  const file = decodeURIComponent(url.pathname.split('/').pop() ?? '');
  if (own || ONE_FILE.test(file)) {
    const name = file.replace(ONE_FILE, '');
    const { file: here = null, preprocessing = null, size = null } = own ?? {};
    /** @type {ShardFile} */
    const all = { shard: 'all', url, bytes: here && here.size, sha256: null, name, here, preprocessing, size };
    return { name, url, files: [all], heads: [], drawings: null };
  }
  const response = await request(url, 'no-cache', signal);
  const manifest = await response.json().catch(() => null);
  if (manifest?.format !== 1 || !Array.isArray(manifest.files) || manifest.files.length === 0) {
    const found = manifest ? `format ${manifest.format}` : 'no JSON';
    throw new EngineError('weights', `Expected a manifest of format 1 with a list of files at ${url}; found ${found}.`);
  }
  // Other heads on the features are no part of the network; they are fetched when they are asked for.
  const isHead = (/** @type {any} */ file) => file?.shard === 'head';
  return {
    name: String(manifest.name ?? ''),
    url,
    files: manifest.files
      .filter((/** @type {any} */ file) => !isHead(file))
      .map((/** @type {any} */ file) => shardFile(file, url)),
    heads: manifest.files.filter(isHead).map((/** @type {any} */ file) => headFile(file, url)),
    drawings: drawingsIn(manifest.drawings, url),
  };
}

/** @param {string} address as a visitor wrote it */
function addressFrom(address) {
  try {
    return new URL(address);
  } catch {
    throw new EngineError('not-found', `Expected the address of a network's file; found ${address}.`);
  }
}

/** The file that must be there before the first look. @param {Manifest} manifest */
export function featuresOf(manifest) {
  const file = manifest.files.find(({ shard }) => shard !== 'classifier');
  if (!file) throw new EngineError('weights', 'Expected a features shard in the manifest; found only a classifier.');
  return file;
}

/** @param {any} drawings @param {URL} base @returns {Drawings | null} */
function drawingsIn(drawings, base) {
  const isSound = typeof drawings?.path === 'string' && Number.isSafeInteger(drawings.columns) && drawings.columns > 0;
  return isSound ? { url: new URL(drawings.path, base), columns: drawings.columns } : null;
}

/** @param {any} file @param {URL} base @returns {HeadFile} */
function headFile(file, base) {
  if (typeof file.name !== 'string' || typeof file.path !== 'string')
    throw new EngineError('weights', `Expected a head with a name and a path; found ${JSON.stringify(file)}.`);
  return { name: file.name, file: addressed(file, base) };
}

/**
 * @param {any} file
 * @param {URL} base
 * @returns {ShardFile}
 */
function shardFile(file, base) {
  if (!['features', 'classifier', 'all'].includes(file?.shard) || typeof file.path !== 'string') {
    throw new EngineError(
      'weights',
      `Expected a shard (features, classifier or all) and a path; found ${JSON.stringify(file)}.`,
    );
  }
  return { shard: file.shard, ...addressed(file, base) };
}

/** @param {any} file @param {URL} base @returns {Checked} */
function addressed(file, base) {
  return {
    url: new URL(file.path, base),
    bytes: Number.isSafeInteger(file.bytes) ? file.bytes : null,
    sha256: typeof file.sha256 === 'string' ? file.sha256.toLowerCase() : null,
  };
}

/**
 * @param {Checked} file
 * @param {OnBytes} onBytes
 * @param {AbortSignal} [signal]
 * @param {boolean} [keeps] whether the browser may keep it: the room is that of the page around
 * @returns {Promise<Uint8Array>}
 */
export async function loadShard(file, onBytes, signal, keeps = true) {
  const kept = keeps ? await recall(file) : null;
  if (kept) {
    onBytes(kept.byteLength, kept.byteLength);
    return kept;
  }
  const bytes = await download(file, 'default', onBytes, signal).catch((error) => {
    // The browser may have kept what stood at this address before.
    if (codeOf(error) === 'integrity') return download(file, 'reload', onBytes, signal);
    throw error;
  });
  if (keeps) await keep(file, bytes);
  return bytes;
}

/**
 * @param {Checked} file
 * @param {RequestCache} cache
 * @param {OnBytes} onBytes
 * @param {AbortSignal} [signal]
 */
async function download(file, cache, onBytes, signal) {
  const response = await request(file.url, cache, signal);
  const bytes = await readBody(response, file, onBytes);
  throwIfAborted(signal);
  await verify(file, bytes);
  return bytes;
}

/**
 * @param {URL} url
 * @param {RequestCache} cache
 * @param {AbortSignal} [signal]
 */
export async function request(url, cache, signal) {
  let response;
  try {
    // Another host need not know which page asks.
    const discreet = url.origin === globalThis.origin ? {} : /** @type {const} */ ({ referrerPolicy: 'no-referrer' });
    response = await fetch(url, { cache, ...discreet, ...(signal ? { signal } : {}) });
  } catch (error) {
    throwIfAborted(signal);
    const elsewhere = url.origin !== globalThis.origin;
    throw new EngineError(
      elsewhere ? 'cors' : 'not-found',
      elsewhere
        ? `Expected ${url} to allow this page to read it; the browser refused (${reason(error)}).`
        : `Expected a file at ${url}; nothing came (${reason(error)}).`,
    );
  }
  if (!response.ok) {
    const message = `Expected a file at ${url}; the server answered ${response.status}.`;
    throw Object.assign(new EngineError('not-found', message), { status: response.status });
  }
  return response;
}

/**
 * Sizes come from the manifest: a compressed answer's content-length is not the number of bytes that arrive.
 * @param {Response} response
 * @param {Checked} file
 * @param {OnBytes} onBytes
 */
async function readBody(response, file, onBytes) {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array(await response.arrayBuffer());
  /** @type {Uint8Array[]} */
  const parts = [];
  let loaded = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      if (error?.name === 'AbortError') throw new EngineError('aborted', 'The download was cancelled.');
      throw wrongSize(file, loaded);
    });
    if (done) break;
    parts.push(value);
    loaded += value.byteLength;
    if (file.bytes !== null && loaded > file.bytes) {
      void reader.cancel();
      throw wrongSize(file, loaded);
    }
    onBytes(loaded, file.bytes);
  }
  if (file.bytes !== null && loaded !== file.bytes) throw wrongSize(file, loaded);
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** @param {Checked} file @param {number} found */
function wrongSize(file, found) {
  return new EngineError('integrity', `Expected ${file.bytes ?? 'more'} bytes in ${name(file)}; found ${found}.`);
}

/**
 * @param {Checked} file
 * @param {Uint8Array} bytes
 */
async function verify(file, bytes) {
  const found = file.sha256 && (await sha256(bytes));
  // Where there is no digest, the size has to do.
  if (!found || found === file.sha256) return;
  throw new EngineError(
    'integrity',
    `Expected SHA-256 ${file.sha256?.slice(0, 12)}… for ${name(file)}; found ${found.slice(0, 12)}….`,
  );
}

/** Browsers offer the digest only to pages from https or this machine; elsewhere there is none. @param {Uint8Array} bytes */
export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Names a file with its content. @param {Checked} file */
export function keyOf(file) {
  const key = new URL(file.url);
  key.searchParams.set('sha256', file.sha256 ?? '');
  return key.href;
}

/**
 * Every use of the cache is best effort: private windows, full disks, plain http and sandboxed frames have none, and in the
 * last even asking for it throws.
 * @param {Checked} file
 */
async function recall(file) {
  if (!file.sha256) return null;
  try {
    const cache = await caches.open(KEPT);
    const response = await cache.match(keyOf(file));
    if (!response) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    await verify(file, bytes).catch(async (error) => {
      await cache.delete(keyOf(file));
      throw error;
    });
    return bytes;
  } catch {
    return null;
  }
}

/** @param {Checked} file @param {Uint8Array} bytes */
async function keep(file, bytes) {
  if (!file.sha256) return;
  // Where it cannot be kept it is in memory; the next visit downloads it again.
  await put(file, bytes).catch(() => {});
}

/** In the place of what stood at the same address. @param {Checked} file @param {Uint8Array} bytes */
async function put(file, bytes) {
  const cache = await caches.open(KEPT);
  const path = file.url.origin + file.url.pathname;
  for (const stale of await cache.keys()) {
    if (stale.url.startsWith(`${path}?`)) await cache.delete(stale);
  }
  const kind = KINDS[path.split('.').pop() ?? ''] ?? 'application/octet-stream';
  const response = new Response(/** @type {BodyInit} */ (bytes), { headers: { 'content-type': kind } });
  await cache.put(keyOf(file), response);
}

/**
 * Downloads a file, checks it, and keeps it; unlike what is kept on the way to the engine, this fails where it cannot be.
 * @param {Checked} file @param {OnBytes} onBytes @param {AbortSignal} signal
 */
export async function keepFile(file, onBytes, signal) {
  const bytes = await download(file, 'no-cache', onBytes, signal);
  try {
    await put(file, bytes);
  } catch {
    throw new EngineError('quota', `Expected room for ${bytes.byteLength} bytes; found none.`);
  }
}

/** @param {Checked} file */
function name(file) {
  return file.url.pathname.split('/').pop() ?? file.url.href;
}

/** @param {unknown} error */
function reason(error) {
  return error instanceof Error ? error.message : String(error);
}
