/** The network's own file, read once more for the numbers that the engine keeps to itself: filters, constants, the mean. */
import { EngineError } from '../../engine/protocol.js';
import { featuresOf } from '../../engine/weights.js';

/** @import { Session } from '../../engine/session.js' */
/**
 * A layer as the file's table has it.
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} op
 * @property {number} [out]
 * @property {[number, number]} [kernel]
 * @property {[number, number]} [stride]
 * @property {[number, number, number, number]} [pad]
 * @property {number} [groups]
 * @property {'across' | 'within'} [region]
 * @property {number} [size]
 * @property {number} [alpha]
 * @property {number} [beta]
 * @property {number} [k]
 */
/** @typedef {{ size: number | [number, number], channels: string, range: number, mean: number[], std?: number[] }} Input */
/** @typedef {{ dtype: string, shape: number[], data_offsets: [number, number] }} Tensor */

/** Larger networks are not read a second time. */
const MOST_PARAMETERS = 32e6;

/** @type {{ fingerprint: string | null, name: string, file: Promise<NetworkFile> } | null} that of the network of now */
let kept = null;

/** @param {Session} session */
export function networkFile(session) {
  const { fingerprint, manifest } = session;
  const name = manifest?.url.href ?? '';
  if (kept?.fingerprint === fingerprint && kept.name === name) return kept.file;
  const file = read(session);
  kept = { fingerprint, name, file };
  file.catch(() => (kept = null));
  return file;
}

/** @param {Session} session */
async function read(session) {
  const { manifest, network } = session;
  if (!manifest || !network) throw new EngineError('no-network', 'Expected a network; found none.');
  const shard = featuresOf(manifest);
  const own = network.layers.filter(({ op }) => shard.shard === 'all' || op === 'conv');
  const parameters = own.reduce((sum, layer) => sum + layer.parameters, 0);
  if (parameters > MOST_PARAMETERS)
    throw new EngineError('weights', `Expected at most ${MOST_PARAMETERS} parameters; found ${parameters}.`);
  return new NetworkFile(await session.load(shard));
}

export class NetworkFile {
  #bytes;
  #start;
  /** @type {Record<string, Tensor>} */
  #tensors;
  /** @type {Entry[]} */
  layers;
  /** @type {Input} */
  input;

  /** @param {Uint8Array} bytes of safetensors */
  constructor(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    const { __metadata__: metadata, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    const about = JSON.parse(metadata['zf-lens']);
    this.#bytes = view;
    this.#start = 8 + length;
    this.#tensors = tensors;
    this.layers = about.architecture;
    this.input = about.input;
  }

  /** @param {string} name */
  has(name) {
    return name in this.#tensors;
  }

  /** @param {string} name */
  shape(name) {
    return this.#tensors[name]?.shape ?? [];
  }

  /**
   * A run of a tensor's numbers.
   * @param {string} name @param {number} [from] @param {number} [count]
   * @returns {Float32Array}
   */
  numbers(name, from = 0, count) {
    const tensor = this.#tensors[name];
    if (!tensor) throw new EngineError('weights', `Expected the tensor ${name}; found none.`);
    const { dtype, shape, data_offsets } = tensor;
    const all = shape.reduce((product, side) => product * side, 1);
    const bytes = (data_offsets[1] - data_offsets[0]) / Math.max(1, all);
    const at = this.#start + data_offsets[0];
    const found = new Float32Array(count ?? all);
    for (let i = 0; i < found.length; i++) found[i] = this.#number(dtype, at + (from + i) * bytes);
    return found;
  }

  /** One filter of a convolution: its weights, [maps of the input][rows][columns]. @param {string} layer @param {number} map */
  filter(layer, map) {
    const name = `${layer}.weight`;
    const [, maps = 0, rows = 0, cols = 0] = this.shape(name);
    const count = maps * rows * cols;
    const weights = this.numbers(name, map * count, count);
    const scale = this.has(`${name}.scale`) ? (this.numbers(`${name}.scale`, map, 1)[0] ?? 1) : 1;
    return { maps, rows, cols, weights: weights.map((weight) => weight * scale), bias: this.#bias(layer, map) };
  }

  /** @param {string} layer @param {number} map */
  #bias(layer, map) {
    return this.has(`${layer}.bias`) ? (this.numbers(`${layer}.bias`, map, 1)[0] ?? 0) : 0;
  }

  /** @param {string} dtype @param {number} at */
  #number(dtype, at) {
    if (dtype === 'F32') return this.#bytes.getFloat32(at, true);
    if (dtype === 'I8') return this.#bytes.getInt8(at);
    const half = this.#bytes.getUint16(at, true);
    if (dtype === 'BF16') return new Float32Array(new Uint32Array([half << 16]).buffer)[0] ?? 0;
    const [sign, power, rest] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
    return sign * (power ? 2 ** (power - 15) * (1 + rest / 1024) : (rest / 1024) * 2 ** -14);
  }
}
