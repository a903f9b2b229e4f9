// The module that draws figures: to the letter what the command line draws of the same, and a refusal of what is no picture.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** As `crates/zfnet-figures/tests/figures.rs` has it. @param {string} name */
const snapshot = (name) =>
  readFileSync(new URL(`../../crates/zfnet-figures/tests/snapshots/${name}.svg`, import.meta.url), 'utf8');

const SIDE = 16;
/** Rows of pixels as plain numbers. @param {number} width @param {number} height @param {(x: number, y: number) => number[]} colour */
const picture = (width, height, colour) => ({
  width,
  height,
  rgba: Array.from({ length: width * height }, (_, at) => [...colour(at % width, Math.floor(at / width)), 255]).flat(),
});
const photograph = picture(SIDE, SIDE, (x, y) => [16 * x, 16 * y, 90]);
const tile = (/** @type {number} */ side) => picture(side, side, () => [9, 99, 199]);
const projected = {
  activation: 2.5,
  window: { top: -2, left: 4, height: 8, width: 8 },
  projection: tile(8),
  patch: tile(8),
  scale: 0.25,
};
const occlusion = {
  found: {
    size: 8,
    stride: 8,
    fill: { colour: [128, 128, 128] },
    strongest: 'unit',
    batch: 1,
    whole: false,
    layer: 'conv3',
    map: 2,
    class: 1,
    grid: [2, 2],
    uncovered: { activity: 8.5, class: { probability: 0.75, label: 1 } },
    positions: [0, 8].flatMap((top) => [0, 8].map((left) => [top, left])),
    activity: [
      [8, 1.25],
      [4, null],
    ],
    probability: [
      [0.7, 0.1],
      [0.5, null],
    ],
    label: [
      [1, 0],
      [1, null],
    ],
  },
  shown: { photograph, square: [4, 8], projection: projected, elsewhere: [{ name: 'a cat', found: projected }] },
};
const answers = { row: 1, col: 2, activation: 4, inside: 2.5, outside: 0.125 };
const region = {
  found: {
    region: { top: 2, left: 3, rows: 6, cols: 8 },
    layers: [
      {
        layer: 'conv1',
        maps: 6,
        found: [
          { ...answers, map: 4, correlation: 0.75 },
          { ...answers, map: 0, correlation: 0.0625 },
        ],
      },
      { layer: 'conv2', maps: 6, found: [] },
    ],
  },
  shown: { photograph, projections: [tile(7), null] },
};

test('what it draws is what the command line draws', async () => {
  const { page, faults, close } = await visitor(browser);
  const drawn = await page.evaluate(async (all) => {
    const figures = await import(new URL('pkg/figures/zfnet_web_figures.js', document.baseURI).href);
    await figures.default();
    /** Bytes in place of numbers. @param {any} value @returns {any} */
    const handed = (value) => {
      if (Array.isArray(value)) return value.map(handed);
      if (value === null || typeof value !== 'object') return value;
      const one = Object.fromEntries(Object.entries(value).map(([name, own]) => [name, handed(own)]));
      return 'rgba' in one ? { ...one, rgba: Uint8Array.from(one.rgba) } : one;
    };
    const classes = [
      { en: 'dog <big>', zh: '狗' },
      { en: 'cat', zh: '猫' },
    ];
    const found = ['en', 'zh'].flatMap((language) =>
      Object.entries(all).map(([name, { found, shown }]) => [
        `${name}.${language}`,
        figures[name]({ network: 'tiny', classes, device: 'CPU', language }, found, handed(shown)),
      ]),
    );
    const { photograph } = handed(all.occlusion?.shown);
    /** @type {any[]} */
    let refused = [];
    try {
      const context = { network: '', classes, device: '', language: 'en' };
      figures.region(context, all.region?.found, { photograph: { ...photograph, height: 3 }, projections: [] });
    } catch (/** @type {any} */ error) {
      refused = [error.code, error.message];
    }
    return { found, refused };
  }, /** @type {Record<string, { found: any, shown: any }>} */ ({ occlusion, region }));
  for (const [name = '', svg] of drawn.found) assert.equal(svg, snapshot(name), name);
  assert.equal(drawn.refused[0], 'out-of-range');
  assert.match(drawn.refused[1], /four bytes for each of 16×3 pixels/);
  assert.deepEqual(faults, []);
  await close();
});

test('the module is fetched when a figure is taken away, and not before', async () => {
  const { page, server, faults, close } = await visitor(browser, {
    query: '?backend=cpu#v=1&tab=region&sample=cat',
  });
  await page.waitForSelector('.experiment.region[data-state=done]');
  const fetched = () => server.asked.filter((path) => path.startsWith('pkg/figures/'));
  assert.deepEqual(fetched(), []);
  const coming = page.waitForEvent('download');
  await page.locator('.actions').getByRole('button', { name: 'Save as SVG' }).click();
  assert.match(readFileSync(await (await coming).path(), 'utf8'), /^<svg /);
  assert.deepEqual(fetched().toSorted(), ['pkg/figures/zfnet_web_figures.js', 'pkg/figures/zfnet_web_figures_bg.wasm']);
  assert.deepEqual(faults, []);
  await close();
});
