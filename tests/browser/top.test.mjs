// The Top nine tab: the visitor's own set against the golden file; stopped, taken up again and kept; galleries that came
// with the network or were opened; another network's; what can be taken away.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { DRESSES, isSound } from './axe.mjs';
import { bundled, colourOf, COUNT, folder, gallery, LAYERS, middles, NETWORK, pictures, stored } from './galleries.mjs';
import { launch } from './harness.mjs';
import { colours, download, figure, numbers, visitor } from './visitor.mjs';

const SMALL = { 'nets/top.safetensors': NETWORK };
const queryOn = (/** @type {string} */ backend) => `?weights=nets/top.safetensors&backend=${backend}#v=1&sample=flower`;
const SMALL_QUERY = queryOn('cpu');
const SHA = createHash('sha256').update(NETWORK).digest('hex');

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const openTab = (/** @type {Page} */ page) => page.getByRole('tab', { name: 'Top nine', exact: true }).click();

/** @param {Page} page @param {string} state @param {string} [run] of the set */
async function reached(page, state, run) {
  const wanted = `.experiment.top[data-state=${state}]` + (run ? ` .sources[data-run=${run}]` : '');
  await page.waitForSelector(wanted, { state: 'attached' }).catch(async (error) => {
    const found = await page
      .locator('.experiment.top')
      .evaluateAll((all) => all.map((one) => one.innerText.slice(0, 2000)));
    throw new Error(`expected ${wanted}, found ${found}: ${error.message}`);
  });
}

/** Brings files to one of the inputs. @param {Page} page @param {"files" | "folder" | "gallery"} input @param {any} files */
const bring = (page, input, files) => page.setInputFiles(`input[data-input=${input}]`, files);

/** What the browser has kept of the set. @param {Page} page @returns {Promise<any>} */
const kept = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const asked = indexedDB.open('zf-lens-top');
        asked.onsuccess = () => {
          const all = asked.result.transaction('sets').objectStore('sets').getAll();
          all.onsuccess = () => {
            const [set] = all.result;
            const plain = set?.state?.map((/** @type {any} */ one) => ({
              layer: one.layer,
              activation: [...one.activation],
              unit: [...one.unit],
            }));
            asked.result.close();
            resolve(set ? { ...set, state: plain } : null);
          };
        };
      }),
  );

for (const backend of ['cpu', 'webgpu']) {
  test(`on ${backend} a set of one's own gives the winners that sorting gives; a broken file is named; a reload keeps them`, async () => {
    const { page, server, faults, close } = await visitor(browser, {
      server: { also: SMALL },
      query: queryOn(backend),
    });
    await page.waitForSelector(`html[data-status=ready][data-backend=${backend}]`);
    await openTab(page);
    await reached(page, 'done');
    assert.match(await page.locator('.top-body .nothing').innerText(), /golden-top came without a gallery/);
    const before = server.asked.length;
    const broken = { name: 'set-0022.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('this is text') };
    await bring(page, 'files', [...pictures(), broken]);
    await reached(page, 'done', 'done');
    assert.match(page.url(), /top\.from=own/);
    const set = await kept(page);
    assert.deepEqual([set.done, set.skipped.length, set.list.length], [23, 1, 23]);
    assert.match(
      await page.locator('.unread').textContent().then(String),
      /set-0022\.jpg.*This file is not a picture\. .*found text/s,
    );
    for (const [at, layer] of LAYERS.entries()) {
      assert.equal(set.state[at].layer, layer);
      assert.deepEqual(set.state[at].activation, stored(`golden.${layer}.activation`, 'F32'), layer);
      assert.deepEqual(set.state[at].unit, stored(`golden.${layer}.unit`, 'I32'), layer);
    }

    // What is on view says the same, in words, as numbers and as pictures.
    await page.locator('select[data-choice=layer]').selectOption('conv2');
    await page.locator('select[data-choice=map]').selectOption('3');
    await page.waitForFunction(() =>
      document.querySelector('.experiment.top h2')?.textContent?.includes('map 3 of conv2'),
    );
    await reached(page, 'done');
    const found = await numbers(page);
    const units = stored('golden.conv2.unit', 'I32');
    const place = (/** @type {number} */ rank) => units.slice((3 * COUNT + rank) * 3, (3 * COUNT + rank) * 3 + 3);
    assert.equal(found.winners.length, COUNT);
    for (const [rank, winner] of found.winners.entries()) {
      assert.deepEqual([winner.picture, winner.row, winner.col], place(rank));
      assert.equal(winner.activation, 5);
      assert.equal(winner.name, `set-${String(winner.picture).padStart(4, '0')}.png`);
    }
    assert.equal(new Set(found.winners.map((/** @type {any} */ one) => one.picture)).size, COUNT);
    assert.equal(found.yours.activation, 5, 'this map answers to every picture alike');
    assert.equal(found.yours.place, COUNT + 1, 'an equal comes after those that were there before');
    assert.match(await page.locator('.ranking').innerText(), /Your picture/);
    const patches = page.locator('.top-nine ol[data-view=nine-patch] canvas');
    assert.equal(await patches.count(), COUNT);
    assert.ok((await colours(patches.first())) > 1);
    assert.equal(await page.locator('.top-nine .nobody').count(), 0);
    // A silent map, and one that fewer than nine pictures reach.
    await page.locator('select[data-choice=map]').selectOption('5');
    await page.locator('.top-body .nothing', { hasText: 'silent on every picture' }).waitFor();
    await page.goBack();
    await reached(page, 'done');
    await page.waitForFunction(
      () => document.querySelectorAll('.top-nine ol[data-view=nine-patch] canvas:not(.blank)').length === 9,
    );

    await page.reload();
    await reached(page, 'done');
    const again = await numbers(page);
    assert.deepEqual(
      [again.layer, again.map, again.gallery, again.winners],
      [found.layer, found.map, found.gallery, found.winners],
    );
    assert.ok((await colours(patches.first())) > 1, 'what was drawn is kept');
    assert.match(await page.locator('.sources').innerText(), /pictures themselves are not kept/);
    // Nothing of the pictures, their names least of all, has gone anywhere.
    const asked = server.asked.slice(before).join(' ');
    assert.doesNotMatch(asked + page.url(), /set-\d|gallery\.json/);

    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.top-body .nothing', { hasText: 'Choose a folder' }).waitFor();
    await page.reload();
    await reached(page, 'done');
    assert.equal(await kept(page), null);
    assert.ok(await page.locator('.top-body .nothing').isVisible());
    assert.deepEqual(faults, []);
    await close();
  });
}

test('a run that is stopped keeps what it has, goes on, and ends as one that was not; the Favourite tab shows its nine', async () => {
  const few = pictures();
  const many = folder(
    Object.fromEntries(
      Array.from({ length: 240 }, (_, at) => [
        `many-${String(at).padStart(4, '0')}.png`,
        few[(at * 7) % few.length].buffer,
      ]),
    ),
  );
  const { page, faults, close } = await visitor(browser, {
    server: { also: SMALL },
    query: `${SMALL_QUERY}&tab=top&layer=conv3&map=1`,
  });
  await reached(page, 'done');
  await bring(page, 'folder', many.path);
  await page.waitForFunction(() => /^([1-9]\d*) of 240/.test(document.querySelector('.run .bytes')?.textContent ?? ''));
  // Others are answered meanwhile, and what is known so far is on view before the end.
  await page.waitForSelector('.top-nine ol[data-view=nine-projection] canvas:not(.blank)');
  await page.locator('.run').getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('.sources[data-run=stopped]');
  // What is known is written down after it is said.
  let stopped = await kept(page);
  while (!stopped) stopped = await kept(page);
  assert.ok(stopped.done > 0 && stopped.done < 240, `${stopped.done} done`);
  assert.match(await page.locator('.sources').innerText(), /Stopped after \d+ of 240/);
  // Not by itself, and not from the start: from where it was, with the same files chosen again after a reload.
  await page.reload();
  await reached(page, 'done');
  await bring(page, 'folder', many.path);
  await page.waitForFunction(
    (done) => Number(/^(\d+) of 240/.exec(document.querySelector('.run .bytes')?.textContent ?? '')?.[1] ?? 0) >= done,
    stopped.done,
  );
  await page.keyboard.press('Escape');
  await page.waitForSelector('.sources:not([data-run=running])');
  if (await page.getByRole('button', { name: 'Go on' }).isVisible())
    await page.getByRole('button', { name: 'Go on' }).click();
  await reached(page, 'done', 'done');
  const whole = await kept(page);
  assert.equal(whole.done, 240);

  // Other pictures replace them only when that is wanted.
  await bring(page, 'files', few);
  await page.getByRole('button', { name: 'Keep them' }).click();
  assert.deepEqual((await kept(page)).state, whole.state);

  await page.getByRole('tab', { name: 'Favourite', exact: true }).click();
  await page.waitForSelector('.nine-beside ol[data-view=nine-patch] canvas:not(.blank)');
  assert.equal(await page.locator('.nine-beside ol[data-view=nine-patch] canvas').count(), COUNT);
  assert.deepEqual(faults, []);
  await close();

  const other = await visitor(browser, { server: { also: SMALL }, query: `${SMALL_QUERY}&tab=top&top.from=own` });
  await reached(other.page, 'done');
  await bring(other.page, 'folder', many.path);
  await reached(other.page, 'done', 'done');
  assert.deepEqual((await kept(other.page)).state, whole.state);
  await other.close();
  many.remove();
});

test('a gallery that was opened is shown tile by tile, and kept; what is no gallery is refused', async () => {
  const layers = [
    { layer: 'conv1', maps: 6 },
    { layer: 'conv2', maps: 7 },
    { layer: 'conv3', maps: 5 },
  ];
  const own = folder(gallery({ network: 'golden-top', features: SHA, layers, patches: true }));
  const { page, faults, close } = await visitor(browser, {
    server: { also: SMALL },
    query: `${SMALL_QUERY}&tab=top&layer=conv2&map=4`,
  });
  await reached(page, 'done');
  await bring(page, 'gallery', own.path);
  await page.waitForFunction(() => location.hash.includes('top.from=opened'));
  await reached(page, 'done');
  const ranks = Array.from({ length: COUNT }, (_, rank) => rank);
  assert.deepEqual(
    await middles(page, 'projection'),
    ranks.map((rank) => colourOf(4, rank, false)),
  );
  assert.deepEqual(
    await middles(page, 'patch'),
    ranks.map((rank) => colourOf(4, rank, true)),
  );
  assert.doesNotMatch(await page.locator('.sources').innerText(), /made with/);
  assert.match(await page.locator('.sources').innerText(), /5,?000 pictures/);
  // The overview leads on: a click on a map shows its nine.
  const keys = page.locator('.top-overview .keypad');
  await keys.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => location.hash.includes('map=5'));
  await reached(page, 'done');
  assert.deepEqual(
    await middles(page, 'projection'),
    ranks.slice(0, 4).map((rank) => colourOf(5, rank, false)),
  );
  assert.equal(await page.locator('.top-nine ol[data-view=nine-projection] .nobody').count(), 5);
  await page.reload();
  await reached(page, 'done');
  assert.deepEqual(
    await middles(page, 'projection'),
    ranks.slice(0, 4).map((rank) => colourOf(5, rank, false)),
  );

  const foreign = folder(
    gallery({
      network: 'somebody-else',
      features: '0'.repeat(64),
      layers: [
        { layer: 'first', maps: 4 },
        { layer: 'second', maps: 3 },
      ],
      patches: true,
    }),
  );
  await bring(page, 'gallery', foreign.path);
  await page.locator('.sources', { hasText: 'made with somebody-else, not with golden-top' }).waitFor();
  await reached(page, 'done');
  await page.locator('select[data-choice=layer]').selectOption('first');
  await page.locator('select[data-choice=map]').selectOption('1');
  await page.waitForFunction(() =>
    document.querySelector('.experiment.top h2')?.textContent?.includes('map 1 of first'),
  );
  await reached(page, 'done');
  assert.deepEqual(
    await middles(page, 'projection'),
    ranks.map((rank) => colourOf(1, rank, false)),
  );
  assert.equal(await page.locator('.ranking .yours').count(), 0, 'the picture on view was seen by another network');

  const files = gallery({ network: 'golden-top', features: SHA, layers });
  const json = JSON.parse(files['gallery.json'].toString());
  const { 'conv2.projections.png': _sheet, ...rest } = files;
  const wrongs = {
    'zf-lens gallery 2': {
      ...files,
      'gallery.json': Buffer.from(JSON.stringify({ ...json, format: 'zf-lens gallery 2' })),
    },
    'no JSON': { ...files, 'gallery.json': Buffer.from('<!doctype html>') },
    'conv2.projections.png beside': rest,
    '../secret': {
      ...files,
      'gallery.json': Buffer.from(files['gallery.json'].toString().replace('"conv1.projections.png"', '"../secret"')),
    },
  };
  for (const [what, broken] of Object.entries(wrongs)) {
    const path = folder(broken);
    await bring(page, 'gallery', path.path);
    const said = page.locator('.refusal', { hasText: what === '../secret' ? 'those of conv1' : what });
    await said.waitFor();
    assert.match(await said.innerText(), /Expected .*found /s);
    path.remove();
  }
  assert.deepEqual(faults, []);
  own.remove();
  foreign.remove();
  await close();
});

test('the gallery that ships is of the network that ships: it opens at the map that the photograph woke', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat&layer=conv5' });
  await page.waitForSelector('html[data-status=ready]');
  await openTab(page);
  await reached(page, 'done');
  const [, map] = /&map=(\d+)/.exec(await page.evaluate(() => location.hash)) ?? [];
  const { winners, yours, ...json } = await numbers(page);
  assert.deepEqual([json.layer, String(json.map)], ['conv5', map]);
  assert.ok(winners.length === COUNT && yours.activation > 0, 'the photograph has its place among them');
  assert.deepEqual(faults, []);
  await close();
});

test('the gallery of the training comes when it is wanted, sheet by sheet, and can be taken away', async () => {
  const also = bundled();
  const { page, server, faults, close } = await visitor(browser, {
    server: { also },
    query: '?backend=cpu#v=1&sample=cat&layer=conv4&map=17',
  });
  await page.waitForSelector('html[data-status=ready]');
  const fetched = () => server.asked.filter((path) => path.includes('/gallery/'));
  await openTab(page);
  await reached(page, 'done');
  // The strip beside the projection and the tab share them.
  assert.deepEqual(fetched(), ['weights/gallery/gallery.json', 'weights/gallery/conv4.projections.png']);
  const ranks = Array.from({ length: COUNT }, (_, rank) => rank);
  assert.deepEqual(
    await middles(page, 'projection'),
    ranks.map((rank) => colourOf(17 % 12, rank, false)),
  );
  assert.ok(await page.locator('.blocks figure').nth(1).isHidden(), 'no photograph of the training set');
  assert.match(await page.locator('.sources').innerText(), /only the projections/);

  const json = await numbers(page);
  assert.deepEqual([json.format, json.layer, json.map, json.gallery.from], ['zf-lens top 1', 'conv4', 17, 'training']);
  const explored = await page.evaluate(() => location.hash);
  assert.match(explored, /layer=conv4&map=17/);
  const [head, ...rows] = (await download(page, 'Save as a table'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.equal(rows.length, COUNT + 1);
  for (const rank of ranks) {
    const cell = (/** @type {string} */ name) => Number(rows[rank][head.indexOf(name)]);
    const winner = json.winners[rank];
    assert.deepEqual(
      [cell('rank'), cell('picture'), cell('activation'), cell('scale')],
      [rank + 1, winner.picture, winner.activation, winner.scale],
    );
    assert.equal(cell('left'), winner.window.left);
  }
  assert.deepEqual(rows[COUNT].slice(2, 6), [
    'yours',
    ...[json.yours.row, json.yours.col, json.yours.activation].map(String),
  ]);
  const { words, pictures: drawn } = await figure(page);
  // Projections alone, and the photograph's own with its patch.
  assert.equal(drawn, COUNT + 2);
  for (const said of ['Number 1:', 'Your picture', 'computed with'])
    assert.ok(words.includes(said), `${said}: ${words}`);

  // The strip of layers leads from sheet to sheet.
  await page.click('button[data-layer=conv2]');
  await page.waitForFunction(() => document.querySelector('.experiment.top h2')?.textContent?.includes('conv2'));
  await reached(page, 'done');
  assert.deepEqual(fetched().slice(2), ['weights/gallery/conv2.projections.png']);
  assert.deepEqual(faults, []);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, and nothing sticks out: ${dress}`, async () => {
    const { page, close } = await visitor(browser, {
      server: { also: SMALL },
      context,
      query: `${SMALL_QUERY}&tab=top&layer=conv2&map=1`,
    });
    await reached(page, 'done');
    await bring(page, 'files', [
      ...pictures(),
      { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('text') },
    ]);
    await reached(page, 'done', 'done');
    await page.locator('.unread summary').click();
    await isSound(page);
    await close();
  });
}
