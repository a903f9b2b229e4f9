/** What of the page is on this device, and what is missing: the build's list of files against what is kept. */
import { EngineError } from '../lens/engine/protocol.js';
import { keepFile, keyOf, KEPT, request } from '../lens/engine/weights.js';

/** @import { Session } from '../lens/engine/session.js' */
/** @import { Checked, OnBytes } from '../lens/engine/weights.js' */
/** @typedef {Checked & { bytes: number, path: string, app: boolean }} Listed a file of the build; `app`: one that the worker keeps by itself */
/** @typedef {'opened' | 'all'} Choice */

/** What is to be there, by its paths, so that another version's files are missed. @typedef {{ paths: string[] }} Record */
const RECORD = 'kept.json';

/** More than a long visit asks for: what was opened is told by the browser's own record of requests. */
const MOST_REQUESTS = 5000;
performance.setResourceTimingBufferSize(MOST_REQUESTS);

/** @param {string} path */
const here = (path) => new URL(path, document.baseURI);

/** @type {Promise<Listed[]> | null} */
let list = null;

/** The files of this build. */
export function listed() {
  list ??= read().catch((error) => {
    list = null;
    throw error;
  });
  return list;
}

/** @returns {Promise<Listed[]>} */
async function read() {
  const json = await (await request(here('files.json'), 'no-cache')).json().catch(() => null);
  if (!Array.isArray(json?.files))
    throw new EngineError('not-found', 'Expected the list of the files of the page; found none.');
  return json.files.map((/** @type {Omit<Listed, 'url'>} */ file) => ({ ...file, url: here(file.path) }));
}

/** Those that a choice means, beside the page itself. @param {Listed[]} files @param {Choice} choice @param {Session} session */
export function meant(files, choice, { manifest, running }) {
  const others = files.filter(({ app }) => !app);
  if (choice === 'all') return others;
  const seen = new Set(performance.getEntriesByType('resource').map(({ name }) => name));
  const own = [...(manifest?.files ?? []), ...(manifest?.heads ?? []).map(({ file }) => file)].map(
    ({ url }) => url.href,
  );
  if (manifest?.drawings) own.push(manifest.drawings.url.href);
  const module = here(`pkg/${running?.backend ?? 'cpu'}/`).href;
  // Before a network is known, that is the bundled one.
  const bundled = (/** @type {string} */ path) => !manifest && /^weights\/[^/]+$/.test(path);
  return others.filter(
    ({ url: { href }, path }) => seen.has(href) || own.includes(href) || href.startsWith(module) || bundled(path),
  );
}

/** Those that are not on the device. @param {Listed[]} files */
export async function missing(files) {
  const kept = new Set((await (await caches.open(KEPT)).keys()).map(({ url }) => url));
  return files.filter((file) => !kept.has(keyOf(file)));
}

/**
 * Brings files here, one after the other; those that have come stay, whatever becomes of the others.
 * @param {Listed[]} files @param {OnBytes} onBytes @param {AbortSignal} signal
 */
export async function keep(files, onBytes, signal) {
  const left = await missing(files);
  const total = sizeOf(left);
  const { quota = Infinity, usage = 0 } = await room();
  if (total > quota - usage)
    throw new EngineError('quota', `Expected room for ${total} bytes; found ${Math.max(0, quota - usage)}.`);
  let done = 0;
  for (const file of left) {
    await keepFile(file, (loaded) => onBytes(done + loaded, total), signal);
    done += file.bytes;
  }
  await record(files);
}

/** What the browser grants, and how much of it is taken. */
export async function room() {
  return (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
}

/** @param {readonly Listed[]} files */
export function sizeOf(files) {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** @param {Listed[]} files */
async function record(files) {
  const json = JSON.stringify({ paths: files.map(({ path }) => path) });
  await (await caches.open(KEPT)).put(here(RECORD), new Response(json));
}

/** Files that a visitor once wanted kept, as far as this build has them; `null`: none. @param {Listed[]} files */
export async function wanted(files) {
  const response = await (await caches.open(KEPT)).match(here(RECORD));
  if (!response) return null;
  const { paths } = /** @type {Record} */ (await response.json());
  return files.filter(({ path }) => paths.includes(path));
}

/** Takes away what was kept for later; what the network on view was made of is fetched again when it is asked for. */
export async function remove() {
  const cache = await caches.open(KEPT);
  for (const key of await cache.keys()) if (key.url.startsWith(here('./').href)) await cache.delete(key);
}
