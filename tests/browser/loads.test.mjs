import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open } from './harness.mjs';
import { projected, sample, visitor } from './visitor.mjs';

test('the page opens on a sub-path, says its status, and asks for nothing that is not there', async () => {
  const visit = await open({ query: '?backend=cpu' });
  try {
    const status = await visit.status('idle', 'loading', 'running', 'ready');
    assert.ok(status);
    // What the page fetches by itself after it has opened counts as well.
    await visit.page.waitForLoadState('networkidle');
    assert.deepEqual(visit.faults, []);
    assert.equal(await visit.page.locator('input[type=file]').count(), 1);
    const outside = visit.server.asked.filter((path) => path.startsWith('/') && path !== '/favicon.ico');
    assert.deepEqual(outside, [], 'requests outside the folder of the page');
  } finally {
    await visit.close();
  }
});

test('in a sandboxed frame it works without storage, and beside the page', async () => {
  const frame = `<!doctype html><link rel="icon" href="icon.svg"><iframe sandbox="allow-scripts" width="1400" height="900"
    src="./?backend=cpu"></iframe>`;
  const visit = await open({
    query: 'frame.html',
    server: {
      also: { 'frame.html': Buffer.from(frame) },
      // The frame is of no origin, so whatever it fetches it fetches from another one.
      headers: { 'access-control-allow-origin': '*' },
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
      return [can(() => caches), can(() => localStorage), can(() => indexedDB.open('any'))];
    });
    assert.deepEqual(keeps, [false, false, false]);
    await page.setInputFiles('input[type=file]', sample('cat'));
    await projected(page, /^conv5 /);
    await page.waitForSelector('[data-view=classes] li');
    await page.click('button[data-layer=conv1]');
    await projected(page, /^conv1 /);
    await page.locator('.badge').click();
    assert.match(await page.locator('dialog[open]').innerText(), /runs beside the page/);
    await page.locator('dialog[open] button').first().click();
    await page.evaluate(() => history.back());
    await projected(page, /^conv5 /);
    // A set of one's own would be kept, too.
    await page.evaluate(() => (location.hash = '#v=1&tab=top&sample=coffee'));
    await page.waitForSelector('section.top[data-view=top]');
    assert.deepEqual(visit.faults, []);
  } finally {
    await visit.close();
  }
});

test("on a slow line the photograph stands there at once, the program's length is known, and Learn works meanwhile", async () => {
  const gate = () => {
    let resolve = (/** @type {number} */ _ = 0) => {};
    const promise = new Promise(
      (/** @type {(value: number) => void} */ open) => (resolve = (value = 0) => open(value)),
    );
    return { promise, resolve };
  };
  const held = { 'zfnet_web_bg.wasm': gate(), '.features.': gate() };
  const asked = gate();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (path.includes('zfnet_web_bg.wasm')) asked.resolve(body.length);
    for (const [name, { promise }] of Object.entries(held)) if (path.includes(name)) await promise;
    return body;
  };
  const { page, faults, close } = await visitor(/** @type {any} */ (undefined), { server: { alter } });
  try {
    await page.setInputFiles('input[type=file]', sample('cat'));
    const colours = () =>
      page.waitForFunction(() => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=photo]'));
        const pixels =
          canvas.width > 300 && canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
        return pixels && new Set(new Uint32Array(pixels.buffer)).size > 1000;
      });
    await colours();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.status), 'loading');
    assert.equal(await page.locator('.crop').isVisible(), false, 'no square before the network says how large it is');
    const length = await asked.promise;
    held['zfnet_web_bg.wasm'].resolve();
    // The whole length, whatever the line makes of it: behind what has come, or alone when all of it has.
    await page.waitForFunction(
      (whole) => document.querySelectorAll('.stages .bytes')[1]?.textContent?.endsWith(whole),
      `${(length / 1e6).toFixed(1)} MB`,
    );
    await page.locator('.tabs [data-tab=learn]').click();
    await page.waitForSelector('.learn[data-state=done]');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.status), 'loading');
    held['.features.'].resolve();
    await page.locator('.tabs [data-tab=explore]').click();
    await projected(page, /^conv5 /);
    assert.equal(await page.locator('.crop').isVisible(), true);
    assert.deepEqual(faults, []);
  } finally {
    await close();
  }
});
