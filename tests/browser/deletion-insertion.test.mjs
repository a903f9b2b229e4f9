// Deletion and insertion in “Why this class”: PyTorch's curves, their laws on the page; measured on demand, stopped, linked, saved.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch, open } from './harness.mjs';
import { closed, named, opened, tensor } from './heads.mjs';
import { download, figure, numbers, visitor, word } from './visitor.mjs';

const golden = (/** @type {string} */ name) =>
  readFileSync(new URL(`../golden/attribution/${name}.safetensors`, import.meta.url));
const small = { 'nets/small.safetensors': named(golden('methods'), ['cat', 'dog', 'cup']) };
const smallQuery = (/** @type {string} */ more = '') =>
  `?weights=nets/small.safetensors&backend=cpu#v=1&tab=attribution&sample=flower&attribution.samples=4${more}`;
/** The order by chance, and the methods that a network without heads has; both curves have 29 points each. */
const ORDERS = 8;
const PASSES = 2 * 29;

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const reached = (/** @type {Page} */ page, /** @type {string} */ state) =>
  page.waitForSelector(`.attribution[data-state=${state}]`);
const control = (/** @type {Page} */ page) => page.getByRole('checkbox', { name: 'Deletion and insertion' });
/** @param {number} a @param {number} b @param {number} within @param {string} what */
const near = (a, b, within, what) => assert.ok(Math.abs(a - b) <= within, `${what}: ${a}, not ${b}`);

for (const [module, most] of /** @type {const} */ ([
  ['cpu', 4],
  // Of the others the steps are many, and a graphics card that is made up is slow.
  ['webgpu', 2],
])) {
  test(`the ${module} module measures what PyTorch measures`, async () => {
    const file = opened(golden('deletion_insertion'));
    const { cases, tolerance } = JSON.parse(file.json.__metadata__.golden);
    // Pixels are never negative, so the mean is where zero was.
    const model = JSON.parse(file.json.__metadata__['zf-lens']);
    model.input.mean = [100, 100, 100];
    file.json.__metadata__['zf-lens'] = JSON.stringify(model);
    const plane = 19 * 19;
    const input = tensor(file, 'golden.input');
    const rgba = Array.from({ length: 4 * plane }, (_, at) =>
      at % 4 === 3 ? 255 : (input[(at % 4) * plane + (at >> 2)] ?? 0) + 100,
    );
    const asks = cases.slice(0, most).map((/** @type {any} */ { relevance, ask }) => ({
      relevance: [...tensor(file, relevance)],
      settings: { ...ask, seed: 0, batch: 8 },
    }));
    const visit = await open({ browser });
    const found = await visit.page.evaluate(
      async ({ module, bytes, rgba, asks }) => {
        const zfnet = await import(new URL(`pkg/${module}/zfnet_web.js`, document.baseURI).href);
        await zfnet.default();
        const engine = await zfnet.Engine.create();
        await engine.loadShard(Uint8Array.from(bytes));
        engine.openPixels(19, 19, Uint8Array.from(rgba));
        await engine.look(null);
        const all = [];
        for (const { relevance, settings } of asks) {
          /** @type {number[]} */
          const parts = [];
          const tell = async (/** @type {any} */ { done, total }) => parts.push(done, total);
          const ask = { relevance: Float32Array.from(relevance), settings };
          all.push({ whole: await engine.deletionInsertion(ask, [], tell), parts });
        }
        return all;
      },
      { module, bytes: [...closed(file)], rgba, asks },
    );
    assert.equal(found.length, most);
    for (const [number, { whole, parts }] of found.entries()) {
      const { ask, area } = cases[number];
      const points = 2 * (ask.steps + 1);
      assert.deepEqual(parts.slice(0, 2), [8, points]);
      assert.deepEqual(parts.slice(-2), [points, points]);
      for (const metric of ['deletion', 'insertion']) {
        const wanted = tensor(file, `golden.${number}.${metric}`);
        const { probability } = whole[metric];
        assert.equal(probability.length, wanted.length, metric);
        wanted.forEach((one, at) => near(probability[at], one, tolerance, `${number}, ${metric} at ${at}`));
        near(whole[metric].area, area[metric], tolerance, `${number}, ${metric}`);
      }
    }
    await visit.close();
  });
}

test('it is measured on demand, without asking the methods again, and the curves keep their laws', async () => {
  const { page, faults, close } = await visitor(browser, { server: { also: small }, query: smallQuery() });
  await reached(page, 'done');
  const before = await numbers(page);
  assert.ok(!('deletion_insertion' in before), 'off until it is wanted');
  assert.ok(await page.locator('.removal').isHidden());
  assert.match(
    await page.locator('.control', { has: control(page) }).innerText(),
    new RegExp(`${ORDERS * PASSES} forward passes`),
  );
  await page.evaluate(() => {
    const seen = /** @type {any} */ (window);
    seen.stages = new Set();
    const stage = /** @type {HTMLElement} */ (document.querySelector('.attribution .progress .bytes'));
    new MutationObserver(() => seen.stages.add(stage.textContent)).observe(stage, { childList: true });
  });
  await control(page).check();
  await page.waitForFunction(() => document.querySelectorAll('.removal path').length === 16);
  await reached(page, 'done');
  assert.equal(word(page, 'attribution.removal'), '1');
  const stages = await page.evaluate(() => [.../** @type {any} */ (window).stages].filter(Boolean));
  assert.ok(stages.length > 2, `${stages}`);
  for (const stage of stages) assert.match(stage, new RegExp(` ${ORDERS * PASSES}\\b`), 'the measured passes alone');

  const json = await numbers(page);
  assert.deepEqual(json.methods, before.methods);
  const { settings, curves } = json.deletion_insertion;
  assert.deepEqual(
    [settings.class, settings.steps, settings.deletion, settings.insertion, settings.seed],
    [json.class.index, 28, 'mean', 'blur', 0],
  );
  const methods = json.methods.map((/** @type {any} */ { method }) => method);
  assert.deepEqual(Object.keys(curves), ['chance', ...methods]);
  const whole = await page.evaluate(async () => {
    const words = [...document.querySelectorAll('.attribution select option')].map(({ textContent }) => textContent);
    return Number(/([\d.]+)%/.exec(words[1] ?? '')?.[1]) / 100;
  });
  for (const [name, { share, deletion, insertion }] of Object.entries(/** @type {Record<string, any>} */ (curves))) {
    assert.deepEqual([share.length, share[0], share.at(-1)], [29, 0, 1], name);
    near(deletion.probability[0], whole, 0.01, `${name}: nothing is deleted yet`);
    near(insertion.probability.at(-1), deletion.probability[0], 1e-5, `${name}: all is inserted`);
    near(deletion.probability.at(-1), curves.chance.deletion.probability.at(-1), 1e-5, `${name}: all is deleted`);
    for (const { probability, area } of [deletion, insertion]) {
      const sides = share.slice(1).map((/** @type {number} */ end, /** @type {number} */ at) => end - share[at]);
      const sum = sides.reduce(
        (/** @type {number} */ all, /** @type {number} */ side, /** @type {number} */ at) =>
          all + (side * (probability[at] + probability[at + 1])) / 2,
        0,
      );
      near(area, sum, 1e-6, name);
    }
  }
  assert.notEqual(curves.saliency.deletion.area, curves.chance.deletion.area);

  // Beside each map, and in words for those who see no lines.
  for (const name of methods) {
    const words = await page.locator(`.why-sheet [data-method=${name}] .areas`).innerText();
    for (const metric of ['deletion', 'insertion'])
      assert.ok(words.includes(`${metric} ${curves[name][metric].area.toFixed(3)}`), `${name}: ${words}`);
  }
  for (const metric of ['deletion', 'insertion']) {
    const said = await page.locator(`.removal [data-view=${metric}]`).getAttribute('aria-label');
    for (const { [metric]: curve } of Object.values(/** @type {Record<string, any>} */ (curves)))
      assert.ok(said?.includes(curve.area.toFixed(3)), `${said}`);
  }
  assert.deepEqual(faults, []);
  await close();
});

test('the address keeps it with what stands for removed pixels, and all can be taken away', async () => {
  const { page, faults, close } = await visitor(browser, {
    server: { also: small },
    query: smallQuery('&attribution.removal=1&attribution.fill=mean&attribution.seed=3'),
  });
  await reached(page, 'done');
  const { settings, curves } = (await numbers(page)).deletion_insertion;
  assert.deepEqual([settings.deletion, settings.insertion, settings.seed], ['mean', 'mean', 3]);
  for (const [name, { deletion, insertion }] of Object.entries(/** @type {Record<string, any>} */ (curves)))
    near(insertion.probability[0], deletion.probability.at(-1), 1e-6, `${name}: both are empty`);
  const lines = (await download(page, 'Save as a table')).toString().trim().split('\n');
  const [head = [], ...rows] = lines.map((line) => line.split(','));
  assert.equal(rows.length, ORDERS);
  for (const row of rows)
    for (const metric of ['deletion', 'insertion'])
      assert.equal(row[head.indexOf(metric)], String(curves[row[0] ?? ''][metric].area), `${row}`);
  const measured = await figure(page);
  for (const said of ['Deletion: pixels become the mean colour', 'Insertion: pixels enter the mean colour'])
    assert.ok(measured.words.includes(said), `${said}: ${measured.words}`);
  const { area } = curves.saliency.deletion;
  assert.ok(measured.words.includes(`deletion ${area.toFixed(3)} (${curves.chance.deletion.area.toFixed(3)})`));

  await page.locator('.more-settings summary').click();
  await page.locator('.attribution').getByText('Blurred', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('fill=blur'));
  await reached(page, 'done');
  const blurred = (await numbers(page)).deletion_insertion;
  assert.deepEqual([blurred.settings.deletion, blurred.settings.insertion], ['blur', 'blur']);
  assert.notEqual(blurred.curves.saliency.deletion.area, curves.saliency.deletion.area);
  await control(page).uncheck();
  await reached(page, 'done');
  assert.ok(await page.locator('.removal').isHidden());
  const plain = await figure(page);
  assert.ok((measured.height ?? 0) > (plain.height ?? 0) + 150, 'the charts have their place in the figure');
  assert.deepEqual(faults, []);
  await close();
});

test('Cancel stops it, and what was measured is not measured again', async () => {
  const { page, faults, close } = await visitor(browser, {
    query:
      '?backend=cpu#v=1&tab=attribution&sample=coffee&attribution.samples=4&attribution.steps=4&attribution.removal=1',
  });
  await page.waitForSelector('.why-sheet [data-method=saliency] .areas span');
  await page.locator('.attribution').getByRole('button', { name: 'Cancel' }).click();
  await reached(page, 'stopped');
  const { chance, saliency } = (await numbers(page)).deletion_insertion.curves;
  assert.ok(chance.insertion.area > 0 && saliency.insertion.area === null, 'some are known, one in part');
  await page.locator('.attribution').getByRole('button', { name: 'Start again' }).click();
  await reached(page, 'running');
  await page.waitForFunction(() => document.querySelector('.attribution .progress .bytes')?.textContent);
  // CAM of the bundled heads is one of the eight.
  assert.match(await page.locator('.attribution .progress .bytes').innerText(), new RegExp(` ${8 * PASSES}\\b`));
  await page.keyboard.press('Escape');
  await reached(page, 'stopped');
  const again = (await numbers(page)).deletion_insertion.curves;
  assert.deepEqual(again.chance, chance);
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const query = smallQuery('&attribution.removal=1');
    const { page, close } = await visitor(browser, { server: { also: small }, context, query });
    await reached(page, 'done');
    await isSound(page);
    await close();
  });
}
