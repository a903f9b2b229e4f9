// Where a lens stands its styles hold, and nowhere else: in shadow roots and in a document that is not ours, by its own width, in its
// own theme and language, whatever the page around it says of text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, open } from './harness.mjs';

/** A page that shouts. */
const PAGE = `<!doctype html><html lang="zh" data-theme="dark"><style>
  :root { --zf-accent: rgb(0, 128, 0) }
  body { color: red; font: italic 30px/3 monospace; letter-spacing: 5px; text-transform: uppercase; text-align: right; cursor: wait; direction: rtl }
</style><body><h1>Theirs</h1><button class="button print" hidden>Theirs</button><p class="note">Theirs</p><main></main>`;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {NonNullable<Parameters<typeof open>[0]>["server"]} [server] */
async function visit(server = {}) {
  const also = { 'plain.html': Buffer.from(PAGE) };
  const visited = await open({
    browser,
    query: 'plain.html',
    server: { also, ...server },
    context: { viewport: { width: 1400, height: 900 }, colorScheme: 'light' },
  });
  await visited.page.evaluate(async () => {
    const { Lens } = await import(new URL('lens/lens.js', location.href).href);
    const { FIRST } = await import(new URL('lens/styles/adopt.js', location.href).href);
    /** A lens of so many pixels, in a shadow root or not. */
    const put = async (/** @type {number} */ width, /** @type {string[]} */ sheets, isOpen = true) => {
      const host = document.createElement('div');
      host.style.width = `${width}px`;
      document.querySelector('main')?.append(host);
      const root = isOpen ? host.attachShadow({ mode: 'open' }) : host;
      const lens = new Lens({ folder: new URL('./', location.href), language: 'en' });
      lens.element.innerHTML =
        '<h1>Ours</h1><p class="note">Ours</p><progress></progress><button class="button">Ours</button>';
      if (isOpen) await lens.enter(root);
      else root.append(lens.element);
      await Promise.all([...FIRST, ...sheets].map((path) => lens.adopt(path)));
      return { host, root, lens };
    };
    Object.assign(window, { put });
  });
  return visited;
}

const TOP = ['experiments/experiment.css', 'experiments/top/nine.css', 'experiments/top/top.css'];
const LEARN = [
  'experiments/experiment.css',
  'experiments/learn/learn.css',
  'experiments/learn/grids.css',
  'experiments/arithmetic/arithmetic.css',
];

test('two lenses share their sheets, which hold in one order however they came', async () => {
  const { page, server, close } = await visit();
  const found = await page.evaluate(
    async ([top, learn]) => {
      const { put } = /** @type {any} */ (window);
      const one = await put(1300, [...top, ...learn]);
      const other = await put(500, [...learn].reverse());
      await Promise.all([...top].reverse().map((path) => other.lens.adopt(path)));
      /** @type {CSSStyleSheet[][]} */
      const [sheets = [], others] = [one, other].map(({ root }) => root.adoptedStyleSheets);
      const place = (/** @type {string} */ words) =>
        sheets.findIndex(({ cssRules }) => [...cssRules].some(({ cssText }) => cssText.includes(words)));
      return {
        same: sheets.length === others?.length && sheets.every((sheet, at) => sheet === others[at]),
        count: sheets.length,
        places: ['color-scheme:', '.experiment ', '.nine ', '--cold:', '.cells ', 'scroll-margin-block: 16px'].map(
          place,
        ),
        document: document.adoptedStyleSheets.length,
      };
    },
    [TOP, LEARN],
  );
  assert.equal(found.same, true);
  assert.equal(found.count, 9 + 6);
  assert.deepEqual(found.places, [0, 8, 9, 10, 11, 12]);
  assert.equal(found.document, 0);
  for (const path of [...TOP, ...LEARN])
    assert.equal(server.asked.filter((asked) => asked === `lens/${path}`).length, 1, path);
  await close();
});

test("nothing of the page's text comes into a lens, and nothing of a lens out, in a shadow root or without", async () => {
  const { page, close } = await visit();
  const looks = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('body, h1, p, button')]
        .filter((one) => !one.closest('.lens'))
        .map((one) => {
          const style = getComputedStyle(one);
          return [...style]
            .map((name) => `${name}: ${style.getPropertyValue(name)}`)
            .filter((line) => !/^(height|block-size|perspective-origin|transform-origin):/.test(line))
            .join('; ');
        }),
    );
  const before = await looks();
  for (const isOpen of [true, false]) {
    const found = await page.evaluate(async (isOpen) => {
      const { lens } = await /** @type {any} */ (window).put(900, [], isOpen);
      const of = (/** @type {string} */ name) => {
        const {
          color,
          fontSize,
          fontStyle,
          letterSpacing,
          textTransform,
          textAlign,
          direction,
          cursor,
          backgroundColor,
        } = getComputedStyle(lens.element.querySelector(name) ?? lens.element);
        return {
          color,
          fontSize,
          fontStyle,
          letterSpacing,
          textTransform,
          textAlign,
          direction,
          cursor,
          backgroundColor,
        };
      };
      const look = (/** @type {string} */ name) =>
        getComputedStyle(/** @type {Element} */ (lens.element.querySelector(name)));
      return { note: of('p'), accent: look('progress').accentColor, button: look('button').fontSize };
    }, isOpen);
    const plain = { fontStyle: 'normal', letterSpacing: 'normal', textTransform: 'none', direction: 'ltr' };
    assert.deepEqual(found.note, {
      ...plain,
      color: 'rgb(98, 91, 81)',
      fontSize: '13px',
      textAlign: 'start',
      cursor: 'auto',
      backgroundColor: 'rgba(0, 0, 0, 0)',
    });
    assert.equal(found.accent, 'rgb(0, 128, 0)', 'as the page wants it');
    assert.equal(found.button, '15px');
    assert.deepEqual(await looks(), before, isOpen ? 'a shadow root' : 'the document');
  }
  await close();
});

test('a lens goes by its own width, theme and language', async () => {
  const { page, close } = await visit();
  const found = await page.evaluate(async () => {
    const { host, lens } = await /** @type {any} */ (window).put(500, []);
    const { element } = lens;
    const frames = async () => {
      for (let at = 0; at < 3; at++) await new Promise(requestAnimationFrame);
    };
    const below = [element.dataset.below];
    let told = 0;
    lens.onWidth(() => told++);
    const gaps = [getComputedStyle(element).paddingLeft];
    for (const width of [470, 1179, 1180]) {
      host.style.width = `${width}px`;
      await frames();
      below.push(element.dataset.below);
    }
    gaps.push(getComputedStyle(element).paddingLeft);
    host.hidden = true;
    host.style.display = 'none';
    await frames();
    below.push(element.dataset.below);
    const colours = ['', 'dark', 'light'].map((theme) => {
      element.dataset.theme = theme;
      return [lens.isDark, getComputedStyle(element).color];
    });
    const serif = () => getComputedStyle(element).getPropertyValue('--serif').includes('Songti');
    const fonts = ['en', 'zh-Hans'].map((tag) => ((element.lang = tag), serif()));
    return { below, told, gaps, colours, fonts };
  });
  assert.deepEqual(found, {
    below: ['760 1180', '480 760 1180', '1180', '', ''],
    told: 3,
    gaps: ['16px', '28px'],
    colours: [
      [false, 'rgb(29, 27, 24)'],
      [true, 'rgb(240, 236, 228)'],
      [false, 'rgb(29, 27, 24)'],
    ],
    fonts: [false, true],
  });
  await close();
});

test('a sheet that does not come is named, and asked for again', async () => {
  let isThere = false;
  const alter = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path.endsWith('unit.css') && !isThere ? { status: 404 } : body;
  const { page, close } = await visit({ alter });
  const ask = () =>
    page.evaluate(async () => {
      const { lens } = await /** @type {any} */ (window).put(900, []);
      return lens.adopt('experiments/unit/unit.css').then(
        () => 'it holds',
        (/** @type {Error} */ error) => error.message,
      );
    });
  assert.match(await ask(), /^no style sheet at http.*lens\/experiments\/unit\/unit\.css$/);
  isThere = true;
  assert.equal(await ask(), 'it holds');
  await close();
});
