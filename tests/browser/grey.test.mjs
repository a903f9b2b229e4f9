// A network that takes the grey of photographs: the page draws its projections, filters and pictures in grey, in every tab.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { experiments } from './experiments.mjs';
import { launch } from './harness.mjs';
import { numbers, projected, reaches, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** The same network with the first of three channels alone. @param {Buffer} file of safetensors */
function grey(file) {
  const end = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(file.subarray(8, end).toString());
  const about = JSON.parse(metadata['zf-lens']);
  about.input = {
    ...about.input,
    channels: 'rgb',
    mean: about.input.mean.slice(0, 1),
    std: about.input.std.slice(0, 1),
  };
  const first = `${about.architecture[0].name}.weight`;
  const parts = [];
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: { 'zf-lens': JSON.stringify(about) } };
  let begin = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(tensors)) {
    if (name.startsWith('golden.') || name === 'mean') continue;
    let bytes = file.subarray(end + offsets[0], end + offsets[1]);
    const [maps, , rows, cols] = shape;
    if (name === first) {
      const each = bytes.length / maps;
      const channels = Array.from({ length: maps }, (_, map) => bytes.subarray(map * each, map * each + each / 3));
      bytes = Buffer.concat(channels);
    }
    header[name] = {
      dtype,
      shape: name === first ? [maps, 1, rows, cols] : shape,
      data_offsets: [begin, (begin += bytes.length)],
    };
    parts.push(bytes);
  }
  const words = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(words.length));
  return Buffer.concat([size, words, ...parts]);
}

/** Whether canvases show more than one shade, and none with a colour. @param {import("playwright-core").Locator} canvases */
const shades = (canvases) =>
  canvases.evaluateAll((all) =>
    all
      .filter((canvas) => canvas.checkVisibility())
      .map((canvas) => {
        const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
        const pen = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d');
        const pixels = pen?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
        const places = Array.from({ length: pixels.length / 4 }, (_, at) => 4 * at);
        const isGrey = places.every((at) => pixels[at] === pixels[at + 1] && pixels[at] === pixels[at + 2]);
        return isGrey && new Set(places.map((at) => pixels[at])).size > 4;
      }),
  );

const TABS = {
  occlusion: '',
  attribution: '&attribution.samples=4',
  invariance: '',
  region: '',
  favourite: '&favourite.steps=20',
  hierarchy: '',
  filters: '',
};

test('projections are grey, and every tab asks the network', async () => {
  const also = { 'grey.safetensors': grey(experiments().file) };
  const query = '?backend=cpu&weights=grey.safetensors#v=1&sample=cat';
  const { page, faults, close } = await visitor(browser, { server: { also }, query });
  await projected(page, /^conv/);
  assert.deepEqual(await shades(page.locator('canvas[data-view=projection]')), [true]);
  assert.deepEqual(await shades(page.locator('canvas[data-view=photo], canvas[data-view=patch]')), [false, false]);
  const { projection } = await numbers(page);
  assert.equal(projection.values.length % (projection.window.height * projection.window.width), 0);
  assert.equal(projection.values.length, projection.window.height * projection.window.width);
  for (const [tab, settings] of Object.entries(TABS)) {
    await page.evaluate((hash) => (location.hash = hash), `v=1&sample=cat&tab=${tab}${settings}`);
    await page.waitForSelector(`.experiment.${tab}:not([hidden])`);
    // Some begin only when they are told to.
    const begin = page.locator(`.experiment.${tab} .halt:not([hidden]) .primary:not([hidden])`);
    if ((await begin.count()) > 0) await begin.click();
    await reaches(tab)(page, 'done');
  }
  assert.deepEqual(faults, []);
  await close();
});
