// `cargo xtask bench --peers`: ZF Lens beside onnxruntime-web and TensorFlow.js, in one Chromium, in turn, one thread each.
// node run.mjs [--quick] [--json FILE]

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';

import { chromium } from 'playwright-core';

import { GRAPHS } from './graphs.mjs';
import { onnx, readNetwork } from './network.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values: wishes } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const ROUNDS = wishes.quick ? 5 : 15;
const PEERS = { zfLens: 'ZF Lens', onnxRuntime: 'onnxruntime-web', tensorFlow: 'TensorFlow.js' };
/** Bytes a second of 20 Mbit/s. */
const RATE = 2_500_000;
const TYPES = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.html': 'text/html',
  '.css': 'text/css',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const dist = resolve(here, '../../dist');
const network = readNetwork(join(dist, 'weights'));
const manifest = JSON.parse(readFileSync(join(dist, 'weights/manifest.json'), 'utf8'));
const about = readFileSync(join(dist, 'weights', manifest.files[0].path));
const { mean } = JSON.parse(
  JSON.parse(about.subarray(8, 8 + Number(about.readBigUInt64LE(0))).toString()).__metadata__['zf-lens'],
).input;
const given = {
  mean,
  graphs: Object.keys(GRAPHS),
  layers: network.layers,
  shapes: Object.fromEntries(Object.entries(network.numbers).map(([name, { shape }]) => [name, shape])),
};
const MADE = /** @type {Record<string, () => Uint8Array | string>} */ ({
  '/': () => '<!doctype html><meta charset="utf-8"><title>Peers</title><link rel="icon" href="data:,">',
  '/scores.onnx': () => onnx(network, 'scores'),
  '/maps.onnx': () => onnx(network, 'maps'),
  '/strongest.onnx': () => onnx(network, 'strongest'),
  ...Object.fromEntries(Object.entries(GRAPHS).map(([name, made]) => [`/${name}.onnx`, made])),
});

/** @type {Map<string, Buffer>} */
const compressed = new Map();
let sent = 0;

/** @param {string} path @returns {Uint8Array | string | null} */
function find(path) {
  if (MADE[path]) return MADE[path]();
  if (path.startsWith('/numbers/'))
    return new Uint8Array(/** @type {any} */ (network.numbers[path.slice(9)]).values.buffer);
  const [root, rest] = path.startsWith('/modules/')
    ? [join(here, 'node_modules'), path.slice(8)]
    : path.startsWith('/dist/')
      ? [dist, path.slice(5)]
      : [here, path];
  const file = resolve(root, `.${rest}`);
  try {
    return file.startsWith(resolve(root) + sep) ? readFileSync(file) : null;
  } catch {
    return null;
  }
}

/** As a static host would, and with a rate as slowly as a line of that rate. @param {number | null} rate bytes a second */
async function serve(rate) {
  let free = 0;
  const server = createServer(async (request, response) => {
    let path = decodeURI(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path.endsWith('/') && path !== '/') path += 'index.html';
    let body = find(path);
    if (body === null) return void response.writeHead(404).end();
    const type =
      TYPES[/** @type {keyof typeof TYPES} */ (extname(path))] ??
      (path === '/' ? 'text/html' : 'application/octet-stream');
    const headers = { 'content-type': type, 'cache-control': 'max-age=600' };
    if (rate !== null && /javascript|wasm|json|html|css/.test(type)) {
      if (!compressed.has(path)) {
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
        compressed.set(path, brotliCompressSync(body, { params }));
      }
      body = /** @type {Buffer} */ (compressed.get(path));
      Object.assign(headers, { 'content-encoding': 'br' });
    }
    response.writeHead(200, headers);
    const bytes = Buffer.from(body);
    sent += bytes.length;
    for (let at = 0; rate !== null && at < bytes.length; at += 16_384) {
      const part = bytes.subarray(at, at + 16_384);
      const begin = Math.max(free, performance.now());
      free = begin + (part.length / rate) * 1000;
      await wait(Math.max(0, free - performance.now()));
      response.write(part);
    }
    response.end(rate === null ? bytes : undefined);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** @param {string[]} [flags] */
const launch = (flags = []) =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', ...flags] });

/** One of the three in a tab of its own. @param {import('playwright-core').Browser} browser @param {string} url @param {string} peer */
async function open(browser, url, peer) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.evaluate(
    async ({ peer, given }) => {
      const runtimes = await import('/page.js');
      const peers = /** @type {any} */ (globalThis);
      peers.runtime = await runtimes[peer](given);
      peers.timed = async (/** @type {() => Promise<unknown>} */ work) => {
        const begun = performance.now();
        const found = await work();
        return { ms: performance.now() - begun, found };
      };
    },
    { peer, given },
  );
  const answer = (/** @type {string} */ question, /** @type {number} */ seed) =>
    page.evaluate(async ([question, seed]) => {
      const { runtime, timed } = /** @type {any} */ (globalThis);
      return timed(() => runtime[question](seed));
    }, /** @type {const} */ ([question, seed]));
  const ask = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {number} */ seed) =>
    page.evaluate(async ([kind, name, seed]) => {
      const { runtime, timed } = /** @type {any} */ (globalThis);
      return (await timed(async () => void (await runtime[kind][name](seed)))).ms;
    }, /** @type {const} */ ([kind, name, seed]));
  const asks = await page.evaluate(() => {
    const { asks = {}, long = {}, shared = {} } = /** @type {any} */ (globalThis).runtime;
    return { asks: Object.keys(asks), long: Object.keys(long), shared: Object.keys(shared) };
  });
  return { page, answer, ask, ...asks };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const quartiles = (/** @type {number[]} */ values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[sorted.length >> 2] ?? NaN, sorted[(3 * sorted.length) >> 2] ?? NaN];
};
/** @type {Record<string, { ms?: number, quartiles?: number[], value?: number, unit?: string, of?: string, ratio?: number }>} */
const table = {};

/** The three in a browser of their own. @param {string} url @param {string[]} flags */
async function openAll(url, flags) {
  const browser = await launch(flags);
  const tabs = [];
  for (const peer of Object.keys(PEERS)) tabs.push(await open(browser, url, peer));
  return { browser, tabs };
}

/**
 * One question to all in turn; the median of ours. Rounds to warm up are not counted.
 * @param {string} label @param {Awaited<ReturnType<typeof openAll>>['tabs']} tabs @param {string} question @param {number} warm
 * @param {number} rounds
 */
async function inTurn(label, tabs, question, warm, rounds) {
  /** @type {number[][]} */
  const times = tabs.map(() => []);
  for (let round = 0; round < warm + rounds; round++) {
    const found = [];
    for (const [at, tab] of tabs.entries()) {
      const { ms, found: numbers } = await tab.answer(question, round);
      found.push(numbers);
      if (round >= warm) times[at]?.push(ms);
    }
    // Nobody is fast by being wrong.
    const [ours, ...others] = found;
    const largest = ours.reduce(
      (/** @type {number} */ most, /** @type {number} */ one) => Math.max(most, Math.abs(one)),
      0,
    );
    for (const other of others) {
      assert.equal(other.length, ours.length, label);
      for (const [at, value] of other.entries())
        assert.ok(Math.abs(value - ours[at]) < 1e-3 * largest, `${label}, ${at}: ${value} and ${ours[at]}`);
    }
  }
  for (const [at, name] of Object.values(PEERS).slice(0, tabs.length).entries()) {
    const row = { ms: median(times[at] ?? []), quartiles: quartiles(times[at] ?? []) };
    table[`${label}, ${name}`] = row;
    if (at > 0)
      Object.assign(row, { ratio: median((times[0] ?? []).map((ours, round) => ours / (times[at]?.[round] ?? NaN))) });
  }
  return median(times[0] ?? []);
}

const plain = await serve(null);
const { browser, tabs } = await openAll(plain.url, []);
const [lens] = tabs;
const forward = await inTurn('forward', tabs, 'forward', 3, ROUNDS);
const few = wishes.quick ? 1 : 5;
for (const question of ['forward of 16 pictures', 'top nine of 16 pictures'])
  await inTurn(question, tabs, question, 1, few);
await inTurn('Score-CAM of a class', tabs, 'Score-CAM of a class', 1, wishes.quick ? 1 : 3);
// TensorFlow.js reads no ONNX.
for (const name of given.graphs)
  await inTurn(`forward of ${name}`, tabs.slice(0, 2), `forward of ${name}`, 2, wishes.quick ? 3 : ROUNDS);
for (const name of lens?.asks ?? []) {
  const times = [];
  for (let seed = 0; seed < ROUNDS + 2; seed++) times.push((await lens?.ask('asks', name, seed)) ?? NaN);
  table[name] = {
    ms: median(times.slice(2)),
    quartiles: quartiles(times.slice(2)),
    ratio: median(times.slice(2)) / forward,
    of: 'a forward pass',
  };
}
for (const name of lens?.long ?? []) {
  const times = [];
  for (let round = 0; round < (wishes.quick ? 1 : 3); round++)
    times.push((await lens?.ask('long', name, round)) ?? NaN);
  table[name] = { ms: median(times), ratio: median(times) / forward, of: 'a forward pass' };
}
// The same by two Workers; the first time the other one has to come.
await lens?.page.evaluate(() => /** @type {any} */ (globalThis).runtime.openTwo());
for (const [at, name] of (lens?.shared ?? []).entries()) {
  const times = [];
  for (let round = 0; round < few + 1; round++) times.push((await lens?.ask('shared', name, round)) ?? NaN);
  const one = (table[name] ?? table[`${name}, ${PEERS.zfLens}`])?.ms ?? NaN;
  const row = (/** @type {number} */ ms) => ({ ms, ratio: ms / one, of: 'what one Worker takes' });
  if (at === 0) table[`${name}, two Workers, the first time`] = row(times[0] ?? NaN);
  table[`${name}, two Workers`] = row(median(times.slice(1)));
}
await browser.close();
const { browser: wide, tabs: widened } = await openAll(plain.url, ['--js-flags=--wasm-revectorize']);
await inTurn('forward with --wasm-revectorize', widened, 'forward', 3, ROUNDS);
await wide.close();

/** The most that the processes of a tab held, in MB, where the system tells. @param {string} peer */
async function memory(peer) {
  const one = await launch();
  const tab = await open(one, plain.url, peer);
  for (let seed = 0; seed < 3; seed++) await tab.answer('forward', seed);
  const session = await one.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => {
      try {
        return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1000;
      } catch {
        return NaN;
      }
    });
  await one.close();
  return Math.max(...peaks);
}
const ours = await memory('zfLens');
for (const [peer, name] of Object.entries(PEERS)) {
  const value = peer === 'zfLens' ? ours : await memory(peer);
  table[`peak memory, ${name}`] = { value, unit: 'MB', ...(peer !== 'zfLens' && { ratio: ours / value }) };
}

// The first look after loading, of one when all is warm, and a cold visit of the page over a line of 20 Mbit/s.
const looks = [];
for (let round = 0; round < 3; round++) {
  const one = await launch();
  const page = await (await one.newContext()).newPage();
  await page.goto(plain.url);
  looks.push(
    await page.evaluate(async () => {
      const { openLens } = await import(/** @type {any} */ ('/dist/lens/engine/lens.js'));
      const lens = await openLens({ backend: 'cpu', weights: '/dist/weights/manifest.json' });
      await lens.loadClassifier();
      const times = [];
      // Each another picture, since the same one is not looked at again.
      for (let grey = 90; grey < 100; grey++) {
        const begun = performance.now();
        await lens.look(new ImageData(new Uint8ClampedArray(224 * 224 * 4).fill(grey), 224, 224));
        times.push(performance.now() - begun);
      }
      return times;
    }),
  );
  await one.close();
}
const first = median(looks.map(([ms = 0]) => ms));
const warm = median(looks.map((times) => median(times.slice(-5))));
table['first look after loading'] = { ms: first, ratio: first / warm, of: 'a warm one' };

const slow = await serve(RATE);
const visits = [];
// The first one is for the server, which compresses.
for (let round = 0; round < 3; round++) {
  sent = 0;
  const one = await launch();
  const page = await (await one.newContext()).newPage();
  const begun = performance.now();
  await page.goto(`${slow.url}dist/?backend=cpu#v=1&lang=en&sample=cat`, { timeout: 120_000 });
  await page.waitForSelector('html[data-status=ready]', { timeout: 120_000 });
  visits.push({ ms: performance.now() - begun, sent });
  await one.close();
}
const last = visits.slice(1);
table['cold visit to the first projection, 20 Mbit/s'] = { ms: median(last.map(({ ms }) => ms)) };
table['bytes until then'] = { value: median(last.map(({ sent }) => sent)) / 1e6, unit: 'MB' };

const width = Math.max(...Object.keys(table).map((name) => name.length));
for (const [name, { ms, value, unit = 'ms', quartiles: spread, ratio, of }] of Object.entries(table)) {
  const number = ms ?? value;
  const words = [
    name.padEnd(width),
    `${number === undefined ? '' : number.toFixed(number < 10 ? 2 : 1)} ${unit}`.padStart(12),
    spread ? `(${spread.map((one) => one.toFixed(one < 10 ? 2 : 1)).join(' to ')})` : '',
    ratio === undefined ? '' : of ? `${ratio.toFixed(3)} of ${of}` : `ours takes ${ratio.toFixed(2)} of it`,
  ];
  console.log(words.filter(Boolean).join('  '));
}
if (wishes.json) writeFileSync(wishes.json, `${JSON.stringify(table, null, 2)}\n`);
plain.close();
slow.close();
process.exit();
