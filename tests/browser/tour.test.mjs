// The tour: offered and never forced, on the visitor's own picture; left, resumed, written by others, recorded; and the ways
// from a print to what explains it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { complaints } from './axe.mjs';
import { launch } from './harness.mjs';
import { projected, sample, visitor, word } from './visitor.mjs';

/** @typedef {import("playwright-core").Page} Page */
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const OWN = JSON.parse(readFileSync(new URL('../../www/tour/tour.json', import.meta.url), 'utf8'));
const card = (/** @type {Page} */ page) => page.locator('.tour');
const take = (/** @type {Page} */ page) => page.locator('.tour-take:visible');
/** Waits for a stop. @param {Page} page @param {number} at @param {string} title @param {number} [of] */
const stop = (page, at, title, of = OWN.stops.length) =>
  page.waitForFunction(
    ([count, title]) =>
      document.querySelector('.tour .count')?.textContent === count &&
      document.querySelector('.tour h2')?.textContent === title,
    [`${at} / ${of}`, title],
  );
const tab = (/** @type {Page} */ page, /** @type {string} */ name) => page.waitForSelector(`.table[data-tab=${name}]`);
const title = (/** @type {number} */ at, /** @type {"en" | "zh"} */ language = 'en') =>
  OWN.stops[at - 1].title[language];

/** @param {object[]} stops @param {object} [more] */
const file = (stops, more) =>
  Buffer.from(JSON.stringify({ format: 'zf-lens tour 1', title: { en: 'Two' }, stops, ...more }));
const STOP = { title: { en: 'One', zh: '一' }, text: { en: 'Look.', zh: '看。' }, hash: '#tab=explore&layer=conv2' };

test('it is offered on the first page, comes when it is asked for, and goes through its stops on the picture that is taken', async () => {
  const { page, server, faults, close } = await visitor(browser);
  await page.waitForFunction(() => document.querySelectorAll('.wall .tile').length > 4);
  assert.equal(await take(page).innerText(), 'Take the tour, a minute’s read');
  assert.deepEqual(
    server.asked.filter((path) => path.startsWith('tour/')),
    [],
    'nothing of it is fetched before',
  );
  assert.equal(await card(page).count(), 0);
  await take(page).click();
  await stop(page, 1, title(1));
  assert.match(await card(page).innerText(), /about your own picture/);
  assert.equal(
    await page.evaluate(() => document.activeElement?.closest('.tour') !== null),
    true,
    'the keys go on in it',
  );
  await card(page)
    .getByRole('button', { name: /^Take the sample/ })
    .click();
  await projected(page, /^conv5 /);
  await page.waitForFunction(() =>
    document.querySelector('.tour .words p')?.textContent?.startsWith('This feature map'),
  );
  await page.waitForSelector('.inspector[data-tour-here]');
  const next = card(page).getByRole('button', { name: 'Next' });
  await next.click();
  await stop(page, 2, title(2));
  await page.waitForSelector('.journey-section[data-tour-here]');
  assert.equal(await page.locator('[data-tour-here]').count(), 1);
  // What a stop asks for is done in the page, which is as free as ever.
  await page.locator('.journey [data-layer=conv1]').click();
  await projected(page, /^conv1 /);
  await next.click();
  await stop(page, 3, title(3));
  await page.waitForSelector('.learn[data-state=done] [data-lesson=switches][data-tour-here]');
  assert.equal(word(page, 'learn.lesson'), 'switches');
  await page.getByText(/Activations of your picture: map \d+ of conv1/).waitFor();
  await next.click();
  await tab(page, 'top');
  // The layer of the first stop.
  await page.waitForFunction(() => location.hash.includes('layer=conv5'));
  // The slow ones are not waited for.
  for (const [at, name] of /** @type {[number, string][]} */ ([
    [5, 'occlusion'],
    [6, 'invariance'],
    [7, 'attribution'],
  ])) {
    await next.click();
    await stop(page, at, title(at));
    await tab(page, name);
    await page.waitForSelector(`.${name}:not([hidden])`);
    if (name === 'occlusion')
      await card(page)
        .getByText(/Still computing/)
        .waitFor();
  }
  assert.equal(word(page, 'sample'), 'cat');
  await card(page).getByRole('button', { name: 'Finish' }).click();
  assert.equal(await card(page).locator('.words p').first().innerText(), OWN.end.en);
  assert.equal(await page.locator('[data-tour-here]').count(), 0);
  // From there back, and to a photograph of one's own.
  await card(page).getByRole('button', { name: 'Back' }).click();
  await stop(page, 7, title(7));
  await card(page).getByRole('button', { name: 'Finish' }).click();
  const choosing = page.waitForEvent('filechooser');
  await card(page).getByRole('button', { name: 'Choose a photograph' }).click();
  await choosing;
  assert.equal(await card(page).isVisible(), false);
  await page.locator('.tabs [data-tab=explore]').click();
  assert.equal(await take(page).innerText(), 'Take the tour, a minute’s read', 'it is through');
  assert.deepEqual(faults, []);
  await close();
});

test("the visitor's own picture and square stay; the keys go on, back and out; it is gone on with where it was left", async () => {
  const { page, faults, close } = await visitor(browser);
  await page.setInputFiles('input[type=file]', sample('china'));
  await projected(page, /^conv5 /);
  await page.getByLabel(/^Crop that/).focus();
  await page.keyboard.press('ArrowRight');
  await projected(page, /^conv5 /);
  // The address follows a moment later.
  await page.waitForFunction(() => history.state?.crop);
  const crop = await page.evaluate(() => JSON.stringify(history.state?.crop));
  await take(page).click();
  await stop(page, 1, title(1));
  await page.keyboard.press('ArrowRight');
  await stop(page, 2, title(2));
  await page.keyboard.press('ArrowRight');
  await stop(page, 3, title(3));
  await tab(page, 'learn');
  await page.keyboard.press('ArrowLeft');
  await stop(page, 2, title(2));
  await tab(page, 'explore');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await tab(page, 'top');
  assert.equal(word(page, 'sample'), null);
  assert.equal(await page.evaluate(() => JSON.stringify(history.state?.crop)), crop);
  await page.keyboard.press('Escape');
  assert.equal(await card(page).isVisible(), false);
  assert.equal(
    await page.evaluate(
      () =>
        document.activeElement?.closest('.tour, body > :not(.tour)') !== null &&
        document.activeElement !== document.body,
    ),
    true,
    'the focus is somewhere',
  );
  await page.locator('.tabs [data-tab=explore]').click();
  assert.equal(await take(page).innerText(), 'Go on with the tour');
  await take(page).click();
  await stop(page, 4, title(4));
  await tab(page, 'top');
  // Folded it is a line, and stays one.
  await card(page).getByRole('button', { name: 'Hide the text' }).click();
  assert.equal(await card(page).locator('.words').isVisible(), false);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.wall .tile').length > 4);
  assert.equal(await card(page).count(), 0, 'it does not open by itself');
  await take(page).click();
  await stop(page, 4, title(4));
  assert.equal(await card(page).locator('.words').isVisible(), false);
  await card(page).getByRole('button', { name: 'Show the text' }).click();
  assert.match(await card(page).innerText(), /about your own picture/);
  assert.deepEqual(faults, []);
  await close();
});

test("a teacher's tour: the reader's language, a sample for one stop, and back to the reader's picture and square", async () => {
  const also = {
    'lessons/two.json': file([
      { ...STOP, at: 'journey' },
      {
        title: { en: 'Rocket' },
        text: { en: 'Another.' },
        do: { en: 'Look there.' },
        hash: '#tab=explore&sample=rocket&layer=conv3&map=5&lang=zh&theme=dark',
      },
      { title: { en: 'Yours' }, text: { en: 'Again.' }, hash: '#rule=guided' },
    ]),
  };
  const { page, faults, close } = await visitor(browser, {
    query: '?backend=cpu&tour=lessons/two.json',
    server: { also },
  });
  await stop(page, 1, 'One', 3);
  assert.match(await card(page).innerText(), /about your own picture/);
  await page.setInputFiles('input[type=file]', sample('china'));
  await projected(page, /^conv2 /);
  await page.keyboard.press('ArrowRight');
  await stop(page, 2, 'Rocket', 3);
  await projected(page, /^conv3 5,/);
  assert.equal(word(page, 'sample'), 'rocket');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.keyboard.press('ArrowRight');
  await stop(page, 3, 'Yours', 3);
  await page.waitForFunction(() => typeof history.state?.photo === 'string' && !location.hash.includes('sample='));
  await projected(page, /^conv3 5,/);
  assert.equal(word(page, 'rule'), 'guided');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await stop(page, 1, 'One', 3);
  await projected(page, /^conv2 /);
  await page.locator('.tools [data-t=language]').click();
  await stop(page, 1, '一', 3);
  assert.match(await card(page).innerText(), /看。/);
  assert.deepEqual(faults, []);
  await close();
});

test("a bad tour says in the reader's language what was expected and found, and takes nothing away", async () => {
  /** @type {[string, Buffer, RegExp, RegExp][]} */
  const bad = [
    [
      'text.json',
      Buffer.from('no tour at all'),
      /Expected JSON; found “no tour at all”/,
      /应为 JSON；实际是“no tour at all”/,
    ],
    [
      'old.json',
      file([STOP], { format: 'zf-lens tour 9' }),
      /In format: expected "zf-lens tour 1"; found “zf-lens tour 9”/,
      /format：应为 "zf-lens tour 1"/,
    ],
    ['none.json', file([]), /In stops: expected a list of 1 to 60 stops; found 0/, /1 到 60 站的列表；实际是0/],
    [
      'tab.json',
      file([STOP, { ...STOP, hash: '#tab=explor' }]),
      /In stops\[1\]\.hash: expected one of the tabs explore, .*; found “explor”/,
      /stops\[1\]\.hash：应为下列标签页之一/,
    ],
    [
      'at.json',
      file([{ ...STOP, at: 'roof' }]),
      /stops\[0\]\.at: expected one of photo.*; found “roof”/,
      /下列之一：photo/,
    ],
    [
      'words.json',
      file([{ ...STOP, text: 'plain' }]),
      /stops\[0\]\.text: expected words by language.*; found “plain”/,
      /按语言给出的文字/,
    ],
    [
      'hash.json',
      file([{ ...STOP, hash: undefined }]),
      /stops\[0\]\.hash: expected a view.*; found nothing/,
      /实际是空/,
    ],
  ];
  const also = Object.fromEntries(bad.map(([name, text]) => [name, text]));
  for (const [name, , en, zh] of bad) {
    const { page, close } = await visitor(browser, {
      query: `?backend=cpu&tour=${name}#v=1&tab=learn`,
      server: { also },
    });
    await page.waitForSelector('.tour[data-state=failed]');
    assert.match(await card(page).innerText(), en);
    assert.match(await card(page).innerText(), /is unchanged/);
    await page.locator('.tools [data-t=language]').click();
    assert.match(await card(page).innerText(), zh);
    assert.equal(word(page, 'tab'), 'learn');
    assert.equal(await page.locator('html').getAttribute('data-error'), null);
    await close();
  }
  const { page, close } = await visitor(browser, { query: '?backend=cpu&tour=nowhere.json' });
  await page.waitForSelector('.tour[data-state=failed]');
  assert.match(await card(page).innerText(), /status 404 from http:.*nowhere\.json/);
  await card(page).getByRole('button', { name: 'Take the page’s own tour' }).click();
  await stop(page, 1, title(1));
  await close();
});

test('the present view becomes a stop; the file that is downloaded is a tour, in both languages', async () => {
  /** @type {Record<string, Buffer>} */
  const also = {};
  const query = '?backend=cpu&tour=record#v=1&sample=cat&layer=conv3&map=7';
  const { page, server, faults, close } = await visitor(browser, { query, server: { also } });
  await page.waitForSelector('.tour[data-state=record]');
  await projected(page, /^conv3 7,/);
  const add = card(page).getByRole('button', { name: 'Add the current view' });
  await add.click();
  assert.match(await card(page).innerText(), /needs a title and a text/);
  await card(page).getByLabel('Title of the tour').fill('My lesson');
  await card(page).getByLabel('Title of the stop').fill('Seven');
  await card(page).getByLabel('Two sentences').fill('This is map seven. It is a map.');
  await card(page).getByLabel('Always with the sample').check();
  await add.click();
  await page.locator('.tabs [data-tab=occlusion]').click();
  await card(page).getByLabel('Title of the stop').fill('Covered');
  await card(page).getByLabel('Two sentences').fill('Cover it.');
  await add.click();
  assert.equal(await card(page).locator('li').count(), 2);
  // The other language is added where the page speaks it.
  await page.locator('.tools [data-t=language]').click();
  await card(page).getByLabel('导览的标题').fill('我的课');
  await card(page).locator('li .words').first().click();
  await projected(page, /^conv3 7,/);
  await card(page).getByLabel('这一站的标题').fill('七');
  await card(page).getByLabel('两句话').fill('这是七。');
  await card(page).getByRole('button', { name: '保存修改，并用当前视图' }).click();
  const coming = page.waitForEvent('download');
  await card(page).getByRole('button', { name: '下载导览' }).click();
  const download = await coming;
  assert.equal(download.suggestedFilename(), 'zf-lens-tour.json');
  const text = readFileSync(await download.path());
  const made = JSON.parse(text.toString());
  assert.equal(made.format, 'zf-lens tour 1');
  assert.deepEqual(made.title, { en: 'My lesson', zh: '我的课' });
  assert.deepEqual(made.stops[0].title, { en: 'Seven', zh: '七' });
  assert.match(made.stops[0].hash, /^#tab=explore&layer=conv3&.*sample=cat.*map=7/);
  assert.match(made.stops[1].hash, /^#tab=occlusion/);
  assert.doesNotMatch(made.stops[1].hash, /sample|crop|lang/);
  // Tried out, it comes back to where it is made.
  await card(page).getByRole('button', { name: '试着走一遍' }).click();
  await stop(page, 1, '七', 2);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.tour[data-state=record]');
  // And it opens from its address, elsewhere.
  also['made.json'] = text;
  await page.goto(`${server.url}?backend=cpu&tour=made.json#v=1&lang=en`);
  await stop(page, 1, 'Seven', 2);
  await projected(page, /^conv3 7,/);
  assert.deepEqual(faults, []);
  await close();
});

test('where nothing may be stored it works, and is gone on with as long as the page is open', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&tab=learn' });
  await page.addInitScript(() => {
    Object.defineProperty(window, 'sessionStorage', {
      get() {
        throw new DOMException('refused', 'SecurityError');
      },
    });
  });
  await page.goto(page.url().replace(/#.*/, ''));
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.wall .tile').length > 4);
  await take(page).click();
  await stop(page, 1, title(1));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  // This one needs no picture.
  await stop(page, 3, title(3));
  await page.waitForSelector('.learn[data-state=done] [data-lesson=switches][data-tour-here]');
  await page.keyboard.press('Escape');
  assert.equal(await card(page).isVisible(), false);
  await page.locator('.wordmark').click();
  assert.equal(await take(page).innerText(), 'Go on with the tour');
  // The page was loaded anew before it was whole.
  assert.deepEqual(
    faults.filter((fault) => !fault.startsWith('request:')),
    [],
  );
  await close();
});

test('“Explain this” under a print leads to the piece of Learn for its operation', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat' });
  await projected(page, /^conv5 /);
  /** @param {string} piece */
  const explained = async (piece) => {
    await page.waitForFunction(
      (name) => new URLSearchParams(location.hash.slice(1)).get('learn.lesson') === name,
      piece,
    );
    await page.waitForFunction(
      (name) => document.activeElement?.closest(`.learn [data-lesson=${name}]`) !== null,
      piece,
    );
    await page.waitForFunction((name) => {
      const box = document.querySelector(`.learn [data-lesson=${name}]`)?.getBoundingClientRect();
      return box && box.top > -4 && box.top < innerHeight / 2;
    }, piece);
    await page.goBack();
    await page.waitForSelector('.table[data-tab=explore]');
  };
  const layers = { conv1: 'convolution', conv2: 'pooling', conv4: 'rectifier' };
  for (const [layer, piece] of Object.entries(layers)) {
    await page.getByRole('button', { name: `Explain this: ${layer}` }).click();
    await explained(piece);
  }
  await page.locator('.inspector .hero .explain').click();
  await explained('back');
  // On another tab likewise.
  await page.goto(`${page.url().replace(/#.*/, '')}#v=1&sample=cat&tab=top`);
  await page.locator('.top .reading .explain').click();
  await page.waitForFunction(() => document.activeElement?.closest('.learn [data-lesson=back]') !== null);
  assert.deepEqual(faults, []);
  await close();
});

test('without its switch a maximum lands in the first place of its window', async () => {
  const { page, close } = await visitor(browser, { query: '?backend=cpu#v=1&tab=learn&learn.lesson=pooling' });
  await page.waitForSelector('.learn[data-state=done]');
  const numbers = (/** @type {string} */ view) =>
    page
      .locator(`[data-view=learn-${view}] tbody td`)
      .evaluateAll((all) =>
        all.map((one) => Number((one.querySelector('button')?.firstChild ?? one).textContent?.replace('−', '-'))),
      );
  const pooled = await numbers('pooled');
  await page.locator('[data-lesson=pooling]').getByText('lost', { exact: true }).click();
  await page.waitForFunction(() => location.hash.includes('learn.switches=off'));
  await page.waitForFunction(() =>
    document.querySelector('[data-view=learn-switch]')?.textContent?.startsWith('Without its switch'),
  );
  const back = await numbers('unpooled');
  assert.deepEqual(
    back.filter((_, at) => Math.floor(at / 6) % 2 === 0 && at % 2 === 0),
    pooled,
  );
  assert.equal(
    back.reduce((sum, one) => sum + one, 0),
    pooled.reduce((sum, one) => sum + one, 0),
    'nothing anywhere else',
  );
  await close();
});

/** @type {Record<string, import("playwright-core").BrowserContextOptions>} */
const DRESSES = {
  'wide and dark': { colorScheme: 'dark' },
  '768 pixels, Chinese': { viewport: { width: 768, height: 1024 }, locale: 'zh-CN' },
  '390 pixels': { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  '320 pixels, Chinese': { viewport: { width: 320, height: 640 }, locale: 'zh-CN' },
};
for (const [dress, context] of Object.entries(DRESSES)) {
  test(`axe-core finds nothing, nothing sticks out, and the card covers nothing that it speaks of: ${dress}`, async () => {
    const { page, close } = await visitor(browser, { context, query: '?backend=cpu#v=1&sample=cat' });
    const language = context.locale ? 'zh' : 'en';
    await projected(page, /^conv5 /);
    await take(page).click();
    for (let at = 1; at <= 5; at++) {
      await stop(page, at, title(at, language));
      await page.waitForSelector('[data-tour-here]');
      // Until it has come to rest: a busy page begins to move late.
      let [before, still] = [NaN, 0];
      while (still < 5) {
        await page.waitForTimeout(200);
        const now = await page.evaluate(
          () => document.querySelector('[data-tour-here]')?.getBoundingClientRect().top ?? 0,
        );
        still = now === before ? still + 1 : 0;
        before = now;
      }
      const { found } = await complaints(page, '.tour');
      assert.deepEqual(found, [], `stop ${at}`);
      const seen = await page.evaluate(() => {
        const here = /** @type {Element} */ (document.querySelector('[data-tour-here]')).getBoundingClientRect();
        const card = /** @type {Element} */ (document.querySelector('.tour')).getBoundingClientRect();
        const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        return { over, free: card.top, top: here.top, bottom: here.bottom, share: card.height / innerHeight };
      });
      assert.ok(seen.over <= 0, `stop ${at}: ${seen.over} pixels too wide`);
      assert.ok(seen.share <= 0.5, `stop ${at}: the card takes ${seen.share} of the page`);
      // What is larger than the room begins in it, or a line above, where what stands before it came late.
      assert.ok(
        seen.bottom <= seen.free + 1 || (seen.top >= -48 && seen.top < seen.free * 0.5),
        `stop ${at}: ${JSON.stringify(seen)}`,
      );
      await page.keyboard.press('ArrowRight');
    }
    await card(page)
      .getByRole('button', { name: language === 'zh' ? '收起文字' : 'Hide the text' })
      .click();
    const height = await card(page).evaluate((one) => one.getBoundingClientRect().height);
    assert.ok(height < 110, `folded it is ${height} high`);
    // The form of a tour of one's own.
    await page.goto(page.url().replace('?backend=cpu', '?backend=cpu&tour=record'));
    await page.waitForSelector('.tour[data-state=record]');
    const { found } = await complaints(page, '.tour');
    assert.deepEqual(found, [], 'recording');
    assert.ok(
      (await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0,
    );
    await close();
  });
}
