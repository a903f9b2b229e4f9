// axe-core finds nothing to complain of, in whatever state and dress the page is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { complaints } from './axe.mjs';
import { launch } from './harness.mjs';
import { picture, projected, refused, sample, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {import("playwright-core").Page} page @param {string} state */
async function audit(page, state) {
  const { found, passed } = await complaints(page);
  assert.ok(passed > 10, `${state}: ${passed} rules were applied`);
  assert.deepEqual(found, [], state);
}

/** Nothing is cut off or sticks out at the side. @param {import("playwright-core").Page} page @param {string} state */
async function fits(page, state) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${state}: ${over} pixels too wide`);
}

/** Every language, theme and size. @type {Record<string, import("playwright-core").BrowserContextOptions>} */
const DRESSES = Object.fromEntries(
  ['en-GB', 'zh-CN'].flatMap((locale) =>
    /** @type {const} */ (['light', 'dark']).flatMap((colorScheme) =>
      [1280, 390, 360].map((width) => [
        `${locale}, ${colorScheme}, ${width} pixels`,
        { locale, colorScheme, viewport: { width, height: 800 } },
      ]),
    ),
  ),
);
// The narrowest of phones, once.
for (const one of ['en-GB, light', 'en-GB, dark', 'zh-CN, light']) delete DRESSES[`${one}, 360 pixels`];

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { context });
    await page.waitForFunction(() => document.querySelectorAll('.wall .tile').length === 8);
    await audit(page, 'landing');
    await fits(page, 'landing');
    await page.setInputFiles('input[type=file]', picture('text.jpg'));
    await refused(page, 'image-not-a-picture');
    await audit(page, 'error without a result');
    await page.setInputFiles('input[type=file]', sample('astronaut'));
    await projected(page, /^conv5 /);
    await page.waitForSelector('[data-view=classes] li');
    await audit(page, 'result');
    await fits(page, 'result');
    await page.setInputFiles('input[type=file]', picture('empty.jpg'));
    await refused(page, 'image-empty');
    await audit(page, 'error with a result');
    await fits(page, 'error with a result');
    await page.locator('[data-view=classes] .class').first().click();
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await audit(page, 'help');
    await page.keyboard.press('Escape');
    await page.locator('.known').click();
    await page.waitForSelector('.known-things[open]');
    assert.equal(await page.locator('.known-list button').count(), 29);
    await audit(page, 'what it knows');
    await fits(page, 'what it knows');
    await close();
  });
}

test('the language of the page is declared, and every control has a name in it', async () => {
  const { page, close } = await visitor(browser, { context: { locale: 'zh-CN' } });
  await page.waitForFunction(() => document.querySelectorAll('.wall .tile').length === 8);
  assert.match((await page.locator('html').getAttribute('lang')) ?? '', /^zh/);
  const names = await page.evaluate(() =>
    [...document.querySelectorAll('button')]
      .filter((one) => one.checkVisibility())
      .map((one) => one.innerText || one.ariaLabel || ''),
  );
  assert.deepEqual(
    names.filter((name) => !/\p{Script=Han}|^EN$/u.test(name)),
    [],
  );
  await close();
});
