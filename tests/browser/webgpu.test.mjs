// Which backend runs and why; the page on WebGPU, here on a software adapter; and what happens when a graphics card fails.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { colours, golden, numbers, projected, refused, sample, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const backend = (/** @type {import("playwright-core").Page} */ page) =>
  page.locator('html').getAttribute('data-backend');

/** Opens the page about the engine. @param {import("playwright-core").Page} page */
async function about(page) {
  await page.locator('.badge').click();
  const words = await page.locator('dialog[open]').innerText();
  await page.keyboard.press('Escape');
  return words;
}

/** A network of seconds even on a software adapter. @param {string} query @param {object} [server] */
function tiny(query, server = {}) {
  return visitor(browser, {
    query: `?weights=nets/tiny.safetensors${query}`,
    server: { also: { 'nets/tiny.safetensors': golden('vgg-blocks') }, ...server },
  });
}

test('without WebGPU the processor runs, and nothing of the other program is fetched', async () => {
  const plain = await launch([], false);
  const { page, server, faults, close } = await visitor(plain, { query: '' });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  assert.equal(await backend(page), 'cpu');
  assert.match(await about(page), /offers no graphics adapter/);
  assert.deepEqual(
    server.asked.filter((path) => path.includes('pkg/webgpu')),
    [],
  );
  assert.deepEqual(faults, []);
  await close();

  const asked = await visitor(plain, { query: '?backend=webgpu' });
  await asked.page.setInputFiles('input[type=file]', sample('cat'));
  await refused(asked.page, 'no-adapter');
  await asked.page.getByRole('button', { name: 'Use the processor' }).click();
  await asked.page.waitForURL(/backend=cpu/);
  await asked.page.setInputFiles('input[type=file]', sample('cat'));
  await projected(asked.page, /^conv5 /);
  assert.equal(await backend(asked.page), 'cpu');
  await asked.close();
  await plain.close();
});

test('an adapter that is only imitated is not used unless it is asked for', async () => {
  const { page, server, close } = await visitor(browser, { query: '' });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  assert.equal(await backend(page), 'cpu');
  assert.match(await about(page), /emulated in software/);
  assert.deepEqual(
    server.asked.filter((path) => path.includes('pkg/webgpu')),
    [],
  );
  await close();
});

test('a small network gives the same on WebGPU as on the processor, from file to projection', async () => {
  /** @type {any[]} */
  const found = [];
  for (const name of ['cpu', 'webgpu']) {
    const { page, faults, close } = await tiny(`&backend=${name}`);
    await page.setInputFiles('input[type=file]', sample('flower'));
    await projected(page, /^conv/, 120_000);
    assert.equal(await backend(page), name);
    await page.waitForSelector('[data-view=classes] li');
    const layers = await page
      .locator('button[data-layer]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-layer') ?? ''));
    assert.ok(layers.length >= 3, layers.join());
    const seen = [];
    for (const layer of layers) {
      await page.click(`button[data-layer="${layer}"]`);
      await projected(page, new RegExp(`^${layer} `));
      for (const rule of ['Gradient', 'Deconvnet']) {
        await page.getByText(rule, { exact: true }).click();
        await page.waitForSelector(`canvas[data-view=projection][data-rule=${rule.toLowerCase()}]`);
        await projected(page, new RegExp(`^${layer} `));
        seen.push(await numbers(page));
      }
    }
    assert.ok((await colours(page.locator('canvas[data-view=projection]'))) > 3);
    if (name === 'webgpu') assert.match(await about(page), /graphics card does the work/);
    assert.deepEqual(faults, []);
    found.push(seen);
    await close();
  }
  const [cpu, webgpu] = found;
  for (const [at, one] of cpu.entries()) {
    const other = webgpu[at];
    assert.deepEqual(other.target, one.target);
    for (const key of ['activation', 'scale', 'largest'])
      near(other.projection[key], one.projection[key], `${one.view.layer} ${key}`);
    for (const [place, value] of one.map.values.entries())
      near(other.map.values[place], value, `${one.view.layer} map`);
    for (const [place, { index, logit }] of one.classes.entries()) {
      assert.equal(other.classes[place].index, index);
      near(other.classes[place].logit, logit, 'logit');
    }
  }
});

/** @param {number} found @param {number} expected @param {string} what */
function near(found, expected, what) {
  const allowed = 1e-4 * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(found - expected) <= allowed, `${what}: expected ${expected}, found ${found}`);
}

test('the bundled network sees the same on WebGPU', async () => {
  /** @type {any[]} */
  const found = [];
  for (const name of ['cpu', 'webgpu']) {
    const { page, close } = await visitor(browser, { query: `?backend=${name}` });
    await page.setInputFiles('input[type=file]', sample('cat'));
    await projected(page, /^conv5 /, 300_000);
    assert.equal(await backend(page), name);
    await page.waitForSelector('[data-view=classes] li', { timeout: 200_000 });
    found.push(await numbers(page));
    await close();
  }
  const [cpu, webgpu] = found;
  assert.deepEqual(webgpu.target, cpu.target, 'the strongest unit of conv5');
  assert.equal(webgpu.classes[0].index, cpu.classes[0].index, 'the likeliest class');
  near(webgpu.classes[0].probability, cpu.classes[0].probability, 'its probability');
  const relative = Math.abs(webgpu.projection.activation / cpu.projection.activation - 1);
  assert.ok(
    relative < 1e-3,
    `activation ${webgpu.projection.activation}, on the processor ${cpu.projection.activation}`,
  );
});

test("where Workers have no WebGPU, the page's own thread runs it", async () => {
  const withoutGpu = 'delete globalThis.WorkerNavigator.prototype.gpu;\n';
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path === 'lens/engine/worker.js' ? Buffer.concat([Buffer.from(withoutGpu), body]) : body;
  const { page, faults, close } = await tiny('&backend=webgpu', { alter });
  await page.setInputFiles('input[type=file]', sample('flower'));
  await projected(page, /^conv/);
  assert.equal(await backend(page), 'webgpu');
  assert.match(await about(page), /page’s own thread/);
  assert.deepEqual(faults, []);
  await close();
});

test('a graphics card that computes wrongly is found out by the self-test', async () => {
  // The reference case is part of the program. Its expected numbers are changed on their way, so that the device seems wrong.
  const reference = golden('selftest');
  const header = 8 + Number(reference.readBigUInt64LE(0));
  const tensors = JSON.parse(reference.subarray(8, header).toString());
  const expected = Object.entries(tensors).filter(([name]) => name.startsWith('golden.p'));
  assert.ok(expected.length > 0);
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (path !== 'pkg/webgpu/zfnet_web_bg.wasm') return body;
    const start = body.indexOf(reference.subarray(header));
    assert.ok(start > 0, 'the program carries the reference case');
    assert.equal(body.lastIndexOf(reference.subarray(header)), start, 'and only once');
    const copy = Buffer.from(body);
    for (const [
      ,
      {
        data_offsets: [from, to],
      },
    ] of expected)
      for (let at = start + from; at < start + to; at += 4) copy.writeFloatLE(copy.readFloatLE(at) + 1, at);
    return copy;
  };
  const { page, close } = await tiny('&backend=webgpu', { alter });
  await page.setInputFiles('input[type=file]', sample('flower'));
  await projected(page, /^conv/);
  assert.equal(await backend(page), 'cpu');
  assert.match(await about(page), /computed wrong numbers in the self-test/);
  await close();
});

test('when the device is lost, the processor takes over and says so', async () => {
  // The engine keeps its device to itself; here it is taken hold of as it is made.
  const holder = `
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...wanted) {
      const device = await request.apply(this, wanted);
      new BroadcastChannel("lose").onmessage = () => device.destroy();
      return device;
    };\n`;
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path === 'lens/engine/worker.js' ? Buffer.concat([Buffer.from(holder), body]) : body;
  const { page, close } = await tiny('&backend=webgpu', { alter });
  await page.setInputFiles('input[type=file]', sample('flower'));
  const before = await projected(page, /^conv/);
  assert.equal(await backend(page), 'webgpu');
  const layers = await page
    .locator('button[data-layer]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-layer') ?? ''));
  const other = layers.find((layer) => !before.startsWith(`${layer} `));
  await page.evaluate(() => new BroadcastChannel('lose').postMessage('now'));
  await page.click(`button[data-layer="${other}"]`);
  await projected(page, new RegExp(`^${other} `));
  assert.equal(await backend(page), 'cpu');
  assert.match(await about(page), /stopped responding/);
  await close();
});

test("when the browser's graphics process is killed in the middle of a projection, the processor goes on with it", async () => {
  const alone = await launch();
  const { page, close } = await visitor(alone, {
    query: '?weights=nets/tiny.safetensors&backend=webgpu',
    server: { also: { 'nets/tiny.safetensors': golden('vgg-blocks') } },
  });
  await page.setInputFiles('input[type=file]', sample('cat'));
  const first = await projected(page, /./);
  assert.equal(await backend(page), 'webgpu');
  // A whole layer is under way when the process goes.
  await page.getByText('Projections', { exact: true }).click();
  const session = await alone.newBrowserCDPSession();
  await session.send(/** @type {any} */ ('Browser.crashGpuProcess')).catch(() => {});
  await page.waitForSelector('html[data-backend=cpu]');
  assert.equal(await projected(page, /./), first);
  await page.waitForSelector('.explorer[aria-busy=false]');
  assert.match(await about(page), /stopped responding/);
  await close();
  await alone.close();
});
