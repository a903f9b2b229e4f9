// The Invariance tab: PyTorch's numbers, curves that come roughly first, a cursor, several pictures, Cancel, and what can be taken away.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { MOVES as AXES } from '../../www/lens/experiments/invariance/moves.js';
import { DRESSES, isSound } from './axe.mjs';
import { experiments } from './experiments.mjs';
import { launch } from './harness.mjs';
import { door, download, figure, numbers, visitor, word } from './visitor.mjs';

const GOLDEN = experiments();
const SMALL = { also: { 'nets/small.safetensors': GOLDEN.file } };
const small = (/** @type {string} */ words, backend = 'cpu') =>
  `?weights=nets/small.safetensors&backend=${backend}#v=1&${words}`;
const MOVES = /** @type {const} */ (['translation', 'scale', 'rotation']);

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {Page} page @param {string} state @param {number} [timeout] */
async function reached(page, state, timeout = 60_000) {
  const wanted = page.waitForSelector(`.experiment.invariance[data-state=${state}]`, { timeout });
  await wanted.catch(async (error) => {
    const found = await page
      .locator('.invariance')
      .evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 1500)));
    throw new Error(`expected the state ${state}, found ${found}: ${error.message}`);
  });
}

/** How many points each early curve shows. @param {Page} page */
const points = (page) =>
  page.evaluate(
    (moves) => moves.map((move) => document.querySelectorAll(`[data-view=${move}-early] circle`).length),
    [...MOVES],
  );

/** The curve of a transformation of the first picture. @param {any} json @param {string} transformation */
const curveOf = (json, transformation) =>
  json.photographs[0].transformations.find((/** @type {any} */ one) => one.transformation === transformation);

/** @param {number} found @param {number} expected @param {number} largest @param {string} of */
function near(found, expected, largest, of) {
  assert.ok(Math.abs(found - expected) <= 1e-4 * largest, `${of}: expected ${expected}, found ${found}`);
}

test('the axes reach as far as the engine moves', async () => {
  const { page, close } = await visitor(browser);
  const usual = await page.evaluate(async (weights) => {
    const zfnet = await import(new URL('pkg/cpu/zfnet_web.js', document.baseURI).href);
    await zfnet.default();
    const engine = await zfnet.Engine.create();
    const network = await engine.loadShard(Uint8Array.from(atob(weights), (c) => c.charCodeAt(0)));
    return network.usual.invariance;
  }, GOLDEN.file.toString('base64'));
  const known = usual.map((/** @type {any} */ one) => [one.transformation, one.parameters.map(Math.fround)]);
  const drawn = MOVES.map((move) => [move, AXES[move].parameters.map(Math.fround)]);
  assert.deepEqual(known, drawn);
  await close();
});

for (const backend of ['cpu', 'webgpu']) {
  test(`on ${backend} the curves are those of PyTorch, and what stays as it is has no distance`, async () => {
    const { page, faults, close } = await visitor(browser, { server: SMALL, query: small('', backend) });
    // Every step of the progress is written down as it is shown.
    await page.setInputFiles('input[type=file]', {
      name: 'waves.png',
      mimeType: 'image/png',
      buffer: GOLDEN.picture(1),
    });
    const button = page.getByRole('tab', { name: 'Invariance', exact: true });
    await button.waitFor();
    await page.evaluate(() => {
      const steps = /** @type {string[]} */ (/** @type {any} */ (window).steps = []);
      new MutationObserver(() => {
        const words = document.querySelector('.experiment.invariance .progress .bytes')?.textContent ?? '';
        if (words && words !== steps.at(-1)) steps.push(words);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await button.click();
    await reached(page, 'done', 180_000);
    assert.equal(await page.locator('html').getAttribute('data-backend'), backend);
    const steps = await page.evaluate(() => /** @type {any} */ (window).steps);
    assert.ok(steps.length > 5, `parts came before the end: ${steps}`);
    const json = await numbers(page);
    assert.deepEqual([json.early, json.late, json.photographs[0].transformations.length], ['conv1', 'fc4', 3]);
    const { parameters, layers, norms, class: expected } = GOLDEN.about.invariance;
    let compared = 0;
    for (const move of MOVES) {
      const curve = curveOf(json, move);
      assert.equal(curve.class.index, expected);
      const still = curve.parameters.indexOf(move === 'scale' ? 1 : 0);
      for (const { layer, norm, distance } of curve.layers) {
        assert.ok(distance[still] <= 1e-6 * norm, `${move} ${layer}: ${distance[still]}`);
        assert.ok(Math.max(...distance) > 0.05 * norm, `${move} ${layer} moves`);
        if (layers.includes(layer)) near(norm, norms[layer], norms[layer], layer);
      }
      for (const [index, parameter] of parameters[move].entries()) {
        const at = curve.parameters.indexOf(Math.fround(parameter));
        if (at < 0) continue;
        compared++;
        for (const layer of layers) {
          const golden = GOLDEN.floats(`golden.${move}.distance.${layer}`);
          const found = curve.layers.find((/** @type {any} */ one) => one.layer === layer).distance[at];
          near(found, golden[index], Math.max(...golden), `${move} by ${parameter}, ${layer}`);
        }
        near(curve.probability[at], GOLDEN.floats(`golden.${move}.probability`)[index], 1, `${move} by ${parameter}`);
      }
    }
    assert.equal(compared, 7);
    assert.deepEqual(faults, []);
    await close();
  });
}

test('on the bundled network the curves come roughly first; Cancel stops them, and the rest of the page goes on', async () => {
  const { page, faults, close } = await visitor(browser, {
    query: '?backend=cpu#v=1&tab=invariance&sample=cat&invariance.rotation=40',
  });
  await page.waitForFunction(
    (moves) => moves.every((move) => document.querySelectorAll(`[data-view=${move}-early] circle`).length >= 3),
    [...MOVES],
  );
  const rough = await points(page);
  assert.ok(
    rough.every((count, at) => count < [25, 17, 36][at]),
    `all three are there before any is whole: ${rough}`,
  );
  // The moved picture comes while the curves do.
  await page.waitForSelector("canvas[data-view=moved-rotation][data-parameter='40']:not(.waits)");
  await page.keyboard.press('Escape');
  await reached(page, 'stopped');
  const stopped = await points(page);
  const slider = page.locator('.moves[data-of=scale] input[type=range]');
  await slider.focus();
  await page.keyboard.press('End');
  await page.waitForSelector("canvas[data-view=moved-scale][data-parameter='1.8']:not(.waits)");
  assert.equal(word(page, 'invariance.scale'), '1.8');
  assert.deepEqual(await points(page), stopped, 'nothing goes on after Cancel');
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await page.waitForSelector('canvas[data-view=projection][data-of^=conv5]');
  await page.goBack();
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.locator('.experiment.invariance').getByRole('button', { name: 'Cancel' }).click();
  await reached(page, 'stopped');
  await page.locator('.invariance .segmented').first().getByText('Scale (enlarged)').click();
  await reached(page, 'done');
  const [only] = (await numbers(page)).photographs;
  assert.deepEqual(
    [only.transformations.map((/** @type {any} */ one) => one.transformation), only.complete],
    [['scale'], true],
  );
  assert.deepEqual(faults, []);
  await close();
});

test('the cursor moves picture, curves and values together; the address keeps it, and what is chosen', async () => {
  const { page, faults, close } = await visitor(browser, { server: SMALL, query: small('tab=invariance&sample=cat') });
  await reached(page, 'done');
  const slider = page.locator('.moves[data-of=translation] input[type=range]');
  const shown = () => page.locator('canvas[data-view=moved-translation]').getAttribute('data-parameter');
  const cursor = () => page.locator('[data-view=translation-early] line[stroke-dasharray]').getAttribute('x1');
  const values = () => page.locator('.moves[data-of=translation] .readout').innerText();
  assert.equal(await shown(), '0');
  assert.match(await values(), /as it is[\s\S]*\b0%/);
  const [from, there] = [await cursor(), await values()];
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => location.hash.includes('invariance.translation=10'));
  assert.equal(await shown(), '10');
  assert.notEqual(await cursor(), from);
  assert.notEqual(await values(), there);
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /10 px down: conv1 \d+%, fc4 \d+%/);
  // A press on a chart moves the cursor there.
  const box = await page.locator('[data-view=translation-late] svg').boundingBox();
  if (!box) throw new Error('no chart');
  await page.mouse.click(box.x + 47, box.y + 60);
  await page.waitForFunction(() => location.hash.includes('invariance.translation=-60'));
  assert.equal(await shown(), '-60');
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes('invariance.translation=10'));
  await page.waitForSelector("canvas[data-view=moved-translation][data-parameter='10']");
  const relative = await values();
  await page.getByText('Absolute', { exact: true }).click();
  await page.locator('label', { hasText: 'Late layer' }).locator('select').selectOption('conv3');
  assert.notEqual(await values(), relative);
  assert.match(await values(), /conv3/);
  const before = await values();
  await page.reload();
  await reached(page, 'done');
  assert.equal(await shown(), '10');
  assert.equal(await values(), before);
  assert.equal(word(page, 'invariance.measure'), 'raw');
  assert.deepEqual(faults, []);
  await close();
});

test('several pictures have a line each and a mean, and what is shown can be taken away', async () => {
  const { page, faults, close } = await visitor(browser, {
    server: SMALL,
    query: small('tab=invariance&sample=cat&others=flower,coffee'),
  });
  await page.waitForFunction(() => document.querySelectorAll('.moves[data-of=scale] .readout tbody tr').length === 4);
  await reached(page, 'done');
  const json = await numbers(page);
  assert.deepEqual(
    json.photographs.map((/** @type {any} */ one) => one.sample),
    ['cat', 'flower', 'coffee'],
  );
  const rows = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const head = rows.shift() ?? [];
  assert.equal(rows.length, 3 * (25 + 17 + 36));
  let at = 0;
  const curves = json.photographs.flatMap((/** @type {any} */ one) => one.transformations);
  for (const { transformation, parameters, layers, probability, class: watched } of curves) {
    for (const [place, value] of parameters.entries()) {
      const row = rows[at++] ?? [];
      const cell = (/** @type {string} */ name) => row[head.indexOf(name)];
      const found = (/** @type {string} */ name) => Math.fround(Number(cell(name)));
      assert.deepEqual(
        [cell('transformation'), found('parameter'), Number(cell('class')), cell('class_name')],
        [transformation, value, watched.index, watched.en ?? ''],
      );
      for (const { layer, distance, relative } of layers) {
        assert.equal(found(`distance.${layer}`), distance[place]);
        assert.equal(found(`relative.${layer}`), relative[place]);
      }
      assert.equal(found('probability'), probability[place]);
    }
  }
  const drawn = await figure(page);
  // The first picture at each of the three cursors.
  assert.equal(drawn.pictures, 3);
  for (const said of ['A ', 'B ', 'C ', 'Ø Mean of the pictures', 'conv1: distance', 'fc4: distance', 'Rotation'])
    assert.ok(drawn.words.includes(said), `${said}: ${drawn.words}`);
  // The mean in the table is that of the three.
  await page.locator('.moves[data-of=rotation] input[type=range]').focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => location.hash.includes('invariance.rotation=350'));
  const shares = curves
    .filter((/** @type {any} */ one) => one.transformation === 'rotation')
    .map((/** @type {any} */ { layers }) => {
      const { norm, distance } = layers.find((/** @type {any} */ one) => one.layer === 'fc4');
      return distance.at(-1) / norm;
    });
  const mean = shares.reduce((/** @type {number} */ sum, /** @type {number} */ share) => sum + share) / 3;
  const words = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: mean < 0.1 ? 1 : 0 }).format(
    mean,
  );
  assert.equal(await page.locator('.moves[data-of=rotation] .readout .mean td').nth(1).innerText(), words);
  assert.equal(await page.locator('[data-view=rotation-late] path').count(), 4);
  // A picture that is taken out leaves the others as they are, and nothing is computed again.
  await page
    .getByRole('button', { name: /^Remove / })
    .first()
    .click();
  await page.waitForFunction(() => document.querySelectorAll('.moves[data-of=scale] .readout tbody tr').length === 3);
  await reached(page, 'done');
  assert.deepEqual(
    (await numbers(page)).photographs,
    json.photographs.filter((/** @type {any} */ one) => one.sample !== 'flower'),
  );
  await page.waitForFunction(() => /others=coffee(&|$)/.test(location.hash));
  assert.deepEqual(faults, []);
  await close();
});

test('until the classifier is there, the convolutions are compared, and the tab says so', async () => {
  const classifier = door();
  const alter = async (/** @type {string} */ path, /** @type {Buffer} */ body) => {
    if (path.includes('.classifier.')) await classifier.opened;
    return body;
  };
  const { page, close } = await visitor(browser, {
    server: { alter },
    query: '?backend=cpu#v=1&tab=invariance&sample=coffee&invariance.of=scale',
  });
  await reached(page, 'done', 90_000);
  const wanted = page.locator('.invariance .classes-wanted');
  assert.match(await wanted.innerText(), /late layer and the probability need the classifier/);
  assert.equal(await page.locator('.moves[data-of=scale] .charts figure').count(), 1);
  await page.locator('label', { hasText: 'Late layer' }).locator('select').selectOption('conv5');
  assert.equal(await page.locator('[data-view=scale-late] circle').count(), 17);
  classifier.open();
  await page.waitForSelector('[data-view=scale-probability] circle');
  await reached(page, 'done');
  assert.equal(await wanted.isVisible(), false);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, {
      server: SMALL,
      context,
      query: small('tab=invariance&sample=cat&others=flower'),
    });
    await page.waitForFunction(() => document.querySelectorAll('.moves[data-of=scale] .readout tbody tr').length === 3);
    await reached(page, 'done');
    await page.locator('.moves summary').first().click();
    await page.locator('.moves .table-frame td').first().waitFor({ timeout: 10_000 });
    await isSound(page);
    await close();
  });
}
