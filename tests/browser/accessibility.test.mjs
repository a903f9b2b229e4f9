// axe-core finds nothing to complain of, in whatever state and dress the page is.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { experiments } from "./experiments.mjs";
import { launch } from "./harness.mjs";
import { picture, projected, refused, sample, visitor } from "./visitor.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core");

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
  if (!(await page.evaluate(() => "axe" in window))) await page.addScriptTag({ path: AXE });
  // Colours are judged where they rest, not on their way.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations, passes } = await page.evaluate(() => /** @type {any} */ (window).axe.run(document));
  assert.ok(passes.length > 10, `${state}: ${passes.length} rules were applied`);
  const found = violations.map(
    (/** @type {any} */ { id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((/** @type {any} */ node) => `  ${node.target}: ${node.failureSummary}`).join("\n")}`,
  );
  assert.deepEqual(found, [], state);
}

/** Nothing is cut off or sticks out at the side. @param {import("playwright-core").Page} page @param {string} state */
async function fits(page, state) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${state}: ${over} pixels too wide`);
}

/** @type {Record<string, { viewport?: { width: number, height: number }, colorScheme?: "dark" | "light", locale?: string }>} */
const DRESSES = {
  "wide and light": {},
  "wide and dark": { colorScheme: "dark" },
  Chinese: { locale: "zh-CN" },
  "390 pixels": { viewport: { width: 390, height: 844 } },
  "360 pixels, dark, Chinese": { viewport: { width: 360, height: 740 }, colorScheme: "dark", locale: "zh-CN" },
};

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing: ${dress}`, { timeout: 180_000 }, async () => {
    const { page, close } = await visitor(browser, { context });
    await page.waitForFunction(() => document.querySelectorAll(".wall .tile").length === 6);
    await audit(page, "landing");
    await fits(page, "landing");
    await page.setInputFiles("input[type=file]", picture("text.jpg"));
    await refused(page, "image-decode");
    await audit(page, "error without a result");
    await page.setInputFiles("input[type=file]", sample("astronaut"));
    await projected(page, /^conv5 /);
    await page.waitForSelector("[data-view=classes] li");
    await audit(page, "result");
    await fits(page, "result");
    await page.setInputFiles("input[type=file]", picture("empty.jpg"));
    await refused(page, "image-empty");
    await audit(page, "error with a result");
    await fits(page, "error with a result");
    await page.locator("[data-view=classes] .class").first().click();
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    await audit(page, "help");
    await close();
  });
}

for (const [language, locale] of [["English", "en-GB"], ["Chinese", "zh-CN"]]) {
  test(`on a narrow screen no tab sticks out, and the row of tabs shows the one that is open: ${language}`, { timeout: 180_000 }, async () => {
    const server = { also: { "nets/small.safetensors": experiments().file } };
    const query = "?weights=nets/small.safetensors&backend=cpu#v=1&sample=cat";
    const context = { viewport: { width: 360, height: 740 }, locale };
    const { page, faults, close } = await visitor(browser, { server, context, query });
    await page.waitForSelector("[data-view=classes] li");
    const tabs = await page.locator(".tabs button").evaluateAll((all) => all.map((one) => one.dataset.tab ?? ""));
    assert.equal(tabs.length, 11);
    for (const tab of tabs.slice(1)) {
      await page.evaluate((tab) => (location.hash = `#v=1&sample=cat&favourite.steps=20&attribution.samples=4&tab=${tab}`), tab);
      await page.waitForSelector(`.tab-part > :not([hidden]):is(.${tab === "training" ? "evolution" : tab})[data-state]:not([data-state=running], [data-state=loading])`, { timeout: 60_000 });
      await fits(page, tab);
      const [row, button] = await page.evaluate(() =>
        [".tabs", ".tabs [aria-current]"].map((one) => document.querySelector(one)?.getBoundingClientRect().toJSON()),
      );
      assert.ok(button.left >= row.left - 1 && button.right <= row.right + 1, `${tab}: ${button.left} to ${button.right} in ${row.left} to ${row.right}`);
      assert.equal(await page.locator(".tabs [aria-current]").getAttribute("data-tab"), tab);
    }
    assert.deepEqual(faults.filter((fault) => !/evolution|gallery|404/.test(fault)), []);
    await close();
  });
}

test("the language of the page is declared, and every control has a name in it", { timeout: 60_000 }, async () => {
  const { page, close } = await visitor(browser, { context: { locale: "zh-CN" } });
  await page.waitForFunction(() => document.querySelectorAll(".wall .tile").length === 6);
  assert.match((await page.locator("html").getAttribute("lang")) ?? "", /^zh/);
  const names = await page.evaluate(() =>
    [...document.querySelectorAll("button")].filter((one) => one.checkVisibility()).map((one) => one.innerText || one.ariaLabel || ""),
  );
  assert.deepEqual(names.filter((name) => !/\p{Script=Han}|^EN$/u.test(name)), []);
  await close();
});
