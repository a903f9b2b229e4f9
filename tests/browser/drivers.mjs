// Firefox and WebKit (the engine of Safari), driven as far as one visit needs. Chromium has its own harness.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

import puppeteer from 'puppeteer-core';
import { Builder, By, Capabilities } from 'selenium-webdriver';

/**
 * A page that somebody looks at.
 * @typedef {object} Visit
 * @property {(address: string) => Promise<unknown>} go
 * @property {<A extends unknown[], R>(script: (...args: A) => R, ...args: A) => Promise<Awaited<R>>} run a script in the page
 * @property {(selector: string, file: string) => Promise<void>} choose a file
 * @property {() => Promise<Buffer>} screenshot as PNG
 * @property {() => Promise<void>} close
 */

/** @param {string} program @returns {Promise<Visit>} */
export async function firefox(program) {
  // A window of this size: not every release of Firefox knows all that puppeteer sets for a viewport of its own.
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: program,
    headless: true,
    defaultViewport: null,
    args: ['--width=1280', '--height=900'],
    // glibc's AVX-512 copies leave the wide halves of registers in use in threads that start after them, and on some
    // processors each step of Firefox's compiled code between SSE and AVX then costs tens of cycles: whatever a second
    // worker computes takes 40 times as long.
    env: { ...process.env, GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX512F,-AVX512VL' },
    // What is asked here is asked of the processor, whichever release this is.
    extraPrefsFirefox: { 'dom.webgpu.enabled': false },
  });
  const page = await browser.newPage().catch(async (error) => {
    // A browser that is left behind keeps the test from ending.
    await browser.close();
    throw error;
  });
  return {
    go: (address) => page.goto(address),
    run: (script, ...args) => /** @type {any} */ (page.evaluate(/** @type {any} */ (script), ...args)),
    async choose(selector, file) {
      const input = await page.$(selector);
      await /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (input).uploadFile(file);
    },
    screenshot: async () => Buffer.from(await page.screenshot()),
    close: () => browser.close(),
  };
}

/**
 * WebKitGTK, on a screen that nobody sees.
 * @param {string} program the WebDriver of WebKitGTK
 * @param {string} browser the small browser that it drives
 * @returns {Promise<Visit>}
 */
export async function webkit(program, browser) {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await firstWords(screen, screen.stdio[3]);
  const port = await freePort();
  const driver = spawn(program, [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: `:${display}` },
  });
  const stop = () => {
    driver.kill();
    screen.kill();
  };
  process.once('exit', stop);
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
  });
  await listening(port);
  const session = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities(capabilities)
    .build();
  return {
    go: (address) => session.get(address),
    run: (script, ...args) => session.executeScript(/** @type {any} */ (script), ...args),
    choose: (selector, file) => session.findElement(By.css(selector)).sendKeys(file),
    screenshot: async () => Buffer.from(await session.takeScreenshot(), 'base64'),
    async close() {
      await session.quit();
      stop();
    },
  };
}

/** @param {import("node:child_process").ChildProcess} program @param {any} stream @returns {Promise<string>} */
function firstWords(program, stream) {
  return new Promise((resolve, reject) => {
    stream.once('data', (/** @type {Buffer} */ words) => resolve(words.toString().trim()));
    program.once('error', reject);
    program.once('exit', (code) => reject(new Error(`${program.spawnfile} ended with ${code}`)));
  });
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** A driver says nothing when it is ready. @param {number} port */
async function listening(port) {
  const until = Date.now() + 20_000;
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
    if (status?.ok) return;
    if (Date.now() > until) throw new Error("WebKit's driver does not answer");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
