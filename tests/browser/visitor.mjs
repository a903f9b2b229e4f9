// What the tests of the page have in common: pictures to bring, and waiting for what the page says about itself.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { open, PATIENCE } from './harness.mjs';

/** @typedef {import("playwright-core").Page} Page */

/** @param {string} name of one of the page's own samples */
export const sample = (name) => fileURLToPath(new URL(`../../www/samples/${name}.jpg`, import.meta.url));
/** @param {string} name in `tests/golden/pictures/` */
export const picture = (name) => fileURLToPath(new URL(`../golden/pictures/${name}`, import.meta.url));
/** @param {string} name of a golden case, which is a whole small network */
export const golden = (name) => readFileSync(new URL(`../golden/${name}.safetensors`, import.meta.url));

/**
 * The same network with other names for some of its layers, which may be anything that is printed.
 * @param {Buffer} file of safetensors
 * @param {Record<string, string>} names
 */
export function renamed(file, names) {
  const end = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(file.subarray(8, end).toString());
  const about = JSON.parse(metadata['zf-lens']);
  for (const layer of about.architecture) layer.name = names[layer.name] ?? layer.name;
  const named = Object.entries(tensors).map(([name, place]) => {
    const [, layer = '', part = ''] = /^(.*)(\.\w+)$/.exec(name) ?? [];
    return [(names[layer] ?? layer) + part, place];
  });
  const header = Buffer.from(
    JSON.stringify({ __metadata__: { 'zf-lens': JSON.stringify(about) }, ...Object.fromEntries(named) }),
  );
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([size, header, file.subarray(end)]);
}

/**
 * A visit on a wide screen. The network is the bundled one and the backend the CPU, unless the query says otherwise.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {Omit<NonNullable<Parameters<typeof open>[0]>, "browser">} [options]
 */
export function visitor(browser, { query = '?backend=cpu', context, ...rest } = {}) {
  const wide = { viewport: { width: 1440, height: 1000 }, locale: 'en-GB', acceptDownloads: true };
  return open({ browser, query, context: { ...wide, ...context }, ...rest });
}

/**
 * Words on the page. A region for readers of screens says the same a moment later, or earlier.
 * @param {Page} page
 * @param {string | RegExp} words
 */
export const inWords = (page, words) => page.getByText(words).and(page.locator(':not(.unseen)'));

/**
 * Waits until nothing is under way and the inspector shows the projection of something that matches.
 *
 * @param {Page} page
 * @param {RegExp} what "conv5 45,2,11" or "class 3"
 * @param {number} [timeout]
 * @returns {Promise<string>} what it shows
 */
export async function projected(page, what, timeout = PATIENCE) {
  const found = await page
    .waitForFunction(
      (source) => {
        const of = document.querySelector('canvas[data-view=projection]')?.getAttribute('data-of') ?? '';
        return new RegExp(source).test(of) && document.documentElement.dataset.status === 'ready' && of;
      },
      what.source,
      { timeout },
    )
    .catch(async (error) => {
      const { status, error: code } = await page.evaluate(() => ({ ...document.documentElement.dataset }));
      const of = await shown(page);
      throw new Error(
        `expected a projection of ${what}, found ${of}, status ${status}, error ${code}: ${error.message}`,
      );
    });
  return /** @type {string} */ (await found.jsonValue());
}

/** @param {Page} page @returns {Promise<string | null>} what the inspector shows now */
export const shown = (page) => page.locator('canvas[data-view=projection]').getAttribute('data-of');

/** @param {Page} page @param {string} key @returns {string | null} what the address says of it */
export const word = (page, key) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get(key);

/** @param {Page} page @param {string} code */
export async function refused(page, code) {
  await page.waitForSelector('html[data-error]');
  const found = await page.locator('html').getAttribute('data-error');
  const words = await page.locator('.notice .note').first().innerText();
  if (found !== code) throw new Error(`expected the error ${code}, found ${found}: ${words}`);
  return words;
}

/** How many different colours a canvas shows: a blank one has one. @param {import("playwright-core").Locator} canvas */
export const colours = (canvas) =>
  canvas.evaluate((/** @type {HTMLCanvasElement} */ element) => {
    const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
    const seen = new Set();
    for (let at = 0; at < pixels.length; at += 4) seen.add((pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2]);
    return seen.size;
  });

/**
 * Saves the numbers of what is seen, as a visitor would.
 * @param {Page} page
 */
export async function numbers(page) {
  return JSON.parse((await download(page, 'Save the numbers')).toString());
}

/** @param {Page} page @param {string} name of the button */
export async function download(page, name) {
  const coming = page.waitForEvent('download');
  await page.locator('.actions, .explorer header').getByRole('button', { name }).click();
  return readFileSync(await (await coming).path());
}

/**
 * The figure of a tab, as SVG and as the PNG that this browser draws of it: in a whole multiple of its size, wide enough for a document, and not blank.
 * @param {Page} page
 */
export async function figure(page) {
  const svg = (await download(page, 'Save as SVG')).toString();
  const png = await download(page, 'Save as picture');
  const [width, height] = (/width="(\d+)" height="(\d+)"/.exec(svg) ?? []).slice(1).map(Number);
  const drawn = await page.evaluate(
    async (data) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(data)], { type: 'image/png' }));
      const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      pen?.drawImage(bitmap, 0, 0);
      const { data: pixels = [] } = pen?.getImageData(0, 0, bitmap.width, bitmap.height) ?? {};
      const seen = new Set(new Uint32Array(Uint8Array.from(pixels).buffer));
      return { width: bitmap.width, height: bitmap.height, colours: seen.size };
    },
    [...png],
  );
  const times = drawn.width / (width ?? NaN);
  const isWhole = Number.isInteger(times) && drawn.height === times * (height ?? NaN) && drawn.width >= 1200;
  if (!isWhole || drawn.colours < 20)
    throw new Error(`expected a picture of some times ${width} × ${height}, found ${JSON.stringify(drawn)}`);
  const lines = [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, line = '']) => line);
  const words = lines.join(' ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return { svg, words, width, height, pictures: svg.match(/<image /g)?.length ?? 0 };
}

/** A door that stays shut until it is opened: holds an answer of the server back for as long as a test needs. */
export function door() {
  let open = () => {};
  /** @type {Promise<void>} */
  const opened = new Promise((resolve) => (open = resolve));
  return { opened, open };
}

/**
 * How to wait until an experiment's tab is in a state; it fails with the state that it is in.
 * @param {string} experiment
 */
export const reaches =
  (experiment) =>
  async (/** @type {Page} */ page, /** @type {string} */ state, timeout = 60_000) => {
    await page.waitForSelector(`.experiment.${experiment}[data-state=${state}]`, { timeout }).catch(async (error) => {
      const found = await page
        .locator('.experiment')
        .evaluateAll((all) => all.map((one) => `${one.dataset.state} ${one.querySelector('.halt')?.textContent}`));
      throw new Error(`expected the state ${state}, found ${found}: ${error.message}`);
    });
  };
