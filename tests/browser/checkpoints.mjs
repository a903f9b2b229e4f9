// A training's checkpoints for the tests: copies of a network in which one layer is weaker or stronger by a power of two.
// What each of them must answer follows from the network itself.

import { createHash } from 'node:crypto';

/** @typedef {{ epoch: number, factor: number }} Stage */

/**
 * Scales one layer's weights and bias, exactly: a power of two only moves the exponent.
 * @param {Buffer} file safetensors; bytes are scaled by their filters' scales
 * @param {string} layer
 * @param {number} factor
 */
export function scaled(file, layer, factor) {
  const copy = Buffer.from(file);
  const start = 8 + Number(copy.readBigUInt64LE(0));
  const header = JSON.parse(copy.subarray(8, start).toString());
  const steps = Math.log2(factor);
  if (!Number.isInteger(steps)) throw new Error(`expected a power of two, found ${factor}`);
  const weight = header[`${layer}.weight`].dtype === 'I8' ? `${layer}.weight.scale` : `${layer}.weight`;
  for (const name of [weight, `${layer}.bias`]) {
    const {
      dtype,
      data_offsets: [from, to],
    } = header[name];
    for (let at = start + from; at < start + to; at += dtype === 'F16' ? 2 : 4) {
      if (dtype === 'F32') copy.writeFloatLE(copy.readFloatLE(at) * factor, at);
      else if (dtype === 'F16') copy.writeUInt16LE(halfTimes(copy.readUInt16LE(at), steps), at);
      else throw new Error(`${name}: expected F16 or F32, found ${dtype}`);
    }
  }
  return copy;
}

/** A half float times 2^steps; only what becomes subnormal loses its last bits. @param {number} bits @param {number} steps */
function halfTimes(bits, steps) {
  let size = bits & 0x7fff;
  for (let step = 0; step < Math.abs(steps); step++) {
    if (steps > 0) size = size < 0x400 ? size << 1 : size + 0x400;
    else size = size < 0x800 ? size >> 1 : size - 0x400;
  }
  if (size >= 0x7c00) throw new Error('too large for a half float');
  return (bits & 0x8000) | size;
}

/**
 * The files of a training, by their paths below `folder`.
 * @param {object} options
 * @param {string} options.folder where the network lies
 * @param {string} options.network its name
 * @param {Buffer} options.file its features
 * @param {string} options.layer the layer that differs
 * @param {Stage[]} options.stages
 * @returns {Record<string, Buffer>}
 */
export function training({ folder, network, file, layer, stages }) {
  /** @type {Record<string, Buffer>} */
  const files = {};
  const checkpoints = stages.map(({ epoch, factor }, at) => {
    const path = `epoch-${String(epoch).padStart(2, '0')}.features.safetensors`;
    const bytes = (files[`${folder}/evolution/${path}`] = scaled(file, layer, factor));
    const before = at > 0 ? stages[at - 1].factor : 0;
    return {
      epoch,
      pictures: 1000,
      path,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      top_1: 0.25 * (at + 1),
      moved: { [layer]: Math.abs(factor - before) / factor },
    };
  });
  files[`${folder}/evolution/evolution.json`] = Buffer.from(JSON.stringify({ format: 1, network, checkpoints }));
  return files;
}
