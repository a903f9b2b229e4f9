// The page without a network: what is kept, that it is whole, that it works when the host is gone and the browser has been
// closed, and how one version follows another.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { DIST, launch, PATIENCE, relaunch, serve } from './harness.mjs';
import { inWords, projected, sample, visitor } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ path: string, bytes: number, sha256: string, app: boolean }} Listed */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** A visit whose service worker is not held back. @param {Omit<Parameters<typeof visitor>[1], "context">} [options] */
const keeper = (options) => visitor(browser, { ...options, context: { serviceWorkers: 'allow' } });

/** @param {Page} page @param {"none" | "saving" | "ready"} state */
const offline = (page, state) => page.waitForSelector(`html[data-offline=${state}]`, { state: 'attached' });

/** @param {Page} page */
const served = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

const button = '[data-action=keep-offline]';

/** @param {string | Buffer} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @type {Listed[]} */
const FILES = JSON.parse(readFileSync(join(DIST, 'files.json'), 'utf8')).files;

/**
 * Another build: some files are others, and the list and the worker with them.
 * @param {Record<string, (text: string) => string>} changes
 * @returns {(path: string, body: Buffer) => Buffer}
 */
function build(changes) {
  const changed = new Map(
    Object.entries(changes).map(([path, change]) => [
      path,
      Buffer.from(change(readFileSync(join(DIST, path), 'utf8'))),
    ]),
  );
  const files = FILES.map((file) => {
    const body = changed.get(file.path);
    return body ? { ...file, bytes: body.length, sha256: sha256(body) } : file;
  });
  const list = Buffer.from(JSON.stringify({ format: 1, files }));
  return (path, body) => {
    if (path === 'files.json') return list;
    if (path === 'service-worker.js')
      return Buffer.from(body.toString().replace(/^self\.LIST=.*$/m, `self.LIST="${sha256(list)}";`));
    return changed.get(path) ?? body;
  };
}

test('the list names every file with its hash, and the worker knows the list', () => {
  for (const { path, bytes, sha256: hash } of FILES) {
    const body = readFileSync(join(DIST, path));
    assert.equal(body.length, bytes, path);
    assert.equal(sha256(body), hash, path);
  }
  const list = sha256(readFileSync(join(DIST, 'files.json')));
  assert.ok(readFileSync(join(DIST, 'service-worker.js'), 'utf8').startsWith(`self.LIST="${list}";\n`));
  assert.deepEqual(
    FILES.filter(({ path, app }) => app && /safetensors|pkg\/webgpu/.test(path)),
    [],
  );
});

test('page and worker ask the browser alike which program it takes', () => {
  const asked = ['service-worker.js', 'lens/engine/probe.js'].map(
    (file) =>
      /const RELAXED =\s+('[^']+')/.exec(readFileSync(new URL(`../../www/${file}`, import.meta.url), 'utf8'))?.[1],
  );
  assert.ok(asked[0]);
  assert.equal(asked[0], asked[1]);
});

test('what the installed app is made of is there', () => {
  const { icons, screenshots, share_target: share } = JSON.parse(readFileSync(join(DIST, 'app.webmanifest'), 'utf8'));
  const named = [...icons, ...screenshots].map(({ src }) => src);
  assert.ok(named.length >= 6);
  for (const file of named) assert.ok(readFileSync(join(DIST, file)).length > 100, file);
  assert.deepEqual(
    icons.flatMap((/** @type {{ purpose?: string }} */ { purpose }) => purpose ?? []),
    ['maskable'],
  );
  assert.equal(share.params.files[0].name, 'picture');
});

test('everything works when the host is gone and the browser was closed', { timeout: 600_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'zf-lens-offline-'));
  const server = await serve();
  const address = `${server.url}?backend=cpu`;
  const first = await relaunch(folder);
  // A browser left open keeps a failed test waiting.
  context.after(() => first.close());
  const page = await first.newPage();
  await page.goto(address);
  await page.locator(button, { hasText: /^Keep offline \([1-9]\d\.\d MB\)$/ }).waitFor();
  assert.equal(
    await page.evaluate(() => navigator.serviceWorker.getRegistration().then((found) => found === undefined)),
    true,
  );
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  const worker = server.asked.indexOf('service-worker.js');
  assert.ok(
    worker < 0 || worker > server.asked.findIndex((path) => path.includes('features')),
    'the worker comes after the first result',
  );
  // Saving may be over before anybody looks.
  const states = await page.evaluateHandle(() => {
    const { dataset } = document.documentElement;
    const seen = [dataset.offline];
    new MutationObserver(() => seen.push(dataset.offline)).observe(document.documentElement, {
      attributeFilter: ['data-offline'],
    });
    return seen;
  });
  await page.click(button);
  await offline(page, 'ready');
  assert.ok((await states.jsonValue()).includes('saving'));
  assert.equal(await page.locator(button).isVisible(), false, 'nothing is left to keep');
  await first.close();
  await server.close();

  const second = await relaunch(folder);
  context.after(() => second.close());
  second.setDefaultTimeout(PATIENCE);
  const again = await second.newPage();
  await again.goto(`${address}#sample=cat`);
  await projected(again, /^conv5 /);
  await offline(again, 'ready');
  await again.waitForSelector('[data-view=classes] li');
  assert.match(await again.locator('[data-view=classes]').innerText(), /cat/i);
  /** What every tab shows that it could not show without its files. @type {Record<string, string>} */
  const tabs = {
    'Top nine': '.nine canvas, .tiles canvas, .experiment.top canvas',
    Training: '.evolution canvas',
    Filters: '.experiment.filters canvas',
    Learn: '.experiment.learn table',
    Occlusion: '.experiment.occlusion canvas',
    'Why this class': '.experiment.attribution canvas',
    Invariance: '.experiment.invariance',
    Parts: '.experiment.correspondence',
    Region: '.experiment.region',
    Favourite: '.experiment.favourite',
    Poster: '.experiment.hierarchy',
  };
  for (const [name, selector] of Object.entries(tabs)) {
    await again.getByRole('tab', { name, exact: true }).click();
    await again
      .locator(selector)
      .first()
      .waitFor()
      .catch((error) => assert.fail(`${name}: ${error.message}`));
    assert.equal(await again.locator('html').getAttribute('data-error'), null, name);
  }
  await second.close();
  rmSync(folder, { recursive: true });
});

test('what was opened so far can be kept alone, and removed', async () => {
  const { page, server, close } = await keeper({ query: '?backend=cpu' });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const all = Number.parseFloat((await page.locator(button).innerText()).replace(/.*\(/, ''));
  await page.getByText('What was opened so far').click();
  await page.waitForFunction(
    ([button, all]) =>
      Number.parseFloat((document.querySelector(String(button))?.textContent ?? '').replace(/.*\(/, '')) <
      Number(all) / 2,
    [button, all],
  );
  await page.click(button);
  await offline(page, 'ready');
  await server.close();
  await page.goto(`${server.url}?backend=cpu#sample=daisy`);
  await projected(page, /^conv5 /);
  await page.getByRole('tab', { name: 'Training', exact: true }).click();
  await page
    .getByText(/That did not work/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Remove what is kept' }).click();
  await offline(page, 'none');
  await close();
});

for (const [what, harm] of /** @type {const} */ ([
  ['poisoned', (/** @type {Buffer} */ body) => Buffer.from(body).fill(7, 100, 200)],
  ['cut off', (/** @type {Buffer} */ body) => body.subarray(0, body.length / 2)],
  ['missing', () => ({ status: 404 })],
])) {
  test(`a file that arrives ${what} is not kept, breaks nothing, and is fetched again`, async () => {
    let harmed = '';
    const { page, server, close } = await keeper({
      server: { alter: (path, body) => (harmed && path.endsWith(harmed) ? harm(body) : body) },
    });
    await page.setInputFiles('input[type=file]', sample('cat'));
    await projected(page, /^conv5 /);
    await page.waitForSelector('[data-view=classes] li');
    await served(page);
    harmed = 'conv4.projections.jpg';
    await page.click(button);
    await page.locator('.offline', { hasText: /arrived damaged|missing or out of reach/ }).waitFor();
    await offline(page, 'none');
    assert.equal(
      await page.evaluate(async () => {
        const keys = await (await caches.open('zf-lens-weights-1')).keys();
        return keys.some(({ url }) => url.includes('conv4.projections'));
      }),
      false,
    );
    harmed = '';
    const before = server.asked.length;
    await page.click(button);
    await offline(page, 'ready');
    assert.ok(
      !server.asked.slice(before).some((path) => path.includes('features')),
      'what was here was not fetched again',
    );
    await close();
  });
}

test('a page whose own files do not come whole is not kept, and works on', async () => {
  let isHarmed = true;
  const { page, close } = await keeper({
    server: { alter: (path, body) => (isHarmed && path === 'tour/tour.js' ? Buffer.from('alert(1)') : body) },
  });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await page.click(button);
  await page.locator('.offline', { hasText: 'found one that is not' }).waitFor();
  await offline(page, 'none');
  assert.equal(await page.evaluate(() => navigator.serviceWorker.controller), null);
  isHarmed = false;
  await page.click('button[data-layer=conv2]');
  await projected(page, /^conv2 /);
  await page.getByText('What was opened so far').click();
  await page.click(button);
  await offline(page, 'ready');
  await close();
});

test('a newer version is offered, taken by one reload, and never mixed with the older one', async () => {
  const older = build({});
  const newer = build({
    'lens/text.js': (text) => text.replaceAll('Pictures never leave this device.', 'The second version.'),
    'lens/experiments/learn/words.js': (text) => text.replace(/("learnTitle":{"en":)"[^"]*"/, '$1"Second lesson"'),
  });
  let now = older;
  const { page, server, close } = await keeper({ server: { alter: (path, body) => now(path, body) } });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await served(page);
  now = newer;
  const before = server.asked.length;
  await page.goto(`${server.url}?backend=cpu#sample=cat`);
  await page.reload();
  await projected(page, /^conv5 /);
  assert.equal(await page.locator('.promise').textContent(), 'Pictures never leave this device.');
  await inWords(page, 'A newer version of this page is ready.').waitFor();
  // What was not opened yet is still of the older one.
  await page.getByRole('tab', { name: 'Learn', exact: true }).click();
  await page.locator('.experiment.learn table').first().waitFor();
  assert.equal(await page.getByText('Second lesson').count(), 0);
  assert.deepEqual(
    server.asked.slice(before).filter((path) => path.endsWith('.wasm')),
    [],
    'what has not changed is not fetched again',
  );
  await Promise.all([page.waitForEvent('load'), page.click('[data-action=take-update]')]);
  await page.waitForFunction(() => document.querySelector('.promise')?.textContent === 'The second version.');
  assert.equal(await page.locator('.update button').count(), 0);
  await server.close();
  await page.reload();
  await projected(page, /^conv5 /);
  assert.equal(await page.locator('.promise').textContent(), 'The second version.');
  await close();
});

test('where storage is short it is said, and the page works on', async () => {
  const { page, context, server, close } = await keeper();
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await served(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: 25e6 });
  await page.click(button);
  await page.locator('.offline', { hasText: 'There is not enough storage' }).waitFor();
  await offline(page, 'none');
  await page.click('button[data-layer=conv2]');
  await projected(page, /^conv2 /);
  await close();
});

test('a picture that another app shares is opened', async () => {
  const { page, server, close } = await keeper();
  await page.setInputFiles('input[type=file]', sample('daisy'));
  await projected(page, /^conv5 /);
  await served(page);
  const picture = [...readFileSync(sample('cat'))];
  const landed = await page.evaluate(async (bytes) => {
    const form = new FormData();
    form.append('picture', new File([new Uint8Array(bytes)], 'shared cat.jpg', { type: 'image/jpeg' }));
    return (await fetch('share', { method: 'POST', body: form })).url;
  }, picture);
  assert.equal(landed, `${server.url}?shared`);
  await page.goto(`${server.url}?shared&backend=cpu`);
  await projected(page, /^conv5 /);
  assert.equal(new URL(page.url()).search, '?backend=cpu');
  await page.waitForSelector('[data-view=classes] li');
  assert.match(await page.locator('[data-view=classes] li').first().innerText(), /cat/i);
  await close();
});

test('what is kept can be cleared where it may be the cause of a failure', async () => {
  let isBroken = false;
  const { page, server, close } = await keeper({
    query: '?backend=cpu#sample=cat',
    server: { alter: (path, body) => (isBroken && path.includes('features') ? { status: 500 } : body) },
  });
  await projected(page, /^conv5 /);
  await served(page);
  await page.evaluate(async () => {
    const cache = await caches.open('zf-lens-weights-1');
    for (const key of await cache.keys()) await cache.delete(key);
  });
  isBroken = true;
  await page.reload();
  await page.waitForSelector('html[data-error=not-found]');
  isBroken = false;
  await Promise.all([page.waitForEvent('load'), page.click('[data-action=clear-data]')]);
  await projected(page, /^conv5 /);
  assert.ok(server.asked.filter((path) => path.endsWith('main.js')).length >= 2, 'the page itself came anew');
  await close();
});
