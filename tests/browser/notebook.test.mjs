// The widget for notebooks, as the wheel brings it: in a real JupyterLab, and in marimo.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch, PATIENCE, serve } from './harness.mjs';
import { sample } from './visitor.mjs';

/** A Python that has JupyterLab, marimo and what builds wheels; without one there is nothing to try. */
const PYTHON = process.env.NOTEBOOK_PYTHON;
const skip = PYTHON ? false : 'NOTEBOOK_PYTHON names no Python with JupyterLab';
const NOTEBOOK = fileURLToPath(new URL('../../www/notebook', import.meta.url));

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {string} */
let folder;
/** @type {NodeJS.ProcessEnv} */
let environment;

before(async () => {
  if (!PYTHON) return;
  folder = mkdtempSync(join(tmpdir(), 'zf-lens-notebook-'));
  const modules = join(folder, 'modules');
  execFileSync(PYTHON, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--no-build-isolation',
    '--no-index',
    '--target',
    modules,
    NOTEBOOK,
  ]);
  // Nothing of whoever runs this: settings, history, trusted notebooks.
  const [config, data] = ['config', 'data'].map((name) => join(folder, name));
  environment = {
    ...process.env,
    PATH: `${dirname(PYTHON)}:${process.env.PATH}`,
    PYTHONPATH: modules,
    HOME: folder,
    XDG_CONFIG_HOME: config,
    XDG_DATA_HOME: data,
    JUPYTER_CONFIG_DIR: config,
    JUPYTER_DATA_DIR: data,
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: join(config, 'lab'),
    IPYTHONDIR: join(folder, 'ipython'),
  };
  copyFileSync(sample('cat'), join(folder, 'cat.jpg'));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((closed) => server.close(closed));
  return port;
}

/**
 * Starts a server of notebooks and waits until it answers.
 * @param {(port: number) => string[]} given
 * @param {string} ready what it answers when it is there
 */
async function start(given, ready) {
  const port = await freePort();
  const server = spawn(/** @type {string} */ (PYTHON), ['-m', ...given(port)], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (words) => (said += words));
  const ended = new Promise((ended) => server.on('exit', ended));
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + PATIENCE;
  while (
    !(await fetch(url + ready).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > until || server.exitCode !== null)
      throw new Error(`the server does not answer at ${url}${ready}:\n${said}`);
    await new Promise((later) => setTimeout(later, 200));
  }
  return {
    url,
    async stop() {
      server.kill('SIGTERM');
      const late = setTimeout(() => server.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** @param {string} source */
const cell = (source) => ({
  cell_type: 'code',
  id: `c${Math.random().toString(36).slice(2)}`,
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
});

/** @param {string} address of the page's files elsewhere */
const cells = (address) => [
  'from zf_lens import ZFLens\n\nlens = ZFLens("cat.jpg", backend="cpu")\nlens',
  'lens.state = {**lens.state, "layer": "conv3", "map": 7, "unit": (2, 3), "whole": False}',
  `other = ZFLens(sample="daisy", backend="cpu", reveal="interaction", height=400, base="${address}")\nother`,
  'far = ZFLens(base="http://127.0.0.1:9/", sample="cat")\nfar',
];

test(
  'JupyterLab: a picture in, the state out and in again, the numbers in Python those of the page',
  { skip },
  async (t) => {
    const elsewhere = await serve({ headers: { 'access-control-allow-origin': '*' } });
    const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
    const notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec },
      cells: cells(elsewhere.url).map(cell),
    };
    writeFileSync(join(folder, 'lens.ipynb'), JSON.stringify(notebook));
    // It would ask whether news may be fetched.
    const labconfig = join(folder, 'config', 'labconfig');
    mkdirSync(labconfig, { recursive: true });
    writeFileSync(
      join(labconfig, 'page_config.json'),
      JSON.stringify({ disabledExtensions: { '@jupyterlab/apputils-extension:announcements': true } }),
    );
    const lab = await start(
      (port) => [
        'jupyterlab',
        '--no-browser',
        '--allow-root',
        '--expose-app-in-browser',
        `--ServerApp.port=${port}`,
        '--ServerApp.port_retries=0',
        '--IdentityProvider.token=',
      ],
      '/api/status',
    );
    const context = await browser.newContext({
      viewport: { width: 1300, height: 1000 },
      locale: 'en-GB',
      colorScheme: 'dark',
    });
    context.setDefaultTimeout(PATIENCE);
    t.after(async () => {
      await context.close();
      await lab.stop();
      await elsewhere.close();
    });
    const page = await context.newPage();
    /** @type {string[]} */
    const faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${lab.url}/lab/tree/lens.ipynb`);
    await page.waitForFunction(
      () =>
        /** @type {any} */ (globalThis).jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status ===
        'idle',
    );

    const shown = page.locator('.jp-Notebook .jp-CodeCell');
    /** Runs a cell, as its reader does. @param {number} index */
    const run = async (index) => {
      await shown.nth(index).locator('.cm-content').click();
      await page.keyboard.press('Shift+Enter');
      await shown
        .nth(index)
        .locator('.jp-InputPrompt', { hasText: /\[\d+\]/ })
        .waitFor();
    };
    /** What Python says of an expression. @param {string} expression @returns {Promise<any>} */
    const python = (expression) =>
      page.evaluate(async (code) => {
        const { kernel } = /** @type {any} */ (globalThis).jupyterapp.shell.currentWidget.sessionContext.session;
        const asked = kernel.requestExecute({ code, store_history: false });
        let said = '';
        asked.onIOPub = (/** @type {any} */ { content }) => (said += content.text ?? content.evalue ?? '');
        await asked.done;
        return JSON.parse(said);
      }, `import json; print(json.dumps(${expression}))`);
    /** @param {string} expression that becomes true */
    const until = async (expression) => {
      const end = Date.now() + PATIENCE;
      while (!(await python(expression))) {
        if (Date.now() > end)
          throw new Error(
            `${expression} does not become true: ${JSON.stringify(await python('[lens.status, lens.error, lens.message, lens.state]'))}`,
          );
        await new Promise((later) => setTimeout(later, 200));
      }
    };

    await run(0);
    await until("lens.status == 'ready' and lens.projection is not None and len(lens.classes) > 0");
    const first = await python(
      "dict(shape=lens.projection.shape, kind=str(lens.projection.dtype), layer=lens.numbers['target']['layer'], best=lens.classes[0], state=lens.state)",
    );
    assert.equal(first.kind, 'float32');
    assert.equal(first.layer, 'conv5');
    assert.equal(first.best.name, 'cat');
    assert.equal(first.state.sample, undefined, "the picture is one's own");
    const lens = shown.nth(0).locator('zf-lens');
    assert.equal(
      await lens.locator('.lens').getAttribute('data-theme'),
      'light',
      'as JupyterLab is, not as the system',
    );
    if (process.env.SCREENSHOTS) {
      await page.screenshot({ path: join(process.env.SCREENSHOTS, 'jupyterlab.png') });
      await page.setViewportSize({ width: 1300, height: 2600 });
      await new Promise((later) => setTimeout(later, 1500));
      await page.screenshot({ path: join(process.env.SCREENSHOTS, 'tall.png') });
      await page.setViewportSize({ width: 1300, height: 1000 });
    }

    await run(1);
    await until("lens.state.get('unit') == '2,3' and lens.projection is not None");
    // Too many to be printed.
    const { target, shape, activation, maps } = await python(
      "lens.projection.tofile('projection') or dict(target=lens.numbers['target'], shape=lens.projection.shape, activation=lens.activation, maps=float(lens.activations[2, 3]))",
    );
    const values = new Float32Array(new Uint8Array(readFileSync(join(folder, 'projection'))).buffer);
    assert.deepEqual([target.layer, target.map, target.row, target.col], ['conv3', 7, 2, 3]);
    const found = await lens.evaluate((element) => /** @type {any} */ (element).numbers());
    assert.deepEqual(shape, found.projection.shape);
    assert.deepEqual([...values], found.projection.values);
    assert.equal(activation, found.projection.activation);
    assert.equal(maps, activation);

    // What a reader chooses, Python knows.
    await lens.locator('button[data-layer=conv2]').click();
    await until("lens.layer == 'conv2' and lens.numbers.get('target', {}).get('layer') == 'conv2'");

    // Another picture; the first one's choice is not asked of it.
    await python("lens.open(__import__('numpy').full((90, 120, 3), 0.5))");
    await until("lens.status == 'ready' and lens.numbers.get('photograph', {}).get('width') == 120");

    // An experiment, to its end.
    await python("setattr(lens, 'state', {**lens.state, 'tab': 'occlusion', 'occlusion.stride': 24})");
    await until(
      "lens.numbers.get('format') == 'zf-lens occlusion 1' and lens.numbers['done'] == lens.numbers['total']",
    );

    // A sample in the place of the picture.
    await python("(setattr(lens, 'view', None), setattr(lens, 'sample', 'daisy'))");
    await until("lens.status == 'ready' and (lens.numbers.get('photograph') or {}).get('sample') == 'daisy'");

    // What is settled when it is loaded: it begins anew, with the sample.
    await python("setattr(lens, 'controls', 'none')");
    await lens.locator('.lens[data-controls=none]').waitFor();
    await lens.scrollIntoViewIfNeeded();
    await until("lens.status == 'ready' and lens.sample == 'daisy' and lens.projection is not None");

    // A second one, from elsewhere and of a given height, waits for its reader.
    assert.deepEqual(elsewhere.asked, []);
    await run(2);
    const second = shown.nth(2).locator('zf-lens');
    await second.locator('.zf-cover img').first().waitFor();
    assert.equal((await second.boundingBox())?.height, 400);
    assert.equal(await python('other.status'), 'idle');
    assert.ok(elsewhere.asked.includes('lens/embedded.js'));
    await python('other.reveal()');
    await until("other.status == 'ready' and other.numbers != {}");
    assert.ok(elsewhere.asked.includes('lens/mount.js'));

    // Where nothing can be reached, it says so.
    await run(3);
    await shown.nth(3).getByRole('alert').filter({ hasText: 'cannot be reached at http://127.0.0.1:9/' }).waitFor();
    // Python hears of it after its reader.
    await until("(far.status, far.error) == ('error', 'unreachable')");
    assert.deepEqual(faults, []);
    if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'end.png') });
  },
);

const APP = `import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    from zf_lens import ZFLens
    return ZFLens, mo


@app.cell
def _(ZFLens, mo):
    lens = mo.ui.anywidget(ZFLens("cat.jpg", layer="conv4", backend="cpu"))
    lens
    return (lens,)


@app.cell
def _(lens, mo):
    _ = lens.value
    shape = None if lens.projection is None else lens.projection.shape
    mo.md(f"shape {shape} of {lens.layer}: {lens.status}")
    return


if __name__ == "__main__":
    app.run()
`;

test('marimo: the numbers come to the cells that use them', { skip }, async (t) => {
  writeFileSync(join(folder, 'app.py'), APP);
  const marimo = await start(
    (port) => ['marimo', 'run', 'app.py', '--headless', '--no-token', '--port', String(port)],
    '/health',
  );
  const context = await browser.newContext({ viewport: { width: 1100, height: 1000 }, locale: 'en-GB' });
  context.setDefaultTimeout(PATIENCE);
  t.after(async () => {
    await context.close();
    await marimo.stop();
  });
  const page = await context.newPage();
  await page.goto(marimo.url);
  await page.getByText(/shape \(3, \d+, \d+\) of conv4/).waitFor();
  const shown = await page.locator('zf-lens').evaluate((element) => /** @type {any} */ (element).numbers());
  await page.getByText(`shape (${shown.projection.shape.join(', ')}) of conv4: ready`).waitFor();
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'marimo.png') });
});
