// The main flow in the browsers that are not Chromium: a photograph, its classes, a projection, every tab, an export.

import assert from "node:assert/strict";
import { test } from "node:test";

import { firefox, webkit } from "./drivers.mjs";
import { experiments } from "./experiments.mjs";
import { serve } from "./harness.mjs";
import { sample } from "./visitor.mjs";

const { FIREFOX, WEBKIT_DRIVER, WEBKIT_BROWSER } = process.env;

/** @type {{ name: string, open: (() => Promise<import("./drivers.mjs").Visit>) | null }[]} */
const BROWSERS = [
  { name: "Firefox", open: FIREFOX ? () => firefox(FIREFOX) : null },
  { name: "WebKit", open: WEBKIT_DRIVER && WEBKIT_BROWSER ? () => webkit(WEBKIT_DRIVER, WEBKIT_BROWSER) : null },
];

/** The tabs that ask the engine, with what makes them short, on a network of two convolutions. */
const TABS = {
  occlusion: "",
  attribution: "&attribution.samples=4",
  invariance: "",
  favourite: "&favourite.steps=20",
  hierarchy: "",
  filters: "",
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
  const end = Date.now() + 120_000;
  for (;;) {
    const found = await visit.run(script, ...args);
    if (found) return found;
    const said = await visit.run(() => {
      const { status, error } = document.documentElement.dataset;
      return `status ${status}, error ${error}: ${document.querySelector(".notice")?.textContent ?? ""}`;
    });
    if (Date.now() > end || said.startsWith("status error")) throw new Error(`expected ${what}; ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const projection = () => {
  const { status } = document.documentElement.dataset;
  return status === "ready" && document.querySelector("canvas[data-view=projection]")?.getAttribute("data-of");
};

/** @param {string} tab */
const finished = (tab) =>
  /** @type {HTMLElement | null} */ (document.querySelector(`.experiment.${tab}:not([hidden])`))?.dataset.state === "done";

for (const { name, open } of BROWSERS) {
  test(`${name}: a photograph, its classes, a projection, every tab, an export`, { timeout: 400_000, skip: !open && `${name} is not installed` }, async () => {
    const small = "nets/small.safetensors";
    const server = await serve({ also: { [small]: experiments().file } });
    const visit = await /** @type {() => Promise<import("./drivers.mjs").Visit>} */ (open)();
    try {
      await visit.go(`${server.url}?backend=cpu`);
      await until(visit, "the samples", () => document.querySelectorAll(".wall .tile").length > 0);
      await visit.choose("input[type=file]", sample("cat"));
      assert.match(await until(visit, "a projection", projection), /^conv5 /);
      const classes = await until(visit, "the classes", () => {
        const names = [...document.querySelectorAll("[data-view=classes] li")].map((one) => one.textContent ?? "");
        return names.length > 0 && names;
      });
      assert.ok(classes.some((text) => /cat|猫/.test(text)), classes.join("; "));
      const drawn = await visit.run(() =>
        ["photo", "maps", "map", "projection", "patch"].filter((view) => {
          const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector(`canvas[data-view=${view}]`));
          const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
          return new Set(pixels).size > 8;
        }),
      );
      assert.deepEqual(drawn, ["photo", "maps", "map", "projection", "patch"]);

      // What is saved is seen on its way out: neither driver hands over a file.
      await visit.run(() => {
        const make = URL.createObjectURL;
        URL.createObjectURL = (/** @type {any} */ blob) => {
          void blob.arrayBuffer().then((/** @type {ArrayBuffer} */ bytes) => {
            document.documentElement.dataset.saved = String.fromCharCode(...new Uint8Array(bytes.slice(1, 4)));
          });
          return make(blob);
        };
        /** @type {HTMLElement} */ (document.querySelector(".inspector .actions button")).click();
      });
      assert.equal(await until(visit, "an export", () => document.documentElement.dataset.saved), "PNG");

      // The tabs that show what ships: nine pictures for each map, the checkpoints of the training, the lesson.
      for (const [tab, shown] of [
        ["top", ".top img, .top canvas"],
        ["training", ".evolution canvas"],
        ["learn", ".learn svg, .learn table"],
      ]) {
        await visit.run((tab) => void (location.hash = `#v=1&sample=cat&tab=${tab}`), tab);
        await until(visit, tab, (shown) => document.documentElement.dataset.status === "ready" && document.querySelectorAll(shown).length > 0, shown);
      }

      await visit.go(`${server.url}?backend=cpu&weights=${small}#v=1&sample=cat`);
      await until(visit, "a projection of the small network", projection);
      for (const [tab, settings] of Object.entries(TABS)) {
        await visit.run((hash) => void (location.hash = hash), `#v=1&sample=cat&tab=${tab}${settings}`);
        await until(visit, tab, (tab) => document.querySelector(`.experiment.${tab}:not([hidden])`) !== null, tab);
        // Some begin only when they are told to.
        await visit.run((tab) => /** @type {HTMLElement | null} */ (document.querySelector(`.experiment.${tab} .halt:not([hidden]) .primary:not([hidden])`))?.click(), tab);
        await until(visit, `${tab}, finished`, finished, tab);
      }
      const parts = "#v=1&sample=cat&others=flower,coffee&tab=correspondence";
      await visit.run((hash) => void (location.hash = hash), parts);
      await until(visit, "the parts of three pictures", () => document.querySelectorAll(".correspondence canvas").length >= 3);
      assert.deepEqual(server.asked.filter((path) => path.startsWith("/")), [], "nothing is asked of elsewhere");
    } finally {
      await visit.close();
      await server.close();
    }
  });
}
