// A pointer that is quicker than the engine: nothing is queued, one projection at most is out of date, and what comes is drawn at once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { spy } from './spy.mjs';
import { projected, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

test('over the maps, one projection is computed at a time, at most one of them stale, and each is on screen with the next frame', async () => {
  const { page, faults, close } = await visitor(browser, { query: '?backend=cpu#v=1&sample=cat&layer=conv5&map=3' });
  await projected(page, /^conv5 3,/);
  await page.waitForSelector('[data-view=classes] li');
  await spy(page);
  const found = await page.evaluate(async () => {
    const keypad = /** @type {HTMLElement} */ (document.querySelector('.sheet .keypad'));
    const projection = /** @type {HTMLElement} */ (document.querySelector('canvas[data-view=projection]'));
    const { left, top, width, height } = keypad.getBoundingClientRect();
    /** When a projection came to stand there, and of what. @type {{ of: string, at: number }[]} */
    const drawn = [];
    new MutationObserver(() => drawn.push({ of: projection.dataset.of ?? '', at: performance.now() })).observe(
      projection,
      { attributeFilter: ['data-of'] },
    );
    // Over the sheet and back, several places in every frame of the screen.
    const moves = 240;
    for (let move = 0; move < moves; move++) {
      const at = { clientX: left + (((move * 37) % 97) / 97) * width, clientY: top + (move / moves) * height * 0.6 };
      keypad.dispatchEvent(new PointerEvent('pointermove', { ...at, pointerType: 'mouse', bubbles: true }));
      if (move % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 4));
    }
    const last = performance.now();
    const { notes } = /** @type {any} */ (window);
    while (document.documentElement.dataset.status !== 'ready')
      await new Promise((resolve) => requestAnimationFrame(resolve));
    const units = notes.questions.filter((/** @type {any} */ { channel }) => channel === 'unit');
    const answers = units.map((/** @type {any} */ { answered }) => answered);
    return {
      moves,
      most: notes.most.unit,
      asked: units.length,
      failed: units.filter((/** @type {any} */ { failed }) => failed).length,
      after: units.filter((/** @type {any} */ { answered }) => answered > last).length,
      begun: units.filter((/** @type {any} */ { at }) => at > last).length,
      others: notes.questions.filter((/** @type {any} */ { channel }) => channel !== 'unit').length,
      shown: drawn.at(-1)?.of,
      wanted: units.at(-1)?.ask.units.join(','),
      layer: units.at(-1)?.ask.layer,
      waits: drawn.map(({ at }) => at - Math.max(...answers.filter((/** @type {number} */ time) => time <= at))),
    };
  });
  assert.equal(found.most, 1, 'no question waits behind another');
  assert.ok(found.asked > 4 && found.asked < found.moves, `${found.asked} projections of ${found.moves} places`);
  assert.equal(found.failed, 0, 'none was asked in vain');
  // When the pointer rests, one may be under way that is out of date; behind it comes the place where it rests.
  assert.ok(found.after <= 2 && found.begun <= 1, `${found.after} came after the pointer had stopped`);
  assert.equal(found.others, 0, 'nothing else is asked for a pointer');
  assert.equal(found.shown, `${found.layer} ${found.wanted}`);
  // What has come is drawn in the turn in which it comes, before the next frame of the screen.
  const late = found.waits.filter((/** @type {number} */ wait) => wait > 16);
  assert.ok(late.length <= found.waits.length / 10, `${late.length} of ${found.waits.length} were late: ${late}`);
  assert.deepEqual(faults, []);
  await close();
});
