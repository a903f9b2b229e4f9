// The Filters tab: numpy's numbers, two networks side by side, the other one fetched only when it is wanted, Cancel, exports.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch } from './harness.mjs';
import { colours, door, download, figure, golden, numbers, projected, reaches, visitor, word } from './visitor.mjs';

const FILE = readFileSync(new URL('../golden/experiments/filters.safetensors', import.meta.url));
const START = 8 + Number(FILE.readBigUInt64LE(0));
const HEADER = JSON.parse(FILE.subarray(8, START).toString());
const GOLDEN = JSON.parse(HEADER.__metadata__.golden);
const SIDE = 96;
const OTHER = 'golden-vgg-blocks';
const other = golden('vgg-blocks');
const also = {
  'nets/small.safetensors': FILE,
  'nets/other.safetensors': other,
  'weights/networks.json': Buffer.from(
    JSON.stringify([
      {
        name: OTHER,
        manifest: '../nets/other.safetensors',
        bytes: other.length,
        title: { en: 'Other', zh: '另一个' },
        about: { en: 'Another.', zh: '另一个。' },
      },
    ]),
  ),
};
const SMALL = '?weights=nets/small.safetensors&backend=cpu#v=1&tab=filters&sample=cat';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {string} name */
function bytes(name) {
  const [from, to] = HEADER[name].data_offsets;
  return FILE.subarray(START + from, START + to);
}

/** A tensor of the golden file. @param {string} name */
const floats = (name) => Array.from({ length: bytes(name).length / 4 }, (_, at) => bytes(name).readFloatLE(4 * at));

/** One of the golden file's pictures, pixel by pixel. @param {number} index */
function picture(index) {
  const plane = SIDE * SIDE;
  const planes = bytes('golden.pictures').subarray(3 * plane * index, 3 * plane * (index + 1));
  return Array.from({ length: plane }, (_, at) => [planes[at], planes[plane + at], planes[2 * plane + at], 255]).flat();
}

/** @param {number[]} found @param {number[]} expected @param {string} what */
function near(found, expected, what) {
  assert.equal(found.length, expected.length, what);
  found.forEach((one, at) =>
    assert.ok(
      Math.abs(one - expected[at]) <= 1e-4 * Math.max(1e-2, Math.abs(expected[at])),
      `${what} ${at}: ${one}, not ${expected[at]}`,
    ),
  );
}

const reached = reaches('filters');

const names = (/** @type {Page} */ page) => page.locator('.network-column:not([hidden]) h3').allInnerTexts();

for (const module of ['cpu', 'webgpu']) {
  test(`the ${module} module measures what numpy measured, of the network on view and of another one alike`, async () => {
    const { page, close } = await visitor(browser);
    const found = await page.evaluate(
      async ({ module, weights, pictures, side, weakBelow }) => {
        const zfnet = await import(new URL(`pkg/${module}/zfnet_web.js`, document.baseURI).href);
        await zfnet.default();
        const engine = await zfnet.Engine.create();
        const file = () => Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
        await engine.loadShard(file());
        const ask = { bytes: null, rule: 'deconvnet', maps: 3, weakBelow };
        const seen = [];
        for (const rgba of pictures) {
          engine.openPixels(side, side, Uint8Array.from(rgba));
          await engine.look(null);
          /** @type {any[]} */
          const parts = [];
          await engine.filterBank(ask, [], async (/** @type {any} */ part) => parts.push(part));
          /** @type {any[]} */
          const again = [];
          await engine.filterBank({ ...ask, bytes: file() }, [], async (/** @type {any} */ part) => again.push(part));
          const plain = (/** @type {any[]} */ all) => JSON.stringify(all);
          const tiles = parts.filter(({ kind }) => kind === 'tiles').flatMap(({ part }) => part.tiles);
          seen.push({
            kinds: parts.map(({ kind }) => kind),
            first: parts[0].measured,
            measured: parts[1].measured,
            same: plain(parts) === plain(again),
            tiles: tiles.map(({ layer, map, activation }) => [layer, map, activation]),
            shared: parts[0].shared.map((/** @type {any} */ one) => [one.width, one.height, [...one.rgba]]),
            own: parts[0].own.map((/** @type {any} */ one) => [...one.rgba]),
          });
        }
        let heard = 0;
        await engine.filterBank(ask, [], async () => (++heard, false));
        const wrong = await (async () =>
          engine.filterBank({ ...ask, bytes: new Uint8Array(9) }, [], async () => true))().catch((error) => error.code);
        engine.free();
        return { seen, heard, wrong };
      },
      {
        module,
        weights: FILE.toString('base64'),
        pictures: [picture(0), picture(1)],
        side: SIDE,
        weakBelow: GOLDEN.weak_below,
      },
    );
    assert.deepEqual([found.heard, found.wrong], [1, 'weights']);
    for (const { kinds, first, measured, same, tiles, shared, own } of found.seen) {
      assert.deepEqual(kinds, ['drawn', 'measured', 'tiles', 'tiles']);
      assert.ok(same, 'another network of the same weights is the same');
      assert.deepEqual([first.pictures, first.filters[0].strongest, measured.pictures], [0, null, 1]);
      assert.deepEqual(
        [measured.shape, measured.stride],
        [
          [6, 3, 7, 5],
          [2, 3],
        ],
      );
      for (const name of ['rms', 'frequency', 'aliasing'])
        near(
          measured.filters.map((/** @type {any} */ one) => one[name]),
          floats(`golden.conv1.${name}`),
          name,
        );
      near(
        measured.filters.flatMap((/** @type {any} */ one) => one.bands),
        floats('golden.conv1.bands'),
        'bands',
      );
      assert.deepEqual(measured.mixture.histogram, GOLDEN.mixture.histogram);
      near(
        ['median_rms', 'weak', 'silent', 'frequency', 'spread', 'aliasing'].map((name) => measured.mixture[name]),
        ['median_rms', 'weak', 'silent', 'frequency', 'spread', 'aliasing'].map((name) => GOLDEN.mixture[name]),
        'together',
      );
      assert.equal(first.mixture.silent, null);
      // Only filters that answer are among the strongest.
      assert.deepEqual(
        tiles.map(([layer]) => layer),
        ['conv1', 'conv1', 'conv1', 'conv2', 'conv2', 'conv2'],
      );
      const strongest = measured.filters
        .map((/** @type {any} */ one) => one.strongest)
        .sort((/** @type {number} */ a, /** @type {number} */ b) => b - a);
      near(
        tiles.slice(0, 3).map((/** @type {any} */ one) => one[2]),
        strongest.slice(0, 3),
        'strongest',
      );
      assert.deepEqual(shared[0].slice(0, 2), [5, 7]);
      // On one scale the filter next to nothing is grey; on its own it is not.
      const range = (/** @type {number[]} */ rgba) =>
        Math.max(...rgba.filter((_, at) => at % 4 < 3)) - Math.min(...rgba.filter((_, at) => at % 4 < 3));
      assert.ok(range(shared[4][2]) < 12 && range(own[4]) > 200, `${range(shared[4][2])}, ${range(own[4])}`);
    }
    const strongest = found.seen[0].measured.filters.map((/** @type {any} */ one, /** @type {number} */ at) =>
      Math.max(one.strongest, found.seen[1].measured.filters[at].strongest),
    );
    near(strongest, floats('golden.conv1.strongest'), 'largest answers to both pictures');
    await close();
  });
}

test('numbers, pictures and table agree; the other network comes when it is wanted, and goes', async () => {
  const { page, server, faults, close } = await visitor(browser, { server: { also }, query: SMALL });
  await reached(page, 'done');
  const compare = page.locator('.beside-choice button');
  await compare.waitFor();
  const json = await numbers(page);
  assert.deepEqual([json.networks.length, json.networks[0].network, json.weak_below], [1, 'golden-filters', 0.1]);
  const [{ filters, layers }] = json.networks;
  near(
    filters.filters.map((/** @type {any} */ one) => one.frequency),
    floats('golden.conv1.frequency'),
    'frequency',
  );
  assert.deepEqual(
    layers.map((/** @type {any} */ one) => one.layer),
    ['conv1', 'conv2'],
  );
  // One of six is dead and another silent here, and the page says so apart: in words, in a bar for each step of frequency, and with a frame.
  const said = (/** @type {string} */ of) => page.locator(`.filter-numbers [data-of=${of}]`).innerText();
  assert.match(
    await said('dead'),
    /^17% dead filters\s+17% have weights next to nothing \(below 10% of the median\)\.$/,
  );
  assert.match(
    await said('silent'),
    /^17% silent on this picture\s+Nothing in this picture activates them; another one may/,
  );
  const { life } = json.networks[0];
  assert.deepEqual(
    [life.dead, life.weak, life.silent, life.silent_in_training, life.training_pictures],
    [1 / 6, 1 / 6, 1 / 6, null, null],
  );
  const bars = await page
    .locator('.histogram rect')
    .evaluateAll((all) => all.map((one) => Number(one.getAttribute('height'))));
  assert.deepEqual(
    bars.map((tall) => tall > 0),
    GOLDEN.mixture.histogram.map((/** @type {number} */ count) => count > 0),
  );
  const bank = page.locator('canvas[data-view=filter-bank]').first();
  const framed = (/** @type {number} */ at) =>
    bank.evaluate((/** @type {HTMLCanvasElement} */ canvas, at) => {
      const [wide, middle] = [canvas.width / 12, canvas.height / 2];
      const pixel =
        canvas.getContext('2d')?.getImageData(Math.round(at * wide + wide * 0.1), Math.round(middle), 1, 1).data ?? [];
      return pixel[0] === 0xe8 && pixel[1] === 0x59;
    }, at);
  assert.deepEqual(await Promise.all([0, 1, 2, 3, 4, 5].map(framed)), [false, false, false, false, true, false]);
  await page.locator('.bank .keypad').first().focus();
  await page.keyboard.press('End');
  const line = page.locator('.one-filter').first();
  assert.match(await line.innerText(), /^Filter 5: .*, silent on this picture$/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await line.innerText(), /^Filter 4: .*, weak$/);

  assert.deepEqual(
    server.asked.filter((path) => path.includes('other')),
    [],
    'nothing of the other network was fetched',
  );
  assert.equal(await compare.innerText(), 'Compare with Other, 0.1 MB');
  await compare.press('Enter');
  assert.equal(await compare.innerText(), 'Hide Other', 'what the next press does');
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('data-beside')),
    OTHER,
    'the keys stay on it',
  );
  await page.waitForFunction((name) => document.querySelector(`.network-column[data-network=${name}]`), OTHER);
  await reached(page, 'done');
  assert.deepEqual(await names(page), ['golden-filters', OTHER]);
  assert.equal(word(page, 'filters.with'), OTHER);
  const both = await numbers(page);
  assert.deepEqual(both.networks[0], json.networks[0], 'the first is as it was');
  assert.deepEqual(
    [both.networks[1].network, both.networks[1].filters.shape, both.networks[1].filters.stride],
    [OTHER, [3, 3, 3, 3], [1, 1]],
  );
  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((row) => row.split(','));
  assert.deepEqual(head, [
    'network',
    'filter',
    'rms',
    'weak',
    'silent',
    'frequency',
    'low',
    'between',
    'high',
    'aliasing',
    'strongest',
    'aliasing_on_pictures',
    'dead',
  ]);
  assert.deepEqual(
    rows.map((row) => [row[0], Number(row[2])]),
    both.networks.flatMap((/** @type {any} */ { network, filters }) =>
      filters.filters.map((/** @type {any} */ one) => [network, one.rms]),
    ),
  );
  const { words, pictures } = await figure(page);
  // Of both networks the filters and two layers.
  assert.equal(pictures, 6);
  for (const said of [
    ...both.networks.map((/** @type {any} */ { network }) => network),
    'Two networks on one photograph',
  ])
    assert.ok(words.includes(said), `${said}: ${words}`);
  // Brightness is a matter of drawing: nothing is asked again, and both are drawn anew.
  const before = await bank.evaluate((/** @type {HTMLCanvasElement} */ canvas) => canvas.toDataURL());
  await page.locator('.filters .segmented').getByText('Shared', { exact: true }).click();
  await page.waitForFunction(
    (before) =>
      /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=filter-bank]')).toDataURL() !== before,
    before,
  );
  assert.equal(await page.locator('.experiment.filters').getAttribute('data-state'), 'done');

  server.asked.length = 0;
  await page.reload();
  await page.waitForFunction((name) => document.querySelector(`.network-column[data-network=${name}]`), OTHER);
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).networks, both.networks);
  await compare.click();
  await page.waitForFunction(() => !location.hash.includes('filters.with'));
  await reached(page, 'done');
  assert.deepEqual(await names(page), ['golden-filters']);
  assert.equal(await compare.innerText(), 'Compare with Other, 0.1 MB');
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('.network-column:not([hidden])').length === 2);
  assert.equal(await compare.innerText(), 'Hide Other', 'and after Back as well');
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).networks, both.networks);
  assert.deepEqual(faults, []);
  await close();
});

test('Cancel stops while the other network is on its way, and starting again goes on from what is there', async () => {
  const shut = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (path === 'nets/other.safetensors') await shut.opened;
    return body;
  };
  const { page, close } = await visitor(browser, { server: { also, alter }, query: SMALL });
  await reached(page, 'done');
  await page.locator('.beside-choice button').click();
  await page.getByText(/^Loading Other/).waitFor();
  await page.locator('.filters .progress').getByRole('button', { name: 'Cancel' }).click();
  await reached(page, 'stopped');
  assert.equal((await numbers(page)).networks.length, 1, 'what is there stays');
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, /^conv2 /);
  shut.open();
  await page.goBack();
  await reached(page, 'stopped');
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.waitForFunction((name) => document.querySelector(`.network-column[data-network=${name}]`), OTHER);
  await reached(page, 'done');
  assert.equal((await numbers(page)).networks.length, 2);
  await close();
});

test('the bundled network and AlexNet: 7×7 by 2 against 11×11 by 4, in parts, stopped and begun again', async () => {
  const { page, server, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=coffee' });
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  // The filters are here before what the layers answered to; there it is stopped.
  await page.evaluate(() => {
    new MutationObserver((_, watch) => {
      const column = document.querySelector('.network-column[data-network=zfnet-everyday]');
      if (!column || column.querySelector('.strong-tiles canvas')) return;
      watch.disconnect();
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-network'] });
  });
  await page.getByRole('tab', { name: 'Filters', exact: true }).click();
  await reached(page, 'stopped');
  assert.ok((await colours(page.locator('canvas[data-view=filter-bank]').first())) > 50);
  assert.equal(await page.locator('.strong-tiles canvas').count(), 0);
  await page.getByRole('button', { name: 'Start again' }).click();
  await reached(page, 'done');
  assert.deepEqual(
    server.asked.filter((path) => path.includes('alexnet')),
    [],
  );
  await page.locator('.beside-choice [data-beside=alexnet-everyday]').click();
  await page.waitForFunction(
    () =>
      document.querySelectorAll('.network-column[data-network=alexnet-everyday] .strong-tiles canvas').length === 32,
  );
  await reached(page, 'done');
  const { networks } = await numbers(page);
  const [zf, alex] = networks;
  // Some filters have nothing to say of this picture, and all of them answer to some picture of the training.
  assert.ok(zf.life.silent > 0 && zf.life.dead === 0, JSON.stringify(zf.life));
  assert.deepEqual(
    [zf.life.silent_in_training, zf.life.training_pictures, alex.life.silent_in_training],
    [0, 11409, null],
  );
  assert.match(
    await page.locator('.filter-numbers [data-of=dead]').first().innerText(),
    /^0% dead filters\s+0% .*; 0% are activated by none of the 11,409 training pictures/,
  );
  assert.deepEqual(
    [zf.filters.shape, zf.filters.stride, alex.filters.shape, alex.filters.stride],
    [
      [96, 3, 7, 7],
      [2, 2],
      [96, 3, 11, 11],
      [4, 4],
    ],
  );
  assert.deepEqual(
    zf.layers.map((/** @type {any} */ one) => [one.layer, one.field, one.units.length]),
    [
      ['conv1', [7, 7], 16],
      ['conv2', [27, 27], 16],
    ],
  );
  assert.deepEqual(
    alex.layers.map((/** @type {any} */ one) => [one.layer, one.field]),
    [
      ['conv1', [11, 11]],
      ['conv2', [51, 51]],
    ],
  );
  assert.ok(
    alex.filters.mixture.aliasing_on_pictures > 2 * zf.filters.mixture.aliasing_on_pictures,
    'what the paper saw: the larger stride aliases',
  );
  assert.deepEqual(
    server.asked.filter((path) => path.includes('alexnet')),
    ['weights/alexnet/manifest.json', 'weights/alexnet/alexnet-everyday.features.i8.safetensors'],
    'only what is needed of it',
  );
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, {
      server: { also },
      context,
      query: `${SMALL}&filters.with=${OTHER}`,
    });
    await page.waitForFunction((name) => document.querySelector(`.network-column[data-network=${name}]`), OTHER);
    await reached(page, 'done');
    await isSound(page);
    await close();
  });
}
