// The camera, and films, as what is looked at: one frame at a time, the newest; frozen, a photograph like any other; and the
// camera off as soon as nobody looks.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isSound } from './axe.mjs';
import { launch, PATIENCE, serve } from './harness.mjs';
import { cameras, spy } from './spy.mjs';
import { golden, numbers, projected, sample, visitor, word } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
});
after(async () => {
  await browser?.close();
});

/** A network that looks in no time. */
const TINY = {
  query: '?backend=cpu&weights=nets/tiny.safetensors',
  server: { also: { 'nets/tiny.safetensors': golden('vgg-blocks') } },
};

/** Opens the camera and lets it stay on. @param {Page} page */
async function goLive(page) {
  await page.locator('.landing').getByRole('button', { name: 'Camera' }).click();
  await page.locator('dialog.camera').getByRole('button', { name: 'Live' }).click();
  await frames(page, 3);
}

/** Waits until so many more frames have gone by. @param {Page} page @param {number} more */
const frames = (page, more) =>
  page.evaluate(async (more) => {
    const count = () =>
      Number(/** @type {HTMLElement | null} */ (document.querySelector('.live'))?.dataset.frames ?? 0);
    const end = count() + more;
    while (count() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    return count();
  }, more);

/** @param {Page} page @param {'live' | 'frozen'} state */
const becomes = (page, state) =>
  page.waitForFunction(
    (state) =>
      document.querySelector(`.live:not([hidden])[data-state=${state}]`) &&
      document.documentElement.dataset.status === 'ready',
    state,
  );

/** What lies behind the page. @param {Page} page @param {boolean} hidden */
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

/** A film of a square that goes round, as a file. @param {Page} page @param {string} type what it is said to be @param {string} name */
const dropFilm = (page, type, name) =>
  page.evaluate(
    async ({ type, name }) => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: 320, height: 240 });
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
      /** @type {Blob[]} */
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      recorder.start();
      for (let at = 0; at < 30; at++) {
        pen.fillStyle = '#345';
        pen.fillRect(0, 0, 320, 240);
        pen.fillStyle = '#fc3';
        pen.fillRect(120 + 60 * Math.cos(at / 3), 80 + 50 * Math.sin(at / 3), 80, 80);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      await new Promise((resolve) => ((recorder.onstop = resolve), recorder.stop()));
      const carried = new DataTransfer();
      carried.items.add(new File(parts, name, { type }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
    },
    { type, name },
  );

test('the camera is looked at frame by frame: none waits, nothing is written or said for it, and nothing grows', async () => {
  const { page, context, faults, close } = await visitor(browser);
  await spy(page);
  await page.evaluate(() => {
    /** @type {string[]} */
    const written = [];
    Object.assign(window, { written });
    for (const name of /** @type {const} */ (['pushState', 'replaceState'])) {
      const write = history[name];
      history[name] = (...given) => (written.push(`${name} ${given[2]}`), write.apply(history, given));
    }
    const { toBlob } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.toBlob = function (...given) {
      written.push('an encoded picture');
      toBlob.apply(this, given);
    };
  });
  await goLive(page);
  await page.waitForSelector('[data-view=classes] li');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Freeze');
  const steps = await page.evaluate(() => history.length);

  // A layer and a map are chosen while the frames go by, and stay.
  await page.locator('button[data-layer=conv3]').click();
  await page.waitForSelector('canvas[data-view=projection][data-of^="conv3 "]');
  await page.locator('.sheet .keypad').click({ position: { x: 60, y: 20 } });
  await frames(page, 2);
  const map = word(page, 'map');
  assert.equal(word(page, 'layer'), 'conv3');
  const cls = page.locator('[data-view=classes] .class').first();
  await cls.click();
  await page.waitForSelector('canvas[data-view=projection][data-of^="class "]');
  await page.locator('[data-view=classes] .class[aria-pressed=true]').click();
  await page.waitForSelector('canvas[data-view=projection][data-of^="conv3 "]');
  await page.mouse.move(5, 5);
  // The address is written a moment later.
  await page.waitForTimeout(500);

  await page.evaluate(() => {
    const { notes, written } = /** @type {any} */ (window);
    notes.questions.length = written.length = 0;
    notes.most = {};
    const said = [];
    Object.assign(window, { said });
    const watch = new MutationObserver((changes) => said.push(...changes.map(({ target }) => target.textContent)));
    for (const one of document.querySelectorAll('[aria-live], [role=status], [role=alert]'))
      watch.observe(one, { childList: true, characterData: true, subtree: true });
  });
  const devtools = await context.newCDPSession(page);
  const measure = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const { nodes } = await devtools.send('Memory.getDOMCounters');
    const engine = await page.evaluate(async () => {
      const main = /** @type {any} */ (await import(new URL('main.js', document.baseURI).href));
      return main.mounted.session.call('memory', {}, { channel: 'memory' });
    });
    return { page: usedSize, nodes, engine };
  };
  await frames(page, 4);
  const early = await measure();
  await frames(page, 25);
  const late = await measure();
  const grown = `from ${JSON.stringify(early)} to ${JSON.stringify(late)}`;
  assert.ok(late.engine - early.engine <= 4 << 20, grown);
  assert.ok(late.page - early.page <= 6 << 20, grown);
  assert.ok(late.nodes - early.nodes <= 200, grown);

  const found = await page.evaluate(() => {
    const { notes, written, said } = /** @type {any} */ (window);
    const looks = notes.questions.filter((/** @type {any} */ { op }) => op === 'look');
    const of = (/** @type {string} */ channel) =>
      notes.questions.filter((/** @type {any} */ one) => one.channel === channel).length;
    return {
      looks: looks.length,
      handed: looks.filter((/** @type {any} */ { handed }) => handed).length,
      failed: notes.questions.filter((/** @type {any} */ { failed }) => failed).length,
      most: notes.most,
      maps: of('maps'),
      units: of('unit'),
      prints: of('journey'),
      channels: [...new Set(notes.questions.map((/** @type {any} */ { channel }) => channel))].sort(),
      written,
      said,
    };
  });
  assert.ok(found.looks > 25, `${found.looks} frames were looked at`);
  assert.equal(found.handed, found.looks, 'each is handed over, not copied');
  assert.equal(found.most.look, 1, 'none waits behind another');
  for (const [channel, most] of Object.entries(found.most)) assert.equal(most, 1, channel);
  // Of each frame the maps, the chosen unit and every layer's print are drawn, and nothing else is asked.
  assert.deepEqual(found.channels, ['journey', 'look', 'maps', 'memory', 'unit']);
  assert.ok(Math.abs(found.maps - found.looks) <= 1 && Math.abs(found.units - found.looks) <= 1, JSON.stringify(found));
  assert.ok(found.prints >= 5 * (found.looks - 1), JSON.stringify(found));
  assert.equal(found.failed, 0);
  assert.deepEqual(found.written, [], 'no history, no encoded picture');
  assert.deepEqual(found.said, [], 'nothing is read out');
  assert.equal(await page.evaluate(() => history.length), steps);
  assert.equal(word(page, 'map'), map);
  assert.match((await page.locator('canvas[data-view=projection]').getAttribute('data-of')) ?? '', /^conv3 /);
  assert.match(await page.locator('.live-words').innerText(), /^\d+(\.\d+)? frames per second$/);
  assert.deepEqual(faults, []);
  await close();
});

test('one press freezes it: the camera is off, and the frame is a photograph with all that a photograph has', async () => {
  const { page, faults, close } = await visitor(browser);
  await spy(page);
  await goLive(page);
  await page.waitForSelector('[data-view=classes] li');
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await page.keyboard.press('Space');
  await becomes(page, 'frozen');
  assert.deepEqual(await cameras(page), ['ended']);
  // Whoever goes on with the key, to scroll, has not asked for the camera again.
  await page.keyboard.press('Space');
  await page.waitForTimeout(300);
  assert.deepEqual(await cameras(page), ['ended']);
  assert.equal(await page.locator('.live').getByRole('button').first().innerText(), 'Go on');

  // Taken away and opened as a file, the same photograph gives the same numbers.
  const frozen = await numbers(page);
  const bytes = await page.evaluate(async () => {
    const main = /** @type {any} */ (await import(new URL('main.js', document.baseURI).href));
    const { blob, pixels } = main.mounted.viewer.shown.context.photo;
    const canvas = new OffscreenCanvas(pixels.width, pixels.height);
    const data = new Uint8ClampedArray(await blob.arrayBuffer());
    canvas.getContext('2d')?.putImageData(new ImageData(data, pixels.width), 0, 0);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  const { layer, map, unit } = frozen.view;
  await page.setInputFiles('input[type=file]', {
    name: 'frame.png',
    mimeType: 'image/png',
    buffer: Buffer.from(bytes),
  });
  await page.waitForFunction(() => /** @type {HTMLElement} */ (document.querySelector('.live')).hidden);
  await projected(page, /./);
  await page.waitForSelector('[data-view=classes] li');
  const opened = await numbers(page);
  assert.deepEqual(opened.strongest, frozen.strongest);
  assert.deepEqual([opened.view.layer, opened.view.map, opened.view.unit], [layer, map, unit]);
  for (const [at, { probability }] of opened.classes.entries())
    assert.ok(Math.abs(probability - frozen.classes[at].probability) < 1e-6);

  // Back leads to it, and from there to where it was before.
  await page.goBack();
  await projected(page, /./);
  assert.deepEqual((await numbers(page)).strongest, frozen.strongest);
  await page.goBack();
  await page.locator('.wall .tile').first().waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('what takes longer than a frame freezes it, and it goes on from there', async () => {
  const { page, faults, close } = await visitor(browser, TINY);
  await spy(page);
  await goLive(page);
  await page.locator('.tabs [data-tab=occlusion]').click();
  await becomes(page, 'frozen');
  assert.equal(word(page, 'tab'), 'occlusion');
  assert.deepEqual(await cameras(page), ['ended']);
  await page.locator('.live').getByRole('button', { name: 'Go on' }).click();
  await becomes(page, 'live');
  await frames(page, 3);
  assert.equal(word(page, 'tab'), null);
  await page.getByText('Projections', { exact: true }).click();
  await becomes(page, 'frozen');
  assert.equal(word(page, 'show'), 'projections');
  assert.deepEqual(await cameras(page), ['ended', 'ended']);
  assert.deepEqual(faults, []);
  await close();
});

test('the camera is off when the page is hidden, the dialog closed, it is ended, or something else is opened; one that goes is told', async () => {
  const { page, faults, close } = await visitor(browser, TINY);
  await spy(page);
  await page.locator('.landing').getByRole('button', { name: 'Camera' }).click();
  await page.locator('dialog.camera').getByRole('button', { name: 'Live' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog.camera'));
  assert.deepEqual(await cameras(page), ['ended']);

  await goLive(page);
  await hide(page, true);
  await becomes(page, 'frozen');
  assert.deepEqual(await cameras(page), ['ended', 'ended']);
  assert.match(await page.locator('.live-words').innerText(), /out of sight\. The camera is off/);
  await hide(page, false);
  const go = page.locator('.live').getByRole('button', { name: 'Go on' });
  await go.click();
  await frames(page, 2);
  assert.deepEqual((await cameras(page)).at(-1), 'live');

  // Pulled out.
  await page.evaluate(() => {
    const track = /** @type {any} */ (window).notes.tracks.at(-1);
    track.stop();
    track.dispatchEvent(new Event('ended'));
  });
  await becomes(page, 'frozen');
  assert.match(await page.locator('.live-words').innerText(), /the camera has gone/);
  // Refused from now on: what is on view stays.
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    Object.assign(window, { ask: mediaDevices.getUserMedia });
    mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await go.click();
  await page.locator('.notice', { hasText: 'The camera was refused.' }).waitFor();
  assert.equal(await page.locator('.live').getAttribute('data-state'), 'frozen');
  await page.evaluate(() => (navigator.mediaDevices.getUserMedia = /** @type {any} */ (window).ask));
  await go.click();
  await frames(page, 2);

  await page.setInputFiles('input[type=file]', sample('daisy'));
  await page.waitForFunction(() => /** @type {HTMLElement} */ (document.querySelector('.live')).hidden);
  await projected(page, /./);
  assert.equal((await cameras(page)).includes('live'), false);
  await page.locator('.wordmark').click();
  await goLive(page);
  await page.locator('.live').getByRole('button', { name: 'Stop' }).click();
  await page.locator('.wall .tile').first().waitFor();
  assert.equal((await cameras(page)).includes('live'), false);
  await goLive(page);
  await page.goBack();
  await page.locator('.wall .tile').first().waitFor();
  assert.equal((await cameras(page)).includes('live'), false);
  // What cannot be opened takes nothing away.
  await goLive(page);
  await page.setInputFiles('input[type=file]', {
    name: 'words.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from('words'),
  });
  await page.waitForSelector('html[data-error]');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  assert.equal((await cameras(page)).includes('live'), false);
  await page.locator('.sheet .keypad').press('ArrowRight');
  await page.waitForFunction(() => document.documentElement.dataset.status === 'ready');
  assert.equal((await numbers(page)).view.sample, null);
  assert.deepEqual(faults, []);
  await close();
});

for (const [type, name] of [
  ['video/webm', 'round.webm'],
  ['', 'what'],
])
  test(`a film, known by ${type ? 'its type' : 'its bytes'}, goes by, is frozen, and goes on where it was`, async () => {
    const { page, faults, close } = await visitor(browser, TINY);
    await spy(page);
    await dropFilm(page, type, name);
    await becomes(page, 'live');
    await frames(page, 5);
    // Of the looks under way, since it was last asked; what is frozen need not wait for the last frame's.
    const most = () =>
      page.evaluate(() => {
        const { notes } = /** @type {any} */ (window);
        const { look } = notes.most;
        notes.most = {};
        return look;
      });
    assert.equal(await most(), 1);
    const at = () =>
      page.evaluate(() => {
        const video = /** @type {HTMLVideoElement} */ (document.querySelector('.live video'));
        return { time: video.currentTime, paused: video.paused, muted: video.muted, loop: video.loop };
      });
    assert.deepEqual({ ...(await at()), time: 0 }, { time: 0, paused: false, muted: true, loop: true });
    await page.locator('.live').getByRole('button', { name: 'Freeze' }).click();
    await becomes(page, 'frozen');
    const frozen = await at();
    assert.equal(frozen.paused, true);
    const photo = page.locator('canvas[data-view=photo]');
    assert.deepEqual(
      await photo.evaluate((/** @type {HTMLCanvasElement} */ { width, height }) => [width, height]),
      [320, 240],
    );
    assert.equal((await at()).time, frozen.time);
    await most();
    await page.locator('.live').getByRole('button', { name: 'Go on' }).click();
    await frames(page, 3);
    assert.equal((await at()).paused, false);
    assert.equal(await most(), 1);
    assert.deepEqual(faults, []);
    await close();
  });

test('a film does not begin by itself for those who want things to stay still, and one that cannot be played is told', async () => {
  const { page, faults, close } = await visitor(browser, { ...TINY, context: { reducedMotion: 'reduce' } });
  await dropFilm(page, 'video/webm', 'round.webm');
  await becomes(page, 'frozen');
  const count = () => page.locator('.live').getAttribute('data-frames');
  const before = await count();
  await page.waitForTimeout(400);
  assert.equal(await count(), before);
  await page.locator('.live').getByRole('button', { name: 'Go on' }).click();
  await frames(page, 3);
  await page.setInputFiles('input[type=file]', { name: 'no.mp4', mimeType: 'video/mp4', buffer: Buffer.from('words') });
  await page.locator('.notice', { hasText: 'This browser cannot play this video.' }).waitFor();
  assert.equal(await page.locator('canvas[data-view=photo]').isVisible(), true);
  assert.deepEqual(faults, []);
  await close();
});

test('axe-core finds nothing, live and frozen, wide and narrow', async () => {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    const { page, close } = await visitor(browser, { ...TINY, context: { viewport } });
    await goLive(page);
    await isSound(page);
    await page.locator('.live .primary').click();
    await becomes(page, 'frozen');
    await isSound(page);
    await close();
  }
});

/** A page of somebody else, with this in it. @param {(lens: string) => string} body */
async function host(body) {
  const lens = await serve({ headers: { 'access-control-allow-origin': '*' } });
  const page = `<!doctype html><meta charset="utf-8"><title>A post</title><link rel="icon" href="data:,"><script type="module" src="${lens.url}zf-lens.js"></script><body>${body(lens.url)}`;
  const post = await serve({ also: { 'post.html': Buffer.from(page) } });
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, locale: 'en-GB' });
  context.setDefaultTimeout(PATIENCE);
  const tab = await context.newPage();
  await tab.goto(`${post.url}post.html`);
  return {
    page: tab,
    async close() {
      await context.close();
      await lens.close();
      await post.close();
    },
  };
}

test('<zf-lens src="camera"> asks after the reader has pressed, and never by itself; out of sight or away, the camera is off', async () => {
  const { page, close } = await host(
    () =>
      `<zf-lens id="one" src="camera" layer="conv4" reveal="auto" backend="cpu" controls="none"></zf-lens>
      <zf-lens id="two" src="camera" backend="cpu"></zf-lens><div style="height: 3000px"></div>
      <script type="module">document.querySelector('#two').reveal(); </script>`,
  );
  // What works a page for a test counts as a press: what is told here happened before.
  await page.waitForSelector('#two .landing');
  await spy(page);
  const one = page.locator('#one');
  assert.match(await one.locator('.zf-cover').innerText(), /through your camera/);
  await page.waitForTimeout(500);
  assert.equal(await one.getAttribute('status'), 'idle', 'what would begin by itself waits');
  assert.equal(await page.locator('#two').getAttribute('status'), 'idle', 'a script is no press');
  assert.deepEqual(await cameras(page), []);
  await page.evaluate(() => document.querySelector('#two')?.remove());
  await one.locator('.zf-cover').click();
  const went = (/** @type {number} */ count) =>
    page.waitForFunction((count) => {
      const live = /** @type {HTMLElement | null | undefined} */ (
        document.querySelector('zf-lens')?.shadowRoot?.querySelector('.live')
      );
      return Number(live?.dataset.frames ?? 0) > count;
    }, count);
  await went(3);
  assert.equal(await one.getAttribute('status'), 'ready');
  assert.match((await one.locator('canvas[data-view=projection]').getAttribute('data-of')) ?? '', /^conv4 /);
  assert.deepEqual(await cameras(page), ['live']);
  await page.mouse.wheel(0, 2500);
  await one.locator('.live[data-state=frozen]').waitFor({ state: 'attached' });
  assert.deepEqual(await cameras(page), ['ended']);
  await page.mouse.wheel(0, -2500);
  await one.locator('.live').getByRole('button', { name: 'Go on' }).click();
  await one.locator('.live[data-state=live]').waitFor();
  assert.deepEqual(await cameras(page), ['ended', 'live']);
  await page.evaluate(() => document.querySelector('zf-lens')?.remove());
  await page.waitForFunction(() =>
    /** @type {any} */ (window).notes.tracks.every((/** @type {any} */ { readyState }) => readyState === 'ended'),
  );
  await close();
});

for (const [allow, found] of /** @type {const} */ ([
  ['allow="camera"', 'live'],
  ['', 'refused'],
]))
  test(`a frame ${allow || 'without leave'}: ${found}`, async () => {
    const { page, close } = await host(
      (lens) => `<iframe src="${lens}embed.html?src=camera&backend=cpu" ${allow} width="800" height="700"></iframe>`,
    );
    const frame = page.frameLocator('iframe');
    await frame.locator('.zf-cover').click();
    if (found === 'live') await frame.locator('.live[data-state=live]').waitFor();
    else await frame.locator('.notice', { hasText: 'The camera was refused.' }).waitFor();
    await close();
  });
