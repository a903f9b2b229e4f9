// Runs in the page: graphs of the ONNX Model Zoo with numbers in place of `ConstantOfShape`, as `generate.py` beside them gave them
// to onnxruntime, read by the page's reader and computed by its engine.

/** @typedef {{ number: number, value: number, content: Uint8Array }} Field */

/** Fields of a message whose values are bytes or whole numbers of variable length. @param {Uint8Array} message */
function* fields(message) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const value = varint();
    const length = (key & 7) === 2 ? value : 0;
    yield { number: key >> 3, value, content: message.subarray(at, at + length) };
    at += length;
  }
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.of(...bytes, value);
}

/** Parts of a field that holds bytes. @param {number} number @param {Uint8Array[]} parts */
const bytes = (number, parts) => [
  Uint8Array.of((number << 3) | 2),
  varint(parts.reduce((sum, part) => sum + part.length, 0)),
  ...parts,
];
/** @param {number} number @param {number} value */
const integer = (number, value) => [Uint8Array.of(number << 3), varint(value)];
/** Parts of a field as it was. @param {Field} field */
const same = ({ number, value, content }) =>
  content.length === 0 && value > 0 ? integer(number, value) : bytes(number, [content]);

const letters = new TextDecoder();
/** @param {Uint8Array} message @param {number} number */
const texts = (message, number) =>
  [...fields(message)].filter((field) => field.number === number).map(({ content }) => letters.decode(content));

// A number of 64 bits, as two halves of 32: what is reckoned with.
let high = 0;
let low = 0;

/** @param {number} otherHigh @param {number} otherLow */
function add(otherHigh, otherLow) {
  const sum = low + otherLow;
  high = (high + otherHigh + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  low = sum >>> 0;
}

/** @param {number} otherHigh @param {number} otherLow */
function multiply(otherHigh, otherLow) {
  const [a, b, c, d] = [low >>> 16, low & 65535, otherLow >>> 16, otherLow & 65535];
  const middle = a * d + ((b * d) >>> 16);
  const rest = b * c + (middle & 65535);
  const carried = a * c + Math.floor(middle / 65536) + Math.floor(rest / 65536);
  high = (carried + Math.imul(high, otherLow) + Math.imul(low, otherHigh)) >>> 0;
  low = Math.imul(low, otherLow) >>> 0;
}

/** Shifted to the right, and compared with itself. @param {number} by */
function mix(by) {
  low = (low ^ ((low >>> by) | (high << (32 - by)))) >>> 0;
  high = (high ^ (high >>> by)) >>> 0;
}

/** Numbers that follow from a tensor's name: FNV-1a of it, then SplitMix64. @param {string} name @param {number[]} dims */
function numbers(name, dims) {
  [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of new TextEncoder().encode(name)) {
    low = (low ^ byte) >>> 0;
    multiply(0x100, 0x000001b3);
  }
  const [, ...seen] = dims;
  const each = seen.reduce((product, length) => product * length, 1);
  const spread = Math.fround(Math.sqrt(Math.fround(6 / each)));
  const found = new Float32Array(each * (dims[0] ?? 1));
  let [stateHigh, stateLow] = [high, low];
  for (let at = 0; at < found.length; at++) {
    [high, low] = [stateHigh, stateLow];
    add(0x9e3779b9, 0x7f4a7c15);
    [stateHigh, stateLow] = [high, low];
    mix(30);
    multiply(0xbf58476d, 0x1ce4e5b9);
    mix(27);
    multiply(0x94d049bb, 0x133111eb);
    // The last mixing, by 31, leaves the 24 highest bits as they are.
    const unit = (high >>> 8) / 2 ** 24;
    found[at] = seen.length > 0 ? Math.fround(unit * 2 - 1) * spread : 0.5 + 0.5 * unit;
  }
  return found;
}

/** Parts of a graph with its numbers. @param {Uint8Array} graph */
function filledGraph(graph) {
  const all = [...fields(graph)];
  const tensors = all.filter(({ number }) => number === 5);
  /** @param {string} wanted the lengths of a tensor's axes, which stand in another */
  const lengths = (wanted) => {
    const tensor = tensors.find(({ content }) => texts(content, 8)[0] === wanted);
    const raw = tensor && [...fields(tensor.content)].find(({ number }) => number === 9)?.content.slice();
    if (!raw) throw new Error(`expected lengths for ${wanted}`);
    return [...new BigInt64Array(raw.buffer)].map(Number);
  };
  return all.flatMap((field) => {
    if (field.number !== 1 || texts(field.content, 4)[0] !== 'ConstantOfShape') return same(field);
    const [from = ''] = texts(field.content, 1);
    const [name = ''] = texts(field.content, 2);
    const dims = lengths(from);
    const raw = new Uint8Array(numbers(name, dims).buffer);
    const about = dims.flatMap((length) => integer(1, length));
    const title = bytes(8, [new TextEncoder().encode(name)]);
    return bytes(5, [...about, ...integer(2, 1), ...title, ...bytes(9, [raw])]);
  });
}

/** A file with its numbers, in parts. @param {Uint8Array} file */
const filled = (file) =>
  [...fields(file)].flatMap((field) => (field.number === 7 ? bytes(7, filledGraph(field.content)) : same(field)));

/**
 * Reads the graph of that address, gives it the picture of `generate.py`, and compares its scores.
 * @param {string} graph @param {number[]} scores @param {number} tolerance @param {'cpu' | 'webgpu'} backend
 */
export async function replayed(graph, scores, tolerance, backend) {
  const at = (/** @type {string} */ path) => new URL(path, document.baseURI).href;
  const file = new Uint8Array(await (await fetch(at(graph))).arrayBuffer());
  const reader = await import(at('pkg/import/zfnet_web_import.js'));
  await reader.default();
  const parts = filled(file);
  const room = new reader.Room(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts.splice(0)) room.add(part);
  const foreign = new reader.Foreign(room, graph, graph, null);
  const model = JSON.parse(foreign.model());
  const last = model.architecture.at(-1).name;
  const entering = [model.input.mean.length, model.input.size, model.input.size];
  const count = entering.reduce((product, length) => product * length, 1);
  const picture = Float32Array.from({ length: count }, (_, place) => place / count);

  // A golden case: the network in a weights file, and what another program made of a picture.
  /** @type {Record<string, object>} */
  const header = {
    __metadata__: { 'zf-lens': JSON.stringify({ ...model, shard: 'all' }), golden: JSON.stringify({ tolerance }) },
  };
  /** @type {(() => Iterable<Float32Array>)[]} */
  const sources = [];
  let end = 0;
  /** @param {string} name @param {number[]} shape @param {() => Iterable<Float32Array>} source */
  const add = (name, shape, source) => {
    const begin = end;
    end += 4 * shape.reduce((product, length) => product * length, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
    sources.push(source);
  };
  add('golden.input', [1, ...entering], () => [picture]);
  add(`golden.activation.${last}`, [1, scores.length, 1, 1], () => [Float32Array.from(scores)]);
  const counts = foreign.counts();
  for (const [at, name] of /** @type {string[]} */ (foreign.names()).entries()) {
    const layer = model.architecture.find((/** @type {{ name: string }} */ row) => name === `${row.name}.weight`);
    add(name, shapeOf(layer, counts[at]), function* () {
      for (let from = 0; from < counts[at]; from += AT_A_TIME) yield foreign.numbers(name, from, AT_A_TIME);
    });
  }
  const json = new TextEncoder().encode(JSON.stringify(header).padEnd(8));
  const golden = new Uint8Array(8 + json.length + end);
  new DataView(golden.buffer).setBigUint64(0, BigInt(json.length), true);
  golden.set(json, 8);
  let begin = 8 + json.length;
  for (const source of sources)
    for (const part of source()) {
      golden.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), begin);
      begin += part.byteLength;
    }
  foreign.free();
  const engine = await import(at(`pkg/${backend}/zfnet_web.js`));
  await engine.default();
  return engine.replay(golden);
}

/** How many numbers leave the reader at a time. */
const AT_A_TIME = 1 << 20;

/** The shape of so many weights of a layer, or of biases. @param {{ op: string, out: number, kernel: number[] } | undefined} layer @param {number} count */
function shapeOf(layer, count) {
  if (layer?.op === 'dense') return [layer.out, count / layer.out];
  if (layer?.op !== 'conv') return [count];
  const [rows = 1, cols = 1] = layer.kernel;
  return [layer.out, count / (layer.out * rows * cols), rows, cols];
}
