// The tab “Why this class”: the family of methods, against captum's numbers and their own laws; streamed, stopped, linked, saved.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch, open } from './harness.mjs';
import { head, manifest, named, opened, tensor } from './heads.mjs';
import { colours, download, figure, numbers, projected, visitor } from './visitor.mjs';

const FEW = 'attribution.samples=4&attribution.steps=8&attribution.compare=1&attribution.score=1';
const OWN = [
  'saliency',
  'smooth_grad',
  'guided_backprop',
  'input_x_gradient',
  'integrated_gradients',
  'grad_cam',
  'guided_grad_cam',
  'score_cam',
];
const NAMES = ['cat', 'dog', 'cup'];

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
const network = named(readFileSync(new URL('../golden/attribution/methods.safetensors', import.meta.url)), NAMES);
/** Scores that no picture changes, and scores that rise with some maps. */
const heads = {
  still: head(
    network,
    'still',
    'relu3',
    NAMES.map(() => Array(6).fill(0)),
    [0, Math.log(2), Math.log(5)],
  ),
  plain: head(
    network,
    'plain',
    'relu3',
    [
      [1, 0, 0, -1, 0, 0],
      [0, 1, 0, 0, 0, 0],
      [0, 0, 0, 1, 1, 0.5],
    ],
    [0, 0, 0],
  ),
};
const small = manifest('nets', network, heads);
const smallQuery = (/** @type {string} */ more = '', backend = 'cpu') =>
  `?weights=nets/manifest.json&backend=${backend}#v=1&tab=attribution&sample=flower&attribution.compare=1&attribution.score=1${more}`;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {Page} page @param {string} state @param {number} [timeout] */
async function reached(page, state, timeout = 120_000) {
  await page.waitForSelector(`.attribution[data-state=${state}]`, { timeout }).catch(async (error) => {
    const found = await page
      .locator('.attribution')
      .evaluateAll((all) => all.map((one) => `${one.dataset.state}: ${one.querySelector('.halt')?.textContent}`));
    throw new Error(`expected the state ${state}, found ${found}: ${error.message}`);
  });
}

/** @param {Page} page @param {string} method */
const tile = (page, method) => page.locator(`.why-sheet button[data-method=${method}]`);
/** @param {any} json @param {string} method */
const of = (json, method) => json.methods.find((/** @type {any} */ one) => one.method === method);
/** @param {number} a @param {number} b @param {number} within @param {string} what */
const near = (a, b, within, what) => assert.ok(Math.abs(a - b) <= within, `${what}: ${a}, not ${b}`);

for (const module of ['cpu', 'webgpu']) {
  test(`the ${module} module finds what captum and PyTorch find`, async () => {
    const file = opened(network);
    const about = JSON.parse(file.json.__metadata__.golden);
    const plane = 17 * 17;
    const input = tensor(file, 'golden.input');
    const rgba = Array.from({ length: 4 * plane }, (_, at) =>
      at % 4 === 3 ? 255 : input[(at % 4) * plane + (at >> 2)] + 100,
    );
    const visit = await open({ browser });
    const { parts, answered, stopped } = await visit.page.evaluate(
      async ({ module, bytes, rgba, questions }) => {
        const zfnet = await import(new URL(`pkg/${module}/zfnet_web.js`, document.baseURI).href);
        await zfnet.default();
        const engine = await zfnet.Engine.create();
        await engine.loadShard(Uint8Array.from(bytes));
        engine.openPixels(17, 17, Uint8Array.from(rgba));
        await engine.look(null);
        /** @type {any[]} */
        const parts = [];
        const tell = async (/** @type {any} */ part) => {
          const values = part.done === part.of && part.found ? Array.from(part.found.values) : null;
          parts.push({
            at: part.at,
            done: part.done,
            of: part.of,
            score: part.found?.score,
            sigma: part.found?.sigma,
            completeness: part.found?.completeness,
            values,
          });
          return true;
        };
        const answered = await engine.attribution({ questions, heads: [], batch: 2 }, [], tell);
        const stopped = await engine.attribution(
          { questions, heads: [], batch: 2 },
          [],
          async (/** @type {any} */ part) => part.at < 3,
        );
        return { parts, answered, stopped };
      },
      {
        module,
        bytes: [...network],
        rgba,
        questions: about.methods.map((/** @type {any} */ { settings }) => ({
          method: settings,
          class: about.class,
          head: null,
        })),
      },
    );
    assert.deepEqual([answered, stopped], [about.methods.length, 3]);
    for (const [at, expected] of about.methods.entries()) {
      const { method } = expected.settings;
      const mine = parts.filter((one) => one.at === at);
      assert.equal(mine[0].done, 0, method);
      if (mine[0].of > 4) assert.ok(mine.length > 2, `${method} came in ${mine.length} parts`);
      const { completeness, score, sigma, values } = mine.at(-1);
      const wanted = tensor(file, expected.tensor);
      assert.equal(values.length, wanted.length, method);
      const largest = wanted.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      wanted.forEach((one, place) => near(values[place], one, about.tolerance * largest, `${method} at ${place}`));
      near(score, about.score, about.tolerance * Math.abs(about.score), method);
      if (expected.sigma) near(sigma, expected.sigma, 1e-4, 'sigma');
      if (expected.sum) near(completeness.sum, expected.sum, about.tolerance, 'sum');
      if (expected.difference) near(completeness.difference, expected.difference, about.tolerance, 'difference');
    }
    await visit.close();
  });
}

test('the bundled network: cheap methods first, sampled ones refined, and laws hold between their numbers', async () => {
  const { page, faults, close } = await visitor(browser, { query: `?backend=cpu#v=1&sample=cat&${FEW}` });
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const { classes } = await numbers(page);
  await page.getByRole('tab', { name: 'Why this class' }).click();
  // What has come while a sampled method is under way.
  const early = await page.waitForFunction(
    () => {
      const tiles = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.why-sheet button'))];
      const under = tiles.some(({ dataset }) => Number(dataset.done) > 0 && Number(dataset.done) < Number(dataset.of));
      return (
        under &&
        tiles.filter(({ dataset }) => dataset.of && dataset.done === dataset.of).map(({ dataset }) => dataset.method)
      );
    },
    null,
    { timeout: 120_000, polling: 50 },
  );
  const first = /** @type {string[]} */ (await early.jsonValue());
  for (const method of ['saliency', 'guided_backprop', 'grad_cam']) assert.ok(first.includes(method), `${first}`);
  assert.ok(!first.includes('score_cam'), 'the dearest comes last');
  // Score-CAM shows the picture through each of 256 maps, on another Worker where there is one; what it finds is tried on a
  // smaller network.
  await page.waitForFunction(
    () => {
      const tiles = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.why-sheet button'))];
      return tiles.every(({ dataset: { method, done, of } }) =>
        method === 'score_cam' ? Number(done) > 3 : done === of,
      );
    },
    null,
    { timeout: 120_000 },
  );
  await page.keyboard.press('Escape');
  await reached(page, 'stopped');
  const json = await numbers(page);
  // The bundled network comes with a head that averages; its score is another than the network's own.
  const cam = of(json, 'cam');
  const all = json.methods.filter((/** @type {any} */ one) => one !== cam);
  assert.deepEqual(
    all.map((/** @type {any} */ one) => one.method),
    OWN,
  );
  assert.ok(cam.done === cam.of && cam.half > 0 && cam.half < 0.5, JSON.stringify(cam));
  assert.deepEqual([json.class.index, json.other.index], [classes[0].index, classes[1].index]);
  for (const one of all) {
    near(one.score, classes[0].logit, 1e-3, `${one.method}: the score`);
    assert.equal(one.done < one.of, one.method === 'score_cam', one.method);
    assert.ok(one.half > 0 && one.half < 0.5, `${one.method}: half of it in ${one.half}`);
    if (!['smooth_grad', 'integrated_gradients', 'score_cam'].includes(one.method))
      assert.ok(Math.abs(one.likeness) <= 1 && one.likeness !== null, one.method);
    assert.ok((await colours(tile(page, one.method).locator('canvas'))) > 50, one.method);
  }
  // The warning that the view is for: guided backpropagation hardly asks which class it is.
  assert.ok(of(json, 'guided_backprop').likeness > of(json, 'grad_cam').likeness);
  const { completeness } = of(json, 'integrated_gradients');
  const gap = completeness.difference - completeness.sum;
  assert.ok(Math.abs(gap) < 0.1 * Math.abs(completeness.difference), `${JSON.stringify(completeness)}`);
  // The network, and the two heads that come with it.
  assert.deepEqual(
    json.attention.ends.map((/** @type {any} */ { head, mined }) => [head, mined]),
    [
      [null, false],
      ['gap', false],
      ['gain', true],
    ],
  );
  const [own] = json.attention.ends;
  near(own.before.probability, classes[0].probability, 1e-4, 'the whole picture');
  assert.ok(own.after.probability < own.before.probability, 'what it attends to is missed');
  assert.deepEqual(faults, []);
  await close();
});

test('heads have CAM and attention of their own, and a class that nothing speaks for loses nothing', async () => {
  const { page, server, faults, close } = await visitor(browser, {
    server: { also: small },
    query: smallQuery('&attribution.class=2'),
  });
  await reached(page, 'done');
  assert.equal(server.asked.filter((path) => path.endsWith('.head.safetensors')).length, 2);
  const json = await numbers(page);
  assert.ok(of(json, 'cam'), 'CAM of the first head');
  assert.deepEqual(
    json.attention.ends.map((/** @type {any} */ one) => one.head),
    [null, 'still', 'plain'],
  );
  const [, still, plain] = json.attention.ends;
  // 1 : 2 : 5, whatever is in the picture.
  for (const said of [still.before, still.after]) near(said.probability, 5 / 8, 1e-5, 'a head without weights');
  near(of(json, 'cam').score, Math.log(5), 1e-5, 'its score is its bias');
  assert.ok(plain.removed > 0 && plain.after.score !== plain.before.score, `${JSON.stringify(plain)}`);
  assert.equal(await page.locator('.gain-row').count(), 3);
  assert.deepEqual(faults, []);
  await close();
});

test('a head of other features is refused by name, and what came before it stays', async () => {
  const wrong = opened(heads.plain);
  const other = Buffer.from(heads.plain.toString('latin1').replace(/(sha256\\":\\")[0-9a-f]{4}/, '$10000'), 'latin1');
  assert.notDeepEqual(other, heads.plain, JSON.stringify(wrong.json).slice(0, 80));
  const { page, close } = await visitor(browser, {
    server: { also: manifest('nets', network, { other }) },
    query: smallQuery(),
  });
  await reached(page, 'error');
  assert.match(
    await page.locator('.attribution .halt').innerText(),
    /Expected .*features.* found|expected .*features.* found/s,
  );
  assert.equal(await tile(page, 'grad_cam').getAttribute('data-done'), '1');
  await close();
});

test('in a network that averages, Grad-CAM and CAM point at the same', async () => {
  const averaged = named(readFileSync(new URL('../golden/attribution/heads.safetensors', import.meta.url)), NAMES);
  const { page, close } = await visitor(browser, {
    server: { also: { 'nets/averaged.safetensors': averaged } },
    query: `?weights=nets/averaged.safetensors&backend=cpu#v=1&tab=attribution&sample=coffee&${FEW}`,
  });
  await reached(page, 'done');
  const json = await numbers(page);
  const [cam, gradCam] = ['cam', 'grad_cam'].map((method) => of(json, method));
  assert.deepEqual(cam.strongest, gradCam.strongest);
  near(cam.half, gradCam.half, 1e-3, 'half of the energy');
  await close();
});

test('Cancel and Escape stop it, the page goes on, and it can be begun again', async () => {
  const { page, faults, close } = await visitor(browser, {
    query: `?backend=cpu#v=1&tab=attribution&sample=coffee&attribution.samples=100`,
  });
  for (const stop of [
    () => page.locator('.attribution').getByRole('button', { name: 'Cancel' }).click(),
    () => page.keyboard.press('Escape'),
  ]) {
    await page.waitForFunction(
      () => Number(document.querySelector('.why-sheet [data-method=grad_cam]')?.getAttribute('data-done')) === 1,
    );
    assert.ok(await page.locator('.attribution progress').isVisible());
    await stop();
    await reached(page, 'stopped', 5_000);
    assert.match(await page.locator('.attribution .halt').innerText(), /Stopped/);
    assert.ok((await numbers(page)).methods.length >= 1, 'what has come can be taken away');
    await page.getByRole('tab', { name: 'Explore', exact: true }).click();
    await page.click('button[data-layer=conv3]');
    await projected(page, /^conv3 /);
    await page.getByRole('tab', { name: 'Why this class' }).click();
    await reached(page, 'stopped', 5_000);
    await page.locator('.attribution').getByRole('button', { name: 'Start again' }).click();
    await reached(page, 'running');
  }
  await page.keyboard.press('Escape');
  await reached(page, 'stopped');
  assert.deepEqual(faults, []);
  await close();
});

test('the address keeps class, method and manner; drawing otherwise asks nothing anew', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also: small }, query: smallQuery(`&${FEW}`) });
  await reached(page, 'done');
  const large = page.locator('canvas[data-view=attribution]');
  const pixels = () => large.evaluate((/** @type {HTMLCanvasElement} */ canvas) => canvas.toDataURL());
  const word = (/** @type {string} */ key) =>
    new URLSearchParams(new URL(page.url()).hash.slice(1)).get(`attribution.${key}`);
  assert.match((await large.getAttribute('data-of')) ?? '', /^grad_cam \d$/);
  await tile(page, 'input_x_gradient').click();
  await page.waitForFunction(() => location.hash.includes('method=input_x_gradient'));
  assert.equal(await tile(page, 'input_x_gradient').getAttribute('aria-pressed'), 'true');
  await page.evaluate(() => {
    const seen = /** @type {any} */ (window);
    seen.states = [];
    const part = /** @type {HTMLElement} */ (document.querySelector('.attribution'));
    new MutationObserver(() => seen.states.push(part.dataset.state)).observe(part, { attributeFilter: ['data-state'] });
  });
  const before = await pixels();
  await page.locator('.attribution').getByText('Signed').click();
  const signed = await pixels();
  assert.notEqual(signed, before);
  await page.locator('.attribution').getByText('Shared scale where units agree').click();
  const scaled = await pixels();
  assert.deepEqual([word('draw'), word('scale'), word('method')], ['signed', 'unit', 'input_x_gradient']);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).states), [], 'nothing was asked anew');
  await page.locator('.sides button[data-side=other]').click();
  const other = await pixels();
  assert.notEqual(other, scaled);
  const json = await numbers(page);
  await page.reload();
  await reached(page, 'done');
  assert.equal(await pixels(), other);
  assert.deepEqual((await numbers(page)).methods, json.methods);
  await page.goBack();
  assert.equal(word('side'), null);
  await page.waitForFunction(
    () => document.querySelector('.sides [data-side=class]')?.getAttribute('aria-pressed') === 'true',
  );
  assert.equal(await pixels(), scaled);
  // Another class is another question.
  await page.locator('.attribution select').first().selectOption({ index: 2 });
  await page.waitForFunction(() => location.hash.includes('attribution.class='));
  await reached(page, 'done');
  const changed = await numbers(page);
  assert.equal(String(changed.class.index), word('class'));
  assert.deepEqual(changed.view.options['attribution.method'], 'input_x_gradient');
  assert.deepEqual(faults, []);
  await close();
});

test('what is shown can be taken away, and agrees with itself', async () => {
  const { page, close } = await visitor(browser, {
    server: { also: small },
    query: smallQuery(`&${FEW}&attribution.seed=7&attribution.baseline=black`),
  });
  await reached(page, 'done');
  const json = await numbers(page);
  assert.equal(json.format, 'zf-lens attribution 1');
  for (const one of json.methods) {
    assert.equal(one.done, one.of, one.method);
    // CAM speaks of its head's score, all others of the network's.
    if (one.method !== 'cam') assert.equal(one.score, json.methods[0].score, one.method);
  }
  assert.deepEqual(
    [of(json, 'smooth_grad').samples, of(json, 'smooth_grad').seed, of(json, 'integrated_gradients').baseline],
    [4, 7, 'black'],
  );
  const [top, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.deepEqual(
    rows.map(([method]) => method),
    json.methods.map((/** @type {any} */ one) => one.method),
  );
  for (const row of rows) {
    const one = of(json, row[0]);
    const cell = (/** @type {string} */ name) => row[top.indexOf(name)];
    assert.deepEqual(
      [
        ...['score', 'scale'].map((name) => Math.fround(Number(cell(name)))),
        ...['half', 'done'].map((name) => Number(cell(name))),
      ],
      [one.score, one.scale, one.half, one.done],
    );
    assert.equal(cell('sum'), one.completeness ? String(one.completeness.sum) : '');
    assert.equal(cell('likeness'), one.likeness === null ? '' : String(one.likeness));
  }
  const { words, pictures } = await figure(page);
  // The photograph and its scale, two tiles of each method, four of each end of the network and the scale of those.
  assert.equal(pictures, 2 + 2 * json.methods.length + 4 * json.attention.ends.length + 1);
  for (const said of ['Evidence for', 'SmoothGrad', 'What it attends to, and what is left without it', 'Grad-CAM'])
    assert.ok(words.includes(said), `${said}: ${words}`);
  await close();
});

test("a small network's answers are the same on WebGPU as on the processor", async () => {
  /** @type {any[]} */
  const found = [];
  for (const name of ['cpu', 'webgpu']) {
    const { page, faults, close } = await visitor(browser, {
      server: { also: small },
      query: smallQuery(`&${FEW}`, name),
    });
    await reached(page, 'done', 200_000);
    assert.equal(await page.locator('html').getAttribute('data-backend'), name);
    found.push(await numbers(page));
    assert.deepEqual(faults, []);
    await close();
  }
  const [cpu, webgpu] = found;
  for (const [at, one] of cpu.methods.entries()) {
    near(webgpu.methods[at].scale, one.scale, 1e-3 * one.scale, one.method);
    near(webgpu.methods[at].score, one.score, 1e-3 * Math.abs(one.score), one.method);
  }
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { server: { also: small }, context, query: smallQuery(`&${FEW}`) });
    await reached(page, 'done');
    await page.locator('.more-settings summary').click();
    await isSound(page);
    await close();
  });
}
