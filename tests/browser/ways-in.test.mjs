// The other ways in beside the file dialogue: dropping, pasting, the camera.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./harness.mjs";
import { colours, projected, visitor } from "./visitor.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);
});
after(async () => {
  await browser?.close();
});

/** Puts a function into the page that draws a photograph-like picture. @param {import("playwright-core").Page} page */
const painter = (page) =>
  page.evaluate(() => {
    Object.assign(window, {
      paintPicture: async (/** @type {number} */ width, /** @type {number} */ height) => {
        const canvas = new OffscreenCanvas(width, height);
        const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
        const sky = pen.createLinearGradient(0, 0, 0, height);
        sky.addColorStop(0, "#4a86c8");
        sky.addColorStop(1, "#e9d8a6");
        pen.fillStyle = sky;
        pen.fillRect(0, 0, width, height);
        pen.fillStyle = "#7f3b08";
        for (let at = 0; at < 12; at++) pen.fillRect((at * width) / 12, height / 2 + ((at * 37) % 50), width / 24, height / 2);
        return new File([await canvas.convertToBlob({ type: "image/png" })], "drawn.png", { type: "image/png" });
      },
    });
  });

/** @param {import("playwright-core").Page} page */
const sizeOfPhoto = (page) =>
  page.locator("canvas[data-view=photo]").evaluate((/** @type {HTMLCanvasElement} */ canvas) => [canvas.width, canvas.height]);

test("a picture dropped anywhere is opened, and a veil says that it may be let go", { timeout: 120_000 }, async () => {
  const { page, faults, close } = await visitor(browser);
  await painter(page);
  const veiled = await page.evaluate(async () => {
    const carried = new DataTransfer();
    carried.items.add(await /** @type {any} */ (window).paintPicture(320, 240));
    const event = (/** @type {string} */ type) =>
      new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true });
    const veil = /** @type {HTMLElement} */ (document.querySelector(".veil"));
    document.body.dispatchEvent(event("dragenter"));
    const whileOver = !veil.hidden;
    document.body.dispatchEvent(event("dragover"));
    document.body.dispatchEvent(event("drop"));
    return [whileOver, !veil.hidden];
  });
  assert.deepEqual(veiled, [true, false]);
  await projected(page, /^conv5 /);
  assert.deepEqual(await sizeOfPhoto(page), [320, 240]);
  assert.deepEqual(faults, []);
  await close();
});

test("a picture pasted with the keyboard is opened", { timeout: 120_000 }, async () => {
  const { page, faults, close } = await visitor(browser);
  await painter(page);
  await page.evaluate(async () => {
    const carried = new DataTransfer();
    carried.items.add(await /** @type {any} */ (window).paintPicture(200, 300));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true }));
  });
  await projected(page, /^conv5 /);
  assert.deepEqual(await sizeOfPhoto(page), [200, 300]);
  assert.deepEqual(faults, []);
  await close();
});

test("the Paste button reads the clipboard, and says so when there is no picture on it", { timeout: 120_000 }, async () => {
  const { page, context, server, faults, close } = await visitor(browser);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(server.url).origin });
  await painter(page);
  await page.evaluate(() => navigator.clipboard.writeText("words only"));
  const paste = page.locator(".landing").getByRole("button", { name: "Paste" });
  await paste.click();
  await page.getByText("There is no picture on the clipboard.").waitFor();
  await page.evaluate(async () => {
    const file = await /** @type {any} */ (window).paintPicture(256, 256);
    await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([file], { type: "image/png" }) })]);
  });
  await paste.click();
  await projected(page, /^conv5 /);
  assert.deepEqual(await sizeOfPhoto(page), [256, 256]);
  assert.deepEqual(faults, []);
  await close();
});

test("the camera takes a picture and is switched off afterwards", { timeout: 120_000 }, async () => {
  const { page, faults, close } = await visitor(browser);
  await page.evaluate(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      Object.assign(window, { tracks: stream.getTracks() });
      return stream;
    };
  });
  await page.locator(".landing").getByRole("button", { name: "Camera" }).click();
  await page.getByRole("button", { name: "Take the picture" }).click();
  await projected(page, /^conv5 /);
  const [width, height] = await sizeOfPhoto(page);
  assert.ok(width > 100 && height > 100, `${width} by ${height}`);
  assert.ok((await colours(page.locator("canvas[data-view=photo]"))) > 8);
  const states = await page.evaluate(() => /** @type {any} */ (window).tracks.map((/** @type {MediaStreamTrack} */ track) => track.readyState));
  assert.deepEqual(states, ["ended"]);
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test("a camera that is refused is told in words", { timeout: 60_000 }, async () => {
  const { page, close } = await visitor(browser);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("Permission denied", "NotAllowedError"));
  });
  await page.locator(".landing").getByRole("button", { name: "Camera" }).click();
  await page.getByText("The camera cannot be used: Permission denied").waitFor();
  assert.equal(await page.locator("html").getAttribute("data-status"), "idle");
  await close();
});
