// The Parts tab: PyTorch's scores, identical pictures, marking by hand, key and number, Cancel, address, files in and out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isSound } from './axe.mjs';
import { experiments } from './experiments.mjs';
import { launch } from './harness.mjs';
import { download, figure, numbers, projected, reaches, visitor, word } from './visitor.mjs';

const GOLDEN = experiments();
const SMALL = { also: { 'nets/small.safetensors': GOLDEN.file } };
const small = (/** @type {string} */ words, backend = 'cpu') =>
  `?weights=nets/small.safetensors&backend=${backend}#v=1&tab=correspondence&${words}`;
const TWO = small('sample=cat&others=flower');

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const reached = reaches('correspondence');

const halt = (/** @type {Page} */ page) => page.locator('.correspondence .halt').innerText();
const boxes = (/** @type {Page} */ page) => page.locator('.part-box:visible').count();

/** @param {Page} page @param {object[]} list */
const load = (page, list) =>
  page
    .locator('.ways input[type=file]')
    .setInputFiles({ name: 'boxes.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(list)) });

/** @param {Page} page @param {{ name: string, buffer: Buffer }[]} pictures the first is the one on view */
async function bring(page, pictures) {
  const files = pictures.map(({ name, buffer }) => ({ name, mimeType: 'image/png', buffer }));
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles(files[0] ?? []);
  await page.getByRole('tab', { name: 'Parts', exact: true }).click();
  await page.locator('.further input').setInputFiles(files.slice(1));
  await page.waitForFunction((count) => document.querySelectorAll('.marked').length === count, files.length);
}

/** A box of a golden part, as the command line writes it. @param {number[]} box */
const sides = ([top, left, rows, cols]) => [left, top, left + cols, top + rows];

/** Every number of scores that is shown, as it comes. @param {Page} page */
const watch = (page) =>
  page.evaluate(() => {
    const seen = /** @type {number[]} */ (/** @type {any} */ (window).filled = []);
    new MutationObserver(() => {
      const filled = [...document.querySelectorAll('.score-layer td[data-score]')].filter(
        (cell) => cell.textContent !== '…',
      ).length;
      if (filled !== seen.at(-1)) seen.push(filled);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });

for (const backend of ['cpu', 'webgpu']) {
  test(`on ${backend} the scores are those of PyTorch, and come part by part`, async () => {
    const query = small('correspondence.fill=colour&correspondence.colour=8060a0&correspondence.random=3', backend);
    const { page, server, faults, close } = await visitor(browser, { server: SMALL, query });
    await bring(
      page,
      ['a.png', 'b.png', 'c.png'].map((name, at) => ({ name, buffer: GOLDEN.picture(at) })),
    );
    await reached(page, 'idle');
    await watch(page);
    const { parts, scores, fill } = GOLDEN.about.correspondence;
    const list = Object.entries(parts).flatMap(([part, all]) =>
      /** @type {number[][]} */ (all).map((box, at) => ({
        file: `some/folder/${'abc'[at]}.png`,
        part,
        box: sides(box),
      })),
    );
    await load(page, list);
    await reached(page, 'done', 120_000);
    assert.equal(await page.locator('html').getAttribute('data-backend'), backend);
    const json = await numbers(page);
    assert.deepEqual(json.ask.fill, fill);
    assert.deepEqual(
      json.layers.map((/** @type {any} */ one) => one.layer),
      ['conv3', 'fc4'],
    );
    for (const { layer, parts: found } of json.layers) {
      assert.deepEqual(
        found.map((/** @type {any} */ one) => one.part),
        Object.keys(parts),
      );
      for (const { part, delta, random } of found) {
        const [mean, spread] = scores[`${layer}.${part}`];
        assert.ok(Math.abs(delta.mean - mean) < 1e-6, `${layer} ${part}: expected ${mean}, found ${delta.mean}`);
        assert.ok(
          Math.abs(delta.spread - spread) < 1e-6,
          `${layer} ${part}: expected ± ${spread}, found ${delta.spread}`,
        );
        assert.ok(random.mean > 0 && random.mean < 1);
        const cells = await page
          .locator(`.score-layer[data-layer=${layer}] tr[data-part=${part}] td[data-score]`)
          .allInnerTexts();
        assert.deepEqual(
          cells,
          [delta, random].map((one) => `${one.mean.toFixed(3)} ± ${one.spread.toFixed(3)}`),
        );
      }
    }
    const filled = await page.evaluate(() => /** @type {any} */ (window).filled);
    assert.ok(filled.includes(2) && filled.includes(4), `the table filled step by step: ${filled}`);
    // Each part has other sizes, so random boxes of its own: three positions on three pictures.
    assert.deepEqual(
      json.random.map((/** @type {any[]} */ one) => one.map((all) => all.length)),
      [
        [3, 3, 3],
        [3, 3, 3],
      ],
    );
    assert.deepEqual(
      json.random[0][2].map((/** @type {any} */ one) => [one.rows, one.cols]),
      [
        [6, 7],
        [6, 7],
        [6, 7],
      ],
    );
    await page.getByLabel('Show the random boxes').check();
    assert.equal(await page.locator('.random-boxes i').count(), 18);

    // The visitor's pictures are nowhere but in this page; what was marked can be carried to the command line and back.
    assert.doesNotMatch(page.url(), /\bon\.|png/);
    assert.deepEqual(
      server.asked.filter((path) => /\.png/.test(path)),
      [],
    );
    const saved = JSON.parse((await carried(page)).toString());
    assert.deepEqual(
      saved,
      list
        .map(({ file, ...rest }) => ({ file: file.split('/').at(-1), ...rest }))
        .sort((a, b) => a.file.localeCompare(b.file)),
    );
    assert.deepEqual(faults, []);
    await close();
  });
}

/** @param {Page} page */
async function carried(page) {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the boxes' }).click();
  const stream = await (await coming).createReadStream();
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a picture corresponds to itself: every part's score is 0, and that of random boxes is not", async () => {
  const { page, faults, close } = await visitor(browser, { server: SMALL, query: small('') });
  await bring(
    page,
    ['one.png', 'other.png'].map((name) => ({ name, buffer: GOLDEN.picture(0) })),
  );
  const { parts } = GOLDEN.about.correspondence;
  const list = Object.entries(parts).flatMap(([part, all]) =>
    ['one.png', 'other.png'].map((file) => ({ file, part, box: sides(/** @type {number[][]} */ (all)[0] ?? []) })),
  );
  await load(page, list);
  await reached(page, 'done');
  const { layers } = await numbers(page);
  for (const { layer, parts: found } of layers) {
    for (const { part, delta, random } of found) {
      assert.deepEqual([delta, random.spread], [{ mean: 0, spread: null }, null], `${layer} ${part}`);
      assert.ok(random.mean > 0, `${layer} ${part}`);
    }
  }
  // A single pair has no spread, and nothing follows from it.
  const words = await page.locator('.scores').innerText();
  assert.match(words, /single pair: no spread, and nothing to conclude from/);
  assert.doesNotMatch(words, /±|Error bars|may represent|lower than at random/);
  assert.equal(await page.locator('.scores .whisker:visible').count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('parts are marked by tap, hand, key and number; what is missing is said; the address keeps it all', async () => {
  const { page, faults, close } = await visitor(browser, { server: SMALL, query: TWO });
  await page.waitForFunction(() => document.querySelectorAll('.marked').length === 2);
  await reached(page, 'idle');
  assert.match(
    await halt(page),
    /Mark the right eye, left eye and nose on picture 1 \(Cat\)\. Mark the .* on picture 2 \(Dahlia\)\./,
  );
  const squares = page.locator('.marked .square');
  const at = async (/** @type {number} */ picture, /** @type {number} */ x, /** @type {number} */ y) => {
    const square = squares.nth(picture);
    await square.scrollIntoViewIfNeeded();
    const frame = await square.boundingBox();
    assert.ok(frame);
    return /** @type {[number, number]} */ ([frame.x + x * frame.width, frame.y + y * frame.height]);
  };
  // Three taps mark three parts, one after the other.
  for (const [x, y] of [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.5, 0.75],
  ])
    await page.mouse.click(...(await at(0, x ?? 0, y ?? 0)));
  assert.equal(await boxes(page), 3);
  assert.match(await halt(page), /^Mark the right eye, left eye and nose on picture 2 \(Dahlia\)\.$/);
  // One is drawn on the other picture; the rest by hand and by the list.
  await page.locator('.part').first().locator('label').click();
  await page.mouse.move(...(await at(1, 0.1, 0.1)));
  await page.mouse.down();
  await page.mouse.move(...(await at(1, 0.3, 0.2)));
  await page.mouse.move(...(await at(1, 0.5, 0.35)));
  await page.mouse.up();
  await page.mouse.click(...(await at(1, 0.7, 0.3)));
  assert.match(await halt(page), /^Mark the nose on picture 2 \(Dahlia\)\.$/);
  await page.locator('.numbers summary').click();
  await page.getByRole('button', { name: 'Put a box in the middle' }).click();
  await reached(page, 'done');
  const first = await numbers(page);
  assert.deepEqual(
    first.ask.parts.map((/** @type {any} */ one) => one.name),
    ['right eye', 'left eye', 'nose'],
  );
  assert.deepEqual(first.ask.parts[0].boxes[0], { top: 5, left: 5, rows: 5, cols: 5 });
  const drawn = first.ask.parts[0].boxes[1];
  assert.ok(
    Math.abs(drawn.left - 2.8) <= 1 && Math.abs(drawn.cols - 11.2) <= 1.5 && Math.abs(drawn.rows - 7) <= 1.5,
    JSON.stringify(drawn),
  );

  // Keys move and resize, Delete takes out, and Back brings it back.
  const box = page.locator('.marked').first().locator(".part-box[data-part='0']");
  await box.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', '+']) await page.keyboard.press(key);
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector('#box-0-0-cols')).value === '7',
  );
  await reached(page, 'done');
  assert.deepEqual((await numbers(page)).ask.parts[0].boxes[0], { top: 5, left: 6, rows: 7, cols: 7 });
  assert.notEqual(word(page, 'correspondence.on.cat'), null);
  const kept = page.url();
  await box.focus();
  await page.keyboard.press('Delete');
  await reached(page, 'idle');
  assert.match(await halt(page), /Mark the right eye on picture 1/);
  await page.goBack();
  await reached(page, 'done');
  assert.equal(page.url(), kept);
  assert.deepEqual((await numbers(page)).ask.parts[0].boxes[0], { top: 5, left: 6, rows: 7, cols: 7 });

  // A hand moves a box and pulls its corner, and never out of the picture.
  const frame = await box.boundingBox();
  assert.ok(frame);
  await page.mouse.move(frame.x + frame.width / 2, frame.y + frame.height / 2);
  await page.mouse.down();
  await page.mouse.move(frame.x - 400, frame.y - 10, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector('#box-0-0-left')).value === '0',
  );
  // A number does the same; one that does not fit is brought to the nearest that does.
  await page.locator('#box-0-0-left').fill('99');
  await page.locator('#box-0-0-left').press('Enter');
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector('#box-0-0-left')).value === '21',
  );
  await reached(page, 'done');

  // Parts have names of any kind, and can be added and taken out.
  await page.getByLabel('Name of part B').fill('右 eye, #1');
  await page.getByLabel('Name of part B').press('Enter');
  await page.waitForFunction(() => document.querySelector('.score-layer tbody')?.textContent?.includes('右 eye, #1'));
  await page.getByRole('button', { name: 'Remove part A: right eye' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.part').length === 2);
  await reached(page, 'done');
  const before = await numbers(page);
  assert.deepEqual(
    before.ask.parts.map((/** @type {any} */ one) => one.name),
    ['右 eye, #1', 'nose'],
  );
  await page.reload();
  await reached(page, 'done');
  const again = await numbers(page);
  assert.deepEqual([again.ask, again.layers, again.random], [before.ask, before.layers, before.random]);
  await page.getByRole('button', { name: 'Add a part' }).click();
  await reached(page, 'idle');
  assert.match(
    await halt(page),
    /Mark the right eye on picture 1 \(Cat\)\. Mark the right eye on picture 2 \(Dahlia\)\./,
  );
  // A third picture without a mark is no reason to wait.
  await page.goBack();
  await reached(page, 'done');
  await page.getByRole('button', { name: 'Add Daisy' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.marked').length === 3);
  await reached(page, 'done');
  assert.match(await page.locator('.marked').nth(2).innerText(), /Not marked, so left out/);
  assert.deepEqual(faults, []);
  await close();
});

test('on the bundled network eyes and nose are compared at once; Escape and Cancel stop it, and the page goes on', async () => {
  const { page, faults, close } = await visitor(browser, {
    query: '?backend=cpu#v=1&tab=correspondence&sample=coffee&correspondence.random=40',
  });
  await page.waitForSelector('[data-view=classes] li');
  await reached(page, 'idle');
  await page.getByRole('button', { name: /^Try/ }).click();
  const filled = () =>
    page.waitForFunction(() => document.querySelector('td[data-score=own]')?.textContent?.startsWith('0.'));
  await filled();
  await reached(page, 'running');
  await page.keyboard.press('Escape');
  await reached(page, 'stopped');
  const some = await numbers(page);
  assert.ok(some.layers[0].parts[0].delta.mean > 0, 'what has come stays, and can be saved');
  await page.getByRole('button', { name: 'Start again' }).click();
  await filled();
  await page.locator('.correspondence .progress').getByRole('button', { name: 'Cancel' }).click();
  await reached(page, 'stopped');
  await page.getByRole('tab', { name: 'Explore', exact: true }).click();
  await page.click('button[data-layer=conv2]');
  await projected(page, /^conv2 /);
  await page.getByRole('tab', { name: 'Parts', exact: true }).click();
  await page.getByLabel('Random places').fill('4');
  await page.waitForFunction(() => location.hash.includes('correspondence.random=4&'));
  await reached(page, 'done');
  const json = await numbers(page);
  assert.deepEqual(
    json.layers.map((/** @type {any} */ one) => one.layer),
    ['conv5', 'fc7'],
  );
  assert.deepEqual(
    json.pictures.map((/** @type {any} */ one) => one.file),
    [1, 2, 3, 4, 5].map((number) => `cougar-${number}.jpg`),
  );
  // The same sizes on each picture, so the parts share their random boxes.
  const [one, two, three] = json.random.map((/** @type {any} */ all) => JSON.stringify(all));
  assert.ok(one === two && two === three && json.random[0].length === 4);

  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.deepEqual(head, ['layer', 'part', 'delta', 'spread', 'random', 'random_spread']);
  const expected = json.layers.flatMap((/** @type {any} */ { layer, parts }) =>
    parts.map((/** @type {any} */ { part, delta, random }) =>
      [layer, part, delta.mean, delta.spread ?? '', random.mean, random.spread ?? ''].map(String),
    ),
  );
  // The table has the digits of single precision.
  const single = (/** @type {string[][]} */ all) =>
    all.map((row) => row.map((cell, at) => (at < 2 || cell === '' ? cell : Math.fround(Number(cell)))));
  assert.deepEqual(single(rows), single(expected));
  const { words, pictures } = await figure(page);
  assert.equal(pictures, 5);
  for (const said of [
    'right eye',
    'conv5',
    'fc7',
    'Means over 10 pairs of 5 pictures',
    'random positions each, seed 1',
  ])
    assert.ok(words.includes(said), `${said}: ${words}`);
  const [first] = json.layers[0].parts;
  assert.ok(words.includes(`${first.delta.mean.toFixed(3)} ± ${first.delta.spread.toFixed(3)}`), words);
  await page.reload();
  await reached(page, 'done');
  const again = await numbers(page);
  assert.deepEqual([again.layers, again.random], [json.layers, json.random]);
  assert.deepEqual(faults, []);
  await close();
});

test('a file without boxes is refused in words, and one of other pictures says which it did not find', async () => {
  const { page, faults, close } = await visitor(browser, { server: SMALL, query: TWO });
  await page.waitForFunction(() => document.querySelectorAll('.marked').length === 2);
  const told = page.locator('.ways .note');
  for (const [list, expected] of /** @type {[any, RegExp][]} */ ([
    [[], /expected a list .*found an empty list/],
    [{ a: 1 }, /found object/],
    [[{ file: 'cat.jpg', part: 'nose', box: [5, 5, 1, 9] }], /found .*cat\.jpg/],
  ])) {
    await load(page, list);
    await page.waitForFunction(
      (source) => new RegExp(source).test(document.querySelector('.ways .note')?.textContent ?? ''),
      expected.source,
    );
  }
  await load(
    page,
    ['cat.jpg', 'stranger.jpg', 'astronaut.jpg'].map((file) => ({ file, part: 'hat', box: [120, 40, 180, 90] })),
  );
  await page.waitForFunction(() => document.querySelectorAll('.marked').length === 3);
  await reached(page, 'done');
  assert.match(await told.innerText(), /2 boxes were loaded\. Not among the pictures here: stranger\.jpg\./);
  assert.equal(word(page, 'others'), 'flower,astronaut');
  assert.equal(word(page, 'correspondence.a'), 'hat');
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries({
  wide: {},
  '390 pixels, touch': { viewport: { width: 390, height: 844 }, hasTouch: true },
})) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const marked =
      'correspondence.on.cat=138,83,206,146:285,104,353,167:232,214,299,277&correspondence.on.flower=250,100,300,150:350,100,400,150';
    const { page, close } = await visitor(browser, { server: SMALL, context, query: `${TWO}&${marked}` });
    await page.waitForFunction(() => document.querySelectorAll('.marked').length === 2);
    await reached(page, 'idle');
    // The last one is put by a finger, or by what stands for it.
    await page.locator('.part').last().locator('label').click();
    const square = page.locator('.marked .square').last();
    if (dress.includes('touch')) await square.tap({ position: { x: 40, y: 200 } });
    else await square.click({ position: { x: 40, y: 200 } });
    await reached(page, 'done');
    await page.locator('.numbers summary').click();
    await isSound(page);
    await close();
  });
}
