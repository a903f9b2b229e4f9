// The bundled network for other runtimes: its numbers as F32, and the same as an ONNX file.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ name: string, op: string, out: number, kernel: [number, number], stride: [number, number], pad: number[], size: number, alpha: number, beta: number, k: number }} Layer
 * @typedef {{ shape: number[], values: Float32Array }} Numbers
 */

/** @param {string} weights folder with a manifest @returns {{ layers: Layer[], numbers: Record<string, Numbers> }} */
export function readNetwork(weights) {
  const manifest = JSON.parse(readFileSync(join(weights, 'manifest.json'), 'utf8'));
  /** @type {Record<string, Numbers>} */
  const numbers = {};
  let layers = [];
  for (const shard of ['features', 'classifier']) {
    const file = readFileSync(
      join(weights, manifest.files.find((/** @type {{ shard: string }} */ one) => one.shard === shard).path),
    );
    const length = Number(file.readBigUInt64LE(0));
    const head = JSON.parse(file.subarray(8, 8 + length).toString());
    layers = JSON.parse(head.__metadata__['zf-lens']).architecture;
    const bytes = (/** @type {string} */ name) => {
      const [from, to] = head[name].data_offsets;
      return new Uint8Array(file.subarray(8 + length + from, 8 + length + to));
    };
    const floats = (/** @type {string} */ name) => new Float32Array(bytes(name).buffer);
    for (const [name, { dtype, shape }] of Object.entries(head)) {
      if (name.endsWith('.scale') || name === '__metadata__') continue;
      if (dtype === 'F32') numbers[name] = { shape, values: floats(name) };
      else {
        const [scale, values] = [floats(`${name}.scale`), new Int8Array(bytes(name).buffer)];
        const each = values.length / shape[0];
        numbers[name] = {
          shape,
          values: Float32Array.from(values, (value, at) => value * (scale[Math.floor(at / each)] ?? 1)),
        };
      }
    }
  }
  return { layers: layers.filter((/** @type {Layer} */ { op }) => op !== 'dropout'), numbers };
}

/**
 * What an ONNX file gives: the scores; the maps of the last convolution; or of every map of a convolution its strongest place and
 * what it answers there. Maps are those after the rectifier.
 * @typedef {'scores' | 'maps' | 'strongest'} Gives
 */

/** @param {ReturnType<typeof readNetwork>} network @param {Gives} gives @returns {Uint8Array} an ONNX file, opset 13, for batches of any size */
export function onnx({ layers: all, numbers }, gives) {
  const last = all.findLastIndex(({ op }) => op === 'conv');
  const layers = gives === 'scores' ? all : all.slice(0, last + 2);
  /** @type {Uint8Array[]} */
  const nodes = [];
  /** @type {Uint8Array[]} */
  const outputs = [];
  /** What numbers there are: 1 for floats, 7 for integers. */
  const output = (/** @type {string} */ name, kind = 1) =>
    outputs.push(message(text(1, name), field(2, field(1, message(int(1, kind))))));
  let at = 'input';
  let isFlat = false;
  for (const [place, { name, op, kernel, stride, pad, size, alpha, beta, k }] of layers.entries()) {
    const node = (
      /** @type {string} */ kind,
      /** @type {string[]} */ inputs,
      /** @type {Record<string, any>} */ attributes = {},
    ) => {
      const made = name === layers.at(-1)?.name ? 'output' : `${name}.out`;
      nodes.push(operation(kind, [at, ...inputs], made, attributes));
      at = made;
    };
    const parameters = [`${name}.weight`, `${name}.bias`];
    if (op === 'conv') node('Conv', parameters, { strides: stride, pads: pad, kernel_shape: kernel });
    else if (op === 'relu') {
      node('Relu', []);
      if (gives !== 'strongest' || layers[place - 1]?.op !== 'conv') continue;
      const [flat, most, where] = ['flat', 'most', 'where'].map((one) => `${name}.${one}`);
      nodes.push(
        operation('Flatten', [at], flat, { axis: 2 }),
        operation('ReduceMax', [flat], most, { axes: Uint8Array.of(1), keepdims: 0 }),
        operation('ArgMax', [flat], where, { axis: 1, keepdims: 0 }),
      );
      output(most);
      output(where, 7);
    } else if (op === 'max_pool') node('MaxPool', [], { strides: stride, pads: pad, kernel_shape: kernel });
    // ONNX divides alpha by the number of maps first.
    else if (op === 'lrn') node('LRN', [], { size, alpha: [alpha * size], beta: [beta], bias: [k] });
    else if (op === 'dense') {
      if (!isFlat) {
        nodes.push(operation('Flatten', [at], 'flat'));
        [at, isFlat] = ['flat', true];
      }
      node('Gemm', parameters, { transB: 1 });
    } else throw new Error(`no ONNX for ${op}`);
  }
  if (gives !== 'strongest') output('output');
  const sides = [text(2, 'batch'), ...[3, 224, 224].map((size) => int(1, size))].map((side) => field(1, side));
  const input = message(text(1, 'input'), field(2, field(1, message(int(1, 1), field(2, message(...sides))))));
  const used = new Set(layers.map(({ name }) => name));
  const tensors = Object.entries(numbers)
    .filter(([name]) => used.has(name.split('.')[0] ?? ''))
    .map(([name, { shape, values }]) =>
      message(...shape.map((size) => int(1, size)), int(2, 1), text(8, name), field(9, new Uint8Array(values.buffer))),
    );
  const graph = message(
    ...nodes.map((node) => field(1, node)),
    text(2, 'network'),
    ...tensors.map((tensor) => field(5, tensor)),
    field(11, input),
    ...outputs.map((one) => field(12, one)),
  );
  return message(int(1, 8), field(7, graph), field(8, int(2, 13)));
}

/** @param {string} kind @param {string[]} inputs @param {string} output @param {Record<string, any>} [attributes] */
export function operation(kind, inputs, output, attributes = {}) {
  return message(
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, kind),
    ...Object.entries(attributes).map(([key, value]) => field(5, attribute(key, value))),
  );
}

/** One number is an integer, bytes are several; one float stands in a list. @param {string} name @param {any} value */
function attribute(name, value) {
  if (typeof value === 'number') return message(text(1, name), int(3, value), int(20, 2));
  if (value.length > 1 || value instanceof Uint8Array)
    return message(text(1, name), ...Array.from(value, (/** @type {number} */ one) => int(8, one)), int(20, 7));
  const float = new Uint8Array(new Float32Array(value).buffer);
  return message(text(1, name), Uint8Array.of((2 << 3) | 5, ...float), int(20, 1));
}

// What protocol buffers are made of.

/** @param {Uint8Array[]} parts */
export function message(...parts) {
  return new Uint8Array(Buffer.concat(parts));
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.of(...bytes, value);
}

/** @param {number} number @param {number} value */
export function int(number, value) {
  return message(varint(number * 8), varint(value));
}

/** @param {number} number @param {Uint8Array} bytes */
export function field(number, bytes) {
  return message(varint(number * 8 + 2), varint(bytes.length), bytes);
}

/** @param {number} number @param {string} words */
export function text(number, words) {
  return field(number, new TextEncoder().encode(words));
}
