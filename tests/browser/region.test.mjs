// The Region tab: what the engine says against the maps' own numbers, and the frame by hand, key and address.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { experiments } from './experiments.mjs';
import { launch } from './harness.mjs';
import { colours, download, figure, numbers, projected, reaches, visitor, word } from './visitor.mjs';

const { file: FILE } = experiments();
const also = { 'nets/small.safetensors': FILE };
const SMALL = '?weights=nets/small.safetensors&backend=cpu#v=1&tab=region&sample=cat';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const reached = reaches('region');

const tiles = (/** @type {Page} */ page) =>
  page.locator('.region-tiles button').evaluateAll((all) => all.map(({ dataset }) => dataset.of));

/** What a map answers in a region, each half pixel told by the unit whose field's centre is nearest. @param {any} layer @param {number[]} map @param {number} size @param {any} region */
function compared({ field, shape }, map, size, region) {
  const nearest = (/** @type {0 | 1} */ axis, /** @type {number} */ at) => {
    const first = field.offset[axis] + field.size[axis] / 2;
    const unit = Math.round((at / 2 + 0.25 - first) / field.stride[axis]);
    return Math.min(shape[1 + axis] - 1, Math.max(0, unit));
  };
  /** @type {number[][]} */
  const [inside, outside] = [[], []];
  for (let row = 0; row < 2 * size; row++)
    for (let col = 0; col < 2 * size; col++) {
      const isInside =
        row >= 2 * region.top &&
        row < 2 * (region.top + region.rows) &&
        col >= 2 * region.left &&
        col < 2 * (region.left + region.cols);
      (isInside ? inside : outside)?.push(map[nearest(0, row) * shape[2] + nearest(1, col)] ?? NaN);
    }
  const mean = (/** @type {number[]} */ all) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const all = [...(inside ?? []), ...(outside ?? [])];
  const middle = mean(all);
  const deviation = Math.sqrt(mean(all.map((one) => (one - middle) ** 2)));
  const share = (inside?.length ?? 0) / all.length;
  const [within, beyond] = [mean(inside ?? []), mean(outside ?? [])];
  return [within, beyond, ((within - beyond) * Math.sqrt(share * (1 - share))) / deviation];
}

test('the engine says what follows from the numbers of its maps', async () => {
  const { page, close } = await visitor(browser);
  const region = { top: 3, left: 8, rows: 12, cols: 9 };
  const found = await page.evaluate(
    async ({ weights, region }) => {
      const zfnet = await import(new URL('pkg/cpu/zfnet_web.js', document.baseURI).href);
      await zfnet.default();
      const engine = await zfnet.Engine.create();
      const network = await engine.loadShard(Uint8Array.from(atob(weights), (c) => c.charCodeAt(0)));
      const response = await fetch(new URL('samples/cat.jpg', document.baseURI));
      engine.openPhoto(new Uint8Array(await response.arrayBuffer()));
      await engine.look(null);
      /** @type {number[][]} */
      const parts = [];
      const answer = await engine.region({ region, layers: null, maps: 3 }, [], async (/** @type {any} */ part) =>
        parts.push([part.done, part.total, part.found.layers.length]),
      );
      const maps = [];
      for (const { layer } of answer.layers) maps.push([...(await engine.maps(layer, 'own')).values]);
      const [rows, cols] = network.inputSize;
      const whole = { top: 0, left: 0, rows, cols };
      const refused = await engine
        .region({ region: whole, layers: null, maps: 1 }, [], async () => true)
        .catch((/** @type {any} */ error) => [error.code, error.message]);
      return { network, answer, maps, parts, refused, usual: network.usual.region };
    },
    { weights: FILE.toString('base64'), region },
  );
  const { network, answer, parts, refused, usual } = found;
  assert.deepEqual(parts, [
    [1, 3, 1],
    [2, 3, 2],
    [3, 3, 3],
  ]);
  assert.deepEqual([usual.region, usual.maps], [{ top: 7, left: 7, rows: 14, cols: 14 }, 8]);
  assert.equal(refused[0], 'out-of-range');
  assert.match(refused[1], /so that something lies outside/);
  for (const [at, { layer, found: named, maps: count }] of answer.layers.entries()) {
    const info = network.layers.find((/** @type {any} */ one) => one.name === layer);
    const units = info.shape[1] * info.shape[2];
    assert.equal(count, info.shape[0]);
    const all = Array.from({ length: count }, (_, map) =>
      compared(info, found.maps[at].slice(map * units, (map + 1) * units), network.inputSize[0], region),
    );
    const order = [...all.keys()]
      .filter((map) => (all[map]?.[2] ?? 0) > 0)
      .sort((a, b) => (all[b]?.[2] ?? 0) - (all[a]?.[2] ?? 0))
      .slice(0, 3);
    assert.deepEqual(
      named.map((/** @type {any} */ one) => one.map),
      order,
      layer,
    );
    for (const { map, inside, outside, correlation } of named)
      for (const [expected, value] of [inside, outside, correlation].map((one, part) => [all[map]?.[part] ?? NaN, one]))
        assert.ok(
          Math.abs((value ?? NaN) - (expected ?? NaN)) <= 1e-5 * Math.max(1, Math.abs(expected ?? NaN)),
          `${layer} ${map}: expected ${expected}, found ${value}`,
        );
  }
  await close();
});

test('the frame is drawn, moved with keys and kept in the address; a map leads to its unit', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: SMALL });
  await reached(page, 'done');
  assert.equal(word(page, 'region.at'), null);
  const usual = await numbers(page);
  assert.deepEqual(usual.region, { top: 7, left: 7, rows: 14, cols: 14 });
  const shown = await tiles(page);
  assert.deepEqual(
    shown,
    usual.layers.flatMap((/** @type {any} */ { layer, found }) =>
      found.map((/** @type {any} */ one) => `${layer} ${one.map},${one.row},${one.col}`),
    ),
  );
  assert.ok((await colours(page.locator('.region-tiles canvas').first())) > 10);

  // Drawn with the mouse.
  const square = await page.locator('.region .square').boundingBox();
  assert.ok(square);
  const at = (/** @type {number} */ across, /** @type {number} */ down) =>
    /** @type {const} */ ([square.x + across * square.width, square.y + down * square.height]);
  await page.mouse.move(...at(0.02, 0.02));
  await page.mouse.down();
  await page.mouse.move(...at(0.2, 0.1));
  await page.mouse.move(...at(0.2, 0.45));
  await page.mouse.up();
  await page.waitForFunction(() => location.hash.includes('region.at='));
  await reached(page, 'done');
  const drawn = await numbers(page);
  const { top, left, rows, cols } = drawn.region;
  assert.ok(top <= 1 && left <= 1 && Math.abs(cols - 5) <= 1 && Math.abs(rows - 12) <= 1, JSON.stringify(drawn.region));
  assert.notDeepEqual(drawn.layers, usual.layers);

  // And moved with keys; a reload and the Back button lead to the same.
  const box = page.locator('.region .part-box:visible');
  await box.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', '+']) await page.keyboard.press(key);
  const before = word(page, 'region.at');
  await page.waitForFunction(
    (before) => !location.hash.includes(encodeURIComponent(before)) && !location.hash.includes(before),
    before ?? '',
  );
  await reached(page, 'done');
  const moved = await numbers(page);
  assert.deepEqual(moved.region, { top, left: left + 1, rows: rows + 2, cols: cols + 2 });
  await page.reload();
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).layers, moved.layers);
  await page.goBack();
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).region, drawn.region);

  // What is pointed at lies on the photograph; what is pressed is opened.
  const [head, ...lines] = (await download(page, 'Save as a table')).toString().trim().split('\n');
  assert.equal(head, 'layer,rank,map,correlation,inside,outside,row,col,activation');
  assert.equal(lines.length, (await tiles(page)).length);
  const { words, pictures } = await figure(page);
  assert.equal(pictures, 1 + (await tiles(page)).length);
  assert.ok(words.includes('frame') && words.includes(drawn.layers[0].layer), words);
  const last = drawn.layers.at(-1);
  const [first] = last.found;
  await page.locator(`.region-layers [data-layer=${last.layer}] button`).first().click();
  await projected(page, new RegExp(`^${last.layer} ${first.map},${first.row},${first.col}$`));
  assert.equal(word(page, 'tab'), null);

  // All of the picture has no outside.
  await page.goBack();
  await reached(page, 'done');
  await page.locator('.region .part-box:visible').focus();
  for (let times = 0; times < 20; times++) await page.keyboard.press('+');
  await reached(page, 'idle');
  assert.match(await page.locator('.region .halt').innerText(), /nothing is left outside/);
  await page.locator('.region .part-box:visible').focus();
  await page.keyboard.press('Delete');
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).region, usual.region);
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { server: { also }, context, query: SMALL });
    await reached(page, 'done');
    await isSound(page);
    await close();
  });
}
