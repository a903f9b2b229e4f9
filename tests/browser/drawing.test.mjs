// The way through the page: tabs with their roles and keys, the photograph that folds on a phone, and the network as a drawing
// that chooses layers and opens the arithmetic of each operation.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { complaints } from './axe.mjs';
import { launch } from './harness.mjs';
import { coloured, named } from './heads.mjs';
import { golden, projected, visitor } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** A visit with a small network. @param {Buffer} file @param {string} [hash] @param {any} [context] */
const tiny = (file, hash = '', context = {}) =>
  visitor(browser, {
    server: { also: { 'nets/net.safetensors': file } },
    query: `?weights=nets/net.safetensors&backend=cpu#v=1&sample=cat${hash}`,
    context,
  });
const GEOMETRY = named(coloured(golden('zfnet-geometry')), ['cat', 'dog', 'bird', 'boat']);

/** @param {Page} page */
const drawn = (page) => page.waitForSelector('.stage-cell.lit');
/** What the focus is on. @param {Page} page */
const focused = (page) => page.evaluate(() => document.activeElement?.textContent);
/** @param {Page} page */
const worked = (page) => page.waitForSelector('[data-view=arithmetic][data-state=done]');
/** The numbers of a table. @param {Page} page @param {string} view */
const cellsOf = async (page, view) =>
  (await page.locator(`[data-view=${view}] td`).allInnerTexts()).map((words) =>
    Number(
      words
        .replace('−', '-')
        .replaceAll(',', '')
        .replace(/[^\d.e-].*$/s, ''),
    ),
  );

/** What the sum of a convolution comes to, rectified, and what the engine says. @param {Page} page */
async function sums(page) {
  const words = await page.locator('[data-view=arithmetic-sum]').innerText();
  const [, sum = '', engine = ''] = /= (−?[\d.,]+) sum(?:\s+The engine says (−?[\d.,]+))?/.exec(words) ?? [];
  const value = (/** @type {string} */ one) => Number(one.replace('−', '-').replaceAll(',', ''));
  assert.ok(sum && engine, words);
  return { sum: Math.max(0, value(sum)), engine: Math.max(0, value(engine)), words };
}

/** @param {Page} page */
async function agrees(page) {
  const { sum, engine, words } = await sums(page);
  assert.ok(Math.abs(sum - engine) <= 0.01 * Math.max(engine, 0.01), words);
}

test('tabs are tabs: named, grouped, moved along with arrow keys, opened with Enter', async () => {
  const { page, close, faults } = await tiny(GEOMETRY);
  await projected(page, /^conv5 /);
  const list = page.getByRole('tablist', { name: 'Views' });
  const tabs = list.getByRole('tab');
  assert.deepEqual(await tabs.allInnerTexts(), [
    'Explore',
    'Occlusion',
    'Why this class',
    'Invariance',
    'Parts',
    'Region',
    'Top nine',
    'Favourite',
    'Filters',
    'Training',
    'Poster',
    'Learn',
  ]);
  assert.equal(await tabs.and(page.locator("[tabindex='0']")).count(), 1, 'one stop for the tab key');
  const chosen = () => list.getByRole('tab', { selected: true }).innerText();
  assert.equal(await chosen(), 'Explore');
  await page.getByRole('tab', { name: 'Explore', exact: true }).focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(page), 'Learn', 'the row goes round');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  assert.deepEqual([await focused(page), await chosen()], ['Occlusion', 'Explore'], 'arrows open nothing');
  const described = await page.evaluate(
    () => document.getElementById(document.activeElement?.getAttribute('aria-describedby') ?? '')?.textContent,
  );
  assert.equal(described, 'Ask');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.occlusion');
  assert.equal(await chosen(), 'Occlusion');
  await page.getByRole('tabpanel', { name: 'Occlusion' }).locator('.occlusion').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  assert.equal(
    await tabs.and(page.locator("[tabindex='0']")).innerText(),
    'Occlusion',
    'it comes back to the one that is open',
  );
  assert.deepEqual(faults, []);
  await close();
});

test('the row of tabs is one line at every width, in both languages', async () => {
  const { page, close } = await tiny(GEOMETRY);
  await projected(page, /^conv5 /);
  for (const language of ['en', 'zh']) {
    if (language === 'zh') await page.locator('.tools [data-t=language]').click();
    for (const width of [360, 390, 768, 1024, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      const { tops, hidden } = await page.locator('.tabs').evaluate((row) => ({
        tops: new Set([...row.querySelectorAll('[role=tab]')].map((tab) => Math.round(tab.getBoundingClientRect().top)))
          .size,
        hidden: row.scrollWidth - row.clientWidth,
      }));
      assert.equal(tops, 1, `${language}, ${width}`);
      if (width >= 1280) assert.ok(hidden <= 0, `${language}, ${width}: ${hidden} pixels are out of sight`);
    }
  }
  await close();
});

test('on a phone a tab begins with what it is about; the photograph is a strip that opens again', async () => {
  const { page, close } = await tiny(GEOMETRY, '&tab=occlusion', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await page.waitForSelector('.occlusion h2');
  const topOf = (/** @type {string} */ what) =>
    page
      .locator(what)
      .first()
      .evaluate((one) => one.getBoundingClientRect().top);
  assert.ok((await topOf('.occlusion h2')) < 320, 'its title is in the upper third');
  const stage = page.locator('.stage');
  assert.ok((await stage.evaluate((one) => one.getBoundingClientRect().height)) < 90);
  assert.ok(await page.locator('canvas[data-view=photo]').isVisible());
  assert.equal(await page.locator('.stage .pane').evaluate((one) => /** @type {HTMLElement} */ (one).inert), true);
  const button = page.getByRole('button', { name: 'Show the photograph' });
  assert.equal(await button.getAttribute('aria-expanded'), 'false');
  await button.click();
  const fold = page.getByRole('button', { name: 'Hide the photograph' });
  assert.equal(await fold.getAttribute('aria-expanded'), 'true');
  assert.ok((await stage.evaluate((one) => one.getBoundingClientRect().height)) > 250);
  await page.locator('.crop').focus();
  await fold.click();
  // Explore is about the photograph.
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, /^conv5 /);
  assert.equal(await page.locator('.stage .pane').evaluate((one) => /** @type {HTMLElement} */ (one).inert), false);
  assert.equal(await page.locator('.unfold').isVisible(), false);
  await close();
});

test("the drawing follows the network's table, lights the path of the unit, and leads to every stage", async () => {
  const { page, close, faults } = await tiny(GEOMETRY);
  await projected(page, /^conv5 /);
  await drawn(page);
  const stages = page.locator('.stage-cell');
  const names = await stages.evaluateAll((all) => all.map((one) => one.dataset.stage));
  assert.deepEqual(names, [
    'input',
    'conv1',
    'relu1',
    'pool1',
    'norm1',
    'conv2',
    'relu2',
    'pool2',
    'norm2',
    'conv3',
    'relu3',
    'conv4',
    'relu4',
    'conv5',
    'relu5',
    'pool5',
    'fc6',
    'relu6',
    'fc7',
  ]);
  const lit = () =>
    stages.evaluateAll((all) =>
      all
        .filter((one) => one.classList.contains('lit'))
        .map((one) => one.dataset.stage)
        .at(-1),
    );
  assert.equal(await lit(), 'conv5');
  await page.getByRole('button', { name: /^conv2: convolution, 4 maps of 4 × 4\. Chooses this layer\.$/ }).click();
  const of = await projected(page, /^conv2 /);
  assert.equal(await lit(), 'conv2');
  assert.equal(await page.locator('.drawing [aria-current]').count(), 1);
  const [, map, row, col] = /^conv2 (\d+),(\d+),(\d+)$/.exec(of) ?? [];
  const words = await page.locator('.drawing > .unseen').innerText();
  assert.match(words, new RegExp(`map ${map} of conv2, unit ${row}, ${col}, down to the 2[37] × 2[37] pixels`));
  // The frame on the picture is the receptive field that the photograph shows.
  const shares = (/** @type {string} */ inner, /** @type {string} */ outer) =>
    page.evaluate(
      ([inner = '', outer = '']) => {
        const [a, b] = [inner, outer].map((one) =>
          /** @type {Element} */ (document.querySelector(one)).getBoundingClientRect(),
        );
        return [(a.left - b.left) / b.width, (a.top - b.top) / b.height, a.width / b.width, a.height / b.height].map(
          (one) => Math.round(one * 20) / 20,
        );
      },
      [inner, outer],
    );
  assert.deepEqual(
    await shares('.drawing .seen', '.drawing .of-input canvas'),
    await shares('.crop .field', '.crop .inside'),
  );
  await page.locator('[data-stage=input] .go').click();
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.crop')));
  await page.locator('[data-stage=fc6] .go').click();
  await page.waitForSelector('.invariance');
  await page.goBack();
  await page.locator('[data-stage=fc7] .go').click();
  await page.waitForSelector('.attribution');
  await page.goBack();
  await projected(page, /^conv2 /);
  await page.locator('[data-view=classes] .class').first().click();
  await projected(page, /^class /);
  assert.equal(await lit(), 'fc7', 'a class rests on all of it');
  assert.deepEqual(faults, []);
  await close();
});

test("the arithmetic of each operation has the numbers of the picture, and they are the engine's", async () => {
  const { page, close, faults } = await tiny(GEOMETRY, '&layer=conv4');
  await projected(page, /^conv4 /);
  await drawn(page);
  await page.getByRole('button', { name: 'The arithmetic of conv4' }).click();
  await worked(page);
  assert.match(page.url(), /explore\.op=conv4/);
  await agrees(page);
  // One product, by pointer and by key.
  const [x, w] = [await cellsOf(page, 'arithmetic-patch'), await cellsOf(page, 'arithmetic-filter')];
  assert.deepEqual([x.length, w.length], [9, 9]);
  await page.locator('[data-view=arithmetic-patch]').focus();
  for (let step = 0; step < 9; step++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  await page.locator('[data-view=arithmetic-patch] td.lit').waitFor();
  assert.match(
    await page.locator('[data-view=arithmetic-product]').innerText(),
    /^\S+ × \S+ = \S+, row \d, column \d$/,
  );
  await page.getByRole('button', { name: 'The map that gives less' }).click();
  assert.match(await page.locator('.arithmetic').innerText(), /2 of 4 incoming maps/);
  const { found } = await complaints(page, '.drawing');
  assert.deepEqual(found, []);

  await page.locator('[data-stage=relu4] .go').click();
  await page.waitForSelector('[data-view=arithmetic-rules]');
  const rules = await page
    .locator('[data-view=arithmetic-rules] tr')
    .evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll('td')].map((cell) => Number((cell.textContent ?? '').replace('−', '-'))),
      ),
    );
  assert.deepEqual(
    rules[1],
    rules[0]?.map((value) => Math.max(0, value)),
    'what is below zero becomes zero',
  );
  await page.locator('[data-stage=norm1] .go').click();
  await page.waitForSelector('[data-view=arithmetic-norm]');
  await page.locator('[data-stage=pool1] .go').click();
  await page.waitForSelector('[data-view=arithmetic-pooled]');
  const [piece, kept] = [await cellsOf(page, 'arithmetic-piece'), await cellsOf(page, 'arithmetic-pooled')];
  assert.deepEqual([piece.length, kept.length], [49, 9]);
  const windows = kept.map((_, at) =>
    Math.max(
      ...Array.from(
        { length: 9 },
        (_, i) => piece[(Math.floor(at / 3) * 2 + Math.floor(i / 3)) * 7 + (at % 3) * 2 + (i % 3)] ?? 0,
      ),
    ),
  );
  assert.deepEqual(kept, windows);

  // It stays open on another layer, and closes with Escape; the keys go on where it was opened.
  await page.locator('[data-stage=conv3] .go').click();
  await projected(page, /^conv3 /);
  await worked(page);
  await page.locator('.arithmetic header button').focus();
  await page.keyboard.press('Escape');
  await page.locator('.arithmetic').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement?.closest('li')?.dataset.stage), 'pool1');
  assert.doesNotMatch(page.url(), /explore\.op/);

  // A copy goes to Learn.
  await page.locator('[data-stage=pool1] .go').click();
  await worked(page);
  await page.getByRole('button', { name: 'Change numbers in Learn' }).click();
  await page.waitForSelector('.tab-part .learn[data-state=done]');
  const copied = await page
    .locator('[data-view=learn-map] input')
    .evaluateAll((all) => all.map((one) => Number(/** @type {HTMLInputElement} */ (one).value)));
  const most = Math.max(...piece.filter((_, i) => i % 7 < 6 && i < 42).map(Math.abs));
  for (const [at, value] of copied.entries())
    assert.ok(
      Math.abs(value - ((piece[Math.floor(at / 6) * 7 + (at % 6)] ?? 0) * 9) / most) < 0.2,
      `cell ${at}: ${value}`,
    );
  assert.deepEqual(faults, []);
  await close();
});

test('networks of every kind are drawn and add up: blocks, averages, groups', async () => {
  for (const [file, last] of /** @type {const} */ ([
    [golden('vgg-blocks'), 'conv2_2'],
    [coloured(golden('averaged')), 'conv2'],
    [coloured(golden('readable')), 'conv2'],
  ])) {
    const { page, close, faults } = await tiny(file);
    await projected(page, new RegExp(`^${last} `));
    await drawn(page);
    for (const look of await page.locator('.stage-cell .look').all()) {
      await look.click();
      await worked(page);
      await agrees(page);
    }
    assert.deepEqual(faults, []);
    await close();
  }
  const { page, close, faults } = await visitor(browser, {
    query: '?weights=weights/alexnet/manifest.json&backend=cpu#v=1&sample=cat&layer=conv5',
  });
  await projected(page, /^conv5 /);
  await drawn(page);
  assert.match(
    (await page.locator('[data-stage=conv2] .look').getAttribute('title')) ?? '',
    /5 × 5, stride 1, 2 groups/,
  );
  await page.locator('[data-stage=conv5] .look').click();
  await worked(page);
  await agrees(page);
  assert.deepEqual(faults, []);
  await close();
});
