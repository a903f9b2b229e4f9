// What stands in the address and in the history: photographs of one's own under their entries, what makes no sense left out
// and mended, and nothing lost on reload and Back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { golden, inWords, picture, projected, refused, renamed, sample, shown, visitor } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** A network that looks in no time. @param {string} [hash] @param {Buffer} [network] */
const tiny = (hash = '', network = golden('vgg-blocks')) =>
  visitor(browser, {
    query: `?backend=cpu&weights=nets/tiny.safetensors${hash}`,
    server: { also: { 'nets/tiny.safetensors': network } },
  });

const hashOf = (/** @type {Page} */ page) => decodeURIComponent(new URL(page.url()).hash);

/** Waits until a photograph of this size is on view and has been looked at. @param {Page} page @param {number} width */
async function isOn(page, width) {
  await page.waitForFunction(
    (width) =>
      document.documentElement.dataset.status === 'ready' &&
      /** @type {HTMLCanvasElement | null} */ (document.querySelector('canvas[data-view=photo]'))?.width === width,
    width,
  );
}

/** The square in percent of the photograph, once it is somewhere. @param {Page} page @param {(left: number) => boolean} [is] */
async function square(page, is = () => true) {
  const left = () => page.locator('.crop').evaluate((/** @type {HTMLElement} */ box) => parseFloat(box.style.left));
  for (let found = await left(); ; found = await left()) if (is(found)) return found;
}

const CAT = 451;
const SMALL = 40;

test("Back and Forward show each photograph of one's own under its own address", async () => {
  const { page, faults, close } = await tiny();
  await page.setInputFiles('input[type=file]', sample('cat'));
  await isOn(page, CAT);
  await projected(page, /^conv2_2 /);
  await page.click('button[data-layer=conv1_1]');
  await projected(page, /^conv1_1 /);
  const [ofCat, catHash] = [await shown(page), hashOf(page)];
  await page.setInputFiles('input[type=file]', picture('rgb-16-bit.png'));
  await isOn(page, SMALL);
  await projected(page, /^conv2_2 /);
  const [ofSmall, smallHash] = [await shown(page), hashOf(page)];
  for (const [go, width, of, hash] of /** @type {const} */ ([
    ['goBack', CAT, ofCat, catHash],
    ['goForward', SMALL, ofSmall, smallHash],
  ])) {
    await page[go]();
    await isOn(page, width);
    await projected(page, new RegExp(`^${of}$`));
    assert.equal(hashOf(page), hash);
  }

  // A file that is refused is no place to come back to, and takes nobody's place.
  await page.setInputFiles('input[type=file]', picture('text.jpg'));
  await page.waitForSelector('html[data-error]');
  assert.equal(hashOf(page), smallHash);
  await page.goBack();
  await isOn(page, CAT);
  assert.equal(await page.locator('.notice').isVisible(), false, 'what was said was of another photograph');
  await page.goForward();
  await isOn(page, SMALL);

  // The square is part of what an entry shows; that of one's own stands in no address.
  await page.locator(`button.thumb[data-sample=cat]`).click();
  await page.waitForURL(/sample=cat/);
  await projected(page, /^conv2_2 /);
  await page.goBack();
  await isOn(page, SMALL);
  const before = await square(page);
  await page.evaluate(() => {
    const push = history.pushState.bind(history);
    history.pushState = (...entry) => (push(...entry), void (document.documentElement.dataset.pushed = '1'));
  });
  await page.locator('.crop').focus();
  await page.keyboard.press('-');
  await page.keyboard.press('ArrowRight');
  const moved = await square(page, (left) => left !== before);
  await page.waitForSelector('html[data-pushed]');
  assert.ok(await page.evaluate(() => history.state.crop));
  await isOn(page, SMALL);
  assert.ok(!hashOf(page).includes('crop='));
  await page.goBack();
  assert.equal(await square(page, (left) => left === before), before);
  await page.goForward();
  assert.equal(await square(page, (left) => left === moved), moved);
  assert.deepEqual(faults, []);

  // After a reload it is gone, and said to be; the same file again is looked at as it was.
  await page.click('button[data-layer=conv1_2]');
  await projected(page, /^conv1_2 /);
  const last = hashOf(page);
  await page.reload();
  await page.getByRole('alert').getByText('The photograph of this address is no longer here').waitFor();
  assert.ok(await page.locator('.landing').isVisible());
  assert.equal(hashOf(page), last);
  await page.setInputFiles('input[type=file]', picture('rgb-16-bit.png'));
  await isOn(page, SMALL);
  await projected(page, /^conv1_2 /);
  await page.goBack();
  await page.getByRole('alert').getByText('The photograph of this address is no longer here').waitFor();
  await close();
});

test('photographs make room for newer ones, the oldest first', async () => {
  const { page, close } = await visitor(browser);
  const found = await page.evaluate(async () => {
    const { Photographs } = await import(new URL('lens/photograph/photographs.js', document.baseURI).href);
    const kept = new Photographs(100);
    const photo = (/** @type {string} */ id, /** @type {number} */ size) => ({
      id,
      blob: new Blob([new Uint8Array(size)]),
      pixels: null,
    });
    const all = () => ['a', 'b', 'c', 'd'].filter((id) => kept.find(id)).join('');
    const [a, b, c, d] = [photo('a', 40), photo('b', 40), photo('c', 40), photo('d', 500)];
    return [a, b, a, c, d].map((one) => (kept.keep(one), all()));
  });
  assert.deepEqual(found, ['a', 'ab', 'ab', 'ac', 'd']);
  await close();
});

test('what makes no sense is left out, the address is mended, and what is unknown is said', async () => {
  const { page, faults, close } = await tiny(
    '#v=1&sample=cat&crop=9000,9000,50&map=99999&unit=NaN,-3&layer=conv1_1&rule=best&scale=big&tab=no&class=99&epoch=x&others=cat,unicorn',
  );
  await projected(page, /^conv1_1 /);
  await page.waitForFunction(() => !location.hash.includes('9000'));
  const words = Object.fromEntries(new URLSearchParams(hashOf(page).slice(1)));
  const { map = '', unit = '', others = '', ...rest } = words;
  assert.deepEqual(rest, { v: '1', sample: 'cat', layer: 'conv1_1', rule: 'deconvnet', scale: 'own' });
  assert.match(`${map} ${unit}`, /^[012] \d+,\d+$/, 'the strongest unit');
  assert.ok(!others.includes('unicorn'));
  const whole = await square(page);

  // The same in an address that is edited, and a square of the visitor's own is left again on the way Back.
  for (const crop of ['0,0,452', '400,0,100', '0,0,0']) {
    await page.evaluate((crop) => (location.hash = `#v=1&sample=cat&layer=conv1_1&crop=${crop}`), crop);
    await page.waitForFunction(() => !location.hash.includes('crop'));
    await projected(page, /^conv1_1 /);
    assert.equal(await square(page), whole, crop);
  }
  await page.evaluate(() => (location.hash = '#v=1&sample=cat&layer=conv1_1&crop=100,40,60'));
  await square(page, (left) => Math.abs(left - (100 * 100) / 451) < 0.1);
  await page.waitForFunction(() => /crop=100,40,60.*rule=/.test(location.hash));
  await page.goBack();
  await square(page, (left) => left === whole);
  await page.goForward();
  await square(page, (left) => left !== whole);

  await page.evaluate(() => (location.hash = '#v=1&sample=unicorn&layer=conv1_1&crop=1,2,3'));
  await inWords(page, 'There is no sample photograph called “unicorn” here.').waitFor();
  await page.waitForFunction(() => location.hash === '#v=1');
  assert.ok(await page.locator('.landing').isVisible());
  await page.goBack();
  await projected(page, /^conv1_1 /);
  assert.match(hashOf(page), /crop=100,40,60/);

  // What the tabs make no sense of is theirs to leave out; what they do stays.
  const settings = { size: 'wide', stride: '4', layer: 'conv9', class: '77', fill: 'pink' };
  const options = Object.entries(settings)
    .map(([name, word]) => `occlusion.${name}=${word}`)
    .join('&');
  await page.evaluate((options) => (location.hash = `#v=1&sample=cat&tab=occlusion&${options}`), options);
  await page.waitForFunction(() => location.hash.endsWith('occlusion.stride=4'));
  const left = [...new URLSearchParams(hashOf(page).slice(1)).keys()].filter((key) => key.startsWith('occlusion.'));
  assert.deepEqual(left, ['occlusion.stride']);
  assert.deepEqual(faults, []);
  await close();

  // A visit that begins with it; and an address of a later page is not for this one to mend.
  const first = await tiny('#v=1&tab=training&sample=unicorn&layer=conv1_1');
  await inWords(first.page, 'There is no sample photograph called “unicorn” here.').waitFor();
  await first.page.waitForFunction(() => location.hash === '#v=1&tab=training');
  await first.page.goto(first.page.url().replace(/#.*/, '#v=2&picture=cat'));
  await first.page.reload();
  await first.page.waitForSelector('.landing .tile');
  await first.page.waitForTimeout(500);
  assert.equal(hashOf(first.page), '#v=2&picture=cat');
  // What was still on its way when the page was loaded anew does not arrive.
  assert.deepEqual(
    first.faults.filter((fault) => !fault.endsWith('net::ERR_ABORTED')),
    [],
  );
  await first.close();
});

test('a layer with a slash and a blank in its name survives reload and Back, in every setting', async () => {
  const [layer, other] = ['block.1/conv 1', 'c+d, 50 % & more'];
  const network = renamed(golden('vgg-blocks'), { conv1_1: layer, conv2_1: other });
  const { page, faults, close } = await tiny('#v=1&sample=cat', network);
  const button = (/** @type {string} */ name) => page.locator(`button[data-layer="${name}"]`);
  await projected(page, /^conv2_2 /);
  await button(layer).click();
  const of = await projected(page, /^block\.1\/conv 1 /);
  await page.reload();
  assert.equal(await projected(page, /^block/), of);
  await button(other).click();
  await projected(page, /^c\+d, 50 % & more /);
  await page.reload();
  await projected(page, /^c\+d, 50 % & more /);
  await page.goBack();
  await projected(page, new RegExp(`^${of}$`));
  // A setting of a tab that names a layer.
  await page.evaluate((layer) => {
    const words = new URLSearchParams({ v: '1', sample: 'cat', tab: 'attribution', 'attribution.layer': layer });
    location.hash = `#${words}`;
  }, layer);
  const chosen = () =>
    page.waitForFunction((layer) => {
      const selects = [...document.querySelectorAll('section.attribution:not([hidden]) select')];
      return selects.some((one) => /** @type {HTMLSelectElement} */ (one).value === layer);
    }, layer);
  await chosen();
  await page.reload();
  await chosen();
  assert.deepEqual(faults, []);
  await close();
});

test('a network that cannot be had is told, and what the address says stays until it can', async () => {
  const hash = '#v=1&sample=cat&layer=conv1_1&map=2&crop=20,20,200';
  let there = false;
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path.startsWith('nets/') && !there ? { status: 404 } : body;
  const { page, close } = await visitor(browser, {
    query: `?backend=cpu&weights=nets/late.safetensors${hash}`,
    server: { alter, also: { 'nets/late.safetensors': golden('vgg-blocks') } },
  });
  await refused(page, 'not-found');
  await page.reload();
  await refused(page, 'not-found');
  assert.equal(hashOf(page), hash);
  there = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await projected(page, /^conv1_1 2,/);
  await page.waitForFunction(
    () => /layer=conv1_1&map=2&.*/.test(location.hash) && location.hash.includes('crop=20,20,200'),
  );
  await close();

  for (const [weights, code] of [
    ['http://[', 'not-found'],
    ['samples/cat.jpg', 'weights'],
    ['index.html?.safetensors', 'weights'],
    ['cat.safetensors', 'weights'],
  ]) {
    const none = await visitor(browser, {
      query: `?backend=cpu&weights=${encodeURIComponent(weights ?? '')}#v=1&sample=cat`,
      server: { also: { 'cat.safetensors': Buffer.from('<!doctype html><title>Not here</title>') } },
    });
    assert.match(await refused(none.page, code ?? ''), /Expected|expected/, weights);
    assert.equal(hashOf(none.page), '#v=1&sample=cat');
    await none.close();
  }
  // No address at all is as if none had been asked for.
  const empty = await visitor(browser, { query: '?backend=cpu&weights=#v=1&sample=cat' });
  await projected(empty.page, /^conv5 /);
  await empty.close();
});
