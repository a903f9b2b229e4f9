import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "./harness.mjs";

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
