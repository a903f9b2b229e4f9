// Small networks with names for their classes, and other heads on their features, made for the tests as safetensors.

import { createHash } from 'node:crypto';

/** @typedef {{ json: any, data: Buffer }} File */

/** @param {Buffer} file @returns {File} */
export function opened(file) {
  const start = 8 + Number(file.readBigUInt64LE(0));
  return { json: JSON.parse(file.subarray(8, start).toString()), data: file.subarray(start) };
}

/** @param {File} file */
export function closed({ json, data }) {
  let words = Buffer.from(JSON.stringify(json));
  words = Buffer.concat([words, Buffer.alloc((8 - (words.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(words.length));
  return Buffer.concat([length, words, data]);
}

/** The numbers of a tensor. @param {File} file @param {string} name */
export function tensor({ json, data }, name) {
  const [from, to] = json[name].data_offsets;
  return new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer);
}

/** A network whose classes have these names. @param {Buffer} file @param {string[]} names */
export function named(file, names) {
  const { json, data } = opened(file);
  const model = JSON.parse(json.__metadata__['zf-lens']);
  model.classes = names.map((en) => ({ en }));
  json.__metadata__['zf-lens'] = JSON.stringify(model);
  return closed({ json, data });
}

/** A network for grey pictures as one for colours: each colour is looked at as the grey was. @param {Buffer} file in F32 */
export function coloured(file) {
  const { json, data } = opened(file);
  const model = JSON.parse(json.__metadata__['zf-lens']);
  model.input = { ...model.input, mean: [0, 0, 0], std: [1, 1, 1] };
  const first = `${model.architecture[0].name}.weight`;
  const [maps, , rows, cols] = json[first].shape;
  json[first].shape = [maps, 3, rows, cols];
  const names = Object.keys(json).filter((name) => name !== '__metadata__');
  /** @type {Buffer[]} */
  const parts = [];
  let end = 0;
  for (const name of names) {
    const [from, to] = json[name].data_offsets;
    const plane = (to - from) / maps;
    const planes = Array.from({ length: maps }, (_, map) =>
      data.subarray(from + map * plane, from + (map + 1) * plane),
    );
    const part = name === first ? Buffer.concat(planes.flatMap((one) => [one, one, one])) : data.subarray(from, to);
    json[name].data_offsets = [end, (end += part.length)];
    parts.push(part);
  }
  json.__metadata__['zf-lens'] = JSON.stringify(model);
  return closed({ json, data: Buffer.concat(parts) });
}

/**
 * A head on a network's features.
 * @param {Buffer} file the network, in F32
 * @param {string} name
 * @param {string} last the layer below
 * @param {number[][]} weight a row for each class
 * @param {number[]} bias
 */
export function head(file, name, last, weight, bias) {
  const network = opened(file);
  const model = JSON.parse(network.json.__metadata__['zf-lens']);
  const below = model.architecture.slice(
    0,
    1 + model.architecture.findIndex((/** @type {any} */ layer) => layer.name === last),
  );
  const hash = createHash('sha256');
  for (const layer of below) {
    for (const part of ['weight', 'bias']) {
      const found = network.json[`${layer.name}.${part}`];
      if (found) hash.update(network.data.subarray(...found.data_offsets));
    }
  }
  const about = {
    format: 1,
    shard: 'head',
    name,
    features: { network: model.name, last, sha256: hash.digest('hex') },
    architecture: [
      { name: 'gap', op: 'gap' },
      { name: 'scores', op: 'dense', out: bias.length },
    ],
    classes: model.classes,
    provenance: {},
  };
  const rows = Buffer.from(Float32Array.from(weight.flat()).buffer);
  const sums = Buffer.from(Float32Array.from(bias).buffer);
  const json = {
    __metadata__: { 'zf-lens': JSON.stringify(about) },
    'scores.weight': { dtype: 'F32', shape: [bias.length, weight[0].length], data_offsets: [0, rows.length] },
    'scores.bias': { dtype: 'F32', shape: [bias.length], data_offsets: [rows.length, rows.length + sums.length] },
  };
  return closed({ json, data: Buffer.concat([rows, sums]) });
}

/**
 * The files of a network and its heads in a folder, with their manifest.
 * @param {string} folder
 * @param {Buffer} network
 * @param {Record<string, Buffer>} heads
 * @returns {Record<string, Buffer>}
 */
export function manifest(folder, network, heads) {
  const entry = (/** @type {string} */ shard, /** @type {string} */ path, /** @type {Buffer} */ bytes) => ({
    shard,
    path,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  const files = [
    entry('all', 'net.safetensors', network),
    ...Object.entries(heads).map(([name, bytes]) => ({ ...entry('head', `${name}.head.safetensors`, bytes), name })),
  ];
  const named = Object.entries(heads).map(([name, bytes]) => [`${folder}/${name}.head.safetensors`, bytes]);
  return {
    [`${folder}/manifest.json`]: Buffer.from(JSON.stringify({ format: 1, name: 'small', files })),
    [`${folder}/net.safetensors`]: network,
    ...Object.fromEntries(named),
  };
}
