// `<zf-lens>` in pages of another origin, and the frame for those who load no script of others.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';

import { DRESSES, isSound } from './axe.mjs';
import { DIST, launch, serve } from './harness.mjs';
import { sample, visitor } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** What a host says that lets other pages load its scripts. */
const SHARED = { 'access-control-allow-origin': '*' };

/**
 * A page of another origin, with the lens of a first server in it.
 * @param {(lens: string) => string} body of the page, given the address of the lens's folder
 * @param {{ headers?: (lens: string) => Record<string, string>, context?: import("playwright-core").BrowserContextOptions, head?: (lens: string) => string }} [options]
 */
async function host(
  body,
  {
    headers = () => ({}),
    context: more,
    head = (lens) => `<script type="module" src="${lens}zf-lens.js"></script>`,
  } = {},
) {
  const lens = await serve({ headers: SHARED });
  const page = `<!doctype html><meta charset="utf-8"><title>A post</title><link rel="icon" href="data:,"><style nonce="own">* { margin: 3px } p { color: rgb(1, 2, 3); font: 21px serif }</style>${head(lens.url)}<body>${body(lens.url)}`;
  const post = await serve({
    also: { 'post.html': Buffer.from(page), 'holiday.jpg': readFileSync(sample('daisy')) },
    headers: headers(lens.url),
  });
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, locale: 'en-GB', ...more });
  const tab = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  tab.on('pageerror', (error) => faults.push(error.message));
  await tab.goto(`${post.url}post.html`);
  return {
    page: tab,
    lens,
    post,
    faults,
    async close() {
      await context.close();
      await lens.close();
      await post.close();
    },
  };
}

/** @param {Page} page @param {string} status @param {string} [selector] */
const becomes = (page, status, selector = 'zf-lens') =>
  page.waitForSelector(`${selector}[status=${status}]`, { state: 'attached', timeout: 120_000 });

/** @param {Page} page */
const reveal = async (page) => page.locator('zf-lens').locator('.zf-cover').click();

test('before a reader asks, next to nothing is fetched; then the view is there, and the page around it is as it was', async () => {
  const { page, lens, faults, close } = await host(
    () => '<p id="text">words</p><zf-lens sample="cat" layer="conv4" backend="cpu"></zf-lens><p>more</p>',
  );
  await page.locator('zf-lens').locator('.zf-cover img').first().waitFor();
  assert.equal(await page.locator('zf-lens').getAttribute('status'), 'idle');
  const asked = new Set(lens.asked);
  assert.deepEqual(
    [...asked].filter((path) => /wasm|safetensors|main\.js|text\//.test(path)),
    [],
  );
  const weight = [...asked]
    .filter((path) => /\.(js|css|html)$/.test(path))
    .reduce((sum, path) => sum + brotliCompressSync(readFileSync(join(DIST, path))).length, 0);
  assert.ok(weight > 1000 && weight < 20_000, `${weight} bytes after Brotli`);

  const events = page.evaluate(
    () =>
      new Promise((resolve) => {
        /** @type {unknown[]} */
        const seen = [];
        for (const name of ['zf-ready', 'zf-change', 'zf-error'])
          document.addEventListener(name, (event) => {
            seen.push([name, /** @type {CustomEvent} */ (event).detail.state?.layer]);
            if (name === 'zf-ready') resolve(seen);
          });
      }),
  );
  await reveal(page);
  await becomes(page, 'ready');
  assert.ok(JSON.stringify(await events).includes('["zf-ready","conv4"]'));
  const frame = page.locator('zf-lens');
  await frame.locator('canvas[data-view=projection]').waitFor();
  assert.equal(await frame.locator('.tabs').isVisible(), false, 'controls are some');
  const height = await page.evaluate(() => document.querySelector('zf-lens')?.getBoundingClientRect().height ?? 0);
  assert.ok(height > 400, `${height}`);
  assert.deepEqual(
    await page.evaluate(async () => {
      const { color, fontSize, margin } = getComputedStyle(/** @type {Element} */ (document.querySelector('#text')));
      const kept = [
        localStorage.length,
        sessionStorage.length,
        (await caches.keys()).length,
        (await indexedDB.databases()).length,
      ];
      return { color, fontSize, margin, kept, length: history.length };
    }),
    { color: 'rgb(1, 2, 3)', fontSize: '21px', margin: '3px', kept: [0, 0, 0, 0], length: 2 },
  );
  // What is chosen in the lens makes no step for Back in the page around it.
  await frame.locator('button[data-layer=conv2]').click();
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('zf-lens')).state.layer === 'conv2');
  assert.equal(await page.evaluate(() => history.length), 2);
  const workers = await page.evaluate(() => navigator.serviceWorker?.getRegistrations().then((found) => found.length));
  assert.equal(workers ?? 0, 0);
  assert.deepEqual(faults, []);
  await close();
});

test('properties, state, methods: set before the definition, read, and set again', async () => {
  const { page, close } = await host(() => '<zf-lens></zf-lens>', { head: () => '' });
  await page.evaluate(() => {
    const lens = /** @type {any} */ (document.querySelector('zf-lens'));
    lens.sample = 'cat';
    lens.backend = 'cpu';
    lens.controls = 'none';
  });
  const lens = await serve({ headers: SHARED });
  await page.addScriptTag({ type: 'module', url: `${lens.url}zf-lens.js` });
  await page.waitForFunction(() => customElements.get('zf-lens') !== undefined);
  assert.equal(await page.locator('zf-lens').getAttribute('sample'), 'cat');
  await page.evaluate(() => /** @type {any} */ (document.querySelector('zf-lens')).reveal());
  await becomes(page, 'ready');
  const state = await page.evaluate(() => /** @type {any} */ (document.querySelector('zf-lens')).state);
  assert.equal(state.sample, 'cat');
  await page.evaluate(() => {
    const one = /** @type {any} */ (document.querySelector('zf-lens'));
    one.state = { ...one.state, whole: '0', layer: 'conv3', map: 7, unit: '2,3' };
  });
  const shown = page.locator('zf-lens').locator('canvas[data-view=projection][data-of="conv3 7,2,3"]');
  await shown.waitFor({ timeout: 120_000 });
  const bytes = await page.evaluate(async () => {
    const blob = await /** @type {any} */ (document.querySelector('zf-lens')).toBlob();
    return { type: blob.type, size: blob.size };
  });
  assert.equal(bytes.type, 'image/png');
  assert.ok(bytes.size > 10_000);
  const found = await page.evaluate(() => /** @type {any} */ (document.querySelector('zf-lens')).numbers());
  assert.deepEqual(found.projection.shape, [3, 75, 75]);
  assert.equal(found.projection.values.length, 3 * 75 * 75);
  assert.deepEqual([found.target.map, found.target.row, found.target.col], [7, 2, 3]);
  await page.evaluate(
    async (picture) => {
      const blob = new Blob([new Uint8Array(picture)], { type: 'image/jpeg' });
      await /** @type {any} */ (document.querySelector('zf-lens')).open(blob);
    },
    [...readFileSync(sample('daisy'))],
  );
  await page.waitForFunction(() => {
    const lens = /** @type {any} */ (document.querySelector('zf-lens'));
    return lens.status === 'ready' && lens.state.sample === undefined;
  });
  await lens.close();
  await close();
});

test('a picture of the page around; one that cannot be had is an error of the lens', async () => {
  const { page, close } = await host(
    () =>
      '<zf-lens id="one" src="holiday.jpg" backend="cpu" reveal="auto"></zf-lens><zf-lens id="two" src="missing.jpg"></zf-lens>',
  );
  await becomes(page, 'ready', '#one');
  await becomes(page, 'error', '#two');
  assert.equal(await page.locator('#two').getAttribute('error'), 'not-found');
  // A blob has the name that is put behind it; without `src` what is on view stays, and a text says no more than what is wrong.
  const message = await page.evaluate(async () => {
    const lens = /** @type {any} */ (document.querySelector('#one'));
    lens.removeAttribute('src');
    const refused = new Promise((resolve) =>
      lens.addEventListener('zf-error', (/** @type {CustomEvent} */ { detail }) => resolve(detail.message), {
        once: true,
      }),
    );
    lens.src = `${URL.createObjectURL(new Blob(['words']))}#words%20of%20mine.txt`;
    return refused;
  });
  assert.match(message, /^This file is not a picture\. Expected JPEG.*; found text\. The last result is still here\.$/);
  await close();
});

test('an experiment that has ended is told of', async () => {
  const { page, close } = await host(
    () => '<zf-lens view="occlusion" state="sample=cat&occlusion.stride=32" backend="cpu" reveal="manual"></zf-lens>',
  );
  const found = await page.evaluate(async () => {
    await customElements.whenDefined('zf-lens');
    const lens = /** @type {any} */ (document.querySelector('zf-lens'));
    const ended = new Promise((resolve) => lens.addEventListener('zf-result', resolve, { once: true }));
    await lens.reveal();
    const { detail } = /** @type {any} */ (await ended);
    const { done, total } = await lens.numbers();
    return { tab: detail.state.tab, done, total };
  });
  assert.equal(found.tab, 'occlusion');
  assert.ok(found.total > 0 && found.done === found.total, `${found.done} of ${found.total}`);
  await close();
});

test('under a strict policy, twice on a page, in a shadow root, moved, and taken away', async () => {
  const policy = (/** @type {string} */ lens) => ({
    'content-security-policy': `default-src 'none'; style-src 'nonce-own'; script-src ${new URL(lens).origin} 'wasm-unsafe-eval'; worker-src data:; connect-src ${new URL(lens).origin}; img-src ${new URL(lens).origin} blob: data:`,
  });
  const { page, faults, close } = await host(
    (lens) =>
      `<div id="a"><zf-lens sample="cat" backend="cpu" lang="zh"></zf-lens></div><div id="b"></div><script type="module" src="${lens}zf-lens.js?second"></script>`,
    { headers: policy },
  );
  await reveal(page);
  await becomes(page, 'ready');
  assert.equal(await page.locator('zf-lens .lens').getAttribute('lang'), 'zh-Hans');
  await page.evaluate(() => {
    const root = /** @type {Element} */ (document.querySelector('#b')).attachShadow({ mode: 'open' });
    root.innerHTML = '<zf-lens sample="daisy" backend="cpu"></zf-lens>';
  });
  await page.locator('#b zf-lens .zf-cover').waitFor();
  await page.evaluate(() =>
    document.querySelector('#b')?.append(/** @type {Element} */ (document.querySelector('#a zf-lens'))),
  );
  const lenses = () => document.querySelector('#b > zf-lens')?.shadowRoot?.querySelectorAll('.lens').length;
  assert.equal(await page.evaluate(lenses), 0, 'moved, it begins anew');
  assert.equal(await page.evaluate(() => document.querySelector('#b > zf-lens')?.getAttribute('status')), 'idle');
  await page.evaluate(() => {
    const moved = document.querySelector('#b > zf-lens');
    moved?.remove();
    document.querySelector('#b')?.shadowRoot?.querySelector('zf-lens')?.remove();
  });
  assert.deepEqual(faults, []);
  await close();
});

/** How many Workers with an engine the browser has. @param {import("playwright-core").Browser} browser */
async function engines(browser) {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  await session.detach();
  return targetInfos.filter(({ type, url }) => /worker/.test(type) && url.includes('worker.js')).length;
}

/** Bytes that the browser's processes hold in memory, shared ones counted once for each. @param {import("playwright-core").Page} page */
async function heap(page) {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'performance.memory.usedJSHeapSize',
    returnByValue: true,
  });
  await session.detach();
  return Number(result.value);
}

test('twenty lenses of a page share one engine, ask it for nothing while they are out of sight, and leave nothing behind', async () => {
  const ids = Array.from({ length: 20 }, (_, at) => `n${at}`);
  const samples = ['cat', 'daisy', 'oranges', 'shoe'];
  const { page, faults, close } = await host(() =>
    ids
      .map(
        (id, at) =>
          `<zf-lens id="${id}" sample="${samples[at % 4]}" layer="conv3" backend="cpu" reveal="auto" style="height: 700px; margin-bottom: 300px"></zf-lens>`,
      )
      .join(''),
  );
  assert.equal(await engines(browser), 0, 'nobody has asked');
  /** @type {number[]} */
  const held = [];
  for (const id of ids) {
    await page.locator(`#${id}`).scrollIntoViewIfNeeded();
    await becomes(page, 'ready', `#${id}`);
    held.push(await heap(page));
  }
  assert.equal(await engines(browser), 1);
  const growth = ((held.at(-1) ?? 0) - (held[3] ?? 0)) / 16;
  assert.ok(growth < 12e6, `${growth} bytes for each further lens`);
  // Each shows its own picture, whichever the engine looked at last.
  await page.locator('#n0').scrollIntoViewIfNeeded();
  const first = page.locator('#n0');
  await first.locator('button[data-layer=conv2]').click();
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#n0')).state.layer === 'conv2');
  await becomes(page, 'ready', '#n0');
  const { view } = await page.evaluate(() => /** @type {any} */ (document.querySelector('#n0')).numbers());
  assert.equal(view.sample, 'cat');
  // Out of sight nothing is asked; in sight again it is.
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.waitForTimeout(500);
  await page.evaluate(
    () =>
      /** @type {any} */ (
        document.querySelector('#n0').state = {
          sample: 'cat',
          layer: 'conv1',
          map: '3',
          unit: '20,20',
        }
      ),
  );
  await page.waitForTimeout(1500);
  assert.equal(await first.locator('canvas[data-view=projection][data-of="conv1 3,20,20"]').count(), 0, 'it waits');
  await page.evaluate(() => window.scrollTo(0, 0));
  await first.locator('canvas[data-view=projection][data-of="conv1 3,20,20"]').waitFor();
  // One that is taken away does not end the engine of the others; the last one does.
  await page.evaluate(() => document.querySelectorAll('zf-lens:not(#n0)').forEach((one) => one.remove()));
  assert.equal(await engines(browser), 1);
  await first.locator('button[data-layer=conv4]').click();
  await first.locator('canvas[data-view=projection][data-of^="conv4 "]').waitFor();
  await page.evaluate(() => document.querySelector('zf-lens')?.remove());
  for (let tries = 0; tries < 50 && (await engines(browser)) > 0; tries++) await page.waitForTimeout(200);
  assert.equal(await engines(browser), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('a page gives its colours and letters; with no controls keys change as little as a pointer', async () => {
  const { page, close } = await host(
    () =>
      '<style>zf-lens { --zf-accent: rgb(0, 90, 200); --zf-paper: rgb(250, 240, 230); --zf-ink: rgb(20, 30, 40); --zf-font: "Courier New", monospace }</style><zf-lens sample="cat" layer="conv4" backend="cpu" controls="none" reveal="auto"></zf-lens>',
  );
  await becomes(page, 'ready');
  const frame = page.locator('zf-lens');
  const { lamp, paper, ink, font } = await frame.locator('.lens').evaluate((lens) => {
    const { color, backgroundColor, fontFamily } = getComputedStyle(lens);
    const probe = lens.appendChild(document.createElement('i'));
    probe.style.color = 'var(--lamp)';
    const lamp = getComputedStyle(probe).color;
    probe.remove();
    return { lamp, paper: backgroundColor, ink: color, font: fontFamily };
  });
  assert.equal(lamp, 'rgb(0, 90, 200)');
  assert.equal(paper, 'rgb(250, 240, 230)');
  assert.equal(ink, 'rgb(20, 30, 40)');
  assert.match(font, /^"Courier New"/);
  const before = await page.evaluate(() => /** @type {any} */ (document.querySelector('zf-lens')).state);
  for (const key of ['Enter', ' ', 'ArrowRight', '+']) {
    await frame.locator('button[data-layer=conv2]').focus();
    await page.keyboard.press(key);
    await frame.getByLabel(/^Crop that/).focus();
    await page.keyboard.press(key);
  }
  await page.waitForTimeout(600);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (document.querySelector('zf-lens')).state), before);
  await close();
});

test('in a sandboxed frame it works without storage, and tells the page around its height and what is on view', async () => {
  const { page, close } = await host(
    (lens) =>
      `<script>addEventListener("message", ({ data }) => data.from === "zf-lens" && (window.told ??= {}, window.told[data.event] = data.detail))</script><iframe sandbox="allow-scripts" width="900" height="700" src="${lens}embed.html?reveal=auto&backend=cpu#v=1&sample=cat"></iframe>`,
  );
  const frame = page.frameLocator('iframe');
  await frame.locator('html[data-status=ready]').waitFor({ timeout: 120_000 });
  await frame.locator('canvas[data-view=projection]').waitFor();
  const whole = await frame.locator('body').evaluate((body) => body.getBoundingClientRect().height);
  await page.waitForFunction((whole) => Math.abs(/** @type {any} */ (window).told?.height?.height - whole) < 2, whole);
  const { status, error, state } = await page.evaluate(() => /** @type {any} */ (window).told.state);
  assert.deepEqual([status, error, state.sample], ['ready', null, 'cat']);
  await frame.locator('button[data-layer=conv2]').click();
  await page.waitForFunction(() => /** @type {any} */ (window).told.state.state.layer === 'conv2');
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing in a lens, waiting and open, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { query: 'embed.html?backend=cpu#v=1&sample=cat', context });
    await page.locator('.zf-cover').waitFor();
    await isSound(page);
    await page.locator('.zf-cover').click();
    await page.locator('canvas[data-view=projection][data-of^="conv5 "]').waitFor();
    await page.waitForSelector('html[data-status=ready]');
    await isSound(page);
    await close();
  });
}

test('the page writes the lines for the view that is open', async () => {
  const server = await serve();
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(`${server.url}?backend=cpu#v=1&sample=cat&layer=conv4&map=12&unit=6,4`);
  await page.waitForSelector('html[data-status=ready]');
  await page.click('[data-action=embed]');
  const forms = await page
    .locator('dialog.embed textarea')
    .evaluateAll((areas) => areas.map((area) => /** @type {HTMLTextAreaElement} */ (area).value));
  assert.deepEqual(forms, [
    `<script type="module" src="${server.url}zf-lens.js"></script>\n<zf-lens sample="cat" layer="conv4" map="12" unit="6,4" controls="some"></zf-lens>`,
    `<iframe src="${server.url}embed.html?controls=some#v=1&amp;sample=cat&amp;layer=conv4&amp;map=12&amp;unit=6,4&amp;rule=deconvnet&amp;scale=own" title="ZF Lens" width="100%" height="640" loading="lazy" allow="camera" style="border: 0"></iframe>`,
    `${server.url}embed.html?controls=some#v=1&sample=cat&layer=conv4&map=12&unit=6,4&rule=deconvnet&scale=own`,
    `[![ZF Lens](${server.url}samples/cat.jpg)](${server.url}embed.html?controls=some#v=1&sample=cat&layer=conv4&map=12&unit=6,4&rule=deconvnet&scale=own)`,
  ]);
  await page.locator('dialog.embed select').selectOption('full');
  assert.ok(
    (await page.locator('dialog.embed textarea').nth(2).inputValue()).startsWith(`${server.url}#v=1&sample=cat`),
  );
  await context.close();
  await server.close();
});

for (const file of ['embedding.html', 'embedding.zh.html'])
  test(`the page about embedding shows what it says: ${file}`, async () => {
    const server = await serve();
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`${server.url}${file}`);
    assert.equal(await page.locator('zf-lens').count(), 3);
    const named = await page.locator('tbody th').allInnerTexts();
    const known = await page.evaluate(() => /** @type {any} */ (customElements.get('zf-lens')).observedAttributes);
    assert.deepEqual([...known].sort(), named.join(', ').split(', ').sort(), 'every attribute is described');
    await context.close();
    await server.close();
  });
