// A network of many layers with branches: the row of prints, the list of layers with its search and keys, the graph, the names of
// joined maps, and one place followed through the layers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { complaints, DRESSES, isSound } from './axe.mjs';
import { deep, MILESTONES } from './deep.mjs';
import { launch } from './harness.mjs';
import { numbers, projected, shown, visitor, word } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const also = { 'deep.safetensors': deep() };

/** @param {string} [hash] @param {Partial<Parameters<typeof visitor>[1]>} [options] */
async function visit(hash = 'sample=cat', options = {}) {
  const query = `?backend=cpu&weights=deep.safetensors#v=1&${hash}`;
  const found = await visitor(browser, { server: { also }, query, ...options });
  await found.page.locator('.layers-list [aria-selected=true]').waitFor();
  return found;
}

const names = (/** @type {Page} */ page, /** @type {string} */ what) =>
  page.locator(what).evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.dataset.layer));
const selected = (/** @type {Page} */ page) =>
  page.locator('.layers-list [aria-selected=true]').getAttribute('data-layer');
const focused = (/** @type {Page} */ page) => page.evaluate(() => document.activeElement?.getAttribute('data-layer'));

test('the row of prints shows the last rectified layer of each resolution, the list every layer in its block', async () => {
  const { page, faults, close } = await visit();
  await projected(page, /^residual_4b\/sum /);
  assert.deepEqual(await names(page, '.journey .print'), MILESTONES);
  assert.deepEqual(await names(page, '.layers-list .milestone'), MILESTONES);
  const groups = await page
    .locator('.layers-list [role=group]')
    .evaluateAll((all) =>
      all.map((group) => [
        group.getAttribute('aria-label'),
        [...group.querySelectorAll('[role=option]')].map((option) => option.textContent),
      ]),
    );
  const inception = ['1x1', '3x3_reduce', '3x3', 'output'];
  assert.deepEqual(groups, [
    ['32 × 32', ['stem/conv']],
    ['inception_3a, 16 × 16', inception],
    ['inception_3b, 16 × 16', inception],
    ['residual_4a, 8 × 8', ['conv1', 'conv2', 'shortcut', 'sum']],
    ['residual_4b, 8 × 8', ['conv1', 'conv2', 'sum']],
  ]);
  assert.equal(await page.locator('.stages-row').isVisible(), false, 'what has branches is no row of boxes');

  await page.locator('.layers-list [data-layer="inception_3a/3x3"]').click();
  await projected(page, /^inception_3a\/3x3 /);
  assert.equal(word(page, 'layer'), 'inception_3a/3x3');
  assert.equal(await selected(page), 'inception_3a/3x3');
  assert.equal(await page.locator('.journey .print[aria-current]').count(), 0, 'it has no print of its own');
  const { strongest } = await numbers(page);
  assert.equal(strongest.length, 16);
  await page.goBack();
  await projected(page, /^residual_4b\/sum /);
  assert.equal(await selected(page), 'residual_4b/sum');
  assert.deepEqual(faults, []);
  await close();
});

test('the list is searched, and gone through with the keys', async () => {
  const { page, faults, close } = await visit('sample=cat&layer=inception_3a/output');
  await projected(page, /^inception_3a\/output /);
  const search = page.getByRole('searchbox', { name: 'Find a layer' });
  await search.fill('3x3 3b');
  assert.deepEqual(await names(page, '.layers-list .layer'), ['inception_3b/3x3_reduce', 'inception_3b/3x3']);
  assert.equal(await page.locator('.layers-search [role=status]').innerText(), '2 of 16');
  await search.fill('nothing');
  await page.getByText('No layer is called that.').waitFor();
  await page.keyboard.press('Escape');
  assert.equal((await names(page, '.layers-list .layer')).length, 16);
  await search.fill('8x8 sum');
  await page.keyboard.press('Enter');
  await projected(page, /^residual_4a\/sum /);
  assert.equal(await focused(page), 'residual_4a/sum');

  await search.fill('');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(page), 'stem/conv');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(page), 'inception_3a/3x3_reduce');
  await page.keyboard.press('End');
  assert.equal(await focused(page), 'residual_4b/sum');
  await page.keyboard.press('ArrowUp');
  const above = await focused(page);
  assert.match(above ?? '', /^inception_3/, 'the row above');
  await page.keyboard.press('ArrowDown');
  assert.match((await focused(page)) ?? '', /^residual_/);
  assert.match((await shown(page)) ?? '', /^residual_4a\/sum /, 'moving does not choose');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await projected(page, /^stem\/conv /);
  assert.equal(await selected(page), 'stem/conv');
  // Letters search.
  await page.keyboard.type('short');
  assert.equal(await search.inputValue(), 'short');
  assert.deepEqual(await names(page, '.layers-list .layer'), ['residual_4a/shortcut']);
  assert.deepEqual(faults, []);
  await close();
});

test('a map of a join is called by its branch, and a branch says where it is joined', async () => {
  const { page, faults, close } = await visit('sample=cat&layer=inception_3b/output&map=6');
  await projected(page, /^inception_3b\/output 6,/);
  const title = page.locator('.inspector h2');
  assert.match(await title.innerText(), /^inception_3b\/3x3 · map 2 \(map 6 of the joined\), unit \d+ · \d+$/);
  assert.match(await page.locator('.explorer [role=option]').innerText(), /^Map 6 \(inception_3b\/3x3 · map 2\), /);
  const print = page.locator('.journey [data-layer="inception_3b/output"] .words');
  assert.match(await print.innerText(), /^map \d+ \(inception_3b\/(1x1|3x3) · map [0-5]\) /);
  await page.getByText('Whole map').click();
  await projected(page, /^inception_3b\/output 6$/);
  assert.equal(await title.innerText(), 'inception_3b/3x3 · map 2 (map 6 of the joined), all units');
  const { target } = await numbers(page);
  assert.deepEqual(target.branch, { layer: 'inception_3b/3x3', map: 2 });

  await page.getByRole('tab', { name: 'Top nine', exact: true }).click();
  const named = 'What excites map 6 (inception_3b/3x3 · map 2) of inception_3b/output most';
  await page.getByRole('heading', { name: named }).waitFor();
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();

  await page.locator('.layers-list [data-layer="inception_3b/1x1"]').click();
  await projected(page, /^inception_3b\/1x1 /);
  assert.match(await title.innerText(), /^Feature map \d, unit/);
  const own = (await shown(page))?.match(/ (\d+),/)?.[1];
  assert.equal(
    await page.locator('.inspector dt', { hasText: 'joined as' }).locator('+ dd').innerText(),
    `map ${own} of inception_3b/output`,
  );
  assert.deepEqual(faults, []);
  await close();
});

test('the graph lights what the chosen layer rests on, and a press chooses a layer', async () => {
  const { page, faults, close } = await visit('sample=cat&layer=inception_3a/3x3');
  await projected(page, /^inception_3a\/3x3 /);
  // Sixteen layers, a pool, the mean and the scores; and of them the stem, the pool, the reduction and the layer itself.
  assert.equal(await page.locator('.graph .node').count(), 19);
  assert.equal(await page.locator('.graph .node.lit').count(), 4);
  assert.equal(await page.locator('.graph .node.chosen').count(), 1);
  assert.deepEqual(await page.locator('.graph .size').allTextContents(), ['32²', '16²', '8²']);
  assert.match(
    (await page.locator('.graph svg').getAttribute('aria-label')) ?? '',
    /Lit: inception_3a\/3x3 and the 4 steps/,
  );
  const joins = page.locator('.graph .node.of-concat');
  await joins.last().scrollIntoViewIfNeeded();
  const box = await joins.last().boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  assert.match(await page.locator('.graph .note').innerText(), /^inception_3b\/output: join, 10 maps of 16 × 16$/);
  await page.mouse.down();
  await page.mouse.up();
  await projected(page, /^inception_3b\/output /);
  assert.equal(await selected(page), 'inception_3b/output');
  assert.equal(await page.locator('.graph .node.lit').count(), 10);
  assert.deepEqual(faults, []);
  await close();
});

test('one place is followed through the layers: a tile of each, which leads to its unit; it can be stopped', async () => {
  const { page, faults, close } = await visit('sample=cat&layer=inception_3a/3x3&map=1&unit=8,6');
  await projected(page, /^inception_3a\/3x3 1,8,6/);
  const start = page.getByRole('button', { name: 'Follow this place' });
  await page.evaluate(() => {
    /** @type {HTMLElement[]} */
    const [start, cancel] = [...document.querySelectorAll('.through header button')];
    start?.click();
    cancel?.click();
  });
  assert.ok(await start.isVisible());
  assert.equal(await page.locator('.through-tiles[aria-busy]').count(), 0);

  await start.click();
  await start.waitFor();
  const tiles = page.locator('.through-tiles .print');
  const [stem, join, sum] = MILESTONES;
  assert.deepEqual(await names(page, '.through-tiles .print'), [stem, 'inception_3a/3x3', join, sum]);
  const labels = await tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute('aria-label') ?? ''));
  for (const label of labels) assert.match(label, /map \d+.*px, activation |nothing answers there$/);
  // The place in the other layers: as far from the border of the picture.
  const places = [];
  for (const at of [0, 1, 2, 3]) {
    if (/nothing/.test(labels[at] ?? '')) continue;
    const name = (await tiles.nth(at).getAttribute('data-layer')) ?? '';
    await tiles.nth(at).click();
    const of = await projected(page, new RegExp(`^${name} `));
    places.push([name, of.replace(/^.*? \d+,/, '')]);
    assert.equal(await tiles.nth(at).getAttribute('aria-current'), 'true');
    const { strongest } = await numbers(page);
    assert.ok(strongest.length === 16);
  }
  const known = { [stem ?? '']: '17,13', 'inception_3a/3x3': '8,6', [join ?? '']: '8,6', [sum ?? '']: '4,3' };
  assert.ok(places.length > 2);
  for (const [name, place] of places) assert.equal(place, known[name ?? ''], name);

  // Under another rule they would be others.
  await page.locator('.inspector').getByText('Guided', { exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll('.through-tiles .print').length === 0);
  assert.deepEqual(faults, []);
  await close();
});

test('where a rule is known to look weak, it is said beside it', async () => {
  const { page, close } = await visit();
  await projected(page, /^residual_4b\/sum /);
  const text = page.locator('.inspector .settings .note').first();
  const isSaid = async () => (await text.innerText()).includes('known to look weak');
  assert.ok(await isSaid());
  await page.locator('.inspector').getByText('Gradient', { exact: true }).click();
  await text.filter({ hasText: 'true derivative' }).waitFor();
  assert.equal(await isSaid(), false);
  await page.locator('.inspector').getByText('Guided', { exact: true }).click();
  await text.filter({ hasText: 'known to look weak' }).waitFor();
  await page.locator('.layers-list [data-layer="inception_3b/output"]').click();
  await projected(page, /^inception_3b\/output /);
  assert.equal(await isSaid(), false, 'there is no sum below it');
  await close();
});

for (const [name, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing about the layers, and nothing sticks out: ${name}`, async () => {
    const { page, faults, close } = await visit('sample=cat', { context });
    await projected(page, /^residual_4b\/sum /);
    await page.getByRole('button', { name: 'Follow this place' }).click();
    await page.locator('.through-tiles:not([aria-busy]) .print').nth(2).waitFor();
    assert.deepEqual((await complaints(page, '.layers')).found, []);
    await isSound(page);
    assert.deepEqual(faults, []);
    await close();
  });
}
