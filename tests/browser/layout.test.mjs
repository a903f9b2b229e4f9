// Nothing is cut and nothing sticks out: every tab, in both languages, at the widths that people have, on one page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { training } from './checkpoints.mjs';
import { launch } from './harness.mjs';
import { closed, coloured, named, opened } from './heads.mjs';
import { golden, visitor } from './visitor.mjs';

const WIDTHS = [320, 360, 390, 768, 1024, 1280, 1920];
/** As many convolutions as the bundled network, and answers in no time; classes with names as long as there are. */
const FILE = recalled(
  named(coloured(golden('zfnet-geometry')), ['wild mammal', 'musical instrument', 'motorbike', 'T-shirt']),
);
const NAME = JSON.parse(opened(FILE).json.__metadata__['zf-lens']).name;
const STAGES = [0.25, 0.5, 1, 2, 4, 8, 14].map((epoch, at) => ({ epoch, factor: 2 ** (at % 3) }));

/** A network that remembers a recipe which held its first layer still. @param {Buffer} file */
function recalled(file) {
  const { json, data } = opened(file);
  const model = JSON.parse(json.__metadata__['zf-lens']);
  model.provenance = { recipe: { hold_first: 1.5, initialisation: { k_means: {} } } };
  json.__metadata__['zf-lens'] = JSON.stringify(model);
  return closed({ json, data });
}

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @typedef {import("playwright-core").Page} Page */

/** What is wrong with the page as it is laid out now. @param {Page} page @returns {Promise<string[]>} */
const flaws = (page) =>
  page.evaluate(async () => {
    // Charts are drawn anew for the room they have, and charts of charts after them.
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const { documentElement: root } = document;
    /** @type {string[]} */
    const found = [];
    const name = (/** @type {Element} */ one) =>
      `${one.tagName.toLowerCase()}.${one.getAttribute('class') ?? ''} “${(one.textContent ?? '').trim().slice(0, 40)}”`;
    if (root.scrollWidth > root.clientWidth)
      found.push(`the page is ${root.scrollWidth - root.clientWidth} pixels too wide`);
    const scrolls = (/** @type {Element} */ one) => {
      for (let at = one.parentElement; at && at !== document.body; at = at.parentElement)
        if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
      return false;
    };
    const isSeen = (/** @type {Element} */ one) =>
      one.checkVisibility() && !one.closest('.unseen, [inert]') && one.getClientRects().length > 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || !node.textContent?.trim() || !isSeen(parent) || parent.closest('select, noscript, script'))
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      const svg = parent.closest('svg');
      if (svg) {
        const frame = svg.getBoundingClientRect();
        if (
          box.left < frame.left - 1 ||
          box.right > frame.right + 1 ||
          box.top < frame.top - 1 ||
          box.bottom > frame.bottom + 1
        )
          found.push(`${name(parent)} leaves its chart`);
        continue;
      }
      if (box.right > root.clientWidth + 1 && !scrolls(parent))
        found.push(`${name(parent)} ends at ${Math.round(box.right)}`);
      for (let at = /** @type {Element | null} */ (parent); at && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        const frame = at.getBoundingClientRect();
        if (/auto|scroll/.test(overflowX)) break;
        const isCut =
          (/hidden|clip/.test(overflowX) && box.right > frame.right + 1) ||
          (/hidden|clip/.test(overflowY) && box.bottom > frame.bottom + 1);
        if (isCut && getComputedStyle(at).textOverflow !== 'ellipsis')
          found.push(`${name(parent)} is cut by ${name(at)}`);
      }
      // A word of letters that stands on two lines was broken where no one would.
      for (const { index, 0: word } of node.textContent.matchAll(/[A-Za-z]{4,}/g)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
          found.push(`“${word}” is broken in ${name(parent)}`);
      }
    }
    // The box of a part is as large as the part.
    for (const one of document.querySelectorAll('a, button, input, select, summary')) {
      const target = (one.matches('[type=checkbox], [type=radio]') && one.closest('label')) || one;
      const { width, height } = target.getBoundingClientRect();
      if (isSeen(one) && !one.matches('.unseen') && Math.min(width, height) < 23.9)
        found.push(`${name(target)} is ${width.toFixed(1)} × ${height.toFixed(1)}, too small for a finger`);
    }
    const journey = document.querySelector('.journey');
    if (journey?.checkVisibility() && innerWidth >= 760 && journey.scrollWidth > journey.clientWidth + 1)
      found.push(`the row of layers hides ${journey.scrollWidth - journey.clientWidth} pixels`);
    for (const square of document.querySelectorAll('.inspector .square')) {
      const canvas = square.querySelector('canvas')?.getBoundingClientRect();
      const frame = square.getBoundingClientRect();
      if (
        canvas &&
        square.checkVisibility() &&
        (canvas.height > frame.height + 1 || Math.abs(canvas.width - canvas.height) > 1)
      )
        found.push(`a picture of ${canvas.width} × ${canvas.height} in a frame of ${frame.width} × ${frame.height}`);
    }
    return [...new Set(found)];
  });

/** The unit that the marker on the map stands on, and the one that is chosen. @param {Page} page */
const marked = (page) =>
  page.evaluate(() => {
    const map = /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=map]'));
    const [frame, dot] = [map, document.querySelector('.inspector .unit-mark')].map((one) =>
      /** @type {Element} */ (one).getBoundingClientRect(),
    );
    const cell = (/** @type {number} */ share, /** @type {number} */ count) => Math.floor(share * count);
    const row = cell((dot.top + dot.height / 2 - frame.top) / frame.height, map.height);
    const col = cell((dot.left + dot.width / 2 - frame.left) / frame.width, map.width);
    const of = document.querySelector('canvas[data-view=projection]')?.getAttribute('data-of')?.split(',') ?? [];
    return { on: [row, col], chosen: of.slice(1).map(Number) };
  });

test('every tab at every width, in both languages; the row of tabs shows the one that is open', async () => {
  const files = training({ folder: 'nets', network: NAME, file: FILE, layer: 'conv2', stages: STAGES });
  const server = { also: { 'nets/manifest.json': manifest(), 'nets/net.safetensors': FILE, ...files } };
  const { page, close } = await visitor(browser, {
    server,
    query: '?weights=nets/manifest.json&backend=cpu#v=1&lang=en&sample=cat&layer=conv5',
  });
  await page.waitForSelector('[data-view=classes] li');
  const tabs = await page.locator('.tabs button').evaluateAll((all) => all.map((one) => one.dataset.tab ?? ''));
  assert.equal(tabs.length, 12);
  /** @type {string[]} */
  const found = [];
  for (const tab of tabs) {
    await page.locator(`.tabs [data-tab=${tab}]`).click();
    if (tab === 'correspondence') await page.locator('.correspondence .ways .primary').click();
    if (tab !== 'explore') {
      const kind = tab === 'training' ? 'evolution' : tab;
      const rests = '[data-state]:not([data-state=running], [data-state=loading], [data-state=waiting])';
      await page.waitForSelector(`.tab-part > :not([hidden]):is(.${kind})${rests}`);
      if (tab === 'correspondence') await page.waitForSelector('.correspondence[data-state=done]');
    }
    for (const language of ['en', 'zh']) {
      // The language is a button's matter, as it is for a visitor.
      const now = (await page.locator('html').getAttribute('lang'))?.slice(0, 2);
      if (now !== language) await page.locator('.tools [data-t=language]').click();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await flaws(page)).map((flaw) => `${tab}, ${language}, ${width}: ${flaw}`));
        const [row, button] = await page.evaluate(() =>
          ['.tabs', '.tabs [aria-current]'].map((one) => document.querySelector(one)?.getBoundingClientRect().toJSON()),
        );
        if (button.left < row.left - 1 || button.right > row.right + 1)
          found.push(`${tab}, ${language}, ${width}: its name is out of sight`);
        if (tab !== 'explore') continue;
        const { on, chosen } = await marked(page);
        if (String(on) !== String(chosen)) found.push(`${width}: the marker is on ${on}, not on ${chosen}`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 1000 });
  }
  assert.deepEqual(found, []);
  // What was compared stands in the address of the tabs that compare, and in no other.
  assert.doesNotMatch(page.url(), /others=/);
  await page.locator('.tabs [data-tab=invariance]').click();
  await page.waitForFunction(() => /others=cougar-1/.test(location.hash));
  await page.locator('.tabs [data-tab=explore]').click();
  await page.waitForFunction(() => !location.hash.includes('others='));
  await page.goBack();
  await page.goForward();
  await page.locator('.tabs [data-tab=invariance]').click();
  await page.waitForFunction(() => /others=cougar-1/.test(location.hash));
  await close();
});

/** The network as one file, with a folder beside it for its training. */
function manifest() {
  const files = [{ shard: 'all', path: 'net.safetensors', bytes: FILE.length }];
  return Buffer.from(JSON.stringify({ format: 1, name: NAME, files }));
}

/** A training on its own scale: what the recipe held still is hatched, and what is too small is said to be. */
test('the chart of a training says what was held still, and what lies below its scale', async () => {
  const files = training({ folder: 'nets', network: NAME, file: FILE, layer: 'conv2', stages: STAGES });
  const record = JSON.parse(files['nets/evolution/evolution.json'].toString());
  record.checkpoints.forEach(
    (/** @type {any} */ one) =>
      (one.moved = { conv1: one.epoch < 1.5 ? 6e-8 : 0.05, conv2: 0.1, conv3: one.epoch === 14 ? 0 : 0.2 }),
  );
  files['nets/evolution/evolution.json'] = Buffer.from(JSON.stringify(record));
  const server = { also: { 'nets/manifest.json': manifest(), 'nets/net.safetensors': FILE, ...files } };
  const { page, close } = await visitor(browser, {
    server,
    query: '?weights=nets/manifest.json&backend=cpu#v=1&sample=cat&tab=training',
  });
  await page.waitForSelector('.evolution[data-state=done]');
  const weights = page.locator('[data-view=evolution-weights]');
  // Three checkpoints lie in the first epoch and a half, and one layer stands still at the end.
  assert.deepEqual([await weights.locator('rect.held').count(), await weights.locator('path.below').count()], [1, 4]);
  assert.match(await weights.locator('svg').innerHTML(), /conv1 frozen/);
  assert.match(
    await page.locator('[data-note=held]').innerText(),
    /until epoch 1\.5 the recipe kept conv1 frozen.*k-means/s,
  );
  assert.ok(await page.locator('[data-note=below]').isVisible());
  const band = await weights
    .locator('rect.held')
    .evaluate((one) => Number(one.getAttribute('x')) + Number(one.getAttribute('width')));
  const dots = await weights.locator('circle').evaluateAll((all) => all.map((one) => Number(one.getAttribute('cx'))));
  const [third = 0, fourth = 0] = [...new Set(dots)].sort((a, b) => a - b).slice(2);
  assert.ok(third < band && band < fourth, `the band ends at ${band}, between ${third} and ${fourth}`);
  // No scale is made for what could not move.
  assert.doesNotMatch(await weights.locator('svg').innerHTML(), /0\.00\d*%/);
  await page.locator('.curves summary').first().click();
  assert.match(await page.locator('.curves table').first().innerText(), /0\.25\s+frozen\s+10%\s+20%/);
  await page.locator('.curves .segmented').getByText('Linear').click();
  assert.equal(await weights.locator('path.below').count(), 0, 'nothing lies below zero');
  assert.equal(await page.locator('[data-note=below]').isVisible(), false);
  await close();
});

test('on a phone one panel says what class names are wanted for, gets them, and the tab fills', async () => {
  const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { page, server, close } = await visitor(browser, {
    context,
    query: '?backend=cpu#v=1&sample=cat&tab=attribution&attribution.samples=4&attribution.steps=4',
  });
  const panel = page.locator('.attribution .classes-wanted');
  await panel.waitFor();
  assert.match(await panel.innerText(), /needs the classifier.*Get the class names, 5\.\d MB/s);
  const tab = page.locator('.attribution');
  assert.match(await tab.locator('h2').first().innerText(), /^Why this class\?$/);
  assert.doesNotMatch(await tab.innerText(), /airplane|head/);
  assert.equal(await tab.locator('select:visible').count(), 0);
  assert.equal(await page.getByRole('button', { name: /class names/ }).count(), 1, 'one button, wherever one looks');
  // What needs no classes works there.
  for (const [name, part] of [
    ['Occlusion', '[data-view=occlusion-activity]:not(.blank)'],
    ['Invariance', '[data-view=scale-early] circle'],
  ]) {
    await page.getByRole('tab', { name, exact: true }).click();
    // On a phone nothing long begins by itself.
    await page.locator(`.${name.toLowerCase()} .halt`).getByRole('button', { name: 'Start' }).click();
    await page.waitForSelector(part);
    const own = page.locator(`.${name.toLowerCase()} .classes-wanted`);
    assert.match(await own.innerText(), /classifier.*Get the class names, 5\.\d MB/s);
    assert.equal(await page.getByRole('button', { name: /class names/ }).count(), 1);
    assert.equal(
      await page
        .locator(`.${name.toLowerCase()}`)
        .getByLabel('Class', { exact: true })
        .filter({ visible: true })
        .count(),
      0,
    );
  }
  assert.deepEqual(
    server.asked.filter((path) => path.includes('classifier')),
    [],
  );
  await page.getByRole('tab', { name: 'Why this class' }).click();
  await panel.getByRole('button').click();
  await tab.locator('.halt').getByRole('button', { name: 'Start' }).click();
  await page.waitForSelector(".attribution [data-method=grad_cam][data-done='1']");
  assert.equal(await panel.isVisible(), false);
  assert.match(await tab.locator('h2').first().innerText(), /^Why “cat”\?$/);
  await close();
});

test('the keys stay where they are: a sample is opened, a link is copied, and neither moves the page', async () => {
  const { page, context, close } = await visitor(browser, { query: '?backend=cpu' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('.wall .tile').first().press('Enter');
  await page.waitForSelector('[data-view=classes] li');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-tab')), 'explore');
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  const top = () => page.locator('.tabs').evaluate((one) => one.getBoundingClientRect().top + scrollY);
  const before = await top();
  await page.locator('.inspector').getByRole('button', { name: 'Copy link' }).press('Enter');
  const toast = page.getByRole('status').filter({ hasText: 'Link copied.' });
  await toast.waitFor();
  assert.equal(await top(), before, 'nothing is pushed down');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Copy link');
  await toast.waitFor({ state: 'detached', timeout: 10_000 });
  // A button that goes away when it is pressed leaves the focus in the view that it was in.
  await page.locator('.tabs [data-tab=favourite]').press('Enter');
  await page.locator('.favourite .progress').getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.waitForSelector('.favourite[data-state=stopped]');
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.favourite')), 'the view');
  await page.locator('.favourite .halt').getByRole('button').press('Enter');
  await page.waitForSelector('.favourite[data-state=running]');
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.favourite')), 'and again');
  await close();
});
