// Files that are no photographs: each is refused with its own code and sentence, and what was there before stays.

import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { golden, inWords, picture, projected, refused, sample, shown, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const WRONG = {
  'text.jpg': 'image-not-a-picture',
  'page.jpg': 'image-not-a-picture',
  'truncated.jpg': 'image-cut-off',
  // A browser would fill up the rest and say nothing.
  'cut-off.png': 'image-cut-off',
  'damaged.jpg': 'image-decode',
  '12-bit.jpg': 'image-unsupported',
  'mixed.jpg': 'image-unsupported',
  'empty.jpg': 'image-empty',
  'bomb.png': 'image-too-large',
  'picture.tiff': 'image-unsupported',
};

test('wrong files are refused and the result before them is kept', async () => {
  const { page, faults, close } = await visitor(browser);
  await page.setInputFiles('input[type=file]', sample('cat'));
  const before = await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const classes = await page.locator('[data-view=classes]').innerText();
  for (const [file, code] of Object.entries(WRONG)) {
    await page.setInputFiles('input[type=file]', picture(file));
    const words = await refused(page, code);
    assert.match(words, /expected|found/i, `${file}: ${words}`);
    assert.ok(await page.locator('.notice').isVisible(), file);
    assert.ok(await inWords(page, 'The last result is still here.').isVisible(), file);
    assert.equal(await shown(page), before, file);
    assert.equal(await page.locator('[data-view=classes]').innerText(), classes, file);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await projected(page, /^conv5 /), before, file);
  }
  // The result before is not only still drawn: it still answers.
  await page.click('button[data-layer=conv2]');
  await projected(page, /^conv2 /);
  assert.deepEqual(faults, [], 'a refusal is no fault of the page');
  await close();
});

test('a wrong file on a page without a result says so, and the next file works', async () => {
  const { page, close } = await visitor(browser);
  await page.setInputFiles('input[type=file]', picture('text.jpg'));
  await refused(page, 'image-not-a-picture');
  assert.ok(await page.locator('.landing').isVisible());
  assert.ok(await page.locator('.notice .sentence').isVisible());
  assert.equal(await inWords(page, 'The last result is still here.').isVisible(), false);
  await page.setInputFiles('input[type=file]', picture('one-pixel.png'));
  await projected(page, /^conv5 /);
  assert.equal(await page.locator('html').getAttribute('data-error'), null);
  assert.equal(await page.locator('.notice').isVisible(), false);
  await close();
});

test('every kind of picture that the engine decodes comes through the page', async () => {
  const { page, faults, close } = await visitor(browser);
  const sizes = {
    'orientation-6.jpg': [40, 24],
    'rgb-16-bit.png': [40, 24],
    'cmyk.jpg': [40, 24],
    'animated.gif': [40, 24],
  };
  for (const [file, [width, height]] of Object.entries(sizes)) {
    await page.evaluate(() => delete document.querySelector('canvas[data-view=projection]')?.dataset.of);
    await page.setInputFiles('input[type=file]', picture(file));
    await projected(page, /^conv5 /);
    const photo = page.locator('canvas[data-view=photo]');
    const found = await photo.evaluate((/** @type {HTMLCanvasElement} */ canvas) => [canvas.width, canvas.height]);
    assert.deepEqual(found, [width, height], file);
  }
  assert.deepEqual(faults, []);
  await close();
});

test("a refusal is in the visitor's language to its last line", async () => {
  const { page, close } = await visitor(browser, { context: { locale: 'zh-CN' } });
  for (const [file, code] of Object.entries(WRONG)) {
    await page.setInputFiles('input[type=file]', picture(file));
    const words = await refused(page, code);
    const foreign = words.replaceAll(/JPEG|PNG|WebP|GIF|BMP|AVIF|SVG|TIFF|MB/g, '');
    assert.match(words, /\p{Script=Han}/u, `${file}: ${words}`);
    assert.doesNotMatch(foreign, /[A-Za-z]/, `${file}: ${words}`);
    await page.getByRole('button', { name: '知道了' }).first().click();
  }
  await close();
});

test("what the engine cannot read goes through the browser's own decoder", async () => {
  const { page, faults, close } = await visitor(browser);
  for (const file of ['picture.svg', 'long-prolog.svg', 'utf-16.svg', 'arithmetic.jpg']) {
    await page.evaluate(() => delete document.querySelector('canvas[data-view=projection]')?.dataset.of);
    await page.setInputFiles('input[type=file]', picture(file));
    await projected(page, /^conv5 /);
  }
  assert.deepEqual(faults, []);
  await close();
});

test("the engine's colours are those that the browser shows", async () => {
  const { page, close } = await visitor(browser);
  for (const file of [
    'swapped.jpg',
    'swapped.png',
    'swapped.webp',
    'display-p3.png',
    'adobe-rgb.png',
    'prophoto.png',
    'table.png',
    'grey-profile.png',
    'inks.jpg',
    'gamma.png',
    'cut-profile.png',
  ]) {
    const apart = await page.evaluate(
      async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const zfnet = await import(new URL('pkg/cpu/zfnet_web.js', document.baseURI).href);
        await zfnet.default();
        const engine = await zfnet.Engine.create();
        engine.openPhoto(bytes);
        const { rgba } = engine.preview(65_535);
        engine.free();
        const image = await createImageBitmap(new Blob([bytes]));
        const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
        pen?.drawImage(image, 0, 0);
        const shown = pen?.getImageData(0, 0, image.width, image.height).data ?? [];
        return Math.max(...Array.from(shown, (value, at) => Math.abs(value - rgba[at])));
      },
      readFileSync(picture(file)).toString('base64'),
    );
    assert.ok(apart <= (/jpg|table/.test(file) ? 6 : 2), `${file}: ${apart}`);
  }
  await close();
});

test('a picture without content is said to be one', async () => {
  const { page, close } = await visitor(browser);
  const words = inWords(page, 'This picture is empty');
  await page.setInputFiles('input[type=file]', picture('one-pixel.png'));
  await projected(page, /^conv5 /);
  assert.ok(await words.isVisible());
  await page.setInputFiles('input[type=file]', picture('upright.png'));
  await words.waitFor({ state: 'hidden' });
  await close();
});

test('a file too large to be read into memory is refused before it is read', async () => {
  const { page, close } = await visitor(browser);
  await page.evaluate(() => {
    const carried = new DataTransfer();
    carried.items.add(new File([new Uint8Array(130e6), new Uint8Array(5e6)], 'huge.jpg', { type: 'image/jpeg' }));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
  });
  await refused(page, 'image-too-large');
  await close();
});

/** Chooses a file, and lets the page know of it only after something has happened to it. @param {import("playwright-core").Page} page @param {string} file @param {() => void} act */
async function chosenBefore(page, file, act) {
  await page.evaluate(() => {
    const input = /** @type {HTMLInputElement} */ (document.querySelector('input[type=file]'));
    input.addEventListener('change', (event) => event.stopImmediatePropagation(), { capture: true, once: true });
  });
  await page.setInputFiles('input[type=file]', file);
  act();
  await page.evaluate(() => document.querySelector('input[type=file]')?.dispatchEvent(new Event('change')));
}

test('a file that changes or goes away is said to have, and nothing else changes, the backend least of all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zf-lens-'));
  const file = join(folder, 'mine.jpg');
  const { page, faults, close } = await visitor(browser, {
    query: '?backend=webgpu&weights=nets/tiny.safetensors',
    server: { also: { 'nets/tiny.safetensors': golden('vgg-blocks') } },
  });
  copyFileSync(sample('cat'), file);
  await page.setInputFiles('input[type=file]', file);
  const before = await projected(page, /^conv2_2 /);
  assert.equal(await page.locator('html').getAttribute('data-backend'), 'webgpu');

  // The one on view has been read, whatever becomes of its file.
  appendFileSync(file, 'more');
  await page.click('button[data-layer=conv1_1]');
  await projected(page, /^conv1_1 /);
  await page.goBack();
  assert.equal(await projected(page, /^conv2_2 /), before);

  for (const act of [() => appendFileSync(file, 'more'), () => unlinkSync(file)]) {
    await chosenBefore(page, file, act);
    assert.match(await refused(page, 'unreadable'), /mine\.jpg/);
    assert.ok(await inWords(page, 'it was changed, moved or deleted').isVisible());
    assert.equal(await shown(page), before);
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  await page.click('button[data-layer=conv1_2]');
  await projected(page, /^conv1_2 /);
  assert.equal(await page.locator('html').getAttribute('data-backend'), 'webgpu');
  assert.equal(await page.locator('.badge.fallback').count(), 0);
  assert.deepEqual(faults, []);

  // What the browser itself refuses is no failure of the engine, wherever it is met.
  const codes = await page.evaluate(async () => {
    const { codeOf } = await import(new URL('lens/engine/protocol.js', document.baseURI).href);
    return ['NotFoundError', 'NotReadableError', 'AbortError', 'DataCloneError'].map((name) =>
      codeOf(new DOMException('', name)),
    );
  });
  assert.deepEqual(codes, ['unreadable', 'unreadable', 'aborted', 'browser']);
  await close();
  rmSync(folder, { recursive: true });
});
