// The engine in the browser, without the page: golden cases on both backends, pictures to the last bit, level memory.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch, open } from './harness.mjs';

const GOLDEN = new URL('../golden/', import.meta.url);
const PICTURES = new URL('pictures/', GOLDEN);

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

before(async () => {
  browser = await launch();
  visit = await open({ browser });
});

after(async () => {
  await visit?.close();
  await browser?.close();
});

/** @param {URL} file */
const base64 = async (file) => (await readFile(file)).toString('base64');

for (const [module, plain] of /** @type {const} */ ([
  ['cpu', false],
  ['cpu', true],
  ['cpu-relaxed', false],
  ['webgpu', false],
])) {
  test(`every golden case holds on the ${module} module${plain ? ", with burn's operations alone" : ''}`, async () => {
    const cases = (await readdir(GOLDEN)).filter((name) => name.endsWith('.safetensors'));
    assert.ok(cases.length >= 9, `found ${cases.length} cases`);
    for (const name of cases) {
      const result = await visit.page.evaluate(
        async ({ module, plain, golden }) => {
          const zfnet = await import(new URL(`pkg/${module}/zfnet_web.js`, document.baseURI).href);
          await zfnet.default();
          return zfnet.replay(
            Uint8Array.from(atob(golden), (c) => c.charCodeAt(0)),
            plain,
          );
        },
        { module, plain, golden: await base64(new URL(name, GOLDEN)) },
      );
      assert.ok(result.checks > 100, `${name}: ${result.checks} checks`);
      assert.ok(result.passed, `${name}: ${result.worst} in ${result.worstIn}, allowed ${result.tolerance}`);
    }
  });
}

test('pictures are decoded as natively, to the last bit', async () => {
  const entries = JSON.parse(await readFile(new URL('pictures.json', PICTURES), 'utf8'));
  /** @type {Record<string, string>} */
  const decoded = {};
  for (const { file, expect } of entries) {
    const found = await visit.page.evaluate(
      async ({ bytes }) => {
        const zfnet = await import(new URL('pkg/cpu/zfnet_web.js', document.baseURI).href);
        await zfnet.default();
        const engine = await zfnet.Engine.create();
        try {
          const { width, height } = engine.openPhoto(Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)));
          const { rgba } = engine.preview(65_535);
          return { width, height, rgba: Array.from(rgba) };
        } catch (error) {
          return { error: error.code, message: error.message };
        } finally {
          engine.free();
        }
      },
      { bytes: await base64(new URL(file, PICTURES)) },
    );
    if (expect.error) {
      assert.equal(found.error, expect.error, `${file}: ${found.message}`);
      continue;
    }
    assert.deepEqual([found.width, found.height], [expect.width, expect.height], `${file}: ${found.message}`);
    const rgb = Buffer.from(found.rgba.filter((_, at) => at % 4 !== 3));
    decoded[file] = createHash('sha256').update(rgb).digest('hex');
    if (expect.sha256) assert.equal(decoded[file], expect.sha256, file);
  }
  decoded.jpegs = await jpegs();
  // The native test compares its own pixels with the same file.
  const known = new URL('decoded.json', PICTURES);
  if (process.env.ZF_LENS_BLESS) await writeFile(fileURLToPath(known), `${JSON.stringify(decoded, null, 1)}\n`);
  assert.deepEqual(decoded, JSON.parse(await readFile(known, 'utf8')));
});

/** One digest of all JPEGs of the matrix; those that libjpeg refuses must be refused here. */
async function jpegs() {
  const files = await Promise.all([1, 2, 3, 4, 5, 6].map((at) => base64(new URL(`jpegs-${at}.safetensors`, PICTURES))));
  const { digest, wrong } = await visit.page.evaluate(async (files) => {
    const zfnet = await import(new URL('pkg/cpu/zfnet_web.js', document.baseURI).href);
    await zfnet.default();
    const engine = await zfnet.Engine.create();
    /** @type {string[]} */
    const wrong = [];
    /** @type {number[]} */
    const all = [];
    for (const packed of files) {
      const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
      const data = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const tensors = JSON.parse(new TextDecoder().decode(bytes.subarray(8, data)));
      for (const { file, pixels } of JSON.parse(tensors.__metadata__.jpegs).cases) {
        const [from, to] = tensors[file].data_offsets;
        try {
          engine.openPhoto(bytes.slice(data + from, data + to));
          if (pixels === null) wrong.push(file);
          for (const [at, value] of engine.preview(65_535).rgba.entries()) if (at % 4 !== 3) all.push(value);
        } catch (error) {
          if (/** @type {any} */ (error).code !== 'image-unsupported') wrong.push(file);
        }
      }
    }
    engine.free();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(all)));
    return { digest: [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''), wrong };
  }, files);
  assert.deepEqual(wrong, []);
  return digest;
}

test('thousands of projections leave the memory level', async () => {
  const { early, late, pixels } = await visit.page.evaluate(async () => {
    const zfnet = await import(new URL('pkg/cpu/zfnet_web.js', document.baseURI).href);
    await zfnet.default();
    const bytes = async (/** @type {string} */ path) =>
      new Uint8Array(await (await fetch(new URL(path, document.baseURI))).arrayBuffer());
    const engine = await zfnet.Engine.create();
    const manifest = await (await fetch(new URL('weights/manifest.json', document.baseURI))).json();
    await engine.loadShard(await bytes(`weights/${manifest.files[0].path}`));
    engine.openPhoto(await bytes('samples/cat.jpg'));
    const { lookOf } = await import(new URL('lens/engine/model.js', document.baseURI).href);
    const look = lookOf(await engine.look(null));
    let pixels = 0;
    const projections = async (/** @type {number} */ count) => {
      for (let i = 0; i < count; i++) {
        const { layer, strongest } = look.layers[i % look.layers.length];
        const { map, row, col } = strongest[i % strongest.length];
        const [projection] = await engine.projectUnits(
          layer,
          Uint32Array.of(map, row, col),
          'deconvnet',
          'quantile',
          null,
        );
        pixels += projection.projection.rgba.length;
      }
      return engine.memory();
    };
    // What is kept of a unit's way down is there once every unit has been asked about.
    const early = await projections(2000);
    const late = await projections(2000);
    engine.free();
    return { early, late, pixels };
  });
  assert.ok(pixels > 1_000_000, `${pixels} bytes of pixels were drawn`);
  assert.ok(late - early <= 4 << 20, `from ${early} to ${late} bytes`);
});
