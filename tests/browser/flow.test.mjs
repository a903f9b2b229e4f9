// A visit with the bundled network on the CPU module: from a file to projections, as a visitor would.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { colours, download, numbers, projected, sample, visitor, word } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

test('a file becomes five prints, maps, classes and a projection by itself', async () => {
  const { page, faults, close } = await visitor(browser);
  await page.setInputFiles('input[type=file]', sample('cat'));
  const first = await projected(page, /^conv5 /);
  assert.equal(await page.locator('html').getAttribute('data-backend'), 'cpu');
  assert.deepEqual(
    await page.locator('button[data-layer]').evaluateAll((all) => all.map((one) => one.getAttribute('data-layer'))),
    ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'],
  );
  for (const canvas of await page.locator('button[data-layer] canvas').all()) assert.ok((await colours(canvas)) > 8);
  for (const view of ['photo', 'maps', 'map', 'projection', 'patch']) {
    const canvas = page.locator(`canvas[data-view=${view}]`);
    assert.equal(await canvas.count(), 1, view);
    assert.ok((await colours(canvas)) > 8, `${view} is drawn`);
  }
  await page.waitForSelector('[data-view=classes] li');
  const classes = await page.locator('[data-view=classes] li').allInnerTexts();
  assert.equal(classes.length, 5);
  assert.ok(
    classes.some((text) => /cat/.test(text)),
    classes.join('; '),
  );
  assert.ok(!page.url().includes('sample='), "a visitor's own picture is never in the address");

  // Pointing projects at once, and leaves no trace in the history.
  const steps = await page.evaluate(() => history.length);
  const maps = await page.locator('canvas[data-view=maps]').boundingBox();
  assert.ok(maps);
  await page.mouse.move(maps.x + maps.width / 3, maps.y + 40);
  const hovered = await projected(page, new RegExp(`^(?!${first}$)conv5 `));
  assert.equal(await page.evaluate(() => history.length), steps);
  await page.mouse.click(maps.x + maps.width / 3, maps.y + 40);
  assert.equal(await projected(page, new RegExp(`^${hovered}$`)), hovered);
  const chosen = page.url();

  // Layers, rules and classes.
  await page.click('button[data-layer=conv3]');
  await projected(page, /^conv3 /);
  await page.goBack();
  await projected(page, new RegExp(`^${hovered}$`));
  assert.equal(page.url(), chosen);
  await page.goForward();
  await projected(page, /^conv3 /);
  for (const rule of ['Guided', 'Gradient']) {
    await page.getByText(rule, { exact: true }).click();
    await page.waitForSelector(`canvas[data-view=projection][data-rule=${rule.toLowerCase()}]`);
  }
  await page.locator('[data-view=classes] li button, [data-view=classes] .class').first().click();
  await projected(page, /^class /);
  assert.deepEqual(faults, []);
  await close();
});

test('the address restores the whole view', async () => {
  const wanted = '#v=1&sample=cat&layer=conv4&map=17&unit=6,5&rule=guided&scale=shared';
  const { page, faults, close } = await visitor(browser, { query: `?backend=cpu${wanted}` });
  assert.equal(await projected(page, /^conv4 17,/), 'conv4 17,6,5');
  assert.equal(await page.locator('canvas[data-view=projection]').getAttribute('data-rule'), 'guided');
  for (const part of ['layer=conv4', 'map=17', 'unit=6,5', 'rule=guided', 'scale=shared', 'sample=cat'])
    assert.ok(decodeURIComponent(page.url()).includes(part), part);
  await page.evaluate(() => (location.hash = '#v=1&sample=nobody&layer=conv99&map=99999&unit=x&rule=none&foo=bar'));
  await page.waitForFunction(() => ['ready', 'idle'].includes(document.documentElement.dataset.status ?? ''));
  assert.deepEqual(faults, [], 'an address that makes no sense is forgiven');
  await close();
});

test('an address with everything in it is restored, and stays as it was', async () => {
  const parts = {
    sample: 'china',
    crop: '120,30,300',
    layer: 'conv3',
    map: '7',
    unit: '4,9',
    whole: '1',
    rule: 'gradient',
    scale: 'shared',
    stretch: 'minmax',
    sort: 'index',
    show: 'projections',
    lang: 'zh',
    theme: 'dark',
  };
  const hash = new URLSearchParams({ v: '1', ...parts }).toString().replaceAll('%2C', ',');
  const { page, faults, close } = await visitor(browser, { query: `?backend=cpu#${hash}` });
  assert.equal(await projected(page, /^conv3 /), 'conv3 7', 'the whole map, not one unit');
  await page.waitForSelector('canvas[data-view=mosaic][data-of=conv3]');
  await page.waitForSelector('.explorer:not([aria-busy=true])');
  const found = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    theme: document.documentElement.dataset.theme,
    rule: document.querySelector('canvas[data-view=projection]')?.getAttribute('data-rule'),
    checked: [...document.querySelectorAll('input:checked')].map((one) => /** @type {HTMLInputElement} */ (one).value),
  }));
  assert.match(found.lang, /^zh/);
  assert.equal(found.theme, 'dark');
  assert.equal(found.rule, 'gradient');
  for (const choice of ['projections', 'index', 'gradient', 'shared', 'minmax'])
    assert.ok(found.checked.includes(choice), choice);
  const frame = /** @type {{ width: number }} */ (await page.locator('canvas[data-view=photo]').boundingBox());
  const box = /** @type {{ width: number, height: number }} */ (await page.locator('.crop').boundingBox());
  const width = await page.evaluate(() =>
    fetch('samples/china.jpg')
      .then((r) => r.blob())
      .then(createImageBitmap)
      .then((image) => image.width),
  );
  assert.ok(Math.abs(box.width / frame.width - 300 / width) < 0.01, `${box.width} of ${frame.width}`);
  const now = new URLSearchParams(new URL(page.url()).hash.slice(1));
  for (const [key, value] of Object.entries(parts)) assert.equal(now.get(key), value, key);

  // What was chosen is what a reload shows, too.
  await page.reload();
  assert.equal(await projected(page, /^conv3 /), 'conv3 7');
  assert.deepEqual(faults, []);
  await close();
});

test('a whole layer streams, and Escape stops it', async () => {
  const { page, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=coffee&layer=conv5' });
  await projected(page, /^conv5 /);
  await page.getByText('Projections', { exact: true }).click();
  await page.waitForSelector('.explorer[aria-busy=true]');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.documentElement.dataset.status === 'ready');
  await page.click('button[data-layer=conv2]');
  await projected(page, /^conv2 /);
  await page.waitForSelector('canvas[data-view=mosaic]');
  await page.waitForSelector('.explorer:not([aria-busy=true])');
  assert.ok((await colours(page.locator('canvas[data-view=mosaic]'))) > 100);
  await close();
});

test('what is seen can be kept, as a picture and as numbers', async () => {
  const { page, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=astronaut&layer=conv5' });
  const [layer, unit] = (await projected(page, /^conv5 /)).split(' ');
  await page.waitForSelector('[data-view=classes] li');

  const saved = await download(page, 'Save as picture');
  const { width, height, different } = await page.evaluate(
    async (bytes) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      pen.drawImage(image, 0, 0);
      const { data } = pen.getImageData(0, 0, image.width, image.height);
      return { width: image.width, height: image.height, different: new Set(new Uint32Array(data.buffer)).size };
    },
    [...saved],
  );
  assert.ok(width > 900 && height > 640 && different > 1000, `${width} by ${height}, ${different} colours`);

  const found = await numbers(page);
  const at = unit.split(',').map(Number);
  assert.deepEqual(found.view.unit, at.slice(1));
  assert.deepEqual(found.target, { kind: 'unit', layer, map: at[0], row: at[1], col: at[2] });
  assert.equal(found.projection.rule, 'deconvnet');
  // The numbers agree with one another, and with what stands on the page.
  const { rows, cols, values } = found.map;
  assert.equal(values.length, rows * cols);
  assert.equal(values[at[1] * cols + at[2]], found.projection.activation);
  assert.equal(Math.max(...values), found.projection.activation, 'the strongest unit of its map');
  const summary = found.strongest.find((/** @type {any} */ entry) => entry.layer === layer);
  assert.equal(summary.strongest[at[0]].activation, found.projection.activation);
  const said = await page.locator('canvas[data-view=projection]').getAttribute('aria-label');
  const activation = Number(/activation ([\d.]+)/.exec(said ?? '')?.[1]);
  assert.ok(
    Math.abs(activation - found.projection.activation) < 0.01 * activation,
    `${said}: ${found.projection.activation}`,
  );
  const listed = await page
    .locator('[data-view=classes] li')
    .evaluateAll((all) => all.map((one) => one.textContent ?? ''));
  for (const [place, { name, probability }] of found.classes.slice(0, 5).entries()) {
    assert.ok(listed[place].includes(name), `${listed[place]}: ${name}`);
    const share = Number(/([\d.]+)\s*%/.exec(listed[place])?.[1]);
    assert.ok(Math.abs(share - 100 * probability) <= 0.6, `${listed[place]}: ${probability}`);
  }
  const sum = found.classes.reduce((/** @type {number} */ all, /** @type {any} */ one) => all + one.probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-4, `probabilities add up to ${sum}`);
  assert.match(found.network.files[0].sha256, /^[0-9a-f]{64}$/);

  const sheet = await download(page, 'Save this sheet as a picture');
  assert.equal(sheet.subarray(1, 4).toString(), 'PNG');
  await close();
});

test('the grid is one tab stop that the keyboard moves in', async () => {
  const { page, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=flower&layer=conv5' });
  const before = await projected(page, /^conv5 /);
  await page.locator('.sheet .keypad').focus();
  await page.keyboard.press('ArrowRight');
  await projected(page, new RegExp(`^(?!${before}$)conv5 `));
  await page.keyboard.press('[');
  await projected(page, /^conv4 /);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await close();
});

test('the square can be dragged, and stays a square', async () => {
  const { page, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=china' });
  await projected(page, /^conv5 /);
  const box = async () =>
    /** @type {{x: number, y: number, width: number, height: number}} */ (await page.locator('.crop').boundingBox());
  const start = await box();
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + start.width / 2 + 30, start.y + start.height / 2, { steps: 6 });
  await page.mouse.up();
  await page.waitForFunction(
    () => location.hash.includes('crop=') && document.documentElement.dataset.status === 'ready',
  );
  const end = await box();
  assert.ok(Math.abs(end.x - start.x - 30) < 4, `moved by ${end.x - start.x}`);
  assert.ok(Math.abs(end.width - end.height) < 2, `${end.width} by ${end.height}`);
  // All of it without dragging: the photograph is pressed where the square is to be, and buttons resize it.
  const settled = async (/** @type {string} */ before) =>
    page.waitForFunction(
      (before) => !location.hash.includes(`crop=${before}`) && document.documentElement.dataset.status === 'ready',
      before,
    );
  const crop = () => word(page, 'crop') ?? '';
  const photo = /** @type {{x: number, y: number, width: number, height: number}} */ (
    await page.locator('canvas[data-view=photo]').boundingBox()
  );
  const dragged = crop();
  await page.mouse.click(photo.x + 3, photo.y + photo.height / 2);
  await settled(dragged);
  assert.match(crop(), /^0,/, 'as far to the left as it goes');
  const before = crop();
  await page.getByRole('button', { name: 'Make the crop smaller' }).click();
  await settled(before);
  const sizes = [before, crop()].map((words) => Number(words.split(',')[2]));
  assert.ok(Math.abs((sizes[1] ?? 0) - (sizes[0] ?? 0) / 1.2) <= 1, sizes.join(' to '));
  const smaller = crop();
  await page.getByRole('button', { name: 'Make the crop larger' }).click();
  await settled(smaller);
  await close();
});
