// The Learn tab: opened without a photograph, edited, stepped through, kept in the address, exported; and right, by definition.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { launch } from './harness.mjs';
import { download, numbers, projected, visitor, word } from './visitor.mjs';

const ALONE = '?backend=cpu#v=1&tab=learn';

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ rows: number, cols: number, values: number[] }} Grid */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const done = (/** @type {Page} */ page) => page.waitForSelector('.experiment.learn[data-state=done]');
const texts = (/** @type {Page} */ page, /** @type {string} */ view) =>
  page
    .locator(`[data-view=${view}] tbody td`)
    .evaluateAll((all) =>
      all.map((one) =>
        (
          one.querySelector('input')?.value ??
          one.querySelector('button')?.firstChild?.textContent ??
          one.textContent ??
          ''
        ).replace('−', '-'),
      ),
    );
const shows = async (/** @type {Page} */ page, /** @type {string} */ view) => (await texts(page, view)).map(Number);

/** Waits until a grid shows these numbers. @param {Page} page @param {string} view @param {number[]} expected */
async function becomes(page, view, expected) {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await shows(page, view);
    if (found.join() === expected.join()) return;
    if (Date.now() > end) assert.deepEqual(found, expected, view);
    await page.waitForTimeout(50);
  }
}

/** @param {Page} page @param {string} view @param {number} at @param {string} value */
async function write(page, view, at, value) {
  await page.locator(`[data-view=${view}] td[data-at="${at}"] input`).fill(value);
}

/** @param {Grid} picture @param {Grid} kernel the matrix of a convolution, by its definition */
function matrixOf(picture, kernel) {
  const [rows, cols] = [picture.rows - kernel.rows + 1, picture.cols - kernel.cols + 1];
  return Array.from({ length: rows * cols }, (_, position) =>
    picture.values.map((_, cell) => {
      const row = Math.floor(cell / picture.cols) - Math.floor(position / cols);
      const col = (cell % picture.cols) - (position % cols);
      const isInside = row >= 0 && row < kernel.rows && col >= 0 && col < kernel.cols;
      return isInside ? kernel.values[row * kernel.cols + col] : 0;
    }),
  );
}

/** @param {number[][]} matrix @param {number[]} vector */
const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, one, at) => sum + one * vector[at], 0));
const transpose = (/** @type {number[][]} */ matrix) => matrix[0].map((_, col) => matrix.map((row) => row[col]));

/** @param {Grid} found @param {number[]} expected @param {string} what */
function near(found, expected, what) {
  assert.equal(found.values.length, expected.length, what);
  found.values.forEach((one, at) =>
    assert.ok(
      Math.abs(one - expected[at]) <= 1e-5 * Math.max(1, Math.abs(expected[at])),
      `${what} ${at}: ${one}, not ${expected[at]}`,
    ),
  );
}

/** What the lessons must be, from nothing but their definitions. @param {any} json */
function right({ convolution, pooling, rectifier }) {
  const { x, k, y } = convolution;
  const matrix = matrixOf(x, k);
  near(convolution.C, matrix.flat(), 'C');
  near(convolution.transposed, transpose(matrix).flat(), 'the transpose');
  near(y, times(matrix, x.values), 'y = Cx');
  near(convolution.back, times(transpose(matrix), y.values), 'what comes back');
  ['11', '12', '21', '22'].forEach((name, at) =>
    near(
      convolution[`spread${name}`],
      matrix[at].map((one) => one * y.values[at]),
      `from y${name}`,
    ),
  );

  const { map, pooled, switches, signal, unpooled } = pooling;
  const back = map.values.map(() => 0);
  pooled.values.forEach((/** @type {number} */ value, /** @type {number} */ window) => {
    const place = switches.values[window];
    assert.equal(map.values[place], value, `the switch of window ${window} points at its maximum`);
    back[place] += signal.values[window];
  });
  near(unpooled, back, 'unpooled');

  const [up, down] = [rectifier.up.values, rectifier.down.values];
  near(
    rectifier.rectified,
    up.map((/** @type {number} */ one) => Math.max(one, 0)),
    'rectified',
  );
  near(
    rectifier.gradient,
    down.map((/** @type {number} */ one, /** @type {number} */ at) => (up[at] > 0 ? one : 0)),
    'gradient',
  );
  near(
    rectifier.deconvnet,
    down.map((/** @type {number} */ one) => Math.max(one, 0)),
    'deconvnet',
  );
  near(
    rectifier.guided,
    down.map((/** @type {number} */ one, /** @type {number} */ at) => (up[at] > 0 ? Math.max(one, 0) : 0)),
    'guided',
  );
}

test('the first page leads to the lesson, which needs no photograph and no weights, and back', async () => {
  const { page, server, faults, close } = await visitor(browser);
  await page.getByRole('link', { name: 'How it works' }).click();
  await done(page);
  assert.equal(word(page, 'tab'), 'learn');
  assert.deepEqual(
    server.asked.filter((path) => path.startsWith('weights')),
    [],
  );
  for (const away of ['.landing', '.table .left', '.table .tabs'])
    assert.equal(await page.locator(away).isVisible(), false, away);
  right(await numbers(page));
  await page.goBack();
  await page.locator('.landing').waitFor();
  assert.equal(await page.locator('.learn').isVisible(), false);
  await page.goForward();
  await page.locator('.learn').waitFor();
  await page.getByRole('button', { name: 'See it on a photograph' }).click();
  await page.locator('.landing').waitFor();
  await page.goBack();
  // A photograph is for looking at; the lesson is then one of its tabs.
  await page.locator('.strip .thumb').first().click();
  await projected(page, /^conv5 /);
  assert.equal(word(page, 'tab'), null);
  await page.getByRole('tab', { name: 'Learn', exact: true }).click();
  await done(page);
  assert.ok(await page.locator('.left').isVisible());
  await page.getByRole('button', { name: 'See it on a photograph' }).click();
  assert.ok(await page.locator('.inspector').isVisible());
  assert.deepEqual(faults, []);
  await close();
});

test('numbers that are changed go through C and back, stay in the address, and come back with it', async () => {
  const { page, faults, close } = await visitor(browser, { query: ALONE });
  await done(page);
  assert.deepEqual(await shows(page, 'learn-y'), [4, 0, 3, 0]);
  await write(page, 'learn-x', 15, '2');
  // The last number of the picture is seen by the last position alone, with the kernel's last number, 1.
  await becomes(page, 'learn-y', [4, 0, 3, 2]);
  await write(page, 'learn-k', 8, '-1.5');
  await becomes(page, 'learn-y', [1.5, 0, 3, -3]);
  await done(page);
  right(await numbers(page));
  // What is half typed or too large changes nothing, or what it can.
  await write(page, 'learn-x', 0, '');
  await page.keyboard.press('Tab');
  assert.equal((await texts(page, 'learn-x'))[0], '0');
  await write(page, 'learn-x', 0, '77');
  await page.keyboard.press('Tab');
  assert.equal((await texts(page, 'learn-x'))[0], '9');
  await page.locator("[data-view=learn-x] td[data-at='0'] input").focus();
  for (let presses = 0; presses < 9; presses++) await page.keyboard.press('ArrowDown');
  await becomes(page, 'learn-y', [1.5, 0, 3, -3]);
  await page.waitForFunction(() =>
    location.hash.includes('learn.x=0,0,1,0,0,0,1,0,0,0,1,0,0,0,0,2&learn.k=-1,0,1,-2,0,2,-1,0,-1.5'),
  );
  const kept = page.url();
  await page.reload();
  await done(page);
  assert.deepEqual(await shows(page, 'learn-y'), [1.5, 0, 3, -3]);
  await page.locator('[data-lesson=convolution]').getByRole('button', { name: 'blur' }).click();
  await page.waitForFunction(() => location.hash.includes('learn.k=0.1'));
  await becomes(page, 'learn-y', [0.3, 0.4, 0.2, 0.5]);
  await page.goBack();
  await becomes(page, 'learn-y', [1.5, 0, 3, -3]);
  assert.equal(page.url(), kept);
  assert.deepEqual(faults, []);
  await close();
});

test('each position lights its row of C, its nine numbers of x and its column of the transpose', async () => {
  const { page, close } = await visitor(browser, { query: ALONE });
  await done(page);
  const lit = (/** @type {string} */ view) => page.locator(`[data-view=${view}] tbody td.lit`).count();
  const sum = () => page.locator('[data-view=learn-sum]').innerText();
  assert.match(await sum(), /^y\s*11 = .* = 4$/s);
  assert.equal(await page.locator("[data-view=learn-c] tr[data-row='0'] td.lit:not(.sum)").count(), 9);
  await page.getByRole('button', { name: 'Next position' }).click();
  await page.getByRole('button', { name: 'Next position' }).click();
  await page.waitForFunction(() => location.hash.includes('learn.at=2'));
  assert.match(await sum(), /^y\s*21 = .* = 3$/s);
  assert.equal(await page.locator("[data-view=learn-c] tr[data-row='2'] td.lit:not(.sum)").count(), 9);
  assert.equal(await lit('learn-c'), 10, 'nine numbers and their sum');
  const terms = await page.locator('[data-view=learn-sum] .term').allInnerTexts();
  assert.deepEqual(
    terms.filter((term) => !/^\S+·0$/.test(term)),
    ['1·1', '2·1'],
  );
  // One number alone puts the kernel back at its place.
  await page.getByText('the lit number alone').click();
  await page.waitForFunction(() => location.hash.includes('learn.send=one'));
  assert.deepEqual(await shows(page, 'learn-back'), [0, 0, 0, 0, -3, 0, 3, 0, -6, 0, 6, 0, -3, 0, 3, 0]);
  // Pointing at what comes back shows what it is made of.
  await page.locator("[data-view=learn-back] td[data-at='8']").hover();
  assert.match(await page.locator('[data-view=learn-sum-back]').innerText(), /31 = .*\(−2\)·3.* = −6$/s);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.waitForFunction(() => /learn\.at=[013]|^((?!learn\.at).)*$/.test(location.hash));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Play' }).waitFor();
  const still = await sum();
  await page.waitForTimeout(1500);
  assert.equal(await sum(), still);
  await close();
});

test('of equal numbers the first has the switch, and signals of windows that share a place add', async () => {
  const { page, close } = await visitor(browser, { query: ALONE });
  await done(page);
  const lesson = page.locator('[data-lesson=pooling]');
  await lesson.getByRole('button', { name: 'ties' }).click();
  await becomes(page, 'learn-pooled', [2, 0, 1, 3, 4, 5, 1, 0, 6]);
  assert.match(
    await page.locator('[data-view=learn-switch]').innerText(),
    /keeps 2, found 4 times; the first place counts: row 1, column 1/,
  );
  await lesson.getByRole('button', { name: 'one peak for all' }).click();
  await lesson.getByText('3 × 3, stride 2, as in ZFNet').click();
  await page.waitForFunction(() => location.hash.includes('learn.size=3'));
  // 8 in row 3, column 3 is the maximum of the four windows that meet there.
  const four = [8, 8, 1, 8, 8, 6, 1, 6, 6];
  await becomes(page, 'learn-pooled', four);
  await becomes(page, 'learn-signal', four);
  assert.equal((await shows(page, 'learn-unpooled'))[14], 32);
  await write(page, 'learn-signal', 0, '-5');
  await becomes(page, 'learn-signal', [-5, ...four.slice(1)]);
  await page.waitForFunction(() => location.hash.includes('learn.g=-5'));
  await done(page);
  assert.equal((await shows(page, 'learn-unpooled'))[14], 19);
  right(await numbers(page));
  await page.reload();
  await done(page);
  assert.equal((await shows(page, 'learn-unpooled'))[14], 19);
  await lesson.getByRole('button', { name: 'Send the maxima back' }).click();
  await becomes(page, 'learn-signal', four);
  assert.equal((await shows(page, 'learn-unpooled'))[14], 32);
  await page.locator("[data-view=learn-pooled] td[data-at='7'] button").focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('learn.window=7'));
  assert.match(await page.locator('[data-view=learn-switch]').innerText(), /p₃₂ keeps 6, found in row 5, column 5/);
  await close();
});

test('the three rules differ where they say, and everything can be taken away', async () => {
  const { page, faults, close } = await visitor(browser, { query: ALONE });
  await done(page);
  const row = (/** @type {string} */ rule) => page.locator(`[data-view=learn-rules] tr[data-rule=${rule}] td`);
  const cells = async (/** @type {string} */ rule) =>
    (await row(rule).allInnerTexts()).map((text) => Number(text.replace('−', '-')));
  assert.deepEqual(await cells('gradient'), [2, -3, 0, 0, 0, 1]);
  assert.deepEqual(await cells('deconvnet'), [2, 0, 4, 0, 2, 1]);
  assert.deepEqual(await cells('guided'), [2, 0, 0, 0, 0, 1]);
  await row('up').nth(2).locator('input').fill('1');
  await page.waitForFunction(() => location.hash.includes('learn.up=3,2,1,-1,0,4'));
  await row('guided').nth(2).filter({ hasText: '4' }).waitFor();
  assert.deepEqual(await cells('gradient'), [2, -3, 4, 0, 0, 1]);
  await done(page);
  const json = await numbers(page);
  right(json);
  assert.equal(json.format, 'zf-lens learn 1');
  assert.equal(json.backend.backend, 'cpu');
  const [head, ...lines] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.deepEqual(head, ['lesson', 'grid', 'row', 'column', 'value']);
  const grids = ['convolution', 'pooling', 'rectifier'].flatMap((name) =>
    Object.values(/** @type {Record<string, Grid>} */ (json[name])),
  );
  assert.deepEqual(
    lines.map((line) => Number(line[4])),
    grids.flatMap(({ values }) => values),
  );
  const png = await download(page, 'Save as picture');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.ok(png.readUInt32BE(16) >= 800 && png.readUInt32BE(20) > 1200, 'all three lessons are on it');
  assert.deepEqual(faults, []);
  await close();
});

test('an address from anywhere does no harm', async () => {
  const query = `${ALONE}&learn.x=1,2,3&learn.k=a,b&learn.at=99&learn.size=7&learn.g=1,2&learn.up=1e9,0,0,0,0,0`;
  const { page, faults, close } = await visitor(browser, { query });
  await done(page);
  assert.deepEqual(await shows(page, 'learn-y'), [4, 0, 3, 0]);
  right(await numbers(page));
  assert.deepEqual(faults, []);
  await close();
});

test('WebGPU gives the same numbers', async () => {
  /** @type {any[]} */
  const found = [];
  for (const backend of ['cpu', 'webgpu']) {
    const query = `?backend=${backend}#v=1&tab=learn&learn.size=3&learn.p=2,2,0,0,1,0,2,2,0,0,0,1,3,1,4,4,5,2,1,3,4,4,2,5,0,1,0,0,6,6,1,0,0,0,6,6`;
    const { page, faults, close } = await visitor(browser, { query });
    await done(page);
    const json = await numbers(page);
    assert.equal(json.backend.backend, backend);
    right(json);
    found.push(json);
    assert.deepEqual(faults, []);
    await close();
  }
  assert.deepEqual(found[1].pooling.switches, found[0].pooling.switches, 'ties are broken the same way');
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { context, query: ALONE });
    await done(page);
    await isSound(page);
    await close();
  });
}
