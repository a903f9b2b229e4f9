// What is kept and shared: links without their photograph, the card, the sheet for paper, and the names of files.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { inWords, projected, sample, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** @param {import("playwright-core").Page} page @param {string} name of a button */
async function saved(page, name) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** @param {Buffer} png */
const sizeOf = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];

/** @param {Buffer} bytes @param {string} name */
async function keep(bytes, name) {
  if (!process.env.ZF_LENS_KEEP) return;
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${process.env.ZF_LENS_KEEP}/${name}`, bytes);
}

test('a link without a sample says what it shows, and shows it as soon as there is a picture', async () => {
  for (const isSample of [false, true]) {
    const visit = await visitor(browser, { query: '?backend=cpu#v=1&layer=conv4&map=41&tab=explore' });
    const { page } = visit;
    await inWords(
      page,
      'This link shows conv4, map 41. Open a photograph to see it there: the one it was made with, or any other.',
    ).waitFor();
    assert.ok(await page.locator('.landing').isVisible());
    assert.equal(await page.getByRole('alert').filter({ visible: true }).count(), 0);
    if (isSample) await page.locator('.tile').first().click();
    else await page.setInputFiles('input[type=file]', sample('coffee'));
    await projected(page, /^conv4 41,/);
    await visit.close();
  }
});

test('a link without a sample opens the tab that it names, and says so in Chinese', async () => {
  const visit = await visitor(browser, { query: '?backend=cpu#v=1&layer=conv5&map=7&unit=2,3&tab=occlusion&lang=zh' });
  const { page } = visit;
  await inWords(page, '此链接指向：遮挡，conv5，特征图 7，第 2 行第 3 列的单元。').waitFor();
  await page.setInputFiles('input[type=file]', sample('coffee'));
  await page.waitForFunction(() => /tab=occlusion.*layer=conv5&map=7&unit=2,3/.test(location.hash));
  await visit.close();
});

test('what is saved is named after the photograph and what is shown; the card and the sheet have their sizes', async () => {
  const visit = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat&layer=conv5&map=41&unit=3,11' });
  const { page } = visit;
  await projected(page, /^conv5 41,3,11/);
  await page.waitForSelector('.journey .place:last-child canvas:not(.blank)');
  await page.waitForSelector('html[data-status=ready]');
  await page.locator('canvas[data-view="classes"], [data-view="classes"] *').first().waitFor();
  await page.getByText('%').first().waitFor();
  const card = await saved(page, 'Save these prints as one picture to share');
  assert.equal(card.name, 'cat-card.png');
  assert.deepEqual(sizeOf(card.bytes), [1200, 630]);
  await keep(card.bytes, card.name);
  const sheet = await saved(page, 'Save this sheet as a picture');
  assert.equal(sheet.name, 'cat-conv5-maps.png');
  assert.deepEqual(sizeOf(sheet.bytes), [2480, 3508]);
  await keep(sheet.bytes, sheet.name);
  assert.equal((await saved(page, 'Save the numbers')).name, 'cat-conv5-map41-unit3,11.json');
  await visit.close();
});

test("a unit's page needs no photograph: its nine, and its favourite on request; it leads to a photograph", async () => {
  for (const hash of ['#unit=conv5/41', '#v=1&unit=conv5/41']) {
    const visit = await visitor(browser, { query: `?backend=cpu${hash}` });
    const { page, faults } = visit;
    await page.getByRole('heading', { name: 'conv5, map 41' }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('.unit-page .nine canvas:not(.blank)').length === 9);
    assert.match(decodeURIComponent(page.url()), /#v=1&unit=conv5\/41$|#unit=conv5\/41$/);
    if (hash.includes('v=1')) {
      await page.getByRole('button', { name: 'Compute the favourite' }).click();
      await page.waitForFunction(
        () => Number(document.querySelector('.unit-page canvas[data-step]')?.getAttribute('data-step')) >= 8,
      );
      await keep(await page.screenshot({ fullPage: true }), 'unit.png');
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByRole('button', { name: 'See it on a photograph' }).click();
      await inWords(page, 'This link shows conv5, map 41.').waitFor();
      await page.setInputFiles('input[type=file]', sample('coffee'));
      await projected(page, /^conv5 41,/);
    } else {
      await page.setViewportSize({ width: 390, height: 844 });
      await keep(await page.screenshot({ fullPage: true }), 'unit-390.png');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 390, `${wide} px wide`);
    }
    assert.deepEqual(faults, []);
    await visit.close();
  }
});

test('a map that the network has not is named on its page', async () => {
  const visit = await visitor(browser, { query: '?backend=cpu#unit=conv9/4&lang=zh' });
  await inWords(visit.page, '这个网络没有名为 conv9 的层').waitFor();
  await visit.close();
});
