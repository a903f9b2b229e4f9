// The square and the class names come whenever they like: whichever is first, the last square is what is looked at, and the
// names are there in the end. Here the engine's answers are held back by hand, so that every order can be had.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Runs a scene beside an `Opening` whose engine answers when it is told to. @param {string} scene the body of a function */
async function played(scene) {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&tab=learn' });
  const found = await page.evaluate(async (body) => {
    const { Opening } = await import(new URL('lens/photograph/opening.js', document.baseURI).href);
    const crop = (/** @type {number} */ left) => ({ left, top: 0, size: 10 });
    const photo = { id: 'one', blob: new Blob(), pixels: null };
    /** @type {{ crop: any, answer: (names?: boolean) => Promise<void> }[]} questions that wait for their answer */
    const asked = [];
    /** @type {(() => void)[]} */
    const named = [];
    const turn = () => new Promise((resolve) => setTimeout(resolve));
    /** The next question, once it is asked: a photograph has to be read first. */
    const question = async () => {
      while (asked.length === 0) await turn();
      return /** @type {typeof asked[number]} */ (asked.shift());
    };
    const network = { name: 'net', inputSize: [10, 10] };
    const session = {
      network,
      classifierFile: { bytes: 1 },
      running: {},
      ready: async () => {},
      features: async () => network,
      classifier: () => new Promise((resolve) => named.push(() => resolve(undefined))),
      call: (/** @type {string} */ operation, /** @type {any} */ { context }) => {
        if (operation === 'open')
          return Promise.resolve({ info: { width: 40, height: 10, crop: crop(0) }, preview: null });
        return new Promise((resolve) => {
          const wanted = context.crop ?? crop(0);
          const answer = (names = false) => {
            resolve({ look: { crop: wanted, classes: names ? ['a class'] : null }, seconds: 0 });
            return turn();
          };
          asked.push({ crop: wanted.left, answer });
        });
      },
    };
    const viewer = {
      view: /** @type {any} */ ({}),
      shown: /** @type {any} */ (null),
      dragging: false,
      leave() {},
      update() {},
      rested: () => turn(),
      show(/** @type {any} */ shown) {
        viewer.shown = shown;
      },
      setClasses(/** @type {any} */ look) {
        viewer.shown = { ...viewer.shown, look: { ...viewer.shown.look, classes: look.classes } };
      },
      stage: { open() {}, setInputSize() {} },
      classes: { offer() {}, setComing() {} },
    };
    const stages = { start() {}, set() {}, stop() {} };
    const nothing = () => {};
    /** @type {string[]} */
    const errors = [];
    const onError = (/** @type {unknown} */ error) => errors.push(String(error));
    const photographs = { keep() {} };
    const opening = new Opening({
      lens: {
        words: { t: (/** @type {string} */ key) => key },
        isOnPhone: false,
        samples: new URL('samples/', document.baseURI),
      },
      session,
      viewer,
      photographs,
      stages,
      onLeave: nothing,
      onStart: nothing,
      onChange: nothing,
      onShown: nothing,
      onError,
    });
    const open = () => opening.openBlob(photo.blob);
    const run = new Function(
      'tools',
      `return (async () => { const { opening, open, asked, question, named, turn, viewer, crop } = tools; ${body} })()`,
    );
    await run({ opening, open, asked, question, named, turn, viewer, crop });
    return {
      left: viewer.shown.look.crop.left,
      classes: viewer.shown.look.classes,
      waiting: asked.length,
      phase: opening.phase,
      errors,
    };
  }, scene);
  assert.deepEqual(faults, []);
  await close();
  assert.deepEqual(
    { ...found, classes: Boolean(found.classes) },
    { left: 7, classes: true, waiting: 0, phase: null, errors: [] },
  );
}

test('the names come between two places of a square that is dragged', () =>
  played(`
    const opened = open(); await (await question()).answer(); await opened;
    named.shift()(); await turn();           // the names are there, and asked for once more
    const first = asked.shift();
    opening.recrop(crop(3), false); await turn();
    await first.answer(true);                // they come while the square is on its way
    opening.recrop(crop(7), true);
    await asked.shift().answer(true); await turn();
    await asked.shift().answer(true); await turn();
  `));

test('the square is moved during the first look', () =>
  played(`
    const opened = open();
    const first = await question();
    opening.recrop(crop(7), true);
    await first.answer(true); await opened; await turn();
    await asked.shift().answer(true); await turn();
  `));

test('the names come while the square is looked at without them', () =>
  played(`
    const opened = open(); await (await question()).answer(); await opened;
    opening.recrop(crop(7), true); await turn();
    named.shift()(); await turn();           // too late for the look that is under way
    await asked.shift().answer(); await turn();
    named.shift()(); await turn();
    await asked.shift().answer(true); await turn();
  `));
