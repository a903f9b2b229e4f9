// The Favourite tab: frames that come while it climbs, an answer that rises, Cancel, methods, targets, address, exports.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { experiments } from './experiments.mjs';
import { launch } from './harness.mjs';
import { colours, download, figure, numbers, projected, reaches, visitor, word } from './visitor.mjs';

const also = { 'nets/small.safetensors': experiments().file };
const small = (backend = 'cpu') => `?weights=nets/small.safetensors&backend=${backend}#v=1&tab=favourite&sample=cat`;
const SMALL = small();

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const reached = reaches('favourite');

const canvas = (/** @type {Page} */ page) => page.locator('canvas[data-view=favourite]');
const step = async (/** @type {Page} */ page) => Number(await canvas(page).getAttribute('data-step'));

/** @param {Page} page */
async function pixels(page) {
  const url = await canvas(page).evaluate((/** @type {HTMLCanvasElement} */ element) => element.toDataURL());
  return createHash('sha256').update(url).digest('hex');
}

/** Notes each step that the canvas shows, from now on. @param {Page} page */
async function watch(page) {
  await page.evaluate(() => {
    const steps = /** @type {any} */ (window.steps = /** @type {string[]} */ ([]));
    new MutationObserver(() => {
      const found = document.querySelector('canvas[data-view=favourite]')?.getAttribute('data-step');
      if (found && steps.at(-1) !== found) steps.push(found);
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-step'] });
  });
}

/** On an adapter that is software a step takes half a second. */
const STEPS = { cpu: 120, webgpu: 24 };

for (const [backend, steps] of Object.entries(STEPS)) {
  test(`on ${backend} the picture climbs frame by frame, and the unit answers to it more than to anything it began with`, async () => {
    const { page, faults, close } = await visitor(browser, {
      server: { also },
      query: `${small(backend).replace('tab=favourite&', '')}&favourite.steps=${steps}`,
    });
    await page.waitForFunction(() => document.documentElement.dataset.status === 'ready');
    await watch(page);
    await page.getByRole('tab', { name: 'Favourite', exact: true }).click();
    await reached(page, 'done', 180_000);
    assert.equal(await page.locator('html').getAttribute('data-backend'), backend);
    const seen = (await page.evaluate(() => /** @type {any} */ (window).steps)).map(Number);
    assert.ok(seen.length >= 5 && seen.at(-1) === steps, `it was seen at the steps ${seen}`);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    assert.ok((await colours(canvas(page))) > 50);
    const json = await numbers(page);
    assert.ok(json.whole && json.frames.at(-1).step === steps);
    assert.deepEqual(
      json.frames.map((/** @type {any} */ frame) => frame.step),
      Array.from({ length: steps / 4 + 1 }, (_, at) => 4 * at),
    );
    assert.ok(json.answer > Math.abs(json.before) && json.answer > json.frames[1].answer, JSON.stringify(json.frames));
    // What stands beside it is what the same unit answered to in the photograph.
    assert.ok((await colours(page.locator('.beside canvas').first())) > 8);
    assert.deepEqual(faults, []);
    await close();
  });
}

test('a link straight to the tab shows its picture, and beside it what the unit of the link answers to', async () => {
  // The tab begins before the projection of the unit is there, and ends after it or before it.
  const query = `${SMALL}&layer=conv2&map=1&favourite.steps=20`;
  const { page, faults, close } = await visitor(browser, { server: { also }, query });
  await reached(page, 'done');
  assert.equal(await step(page), 20);
  assert.ok((await colours(canvas(page))) > 50);
  assert.match(await page.locator('.favourite h2').innerText(), /map 1 of conv2/);
  const { target } = await numbers(page);
  assert.deepEqual([target.unit.layer, target.unit.unit[0]], ['conv2', 1]);
  await page.locator('.beside').waitFor();
  const drawn = (/** @type {import("playwright-core").Locator} */ found) =>
    found.evaluate((/** @type {HTMLCanvasElement} */ one) => one.toDataURL());
  const beside = await Promise.all([0, 1].map((at) => drawn(page.locator('.beside canvas').nth(at))));
  // They are those of the inspector, which has been out of sight so far.
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, new RegExp(`^conv2 ${target.unit.unit.join(',')}$`));
  assert.deepEqual(beside, [
    await drawn(page.locator('canvas[data-view=patch]')),
    await drawn(page.locator('canvas[data-view=projection]')),
  ]);
  // A class that is chosen there is no unit: nothing of it stands beside the unit's favourite.
  await page.locator('[data-view=classes] .class').first().click();
  await projected(page, /^class /);
  await page.getByRole('tab', { name: 'Favourite', exact: true }).click();
  await reached(page, 'done');
  assert.equal(await page.locator('.beside').isVisible(), false);
  assert.deepEqual(faults, []);
  await close();
});

test('the same settings give the same picture, another noise another one, and the address keeps them', async () => {
  const query = `${SMALL}&favourite.steps=40&favourite.seed=3&favourite.jitter=0`;
  const { page, faults, close } = await visitor(browser, { server: { also }, query });
  await reached(page, 'done');
  const first = await pixels(page);
  const before = await numbers(page);
  assert.deepEqual([before.settings.steps, before.settings.seed, before.settings.jitter], [40, 3, 0]);
  await page.reload();
  await reached(page, 'done');
  assert.equal(await pixels(page), first);
  assert.deepEqual((await numbers(page)).frames, before.frames);
  const seed = page.getByLabel('Random seed');
  await seed.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => location.hash.includes('favourite.seed=4'));
  await reached(page, 'done');
  assert.notEqual(await pixels(page), first);
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes('favourite.seed=3'));
  await reached(page, 'done');
  assert.equal(await pixels(page), first);
  assert.deepEqual(faults, []);
  await close();
});

test('from the photograph it begins with what the unit answers there; a map and a class can be climbed to as well', async () => {
  const { page, faults, close } = await visitor(browser, {
    server: { also },
    // As links said it before there were other methods.
    query: `${SMALL}&favourite.from=photo&favourite.steps=20`,
  });
  await reached(page, 'done');
  const unit = await numbers(page);
  assert.equal(unit.fromPhoto, true);
  const [map, row, col] = unit.target.unit.unit;
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await page.locator('.inspector').getByText('One unit', { exact: true }).click();
  const shown = await projected(page, new RegExp(`^${unit.target.unit.layer} ${map},${row},${col}$`));
  const { projection } = await numbers(page);
  assert.ok(projection.activation > 0, shown);
  assert.ok(
    Math.abs(unit.before - projection.activation) <= 1e-4 * projection.activation,
    `${unit.before}, ${projection.activation}`,
  );
  assert.ok(unit.answer > unit.before);
  await page.goBack();
  await page.goBack();

  await page.getByText('The whole map', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('favourite.of=map'));
  await reached(page, 'done');
  const whole = await numbers(page);
  assert.deepEqual(whole.target, { map: { layer: unit.target.unit.layer, map } });
  assert.ok(whole.answer > whole.before);

  await page.getByText('The class', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('favourite.of=class'));
  await reached(page, 'done');
  const likely = await numbers(page);
  assert.ok(likely.answer > likely.before);
  const { class: best } = likely.target.class;
  const choice = page.locator('.favourite label:not([hidden]) > select');
  const other =
    (
      await choice
        .locator('option')
        .evaluateAll((all) => all.map((one) => /** @type {HTMLOptionElement} */ (one).value))
    ).find((value) => value !== '' && Number(value) !== best) ?? '';
  await choice.selectOption(other);
  await page.waitForFunction((other) => location.hash.includes(`favourite.class=${other}`), other);
  await reached(page, 'done');
  const chosen = await numbers(page);
  assert.deepEqual(chosen.target, { class: { class: Number(other) } });
  assert.ok(chosen.answer > chosen.before);
  assert.equal(await page.locator('.beside').isVisible(), false, 'a class has no unit in the photograph');
  assert.deepEqual(faults, []);
  await close();
});

test('each method says whose it is and has its own settings; a photograph is accentuated beside what it was', async () => {
  const query = `${SMALL}&layer=conv2&map=1&favourite.steps=20`;
  const { page, faults, close } = await visitor(browser, { server: { also }, query });
  await reached(page, 'done');
  const original = page.locator('.prints figure:not([hidden]) canvas').nth(1);
  const source = page.locator('.favourite .source');
  const smoothness = page.getByLabel('Smoothness');
  assert.match(await source.innerText(), /Fel et al. \(2023\)/);
  assert.deepEqual([await original.count(), await smoothness.isVisible()], [0, false]);
  const maco = await numbers(page);
  assert.equal(maco.settings.method, 'maco');
  // The picture is as large as what the unit sees, which is less than the input.
  const { layer, unit } = maco.target.unit;
  const size = await canvas(page).evaluate((/** @type {HTMLCanvasElement} */ one) => [one.height, one.width]);
  const patch = page.locator('.beside canvas').first();
  const seen = await patch.evaluate((/** @type {HTMLCanvasElement} */ one) => [one.height, one.width]);
  assert.ok(
    size.every((length, axis) => length <= (seen[axis] ?? 0) && length < 32),
    `${size} of ${layer} ${unit}: ${seen}`,
  );

  await page.getByText('Your photograph', { exact: true }).last().click();
  await page.waitForFunction(() => location.hash.includes('favourite.method=accentuate'));
  await reached(page, 'done');
  assert.match(await source.innerText(), /Hamblin et al. \(2024\)/);
  const accentuated = await numbers(page);
  assert.deepEqual([accentuated.settings.method, accentuated.fromPhoto], ['accentuate', true]);
  assert.ok(accentuated.answer > accentuated.before);
  assert.ok((await colours(original)) > 8);
  const far = await pixels(page);
  const near = page.getByLabel('Nearness to the photograph');
  await near.focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => location.hash.includes('favourite.near=8'));
  await reached(page, 'done');
  assert.notEqual(await pixels(page), far);
  assert.ok((await numbers(page)).answer < accentuated.answer, 'nearer to the photograph, less is answered');

  await page.getByText('Pixels', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('favourite.method=pixels'));
  await reached(page, 'done');
  assert.match(await source.innerText(), /Erhan et al. \(2009\)/);
  assert.deepEqual([await original.count(), await smoothness.isVisible()], [0, true]);
  assert.equal((await numbers(page)).settings.method, 'pixels');
  assert.deepEqual(faults, []);
  await close();
});

test('two targets are climbed to at once, or one of them is avoided, and both answers are told', async () => {
  const query = `${SMALL}&layer=conv2&map=1&favourite.steps=40`;
  const { page, faults, close } = await visitor(browser, { server: { also }, query });
  await reached(page, 'done');
  const second = page.getByText('activation of the second target', { exact: true });
  assert.equal(await second.count(), 0);
  await page.getByText('A class', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('favourite.and=class'));
  await reached(page, 'done');
  const both = await numbers(page);
  assert.ok(both.and.answer > both.and.before && both.answer > both.before, JSON.stringify(both.and));
  assert.equal(await second.count(), 1);
  const weight = page.getByLabel('Its weight');
  await weight.focus();
  await page.keyboard.press('Home');
  await page.waitForFunction(() => location.hash.includes('favourite.weight=-1'));
  await reached(page, 'done');
  const avoided = await numbers(page);
  assert.deepEqual([avoided.and.weight, avoided.and.target], [-1, both.and.target]);
  assert.notEqual(avoided.and.answer, both.and.answer);

  await page.getByText('Another map', { exact: true }).first().click();
  await page.waitForFunction(() => location.hash.includes('favourite.and=map'));
  await page.getByLabel('Layer of the other map').selectOption('conv1');
  await reached(page, 'done');
  const { target } = (await numbers(page)).and;
  assert.deepEqual([target.unit.layer, target.unit.unit[0]], ['conv1', 0]);
  const map = page.getByRole('slider', { name: 'Another map' });
  const most = Number(await map.getAttribute('max'));
  await map.focus();
  await page.keyboard.press('End');
  await page.waitForFunction((most) => location.hash.includes(`favourite.andMap=${most}`), most);
  await reached(page, 'done');
  assert.equal((await numbers(page)).and.target.unit.unit[0], most);
  const [head] = (await download(page, 'Save as a table')).toString().split('\n');
  assert.equal(head?.trim(), 'step,answer,and');
  assert.deepEqual(faults, []);
  await close();
});

for (const way of ['the button', 'Escape']) {
  test(`Cancel with ${way} keeps the last frame, and the page answers others meanwhile`, async () => {
    // The bundled network: four hundred steps would take minutes.
    const { page, faults, close } = await visitor(browser, {
      query: '?backend=cpu#v=1&tab=favourite&sample=cat&favourite.steps=400',
    });
    await page.waitForSelector('canvas[data-view=favourite][data-step]');
    await reached(page, 'running');
    if (way === 'Escape') await page.keyboard.press('Escape');
    else await page.locator('.favourite').getByRole('button', { name: 'Cancel' }).click();
    await reached(page, 'stopped');
    const [at, kept] = [await step(page), await pixels(page)];
    assert.ok(at >= 4 && at < 400, `it stopped at ${at}`);
    assert.ok((await colours(canvas(page))) > 50);
    await page.waitForTimeout(2500);
    assert.equal(await step(page), at, 'no frame comes after it has stopped');
    assert.equal(await pixels(page), kept);
    const json = await numbers(page);
    assert.deepEqual([json.whole, json.frames.at(-1).step], [false, at]);
    await page.getByRole('tab', { name: 'Explore', exact: true }).click();
    await page.click('button[data-layer=conv2]');
    await projected(page, /^conv2 /);
    // A network may have come without a gallery of its training set.
    assert.deepEqual(
      faults.filter((fault) => !fault.includes('gallery/gallery.json')),
      [],
    );
    await close();
  });
}

test('a tab that is left stops climbing, and climbs again on the way back', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: `${SMALL}&favourite.steps=400` });
  await page.waitForSelector('canvas[data-view=favourite][data-step]');
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, /./);
  const at = await step(page);
  await page.waitForTimeout(1000);
  assert.equal(await step(page), at);
  await page.goBack();
  await reached(page, 'done');
  assert.equal(await step(page), 400);
  assert.deepEqual(faults, []);
  await close();
});

test('what is shown can be taken away, and agrees with itself', async () => {
  const { page, close } = await visitor(browser, { server: { also }, query: `${SMALL}&favourite.steps=20` });
  await reached(page, 'done');
  const json = await numbers(page);
  assert.equal(json.format, 'zf-lens favourite 1');
  assert.equal(word(page, 'favourite.steps'), '20');
  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.deepEqual(head, ['step', 'answer']);
  assert.deepEqual(
    rows.map((row) => row.map((cell) => Math.fround(Number(cell)))),
    json.frames.map((/** @type {any} */ { step, answer }) => [step, answer]),
  );
  const { words, pictures } = await figure(page);
  // The picture, and beside it the patch and the projection of the unit.
  assert.equal(pictures, 3);
  for (const said of ['What excites', '20 steps', 'MACO']) assert.ok(words.includes(said), `${said}: ${words}`);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { server: { also }, context, query: `${SMALL}&favourite.steps=20` });
    await reached(page, 'done');
    await isSound(page);
    await close();
  });
}
