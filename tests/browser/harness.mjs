// A page in a real browser: `dist/` served under a sub-path by this process, and Chromium on it.
//
//   import { open } from "./harness.mjs";
//   const visit = await open({ query: "?backend=cpu" });
//   await visit.page.setInputFiles("input[type=file]", "photo.jpg");
//   await visit.close();

import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { delimiter, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const DIST = resolve(process.env.ZF_LENS_DIST ?? join(REPOSITORY, 'dist'));

/** How long anything is waited for, in milliseconds: what comes comes sooner, however busy the machine. */
export const PATIENCE = Number(process.env.PATIENCE ?? 120_000);

/** The page must work wherever it is put, so the tests never put it at the root. */
export const SUB_PATH = '/some/where/lens/';

/** What files are by their endings; a test of xtask holds `cargo xtask serve` to the same. */
const TYPES = JSON.parse(readFileSync(new URL('types.json', import.meta.url), 'utf8'));

/**
 * Serves `dist/` under `SUB_PATH` and refuses everything else, without any header that is not asked for.
 *
 * @param {object} [options]
 * @param {(path: string, body: Buffer) => Buffer | { status: number } | Promise<Buffer | { status: number }>} [options.alter]
 *   Sees each file on its way out (path relative to `dist/`) and may change it: a corrupt shard, a missing module.
 * @param {Record<string, Buffer>} [options.also] further files, by their path
 * @param {Record<string, string>} [options.headers] further headers, of every answer
 * @param {string} [options.root] another folder in place of `dist/`
 */
export async function serve({ alter = (_, body) => body, also = {}, headers = {}, root = DIST } = {}) {
  /** Paths that were asked for, in order; those outside the sub-path with their leading slash. */
  const asked = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const inside = path.startsWith(SUB_PATH);
    asked.push(inside ? path.slice(SUB_PATH.length) : path);
    try {
      const wanted = inside ? path.slice(SUB_PATH.length) || 'index.html' : '..';
      const file = resolve(root, wanted);
      const further = also[wanted];
      if (!further && !(file.startsWith(root + sep) && (await stat(file)).isFile())) throw new Error('no such file');
      const altered = await alter(wanted, further ?? (await readFile(file)));
      if (!Buffer.isBuffer(altered)) {
        response.writeHead(altered.status).end();
        return;
      }
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-length': altered.length,
        ...headers,
      });
      response.end(request.method === 'HEAD' ? undefined : altered);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  // A test that failed before it closed its server must not keep the process alive.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}${SUB_PATH}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Without a graphics card WebGPU runs on SwiftShader, a software one: right, and slow. */
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const FLAGS = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

/**
 * Chromium with an empty profile.
 * @param {string[]} [flags] further flags
 * @param {boolean} [webgpu] whether it has an adapter for WebGPU
 */
export async function launch(flags = [], webgpu = true) {
  return chromium.launch(settings([...(webgpu ? WEBGPU : []), ...flags]));
}

/** Chromium with a profile that outlives it. @param {string} folder */
export async function relaunch(folder) {
  return chromium.launchPersistentContext(folder, settings([]));
}

/** @param {string[]} flags */
const settings = (flags) => ({
  executablePath: browserPath(),
  headless: true,
  chromiumSandbox: process.getuid?.() !== 0,
  args: [...FLAGS, ...flags],
});

function browserPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
  if (!found) throw new Error(`expected ${names.join(', ')} on the search path, found none; name one in CHROMIUM`);
  return found;
}

/**
 * One visit: server, browser, page, and what went wrong on it.
 *
 * @param {object} [options]
 * @param {string} [options.query] query and hash of the address, such as "?backend=cpu#layer=conv3"
 * @param {import("playwright-core").Browser} [options.browser] a running browser to share; it stays open
 * @param {string[]} [options.flags] further flags of the browser
 * @param {Parameters<typeof serve>[0]} [options.server]
 * @param {import("playwright-core").BrowserContextOptions} [options.context]
 */
export async function open({ query = '', browser, flags, server: settings, context: contextOptions } = {}) {
  const server = await serve(settings);
  const started = browser ?? (await launch(flags));
  // What a visit has kept is of no other's concern, and what a worker fetches by the way nobody asked for.
  const context = await started.newContext({ serviceWorkers: 'block', ...contextOptions });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  /** Everything that a visitor with the console open would see in red, and each request that failed. */
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A page that is left lets go of its icon, and of what is fetched late.
    const isLate = request.failure()?.errorText === 'net::ERR_ABORTED' && /\.(js|css|json|jpg)$/.test(request.url());
    if (isLate || request.url().endsWith('/icon.svg')) return;
    faults.push(`request: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    const own = ['blob:', 'data:'].includes(protocol) || origin === new URL(server.url).origin;
    if (!own) faults.push(`request to elsewhere: ${request.url()}`);
  });
  await page.goto(server.url + query);
  return {
    page,
    context,
    server,
    faults,
    /**
     * Waits until the root element carries one of these states; an error that is not among them ends the wait.
     * @param {...string} states
     */
    async status(...states) {
      const reached = await page.waitForFunction(
        (wanted) => {
          const root = document.querySelector('[data-status]');
          const status = root?.getAttribute('data-status') ?? '';
          const code = root?.getAttribute('data-error');
          return (wanted.includes(status) || status === 'error') && { status, code };
        },
        states,
        { timeout: 300_000 },
      );
      const { status, code } = /** @type {{ status: string, code: string | null }} */ (await reached.jsonValue());
      if (!states.includes(status)) {
        throw new Error(
          `expected the page to become ${states.join(' or ')}, found error ${code}\n${faults.join('\n')}`,
        );
      }
      return status;
    },
    async close() {
      await context.close();
      if (!browser) await started.close();
      await server.close();
    },
  };
}
