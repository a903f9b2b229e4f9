// The graphs of the ONNX Model Zoo with random numbers, read and computed in the browser: onnxruntime's scores, those that the native
// tests are held to (`crates/zfnet-import/tests/import`).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launch, open } from './harness.mjs';

const LIGHT = new URL('../../crates/zfnet-import/tests/import/light/', import.meta.url);
const TOLERANCE = 1e-3;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** @param {string} name @param {'cpu' | 'webgpu'} backend */
async function computes(name, backend) {
  const file = (/** @type {string} */ ending) => readFileSync(new URL(`light_${name}.${ending}`, LIGHT));
  const raw = file('f32');
  const scores = Array.from({ length: raw.length / 4 }, (_, at) => raw.readFloatLE(4 * at));
  const also = { 'zoo.js': readFileSync(new URL('zoo.mjs', import.meta.url)), 'graph.onnx': file('onnx') };
  const { page, close } = await open({ browser, server: { also } });
  const { passed, worst, checks } = await page.evaluate(
    async ({ scores, tolerance, backend }) => {
      const { replayed } = await import(new URL('zoo.js', document.baseURI).href);
      return replayed('graph.onnx', scores, tolerance, backend);
    },
    { scores, tolerance: TOLERANCE, backend },
  );
  assert.equal(checks, 1000);
  assert.ok(passed, `off by ${worst} of the largest`);
  await close();
}

for (const name of [
  'bvlc_alexnet',
  'densenet121',
  'inception_v1',
  'inception_v2',
  'resnet50',
  'shufflenet',
  'squeezenet',
  'vgg19',
  'zfnet512',
]) {
  test(`${name} computes what onnxruntime does`, () => computes(name, 'cpu'));
}
// Forks and sums, shuffled groups, and averages, on a graphics card or what stands for one.
for (const name of ['inception_v2', 'shufflenet', 'squeezenet'])
  test(`${name} does so through WebGPU`, () => computes(name, 'webgpu'));
