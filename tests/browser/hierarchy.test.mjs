// The Poster tab: the strongest maps of each layer as they come, the file to take away, Cancel, address, and the way into a tile.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { experiments } from './experiments.mjs';
import { launch } from './harness.mjs';
import { colours, download, numbers, projected, reaches, visitor } from './visitor.mjs';

const { file: FILE } = experiments();
const also = { 'nets/small.safetensors': FILE };
const SMALL = '?weights=nets/small.safetensors&backend=cpu#v=1&tab=hierarchy&sample=cat';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const reached = reaches('hierarchy');

/** What the poster shows, band by band from the last layer. @param {Page} page */
const bands = (page) =>
  page
    .locator('.band')
    .evaluateAll((all) =>
      all.map((one) => [
        one.dataset.layer,
        [...one.querySelectorAll('button')].map(({ dataset }) => dataset.of ?? 'waits'),
      ]),
    );

/** Of equals the first. @param {any[]} strongest @param {number} most */
const best = (strongest, most) =>
  strongest
    .filter(({ activation }) => activation > 0)
    .sort((a, b) => b.activation - a.activation)
    .slice(0, most);

for (const module of ['cpu', 'webgpu']) {
  test(`the ${module} module: tiles are the projections of the units that a look found strongest`, async () => {
    const { page, close } = await visitor(browser);
    const found = await page.evaluate(
      async ({ module, weights }) => {
        const zfnet = await import(new URL(`pkg/${module}/zfnet_web.js`, document.baseURI).href);
        await zfnet.default();
        const figures = await import(new URL('pkg/figures/zfnet_web_figures.js', document.baseURI).href);
        await figures.default();
        const engine = await zfnet.Engine.create();
        await engine.loadShard(Uint8Array.from(atob(weights), (c) => c.charCodeAt(0)));
        const response = await fetch(new URL('samples/cat.jpg', document.baseURI));
        engine.openPhoto(new Uint8Array(await response.arrayBuffer()));
        const { lookOf } = await import(new URL('lens/engine/model.js', document.baseURI).href);
        const look = lookOf(await engine.look(null));
        /** @type {any[]} */
        const parts = [];
        const ask = { maps: 5, rule: 'deconvnet' };
        const { bands, photograph } = await engine.hierarchy(ask, [], async (/** @type {any} */ part) =>
          parts.push(part),
        );
        let heard = 0;
        const stopped = await engine.hierarchy(ask, [], async () => (++heard, false));
        const tiles = parts.flatMap((part) => part.tiles);
        const compared = [];
        for (const { layer, map, row, col, activation, scale, window, projection } of tiles) {
          const [alone] = await engine.projectUnits(
            layer,
            Uint32Array.of(map, row, col),
            'deconvnet',
            'quantile',
            undefined,
          );
          const sees = alone.projection.width === projection.width && alone.projection.height === projection.height;
          compared.push({
            layer,
            map,
            row,
            col,
            activation,
            scale,
            window,
            alone: [alone.activation, alone.scale, alone.window],
            sees,
          });
        }
        const file = async (/** @type {any[]} */ pictures) =>
          figures.poster({
            bands,
            pictures: pictures.map((one) => ({ ...one, rgba: new Uint8Array(one.rgba) })),
            words: { title: '<A>', bands: ['b1', 'b2', 'b3'], caption: ['c'] },
          });
        const pictures = [photograph, ...tiles.map(({ projection }) => projection)];
        const broken = await file(pictures.slice(1)).catch((error) => [error.code, error.message]);
        const cut = await file([{ ...photograph, height: 3 }]).catch((error) => [error.code, error.message]);
        const result = {
          look: look.layers,
          bands,
          parts: parts.map(({ done, total, bands, tiles }) => ({ done, total, bands, tiles: tiles.length })),
          stopped: stopped.bands,
          heard,
          compared,
          photograph: [photograph.width, photograph.height],
          crop: look.crop,
          svg: await file(pictures),
          broken,
          cut,
        };
        engine.free();
        return result;
      },
      { module, weights: FILE.toString('base64') },
    );
    const wanted = found.look.map((/** @type {any} */ { layer, strongest }) => [
      layer,
      best(strongest, 5).map(({ map, row, col }) => [map, row, col]),
    ]);
    const shown = found.look.map((/** @type {any} */ { layer }) => [
      layer,
      found.compared
        .filter((/** @type {any} */ one) => one.layer === layer)
        .map((/** @type {any} */ one) => [one.map, one.row, one.col]),
    ]);
    assert.deepEqual(shown, wanted);
    assert.deepEqual(
      found.bands.map((/** @type {any} */ one) => [one.layer, one.maps]),
      wanted.map(([layer, units]) => [layer, units.map(([map]) => map)]),
    );
    // Four tiles lie in a row of the last layer, half as many again in one of the layer below.
    assert.deepEqual(
      found.bands.map((/** @type {any} */ one) => one.columns),
      [9, 6, 4],
    );
    assert.deepEqual(
      found.parts.map((/** @type {any} */ one) => one.done),
      [5, 10, 15],
    );
    for (const part of found.parts)
      assert.deepEqual([part.total, part.bands], [15, found.bands], 'every part knows the whole poster');
    assert.deepEqual(
      [found.heard, found.stopped.map((/** @type {any} */ one) => one.layer)],
      [1, [found.bands[0].layer]],
      'a listener that says no ends it',
    );
    for (const { layer, activation, scale, alone, window, sees } of found.compared) {
      const near = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) <= 1e-4 * Math.abs(b);
      assert.ok(near(activation, alone[0]), `${layer}: ${activation}, ${alone[0]}`);
      if (!sees) continue;
      assert.deepEqual(window, alone[2]);
      assert.ok(near(scale, alone[1]), `${layer}: drawn white at ${scale}, ${alone[1]}`);
    }
    assert.deepEqual(
      found.photograph,
      [found.crop.size, found.crop.size].map((side) => Math.min(1024, side)),
    );
    assert.equal(found.svg.match(/<image /g)?.length, 16);
    assert.ok(found.svg.includes('&lt;A&gt;') && found.svg.includes('width="420mm"'));
    assert.equal(found.broken[0], 'out-of-range');
    assert.deepEqual(found.cut[0], 'out-of-range');
    assert.match(found.cut[1], /expected four bytes for each/i);
    await close();
  });
}

test('the bundled network: opened by its button, filled from the edges up, stopped, begun again, looked into', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat' });
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const { strongest } = await numbers(page);
  // The first tiles are here and the last are not: there it is stopped, as a visitor would.
  const stopEarly = (/** @type {"key" | "button"} */ by) =>
    page.evaluate((by) => {
      new MutationObserver((_, watch) => {
        const first = document.querySelector('.band[data-layer="conv1"] [data-of]');
        if (!first || document.querySelector('.band[data-layer="conv5"] [data-of]')) return;
        watch.disconnect();
        if (by === 'key') document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
        else /** @type {HTMLElement} */ (document.querySelector('.hierarchy .progress .button')).click();
        document.documentElement.dataset.stoppedBy = by;
      }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-of'] });
    }, by);
  await stopEarly('key');
  await page.getByRole('tab', { name: 'Poster', exact: true }).click();
  await reached(page, 'stopped');
  const early = await bands(page);
  assert.deepEqual(
    early.map(([layer, tiles]) => [layer, tiles?.length]),
    [
      ['conv5', 4],
      ['conv4', 6],
      ['conv3', 18],
      ['conv2', 28],
      ['conv1', 60],
    ],
  );
  const come = early.flatMap(([, tiles]) => tiles).filter((of) => of !== 'waits').length;
  assert.ok(come >= 16 && come < 116, `${come} tiles`);
  const partial = await numbers(page);
  assert.equal(
    partial.layers.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.units.length, 0),
    come,
  );
  assert.equal(
    (await download(page, 'Save as SVG')).toString().match(/<image /g)?.length,
    come + 1,
    'what has come can be taken away',
  );

  await stopEarly('button');
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.waitForSelector('html[data-stopped-by=button]');
  await reached(page, 'stopped');
  await page.getByRole('button', { name: 'Start again' }).click();
  await reached(page, 'done');
  const json = await numbers(page);
  assert.deepEqual(
    json.layers.map((/** @type {any} */ one) => [one.layer, one.maps, one.field]),
    [
      ['conv1', 96, [7, 7]],
      ['conv2', 256, [27, 27]],
      ['conv3', 384, [75, 75]],
      ['conv4', 384, [107, 107]],
      ['conv5', 256, [139, 139]],
    ],
  );
  for (const { layer, units } of json.layers) {
    const wanted = best(strongest.find((/** @type {any} */ one) => one.layer === layer).strongest, units.length);
    assert.deepEqual(
      units.map((/** @type {any} */ one) => [one.map, one.row, one.col, one.activation]),
      wanted.map(({ map, row, col, activation }) => [map, row, col, activation]),
    );
  }
  const shown = await bands(page);
  assert.deepEqual(
    Object.fromEntries(shown),
    Object.fromEntries(
      json.layers.map((/** @type {any} */ { layer, units }) => [
        layer,
        units.map((/** @type {any} */ one) => `${layer} ${one.map},${one.row},${one.col}`),
      ]),
    ),
  );
  for (const layer of ['conv1', 'conv5'])
    assert.ok((await colours(page.locator(`.band[data-layer=${layer}] canvas`).first())) > 10);

  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.deepEqual(head, ['layer', 'rank', 'map', 'row', 'col', 'activation', 'top', 'left', 'height', 'width']);
  assert.deepEqual(rows.length, 116);
  const flat = json.layers.flatMap((/** @type {any} */ { layer, units }) =>
    units.map((/** @type {any} */ { map, row, col, activation, view }, /** @type {number} */ rank) =>
      [layer, rank, map, row, col, activation, view.top, view.left, view.height, view.width].map(String),
    ),
  );
  // The table has the digits of single precision.
  const single = (/** @type {string[][]} */ all) =>
    all.map((row) => row.map((cell, at) => (at === 5 ? Math.fround(Number(cell)) : cell)));
  assert.deepEqual(single(rows), single(flat));
  const png = await download(page, 'Save as picture');
  assert.deepEqual([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)], ['PNG', 2520, 3564]);
  const svg = (await download(page, 'Save as SVG')).toString();
  assert.equal(svg.match(/<image /g)?.length, 117);
  for (const words of [
    'From edges to objects',
    'conv5 – the 4 strongest of 256 maps – receptive field 139 × 139 pixels',
    'It says: cat',
  ])
    assert.ok(svg.includes(words), words);
  const pdf = (await download(page, 'PDF, A2')).toString('latin1');
  assert.ok(pdf.startsWith('%PDF-') && pdf.trimEnd().endsWith('%%EOF'));
  // Each line of words is a picture too.
  const lines = svg.match(/<text /g)?.length ?? 0;
  assert.equal(pdf.match(/\/Subtype \/Image/g)?.length, 117 + lines);
  assert.ok(pdf.includes('MediaBox [0 0 1190.551 1683.78]'), 'A2 in points');

  // A tile that is pointed at is shown on the photograph; keys go from tile to tile, and up and down to what lies there.
  const field = () => page.locator('.stage .field').getAttribute('style');
  const before = await field();
  await page.locator('.band[data-layer=conv4] button').nth(2).hover();
  await page.waitForFunction(
    (before) => document.querySelector('.stage .field')?.getAttribute('style') !== before,
    before,
  );
  const pointed = await field();
  const focused = () => page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.layer);
  await page.locator('.band[data-layer=conv5] button').first().focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'conv4');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'conv5');
  assert.notEqual(await field(), pointed);
  assert.equal(await page.locator('.poster button[tabindex="0"]').count(), 1, 'one stop for the tabulator');
  await page.keyboard.press('ArrowRight');
  // A tile leads to its unit, and its unit back to the poster.
  const second = json.layers.at(-1).units[1];
  await page.keyboard.press('Enter');
  await projected(page, new RegExp(`^conv5 ${second.map},${second.row},${second.col}$`));
  const opened = await numbers(page);
  const {
    activation,
    window: { top, left },
  } = opened.projection;
  assert.deepEqual([activation, top, left], [second.activation, second.view.top, second.view.left]);
  await page.goBack();
  await reached(page, 'done');
  assert.deepEqual(await bands(page), shown);
  assert.deepEqual(faults, []);
  await close();
});

test('settings are in the address and survive a reload; the Chinese poster has its letters', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: SMALL });
  await reached(page, 'done');
  const whole = await bands(page);
  await page.locator('.hierarchy input[type=range]').fill('2');
  await page.waitForFunction(() => location.hash.includes('hierarchy.maps=2'));
  await reached(page, 'done');
  const few = await bands(page);
  assert.deepEqual(
    few,
    whole.map(([layer, tiles]) => [layer, tiles?.slice(0, 2)]),
  );
  const plain = await numbers(page);
  await page.locator('.hierarchy .segmented').getByText('Gradient', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('hierarchy.rule=gradient'));
  await reached(page, 'done');
  const other = await numbers(page);
  assert.deepEqual([other.rule, other.settings], ['gradient', { maps: 2, rule: 'gradient' }]);
  assert.notDeepEqual(
    other.layers.map((/** @type {any} */ one) => one.units.map((/** @type {any} */ unit) => unit.scale)),
    plain.layers.map((/** @type {any} */ one) => one.units.map((/** @type {any} */ unit) => unit.scale)),
  );
  await page.reload();
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).layers, other.layers);
  await page.goBack();
  await page.waitForFunction(() => !location.hash.includes('gradient'));
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).layers, plain.layers);

  await page.getByRole('button', { name: '中文' }).click();
  await page.waitForFunction(() => document.querySelector('.poster h3')?.textContent === '从边缘到物体');
  const svg = (await download(page, '存为 SVG')).toString();
  assert.ok(svg.includes('从边缘到物体') && svg.includes('个特征图中最强的'));
  const pdf = (await download(page, 'PDF，A2')).toString('latin1');
  const drawn = svg.match(/<(image|text) /g)?.length;
  assert.equal(pdf.match(/\/Subtype \/Image/g)?.length, drawn, 'words in letters that this browser has');
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
