// The network's files: missing, damaged, another than expected, slow, or given up on. Nothing is shown that was not checked.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, serve } from './harness.mjs';
import { door, golden, inWords, projected, refused, sample, shown, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const isFeatures = (/** @type {string} */ path) => path.includes('.features.');
const isClassifier = (/** @type {string} */ path) => path.includes('.classifier.');

/** @param {Buffer} body @param {number} at */
function flipped(body, at) {
  const copy = Buffer.from(body);
  copy[at] ^= 1;
  return copy;
}

/** @type {Record<string, { code: string, alter: (path: string, body: Buffer) => Buffer | { status: number } }>} */
const FAULTS = {
  'a missing file': { code: 'not-found', alter: (path, body) => (isFeatures(path) ? { status: 404 } : body) },
  'a missing manifest': {
    code: 'not-found',
    alter: (path, body) => (path.endsWith('manifest.json') ? { status: 404 } : body),
  },
  'one flipped bit': {
    code: 'integrity',
    alter: (path, body) => (isFeatures(path) ? flipped(body, body.length >> 1) : body),
  },
  'a file cut off': {
    code: 'integrity',
    alter: (path, body) => (isFeatures(path) ? body.subarray(0, body.length - 1000) : body),
  },
  'another hash in the manifest': {
    code: 'integrity',
    alter: (path, body) => {
      if (!path.endsWith('manifest.json')) return body;
      const manifest = JSON.parse(body.toString());
      for (const file of manifest.files) file.sha256 = '0'.repeat(64);
      return Buffer.from(JSON.stringify(manifest));
    },
  },
  'a manifest that is none': {
    code: 'weights',
    alter: (path, body) =>
      path.endsWith('manifest.json') ? Buffer.from('<!doctype html><title>Welcome</title>') : body,
  },
  'a missing program': {
    code: 'not-found',
    alter: (path, body) => (path.endsWith('_bg.wasm') ? { status: 404 } : body),
  },
};

for (const [name, { code, alter }] of Object.entries(FAULTS)) {
  test(`${name} is told as “${code}”, and trying again works once it is mended`, async () => {
    let broken = true;
    const server = {
      alter: (/** @type {string} */ path, /** @type {Buffer} */ body) => (broken ? alter(path, body) : body),
    };
    const { page, close } = await visitor(browser, { server });
    await page.setInputFiles('input[type=file]', sample('cat'));
    assert.match(await refused(page, code), /Expected/);
    assert.equal(await page.locator('[data-view=classes] li').count(), 0, 'nothing is shown of an unchecked network');
    broken = false;
    const retry = page.getByRole('button', { name: 'Try again' });
    if (await retry.isVisible()) await retry.click();
    else await page.setInputFiles('input[type=file]', sample('cat'));
    await projected(page, /^conv5 /);
    await close();
  });
}

test('a stale copy of a file is passed by once', async () => {
  let first = true;
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (!isFeatures(path) || !first) return body;
    first = false;
    return flipped(body, 1_000_000);
  };
  const { page, server, close } = await visitor(browser, { server: { alter } });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  assert.equal(server.asked.filter(isFeatures).length, 2);
  await close();
});

test('a single file that is cut off, or no network at all, is refused by name', async () => {
  const whole = golden('vgg-blocks');
  const also = {
    'nets/cut.safetensors': whole.subarray(0, whole.length - 500),
    'nets/short.safetensors': whole.subarray(0, 5),
    'nets/words.safetensors': Buffer.from('not a network at all, only words'),
  };
  for (const name of Object.keys(also)) {
    const { page, close } = await visitor(browser, { query: `?backend=cpu&weights=${name}`, server: { also } });
    await page.setInputFiles('input[type=file]', sample('cat'));
    const words = await refused(page, 'weights');
    assert.match(words, /expected .*found/is, `${name}: ${words}`);
    await close();
  }
});

test("a network from another site needs that site's leave", async () => {
  const elsewhere = await serve({ also: { 'net.safetensors': golden('vgg-blocks') } });
  const { page, close } = await visitor(browser, { query: `?backend=cpu&weights=${elsewhere.url}net.safetensors` });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await refused(page, 'cors');
  await close();
  await elsewhere.close();
});

test('projections do not wait for the classifier, and do not need it', async () => {
  const classifier = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (isClassifier(path)) await classifier.opened;
    return body;
  };
  const { page, faults, close } = await visitor(browser, { server: { alter } });
  await page.setInputFiles('input[type=file]', sample('coffee'));
  await projected(page, /^conv5 /);
  await inWords(page, 'Class names come with another file').waitFor();
  await page.click('button[data-layer=conv1]');
  const chosen = await projected(page, /^conv1 /);
  classifier.open();
  await page.waitForSelector('[data-view=classes] li');
  assert.equal(await page.locator('[data-view=classes] li').count(), 5);
  assert.equal(await shown(page), chosen, 'the classes change nothing else');
  assert.deepEqual(faults, []);
  await close();
});

test('a missing classifier is told, and everything else goes on', async () => {
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    isClassifier(path) ? { status: 404 } : body;
  const { page, close } = await visitor(browser, { server: { alter } });
  await page.setInputFiles('input[type=file]', sample('coffee'));
  await refused(page, 'not-found');
  await page.waitForFunction(() => document.querySelector('canvas[data-view=projection]')?.getAttribute('data-of'));
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.click('button[data-layer=conv2]');
  await projected(page, /^conv2 /);
  await close();
});

test('Cancel works while the network is on its way', async () => {
  const features = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (isFeatures(path)) await features.opened;
    return body;
  };
  const { page, close } = await visitor(browser, { server: { alter } });
  await page.setInputFiles('input[type=file]', sample('cat'));
  // The photograph itself is there before the network is.
  await page.waitForFunction(
    () => /** @type {HTMLCanvasElement | null} */ (document.querySelector('canvas.photo'))?.width === 451,
  );
  assert.equal(await page.locator('html').getAttribute('data-status'), 'loading');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('html[data-status=idle]');
  assert.ok(await page.locator('.landing').isVisible());
  assert.equal(await page.locator('html').getAttribute('data-error'), null, 'giving up is no error');
  features.open();
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await close();
});

test('Cancel works during a look, and the result before it is still there and still answers', async () => {
  // The photograph is there before the network that says which square of it to look at, and comes back after it.
  const features = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (isFeatures(path)) await features.opened;
    return body;
  };
  const { page, faults, close } = await visitor(browser, { server: { alter } });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await page.waitForFunction(
    () => /** @type {HTMLCanvasElement | null} */ (document.querySelector('canvas.photo'))?.width === 451,
  );
  features.open();
  const before = await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const state = () =>
    page.evaluate(() => ({
      hash: location.hash,
      classes: document.querySelector('[data-view=classes]')?.textContent,
      photo: /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=photo]')).toDataURL(),
    }));
  const kept = await state();
  for (const moment of ['loading', 'running']) {
    await page.evaluate((moment) => {
      const root = document.documentElement;
      const watch = new MutationObserver(() => {
        const cancel = /** @type {HTMLElement | null} */ (document.querySelector('.stages ~ .button'));
        if (root.dataset.status !== moment || !cancel?.checkVisibility()) return;
        watch.disconnect();
        root.dataset.cancelledAt = moment;
        cancel.click();
      });
      watch.observe(root, { attributeFilter: ['data-status'] });
    }, moment);
    await page.setInputFiles('input[type=file]', sample('rocket'));
    await page.waitForSelector(`html[data-cancelled-at=${moment}]`);
    assert.equal(await projected(page, /^conv5 /), before, moment);
    assert.deepEqual(await state(), kept, moment);
  }
  // The engine may have gone on to the other picture; the next answer must still be about this one.
  await page.click('button[data-layer=conv4]');
  const other = await projected(page, /^conv4 /);
  const { page: fresh, close: closeFresh } = await visitor(browser);
  await fresh.setInputFiles('input[type=file]', sample('cat'));
  await projected(fresh, /^conv5 /);
  await fresh.click('button[data-layer=conv4]');
  assert.equal(await projected(fresh, /^conv4 /), other);
  const pixels = (/** @type {import("playwright-core").Page} */ of) =>
    of
      .locator('canvas[data-view=projection]')
      .evaluate((/** @type {HTMLCanvasElement} */ canvas) => canvas.toDataURL());
  assert.equal(await pixels(page), await pixels(fresh));
  assert.deepEqual(faults, []);
  await closeFresh();
  await close();
});

test('a newer photograph takes the place of one that is still being opened', async () => {
  const { page, server, faults, close } = await visitor(browser);
  for (const name of ['china', 'flower', 'rocket']) await page.setInputFiles('input[type=file]', sample(name));
  await projected(page, /^conv5 /);
  assert.equal(server.asked.filter(isFeatures).length, 1, 'one download serves all three');
  await page.waitForSelector('[data-view=classes] li');
  const last = await page.evaluate(() =>
    /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=patch]')).toDataURL(),
  );
  const { page: alone, close: closeAlone } = await visitor(browser);
  await alone.setInputFiles('input[type=file]', sample('rocket'));
  await projected(alone, /^conv5 /);
  assert.equal(
    await alone.evaluate(() =>
      /** @type {HTMLCanvasElement} */ (document.querySelector('canvas[data-view=patch]')).toDataURL(),
    ),
    last,
  );
  assert.deepEqual(faults, []);
  await closeAlone();
  await close();
});
