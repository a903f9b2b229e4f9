// A visitor who stays for long: three thousand projections through the page, and the last of them make neither the engine nor the page grow.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { projected, sample, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

test('pointing a thousand times leaves the memory level', async () => {
  const { page, context, faults, close } = await visitor(browser);
  await page.setInputFiles('input[type=file]', sample('cat'));
  await projected(page, /^conv5 /);
  await page.waitForSelector('[data-view=classes] li');
  const devtools = await context.newCDPSession(page);
  const measure = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const { nodes } = await devtools.send('Memory.getDOMCounters');
    await page.locator('.badge').click();
    const dialog = page.locator('dialog[open][data-memory]');
    const engine = Number(await dialog.getAttribute('data-memory'));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    return { page: usedSize, nodes, engine };
  };

  /** Points at one unit after the other, and waits for each to be drawn. @param {number} count */
  const point = (count) =>
    page.evaluate(async (count) => {
      const keypad = /** @type {HTMLElement} */ (document.querySelector('.sheet .keypad'));
      const projection = /** @type {HTMLElement} */ (document.querySelector('canvas[data-view=projection]'));
      const frame = keypad.getBoundingClientRect();
      let drawn = 0;
      let turn = 0;
      while (drawn < count) {
        const answered = new Promise((resolve) => {
          const watch = new MutationObserver(() => (watch.disconnect(), resolve(undefined)));
          watch.observe(projection, { attributeFilter: ['data-of'] });
        });
        const before = projection.dataset.of;
        const x = frame.left + (((turn * 37) % 97) / 97) * frame.width;
        const y = frame.top + (((turn * 53) % 89) / 89) * frame.height;
        turn++;
        keypad.dispatchEvent(
          new PointerEvent('pointermove', { clientX: x, clientY: y, pointerType: 'mouse', bubbles: true }),
        );
        await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 400))]);
        if (projection.dataset.of !== before) drawn++;
        if (turn > 3 * count) throw new Error(`${drawn} projections after ${turn} units were pointed at`);
      }
      keypad.dispatchEvent(new PointerEvent('pointerleave'));
      return drawn;
    }, count);

  // The first two thousand fill what the engine keeps for all pictures: templates of the way down, 16 MB at most.
  await point(100);
  const first = await measure();
  await point(1900);
  const early = await measure();
  assert.ok(early.engine - first.engine <= 16 << 20, `from ${first.engine} to ${early.engine}`);
  assert.equal(await point(1000), 1000);
  const late = await measure();
  const grown = `from ${JSON.stringify(early)} to ${JSON.stringify(late)}`;
  assert.ok(late.engine - early.engine <= 1 << 20, grown);
  assert.ok(late.page - early.page <= 6 << 20, grown);
  assert.ok(late.nodes - early.nodes <= 200, grown);
  assert.deepEqual(faults, []);
  await close();
});
