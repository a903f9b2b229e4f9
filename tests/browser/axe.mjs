// What axe-core complains of, with the rules of WCAG 2.2 that it leaves out unless it is asked: how large targets are.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core");

/**
 * @param {import("playwright-core").Page} page
 * @param {string} [part] a selector; the whole page if there is none
 * @returns {Promise<{ found: string[], passed: number }>} every complaint with what it is about; how many rules were applied
 */
export async function complaints(page, part) {
  if (!(await page.evaluate(() => "axe" in window))) await page.addScriptTag({ path: AXE });
  // Colours are judged where they rest, not on their way.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations, passes } = await page.evaluate(
    (part) => {
      const { axe } = /** @type {any} */ (window);
      return axe.run(part ? document.querySelector(part) : document, { rules: { "target-size": { enabled: true } } });
    },
    part,
  );
  const found = violations.map(
    (/** @type {any} */ { id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((/** @type {any} */ node) => `  ${node.target}: ${node.failureSummary}`).join("\n")}`,
  );
  return { found, passed: passes.length };
}

/** What every view is looked at in. @type {Record<string, import("playwright-core").BrowserContextOptions>} */
export const DRESSES = {
  "wide and light": {},
  "wide and dark": { colorScheme: "dark" },
  "390 pixels, Chinese": { viewport: { width: 390, height: 844 }, locale: "zh-CN" },
};

/** axe-core finds nothing on the page, and nothing sticks out of it. @param {import("playwright-core").Page} page */
export async function isSound(page) {
  const { found } = await complaints(page);
  assert.deepEqual(found, []);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${over} pixels too wide`);
}
