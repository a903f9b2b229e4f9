// A panorama: its square is large enough to be seen and held, and gets to both ends by pointer and by keys.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './harness.mjs';
import { projected, visitor } from './visitor.mjs';

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** A strip of colours as a file. @param {import("playwright-core").Page} page @param {number} width @param {number} height */
async function strip(page, width, height) {
  const bytes = await page.evaluate(
    async ({ width, height }) => {
      const canvas = new OffscreenCanvas(width, height);
      const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      for (let at = 0; at < 40; at++) {
        pen.fillStyle = `hsl(${at * 37} 80% ${30 + (at % 5) * 10}%)`;
        pen.fillRect((at * width) / 40, (at * height) / 60, width / 40, height);
      }
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    },
    { width, height },
  );
  return { name: 'strip.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

for (const { width, height } of [
  { width: 6000, height: 300 },
  { width: 300, height: 6000 },
]) {
  test(`a square of ${width} × ${height} pixels is seen, dragged, resized and moved by keys`, async () => {
    const { page, faults, close } = await visitor(browser);
    await page.setInputFiles('input[type=file]', await strip(page, width, height));
    await projected(page, /^conv5 /);
    const square = page.locator('.crop');
    const isSeen = async (least = 90) => {
      const [box, pane] = [await square.boundingBox(), await page.locator('.pane').boundingBox()];
      assert.ok(box && pane);
      assert.ok(Math.min(box.width, box.height) >= least, `${box.width} × ${box.height}`);
      const inside =
        box.x >= pane.x - 1 &&
        box.y >= pane.y - 1 &&
        box.x + box.width <= pane.x + pane.width + 1 &&
        box.y + box.height <= pane.y + pane.height + 1;
      assert.ok(inside, JSON.stringify({ box, pane }));
      return box;
    };
    const wide = width > height;
    const length = Math.max(width, height);
    /** The square's place along the strip and its side, in pixels of the photograph. */
    const along = () =>
      square.evaluate((element, [wide, length]) => {
        const { left, top, width, height } = element.style;
        return {
          at: (parseFloat(wide ? left : top) * length) / 100,
          size: (parseFloat(wide ? width : height) * length) / 100,
        };
      }, /** @type {const} */ ([wide, length]));
    // The class names bring a look of their own, which must not come between.
    await page.waitForSelector('[data-view=classes] li');
    await projected(page, /^conv5 /);
    const box = await isSeen();
    const first = await along();
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + (wide ? 60 : 0), middle.y + (wide ? 0 : 60), { steps: 4 });
    await page.mouse.up();
    const dragged = await along();
    assert.ok(dragged.at > first.at + 60 && dragged.at < length, JSON.stringify({ first, dragged }));
    assert.ok(Math.abs(dragged.size - first.size) < 1, JSON.stringify({ first, dragged }));
    await projected(page, /^conv5 /);
    // Held at its corner it becomes smaller.
    const corner = await page.locator('.crop .handle.se').boundingBox();
    assert.ok(corner);
    await page.mouse.move(corner.x + 20, corner.y + 20);
    await page.mouse.down();
    await page.mouse.move(corner.x - 20, corner.y - 20, { steps: 4 });
    await page.mouse.up();
    const resized = await along();
    assert.ok(
      resized.size < dragged.size - 50 && Math.abs(resized.at - dragged.at) < 2,
      JSON.stringify({ dragged, resized }),
    );
    await projected(page, /^conv5 /);
    await square.press('End');
    assert.ok(Math.abs((await along()).at + resized.size - length) < 2, `${(await along()).at}`);
    await isSeen(50);
    await square.press('Home');
    assert.equal((await along()).at, 0);
    await isSeen(50);
    await projected(page, /^conv5 /);
    assert.deepEqual(faults, []);
    await close();
  });
}
