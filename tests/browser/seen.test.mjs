// The pictures of what the network sees in each sample, which stand on the first page and in frames that wait, are what the
// page shows of it. `ZF_LENS_WRITE=1` makes
// them anew, those of samples that are not offered at first too.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { projected, visitor } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const SAMPLES = new URL('../../www/samples/', import.meta.url);
const isWriting = Boolean(process.env.ZF_LENS_WRITE);
const all = JSON.parse(readFileSync(new URL('samples.json', SAMPLES), 'utf8')).filter(
  (/** @type {any} */ { aside }) => isWriting || !aside,
);
const QUALITY = 0.82;

/** What is shown large, on the network's whole input. @param {Page} page */
const drawn = (page) =>
  page.evaluate(
    async ([address, quality]) => {
      const { mounted } = await import(String(address));
      const { projection } = await mounted.numbers();
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 224;
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      pen.fillStyle = 'rgb(128, 128, 128)';
      pen.fillRect(0, 0, 224, 224);
      const shown = /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=projection]'));
      pen.drawImage(shown, projection.window.left, projection.window.top);
      const file = canvas.toDataURL('image/webp', Number(quality)).split(',')[1] ?? '';
      return { file, pixels: [...pen.getImageData(0, 0, 224, 224).data] };
    },
    [new URL('main.js', page.url()).href, QUALITY],
  );

test('what is offered is seen as its picture says', async () => {
  const { page, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat' });
  for (const { id } of all) {
    await page.evaluate((name) => (location.hash = `v=1&sample=${name}`), id);
    await page.waitForFunction((name) => location.hash.includes(`sample=${name}&layer=`), id);
    await projected(page, /^conv5 /);
    const { file, pixels } = await drawn(page);
    const path = new URL(`seen/${id}.webp`, SAMPLES);
    if (isWriting) writeFileSync(path, Buffer.from(file, 'base64'));
    const kept = readFileSync(path);
    assert.ok(kept.length < 30_000, `${id}: ${kept.length} bytes`);
    const stored = await page.evaluate(async (bytes) => {
      const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))]));
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      pen.drawImage(picture, 0, 0);
      return [...pen.getImageData(0, 0, picture.width, picture.height).data];
    }, kept.toString('base64'));
    assert.equal(stored.length, pixels.length, `${id} is as large as the network's input`);
    const apart = stored.reduce((sum, value, at) => sum + Math.abs(value - (pixels[at] ?? 0)), 0) / stored.length;
    assert.ok(apart < 4, `${id}: ${apart} levels apart`);
  }
  await close();
});
