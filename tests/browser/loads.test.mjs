import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "./harness.mjs";
import { projected, sample } from "./visitor.mjs";

test("the page opens on a sub-path, says its status, and asks for nothing that is not there", async () => {
  const visit = await open({ query: "?backend=cpu" });
  try {
    const status = await visit.status("idle", "loading", "running", "ready");
    assert.ok(status);
    // What the page fetches by itself after it has opened counts as well.
    await visit.page.waitForLoadState("networkidle");
    assert.deepEqual(visit.faults, []);
    assert.equal(await visit.page.locator("input[type=file]").count(), 1);
    const outside = visit.server.asked.filter((path) => path.startsWith("/") && path !== "/favicon.ico");
    assert.deepEqual(outside, [], "requests outside the folder of the page");
  } finally {
    await visit.close();
  }
});

test("in a sandboxed frame it works without storage, and beside the page", async () => {
  const frame = `<!doctype html><link rel="icon" href="icon.svg"><iframe sandbox="allow-scripts" width="1400" height="900"
    src="./?backend=cpu"></iframe>`;
  const visit = await open({
    query: "frame.html",
    server: {
      also: { "frame.html": Buffer.from(frame) },
      // The frame is of no origin, so whatever it fetches it fetches from another one.
      headers: { "access-control-allow-origin": "*" },
    },
  });
  try {
    const page = /** @type {import("playwright-core").Frame} */ (visit.page.frames()[1]);
    const keeps = await page.evaluate(() => {
      const can = (/** @type {() => unknown} */ act) => {
        try {
          return Boolean(act());
        } catch {
          return false;
        }
      };
      return [can(() => caches), can(() => localStorage), can(() => indexedDB.open("any"))];
    });
    assert.deepEqual(keeps, [false, false, false]);
    await page.setInputFiles("input[type=file]", sample("cat"));
    await projected(page, /^conv5 /);
    await page.waitForSelector("[data-view=classes] li");
    await page.click("button[data-layer=conv1]");
    await projected(page, /^conv1 /);
    await page.locator(".badge").click();
    assert.match(await page.locator("dialog[open]").innerText(), /runs beside the page/);
    await page.locator("dialog[open] button").first().click();
    await page.evaluate(() => history.back());
    await projected(page, /^conv5 /);
    // A set of one's own would be kept, too.
    await page.evaluate(() => (location.hash = "#v=1&tab=top&sample=coffee"));
    await page.waitForSelector("section.top[data-view=top]");
    assert.deepEqual(visit.faults, []);
  } finally {
    await visit.close();
  }
});
