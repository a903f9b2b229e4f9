// Several Workers for one long question: to the bit the answers of one; and what becomes of it when it is cancelled, when the
// photograph or the network changes, when a Worker does not come up or dies, on a phone, and afterwards.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, open } from './harness.mjs';
import { inWords, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A page with the engine alone; `engine` in it has what the tests ask. @param {Parameters<typeof open>[0]} [options] */
async function engines(options) {
  const visit = await open({ browser, query: 'embed.html', ...options });
  await visit.page.evaluate(async () => {
    const at = (/** @type {string} */ path) => new URL(path, document.baseURI).href;
    const { EngineClient } = await import(at('lens/engine/client.js'));
    const { Session } = await import(at('lens/engine/session.js'));
    const call = EngineClient.prototype.call;
    /** Who has answered parts. @type {Set<unknown>} */
    const helpers = new Set();
    EngineClient.prototype.call = async function (
      /** @type {string} */ op,
      /** @type {any} */ ask,
      /** @type {any[]} */ ...rest
    ) {
      const answer = await call.call(this, op, ask, ...rest);
      if (['mosaic', 'experiment'].includes(op)) helpers.add(this);
      return answer;
    };
    const blobs = Object.fromEntries(
      await Promise.all(
        ['cat', 'coffee'].map(async (name) => [name, await (await fetch(at(`samples/${name}.jpg`))).blob()]),
      ),
    );
    const context = (/** @type {string} */ name) => ({
      photo: { id: name, blob: blobs[name], pixels: null },
      crop: null,
    });
    /** Bytes as they are, and all else as JSON has it. @param {unknown} value */
    const digest = async (value) => {
      const plain = (/** @type {string} */ _, /** @type {any} */ one) =>
        ArrayBuffer.isView(one) ? [...new Uint8Array(one.buffer, one.byteOffset, one.byteLength)].join() : one;
      const words = new TextEncoder().encode(JSON.stringify(value, plain));
      return [...new Uint8Array(await crypto.subtle.digest('SHA-256', words))].join();
    };
    /** @param {string | null} workers @param {string | null} [share] */
    const session = async (workers, share = null) => {
      const made = new Session({
        forced: 'cpu',
        share,
        workers,
        weightsAddress: async () => at('weights/manifest.json'),
        onStage() {},
        onClassifierBytes() {},
        onRunning() {},
      });
      await made.ready();
      await made.features();
      await made.classifier();
      return made;
    };
    const square = { size: 48, fill: 'mean', layer: null, map: null, class: null, batch: 2 };
    const method = { method: 'score_cam', layer: 'conv1' };
    const methods = [
      { method: { method: 'saliency' }, class: 3, head: null },
      { method, class: 3, head: null },
      { method: { method: 'saliency' }, class: 4, head: null },
      { method, class: 4, head: null },
    ];
    /** Each question gives its answer and its parts. @type {Record<string, (session: any, name?: string, more?: any) => Promise<{ answer: any, parts: any[] }>>} */
    const questions = {
      async mosaic(session, name = 'cat', more = {}) {
        const { look } = await session.call('look', { context: context(name) }, { channel: 'look' });
        const { layer, strongest } = look.layers.at(-1);
        const units = strongest.flatMap((/** @type {any} */ { map, row, col }) => [map, row, col]);
        const manner = { rule: 'deconvnet', stretch: 'quantile', sharedScale: null };
        /** @type {any[]} */
        const parts = [];
        const onChunk = (/** @type {any} */ part) => (parts.push(part), more.onPart?.(parts));
        const ask = { context: context(name), layer, units, manner };
        return { answer: await session.call('mosaic', ask, { channel: 'mosaic', ...more, onChunk }), parts };
      },
      async occlusion(session, name = 'cat', more = {}) {
        /** @type {any[]} */
        const parts = [];
        const onPart = (/** @type {any} */ part) => (parts.push(part), more.onPart?.(parts));
        const { stride = 16, ...rest } = more;
        const options = { context: context(name), ...rest, onPart };
        return { answer: await session.experiment('occlusion', { ...square, stride }, options), parts };
      },
      async attribution(session, name = 'cat', more = {}) {
        /** @type {any[]} */
        const parts = [];
        const onPart = (/** @type {any} */ part) => parts.push(part);
        const options = { context: context(name), ...more, onPart };
        const answer = await session.experiment('attribution', { questions: methods, heads: [], batch: 8 }, options);
        // Those of a question come in their order, whatever comes between them.
        return { answer, parts: parts.toSorted((a, b) => a.at - b.at) };
      },
      async topObserve(session) {
        const broken = { photo: { id: 'broken', blob: new Blob(['no picture']), pixels: null }, crop: null };
        const pictures = Array.from({ length: 7 }, (_, at) => {
          const pixels = new Uint8ClampedArray(64 * 64 * 4).map((_, of) =>
            of % 4 === 3 ? 255 : (of * (at + 3)) % 251,
          );
          return { photo: { id: `${at}`, blob: new Blob([pixels]), pixels: { width: 64, height: 64 } }, crop: null };
        });
        const ask = (/** @type {any} */ state, /** @type {number} */ first) =>
          session.experiment(
            'topObserve',
            { state, count: 3, numbers: pictures.map((_, at) => first + at).concat(first + 7), together: 4 },
            { context: null, pictures: [...pictures, broken], channel: 'set' },
          );
        const { state } = await ask(null, 0);
        // Equal pictures with higher numbers win nothing from these.
        return { answer: await ask(state, 20), parts: [state] };
      },
    };
    Object.assign(globalThis, { engine: { at, session, questions, digest, helpers, context } });
  });
  return visit;
}

test('a long question has one answer, and the same parts, whether one Worker answers it or several', async () => {
  const { page, faults, close } = await engines();
  for (const name of ['mosaic', 'occlusion', 'attribution', 'topObserve']) {
    const found = await page.evaluate(async (name) => {
      const { session, questions, digest, helpers } = /** @type {any} */ (globalThis).engine;
      const all = [];
      for (const workers of ['1', '2', '3']) {
        const mine = await session(workers);
        helpers.clear();
        // The first time the others come in the middle, the second time they are there.
        for (let round = 0; round < (workers === '2' ? 2 : 1); round++) {
          const { answer, parts } = await questions[name](mine);
          all.push({
            workers,
            parts: parts.length,
            digest: await digest([answer, parts]),
            answer: JSON.stringify(answer).slice(0, 200),
            likeness: parts.at(-1).likeness,
          });
        }
        Object.assign(all.at(-1) ?? {}, { helpers: helpers.size });
        mine.close();
      }
      return all;
    }, name);
    assert.equal(new Set(found.map((one) => one.digest)).size, 1, `${name}: ${JSON.stringify(found)}`);
    const helpers = found.filter((one) => 'helpers' in one).map((one) => one.helpers);
    // What is short may be over before the third has come.
    const [one, two, more = 0] = helpers;
    assert.ok(one === 1 && two === 2 && (more === 3 || (name === 'topObserve' && more === 2)), `${name}: ${helpers}`);
    const [first] = found;
    if (name !== 'topObserve') assert.ok((first?.parts ?? 0) > 10, `${first?.parts} parts of ${name}`);
    if (name === 'attribution') assert.ok(Math.abs(first?.likeness) <= 1, `${first?.likeness}`);
    if (name === 'topObserve') assert.match(first?.answer ?? '', /layer/);
  }
  assert.deepEqual(faults, []);
  await close();
});

test('cancelled in the middle it ends at once, and the next question is answered as ever', async () => {
  const { page, faults, close } = await engines();
  const { code, waited, equal, together } = await page.evaluate(async () => {
    const { session, questions, digest } = /** @type {any} */ (globalThis).engine;
    const [one, two] = [await session('1'), await session('2')];
    await questions.occlusion(two);
    const control = new AbortController();
    let at = 0;
    const cancelled = questions.occlusion(two, 'cat', {
      signal: control.signal,
      onPart: (/** @type {any[]} */ { length }) => length === 5 && ((at = performance.now()), control.abort()),
    });
    const code = await cancelled.catch((/** @type {any} */ error) => error.code);
    const waited = performance.now() - at;
    // Another photograph, as it is when the visitor goes on; then two photographs at once.
    const digests = async (/** @type {any[]} */ answers) => Promise.all(answers.map((one) => digest(one)));
    const alone = [await questions.occlusion(one, 'coffee'), await questions.mosaic(one, 'cat')];
    const next = await digest(await questions.occlusion(two, 'coffee'));
    const both = await Promise.all([questions.occlusion(two, 'coffee'), questions.mosaic(two, 'cat')]);
    const expected = await digests(alone);
    return { code, waited, equal: next === expected[0], together: String(await digests(both)) === String(expected) };
  });
  assert.equal(code, 'aborted');
  assert.ok(waited < 1000, `${waited} ms`);
  assert.ok(equal && together, `${equal}, ${together}`);
  assert.deepEqual(faults, []);
  await close();
});

test('of two questions of a kind the newer one is answered', async () => {
  const { page, close } = await engines();
  const { older, newer } = await page.evaluate(async () => {
    const { session, questions } = /** @type {any} */ (globalThis).engine;
    const two = await session('2');
    /** @type {Promise<any> | null} */
    let second = null;
    const begin = (/** @type {any[]} */ { length }) => {
      if (length === 5) second = questions.occlusion(two, 'coffee', { stride: 32 });
    };
    const older = await questions
      .occlusion(two, 'cat', { onPart: begin })
      .catch((/** @type {any} */ error) => error.code);
    return { older, newer: (await second).parts.at(-1).done };
  });
  assert.deepEqual({ older, newer }, { older: 'superseded', newer: 36 });
  await close();
});

test('another network in the middle: no answer is a mixture, and the others have it for the next question', async () => {
  const { page, faults, close } = await engines();
  const { middle, equal, helpers } = await page.evaluate(async () => {
    const { at, session, questions, digest, helpers } = /** @type {any} */ (globalThis).engine;
    const [one, two] = [await session('1'), await session('2')];
    const other = at('weights/alexnet/manifest.json');
    const asks = () => questions.mosaic(one).then(digest);
    const old = await asks();
    await questions.mosaic(two);
    /** @type {Promise<unknown> | null} */
    let taken = null;
    const take = () => (taken ??= two.take(other, () => {}, new AbortController().signal));
    const middle = await questions.occlusion(two, 'cat', { onPart: take }).then(
      () => 'answered',
      (/** @type {any} */ error) => error.code,
    );
    await taken;
    await one.take(other, () => {}, new AbortController().signal);
    helpers.clear();
    await questions.mosaic(two);
    const now = await questions.mosaic(two).then(digest);
    return { middle, equal: now === (await asks()) && now !== old, helpers: helpers.size };
  });
  // What the first answers then is of one network, if it can be asked of that at all.
  assert.match(middle, /answered|superseded|unknown-layer|no-network|out-of-range/);
  assert.ok(equal);
  assert.equal(helpers, 3, 'one, and two that share');
  assert.deepEqual(faults, []);
  await close();
});

for (const [what, break_] of /** @type {const} */ ([
  ['does not come up', 'refused'],
  ['finds no program', 'bare'],
  ['dies in the middle', 'mortal'],
])) {
  test(`a Worker that ${what} is done without, and not a part is lost`, async () => {
    const { page, close } = await engines();
    const { equal, workers } = await page.evaluate(async (break_) => {
      const { session, questions, digest } = /** @type {any} */ (globalThis).engine;
      const [one, two] = [await session('1'), await session('2')];
      const Own = Worker;
      let workers = 0;
      globalThis.Worker = class extends Own {
        /** @param {[any, any]} given */
        constructor(...given) {
          workers++;
          if (break_ === 'refused') throw new Error('Forbidden.');
          super(...given);
          if (break_ === 'mortal')
            setTimeout(() => (this.terminate(), this.onerror?.(/** @type {any} */ ({ message: '' }))), 2500);
        }
        /** @param {any} message @param {any} more */
        postMessage(message, more) {
          if (break_ === 'bare' && message.op === 'start')
            message.ask = { ...message.ask, module: 'data:text/javascript,' };
          super.postMessage(message, more);
        }
      };
      const alone = await digest(await questions.occlusion(one));
      const together = [];
      for (let round = 0; round < 3; round++) together.push(await digest(await questions.occlusion(two)));
      return { equal: together.every((one) => one === alone), workers };
    }, break_);
    assert.ok(equal);
    // Where a script may not be started from its address, one more way is tried; none is tried again for the next question.
    assert.equal(workers, break_ === 'refused' ? 2 : 1);
    await close();
  });
}

test('lenses that share an engine are helped as well', async () => {
  const { page, faults, close } = await engines();
  const { place, equal, helpers } = await page.evaluate(async () => {
    const { session, questions, digest, helpers } = /** @type {any} */ (globalThis).engine;
    const alone = await digest(await questions.occlusion(await session('1')));
    const shared = await session('2', 'a page');
    helpers.clear();
    await questions.occlusion(shared);
    const equal = (await digest(await questions.occlusion(shared))) === alone;
    return { place: shared.running.place, equal, helpers: helpers.size };
  });
  assert.deepEqual({ place, equal, helpers }, { place: 'shared', equal: true, helpers: 2 });
  assert.deepEqual(faults, []);
  await close();
});

/** How many Workers a page has while it answers a question, unasked how many there may be. @param {Parameters<typeof engines>[0]} options */
async function workersOf(options) {
  const visit = await engines(options);
  await visit.page.evaluate(async () => {
    const { session, questions } = /** @type {any} */ (globalThis).engine;
    const mine = await session(null);
    await questions.occlusion(mine);
    await questions.occlusion(mine);
  });
  return { ...visit, count: visit.page.workers().length };
}

test('a phone has one Worker; a computer has others, which end when nothing long is asked', async () => {
  const phone = await workersOf({ context: { isMobile: true, hasTouch: true } });
  assert.equal(phone.count, 1);
  await phone.close();
  const { page, count, close } = await workersOf({});
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  assert.equal(count, Math.min(4, Math.ceil((cores + 1) / 2)));
  assert.ok(cores < 2 || count > 1);
  const until = Date.now() + 60_000;
  while (page.workers().length > 1 && Date.now() < until) await page.waitForTimeout(200);
  assert.equal(page.workers().length, 1);
  await close();
});

test('in the page every map is drawn by several, and a wrong number of them is named', async () => {
  const hash = '#v=1&sample=cat&layer=conv5&show=projections';
  const { page, faults, close } = await visitor(browser, { query: `?backend=cpu&workers=2${hash}` });
  await page.waitForSelector('canvas[data-view=mosaic]');
  await page.waitForSelector('html[data-status=ready]');
  await page.waitForFunction(() => document.querySelector('.explorer[aria-busy=true]') === null);
  assert.deepEqual(faults, []);
  await close();
  const wrong = await visitor(browser, { query: '?backend=cpu&workers=many&#v=1&sample=cat&tab=occlusion&lang=en' });
  await inWords(wrong.page, 'Expected 1 to 4 workers; found many.').waitFor();
  await wrong.close();
});
