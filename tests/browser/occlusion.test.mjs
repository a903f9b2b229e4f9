// The Occlusion tab: PyTorch's numbers, laws, maps that fill coarse first, the square in the hand, Cancel, address, exports.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch } from './harness.mjs';
import { colours, download, figure, numbers, projected, reaches, visitor, word } from './visitor.mjs';

const FILE = readFileSync(new URL('../golden/experiments/experiments.safetensors', import.meta.url));
const START = 8 + Number(FILE.readBigUInt64LE(0));
const HEADER = JSON.parse(FILE.subarray(8, START).toString());
const GOLDEN = JSON.parse(HEADER.__metadata__.golden).occlusion;
const SIDE = 28;
const also = { 'nets/small.safetensors': FILE };
const SMALL = '?weights=nets/small.safetensors&backend=cpu#v=1&tab=occlusion&sample=cat';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** A tensor of the golden file. @param {string} name */
function stored(name) {
  const {
    dtype,
    data_offsets: [from, to],
  } = HEADER[name];
  const bytes = FILE.subarray(START + from, START + to);
  if (dtype === 'U8') return [...bytes];
  const read = (/** @type {number} */ at) => (dtype === 'I32' ? bytes.readInt32LE(at) : bytes.readFloatLE(at));
  return Array.from({ length: bytes.length / 4 }, (_, index) => read(4 * index));
}

/** The golden file's first picture, pixel by pixel. */
function picture() {
  const planes = stored('golden.pictures');
  const plane = SIDE * SIDE;
  return Array.from({ length: plane }, (_, at) => [planes[at], planes[plane + at], planes[2 * plane + at], 255]).flat();
}

/** @param {number[]} found @param {number[]} expected @param {number} tolerance @param {string} what */
function near(found, expected, tolerance, what) {
  assert.equal(found.length, expected.length, what);
  found.forEach((one, at) =>
    assert.ok(Math.abs(one - expected[at]) <= tolerance, `${what} ${at}: ${one}, not ${expected[at]}`),
  );
}

const reached = reaches('occlusion');

/** Waits until it is told what is seen with the square where it is. @param {Page} page @param {string} [square] */
async function seen(page, square) {
  const found = await page.waitForFunction((wanted) => {
    const { square, seen } = /** @type {HTMLElement} */ (document.querySelector('.occlusion-board'))?.dataset ?? {};
    return square && seen === square && (!wanted || square === wanted) && square;
  }, square);
  return /** @type {string} */ (await found.jsonValue()).split(',').map(Number);
}

/** What the table beside the picture says. @param {Page} page @param {string} of */
const value = async (page, of) =>
  Number(await page.locator(`.seen tr[data-of=${of}] [data-value]`).getAttribute('data-value'));

for (const module of ['cpu', 'webgpu']) {
  test(`the ${module} module finds what PyTorch found, and what a picture that is really covered gives`, async () => {
    const { page, close } = await visitor(browser);
    const found = await page.evaluate(
      async ({ module, weights, pixels, side, settings }) => {
        const zfnet = await import(new URL(`pkg/${module}/zfnet_web.js`, document.baseURI).href);
        await zfnet.default();
        const engine = await zfnet.Engine.create();
        const info = await engine.loadShard(Uint8Array.from(atob(weights), (c) => c.charCodeAt(0)));
        const { lookOf } = await import(new URL('lens/engine/model.js', document.baseURI).href);
        const look = async (/** @type {number[]} */ rgba) => {
          engine.openPixels(side, side, Uint8Array.from(rgba));
          return lookOf(await engine.look(null));
        };
        const seen = await look(pixels);
        const ask = { ...settings, map: null, class: null, batch: 5 };
        /** @type {any[]} */
        const parts = [];
        const { numbers: whole } = await engine.occlusion(ask, [], async (/** @type {any} */ part) =>
          parts.push({ done: part.done, fresh: [...part.fresh] }),
        );
        const { numbers: stopped } = await engine.occlusion(ask, [], async () => false);
        const corners = [
          [0, 0],
          [6, 9],
          [5, 2],
        ];
        const at = [];
        for (const [top, left] of corners)
          at.push(await engine.occlusionAt({ top, left, settings: ask }, [], async () => true));
        // The network's own answer to pictures with the square painted on them.
        const painted = [];
        for (const [top, left] of corners) {
          const rgba = [...pixels];
          for (let row = top; row < top + settings.size; row++) {
            for (let col = left; col < left + settings.size; col++)
              rgba.splice(4 * (row * side + col), 3, ...settings.fill.colour);
          }
          const { classes } = await look(rgba);
          const { rows, cols, values } = await engine.maps(settings.layer, 'own');
          const map = values.subarray(whole.map * rows * cols, (whole.map + 1) * rows * cols);
          painted.push({
            classes,
            map: [...map],
            sum: map.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0),
          });
        }
        await look(pixels);
        const { row, col } = seen.layers.find((/** @type {any} */ one) => one.layer === settings.layer).strongest[
          whole.map
        ];
        const [here] = await engine.projectUnits(
          settings.layer,
          Uint32Array.of(whole.map, row, col),
          'deconvnet',
          'quantile',
          undefined,
        );
        const further = { bytes: Uint8Array.from(pixels), pixels: { width: side, height: side }, crop: null };
        const elsewhere = await engine.occlusionElsewhere(
          { layer: settings.layer, map: whole.map, rule: 'deconvnet', stretch: 'quantile' },
          [further, further],
          async () => true,
        );
        const same = (/** @type {any} */ a, /** @type {any} */ b) =>
          a.rgba.length > 0 &&
          a.rgba.length === b.rgba.length &&
          a.rgba.every((/** @type {number} */ one, /** @type {number} */ index) => one === b.rgba[index]);
        const list = (/** @type {any} */ one) => ({ ...one, answers: [...one.answers], uncovered: [...one.uncovered] });
        const result = {
          classes: info.layers.at(-1).shape[0],
          whole,
          stopped: stopped.activity.flat().filter((/** @type {number | null} */ one) => one !== null).length,
          parts,
          at: at.map(list),
          painted,
          elsewhere: elsewhere.map((/** @type {any} */ one) => [
            one.unit,
            one.activation,
            same(one.projection, here.projection),
            same(one.patch, here.patch),
          ]),
          here: [here.unit, here.activation],
        };
        engine.free();
        return result;
      },
      { module, weights: FILE.toString('base64'), pixels: picture(), side: SIDE, settings: GOLDEN.settings },
    );
    const { whole, parts } = found;
    assert.deepEqual([whole.map, whole.class, whole.grid], [GOLDEN.map, GOLDEN.class, [8, 8]]);
    near([whole.uncovered.activity], [GOLDEN.activity], 1e-4 * GOLDEN.activity, 'without a square');
    near(whole.activity.flat(), stored('golden.occlusion.activity'), 1e-4 * GOLDEN.activity, 'activity');
    near(whole.probability.flat(), stored('golden.occlusion.probability'), 1e-4, 'probability');
    assert.deepEqual(whole.label.flat(), stored('golden.occlusion.label'));
    assert.deepEqual(whole.positions.slice(0, 3).flat(), [0, 0, 0, 3, 0, 6]);
    // Coarse first: of a grid of eight by eight, one place alone is on the coarsest.
    assert.deepEqual([parts[0].fresh, parts[0].done, parts.at(-1).done], [[0], 1, 64]);
    assert.ok(found.stopped >= 1 && found.stopped <= 5, `${found.stopped} places came before it was stopped`);
    for (const [index, { classes, map, sum }] of found.painted.entries()) {
      const at = found.at[index];
      near([at.activity], [sum], 1e-4 * GOLDEN.activity, 'a painted square');
      near(at.answers, map, 1e-4 * GOLDEN.activity, 'its map');
      near(
        at.classes.map((/** @type {any} */ one) => one.probability),
        classes.slice(0, 5).map((/** @type {any} */ one) => one.probability),
        1e-4,
        'its classes',
      );
      assert.equal(at.label, classes[0].index);
    }
    assert.deepEqual(
      found.elsewhere,
      Array(2).fill([...found.here, true, true]),
      'the same picture elsewhere is the same',
    );
    await close();
  });
}

test('maps, table and pictures agree; the square goes where it is put, by map, by hand and by keys; the address keeps it', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: SMALL });
  await reached(page, 'done');
  await seen(page);
  const json = await numbers(page);
  // Lengths follow the input: an eighth of those of 224 pixels.
  assert.deepEqual(json.settings, { size: 6, stride: 1, fill: 'grey', class: null, watch: 'strongest', layer: null });
  assert.deepEqual([json.grid, json.positions.length, json.done], [[23, 23], 529, 529]);
  const flat = json.activity.flat();
  assert.ok(new Set(flat).size > 100, 'the map is not flat');
  assert.equal(
    json.legend.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.positions, 0),
    529,
  );
  for (const { class: one, positions } of json.legend)
    assert.equal(json.label.flat().filter((/** @type {number} */ label) => label === one.index).length, positions);
  assert.equal(await page.locator('.legend li').count(), json.legend.length);
  assert.ok((await colours(page.locator('canvas[data-view=occlusion-activity]'))) > 20);
  assert.equal(await colours(page.locator('canvas[data-view=occlusion-label]')), json.legend.length);

  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.deepEqual(head, ['top', 'left', 'activity', 'probability', 'label', 'label_name']);
  assert.deepEqual(
    rows.map((row) => row.slice(0, 5).map((cell) => Math.fround(Number(cell)))),
    json.positions.map(([top, left], at) => [top, left, flat[at], json.probability.flat()[at], json.label.flat()[at]]),
  );
  const { words, pictures } = await figure(page);
  // Five panels, two scales, and the strongest unit with its projection.
  assert.equal(pictures, 9);
  for (const said of [
    'What a square of 6 × 6 pixels hides',
    '23 × 23 places, 1 pixels apart',
    'mid grey',
    'this picture',
  ])
    assert.ok(words.includes(said), `${said}: ${words}`);
  const nameOf = (/** @type {any} */ one) => one.en ?? `class ${one.index}`;
  for (const { class: one } of json.legend.slice(0, 5)) assert.ok(words.includes(nameOf(one)), nameOf(one));

  // A click into a map puts the square there, and the numbers beside the picture are those of that place.
  const map = page.locator('canvas[data-view=occlusion-probability]');
  await map.scrollIntoViewIfNeeded();
  const box = /** @type {{ x: number, y: number, width: number, height: number }} */ (await map.boundingBox());
  await page.mouse.click(box.x + (4.5 / 23) * box.width, box.y + (17.5 / 23) * box.height);
  assert.deepEqual(await seen(page, '17,4'), [17, 4]);
  await page.waitForFunction(() => location.hash.includes('occlusion.at=17,4'));
  near(
    [await value(page, 'activity'), await value(page, 'probability')],
    [json.activity[17][4], json.probability[17][4]],
    1e-3,
    'a click',
  );
  // Pointing elsewhere shows that place, and leaving returns.
  await page.mouse.move(box.x + (10.5 / 23) * box.width, box.y + (2.5 / 23) * box.height);
  await seen(page, '2,10');
  near([await value(page, 'activity')], [json.activity[2][10]], 1e-3, 'pointing');
  assert.equal(word(page, 'occlusion.at'), '17,4');
  await page.mouse.move(box.x + 20, box.y - 60);
  await seen(page, '17,4');
  // Keys in a map go from place to place.
  await page.locator('.occlusion .keypad').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  await seen(page, '16,5');
  await page.waitForFunction(() => location.hash.includes('occlusion.at=16,5'));

  // By hand: the bars follow, and the address has the place once the hand lets go.
  const shares = () =>
    page.locator('.shares li').evaluateAll((all) => all.map((one) => `${one.dataset.class} ${one.dataset.share}`));
  const cover = page.locator('.cover');
  await cover.scrollIntoViewIfNeeded();
  const photo = /** @type {{ x: number, y: number, width: number, height: number }} */ (
    await page.locator('canvas[data-view=occlusion-photo]').boundingBox()
  );
  const pixel = photo.width / SIDE;
  const middle = async () => {
    const square = /** @type {{ x: number, y: number, width: number, height: number }} */ (await cover.boundingBox());
    return [square.x + square.width / 2, square.y + square.height / 2];
  };
  const [x = 0, y = 0] = await middle();
  const before = await shares();
  assert.ok(before.length >= 4);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 6 * pixel, y - 9 * pixel, { steps: 4 });
  await seen(page, '7,11');
  assert.equal(word(page, 'occlusion.at'), '16,5', 'not while it is held');
  assert.notDeepEqual(await shares(), before);
  await page.mouse.up();
  await page.waitForFunction(() => location.hash.includes('occlusion.at=7,11'));
  near([await value(page, 'activity')], [json.activity[7][11]], 1e-3, 'by hand');
  await page.keyboard.press('Shift+ArrowLeft');
  await seen(page, '7,10');
  const label = (await cover.getAttribute('aria-label')) ?? '';
  assert.match(label, /row 7, column 10/);

  // To the lowest place with one button, back with the browser's, and the same again after a reload.
  await page.locator('[data-lowest=activity]').click();
  const lowest = flat.indexOf(Math.min(...flat));
  await seen(page, json.positions[lowest].join(','));
  await page.goBack();
  await seen(page, '7,10');
  await page.reload();
  await reached(page, 'done');
  await seen(page, '7,10');
  const again = await numbers(page);
  assert.deepEqual(
    [again.activity, again.label, again.legend, again.square.top],
    [json.activity, json.label, json.legend, 7],
  );
  assert.deepEqual(faults, []);
  await close();
});

test('a square that is there already changes nothing, and settings change what is asked', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: SMALL });
  await reached(page, 'done');
  const sampled = await numbers(page);
  for (const fill of ['White', 'Mean']) {
    await page.locator('.occlusion .segmented').getByText(fill, { exact: true }).click();
    await page.waitForFunction((fill) => location.hash.includes(`occlusion.fill=${fill.toLowerCase()}`), fill);
    await reached(page, 'done');
    const found = await numbers(page);
    assert.equal(found.settings.fill, fill.toLowerCase());
    assert.notDeepEqual(found.activity, sampled.activity);
    assert.deepEqual(found.uncovered, sampled.uncovered);
  }
  await page.locator('.occlusion .segmented').getByText('Grey', { exact: true }).click();
  const grey = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 40);
    const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    pen.fillStyle = '#808080';
    pen.fillRect(0, 0, 40, 40);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())];
  });
  await page.setInputFiles('.lens > input[type=file]', {
    name: 'grey.png',
    mimeType: 'image/png',
    buffer: Buffer.from(grey),
  });
  await page.waitForFunction(() => !location.hash.includes('sample='));
  await reached(page, 'done');
  const found = await numbers(page);
  const { activity } = found.uncovered;
  const { probability, label } = found.uncovered.class;
  assert.ok(activity > 0);
  near(found.activity.flat(), Array(529).fill(activity), 1e-4 * activity, 'grey under grey');
  near(found.probability.flat(), Array(529).fill(probability), 1e-5, 'grey under grey');
  assert.deepEqual(
    found.legend.map((/** @type {any} */ one) => [one.class.index, one.positions]),
    [[label, 529]],
  );
  assert.ok(!page.url().includes('grey'), "no picture of one's own is in the address");
  assert.deepEqual(faults, []);
  await close();
});

test('further pictures show what the map answers to there, and stay in the address', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: SMALL });
  const elsewhere = () =>
    page
      .locator('.elsewhere figure')
      .evaluateAll((all) => all.map((one) => `${one.dataset.of} ${one.dataset.activation}`));
  const count = (/** @type {number} */ wanted) =>
    page.waitForFunction((wanted) => document.querySelectorAll('.elsewhere figure').length === wanted, wanted);
  await reached(page, 'done');
  await count(1);
  const { activity } = await numbers(page);
  await page.locator('.album [data-sample=daisy]').click();
  await count(2);
  const found = await elsewhere();
  assert.match(found[1] ?? '', /^daisy [\d.]+$/);
  await page.waitForFunction(() => location.hash.includes('others=daisy'));
  const { elsewhere: told } = await numbers(page);
  assert.deepEqual(
    told.map((/** @type {any} */ one) => `${one.picture} ${one.activation}`),
    found,
  );
  await page.reload();
  await reached(page, 'done');
  await count(2);
  assert.deepEqual(await elsewhere(), found);
  assert.deepEqual((await numbers(page)).activity, activity, 'further pictures change nothing of the maps');
  await page.locator('.album figure button').click();
  await count(1);
  await page.waitForFunction(() => !location.hash.includes('others='));
  assert.deepEqual(faults, []);
  await close();
});

test('the bundled network: opened by its button, filled coarse first, stopped, alive, and asked again', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat' });
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  await page.getByRole('tab', { name: 'Occlusion', exact: true }).click();
  await reached(page, 'running');
  const progress = page.locator('.occlusion progress');
  await page.waitForFunction(() => Number(document.querySelector('.occlusion progress')?.getAttribute('value')) > 0);
  assert.ok(Number(await progress.getAttribute('value')) < 1, 'parts come before the end');
  assert.ok((await colours(page.locator('canvas[data-view=occlusion-activity]'))) > 1);
  await page.keyboard.press('Escape');
  await reached(page, 'stopped');
  const stopped = await numbers(page);
  const known = stopped.activity.flat().filter((/** @type {number | null} */ one) => one !== null).length;
  assert.ok(known === stopped.done && known > 0 && known < 529, `${known} of 529 places`);
  // The page goes on: the square moves, and the network answers.
  await page.locator('.cover').focus();
  await page.keyboard.press('ArrowLeft');
  await seen(page, '88,80');
  assert.equal(await page.locator('.shares li').count(), 5);

  await page.goto(page.url().replace(/#.*/, '#v=1&tab=occlusion&sample=cat&occlusion.size=96&occlusion.stride=32'));
  await reached(page, 'done', 120_000);
  const json = await numbers(page);
  assert.deepEqual([json.layer, json.grid, json.done], ['conv5', [5, 5], 25]);
  const { index, en } = json.watched;
  assert.deepEqual([json.class, index], [json.uncovered.class.label, json.class]);
  assert.deepEqual(
    { en },
    {
      en: await page.locator('[data-view=classes] .class-name').first().innerText(),
    },
  );
  const shown = await page.locator('.legend li').allInnerTexts();
  assert.deepEqual(
    shown,
    json.legend.map((/** @type {any} */ one) => `${one.class.en} · ${one.positions} places`),
  );
  assert.match(
    (await page.locator('canvas[data-view=occlusion-projection]').getAttribute('aria-label')) ?? '',
    new RegExp(`map ${json.map} of conv5`),
  );
  assert.ok((await colours(page.locator('canvas[data-view=occlusion-projection]'))) > 50);

  // Cancel by its button; starting again begins anew.
  await page.locator('.occlusion input[type=range]').first().fill('48');
  await reached(page, 'running');
  await page.locator('.occlusion').getByRole('button', { name: 'Cancel' }).click();
  await reached(page, 'stopped');
  await page.getByRole('button', { name: 'Start again' }).click();
  await reached(page, 'running');
  // Leaving lets go of the engine.
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, /^conv5 /);
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { server: { also }, context, query: `${SMALL}&others=flower` });
    await reached(page, 'done');
    await seen(page);
    await page.waitForFunction(() => document.querySelectorAll('.elsewhere figure').length === 2);
    await isSound(page);
    await close();
  });
}
