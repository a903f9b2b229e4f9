// The Training tab: checkpoints one by one, on the visitor's picture; cancelled, resumed, refused, exported, and right.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { training } from './checkpoints.mjs';
import { launch } from './harness.mjs';
import { door, download, figure, golden, numbers, projected, sample, visitor } from './visitor.mjs';

const WEIGHTS = new URL('../../weights/', import.meta.url);

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Record<string, Buffer>} */
let also;
/** @type {string} */
let lastLayer;

before(async () => {
  browser = await launch();
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', WEIGHTS), 'utf8'));
  const { path } = manifest.files.find((/** @type {any} */ { shard }) => shard !== 'classifier');
  lastLayer = 'conv5';
  also = training({
    folder: 'weights',
    network: manifest.name,
    file: readFileSync(new URL(path, WEIGHTS)),
    layer: lastLayer,
    stages: [
      { epoch: 1, factor: 0.5 },
      { epoch: 2, factor: 2 },
      { epoch: 5, factor: 1 },
    ],
  });
});
after(async () => {
  await browser?.close();
});

const openTab = (/** @type {Page} */ page) => page.getByRole('tab', { name: 'Training', exact: true }).click();

/** @param {Page} page @param {string} state @param {number} [timeout] */
async function reached(page, state, timeout = 60_000) {
  const wanted = page.waitForSelector(`.evolution[data-state=${state}]`, { timeout });
  await wanted.catch(async (error) => {
    const found = await page.locator('.evolution').evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 2000)));
    throw new Error(`expected the state ${state}, found ${found}: ${error.message}`);
  });
}

/** What each print of the strip shows. @param {Page} page */
const prints = (page) =>
  page
    .locator('canvas[data-view=evolution-frame]')
    .evaluateAll((all) => all.map((one) => `${one.dataset.epoch}: ${one.dataset.of ?? 'waits'}`));

/** What the last canvas of a kind shows, in short. @param {Page} page @param {string} view */
async function pixels(page, view) {
  const canvas = page.locator(`canvas[data-view=${view}]`).last();
  const url = await canvas.evaluate((/** @type {HTMLCanvasElement} */ element) => element.toDataURL());
  return createHash('sha256').update(url).digest('hex');
}

const isOfTraining = (/** @type {string} */ path) => path.includes('/evolution/') && path.startsWith('weights');

test('the checkpoints come one by one, when the tab is opened; the last of them is the network on view', async () => {
  const { page, server, faults, close } = await visitor(browser, { server: { also } });
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await page.getByText('One unit', { exact: true }).click();
  const explored = await projected(page, /^conv5 \d+,/);
  const now = await numbers(page);
  assert.deepEqual(
    server.asked.filter((path) => path.includes('evolution')),
    [],
    'nothing is fetched ahead',
  );
  await openTab(page);
  await reached(page, 'done');
  assert.deepEqual(server.asked.filter(isOfTraining), [
    'weights/evolution/evolution.json',
    ...['01', '02', '05'].map((epoch) => `weights/evolution/epoch-${epoch}.features.safetensors`),
  ]);
  // Scaling a layer moves no maximum, so every checkpoint has the same strongest unit, and on its own scale the same picture.
  assert.deepEqual(
    await prints(page),
    ['1', '2', '5'].map((epoch) => `${epoch}: ${explored}`),
  );
  assert.equal(await pixels(page, 'evolution-frame'), await pixels(page, 'projection'));
  assert.equal(await pixels(page, 'evolution-projection'), await pixels(page, 'projection'));

  const found = await numbers(page);
  assert.deepEqual([found.maps, found.rule], [[{ layer: now.view.layer, map: now.view.map }], 'deconvnet']);
  const close_ = (/** @type {number} */ a, /** @type {number} */ b, /** @type {string} */ of) =>
    assert.ok(Math.abs(a - b) <= 1e-3 * Math.max(1e-3, Math.abs(b)), `${of}: ${a}, not ${b}`);
  for (const [at, factor] of [0.5, 2, 1].entries()) {
    const { activation, scale, unit, window } = found.checkpoints[at].units[0];
    close_(activation, factor * now.projection.activation, `activation ${at}`);
    // The answer and the filter that it is drawn with are both scaled.
    close_(scale, factor * factor * now.projection.scale, `scale ${at}`);
    assert.deepEqual(unit, [now.target.map, now.target.row, now.target.col]);
    assert.deepEqual(window, now.projection.window);
  }
  const moved = found.checkpoints.map((/** @type {any} */ one) => one.moved.activations);
  assert.equal(moved[0], null, 'the first has nothing to be compared with');
  for (const layer of ['conv1', 'conv2', 'conv3', 'conv4'])
    assert.deepEqual([moved[1][layer], moved[2][layer]], [0, 0]);
  close_(moved[1].conv5, 0.75, 'from half to double');
  close_(moved[2].conv5, 1, 'from double to whole');

  // Another map comes from what is kept, and neither the engine nor the number of downloads grows.
  const memory = async () => {
    await page.locator('.badge').click();
    const bytes = Number(await page.locator('dialog[open][data-memory]').getAttribute('data-memory'));
    await page.keyboard.press('Escape');
    return bytes;
  };
  const fetched = () => server.asked.filter(isOfTraining).length;
  const asked = fetched();
  // The classifier is the engine's as well, and comes when it comes.
  await page.waitForSelector('[data-view=classes] li');
  const turnTo = async (/** @type {string} */ map) => {
    await page.locator('.evolution select').selectOption(map);
    await page.waitForFunction(
      (map) =>
        [...document.querySelectorAll('canvas[data-view=evolution-frame]')].every((one) =>
          one.getAttribute('data-of')?.startsWith(`conv5 ${map},`),
        ),
      map,
    );
    await reached(page, 'done');
  };
  // How much room one question takes depends on what the classifier's coming left free; after the first it is there.
  await turnTo('3');
  const early = await memory();
  for (const map of ['17', '30', '5', '30']) await turnTo(map);
  assert.equal(fetched(), asked);
  const late = await memory();
  // Twelve networks came and went: one that stayed would take more than this, which is what packed filters may leave in pieces.
  assert.ok(late - early <= 12 << 20, `the engine grew from ${early} to ${late}`);
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, /^conv5 30,/);
  assert.deepEqual(faults, []);
  await close();
});

test('Cancel stops between checkpoints, and Go on fetches only the rest', async () => {
  const second = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (path.includes('epoch-02')) await second.opened;
    return body;
  };
  const { page, server, close } = await visitor(browser, {
    server: { also, alter },
    query: '?backend=cpu#v=1&tab=training&sample=coffee',
  });
  await page.waitForSelector('canvas[data-view=evolution-frame][data-of]');
  assert.ok(await page.locator('.evolution progress').isVisible());
  assert.match(await page.locator('.evolution .progress').innerText(), /Epoch|Cancel/);
  await page.locator('.evolution').getByRole('button', { name: 'Cancel' }).click();
  await reached(page, 'stopped');
  const stopped = await prints(page);
  assert.match(stopped[0], /^1: conv5 /);
  assert.deepEqual(stopped.slice(1), ['2: waits', '5: waits']);
  // The page goes on meanwhile, and a stopped walk is not taken up again by itself.
  await page.click('button[data-layer=conv3]');
  await page.waitForFunction(() => document.querySelector('.evolution h2')?.textContent?.includes('conv3'));
  await page.goBack();
  await reached(page, 'stopped');
  second.open();
  await page.getByRole('button', { name: 'Go on' }).click();
  await reached(page, 'done');
  const done = await prints(page);
  assert.equal(done[0], stopped[0]);
  for (const print of done) assert.match(print, /: conv5 /);
  assert.equal(server.asked.filter((path) => path.includes('epoch-01')).length, 1);
  const { checkpoints } = await numbers(page);
  assert.ok(Math.abs(checkpoints[1].moved.activations.conv5 - 0.75) < 1e-3, 'the pause leaves no gap in the curve');
  await close();
});

test('the address keeps tab, layer, map and epoch; keys and prints move through the training', async () => {
  const { page, faults, close } = await visitor(browser, {
    server: { also },
    query: '?backend=cpu#v=1&tab=training&sample=cat&layer=conv4&map=17&epoch=2',
  });
  await reached(page, 'done');
  const epoch = () => page.locator('canvas[data-view=evolution-projection]').getAttribute('data-epoch');
  const word = (/** @type {string} */ key) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get(key);
  assert.equal(await epoch(), '2');
  for (const print of await prints(page)) assert.match(print, /: conv4 17,/);
  const slider = page.locator('.scrubber input');
  assert.equal(await slider.getAttribute('aria-valuetext'), 'Epoch 2');
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => location.hash.includes('epoch=5'));
  assert.equal(await epoch(), '5');
  await page.locator('.strip-of-prints button').first().click();
  await page.waitForFunction(() => location.hash.includes('epoch=1'));
  assert.equal(await epoch(), '1');
  for (const [key, value] of [
    ['tab', 'training'],
    ['layer', 'conv4'],
    ['map', '17'],
  ])
    assert.equal(word(key), value);
  const axis = () => page.locator('.curves .segmented input:checked').getAttribute('value');
  const chart = () => page.locator('[data-view=evolution-answers] svg').innerHTML();
  const logarithmic = await chart();
  await page.getByText('Linear', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('training.axis=linear'));
  const linear = await chart();
  assert.notEqual(linear, logarithmic);
  await page.reload();
  await reached(page, 'done');
  assert.equal(await epoch(), '1');
  assert.equal(await axis(), 'linear');
  assert.equal(await chart(), linear);
  await page.getByText('Logarithmic', { exact: true }).click();
  await page.waitForFunction(() => !location.hash.includes('training.axis'));
  assert.equal(await chart(), logarithmic);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.waitForFunction(() => location.hash.includes('epoch=5'));
  await page.getByRole('button', { name: 'Play' }).waitFor();
  assert.equal(await epoch(), '5');
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes('epoch=1'));
  assert.equal(await epoch(), '1');
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  assert.equal(word('tab'), null);
  assert.ok(await page.locator('.inspector').isVisible());
  await page.goBack();
  assert.ok(await page.locator('.evolution').isVisible());
  assert.deepEqual(faults, []);
  await close();
});

test('what is shown can be taken away, and agrees with itself', async () => {
  const { page, close } = await visitor(browser, {
    server: { also },
    query: '?backend=cpu#v=1&tab=training&sample=cat',
  });
  await reached(page, 'done');
  const json = await numbers(page);
  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.equal(rows.length, json.checkpoints.length);
  for (const [at, row] of rows.entries()) {
    const cell = (/** @type {string} */ name) => row[head.indexOf(name)];
    const one = json.checkpoints[at];
    assert.deepEqual([cell('epoch'), cell('activation'), cell('row')].map(Number), [
      one.epoch,
      one.units[0].activation,
      one.units[0].unit[1],
    ]);
    assert.equal(cell('activations_moved_conv5'), String(one.moved.activations?.conv5 ?? ''));
    assert.equal(Number(cell('weights_moved_conv5')), one.moved.weights.conv5);
  }
  const { words, pictures } = await figure(page);
  // A projection and its patch for each checkpoint; a silent map has no projection.
  const answers = json.checkpoints.flatMap(({ units }) => units);
  assert.equal(pictures, answers.length + answers.filter(({ silent }) => !silent).length);
  for (const said of ['How features came to be', 'Weights', 'Activations on this picture', 'conv5'])
    assert.ok(words.includes(said), `${said}: ${words}`);
  // The film as a file: the browser itself counts its pictures.
  const film = await download(page, 'Save as animation');
  const played = await page.evaluate(
    async (data) => {
      const bytes = Uint8Array.from(data);
      const decoder = new ImageDecoder({ data: bytes, type: 'image/png' });
      await decoder.tracks.ready;
      const track = decoder.tracks.selectedTrack;
      const durations = [];
      for (let at = 0; at < (track?.frameCount ?? 0); at++) {
        const { image } = await decoder.decode({ frameIndex: at });
        durations.push([image.codedWidth, Number(image.duration) / 1000]);
      }
      return { animated: track?.animated, durations };
    },
    [...film],
  );
  assert.equal(played.animated, true);
  assert.equal(played.durations.length, json.checkpoints.filter(({ units }) => units.length > 0).length);
  assert.deepEqual(new Set(played.durations.slice(0, -1).map(String)), new Set(['678,700']));
  const all = await download(page, 'Save everything');
  for (const ending of ['png', 'svg', 'apng', 'json', 'csv']) assert.ok(all.includes(`-training.${ending}`), ending);
  assert.ok(all.includes(film), 'the film among them');
  // The curves are there to be read without seeing them, too.
  assert.match(
    (await page.locator('[data-view=evolution-answers]').getAttribute('aria-label')) ?? '',
    /conv5 from 75% to 100%/,
  );
  await page.locator('.curves summary').last().click();
  assert.match(await page.locator('.curves table').last().innerText(), /5\s+0%\s+0%\s+0%\s+0%\s+100%/);
  await close();
});

test('another photograph starts over, and nothing of the one before stays', async () => {
  const { page, faults, close } = await visitor(browser, {
    server: { also },
    query: '?backend=cpu#v=1&tab=training&sample=cat',
  });
  await reached(page, 'done');
  await page.locator('.strip .thumb').nth(1).click();
  await page.waitForFunction(() => location.hash.includes('sample=daisy'));
  await reached(page, 'done');
  const seen = async (/** @type {Page} */ of) => [
    await prints(of),
    (await numbers(of)).checkpoints,
    await pixels(of, 'evolution-projection'),
    await pixels(of, 'evolution-patch'),
    await of
      .locator('.stage .overlay')
      .evaluate((/** @type {HTMLCanvasElement} */ canvas) => canvas.toDataURL().length),
  ];
  const found = await seen(page);
  const fresh = await visitor(browser, { server: { also }, query: '?backend=cpu#v=1&tab=training&sample=daisy' });
  await reached(fresh.page, 'done');
  assert.deepEqual(found, await seen(fresh.page));
  await fresh.close();
  assert.deepEqual(faults, []);
  await close();
});

const REFUSALS = {
  'one flipped bit': {
    code: 'integrity',
    alter: (/** @type {Buffer} */ body) => (body.writeUInt8(body[5000] ^ 1, 5000), body),
    of: 'epoch-02',
  },
  "another network's training": {
    code: 'weights',
    alter: (/** @type {Buffer} */ body) =>
      Buffer.from(body.toString().replace(/"network":"[^"]+"/, '"network":"other"')),
    of: 'evolution.json',
  },
  'a path out of the folder': {
    code: 'weights',
    alter: (/** @type {Buffer} */ body) => Buffer.from(body.toString().replaceAll('"epoch-02', '"../epoch-02')),
    of: 'evolution.json',
  },
  'no JSON': { code: 'weights', alter: () => Buffer.from('<!doctype html>'), of: 'evolution.json' },
};

for (const [name, { alter, of }] of Object.entries(REFUSALS)) {
  test(`${name} is told by name, and trying again works once it is mended`, async () => {
    let broken = true;
    const server = {
      also,
      alter: (/** @type {string} */ path, /** @type {Buffer} */ body) =>
        broken && path.includes(of) ? alter(Buffer.from(body)) : body,
    };
    const { page, close } = await visitor(browser, { server, query: '?backend=cpu#v=1&tab=training&sample=cat' });
    await reached(page, 'error');
    assert.match(await page.locator('.halt').innerText(), /Expected .*found /s);
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await reached(page, 'done');
    await close();
  });
}

test('a network without checkpoints says so, and everything else goes on', async () => {
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path.includes('evolution.json') ? { status: 404 } : body;
  const { page, close } = await visitor(browser, {
    server: { also, alter },
    query: '?backend=cpu#v=1&tab=training&sample=cat',
  });
  await reached(page, 'none');
  assert.match(await page.locator('.halt').innerText(), /without checkpoints/);
  assert.equal(await page.locator('.evolution canvas').first().isVisible(), false);
  await page.click('button[data-layer=conv2]');
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await projected(page, /^conv2 /);
  await close();
});

test('a phone asks before it fetches the checkpoints', async () => {
  const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { page, server, close } = await visitor(browser, {
    server: { also },
    context,
    query: '?backend=cpu#v=1&tab=training&sample=cat',
  });
  await reached(page, 'offered');
  assert.deepEqual(
    server.asked.filter((path) => path.includes('epoch-')),
    [],
  );
  await page.getByRole('button', { name: /^Get them, [\d.]+ MB$/ }).click();
  await reached(page, 'done');
  await close();
});

test("a small network's training gives the same on WebGPU as on the processor", async () => {
  const net = golden('vgg-blocks');
  const header = JSON.parse(net.subarray(8, 8 + Number(net.readBigUInt64LE(0))).toString());
  const network = JSON.parse(header.__metadata__['zf-lens']).name;
  const stages = [
    { epoch: 0.5, factor: 0.25 },
    { epoch: 1, factor: 1 },
  ];
  const files = {
    'nets/tiny.safetensors': net,
    ...training({ folder: 'nets', network, file: net, layer: 'conv1_2', stages }),
  };
  /** @type {any[]} */
  const found = [];
  for (const name of ['cpu', 'webgpu']) {
    const query = `?weights=nets/tiny.safetensors&backend=${name}#v=1&tab=training&sample=daisy`;
    const { page, faults, close } = await visitor(browser, { server: { also: files }, query });
    await reached(page, 'done', 120_000);
    assert.equal(await page.locator('html').getAttribute('data-backend'), name);
    found.push(await numbers(page));
    assert.deepEqual(faults, []);
    await close();
  }
  const [cpu, webgpu] = found;
  for (const [at, one] of cpu.checkpoints.entries()) {
    const [mine, other] = [one.units[0], webgpu.checkpoints[at].units[0]];
    assert.deepEqual(other.unit, mine.unit);
    assert.ok(
      Math.abs(other.activation - mine.activation) <= 1e-4 * Math.abs(mine.activation),
      `${other.activation}, ${mine.activation}`,
    );
  }
  const [a, b] = [cpu, webgpu].map(({ checkpoints }) => checkpoints[1].moved.activations);
  assert.deepEqual(Object.keys(a), ['conv1_1', 'conv1_2', 'conv2_1', 'conv2_2']);
  for (const layer of Object.keys(a))
    assert.ok(Math.abs(a[layer] - b[layer]) <= 1e-4, `${layer}: ${a[layer]}, ${b[layer]}`);
  assert.ok(Math.abs(a.conv1_2 - 0.75) < 1e-5 && a.conv1_1 === 0 && a.conv2_2 > 0);
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, {
      server: { also },
      context,
      query: '?backend=cpu#v=1&tab=training&sample=cat',
    });
    await reached(page, 'done');
    await page.locator('.curves summary').first().click();
    await isSound(page);
    await close();
  });
}
