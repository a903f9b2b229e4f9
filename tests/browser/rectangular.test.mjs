// Networks whose input is no square: every picture keeps its aspect, what is pressed is what lies there, in rows and in
// columns, and what is saved has the right sizes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch } from './harness.mjs';
import { FIRST, offered } from './offered.mjs';
import { download, numbers, projected, reaches, visitor, word } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @type {import("playwright-core").Browser} */
let browser;
const also = offered();
const made = (/** @type {string} */ name) =>
  readFileSync(new URL(`../../crates/zfnet-import/tests/import/made/${name}.onnx`, import.meta.url));
/** Rows and columns of what enters. */
const SHAPES = /** @type {const} */ ({ wide: [48, 80], tall: [72, 40] });
/** @typedef {keyof typeof SHAPES} Shape */
const NAMES = /** @type {Shape[]} */ (Object.keys(SHAPES));
const QUERY = '?backend=cpu#v=1&sample=cat';
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** A visit to which such a network has been brought, as a file. @param {Shape} name @param {string} [words] of the address @param {any} [context] */
async function visit(name, words = '', context = {}) {
  const found = await visitor(browser, { server: { also }, query: `${QUERY}${words}`, context });
  await projected(found.page, /^conv3 /);
  await bring(found.page, name);
  return found;
}

/** @param {Page} page @param {Shape} name */
async function bring(page, name) {
  if (await page.locator('dialog[open]').isHidden()) await page.locator('.badge').click();
  const file = { name: `${name}.onnx`, mimeType: 'application/octet-stream', buffer: made(name) };
  await page.locator('.chooser input[type=file]').setInputFiles(file);
  await page.waitForFunction((name) => document.querySelector('.chosen-network')?.textContent === name, name);
  await projected(page, /./);
  // Nobody says how pictures enter; it is asked, and left as it is.
  await page.locator('dialog[open] .preprocessing').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
}

/** @param {Page} page @param {string} tab @param {string} [state] */
async function open(page, tab, state = 'done') {
  await page.locator(`.tabs [data-tab=${tab}]`).click();
  const part = page.locator(`.experiment.${tab}`);
  await part.waitFor();
  await page.waitForFunction(
    (tab) => !['running', ''].includes(document.querySelector(`.experiment.${tab}`)?.getAttribute('data-state') ?? ''),
    tab,
  );
  // What takes long waits to be asked.
  if ((await part.getAttribute('data-state')) === 'waiting') await part.locator('.halt button').click();
  await reaches(tab)(page, state, 120_000);
}

/** @param {Locator} what @returns {Promise<Box>} */
const boxOf = async (what) => /** @type {Box} */ (await what.boundingBox());

/** @param {number} found @param {number} expected @param {number} tolerance @param {string} what */
const near = (found, expected, tolerance, what) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: expected ${expected}, found ${found}`);

/** Where units' windows lie in boxes that are square for all of them, with grey beside what is not. */
const BOXES = '.journey, .square, .pair, .region-tiles, .nine, .tiles, .strong-tiles, .elsewhere, .album, .readout';

/** The canvases that are seen in another aspect than their own. @param {Page} page */
const stretched = (page) =>
  page.locator('canvas').evaluateAll((all, boxes) => {
    const wrong = /** @type {HTMLCanvasElement[]} */ (all).flatMap((canvas) => {
      const { width, height } = canvas.getBoundingClientRect();
      const isFree =
        canvas.classList.contains('blank') || (canvas.closest(boxes) && !canvas.dataset.view?.match(/^(map|marked)$/));
      if (!canvas.checkVisibility() || width === 0) return [];
      const name = `${canvas.dataset.view ?? canvas.parentElement?.className}: ${canvas.width} × ${canvas.height} in ${width} × ${height}`;
      if (getComputedStyle(canvas).objectFit !== 'contain') return [`${name} is not fitted`];
      const off = Math.max(
        Math.abs(width - (height * canvas.width) / canvas.height),
        Math.abs(height - (width * canvas.height) / canvas.width),
      );
      return isFree || off <= 2 ? [] : [name];
    });
    return wrong;
  }, BOXES);

/** Rows and columns of a canvas. @param {Locator} canvas */
const sizeOf = (canvas) => canvas.evaluate((/** @type {HTMLCanvasElement} */ one) => [one.height, one.width]);

/**
 * A picture that was saved, as the browser reads it: its sides, and whether its pixels at some places are not of white paper.
 * @param {Page} page @param {Buffer} png @param {number[][]} [places] from the left and from above
 */
const decoded = (page, png, places = []) =>
  page.evaluate(
    async ([file, places]) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]));
      const { width, height } = image;
      const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (
        new OffscreenCanvas(width, height).getContext('2d')
      );
      pen.drawImage(image, 0, 0);
      const inked = places.map(([x = 0, y = 0]) => pen.getImageData(x, y, 1, 1).data[0] !== 255);
      return { width, height, inked };
    },
    /** @type {[string, number[][]]} */ ([png.toString('base64'), places]),
  );

/** Where a crop lies, in pixels of the screen, and the photograph. @param {Page} page */
const framed = async (page) => ({
  crop: await boxOf(page.locator('.crop')),
  photo: await boxOf(page.locator('canvas[data-view=photo]')),
});

/** It lies in the photograph, and has the input's aspect. @param {{ crop: Box, photo: Box }} framed @param {Shape} name */
function fits({ crop, photo }, name) {
  const [rows, cols] = SHAPES[name];
  // A pixel of the photograph may be more than one of the screen.
  near(crop.width / crop.height, cols / rows, 0.03, 'aspect of the crop');
  for (const [from, length] of /** @type {const} */ ([
    ['x', 'width'],
    ['y', 'height'],
  ])) {
    assert.ok(crop[from] >= photo[from] - 0.5, `${from}: ${crop[from]} before ${photo[from]}`);
    assert.ok(crop[from] + crop[length] <= photo[from] + photo[length] + 0.5, `${length}: ${JSON.stringify(crop)}`);
  }
}

for (const name of NAMES) {
  const [rows, cols] = SHAPES[name];

  test(`${name}: the crop has the input's aspect, and stays in the photograph by pointer and by keys`, async () => {
    const { page, faults, close } = await visit(name);
    const { crop, photograph } = await numbers(page);
    const start = await framed(page);
    fits(start, name);
    const height = Math.round((crop.size * rows) / cols);
    assert.deepEqual(
      [crop.left, crop.top],
      [Math.floor((photograph.width - crop.size) / 2), Math.floor((photograph.height - height) / 2)],
      'it begins in the middle',
    );

    const settled = () =>
      page.waitForFunction(
        () => location.hash.includes('crop=') && document.documentElement.dataset.status === 'ready',
      );
    /** @param {'nw' | 'se'} corner @param {number} right @param {number} down */
    const drag = async (corner, right, down) => {
      const handle = await boxOf(page.locator(`.crop .handle.${corner}`));
      const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + right, y + down, { steps: 5 });
      await page.mouse.up();
      await settled();
      const now = await framed(page);
      fits(now, name);
      return now.crop;
    };
    const smaller = await drag('se', -0.4 * start.crop.width, -0.4 * start.crop.height);
    near(smaller.x, start.crop.x, 1.5, 'the opposite corner stays');
    near(smaller.y, start.crop.y, 1.5, 'the opposite corner stays');
    near(smaller.width, 0.6 * start.crop.width, 3, 'as wide as it was dragged');
    await drag('nw', -2000, -2000);
    await drag('se', 2000, 2000);

    // Each key leads as far as the photograph goes and no farther.
    await page.locator('.crop').focus();
    for (const key of ['-', '-', '-', 'Home', 'End', 'ArrowUp', 'ArrowRight', '+', '+', '+', '+', '+', '+', '+', '+']) {
      await page.keyboard.press(key);
      fits(await framed(page), name);
    }
    for (const key of ['Shift+ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowLeft'])
      for (let times = 0; times < 12; times++) await page.keyboard.press(key);
    fits(await framed(page), name);
    await page.waitForTimeout(600);
    await settled();

    // What the address holds is what is looked at, and is there again after a reload.
    const at = word(page, 'crop');
    const kept = await numbers(page);
    assert.equal(at, [kept.crop.left, kept.crop.top, kept.crop.size].join(','));
    assert.ok(kept.crop.top + Math.round((kept.crop.size * rows) / cols) <= photograph.height);
    assert.deepEqual(faults, []);
    await close();
  });

  test(`${name}: what is pressed in a map is the unit that lies there, and its frame lies on the photograph`, async () => {
    const { page, faults, close } = await visit(name);
    const { view } = await numbers(page);
    const { layer } = view;
    const map = page.locator('canvas[data-view=map]');
    const [down, across] = await sizeOf(map);
    assert.ok(down && across && down !== across, `${layer}: ${down} × ${across}`);
    for (const [row, col] of [
      [down - 1, 0],
      [0, across - 1],
      [Math.floor(down / 3), Math.floor(across / 2)],
    ]) {
      await map.scrollIntoViewIfNeeded();
      const box = await boxOf(map);
      near(box.width / box.height, across / down, 0.02, 'aspect of the map');
      await page.mouse.click(box.x + ((col + 0.5) / across) * box.width, box.y + ((row + 0.5) / down) * box.height);
      await projected(page, new RegExp(`^${layer} \\d+,${row},${col}$`));
      const { projection } = await numbers(page);
      // What of its field lies on the input is framed on the crop.
      const { top, left, height, width } = projection.window;
      const [first, last] = [Math.max(0, top) / rows, Math.min(rows, top + height) / rows];
      const [begin, end] = [Math.max(0, left) / cols, Math.min(cols, left + width) / cols];
      await page.mouse.move(0, 0);
      await page.waitForTimeout(200);
      const [crop, field] = [await boxOf(page.locator('.crop')), await boxOf(page.locator('.crop .field'))];
      near((field.y - crop.y) / crop.height, first, 0.02, 'top of the field');
      near((field.y + field.height - crop.y) / crop.height, last, 0.02, 'bottom of the field');
      near((field.x - crop.x) / crop.width, begin, 0.02, 'left of the field');
      near((field.x + field.width - crop.x) / crop.width, end, 0.02, 'right of the field');
    }

    // On the sheet of all maps, where a pointer means the strongest unit about it.
    const sheet = page.locator('canvas[data-view=maps]');
    await sheet.scrollIntoViewIfNeeded();
    const box = await boxOf(sheet);
    const mark = await boxOf(page.locator('.sheet .mark.chosen'));
    near(mark.width / mark.height, across / down, 0.06, 'aspect of a tile');
    await page.mouse.click(box.x + 0.75 * mark.width, box.y + 0.2 * mark.height);
    const [, row = NaN, col = NaN] = (await projected(page, new RegExp(`^${layer} `)))
      .split(' ')[1]
      .split(',')
      .map(Number);
    const reach = (/** @type {number} */ count, /** @type {number} */ side) => Math.ceil((4 * count) / side) + 1;
    near(row, 0.2 * down, reach(down, mark.height), 'row');
    near(col, 0.75 * across, reach(across, mark.width), 'column');
    assert.deepEqual(faults, []);
    await close();
  });

  test(`${name}: nothing is stretched in any tab, and each finds what it looks for`, async () => {
    const { page, faults, close } = await visit(name);
    assert.deepEqual(await stretched(page), [], 'explore');
    // A class and a whole map are projected to all of the input.
    await page.locator('.class').first().click();
    await projected(page, /^class /);
    assert.deepEqual(await sizeOf(page.locator('canvas[data-view=projection]')), [rows, cols]);
    assert.deepEqual(await stretched(page), [], 'a class');
    await page.locator('.class').first().click();
    await projected(page, /^conv/);
    await page.locator('.explorer').getByText('Projections', { exact: true }).click();
    await page.waitForFunction(() => document.querySelector('.explorer')?.getAttribute('aria-busy') === 'false');
    assert.deepEqual(await stretched(page), [], 'the sheet of projections');

    for (const tab of ['occlusion', 'attribution', 'invariance', 'region', 'favourite', 'filters', 'hierarchy']) {
      await open(page, tab);
      assert.deepEqual(await stretched(page), [], tab);
      const json = await numbers(page);
      assert.equal(json.network.name, name, tab);
      const png = await download(page, 'Save as picture');
      const saved = await decoded(page, png);
      assert.ok(saved.width > 400 && saved.height > 200, `${tab}: ${saved.width} × ${saved.height}`);
    }
    assert.deepEqual(
      await sizeOf(page.locator('.poster .foot canvas')).then(([high = 0, wide = 0]) => [high > 0, wide > high]),
      [true, cols > rows],
    );
    assert.deepEqual(faults, []);
    await close();
  });

  test(`${name}: occlusion covers squares of the input, where they are put by map, by hand and by key`, async () => {
    const { page, faults, close } = await visit(name);
    await open(page, 'occlusion');
    const json = await numbers(page);
    const { size, stride } = json.settings;
    const [down, across] = json.grid;
    // The last square ends where the input does, or less than a step before.
    const [top = 0, left = 0] = json.positions.at(-1);
    assert.ok(rows - size - top >= 0 && rows - size - top < stride, `rows: ${top}`);
    assert.ok(cols - size - left >= 0 && cols - size - left < stride, `columns: ${left}`);
    assert.equal(json.positions.length, down * across);

    // Its map lies on the photograph: each place where the middle of its square is.
    const grid = page.locator('canvas[data-view=occlusion-activity]');
    await grid.scrollIntoViewIfNeeded();
    assert.deepEqual(await sizeOf(grid), [down, across]);
    const frame = await boxOf(page.locator('.occlusion .four .square-frame').first());
    near(frame.width / frame.height, cols / rows, 0.02, 'aspect of the frame');
    const [map, pixel] = [await boxOf(grid), frame.width / cols];
    near((map.x - frame.x) / pixel, (size - stride) / 2, 0.3, 'left of the map');
    near((map.y - frame.y) / pixel, (size - stride) / 2, 0.3, 'top of the map');
    near(map.width / pixel, across * stride, 0.3, 'width of the map');
    near(map.height / pixel, down * stride, 0.3, 'height of the map');
    const at = (down - 1) * across + 1;
    await page.mouse.click(map.x + (1.5 / across) * map.width, map.y + ((down - 0.5) / down) * map.height);
    await page.waitForFunction((at) => location.hash.includes(`occlusion.at=${at}`), json.positions[at].join(','));

    // The square is one on the screen too, and stops where the input does.
    const cover = page.locator('.cover');
    await cover.scrollIntoViewIfNeeded();
    const photo = await boxOf(page.locator('canvas[data-view=occlusion-photo]'));
    const scale = photo.width / cols;
    const covered = async () => {
      const box = await boxOf(cover);
      near(box.width, box.height, 0.5, 'a square');
      return [(box.y - photo.y) / scale, (box.x - photo.x) / scale];
    };
    const [y = NaN, x = NaN] = await covered();
    near(y, json.positions[at][0], 0.3, 'row');
    near(x, json.positions[at][1], 0.3, 'column');
    const box = await boxOf(cover);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(photo.x + photo.width + 40, photo.y + photo.height + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(
      (at) => location.hash.includes(`occlusion.at=${at}`),
      [rows - size, cols - size].join(','),
    );
    await cover.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowUp');
    await page.waitForFunction(
      (at) => location.hash.includes(`occlusion.at=${at}`),
      [rows - size - 1, cols - size].join(','),
    );
    const [, , ...rest] = (await download(page, 'Save as a table')).toString().trim().split('\n');
    assert.equal(rest.length + 1, down * across);
    assert.deepEqual(faults, []);
    await close();
  });

  test(`${name}: the frame of a region goes to the photograph and back`, async () => {
    const { page, faults, close } = await visit(name);
    await open(page, 'region');
    const square = page.locator('.region .square');
    await square.scrollIntoViewIfNeeded();
    const frame = await boxOf(square);
    near(frame.width / frame.height, cols / rows, 0.02, 'aspect of the picture');
    const at = (/** @type {number} */ x, /** @type {number} */ y) =>
      /** @type {const} */ ([frame.x + x * frame.width, frame.y + y * frame.height]);
    // Beside the usual one, which would be dragged.
    await page.mouse.move(...at(0.8, 0.125));
    await page.mouse.down();
    await page.mouse.move(...at(0.9, 0.4));
    await page.mouse.move(...at(0.95, 0.875));
    await page.mouse.up();
    await page.waitForFunction(() => location.hash.includes('region.at='));
    await reaches('region')(page, 'done');
    const { region, crop, layers } = await numbers(page);
    near(region.left, 0.8 * cols, 1, 'left');
    near(region.top, 0.125 * rows, 1, 'top');
    near(region.cols, 0.15 * cols, 1, 'columns');
    near(region.rows, 0.75 * rows, 1, 'rows');
    // The address has it in pixels of the photograph.
    const sides = (word(page, 'region.at') ?? '').split(',').map(Number);
    const scale = crop.size / cols;
    near(sides[0] ?? NaN, crop.left + region.left * scale, 0.6, 'left in the photograph');
    near(sides[3] ?? NaN, crop.top + (region.top + region.rows) * scale, 0.6, 'bottom in the photograph');
    const found = layers.flatMap((/** @type {any} */ one) => one.found);
    assert.ok(found.length > 0);
    // All of it, to its last row and column, has no outside.
    await page.locator('.region .part-box:visible').focus();
    for (let times = 0; times < rows + cols; times++) await page.keyboard.press('+');
    await reaches('region')(page, 'idle');
    assert.deepEqual(faults, []);
    await close();
  });
}

test('parts are marked on pictures of the input, and another network sees other parts of them', async () => {
  const { page, faults, close } = await visit('wide', '&others=flower');
  await open(page, 'correspondence', 'idle');
  const [rows, cols] = SHAPES.wide;
  const pictures = page.locator('.marked canvas');
  await page.waitForFunction(() => document.querySelectorAll('.marked canvas').length === 2);
  for (const at of [0, 1]) assert.deepEqual(await sizeOf(pictures.nth(at)), [rows, cols]);
  assert.deepEqual(await stretched(page), []);
  // In its last corner, where a square would end before.
  for (const at of [0, 1]) {
    const frame = await boxOf(page.locator('.marked .square').nth(at));
    for (const [x, y] of [
      [0.1, 0.2],
      [0.5, 0.5],
      [0.93, 0.88],
    ])
      await page.mouse.click(frame.x + x * frame.width, frame.y + y * frame.height);
  }
  await reaches('correspondence')(page, 'done', 120_000);
  const { ask, boxes, pictures: named } = await numbers(page);
  const last = ask.parts.at(-1).boxes[0];
  near(last.left + last.cols / 2, 0.93 * cols, 2, 'column');
  near(last.top + last.rows / 2, 0.88 * rows, 2, 'row');
  assert.equal(boxes.length, 6);
  for (const { crop } of named) assert.ok(crop.size > 0);
  const saved = await decoded(page, await download(page, 'Save as picture'));
  assert.ok(saved.width > 900);

  await bring(page, 'tall');
  await page.waitForFunction(
    ([rows, cols]) => {
      const all = /** @type {HTMLCanvasElement[]} */ ([...document.querySelectorAll('.marked canvas')]);
      return all.length === 2 && all.every(({ width, height }) => width === cols && height === rows);
    },
    [...SHAPES.tall],
  );
  assert.deepEqual(await stretched(page), []);
  assert.deepEqual(faults, []);
  await close();
});

test('a crop of a square network is taken over round its middle, and is there again on the way back', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: `${QUERY}&crop=120,60,160` });
  await projected(page, /^conv3 /);
  const before = (await numbers(page)).crop;
  assert.deepEqual(before, { left: 120, top: 60, size: 160 });
  await bring(page, 'wide');
  const { crop } = await numbers(page);
  const [rows, cols] = SHAPES.wide;
  const height = Math.round((crop.size * rows) / cols);
  near(crop.left + crop.size / 2, 200, 1, 'middle');
  near(crop.top + height / 2, 140, 1, 'middle');
  near(crop.size * height, 160 * 160, 300, 'as much');
  assert.equal(word(page, 'crop'), [crop.left, crop.top, crop.size].join(','));
  fits(await framed(page), 'wide');
  await page.goBack();
  await page.waitForFunction((name) => document.querySelector('.chosen-network')?.textContent === name, FIRST);
  await projected(page, /^conv3 /);
  assert.deepEqual((await numbers(page)).crop, before);
  const back = await boxOf(page.locator('.crop'));
  near(back.width, back.height, 1, 'a square again');
  assert.deepEqual(faults, []);
  await close();
});

test('what is saved keeps its aspect: a print with white paper about a wide picture, a card, a sheet, numbers', async () => {
  const { page, faults, close } = await visit('wide');
  const [rows, cols] = SHAPES.wide;
  await page.locator('.class').first().click();
  await projected(page, /^class /);
  // Twice as large as drawn: the square of 480 pixels begins at 16 and 82; the picture fills its width, and so much of its height.
  const half = (480 * rows) / cols;
  const places = [-470, -half - 6, 6 - half, half - 6, half + 6, 470].map((down) => [512, Math.round(644 + down)]);
  const print = await decoded(page, await download(page, 'Save as picture'), places);
  assert.deepEqual(print.inked, [false, false, true, true, false, false]);
  const { projection } = await numbers(page);
  assert.deepEqual(projection.shape.slice(1), [rows, cols]);
  assert.equal(projection.values.length, projection.shape[0] * rows * cols);
  const npy = await download(page, 'Save the projection’s values');
  assert.match(npy.subarray(10, 128).toString(), new RegExp(`\\(\\d, ${rows}, ${cols}\\)`));
  await page.locator('.class').first().click();
  await projected(page, /^conv/);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save these prints' }).click();
  const card = await decoded(page, readFileSync(await (await coming).path()));
  assert.deepEqual([card.width, card.height], [1200, 630]);
  const paper = await download(page, 'Save this sheet');
  assert.deepEqual([paper.readUInt32BE(16), paper.readUInt32BE(20)], [2480, 3508]);
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visit('tall', '', context);
    await isSound(page);
    await open(page, 'occlusion');
    await isSound(page);
    await close();
  });
}
