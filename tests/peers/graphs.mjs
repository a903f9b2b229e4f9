// Networks that people know, with random numbers, as ONNX files: normalisations are in the filters, as exporters put them.

import { field, int, message, operation, text } from './network.mjs';

/** @typedef {{ name: string, maps: number }} Maps */

/** An ONNX file under construction, opset 13. */
class Graph {
  /** @type {Uint8Array[]} */
  #nodes = [];
  /** @type {Uint8Array[]} */
  #tensors = [];
  #state = 1;

  /** @param {string} name @param {number[]} shape @param {number} spread numbers lie within it on both sides of zero */
  #tensor(name, shape, spread) {
    const values = new Float32Array(shape.reduce((all, length) => all * length, 1));
    for (let at = 0; at < values.length; at++) {
      this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
      values[at] = ((this.#state >>> 8) / 2 ** 23 - 1) * spread;
    }
    const lengths = shape.map((length) => int(1, length));
    this.#tensors.push(message(...lengths, int(2, 1), text(8, name), field(9, new Uint8Array(values.buffer))));
  }

  /** @param {string} kind @param {string[]} inputs @param {string} name @param {number} maps @param {Record<string, any>} [attributes] @returns {Maps} */
  #node(kind, inputs, name, maps, attributes) {
    this.#nodes.push(operation(kind, inputs, name, attributes));
    return { name, maps };
  }

  /** Filters. @param {Maps} x @param {string} name @param {number} out @param {number} side @param {number} [step] @param {number} [pad] */
  conv(x, name, out, side, step = 1, pad = side >> 1) {
    const seen = x.maps * side * side;
    this.#tensor(`${name}.weight`, [out, x.maps, side, side], Math.sqrt(6 / seen));
    this.#tensor(`${name}.bias`, [out], 0.1);
    const attributes = { kernel_shape: [side, side], strides: [step, step], pads: [pad, pad, pad, pad] };
    return this.#node('Conv', [x.name, `${name}.weight`, `${name}.bias`], `${name}.out`, out, attributes);
  }

  /** @param {Maps} x */
  relu(x) {
    return this.#node('Relu', [x.name], `${x.name}.relu`, x.maps);
  }

  /** Filters and a rectifier. @param {Maps} x @param {string} name @param {number} out @param {number} side @param {number} [step] @param {number} [pad] */
  unit(x, name, out, side, step, pad) {
    return this.relu(this.conv(x, name, out, side, step, pad));
  }

  /** Maxima of 3 by 3 places. @param {Maps} x @param {string} name @param {number} step @param {number} pad @param {number} [up] whether the number of windows is rounded up @param {number} [side] */
  pool(x, name, step, pad, up = 0, side = 3) {
    const attributes = { kernel_shape: [side, side], strides: [step, step], pads: [pad, pad, pad, pad], ceil_mode: up };
    return this.#node('MaxPool', [x.name], name, x.maps, attributes);
  }

  /** @param {string} name @param {Maps[]} parts */
  concat(name, parts) {
    const maps = parts.reduce((all, part) => all + part.maps, 0);
    return this.#node(
      'Concat',
      parts.map((part) => part.name),
      name,
      maps,
      { axis: 1 },
    );
  }

  /** @param {string} name @param {Maps} one @param {Maps} other */
  add(name, one, other) {
    return this.#node('Add', [one.name, other.name], name, one.maps);
  }

  /** The mean of every map, and perhaps a dense layer on it. @param {Maps} x @param {number} [out] @returns {Uint8Array} the file */
  scores(x, out) {
    this.#node('GlobalAveragePool', [x.name], 'mean', x.maps);
    if (out === undefined) this.#node('Flatten', ['mean'], 'output', x.maps);
    else {
      this.#node('Flatten', ['mean'], 'flat', x.maps);
      this.#tensor('fc.weight', [out, x.maps], Math.sqrt(6 / x.maps));
      this.#tensor('fc.bias', [out], 0.1);
      this.#node('Gemm', ['flat', 'fc.weight', 'fc.bias'], 'output', out, { transB: 1 });
    }
    const sides = [1, 3, 224, 224].map((side) => field(1, int(1, side)));
    const input = message(text(1, 'input'), field(2, field(1, message(int(1, 1), field(2, message(...sides))))));
    const graph = message(
      ...this.#nodes.map((node) => field(1, node)),
      text(2, 'network'),
      ...this.#tensors.map((tensor) => field(5, tensor)),
      field(11, input),
      field(12, message(text(1, 'output'), field(2, field(1, message(int(1, 1)))))),
    );
    return message(int(1, 8), field(7, graph), field(8, int(2, 13)));
  }
}

const INPUT = { name: 'input', maps: 3 };

/** He et al. 2015, with two convolutions in a block. */
function resnet18() {
  const graph = new Graph();
  let x = graph.pool(graph.unit(INPUT, 'conv1', 64, 7, 2), 'maxpool', 2, 1);
  for (const [at, maps] of [64, 128, 256, 512].entries())
    for (const block of [0, 1]) {
      const name = `layer${at + 1}.${block}`;
      const step = at > 0 && block === 0 ? 2 : 1;
      const y = graph.conv(graph.unit(x, `${name}.conv1`, maps, 3, step), `${name}.conv2`, maps, 3);
      const shortcut = step > 1 ? graph.conv(x, `${name}.downsample.0`, maps, 1, step) : x;
      x = graph.relu(graph.add(`${name}.add`, y, shortcut));
    }
  return graph.scores(x, 1000);
}

/** Szegedy et al. 2014, as in torchvision. */
function googlenet() {
  const graph = new Graph();
  let x = graph.pool(graph.unit(INPUT, 'conv1.conv', 64, 7, 2), 'maxpool1', 2, 0, 1);
  x = graph.unit(graph.unit(x, 'conv2.conv', 64, 1), 'conv3.conv', 192, 3);
  x = graph.pool(x, 'maxpool2', 2, 0, 1);
  for (const [name, first, ...more] of /** @type {[string, ...number[]][]} */ ([
    ['inception3a', 64, 96, 128, 16, 32, 32],
    ['inception3b', 128, 128, 192, 32, 96, 64],
    ['maxpool3', 3],
    ['inception4a', 192, 96, 208, 16, 48, 64],
    ['inception4b', 160, 112, 224, 24, 64, 64],
    ['inception4c', 128, 128, 256, 24, 64, 64],
    ['inception4d', 112, 144, 288, 32, 64, 64],
    ['inception4e', 256, 160, 320, 32, 128, 128],
    ['maxpool4', 2],
    ['inception5a', 256, 160, 320, 32, 128, 128],
    ['inception5b', 384, 192, 384, 48, 128, 128],
  ])) {
    const [few = 0, many = 0, fewer = 0, last = 0, pooled = 0] = more;
    if (more.length === 0) x = graph.pool(x, name, 2, 0, 1, first);
    else
      x = graph.concat(name, [
        graph.unit(x, `${name}.branch1.conv`, first ?? 0, 1),
        graph.unit(graph.unit(x, `${name}.branch2.0.conv`, few, 1), `${name}.branch2.1.conv`, many, 3),
        graph.unit(graph.unit(x, `${name}.branch3.0.conv`, fewer, 1), `${name}.branch3.1.conv`, last, 3),
        graph.unit(graph.pool(x, `${name}.branch4.0`, 1, 1), `${name}.branch4.1.conv`, pooled, 1),
      ]);
  }
  return graph.scores(x, 1000);
}

/** Iandola et al. 2016, version 1.1. */
function squeezenet() {
  const graph = new Graph();
  let x = graph.pool(graph.unit(INPUT, 'features.0', 64, 3, 2, 0), 'features.2', 2, 0, 1);
  const fires = [3, 4, 6, 7, 9, 10, 11, 12];
  for (const [at, maps] of [16, 16, 32, 32, 48, 48, 64, 64].entries()) {
    const place = fires[at] ?? 0;
    if (place === 6 || place === 9) x = graph.pool(x, `features.${place - 1}`, 2, 0, 1);
    const name = `features.${place}`;
    const few = graph.unit(x, `${name}.squeeze`, maps, 1);
    const parts = [1, 3].map((side) => graph.unit(few, `${name}.expand${side}x${side}`, 4 * maps, side));
    x = graph.concat(name, parts);
  }
  return graph.scores(graph.unit(x, 'classifier.1', 1000, 1));
}

/** Files by the names of the networks. @type {Record<string, () => Uint8Array>} */
export const GRAPHS = { 'ResNet-18': resnet18, GoogLeNet: googlenet, 'SqueezeNet 1.1': squeezenet };
