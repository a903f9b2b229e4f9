// What axe-core complains of, with the rules of WCAG 2.2 that it leaves out unless it is asked: how large targets are.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core');

/**
 * @param {import("playwright-core").Page} page
 * @param {string} [part] a selector; the whole page if there is none
 * @returns {Promise<{ found: string[], passed: number }>} every complaint with what it is about; how many rules were applied
 */
export async function complaints(page, part) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: AXE });
  // Colours are judged where they rest, not on their way; what is drawn anew meanwhile would never tell that it is there.
  await page.evaluate(() => {
    const roots = [
      document,
      ...[...document.querySelectorAll('zf-lens')].flatMap(({ shadowRoot }) => shadowRoot ?? []),
    ];
    for (const animation of roots.flatMap((root) => root.getAnimations()))
      if (animation.effect?.getComputedTiming().iterations !== Infinity) animation.finish();
  });
  const { violations, passes } = await page.evaluate((part) => {
    const { axe } = /** @type {any} */ (window);
    return axe.run(part ? document.querySelector(part) : document, { rules: { 'target-size': { enabled: true } } });
  }, part);
  const found = violations.map(
    (/** @type {any} */ { id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((/** @type {any} */ node) => `  ${node.target}: ${node.failureSummary}`).join('\n')}`,
  );
  return { found, passed: passes.length };
}

/** What every view is looked at in, each in both languages, light and dark. @type {Record<string, import("playwright-core").BrowserContextOptions>} */
export const DRESSES = {
  wide: {},
  '390 pixels': { viewport: { width: 390, height: 844 } },
};

/** @param {import("playwright-core").Page} page @param {"theme" | "language"} what */
async function turn(page, what) {
  if (await page.evaluate(() => document.querySelector('zf-lens') !== null))
    return page.evaluate((what) => {
      const [name, values] = what === 'theme' ? ['theme', ['dark', 'light']] : ['lang', ['zh', 'en']];
      const lens = document.querySelector('zf-lens');
      lens?.setAttribute(name, values.find((value) => value !== (lens.getAttribute(name) ?? values[1])) ?? '');
    }, what);
  const { lang, theme } = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    theme: document.documentElement.dataset.theme,
  }));
  await page.locator(what === 'theme' ? 'header.top [data-t-title=theme]' : 'header.top [data-t=language]').click();
  await page.waitForFunction(
    (before) =>
      document.documentElement.lang !== before.lang || document.documentElement.dataset.theme !== before.theme,
    { lang, theme },
  );
}

/** axe-core finds nothing on the page, and nothing sticks out of it: in both languages, light and dark. @param {import("playwright-core").Page} page */
export async function isSound(page) {
  for (const next of /** @type {const} */ (['theme', 'language', 'theme', 'language'])) {
    const { lang, theme } = await page.evaluate(() => ({
      lang: document.documentElement.lang,
      theme: document.documentElement.dataset.theme || "the system's",
    }));
    const { found } = await complaints(page);
    assert.deepEqual(found, [], `${lang}, ${theme}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${lang}, ${theme}: ${over} pixels too wide`);
    await turn(page, next);
  }
}
