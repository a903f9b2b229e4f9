// The choice of networks: another one in place of the first, on the same photograph; cancelled, refused, kept in the address.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { complaints } from './axe.mjs';
import { launch } from './harness.mjs';
import { FIRST, offered, SECOND } from './offered.mjs';
import { door, numbers, projected, refused, sample, visitor, word } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
const also = offered();
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const isSecond = (/** @type {string} */ path) =>
  path.startsWith('weights/second/') || path.startsWith('weights/alexnet/');
/** What is only put right in the address is written with the others' changes, a little later. @param {Page} page @param {string | null} name */
const named = (page, name) =>
  page.waitForFunction((name) => new URLSearchParams(location.hash.slice(1)).get('net') === name, name);
const photograph = (/** @type {Page} */ page) =>
  page.locator('canvas[data-view=photo]').evaluate((/** @type {HTMLCanvasElement} */ canvas) => canvas.toDataURL());

/** @param {Page} page @param {string} name */
async function choose(page, name) {
  await page.locator('.chosen-network').click();
  await page.locator(`.networks label[data-network="${name}"]`).click();
}

/** @param {Page} page @param {string} name @param {Buffer} buffer of a network's file */
async function openFile(page, name, buffer) {
  await page.locator('.chosen-network').click();
  const chooser = page.waitForEvent('filechooser');
  await page.locator('.chooser').getByRole('button', { name: 'Open a network file' }).click();
  await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer });
}

/** What torchvision's squeezenet1_1 for seven classes is saved as, untrained. */
function squeezenet() {
  /** @type {[string, number[]][]} */
  const shapes = [];
  const conv = (/** @type {string} */ name, /** @type {number[]} */ ...shape) =>
    shapes.push([`${name}.weight`, shape], [`${name}.bias`, shape.slice(0, 1)]);
  conv('features.0', 64, 3, 3, 3);
  let below = 64;
  const fires = {
    3: [16, 64],
    4: [16, 64],
    6: [32, 128],
    7: [32, 128],
    9: [48, 192],
    10: [48, 192],
    11: [64, 256],
    12: [64, 256],
  };
  for (const [at, [few = 0, many = 0]] of Object.entries(fires)) {
    conv(`features.${at}.squeeze`, few, below, 1, 1);
    conv(`features.${at}.expand1x1`, many, few, 1, 1);
    conv(`features.${at}.expand3x3`, many, few, 3, 3);
    below = 2 * many;
  }
  conv('classifier.1', 7, 512, 1, 1);
  /** @type {Record<string, object>} */
  const header = {};
  /** @type {number[]} */
  const values = [];
  let random = 1;
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, side) => product * side, 1);
    const scale = shape.length > 1 ? Math.sqrt((6 * (shape[0] ?? 1)) / count) : 0;
    const begin = 4 * values.length;
    for (let at = 0; at < count; at++) {
      random = (random * 48271) % 0x7fffffff;
      values.push(scale * ((2 * random) / 0x7fffffff - 1));
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, 4 * values.length] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(Float32Array.from(values).buffer)]);
}

/** Waits until the projection on view is one of that network. @param {Page} page @param {string} name @param {RegExp} what */
async function looks(page, name, what) {
  await page.waitForFunction((name) => document.querySelector('.chosen-network')?.textContent === name, name);
  return projected(page, what);
}

test('another network looks at the same photograph; Back, Forward and a reload know which', async () => {
  const { page, server, faults, close } = await visitor(browser, { server: { also } });
  await page.setInputFiles('input[type=file]', sample('cat'));
  const first = await looks(page, FIRST, /^conv3 /);
  assert.deepEqual(
    server.asked.filter((path) => path.includes('networks') || isSecond(path)),
    [],
    'nothing of other networks is asked for on a first visit',
  );
  const photo = await photograph(page);
  const before = await numbers(page);
  await choose(page, SECOND);
  const second = await looks(page, SECOND, /^conv2_2 /);
  assert.ok(await page.locator('dialog[open]').isHidden());
  await named(page, SECOND);
  const after = await numbers(page);
  assert.equal(after.network.name, SECOND);
  assert.deepEqual(
    after.strongest.map((/** @type {any} */ one) => one.strongest.length),
    [3, 3, 4, 4],
    'the layers are those of the other table',
  );
  assert.deepEqual(
    before.strongest.map((/** @type {any} */ one) => one.strongest.length),
    [6, 8, 6],
  );
  assert.equal(await photograph(page), photo, 'the photograph is still the same');

  await page.goBack();
  assert.equal(await looks(page, FIRST, /^conv3 /), first);
  await named(page, null);
  assert.deepEqual((await numbers(page)).projection, before.projection);
  await page.goForward();
  assert.equal(await looks(page, SECOND, /^conv2_2 /), second);
  assert.deepEqual((await numbers(page)).projection, after.projection);
  assert.ok(!page.url().includes('sample'), "no picture of one's own is in the address");

  server.asked.length = 0;
  const visit = async (/** @type {string} */ name) => {
    const url = page.url().replace(/#.*/, `#v=1&net=${name}&sample=cat`);
    await page.goto('about:blank');
    await page.goto(url);
  };
  await visit(SECOND);
  await looks(page, SECOND, /^conv2_2 /);
  assert.deepEqual(
    server.asked.filter((path) => path === `weights/${FIRST}.safetensors`),
    [],
    'the first is not fetched when the address names the second',
  );
  // The first by its name is the first without one.
  await visit(FIRST);
  await looks(page, FIRST, /^conv3 /);
  await named(page, null);
  assert.deepEqual(faults, []);
  await close();
});

test('what was chosen of one network is forgotten with it, and a tab begins anew', async () => {
  const query =
    '?backend=cpu#v=1&sample=cat&tab=hierarchy&hierarchy.rule=guided&occlusion.class=2&layer=conv2&map=7&unit=1,1';
  const { page, faults, close } = await visitor(browser, { server: { also }, query });
  const layers = () =>
    page
      .locator('.band')
      .evaluateAll((all) => all.map((one) => `${one.dataset.layer} ${one.querySelectorAll('button').length}`));
  await page.waitForSelector('.experiment.hierarchy[data-state=done]');
  const one = await layers();
  await choose(page, SECOND);
  await page.waitForFunction((name) => location.hash.includes(name), SECOND);
  await page.waitForSelector('.experiment.hierarchy[data-state=done]');
  assert.equal(await page.locator('.experiment.hierarchy').count(), 1);
  const two = await layers();
  assert.notDeepEqual(two, one);
  assert.match(await page.locator('.poster-caption').innerText(), new RegExp(SECOND));
  assert.deepEqual(
    ['layer', 'hierarchy.rule', 'sample'].map((key) => word(page, key)),
    ['conv2_2', 'guided', 'cat'],
  );
  assert.notEqual(word(page, 'map'), '7');
  await page.goBack();
  await page.waitForFunction((name) => document.querySelector('.poster-caption')?.textContent?.includes(name), FIRST);
  await page.waitForSelector('.experiment.hierarchy[data-state=done]');
  assert.deepEqual(await layers(), one);
  assert.deepEqual(faults, []);
  await close();
});

test('Cancel and Escape stop a network on its way, and the first goes on', async () => {
  let shut = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (isSecond(path) && path.endsWith('.safetensors')) await shut.opened;
    return body;
  };
  const { page, close } = await visitor(browser, { server: { also, alter }, query: '?backend=cpu#v=1&sample=coffee' });
  let first = await looks(page, FIRST, /^conv3 /);
  for (const stop of [
    () => page.locator('.chooser').getByRole('button', { name: 'Cancel' }).click(),
    () => page.keyboard.press('Escape'),
  ]) {
    await choose(page, SECOND);
    await page.locator('.chooser progress').waitFor();
    assert.ok(await page.locator('.networks input').first().isDisabled());
    await stop();
    await page.locator('.chooser progress').waitFor({ state: 'hidden' });
    if (await page.locator('dialog[open]').isVisible()) {
      await page.waitForFunction(
        (name) =>
          /** @type {HTMLInputElement | null} */ (document.querySelector(`.networks input[value=${name}]`))?.checked,
        FIRST,
      );
      await page.keyboard.press('Escape');
    }
    await named(page, null);
    assert.equal(await projected(page, /^conv3 /), first);
    await page.click('button[data-layer=conv1]');
    await looks(page, FIRST, /^conv1 /);
    await page.click('button[data-layer=conv3]');
    // What the print shows, which need not be the layer's strongest.
    first = await projected(page, /^conv3 /);
  }
  assert.equal(await page.locator('html').getAttribute('data-error'), null, 'giving up is no error');
  // From the history the way is shown too, as soon as it takes long.
  await page.evaluate((name) => (location.hash = `#v=1&net=${name}&sample=coffee`), SECOND);
  await page.locator('.chooser progress').waitFor();
  shut.open();
  await looks(page, SECOND, /^conv2_2 /);
  assert.ok(await page.locator('dialog[open]').isHidden());
  await close();
});

test('a damaged network is refused and the first stays; one that is not offered is passed by', async () => {
  let broken = true;
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (!broken || !isSecond(path) || !path.endsWith('.safetensors')) return body;
    const copy = Buffer.from(body);
    copy[copy.length >> 1] ^= 1;
    return copy;
  };
  const { page, close } = await visitor(browser, {
    server: { also, alter },
    query: '?backend=cpu#v=1&net=nobody&sample=cat',
  });
  const first = await looks(page, FIRST, /^conv3 /);
  await named(page, null);
  await choose(page, SECOND);
  assert.match(await refused(page, 'integrity'), /Expected SHA-256/);
  await page.keyboard.press('Escape');
  await named(page, null);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  assert.equal(await projected(page, /^conv3 /), first);
  broken = false;
  await choose(page, SECOND);
  await looks(page, SECOND, /^conv2_2 /);
  await close();
});

test("an ONNX file of the visitor's own looks, chosen or dropped; a damaged one is refused; it is no link", async () => {
  const own = new URL('../../crates/zfnet-import/tests/import/made/', import.meta.url);
  const residual = readFileSync(new URL('residual.onnx', own));
  const gated = readFileSync(new URL('gated.onnx', own));
  const query = '?backend=cpu#v=1&sample=cat';
  const { page, server, faults, close } = await visitor(browser, { server: { also }, query });
  const first = await looks(page, FIRST, /^conv3 /);
  const photo = await photograph(page);
  const open = (/** @type {string} */ name, /** @type {Buffer} */ buffer) => openFile(page, name, buffer);

  // Cut off, it is none; what looked goes on looking.
  await open('residual.onnx', residual.subarray(0, residual.length >> 1));
  assert.match(await refused(page, 'weights'), /found/);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  assert.equal(await projected(page, /^conv3 /), first);

  server.asked.length = 0;
  await open('my residual.onnx', residual);
  const seen = await looks(page, 'my residual', /^last /);
  // Nobody says how pictures enter it, so the page asks.
  await page.keyboard.press('Escape');
  const found = await numbers(page);
  assert.deepEqual(
    found.strongest.map((/** @type {any} */ one) => one.layer),
    ['conv1', 'layer1.conv1', 'layer1.conv2', 'v9_out', 'last'],
  );
  assert.equal(await photograph(page), photo, 'the photograph is still the same');
  const weights = server.asked.filter((path) => path.includes('weights'));
  assert.deepEqual(weights, [], 'it was read here');
  await named(page, 'my-residual');

  // Dropped on the page it is told from a picture by what stands in it.
  await page.evaluate(
    (bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'gated'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [...gated],
  );
  await page.waitForFunction(() => document.querySelector('.chosen-network')?.textContent === 'gated');
  await projected(page, /./);
  await named(page, 'gated');
  // Behind a gate that is one number for a whole map, a unit sees the whole picture.
  const shown = await page.locator('.prints, main').first().innerText();
  assert.ok(shown.includes('32 × 32 px') && !/(?<!\.)\b\d{6}/.test(shown), shown);
  await page.goBack();
  assert.equal(await looks(page, 'my residual', /^last /), seen);

  // Whoever gets the link has no such file, and is told.
  await page.reload();
  await looks(page, FIRST, /^conv3 /);
  assert.match(await page.locator('.toast, .notice').first().innerText(), /my-residual/);
  assert.equal(faults.length, 1);
  assert.match(faults[0], /expected a whole ONNX file/);
  await close();
});

test('a state dict of torchvision looks, named tensors without a table of layers', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also }, query: '?backend=cpu#v=1&sample=cat' });
  await looks(page, FIRST, /^conv3 /);
  // What is none is told as what its name promises.
  await openFile(page, 'noise.pth', Buffer.from('no network at all'));
  assert.match(await refused(page, 'weights'), /expected a whole PyTorch state dict/);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Dismiss' }).click();

  await openFile(page, 'squeeze.safetensors', squeezenet());
  await looks(page, 'squeeze', /./);
  const { strongest } = await numbers(page);
  assert.ok(
    strongest.some((/** @type {any} */ one) => one.layer === 'features.12.expand3x3'),
    JSON.stringify(strongest),
  );
  assert.equal(faults.length, 1);
  await close();
});

test('another host is asked when its network is pressed, not by a link, and need not know who asks', async () => {
  const residual = readFileSync(new URL('../../crates/zfnet-import/tests/import/made/residual.onnx', import.meta.url));
  const query = '?backend=cpu#v=1&sample=cat&net=squeezenet1.1-7';
  const { page, faults, close } = await visitor(browser, { server: { also } });
  /** @type {import("playwright-core").Request[]} */
  const asked = [];
  let reachable = false;
  await page.route('https://huggingface.co/**', (route) => {
    asked.push(route.request());
    const headers = { 'access-control-allow-origin': '*' };
    return reachable ? route.fulfill({ body: residual, headers }) : route.abort();
  });
  const url = page.url().replace(/\?.*/, query);
  await page.goto('about:blank');
  await page.goto(url);
  const first = await looks(page, FIRST, /^conv3 /);
  await page.locator('.chosen-network').click();
  const rows = page.locator('.networks label');
  await rows.filter({ hasText: 'SqueezeNet 1.1' }).waitFor();
  assert.match(await rows.filter({ hasText: 'SqueezeNet 1.1' }).innerText(), /huggingface\.co · 5\.0 MB/);
  assert.equal(asked.length, 0, 'neither the link nor the list asks');
  await page.keyboard.press('Escape');

  await choose(page, 'googlenet-3');
  assert.match(await refused(page, 'cors'), /huggingface\.co/);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  assert.equal(await projected(page, /^conv3 /), first);

  reachable = true;
  await choose(page, 'squeezenet1.1-7');
  await looks(page, 'squeezenet1.1-7', /^last /);
  assert.deepEqual(
    asked.map((request) => [new URL(request.url()).pathname, request.headers().referer]),
    [
      ['/onnxmodelzoo/googlenet-3/resolve/main/googlenet-3.onnx', undefined],
      ['/onnxmodelzoo/squeezenet1.1-7/resolve/main/squeezenet1.1-7.onnx', undefined],
    ],
  );
  assert.equal(faults.filter((fault) => !/googlenet-3|squeezenet1\.1-7|ERR_FAILED/.test(fault)).length, 0, `${faults}`);
  await close();
});

test('a network that the address insists on leaves nothing to choose', async () => {
  const query = `?backend=cpu&weights=weights/second/${SECOND}.safetensors#v=1&net=${FIRST}&sample=cat`;
  const { page, server, faults, close } = await visitor(browser, { server: { also }, query });
  await looks(page, SECOND, /^conv2_2 /);
  await named(page, null);
  await page.locator('.chosen-network').click();
  await page.locator('dialog[open][data-memory]').waitFor();
  assert.ok(await page.locator('.chooser').isHidden());
  assert.ok(!server.asked.includes('weights/networks.json'));
  assert.deepEqual(faults, []);
  await close();
});

test('the bundled network and AlexNet: trained filters of both designs, and what came with one only is missed by name', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat' });
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  await choose(page, 'alexnet-everyday');
  await looks(page, 'alexnet-everyday', /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const chosen = await numbers(page);
  assert.equal(chosen.classes.length, 29);
  assert.deepEqual(faults, []);
  await page.getByRole('tab', { name: 'Training', exact: true }).click();
  await page.waitForSelector('.evolution[data-state=none]');
  assert.match(await page.locator('.evolution .halt').innerText(), /alexnet-everyday came without checkpoints/);
  const { page: alone, close: closeAlone } = await visitor(browser, {
    query: '?backend=cpu&weights=weights/alexnet/manifest.json#v=1&sample=cat',
  });
  await projected(alone, /^conv5 /);
  await alone.waitForSelector('[data-view=classes] li');
  const other = await numbers(alone);
  assert.deepEqual([chosen.projection, chosen.target, chosen.classes], [other.projection, other.target, other.classes]);
  await closeAlone();
  await close();
});

for (const [dress, context] of Object.entries({
  'wide and light': {},
  '390 pixels, dark, Chinese': {
    viewport: { width: 390, height: 844 },
    locale: 'zh-CN',
    colorScheme: /** @type {const} */ ('dark'),
  },
})) {
  test(`axe-core finds nothing about the choice: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { server: { also }, context, query: '?backend=cpu#v=1&sample=cat' });
    await projected(page, /^conv3 /);
    await page.locator('.badge').click();
    await page.waitForSelector('.networks label');
    await page.waitForSelector('dialog[open][data-memory]');
    const { found } = await complaints(page, 'dialog[open]');
    assert.deepEqual(found, []);
    await close();
  });
}
