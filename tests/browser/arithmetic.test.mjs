// The arithmetic of an operation: what the page works out from the network's file and the maps of the convolutions equals what
// PyTorch found, in every golden network; and on the page, what it shows is what the engine says.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { NetworkFile } from '../../www/lens/experiments/arithmetic/file.js';
import { Numbers } from '../../www/lens/experiments/arithmetic/numbers.js';

const GOLDEN = new URL('../golden/', import.meta.url);

test("every number before the dense layers equals PyTorch's, whatever the network", () => {
  const cases = readdirSync(GOLDEN).filter((name) => name.endsWith('.safetensors'));
  assert.ok(cases.length >= 9, `found ${cases.length} cases`);
  let checks = 0;
  for (const name of cases) {
    const file = new NetworkFile(readFileSync(new URL(name, GOLDEN)));
    const shapes = new Map();
    const table = file.layers.map(({ name: layer }) => {
      const key = `golden.activation.${layer}`;
      const [, ...shape] = file.has(key) ? file.shape(key) : [1, 0, 0, 0];
      shapes.set(layer, [...shape, 1, 1].slice(0, 3));
      return /** @type {any} */ ({ name: layer, shape: shapes.get(layer) });
    });
    // The maps that the engine gives are those after the rectifier that follows.
    const maps = new Map();
    for (const [at, { name: layer, op }] of file.layers.entries()) {
      if (op !== 'conv') continue;
      const next = file.layers[at + 1];
      const [count, rows, cols] = shapes.get(layer);
      const values = file.numbers(`golden.activation.${next?.op === 'relu' ? next.name : layer}`);
      maps.set(layer, { layer, maps: count, rows, cols, values });
    }
    const found = new Numbers(file, table, { width: 1, height: 1, rgba: new Uint8ClampedArray(4) }, maps);
    const end = file.layers.findIndex(({ op }) => op === 'dense' || op === 'gap');
    for (const [at, { name: layer, op }] of file.layers.slice(0, end).entries()) {
      // What enters the first of these networks is no picture.
      if (at === 0) continue;
      const expected = file.numbers(`golden.activation.${layer}`);
      const [count, rows, cols] = shapes.get(layer);
      const most = Math.max(...expected.map(Math.abs));
      for (let map = 0; map < count; map++)
        for (let row = 0; row < rows; row++)
          for (let col = 0; col < cols; col++) {
            const wanted = expected[(map * rows + row) * cols + col] ?? NaN;
            const value = found.at(at, map, row, col);
            assert.ok(
              Math.abs(value - wanted) <= 1e-4 * most + 1e-6,
              `${name}, ${layer} (${op}) ${map},${row},${col}: ${value} for ${wanted}`,
            );
            checks++;
          }
    }
  }
  assert.ok(checks > 3000, `${checks} checks`);
});
