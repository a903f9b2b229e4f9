// Networks of the visitor's own: how pictures enter them, kept on the device on request, and what is too large for it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { complaints } from './axe.mjs';
import { launch } from './harness.mjs';
import { FIRST, offered } from './offered.mjs';
import { numbers, projected, refused, shown, visitor, word } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
const also = offered();
const made = (/** @type {string} */ name) =>
  readFileSync(new URL(`../../crates/zfnet-import/tests/import/made/${name}.onnx`, import.meta.url));
const [RESIDUAL, OPEN, HEAVY] = [made('residual'), made('open'), made('heavy')];
const QUERY = '?backend=cpu#v=1&sample=cat';
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {Page} page @param {string} name */
async function open(page, name, buffer = RESIDUAL) {
  // The name is there where there is room for it, what computes always.
  if (await page.locator('dialog[open]').isHidden()) await page.locator('.badge').click();
  await page.locator('.chooser input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

/** @param {Page} page @param {string} name @param {RegExp} what */
async function looks(page, name, what) {
  await page.waitForFunction((name) => document.querySelector('.chosen-network')?.textContent === name, name);
  return projected(page, what);
}

const ways = (/** @type {Page} */ page) =>
  page.locator('.preprocessing .networks label').evaluateAll((all) =>
    all.map((one) => {
      const input = /** @type {HTMLInputElement} */ (one.querySelector('input'));
      return [one.dataset.way, input.checked, one.textContent?.match(/%/g)?.length ?? 0];
    }),
  );
/** Pictures enter in another way, and what is on view is looked at anew. @param {Page} page @param {string} way */
async function enter(page, way) {
  const classes = page.locator('[data-view=classes]');
  const before = await classes.textContent();
  await page.locator(`.preprocessing label[data-way=${way}]`).click();
  await page.waitForSelector(`.preprocessing [data-way=${way}] input:checked`);
  await page.waitForFunction((before) => document.querySelector('[data-view=classes]')?.textContent !== before, before);
  await page.keyboard.press('Escape');
}
const tried = (/** @type {Page} */ page) =>
  page.waitForFunction(
    () => (document.querySelector('.preprocessing label')?.textContent?.match(/%/g)?.length ?? 0) > 1,
  );

test('where nobody says how pictures enter, four ways are shown; one is chosen, kept with the network, and changed', async () => {
  const { page, server, faults, close } = await visitor(browser, { server: { also }, query: QUERY });
  await looks(page, FIRST, /^conv3 /);
  await page.locator('.chosen-network').click();
  await page.waitForSelector('.networks label');
  assert.ok(await page.locator('.preprocessing').isHidden(), 'of the bundled one it is known');
  await open(page, 'mine.onnx');
  await looks(page, 'mine', /^last /);
  assert.ok(await page.locator('.preprocessing').isVisible(), 'the visitor is asked');
  await tried(page);
  assert.deepEqual(await ways(page), [
    ['torchvision', true, 4],
    ['caffe', false, 4],
    ['zero-to-one', false, 4],
    ['minus-one-to-one', false, 4],
  ]);
  const { found } = await complaints(page, 'dialog[open]');
  assert.deepEqual(found, []);
  await page.keyboard.press('Escape');
  const guessed = await numbers(page);

  await page.locator('.chosen-network').click();
  await enter(page, 'zero-to-one');
  await projected(page, /^last /);
  const chosen = await numbers(page);
  assert.notDeepEqual(chosen.classes, guessed.classes, 'it looks anew');

  // Kept, it is here after a reload, and pictures enter it as was chosen.
  await page.locator('.chosen-network').click();
  const keeping = page.locator('.network-keeping');
  assert.match(await keeping.innerText(), /Gone when the page is closed/);
  await keeping.getByRole('button', { name: 'Keep on this device' }).click();
  await page.waitForFunction(() => document.querySelector('.network-keeping')?.textContent?.includes('Remove'));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => location.hash.includes('net=mine'));
  await page.reload();
  await looks(page, 'mine', /^last /);
  await page.waitForSelector('[data-view=classes] li');
  const again = await numbers(page);
  assert.deepEqual(again.classes, chosen.classes);
  await page.locator('.chosen-network').click();
  await page.waitForSelector('.preprocessing [data-way=zero-to-one] input:checked');
  const row = page.locator('.networks label[data-network=mine]');
  assert.match(await row.innerText(), /mine\.onnx 0\.0 MB|mine\.onnx .*B/);

  // Changed again, the file on the device knows.
  await enter(page, 'caffe');
  await page.reload();
  await looks(page, 'mine', /^last /);
  await page.locator('.chosen-network').click();
  await page.waitForSelector('.preprocessing [data-way=caffe] input:checked');

  await page.locator('.network-keeping').getByRole('button', { name: 'Remove' }).click();
  await page.waitForFunction(() => document.querySelector('.network-keeping')?.textContent?.includes('Gone when'));
  await page.keyboard.press('Escape');
  await page.reload();
  await looks(page, FIRST, /^conv3 /);
  assert.match(await page.locator('.toast, .notice').first().innerText(), /mine/);
  assert.equal(word(page, 'sample'), 'cat');
  assert.ok(!server.asked.some((path) => path.includes('mine')), 'it never leaves the device');
  assert.deepEqual(faults, []);
  await close();
});

test('large dense layers come when class scores are wanted: at once on a desk, by a press on a phone', async () => {
  const MB = 4 * (2304 * 2048 + 3 * 2304) * 1e-6;
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  for (const context of [undefined, phone]) {
    const { page, faults, close } = await visitor(browser, {
      server: { also },
      query: QUERY,
      ...(context && { context }),
    });
    await looks(page, FIRST, /^conv3 /);
    const memory = () =>
      page.evaluate(async () => {
        const { mounted } = /** @type {any} */ (await import(new URL('main.js', document.baseURI).href));
        return mounted.session.call('memory', {}, { channel: 'memory' });
      });
    await open(page, 'heavy.onnx', HEAVY);
    await projected(page, /^relu1 |^conv1 /);
    await page.keyboard.press('Escape');
    if (context) {
      const get = page.locator('.classes .get, .classes button').filter({ hasText: /MB/ });
      assert.match(await get.innerText(), new RegExp(`${MB.toFixed(1)} MB`));
      const before = await memory();
      assert.equal(await page.locator('[data-view=classes] li').count(), 0);
      await get.click();
      await page.waitForSelector('[data-view=classes] li');
      assert.ok((await memory()) - before > MB * 1e6, 'they were not there before');
    }
    await page.waitForSelector('[data-view=classes] li');
    assert.equal(await page.locator('[data-view=classes] li').count(), 3);
    assert.deepEqual(faults, []);
    await close();
  }
});

test('another network that is chosen while dense layers come takes nothing of them', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: QUERY });
  await looks(page, FIRST, /^conv3 /);
  for (let times = 0; times < 3; times++) {
    await open(page, 'heavy.onnx', HEAVY);
    await page.waitForFunction(() => document.querySelector('.chosen-network')?.textContent === 'heavy');
    await open(page, 'mine.onnx');
    await looks(page, 'mine', /^last /);
    await page.waitForFunction(() => document.querySelectorAll('[data-view=classes] li').length === 5);
  }
  assert.equal(await page.locator('html').getAttribute('data-error'), null);
  assert.deepEqual(faults, []);
  await close();
});

for (const [what, code, words] of /** @type {const} */ ([
  ['full', 'quota', /not enough storage/],
  ['private', 'storage', /keeps nothing for this page/],
])) {
  test(`a browser that is ${what} says so, and the network stays while the page is open`, async () => {
    const { page, close } = await visitor(browser, { server: { also }, query: QUERY });
    await looks(page, FIRST, /^conv3 /);
    await page.evaluate((what) => {
      const refuse = () => {
        throw what === 'full'
          ? new DOMException('no room', 'QuotaExceededError')
          : new DOMException('not here', 'SecurityError');
      };
      if (what === 'full') IDBObjectStore.prototype.put = refuse;
      else IDBFactory.prototype.open = refuse;
    }, what);
    await open(page, 'mine.onnx');
    await looks(page, 'mine', /^last /);
    await page.locator('.network-keeping').getByRole('button', { name: 'Keep on this device' }).click();
    const said = await refused(page, code);
    assert.match(`${said} ${await page.locator('.notice').first().innerText()}`, words);
    assert.equal(await page.locator('dialog[open]').count(), 0, 'nothing lies over what is said');
    assert.match((await shown(page)) ?? '', /^last /);
    await page.locator('.badge').click();
    assert.ok(await page.locator('.network-keeping').getByRole('button', { name: 'Keep on this device' }).isEnabled());
    await close();
  });
}

test('on a phone with little memory the page says so before it tries, and goes on when told', async () => {
  const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { page, faults, close } = await visitor(browser, { server: { also }, context, query: QUERY });
  await looks(page, FIRST, /^conv3 /);
  await page.evaluate(() => Object.defineProperty(navigator, 'deviceMemory', { value: 0.5 }));
  await open(page, 'mine.onnx');
  const warning = page.locator('.chooser .halt');
  await warning.waitFor();
  assert.match(await warning.innerText(), /mine\.onnx .* needs about 157\.\d MB.* no more than 134\.\d MB/);
  const { found } = await complaints(page, 'dialog[open]');
  assert.deepEqual(found, []);
  assert.equal(await page.locator('.chosen-network').textContent(), FIRST);
  await warning.getByRole('button', { name: 'Open it all the same' }).click();
  await looks(page, 'mine', /^last /);
  assert.ok(await warning.isHidden());
  assert.deepEqual(faults, []);
  await close();
});

test('where the file leaves the size of what enters open, another one can be asked for', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: QUERY });
  await looks(page, FIRST, /^conv3 /);
  await open(page, 'open.onnx', OPEN);
  await looks(page, 'open', /./);
  if (await page.locator('dialog[open]').isHidden()) await page.locator('.badge').click();
  const [rows, cols] = ['Rows', 'Columns'].map((name) => page.locator('.input-size').getByLabel(name));
  const sides = async () => [await rows?.inputValue(), await cols?.inputValue()];
  assert.deepEqual(await sides(), ['224', '224']);
  const { found } = await complaints(page, 'dialog[open]');
  assert.deepEqual(found, []);
  await cols?.fill('96');
  await cols?.press('Enter');
  await page.waitForFunction(() => /of 224\s×\s96\spixels/.test(document.querySelector('main')?.textContent ?? ''));
  await page.keyboard.press('Escape');
  const { network } = await numbers(page);
  assert.equal(network.name, 'open');
  await page.locator('.badge').click();
  assert.deepEqual(await sides(), ['224', '96']);
  await rows?.fill('0');
  await rows?.press('Enter');
  assert.equal(
    await rows?.evaluate((/** @type {HTMLInputElement} */ input) => input.validity.valid),
    false,
    'none at all is no size',
  );
  assert.deepEqual(faults, []);
  await close();
});

test('a file that is opened before anything else is asked about with the first picture, and not again', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: '?backend=cpu' });
  await page.evaluate(
    (bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'mine.onnx'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [...RESIDUAL],
  );
  await page.waitForFunction(() => new URLSearchParams(location.hash.slice(1)).get('net') === 'mine');
  await page.locator('.landing [data-sample=cat]').click();
  await projected(page, /^last /);
  await page.locator('dialog[open] .preprocessing').waitFor();
  await tried(page);
  await page.keyboard.press('Escape');
  await page.locator('button.thumb[data-sample=daisy]').click();
  await projected(page, /^last /);
  assert.equal(await page.locator('dialog[open]').count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('a file that is refused is not offered again, and another can be chosen in its place', async () => {
  const { page, close } = await visitor(browser, { server: { also }, query: QUERY });
  await looks(page, FIRST, /^conv3 /);
  await open(page, 'cut.onnx', RESIDUAL.subarray(0, RESIDUAL.length >> 1));
  await refused(page, 'weights');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForSelector('dialog[open] .networks label');
  const offeredNow = await page.locator('.chooser .networks label').allInnerTexts();
  assert.ok(!offeredNow.some((words) => words.includes('cut.onnx')), `${offeredNow}`);
  await open(page, 'mine.onnx');
  await looks(page, 'mine', /^last /);
  await close();
});
