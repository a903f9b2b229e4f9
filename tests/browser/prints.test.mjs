// What stands at first sight and beside a projection: which units the prints show, a map's nine, colour and luminance.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch } from './harness.mjs';
import { download, numbers, projected, sample, visitor } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const LAYERS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'];

/** What every print shows, once all are drawn. @param {Page} page @returns {Promise<string[]>} */
async function prints(page) {
  await page.waitForFunction(
    (count) => document.querySelectorAll('.journey .print[data-of]').length === count,
    LAYERS.length,
  );
  return page.locator('.journey .print').evaluateAll((all) => all.map((one) => one.dataset.of ?? ''));
}

/** What stands beside the projection is fetched when it is near. @param {Page} page */
const strip = (page) => page.locator('.of-map').scrollIntoViewIfNeeded();

/** Whether everything on a canvas is grey. @param {Page} page @param {string} selector */
const isGrey = (page, selector) =>
  page.locator(selector).evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    for (let at = 0; at < pixels.length; at += 4)
      if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return false;
    return true;
  });

test('of a layer come first the units that the border does not cut, whose map is selective, one at each place', async () => {
  const { page, close } = await visitor(browser);
  const found = await page.evaluate(async () => {
    const { choose } = await import(new URL('lens/experiments/prints/choice.js', document.baseURI).href);
    /** @type {{ size: [number, number], stride: [number, number], offset: [number, number] }} */
    const field = { size: [40, 40], stride: [10, 10], offset: [-15, -15] };
    const unit = (/** @type {number[]} */ [map, row, col, activation]) => ({ map, row, col, activation });
    const units = [
      [0, 0, 0, 9],
      [1, 4, 4, 5],
      [2, 4, 5, 4],
      [3, 8, 2, 3],
      [4, 6, 8, 0],
      [5, 5, 7, 2],
    ].map((one) => unit(/** @type {number[]} */ (one)));
    const maps = (/** @type {any} */ table) =>
      choose(units, { field }, [100, 100], table).map((/** @type {any} */ one) => one.map);
    return {
      unknown: maps(null),
      // The nine of map 2 are of one class, those of map 1 of nine.
      known: maps({ alike: '919999', strongest: [9, 5, 5, 30, 1, 2] }),
      silent: choose([unit([0, 1, 1, 0])], { field }, [100, 100], null),
      large: choose(
        [unit([0, 1, 1, 3]), unit([1, 5, 5, 2])],
        { field: { ...field, size: [120, 120], offset: [-20, -20] } },
        [100, 100],
        null,
      ).length,
    };
  });
  assert.deepEqual(found.unknown, [1, 5, 0, 3], 'map 2 is where map 1 is; the first and the fourth are cut');
  assert.deepEqual(found.known, [2, 5, 0, 3], 'map 1 is where map 2 is');
  assert.deepEqual(found.silent, []);
  assert.ok(found.large >= 1, 'where every field is larger than the picture, something is shown all the same');
  await close();
});

test('a print leads to exactly what it shows, and its runner-ups come one by one', async () => {
  const { page, faults, close } = await visitor(browser);
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  const first = await prints(page);
  await projected(page, new RegExp(`^${first.at(-1)}$`));
  assert.equal(
    await page.locator('.journey .print.chosen').getAttribute('data-of'),
    first.at(-1),
    'what a visit begins with is the last print',
  );
  const begun = new URLSearchParams(new URL(page.url()).hash.slice(1));
  const named = begun.get('whole') ? [begun.get('map')] : [begun.get('map'), begun.get('unit')];
  assert.equal(`${begun.get('layer')} ${named.join(',')}`, first.at(-1), 'and the address says so');
  for (const [at, layer] of LAYERS.entries()) {
    assert.match(first[at] ?? '', new RegExp(`^${layer} `));
    const words = await page.locator('.journey .print .words').nth(at).innerText();
    assert.match(words, /map \d+ · up to \d+\s×\s\d+\spx$/, 'it says what was looked at');
    await page.locator('.journey .print').nth(at).click();
    await projected(page, new RegExp(`^${first[at]}$`));
  }
  const next = page.getByRole('button', { name: /^conv3: unit/ });
  const address = page.url();
  const seen = [first[2]];
  const count = Number((await next.innerText()).split('/')[1]);
  assert.ok(count > 1, `${count} units`);
  await next.focus();
  for (let at = 1; at < count; at++) {
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      (before) => document.querySelector('button[data-layer=conv3]')?.getAttribute('data-of') !== before,
      seen.at(-1),
    );
    assert.equal((await next.innerText()).trim(), `${at + 1}/${count}`);
    seen.push((await prints(page))[2]);
  }
  assert.equal(new Set(seen).size, count, 'no unit comes twice');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`button[data-layer=conv3][data-of="${first[2]}"]`);
  assert.equal(page.url(), address, 'looking at another print chooses nothing');
  const others = await prints(page);
  assert.deepEqual([...others.slice(0, 2), ...others.slice(3)], [...first.slice(0, 2), ...first.slice(3)]);
  // Without a map the layer's strongest unit is inspected, as ever.
  await page.evaluate(
    () => (location.hash = location.hash.replace(/&(map|unit|whole)=[^&]*/g, '').replace(/layer=\w+/, 'layer=conv4')),
  );
  const of = await projected(page, /^conv4 /);
  const { strongest } = await numbers(page);
  const units = strongest.find((/** @type {any} */ { layer }) => layer === 'conv4').strongest;
  const best = units.reduce((/** @type {any} */ a, /** @type {any} */ b) => (b.activation > a.activation ? b : a));
  assert.equal(of, `conv4 ${best.map},${best.row},${best.col}`);
  assert.deepEqual(faults, []);
  await close();
});

test("a map's nine stand beside its projection, and lead to its tabs", async () => {
  const { page, server, faults, close } = await visitor(browser, {
    query: '?backend=cpu#v=1&sample=cat&layer=conv5&map=6',
  });
  await projected(page, /^conv5 6,/);
  await strip(page);
  await page.waitForSelector('.strip-row[data-drawn="conv5 6"]');
  assert.equal(await page.locator('.strip-row canvas').count(), 9);
  const share = Number(
    /This unit: ([\d.]+) of its strongest/.exec(await page.locator('.strip-answer').innerText())?.[1],
  );
  const { projection } = await numbers(page);
  assert.ok(Math.abs(share - projection.activation / 419.80682) < 0.01, `${share} of ${projection.activation}`);
  const fetched = () => server.asked.filter((path) => path.includes('/gallery/'));
  assert.deepEqual(fetched(), ['weights/gallery/gallery.json', 'weights/gallery/conv5.projections.jpg']);
  // The whole map is a switch that stays when another map is chosen.
  await page.getByText('Whole map', { exact: true }).click();
  await projected(page, /^conv5 6$/);
  assert.match(await page.locator('.strip-answer').innerText(), /^This picture: /);
  await page.locator('.explorer .keypad').click({ position: { x: 20, y: 20 } });
  await page.mouse.move(2, 2);
  const other = await projected(page, /^conv5 (?!6$)\d+$/);
  await strip(page);
  assert.ok(page.url().includes('whole=1'));
  await page.waitForSelector(`.strip-row[data-drawn="${other}"]`);
  for (const [name, view] of [
    ['Top nine', 'top'],
    ['Favourite', 'favourite'],
  ]) {
    await page.locator('.of-map').getByRole('button', { name }).click();
    await page.waitForSelector(`.experiment.${view}`);
    assert.ok(page.url().includes(`tab=${view}`) && page.url().includes(`map=${other.split(' ')[1]}`), page.url());
    await page.goBack();
    await projected(page, new RegExp(`^${other}$`));
  }
  assert.deepEqual(fetched().slice(2), ['weights/gallery/conv5.patches.webp'], 'the tabs want the photographs besides');
  assert.deepEqual(faults, []);
  await close();
});

test('where there is no gallery there is no strip, and nobody asks for one', async () => {
  const { page, server, faults, close } = await visitor(browser, {
    query: '?backend=cpu#v=1&net=alexnet-everyday&sample=cat',
  });
  await projected(page, /^conv5 /);
  await strip(page);
  await page.waitForSelector('.nine-beside-print', { state: 'attached' });
  assert.ok(await page.locator('.nine-beside-print').isHidden());
  assert.ok(await page.locator('.of-map').getByRole('button', { name: 'Favourite' }).isVisible());
  await page.waitForLoadState('networkidle');
  assert.deepEqual(
    server.asked.filter((path) => path.includes('/gallery/')),
    [],
  );
  assert.deepEqual(faults, []);
  await close();
});

test('projections can be seen by their luminance: prints, inspector, mosaic, strip and what is saved', async () => {
  const { page, faults, close } = await visitor(browser, {
    query: '?backend=cpu#v=1&sample=flower&layer=conv1&map=3&show=projections',
  });
  await projected(page, /^conv1 3,/);
  await prints(page);
  assert.match(await page.locator('.reading .note').innerText(), /signed change in each channel/);
  await strip(page);
  const hero = 'canvas[data-view=projection]';
  const all = [hero, '.journey .place:first-child canvas:first-child', '.stage .overlay'];
  await page.waitForSelector('.strip-row[data-drawn]');
  const coloured = await Promise.all(all.map((one) => isGrey(page, one)));
  assert.ok(coloured.includes(false), 'there is colour to lose');
  const before = await page
    .locator(hero)
    .evaluate((/** @type {any} */ one) => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]);
  await page.getByText('Luminance', { exact: true }).click();
  assert.ok(page.url().includes('colour=grey'));
  for (const one of all) assert.ok(await isGrey(page, one), one);
  const now = await page
    .locator(hero)
    .evaluate((/** @type {any} */ one) => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]);
  for (let at = 0; at < before.length; at += 4)
    assert.ok(Math.abs(now[at] - (0.2126 * before[at] + 0.7152 * before[at + 1] + 0.0722 * before[at + 2])) <= 0.51);
  await page.waitForSelector('.explorer[aria-busy=false]');
  assert.ok((await download(page, 'Save as picture')).length > 10_000);
  assert.equal((await numbers(page)).view.colour, 'grey');
  await page.waitForSelector('.strip-row[data-drawn]');
  assert.ok(await isGrey(page, '.strip-row li:first-child canvas'));
  // The address alone brings it back.
  await page.reload();
  await projected(page, /^conv1 3,/);
  await prints(page);
  for (const one of all) assert.ok(await isGrey(page, one), `${one} after a reload`);
  await page.getByText('Colour', { exact: true }).click();
  assert.ok(!page.url().includes('colour='));
  assert.deepEqual(await Promise.all(all.map((one) => isGrey(page, one))), coloured);
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { context, query: '?backend=cpu#v=1&sample=cat&layer=conv5' });
    await projected(page, /^conv5 /);
    await prints(page);
    const grip = page.locator('.inspector .grip');
    if (await grip.isVisible()) await grip.click();
    await strip(page);
    await page.waitForSelector('.strip-row[data-drawn]');
    await isSound(page);
    await close();
  });
}
