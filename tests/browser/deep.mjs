// A narrow network of many layers, as a weights file: a stem, two inception blocks and two residual ones, in three resolutions.

/** Numbers that look random and are always the same. @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Table and tensors under construction. */
class Network {
  /** @type {Record<string, unknown>[]} */
  architecture = [];
  /** @type {Record<string, { shape: number[], values: number[] }>} */
  tensors = {};
  #random = random(1);

  /** @param {string} name @param {string[]} from @param {Record<string, unknown>} op */
  add(name, from, op) {
    this.architecture.push({ name, ...(from.length > 0 && { from }), ...op });
    return name;
  }

  /** A convolution and its rectifier. @param {string} name @param {string} from @param {[number, number]} maps in and out @param {number} side @param {number} [stride] @param {boolean} [rectified] */
  conv(name, from, [seen, out], side, stride = 1, rectified = true) {
    const pad = (side - 1) / 2;
    const geometry = { out, kernel: [side, side], stride: [stride, stride], pad: [pad, pad, pad, pad] };
    this.add(name, [from], { op: 'conv', ...geometry, groups: 1, dilation: [1, 1] });
    this.#parameters(name, [out, seen, side, side]);
    return rectified ? this.add(`${name}_relu`, [], { op: 'relu' }) : name;
  }

  /** @param {string} name @param {string} from @param {[number, number]} numbers in and out */
  dense(name, from, [seen, out]) {
    this.add(name, [from], { op: 'dense', out });
    this.#parameters(name, [out, seen]);
  }

  /** @param {string} name @param {number[]} shape */
  #parameters(name, shape) {
    const [out = 1, ...rest] = shape;
    const each = rest.reduce((product, length) => product * length, 1);
    const values = Array.from({ length: out * each }, () => this.#random() * Math.sqrt(6 / each));
    this.tensors[`${name}.weight`] = { shape, values };
    this.tensors[`${name}.bias`] = { shape: [out], values: Array.from({ length: out }, () => 0.01) };
  }

  /** Of safetensors. @param {string} name @returns {Buffer} */
  file(name) {
    const input = {
      size: 64,
      resize_short_side: 64,
      channels: 'rgb',
      range: 1,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    };
    const about = {
      format: 1,
      name,
      architecture: this.architecture,
      input,
      classes: [],
      provenance: {},
      shard: 'all',
    };
    /** @type {Record<string, unknown>} */
    const header = { __metadata__: { 'zf-lens': JSON.stringify(about) } };
    const parts = [];
    let end = 0;
    for (const [name, { shape, values }] of Object.entries(this.tensors)) {
      const bytes = Buffer.from(Float32Array.from(values).buffer);
      header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += bytes.length)] };
      parts.push(bytes);
    }
    const words = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(words.length));
    return Buffer.concat([size, words, ...parts]);
  }
}

/** The last rectified layer of each of its resolutions. */
export const MILESTONES = ['stem/conv', 'inception_3b/output', 'residual_4b/sum'];

/** @returns {Buffer} */
export function deep() {
  const network = new Network();
  const halves = { op: 'max_pool', kernel: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0] };
  let below = network.conv('stem/conv', 'input', [3, 8], 3, 2);
  below = network.add('stem/pool', [below], halves);
  let maps = 8;
  for (const block of ['inception_3a', 'inception_3b']) {
    const one = network.conv(`${block}/1x1`, below, [maps, 4], 1);
    const reduced = network.conv(`${block}/3x3_reduce`, below, [maps, 3], 1);
    const three = network.conv(`${block}/3x3`, reduced, [3, 6], 3);
    below = network.add(`${block}/output`, [one, three], { op: 'concat' });
    maps = 10;
  }
  for (const [block, stride] of /** @type {const} */ ([
    ['residual_4a', 2],
    ['residual_4b', 1],
  ])) {
    const first = network.conv(`${block}/conv1`, below, [maps, 10], 3, stride);
    const second = network.conv(`${block}/conv2`, first, [10, 10], 3, 1, false);
    const short = stride > 1 ? network.conv(`${block}/shortcut`, below, [maps, 10], 1, stride, false) : below;
    network.add(`${block}/sum`, [second, short], { op: 'add' });
    below = network.add(`${block}/relu`, [], { op: 'relu' });
  }
  network.add('mean', [below], { op: 'gap' });
  network.dense('scores', 'mean', [maps, 4]);
  return network.file('deep');
}
