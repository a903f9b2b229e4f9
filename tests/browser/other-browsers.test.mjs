// The browsers that are not Chromium: a photograph, its classes, a projection, every tab, an export; the start without WebGPU;
// the page without its server; and the widget in a page of another site. Chromium does more of each in the other files.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firefox, webkit } from './drivers.mjs';
import { experiments } from './experiments.mjs';
import { PATIENCE, serve } from './harness.mjs';
import { sample } from './visitor.mjs';

const { FIREFOX, WEBKIT_DRIVER, WEBKIT_BROWSER } = process.env;

/** @type {{ name: string, open: (() => Promise<import("./drivers.mjs").Visit>) | null }[]} */
const BROWSERS = [
  { name: 'Firefox', open: FIREFOX ? () => firefox(FIREFOX) : null },
  { name: 'WebKit', open: WEBKIT_DRIVER && WEBKIT_BROWSER ? () => webkit(WEBKIT_DRIVER, WEBKIT_BROWSER) : null },
];

/** The tabs that ask the engine, with what makes them short, on a network of two convolutions. */
const TABS = {
  occlusion: '',
  attribution: '&attribution.samples=4',
  invariance: '',
  region: '',
  favourite: '&favourite.steps=20',
  hierarchy: '',
  filters: '',
};

/**
 * Waits for what a script finds; what the page says of itself goes into the error.
 * @template {unknown[]} A @template R
 * @param {import("./drivers.mjs").Visit} visit
 * @param {string} what
 * @param {(...args: A) => R} script
 * @param {A} args
 * @returns {Promise<NonNullable<Awaited<R>>>}
 */
async function until(visit, what, script, ...args) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await visit.run(script, ...args);
    if (found) return found;
    const said = await visit.run(() => {
      const { status, error } = document.documentElement.dataset;
      const lenses = [...document.querySelectorAll('zf-lens')].map(
        (lens) => `lens ${lens.getAttribute('status')} ${lens.getAttribute('error') ?? ''}`,
      );
      return `status ${status}, error ${error}: ${document.querySelector('.notice')?.textContent ?? ''} ${lenses.join('; ')}`;
    });
    if (Date.now() > end || said.startsWith('status error')) throw new Error(`expected ${what}; ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const projection = () => {
  const { status } = document.documentElement.dataset;
  return status === 'ready' && document.querySelector('canvas[data-view=projection]')?.getAttribute('data-of');
};

/** @param {string} tab */
const finished = (tab) =>
  /** @type {HTMLElement | null} */ (document.querySelector(`.experiment.${tab}:not([hidden])`))?.dataset.state ===
  'done';

/**
 * Waits for what may come after a failure.
 * @template {unknown[]} A
 * @param {import("./drivers.mjs").Visit} visit
 * @param {string} what
 * @param {(...args: A) => unknown} script
 * @param {A} args
 */
async function eventually(visit, what, script, ...args) {
  for (
    const end = Date.now() + PATIENCE;
    !(await visit.run(script, ...args));
    await new Promise((resolve) => setTimeout(resolve, 50))
  )
    if (Date.now() > end) throw new Error(`expected ${what}`);
}

/**
 * A page of another site, with what a server of the lens gives in it: `localhost` and `127.0.0.1` are two sites.
 * @param {() => Promise<import("./drivers.mjs").Visit>} visitor
 * @param {(lens: string) => string} body of the page, given the address of the lens's folder
 */
async function post(visitor, body) {
  // Nothing is taken from a browser's cache, so that whatever is fetched is asked for here.
  const lens = await serve({ headers: { 'access-control-allow-origin': '*', 'cache-control': 'no-store' } });
  const page = `<!doctype html><meta charset="utf-8"><title>A post</title><link rel="icon" href="data:,"><script type="module" src="${lens.url}zf-lens.js"></script><body>${body(lens.url)}`;
  const around = await serve({ also: { 'post.html': Buffer.from(page) } });
  const visit = await visitor();
  await visit.go(`${around.url.replace('127.0.0.1', 'localhost')}post.html`);
  const close = async () => {
    await visit.close();
    await lens.close();
    await around.close();
  };
  return { visit, lens, close };
}

for (const { name, open } of BROWSERS) {
  const options = { timeout: 400_000, skip: !open && `${name} is not installed` };
  const visitor = () => /** @type {() => Promise<import("./drivers.mjs").Visit>} */ (open)();

  test(`${name}: a photograph, its classes, a projection, every tab, an export`, options, async () => {
    const small = 'nets/small.safetensors';
    const server = await serve({ also: { [small]: experiments().file } });
    const visit = await visitor();
    try {
      await visit.go(`${server.url}?backend=cpu`);
      await until(visit, 'the samples', () => document.querySelectorAll('.wall .tile').length > 0);
      await visit.choose('input[type=file]', sample('cat'));
      assert.match(await until(visit, 'a projection', projection), /^conv5 /);
      const classes = await until(visit, 'the classes', () => {
        const names = [...document.querySelectorAll('[data-view=classes] li')].map((one) => one.textContent ?? '');
        return names.length > 0 && names;
      });
      assert.ok(
        classes.some((text) => /cat|猫/.test(text)),
        classes.join('; '),
      );
      const drawn = await visit.run(() =>
        ['photo', 'maps', 'map', 'projection', 'patch'].filter((view) => {
          const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector(`canvas[data-view=${view}]`));
          const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
          return new Set(pixels).size > 8;
        }),
      );
      assert.deepEqual(drawn, ['photo', 'maps', 'map', 'projection', 'patch']);

      // What is saved is seen on its way out: neither driver hands over a file.
      await visit.run(() => {
        const make = URL.createObjectURL;
        URL.createObjectURL = (/** @type {any} */ blob) => {
          const url = make(blob);
          // On its way there it is a drawing, which the browser turns into pixels.
          if (blob.type === 'image/svg+xml') return url;
          void blob.arrayBuffer().then((/** @type {ArrayBuffer} */ bytes) => {
            document.documentElement.dataset.saved = String.fromCharCode(...new Uint8Array(bytes.slice(1, 4)));
          });
          return url;
        };
        /** @type {HTMLElement} */ (document.querySelector('.inspector .actions button')).click();
      });
      assert.equal(await until(visit, 'an export', () => document.documentElement.dataset.saved), 'PNG');

      // The tabs that show what ships: nine pictures for each map, the checkpoints of the training, the lesson.
      for (const [tab, shown] of [
        ['top', '.top img, .top canvas'],
        ['training', '.evolution canvas'],
        ['learn', '.learn svg, .learn table'],
      ]) {
        await visit.run((tab) => void (location.hash = `#v=1&sample=cat&tab=${tab}`), tab);
        await until(
          visit,
          tab,
          (shown) => document.documentElement.dataset.status === 'ready' && document.querySelectorAll(shown).length > 0,
          shown,
        );
      }

      await visit.go(`${server.url}?backend=cpu&weights=${small}#v=1&sample=cat`);
      await until(visit, 'a projection of the small network', projection);
      for (const [tab, settings] of Object.entries(TABS)) {
        await visit.run((hash) => void (location.hash = hash), `#v=1&sample=cat&tab=${tab}${settings}`);
        await until(visit, tab, (tab) => document.querySelector(`.experiment.${tab}:not([hidden])`) !== null, tab);
        // Some begin only when they are told to.
        await visit.run(
          (tab) =>
            /** @type {HTMLElement | null} */ (
              document.querySelector(`.experiment.${tab} .halt:not([hidden]) .primary:not([hidden])`)
            )?.click(),
          tab,
        );
        await until(visit, `${tab}, finished`, finished, tab);
      }
      const parts = '#v=1&sample=cat&others=flower,coffee&tab=correspondence';
      await visit.run((hash) => void (location.hash = hash), parts);
      await until(
        visit,
        'the parts of three pictures',
        () => document.querySelectorAll('.correspondence canvas').length >= 3,
      );
      assert.deepEqual(
        server.asked.filter((path) => path.startsWith('/')),
        [],
        'nothing is asked of elsewhere',
      );
    } finally {
      await visit.close();
      await server.close();
    }
  });

  test(`${name}: without WebGPU the processor runs, and the page says why`, options, async () => {
    const server = await serve();
    const visit = await visitor();
    try {
      await visit.go(`${server.url}#v=1&lang=en&sample=cat`);
      assert.match(await until(visit, 'a projection', projection), /^conv5 /);
      assert.equal(await visit.run(() => document.documentElement.dataset.backend), 'cpu');
      await visit.run(() => /** @type {HTMLElement} */ (document.querySelector('.badge')).click());
      const words = await until(
        visit,
        'the page about the engine',
        () => document.querySelector('dialog[open]')?.textContent,
      );
      assert.match(words, /offers no graphics adapter/);
      assert.match(words, /It runs beside the page/, 'in a Worker');
      assert.deepEqual(
        server.asked.filter((path) => path.includes('pkg/webgpu')),
        [],
      );

      await visit.go(`${server.url}?backend=webgpu#v=1&lang=en&sample=cat`);
      await eventually(visit, 'the error no-adapter', () => document.documentElement.dataset.error === 'no-adapter');
      const way = await visit.run(() => {
        const button = /** @type {HTMLElement} */ (
          document.querySelector('.notice:not([hidden]) button:not([hidden])')
        );
        button.click();
        return button.textContent;
      });
      assert.equal(way, 'Use the processor');
      await eventually(
        visit,
        'the page with the processor',
        () => location.search.includes('backend=cpu') && document.querySelectorAll('.wall .tile').length > 0,
      );
      await visit.choose('input[type=file]', sample('cat'));
      assert.match(await until(visit, 'a projection', projection), /^conv5 /);
    } finally {
      await visit.close();
      await server.close();
    }
  });

  test(`${name}: kept on the device, the page opens and projects when its server is gone`, options, async () => {
    const server = await serve();
    const visit = await visitor();
    try {
      await visit.go(`${server.url}?backend=cpu`);
      await until(visit, 'the samples', () => document.querySelectorAll('.wall .tile').length > 0);
      await visit.choose('input[type=file]', sample('cat'));
      await until(visit, 'a projection', projection);
      await until(
        visit,
        'a way to keep the page',
        () => document.querySelector('[data-action=keep-offline]:not([hidden])') !== null,
      );
      await visit.run(() => /** @type {HTMLElement} */ (document.querySelector('[data-action=keep-offline]')).click());
      await until(visit, 'everything kept', () => document.documentElement.dataset.offline === 'ready');
      await server.close();
      await assert.rejects(fetch(server.url), 'nobody answers');

      // Another query, so that the page is loaded anew.
      await visit.go(`${server.url}?again&backend=cpu#v=1&lang=en&sample=daisy`);
      assert.match(await until(visit, 'a projection without the server', projection), /^conv5 /);
      const first = await until(
        visit,
        'the classes',
        () => document.querySelector('[data-view=classes] li')?.textContent,
      );
      assert.match(first, /daisy/i);
      await visit.choose('input[type=file]', sample('cat'));
      await until(visit, "a photograph of the visitor's own", () =>
        /cat/i.test(document.querySelector('[data-view=classes] li')?.textContent ?? ''),
      );
      assert.match(
        (await visit.run(() => document.querySelector('.offline')?.textContent)) ?? '',
        /works without internet.*storage/i,
      );
      await visit.run(() => void (location.hash = '#v=1&sample=daisy&tab=top'));
      await until(
        visit,
        'the nine pictures of each map',
        () => document.querySelectorAll('.top img, .top canvas').length > 0,
      );
    } finally {
      await visit.close();
      await server.close().catch(() => {});
    }
  });

  test(
    `${name}: two lenses in a page of another site share an engine; their state is read and set`,
    options,
    async () => {
      const { visit, lens, close } = await post(
        visitor,
        () =>
          `<zf-lens id="one" sample="cat" backend="cpu" reveal="auto"></zf-lens><zf-lens id="two" sample="daisy" layer="conv4" backend="cpu" reveal="auto"></zf-lens>`,
      );
      try {
        for (const id of ['one', 'two']) {
          await visit.run((id) => document.getElementById(id)?.scrollIntoView(), id);
          await until(
            visit,
            `${id} ready`,
            (id) => document.getElementById(id)?.getAttribute('status') === 'ready',
            id,
          );
        }
        const states = await visit.run(() =>
          ['one', 'two'].map((id) => /** @type {any} */ (document.getElementById(id)).state),
        );
        assert.deepEqual(
          states.map(({ sample }) => sample),
          ['cat', 'daisy'],
        );
        assert.deepEqual(
          states.map(({ layer }) => layer),
          ['conv5', 'conv4'],
        );
        assert.equal(lens.asked.filter((path) => /^pkg\/cpu\/.*\.wasm$/.test(path)).length, 1, 'one engine for both');
        assert.deepEqual(
          lens.asked.filter((path) => path === 'service-worker.js'),
          [],
          "a page in somebody else's keeps nothing",
        );

        const set = async (/** @type {Record<string, string>} */ words) => {
          await visit.run((words) => {
            const one = /** @type {any} */ (document.getElementById('one'));
            one.scrollIntoView();
            one.state = { ...one.state, whole: '0', ...words };
          }, words);
          await until(
            visit,
            `the projection of ${words.layer}`,
            async (words) => {
              const { target, projection } = await /** @type {any} */ (document.getElementById('one'))
                .numbers()
                .catch(() => ({}));
              return (
                target?.layer === words.layer &&
                target.map === Number(words.map) &&
                `${target.row},${target.col}` === words.unit &&
                projection.values.length > 0
              );
            },
            words,
          );
        };
        await set({ layer: 'conv3', map: '7', unit: '2,3' });
        const { type, size } = await visit.run(async () => {
          const { type, size } = await /** @type {any} */ (document.getElementById('one')).toBlob();
          return { type, size };
        });
        assert.equal(type, 'image/png');
        assert.ok(size > 10_000, `${size} bytes`);
        // One that is taken away leaves the engine to the other.
        await visit.run(() => document.getElementById('two')?.remove());
        await set({ layer: 'conv2', map: '5', unit: '1,4' });
      } finally {
        await close();
      }
    },
  );

  test(`${name}: in a sandboxed frame of another site the lens works without storage`, options, async () => {
    const { visit, close } = await post(
      visitor,
      (lens) =>
        `<script>addEventListener("message", ({ data }) => { if (data?.event === "state") document.documentElement.dataset.told = data.detail.status + " " + (data.detail.error ?? "") })</script>` +
        `<iframe sandbox="allow-scripts" width="900" height="700" src="${lens}embed.html?reveal=auto&backend=cpu#v=1&sample=cat"></iframe>`,
    );
    try {
      const told = await until(visit, 'the lens ready', () => {
        const { told = '' } = document.documentElement.dataset;
        return /^(ready|error) /.test(told) && told;
      });
      assert.equal(told, 'ready ');
    } finally {
      await close();
    }
  });
}
