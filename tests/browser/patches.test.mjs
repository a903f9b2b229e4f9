// The photographs beside the projections: those that may be shown, whose they are, and why others are not; a sheet that does
// not come; and the gallery that ships.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { bundled, colourOf, COUNT, isWithheld, middles, UNSHOWN } from './galleries.mjs';
import { launch } from './harness.mjs';
import { download, figure, numbers, reaches, visitor } from './visitor.mjs';

/** Of this map's nine, some may not be shown. */
const MAP = 17;
const QUERY = `?backend=cpu#v=1&sample=cat&tab=top&layer=conv4&map=${MAP}`;
const RANKS = Array.from({ length: COUNT }, (_, rank) => rank);
const SHOWN = RANKS.filter((rank) => !isWithheld(10 * MAP + rank));
const reached = reaches('top');
const ALSO = bundled({ patches: true, credited: true });

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {Page} page @param {number} rank */
const patch = (page, rank) => page.locator(`.top-nine ol[data-view=nine-patch] li >> nth=${rank}`);

test('beside each projection stands its patch, or why it does not; a press says whose it is', async () => {
  const { page, server, faults, close } = await visitor(browser, { server: { also: ALSO }, query: QUERY });
  await reached(page, 'done');
  const fetched = () => server.asked.filter((path) => path.includes('/gallery/'));
  assert.deepEqual(
    new Set(fetched()),
    new Set(['gallery.json', 'conv4.projections.png', 'conv4.patches.png'].map((name) => `weights/gallery/${name}`)),
  );
  assert.deepEqual(
    await middles(page, 'projection'),
    RANKS.map((rank) => colourOf(MAP % 12, rank, false)),
  );
  assert.deepEqual(
    await middles(page, 'patch'),
    SHOWN.map((rank) => colourOf(MAP % 12, rank, true)),
    'each from its place on a sheet whose tiles are larger',
  );
  for (const rank of RANKS.filter((rank) => !SHOWN.includes(rank)))
    assert.equal(await patch(page, rank).innerText(), 'Not shown: a person’s face');
  assert.match(await page.locator('.sources').innerText(), /Of some pictures only the projection is shown/);
  assert.match(await page.locator('.blocks figure >> nth=1').innerText(), /All patches together: CC BY-SA 4\.0/);

  // By hand and by key; what is said is said aloud, too.
  const credit = page.locator('.blocks .credit');
  assert.equal(await credit.getAttribute('role'), 'status');
  assert.equal(await credit.innerText(), '');
  const [first = 0, second = 0] = SHOWN;
  const button = (/** @type {number} */ rank) => patch(page, rank).getByRole('button');
  await button(first).click();
  const said = (/** @type {number} */ rank) =>
    `Coloured squares, ${10 * MAP + rank}.jpg, A. Painter, CC BY 4.0. Cut to the receptive field, scaled.`;
  assert.equal(await credit.innerText(), said(first));
  assert.deepEqual(await credit.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href'))), [
    'https://example.org/squares',
    'https://example.org/CC-BY-4.0',
  ]);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await credit.innerText(), said(second));
  assert.deepEqual(
    [await button(first).getAttribute('aria-pressed'), await button(second).getAttribute('aria-pressed')],
    ['false', 'true'],
  );
  assert.match(
    await button(second).getByRole('img').getAttribute('aria-label').then(String),
    new RegExp(`^Image patch\\. Number ${second + 1}: `),
  );
  await page.locator('header.top [data-t=language]').click();
  await page.locator('.blocks .credit', { hasText: '裁剪至感受野' }).waitFor();
  assert.equal(await patch(page, RANKS.find((rank) => !SHOWN.includes(rank)) ?? 0).innerText(), '不显示：人脸');
  await page.locator('header.top [data-t=language]').click();
  await page.keyboard.press('Tab');

  // What is taken away says it as well.
  const { winners, gallery } = await numbers(page);
  assert.equal(gallery.licence.name, 'CC BY-SA 4.0');
  for (const { picture, credit: own, withheld } of winners)
    assert.deepEqual(
      [own?.by, withheld?.en],
      isWithheld(picture) ? [undefined, 'a person’s face'] : ['A. Painter', undefined],
    );
  const { words, pictures } = await figure(page);
  // Two blocks, words where a patch may not be shown, and the photograph's own.
  const withheld = winners.filter((/** @type {{ picture: number }} */ { picture }) => isWithheld(picture)).length;
  assert.ok(withheld > 0);
  assert.equal(pictures, 2 * COUNT + 2 - withheld);
  for (const said of ['Not shown: a person’s face', 'A. Painter', 'All patches together: CC BY-SA 4.0'])
    assert.ok(words.includes(said), said);

  const all = await download(page, 'Save everything');
  assert.equal(all.readUInt32LE(0), 0x04034b50, 'a ZIP file');
  for (const ending of ['png', 'svg', 'json', 'csv'])
    assert.ok(all.includes(`cat-conv4-map${MAP}-top.${ending}`), ending);

  // Another layer, another sheet; the same layer once more, none.
  await page.click('button[data-layer=conv2]');
  await page.waitForFunction(() => document.querySelector('.experiment.top h2')?.textContent?.includes('conv2'));
  await reached(page, 'done');
  assert.ok(fetched().includes('weights/gallery/conv2.patches.png'));
  assert.equal(await credit.innerText(), '', 'a credit goes with its map');
  const before = fetched().length;
  await page.locator('select[data-choice=map]').selectOption('3');
  await page.waitForFunction(() => document.querySelector('.experiment.top h2')?.textContent?.includes('map 3'));
  await reached(page, 'done');
  assert.equal(fetched().length, before);
  assert.deepEqual(faults, []);
  await close();
});

test('where none of the nine may be shown, one sentence stands for all', async () => {
  const query = QUERY.replace(/map=.*/, `map=${UNSHOWN}`);
  const { page, faults, close } = await visitor(browser, { server: { also: ALSO }, query });
  await reached(page, 'done');
  const patches = page.locator('.top-nine ol[data-view=nine-patch]');
  assert.equal(await patches.innerText(), 'Not shown: a person’s face');
  assert.equal(await page.locator('.top-nine ol[data-view=nine-projection] canvas').count(), COUNT);
  const [said, block] = [await patch(page, 0).boundingBox(), await patches.boundingBox()];
  assert.ok(said && block && Math.abs(said.width - block.width) < 2, 'as wide as the nine would be');
  await page.locator('.top-nine ol[data-view=nine-projection] li >> nth=3').hover();
  assert.deepEqual(faults, []);
  await close();
});

test('the strip beside a projection asks for no photograph', async () => {
  const { page, server, close } = await visitor(browser, {
    server: { also: ALSO },
    query: `?backend=cpu#v=1&sample=cat&layer=conv4&map=${MAP}`,
  });
  await page.waitForSelector('html[data-status=ready]');
  await page.locator('.of-map').scrollIntoViewIfNeeded();
  await page.waitForSelector(`.strip-row[data-drawn="conv4 ${MAP}"]`);
  assert.ok(server.asked.includes('weights/gallery/conv4.projections.png'));
  assert.ok(!server.asked.some((path) => path.includes('patches')));
  await close();
});

test('where the sheet of patches does not come, projections stand alone', async () => {
  const { 'weights/gallery/conv4.patches.png': _sheet, ...also } = ALSO;
  const { page, close } = await visitor(browser, { server: { also }, query: QUERY });
  await reached(page, 'done');
  assert.deepEqual(
    await middles(page, 'projection'),
    RANKS.map((rank) => colourOf(MAP % 12, rank, false)),
  );
  assert.ok(await page.locator('.blocks figure >> nth=1').isHidden());
  assert.match(await page.locator('.sources').innerText(), /only the projections are shown/);
  // A layer whose sheet is there shows it.
  await page.click('button[data-layer=conv2]');
  await page.waitForFunction(() => document.querySelector('.experiment.top h2')?.textContent?.includes('conv2'));
  await reached(page, 'done');
  assert.ok(await page.locator('.blocks figure >> nth=1').isVisible());
  await close();
});

test('of the gallery that ships every winner has a credit or a reason, and nobody’s face is in it', () => {
  const beside = (/** @type {string} */ name) => new URL(`../../weights/gallery/${name}`, import.meta.url);
  const { credits, names, layers } = JSON.parse(readFileSync(beside('gallery.json'), 'utf8'));
  const of = (/** @type {any[]} */ groups) => new Set(groups.flatMap(({ pictures }) => pictures));
  const [shown, withheld] = [of(credits.shown), of(credits.withheld)];
  const winners = new Set(layers.flatMap(({ top }) => top.flat().map((/** @type {any} */ { picture }) => picture)));
  assert.deepEqual(
    [...winners].filter((picture) => shown.has(picture) === withheld.has(picture)),
    [],
  );
  assert.equal(shown.size + withheld.size, winners.size);
  assert.deepEqual(new Set(Object.keys(names).map(Number)), shown);
  const flowers = Object.values(names).filter((name) => /^face\/|\/flowers_/.test(name));
  assert.deepEqual(
    flowers.filter((name) => name !== 'daisy/flowers_7568630428_8cf0fc16ff_n.jpg'),
    [],
  );
  const bytes = layers.map((/** @type {any} */ { patches }) => statSync(beside(patches)).size);
  const all = bytes.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0);
  assert.ok(all < 6e6, `${all} bytes of patches`);
});

for (const [dress, context] of Object.entries({
  ...DRESSES,
  '1920 pixels': { viewport: { width: 1920, height: 1080 } },
})) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { server: { also: ALSO }, context, query: QUERY });
    await reached(page, 'done');
    await patch(page, SHOWN[0] ?? 0)
      .getByRole('button')
      .click();
    await isSound(page);
    await close();
  });
}
