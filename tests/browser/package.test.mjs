// The npm package as others use it: served as it is, and packed by Vite and by webpack; and what tools read of it.
// `cargo xtask package` makes it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { launch, PATIENCE, REPOSITORY, serve } from './harness.mjs';
import { sample } from './visitor.mjs';

const PACKAGE = join(REPOSITORY, 'dist-npm');
const TOOLS = join(REPOSITORY, 'tests', 'node_modules', '.bin');
const run = promisify(execFile);

/** @param {string} file of the package */
const json = (file) => JSON.parse(readFileSync(join(PACKAGE, file), 'utf8'));

/** Where somebody else's page is made. @type {string} */
let folder;
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  assert.ok(
    existsSync(join(PACKAGE, 'custom-elements.json')),
    'expected the package in dist-npm/, found none: cargo xtask package',
  );
  folder = mkdtempSync(join(tmpdir(), 'zf-lens-package-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PACKAGE, join(folder, 'node_modules', 'zf-lens'), 'dir');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** The element, and the engine under an interface of the page's own. */
const SCRIPT = `
import { ZfLens } from "zf-lens";
import { EngineError, openLens } from "zf-lens/engine";
import { parts } from "./parts.js";
const { base } = document.documentElement.dataset;
Object.assign(window, { ZfLens, EngineError, openLens, parts, options: { backend: "cpu", ...(base && { base }) } });
`;
/** The address of each file by itself, as each bundler gives it. */
const PARTS = {
  none: 'export const parts = null;',
  vite: `
    import module from "zf-lens/pkg/cpu/zfnet_web.js?url";
    import wasm from "zf-lens/pkg/cpu/zfnet_web_bg.wasm?url";
    import weights from "zf-lens/weights/zfnet-everyday.features.i8.safetensors?url";
    export const parts = { moduleUrl: { cpu: module }, wasmUrl: { cpu: wasm }, weights };`,
  webpack: `
    const module = new URL("zf-lens/pkg/cpu/zfnet_web.js", import.meta.url);
    const wasm = new URL("zf-lens/pkg/cpu/zfnet_web_bg.wasm", import.meta.url);
    const weights = new URL("zf-lens/weights/zfnet-everyday.features.i8.safetensors", import.meta.url);
    export const parts = { moduleUrl: { cpu: module }, wasmUrl: { cpu: wasm }, weights };`,
};

/** @param {string} script @param {string} base where it serves the package's `site/` */
const page = (script, base = '') =>
  `<!doctype html><html lang="en"${base && ` data-base="${base}"`}><meta charset="utf-8"><title>A post</title><link rel="icon" href="data:,">
  <body><zf-lens sample="cat" layer="conv5" map="46" unit="4,3" backend="cpu" reveal="auto"${base && ` base="${base}"`}></zf-lens>${script}`;

/**
 * Makes a page of somebody else's, in a folder of its own.
 * @param {"vite" | "webpack"} bundler
 * @returns {Promise<string>} what is to be served
 */
async function bundled(bundler) {
  const root = join(folder, bundler);
  const out = join(root, 'out');
  mkdirSync(root);
  symlinkSync(join(folder, 'node_modules'), join(root, 'node_modules'), 'dir');
  writeFileSync(join(root, 'main.js'), SCRIPT);
  writeFileSync(join(root, 'parts.js'), PARTS[bundler]);
  if (bundler === 'vite') {
    writeFileSync(join(root, 'index.html'), page('<script type="module" src="/main.js"></script>', 'lens'));
    const { build } = await import('vite');
    await build({
      root,
      base: './',
      configFile: false,
      logLevel: 'error',
      resolve: { preserveSymlinks: true },
      build: { outDir: out },
    });
  } else {
    const { default: webpack } = await import('webpack');
    const stats = await promisify(webpack)({
      mode: 'production',
      context: root,
      entry: './main.js',
      output: { path: out, publicPath: 'auto' },
      resolve: { symlinks: false },
      performance: false,
    });
    assert.deepEqual(stats?.toJson({ errors: true, warnings: true }).errors, []);
    assert.deepEqual(stats?.toJson({ errors: true, warnings: true }).warnings, []);
    writeFileSync(join(out, 'index.html'), page('<script defer src="main.js"></script>', 'lens'));
  }
  symlinkSync(join(PACKAGE, 'site'), join(out, 'lens'), 'dir');
  return out;
}

/** @param {Parameters<typeof serve>[0]} settings */
async function visit(settings) {
  const photograph = { 'photograph.jpg': readFileSync(sample('cat')) };
  const server = await serve({ ...settings, also: { ...settings?.also, ...photograph } });
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, serviceWorkers: 'block' });
  context.setDefaultTimeout(PATIENCE);
  const tab = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  tab.on('pageerror', (error) => faults.push(error.message));
  await tab.goto(`${server.url}index.html`);
  return {
    page: tab,
    server,
    faults,
    async close() {
      await context.close();
      await server.close();
    },
  };
}

/** What the engine alone says of what the element shows. @param {import("playwright-core").Page} page */
function compare(page) {
  return page.evaluate(async () => {
    const { openLens, options, parts } = /** @type {any} */ (window);
    const element = /** @type {any} */ (document.querySelector('zf-lens'));
    let shown = await element.numbers();
    // The projection and the names of the classes come a little later than the first look.
    for (let tries = 0; tries < 300 && !(shown.projection && shown.classes); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      shown = await element.numbers();
    }
    const photograph = await (await fetch('photograph.jpg')).blob();
    const { layer, map, row, col } = shown.target;
    /** @param {any} given */
    const ask = async (given) => {
      /** @type {Set<string>} */
      const stages = new Set();
      const lens = await openLens({ ...given, onProgress: (/** @type {string} */ stage) => stages.add(stage) });
      const look = await lens.look(photograph);
      const found = await lens.project({ layer, map, unit: [row, col] });
      const { place, backend } = lens.running;
      lens.close();
      return {
        place,
        backend,
        stages: [...stages],
        window: found.window,
        activation: found.activation,
        values: [...found.values],
        picture: found.projection.rgba.length,
        strongest: look.layers,
        classes: look.classes?.map((/** @type {any} */ { index, probability }) => ({ index, probability })) ?? null,
      };
    };
    const whole = await ask(options);
    const apart = parts && (await ask({ backend: 'cpu', ...parts }));
    const classes = shown.classes.map((/** @type {any} */ { index, probability }) => ({ index, probability }));
    return { shown: { ...shown, classes }, whole, apart };
  });
}

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected @param {number} largest */
function near(found, expected, largest) {
  assert.equal(found.length, expected.length);
  for (let at = 0; at < found.length; at++)
    assert.ok(
      Math.abs((found[at] ?? NaN) - (expected[at] ?? NaN)) <= 1e-4 * largest,
      `${found[at]}, not ${expected[at]}`,
    );
}

/** @param {Awaited<ReturnType<typeof compare>>} found */
function same({ shown, whole, apart }) {
  const { projection } = shown;
  assert.ok(projection?.values?.length > 1000 && projection.activation > 0, 'a unit that is not silent');
  for (const found of apart ? [whole, apart] : [whole]) {
    assert.deepEqual([found.place, found.backend], ['worker', 'cpu']);
    assert.deepEqual(found.window, projection.window);
    assert.equal(found.picture, 4 * projection.window.width * projection.window.height);
  }
  assert.deepEqual(whole.values, projection.values);
  assert.deepEqual([whole.activation, whole.strongest], [projection.activation, shown.strongest]);
  // The program that a bundler was given is the one without relaxed instructions: its numbers are rounded otherwise.
  if (apart) {
    const largest = Math.max(...projection.values.map(Math.abs));
    near([apart.activation], [projection.activation], projection.activation);
    near(apart.values, projection.values, largest);
  }
  assert.deepEqual(whole.classes, shown.classes);
  for (const stage of ['program', 'weights', 'classifier'])
    assert.ok(whole.stages.includes(stage), `${stage} of ${whole.stages}`);
}

/** @param {import("playwright-core").Page} page */
const ready = (page) => page.waitForSelector('zf-lens[status=ready]', { state: 'attached' });

test('without a bundler: the element, and the engine alone with the same numbers', async () => {
  const map = JSON.stringify({
    imports: { 'zf-lens': './zf-lens.js', 'zf-lens/engine': './site/lens/engine/lens.js' },
  });
  const html = page(`<script type="importmap">${map}</script><script type="module" src="main.js"></script>`);
  const also = { 'index.html': Buffer.from(html), 'main.js': Buffer.from(SCRIPT), 'parts.js': Buffer.from(PARTS.none) };
  const { page: tab, faults, close } = await visit({ root: PACKAGE, also });
  await ready(tab);
  same(await compare(tab));

  const answers = await tab.evaluate(async () => {
    const { EngineError, openLens, options } = /** @type {any} */ (window);
    const code = (/** @type {Promise<unknown>} */ promise) =>
      promise.then(
        () => 'none',
        (error) => (error instanceof EngineError ? error.code : `${error}`),
      );
    const missing = await code(openLens({ ...options, weights: 'nowhere/manifest.json' }));
    const lens = await openLens(options);
    const unasked = await code(lens.project({ layer: 'conv5', map: 0 }));
    const picture = await createImageBitmap(await (await fetch('photograph.jpg')).blob());
    const pen = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    pen?.drawImage(picture, 0, 0);
    const look = await lens.look(pen?.getImageData(0, 0, picture.width, picture.height), {
      crop: { left: 20, top: 10, size: 150 },
    });
    const best = look.classes[0].index;
    // All at once: none gives way to another.
    const [whole, score, guided, other] = await Promise.all([
      lens.project({ layer: 'conv4', map: 12 }),
      lens.project({ class: best }),
      lens.project({ layer: 'conv3', map: 7, unit: [2, 3], rule: 'guided', stretch: 'minmax' }),
      lens.project({ layer: 'conv3', map: 7, unit: [2, 3], scale: 1 }),
    ]);
    const maps = await lens.maps('conv2', { scale: 'shared' });
    /** @type {number[]} */
    const done = [];
    const question = { size: 96, stride: 64, fill: 'mean', layer: null, map: null, class: null, batch: 4 };
    const occlusion = await lens.ask('occlusion', question, {
      onPart: (/** @type {any} */ part) => done.push(part.done),
    });
    const control = new AbortController();
    const stopped = await code(
      lens.ask('occlusion', { ...question, stride: 8 }, { onPart: () => control.abort(), signal: control.signal }),
    );
    const head = await lens.head(lens.heads[0]);
    const attribution = { questions: [{ method: { method: 'cam' }, class: best, head: 0 }], heads: [head], batch: 1 };
    const answered = await lens.ask('attribution', attribution);
    const { answer } = await lens.ask('learnConv', {
      picture: { rows: 2, cols: 2, values: [1, 2, 3, 4] },
      kernel: { rows: 1, cols: 1, values: [2] },
    });
    const unknown = await code(lens.project({ layer: 'conv9', map: 0 }));
    const broken = await code(lens.look(new Blob(['no picture'])));
    const drawn = await lens.look(await pen.canvas.convertToBlob({ type: 'image/webp' }), { classes: false });
    const open = lens.ask('occlusion', { ...question, stride: 8 });
    lens.close();
    return {
      missing,
      unasked,
      unknown,
      broken,
      stopped,
      answered,
      crop: look.crop,
      photograph: [look.photograph.width, drawn.photograph.width],
      layers: lens.network.layers.length,
      whole: [whole.map, whole.unit, whole.values.length === 3 * whole.window.width * whole.window.height],
      score: [score.classIndex, score.window.width],
      guided: [guided.rule, guided.scale === guided.largest],
      other: [other.rule, other.scale],
      maps: [maps.maps, maps.values.length === maps.maps * maps.rows * maps.cols],
      parts: done.at(-1),
      places: occlusion.rows.length,
      learnt: answer.values,
      ended: [await code(open), await code(lens.look(new Blob([])))],
    };
  });
  const { layers, parts, places, ...rest } = answers;
  assert.ok(layers > 10);
  assert.ok(places > 1 && parts === places, `${parts} of ${places}`);
  assert.deepEqual(rest, {
    missing: 'not-found',
    unasked: 'no-photo',
    unknown: 'unknown-layer',
    broken: 'image-not-a-picture',
    stopped: 'aborted',
    answered: 1,
    crop: { left: 20, top: 10, size: 150 },
    photograph: [answers.photograph[0], answers.photograph[0]],
    whole: [12, null, true],
    score: [answers.score[0], 224],
    guided: ['guided', true],
    other: ['deconvnet', 1],
    maps: [256, true],
    learnt: [2, 4, 6, 8],
    ended: ['superseded', 'superseded'],
  });
  // What failed was asked to fail.
  assert.deepEqual(
    faults.filter((fault) => !fault.includes('404')),
    [],
  );

  const attributes = await tab.evaluate(() => /** @type {any} */ (customElements.get('zf-lens')).observedAttributes);
  const members = await tab.evaluate(() =>
    Object.getOwnPropertyNames(/** @type {any} */ (window).ZfLens.prototype).filter(
      (name) => !/^constructor$|Callback$/.test(name),
    ),
  );
  const described = json('custom-elements.json');
  assert.equal(described.schemaVersion, '2.1.0');
  const [element] = described.modules.flatMap((/** @type {any} */ { declarations }) => declarations);
  assert.equal(element.tagName, 'zf-lens');
  /** @param {{ name: string }[]} all */
  const names = (all) => all.map(({ name }) => name).sort();
  assert.deepEqual(names(element.attributes), [...attributes, 'status', 'error'].sort());
  assert.deepEqual(names(element.members), members.sort());
  assert.deepEqual(names(element.events), ['zf-change', 'zf-error', 'zf-ready', 'zf-result']);
  assert.deepEqual(names(element.cssProperties), ['--zf-accent', '--zf-font', '--zf-ink', '--zf-paper']);
  assert.deepEqual(names(element.cssParts), ['begin', 'cover', 'lens']);
  for (const one of [...element.attributes, ...element.events, ...element.members])
    assert.ok(
      one.description && (one.type?.text || one.return?.type?.text),
      `${one.name} has a type and a description`,
    );
  await close();
});

for (const bundler of /** @type {const} */ (['vite', 'webpack'])) {
  test(`packed by ${bundler}: the element, and the engine alone with the same numbers`, async () => {
    const { page: tab, faults, close } = await visit({ root: await bundled(bundler) });
    await ready(tab);
    const found = await compare(tab);
    assert.ok(found.apart, 'its files by themselves, too');
    same(found);
    assert.deepEqual(faults, []);
    await close();
  });
}

test('the engine alone needs no document: it works in a Worker, and on a graphics card', async () => {
  const script = `
    import { openLens } from "./site/lens/engine/lens.js";
    onmessage = async ({ data: backend }) => {
      try {
        const lens = await openLens({ backend });
        await lens.look(await (await fetch("photograph.jpg")).blob(), { classes: false });
        const { activation } = await lens.project({ layer: "conv5", map: 46, unit: [4, 3] });
        postMessage({ backend: lens.running.backend, activation });
      } catch (error) {
        postMessage({ error: String(error) });
      }
    };`;
  const also = { 'index.html': Buffer.from(page('')), 'inner.js': Buffer.from(script) };
  const { page: tab, faults, close } = await visit({ root: PACKAGE, also });
  const ask = (/** @type {string} */ backend) =>
    tab.evaluate(
      (backend) =>
        new Promise((resolve) => {
          const worker = new Worker('inner.js', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage(backend);
        }),
      backend,
    );
  const [cpu, webgpu] = [await ask('cpu'), await ask('webgpu')];
  assert.deepEqual([cpu.backend, webgpu.backend], ['cpu', 'webgpu'], JSON.stringify([cpu, webgpu]));
  assert.ok(cpu.activation > 1 && Math.abs(cpu.activation - webgpu.activation) < 1e-3 * cpu.activation);
  assert.deepEqual(faults, []);
  await close();
});

test('types are there for those who write TypeScript', async () => {
  const root = join(folder, 'types');
  mkdirSync(root);
  writeFileSync(
    join(root, 'page.ts'),
    `import { ZfLens } from "zf-lens";
     import { EngineError, openLens, type Lens, type Projection } from "zf-lens/engine";
     const element: ZfLens | null = document.querySelector("zf-lens");
     element?.addEventListener("zf-error", ({ detail }) => console.log(detail.code.length));
     if (element) [element.layer, element.map] = ["conv4", 7];
     const lens: Lens = await openLens({ backend: "cpu" });
     const { classes } = await lens.look(new Blob());
     const one: Projection = await lens.project({ layer: "conv5", map: 3, unit: [1, 2] });
     const found = await lens.ask("occlusion", { size: 48, stride: 8, fill: "mean", layer: null, map: null, class: null, batch: 8 }, { onPart: ({ done }) => done.toFixed() });
     export const numbers: (number | undefined)[] = [one.values?.length, found.rows.length, classes?.[0]?.index];
     // @ts-expect-error neither a unit nor a map nor a class
     await lens.project({ layer: "conv5" });
     // @ts-expect-error no such experiment
     await lens.ask("nothing", null);
     export const wrong = (error: unknown) => error instanceof EngineError && error.code;`,
  );
  symlinkSync(join(folder, 'node_modules'), join(root, 'node_modules'), 'dir');
  for (const resolution of ['nodenext', 'bundler']) {
    const settings = {
      compilerOptions: {
        module: resolution === 'bundler' ? 'esnext' : resolution,
        moduleResolution: resolution,
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
        strict: true,
        noEmit: true,
        types: [],
      },
      files: ['page.ts'],
    };
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(settings));
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    const said = await run(join(TOOLS, 'tsc'), ['-p', root]).catch((error) => error);
    assert.equal(said.stdout, '', resolution);
  }
});

test('publint and attw have nothing to say', async () => {
  const { publint } = await import('publint');
  const { messages } = await publint({ pkgDir: PACKAGE, level: 'suggestion', strict: true });
  assert.deepEqual(messages, []);
  // Of an ECMAScript module: what cannot import one is not asked.
  await run(join(TOOLS, 'attw'), ['--pack', PACKAGE, '--profile', 'esm-only', '--format', 'json'], {
    maxBuffer: 1 << 28,
  });
});

test('every file that the package promises is there, and nothing of this machine', async () => {
  const { exports, version, license } = json('package.json');
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.ok(license.includes('MIT') && license.includes('CC-BY-SA-4.0'));
  /** @param {any} entry @returns {string[]} */
  const files = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(files));
  for (const file of files(exports))
    assert.ok(existsSync(join(PACKAGE, file.includes('*') ? dirname(file) : file)), file);
  for (const [name, file] of [
    ['./pkg/*', 'cpu/zfnet_web_bg.wasm'],
    ['./pkg/*', 'webgpu/zfnet_web_bg.wasm'],
    ['./weights/*', 'manifest.json'],
    ['./engine/*', 'worker.js'],
    ['./site/*', 'embed.html'],
  ])
    assert.ok(existsSync(join(PACKAGE, exports[name ?? ''].replace('*', file))), file);
  const zip = readFileSync(join(REPOSITORY, 'dist.zip'));
  assert.equal(zip.readUInt32LE(0), 0x04034b50);
  assert.ok(zip.includes('zf-lens/weights/evolution/evolution.json'));
});
