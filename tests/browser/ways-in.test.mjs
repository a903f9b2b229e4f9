// The other ways in beside the file dialogue: dropping, pasting, the camera.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch, serve } from './harness.mjs';
import { colours, golden, inWords, picture, projected, refused, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
});
after(async () => {
  await browser?.close();
});

/** Puts a function into the page that draws a photograph-like picture. @param {import("playwright-core").Page} page */
const painter = (page) =>
  page.evaluate(() => {
    Object.assign(window, {
      paintPicture: async (/** @type {number} */ width, /** @type {number} */ height) => {
        const canvas = new OffscreenCanvas(width, height);
        const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        const sky = pen.createLinearGradient(0, 0, 0, height);
        sky.addColorStop(0, '#4a86c8');
        sky.addColorStop(1, '#e9d8a6');
        pen.fillStyle = sky;
        pen.fillRect(0, 0, width, height);
        pen.fillStyle = '#7f3b08';
        for (let at = 0; at < 12; at++)
          pen.fillRect((at * width) / 12, height / 2 + ((at * 37) % 50), width / 24, height / 2);
        return new File([await canvas.convertToBlob({ type: 'image/png' })], 'drawn.png', { type: 'image/png' });
      },
    });
  });

/** @param {import("playwright-core").Page} page */
const sizeOfPhoto = (page) =>
  page
    .locator('canvas[data-view=photo]')
    .evaluate((/** @type {HTMLCanvasElement} */ canvas) => [canvas.width, canvas.height]);

test('a picture dropped anywhere is opened, and a veil says that it may be let go', async () => {
  const { page, faults, close } = await visitor(browser);
  await painter(page);
  const veiled = await page.evaluate(async () => {
    const carried = new DataTransfer();
    carried.items.add(await /** @type {any} */ (window).paintPicture(320, 240));
    const event = (/** @type {string} */ type) =>
      new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true });
    const veil = /** @type {HTMLElement} */ (document.querySelector('.veil'));
    document.body.dispatchEvent(event('dragenter'));
    const whileOver = !veil.hidden;
    document.body.dispatchEvent(event('dragover'));
    document.body.dispatchEvent(event('drop'));
    return [whileOver, !veil.hidden];
  });
  assert.deepEqual(veiled, [true, false]);
  await projected(page, /^conv5 /);
  assert.deepEqual(await sizeOfPhoto(page), [320, 240]);
  assert.deepEqual(faults, []);
  await close();
});

test('a picture pasted with the keyboard is opened', async () => {
  const { page, faults, close } = await visitor(browser);
  await painter(page);
  await page.evaluate(async () => {
    const carried = new DataTransfer();
    carried.items.add(await /** @type {any} */ (window).paintPicture(200, 300));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true }));
  });
  await projected(page, /^conv5 /);
  assert.deepEqual(await sizeOfPhoto(page), [200, 300]);
  assert.deepEqual(faults, []);
  await close();
});

test('the Paste button reads the clipboard, and says so when there is no picture on it', async () => {
  const { page, context, server, faults, close } = await visitor(browser);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(server.url).origin });
  await painter(page);
  await page.evaluate(() => navigator.clipboard.writeText('words only'));
  const paste = page.locator('.landing').getByRole('button', { name: 'Paste' });
  await paste.click();
  await inWords(page, 'There is no picture on the clipboard.').waitFor();
  await page.evaluate(async () => {
    const file = await /** @type {any} */ (window).paintPicture(256, 256);
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([file], { type: 'image/png' }) })]);
  });
  await paste.click();
  await projected(page, /^conv5 /);
  assert.deepEqual(await sizeOfPhoto(page), [256, 256]);
  assert.deepEqual(faults, []);
  await close();
});

test('the camera takes a picture and is switched off afterwards', async () => {
  const { page, faults, close } = await visitor(browser);
  await page.evaluate(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      Object.assign(window, { tracks: stream.getTracks() });
      return stream;
    };
  });
  await page.locator('.landing').getByRole('button', { name: 'Camera' }).click();
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await projected(page, /^conv5 /);
  const [width, height] = await sizeOfPhoto(page);
  assert.ok(width > 100 && height > 100, `${width} by ${height}`);
  assert.ok((await colours(page.locator('canvas[data-view=photo]'))) > 8);
  const states = await page.evaluate(() =>
    /** @type {any} */ (window).tracks.map((/** @type {MediaStreamTrack} */ track) => track.readyState),
  );
  assert.deepEqual(states, ['ended']);
  assert.equal(await page.locator('dialog[open]').count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('a camera that is refused is told in words', async () => {
  const { page, close } = await visitor(browser);
  for (const [name, said] of [
    ['NotAllowedError', 'The camera was refused.'],
    ['NotFoundError', 'There is no camera on this device.'],
    ['NotReadableError', 'The camera is in use by another program.'],
    ['OddError', 'The camera cannot be used: something odd'],
  ]) {
    await page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('something odd', name));
    }, name);
    await page.locator('.landing').getByRole('button', { name: 'Camera' }).click();
    await page.locator('.notice .sentence', { hasText: said }).waitFor();
  }
  await page.evaluate(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }));
  await page.locator('.landing').getByRole('button', { name: 'Camera' }).click();
  await page.locator('.notice .sentence', { hasText: 'only to pages from https' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('data-status'), 'idle');
  await close();
});

/** A network that looks in no time. @param {Parameters<typeof visitor>[1]} [options] */
const tiny = (options) =>
  visitor(browser, {
    query: '?backend=cpu&weights=nets/tiny.safetensors',
    server: { also: { 'nets/tiny.safetensors': golden('vgg-blocks') } },
    ...options,
  });

/** @param {import("playwright-core").Page} page @param {number[]} size */
const isShown = (page, size) =>
  page.waitForFunction(([width, height]) => {
    const photo = /** @type {HTMLCanvasElement | null} */ (document.querySelector('canvas[data-view=photo]'));
    return photo?.width === width && photo?.height === height && document.documentElement.dataset.status === 'ready';
  }, size);

test('whatever is dropped, wherever, the page stays; a picture from another page is taken if it may be', async () => {
  const far = {
    'far.png': readFileSync(picture('rgb-16-bit.png')),
    'page.html': Buffer.from('<!doctype html><title>Far</title>'),
  };
  const [open, closed] = [
    await serve({ also: far, headers: { 'access-control-allow-origin': '*' } }),
    await serve({ also: far }),
  ];
  const { page, context, close } = await tiny();
  const { send } = await context.newCDPSession(page).then((session) => ({ send: session.send.bind(session) }));
  const address = page.url();
  /** Lets go of something over the page, as the browser itself does it. @param {object} data @param {number} [x] @param {number} [y] */
  const drop = async (data, x = 5, y = 400) => {
    // A hand goes on moving: over another element, as when the page is laid out under it, the browser asks the page anew
    // whether it takes what is brought, and where it has not heard that it does, it opens a link by itself.
    for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'dragOver', 'dragOver', 'dragOver', 'drop'])) {
      await send('Input.dispatchDragEvent', { type, x, y, data: { items: [], dragOperationsMask: 19, ...data } });
      await page.waitForTimeout(60);
    }
  };
  const said = (/** @type {string} */ words) => page.locator('.notice .sentence', { hasText: words }).waitFor();
  const link = (/** @type {string} */ url) => ({ items: [{ mimeType: 'text/uri-list', data: url }] });

  // A link of the page itself, let go beside it.
  await page.locator('.lesson-link a').dragTo(page.locator('.landing h1'));
  assert.equal(page.url(), address);
  assert.equal(await page.locator('.notice').isVisible(), false);

  await drop({ files: [fileURLToPath(new URL('..', import.meta.url))] });
  await said('That is a folder.');
  await drop({ items: [{ mimeType: 'text/plain', data: 'only words' }] });
  await said('There is no picture in what was dropped here.');
  for (const url of [`${open.url}page.html`, `${closed.url}far.png`, `${open.url}none.png`]) {
    await drop(link(url), 5, 5);
    assert.equal(await refused(page, 'elsewhere'), url);
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  assert.equal(await page.locator('.veil').isVisible(), false);
  assert.equal(page.url(), address);

  await drop(link(`# a comment\r\n${open.url}far.png`));
  await isShown(page, [40, 24]);
  // A picture that is a link is wanted for itself; one of several that may be read is taken.
  await page.reload();
  await page.locator('.wall .tile').first().waitFor();
  await drop(
    {
      items: [
        {
          mimeType: 'text/html',
          data: `<a href="${open.url}page.html"><img src="${closed.url}far.png"><img src="${open.url}far.png"></a>`,
        },
        { mimeType: 'text/uri-list', data: `${open.url}page.html` },
      ],
    },
    5,
    500,
  );
  await isShown(page, [40, 24]);
  // Over what is on view, too, and over a field for text only words are text.
  const photo = /** @type {{ x: number, y: number }} */ (await page.locator('canvas[data-view=photo]').boundingBox());
  await drop(link(`${open.url}page.html`), photo.x + 5, photo.y + 5);
  await refused(page, 'elsewhere');
  await page.goto(address.replace(/#.*|$/, '#v=1&tab=learn'));
  const field = page.locator('input[type=number]').first();
  const { x, y } = /** @type {{ x: number, y: number }} */ (await field.boundingBox());
  await drop({ items: [{ mimeType: 'text/plain', data: '1' }] }, x + 5, y + 5);
  await drop(link(`${open.url}page.html`), 700, 600);
  await refused(page, 'elsewhere');
  assert.match(page.url(), /tab=learn/);
  await close();
  await open.close();
  await closed.close();
});

test('what is pasted is a picture behind whatever stands before it, or text in a field for text', async () => {
  const { page, context, server, faults, close } = await tiny();
  await painter(page);
  const paste = (/** @type {boolean} */ withPicture) =>
    page.evaluate(async (withPicture) => {
      const carried = new DataTransfer();
      carried.items.add("<p>words <img src='file:///C:/words.png'></p>", 'text/html');
      if (withPicture) {
        carried.items.add(new File(['{\\rtf1}'], 'words.rtf', { type: 'text/rtf' }));
        carried.items.add(await /** @type {any} */ (window).paintPicture(200, 300));
      }
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true }));
    }, withPicture);
  await paste(false);
  await inWords(page, 'There is no picture on the clipboard.').waitFor();
  await paste(true);
  await isShown(page, [200, 300]);

  // Cells of a table are copied as text and as a picture.
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(server.url).origin });
  await page.evaluate(async () => {
    const file = await /** @type {any} */ (window).paintPicture(64, 64);
    const picture = new Blob([file], { type: 'image/png' });
    await navigator.clipboard.write([
      new ClipboardItem({ 'text/plain': new Blob(['7'], { type: 'text/plain' }), 'image/png': picture }),
    ]);
    location.hash = '#v=1&tab=learn';
  });
  const field = page.locator('input[type=number]').first();
  await field.selectText();
  await page.keyboard.press('Control+v');
  assert.match(await field.inputValue(), /7/);
  assert.equal(await page.locator('canvas[data-view=photo]').isVisible(), false);
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await page.keyboard.press('Control+v');
  await isShown(page, [64, 64]);
  assert.deepEqual(faults, []);
  await close();
});

test('a clipboard that is refused or missing is said to be that', async () => {
  const { page, context, faults, close } = await visitor(browser);
  await context.clearPermissions();
  const button = page.locator('.landing').getByRole('button', { name: 'Paste' });
  await page.evaluate(() => {
    navigator.clipboard.read = () => Promise.reject(new DOMException('Read permission denied.', 'NotAllowedError'));
  });
  await button.click();
  await inWords(page, 'The browser does not let this page read the clipboard.').waitFor();
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await button.click();
  await inWords(page, 'This browser does not offer the clipboard to a page here.').waitFor();
  assert.deepEqual(faults, []);
  await close();
});
