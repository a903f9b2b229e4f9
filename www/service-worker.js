/**
 * Serves the page where there is no network. The build writes `self.LIST` before this, the SHA-256 of its `files.json`: another
 * build is another worker. A worker serves the files of its own list, byte for byte, so that old and new are never mixed; it
 * is taken over by the next one when a visitor agrees, or when no window of it is open any more.
 */

/** @typedef {{ path: string, bytes: number, sha256: string, app: boolean }} Listed a file of the build; `app`: one without which nothing opens */

const worker = /** @type {ServiceWorkerGlobalScope & { LIST: string }} */ (/** @type {unknown} */ (self));
const SCOPE = worker.registration.scope;
/** The page itself. What the network and its pictures need lies where `lens/engine/weights.js` keeps it. */
const APP = 'zf-lens-app-1';
const KEPT = 'zf-lens-weights-1';
/** A picture that another app has shared, until the page takes it. */
const SHARED = 'zf-lens-shared-1';
const AT_A_TIME = 4;
/** The smallest module with a relaxed instruction, as in `lens/engine/probe.js`. */
const RELAXED =
  '\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7b\x03\x02\x01\0\x0a\x13\x01\x11\0\x41\0\xfd\x0f\x41\0\xfd\x0f\x41\0\xfd\x0f\xfd\x85\x02\x0b';
/** The program for the processor that this browser does not take: there are two. */
const UNTAKEN = WebAssembly.validate(Uint8Array.from(RELAXED, (letter) => letter.charCodeAt(0)))
  ? 'pkg/cpu/'
  : 'pkg/cpu-relaxed/';

const LIST = { path: 'files.json', sha256: worker.LIST };
/** @type {Promise<Map<string, Listed>> | null} */
let listed = null;

/** Names a file with its content. @param {{ path: string, sha256: string }} file */
function keyOf({ path, sha256 }) {
  const key = new URL(path, SCOPE);
  key.searchParams.set('sha256', sha256);
  return key.href;
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A file as the host has it; fails, with its path, when that is not the one that the list means. @param {{ path: string, sha256: string }} file @param {RequestCache} [cache] */
async function fetched(file, cache = 'no-cache') {
  const response = await fetch(new URL(file.path, SCOPE), { cache });
  if (!response.ok) throw new Error(file.path);
  const bytes = await response.arrayBuffer();
  if ((await sha256(bytes)) !== file.sha256) throw new Error(file.path);
  // A fresh answer: one that was redirected is refused for a navigation.
  return new Response(bytes, { headers: { 'content-type': response.headers.get('content-type') ?? '' } });
}

/** @param {Cache} cache @param {{ path: string, sha256: string }} file */
async function bring(cache, file) {
  const key = keyOf(file);
  const known = await cache.match(key);
  if (known) return known;
  const response = await fetched(file);
  await cache.put(key, response.clone());
  return response;
}

/** The files of this worker's version, by their paths. */
function files() {
  listed ??= read().catch((error) => {
    listed = null;
    throw error;
  });
  return listed;
}

async function read() {
  const response = await bring(await caches.open(APP), LIST);
  /** @type {{ files: Listed[] }} */
  const { files } = await response.json();
  return new Map(files.map((file) => [file.path, file]));
}

/** Unless every file has come whole, nothing is installed; what has come is not fetched again. */
async function install() {
  const cache = await caches.open(APP);
  const left = [...(await files()).values()].filter(({ app, path }) => app && !path.startsWith(UNTAKEN));
  const next = async () => {
    for (let file = left.pop(); file; file = left.pop()) await bring(cache, file);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, next));
}

/** Files of other versions go; what was kept of other sites' networks stays. */
async function activate() {
  const known = await files();
  const wanted = new Set([LIST, ...known.values()].map(keyOf));
  for (const name of [APP, KEPT]) {
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) {
      if (!url.startsWith(SCOPE) || wanted.has(url)) continue;
      const { pathname } = new URL(url);
      if (name === APP || known.has(pathIn(pathname))) await cache.delete(url);
    }
  }
  await worker.clients.claim();
}

/** @param {string} pathname */
function pathIn(pathname) {
  return decodeURIComponent(pathname.slice(new URL(SCOPE).pathname.length)) || 'index.html';
}

/** @param {Request} request @param {URL} url */
async function answer(request, url) {
  const known = await files().catch(() => null);
  const path = pathIn(url.pathname);
  const file = path === LIST.path ? LIST : known?.get(path);
  if (!file) return fetch(request);
  for (const name of [APP, KEPT]) {
    const response = await (await caches.open(name)).match(keyOf(file));
    if (response) return response;
  }
  // The page checks weights itself, while they come.
  if (path.endsWith('.safetensors')) return fetch(request);
  return fetched(file, request.cache).catch((error) => {
    if (navigator.onLine) void worker.registration.update().catch(() => {});
    return new Response(String(error), { status: 504 });
  });
}

/** Another app's picture waits here; the page opens and takes it. @param {Request} request */
async function share(request) {
  const picture = (await request.formData()).get('picture');
  if (picture instanceof File) {
    const name = encodeURIComponent(picture.name);
    const response = new Response(picture, { headers: { 'content-type': picture.type, 'x-name': name } });
    await (await caches.open(SHARED)).put(new URL('shared', SCOPE), response);
  }
  return Response.redirect(new URL('./?shared', SCOPE).href, 303);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') void worker.skipWaiting();
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (!url.href.startsWith(SCOPE)) return;
  if (request.method === 'POST' && pathIn(url.pathname) === 'share') event.respondWith(share(request));
  else if (request.method === 'GET') event.respondWith(answer(request, url));
});
