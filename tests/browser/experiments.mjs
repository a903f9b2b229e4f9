// The golden file of the paper's experiments, as a network that the page loads, pictures to bring, and PyTorch's numbers.

import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const FILE = new URL('../golden/experiments/experiments.safetensors', import.meta.url);

export function experiments() {
  const file = readFileSync(FILE);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, start).toString());
  /** @param {string} name */
  const bytes = (name) => {
    const [from, to] = header[name].data_offsets;
    return file.subarray(start + from, start + to);
  };
  return {
    file,
    about: JSON.parse(header.__metadata__.golden),
    /** @param {string} name @returns {number[]} */
    floats(name) {
      const found = bytes(name);
      return Array.from({ length: found.length / 4 }, (_, at) => found.readFloatLE(4 * at));
    },
    /** @param {number} index @returns {Buffer} as PNG */
    picture(index) {
      const [, , rows, cols] = header['golden.pictures'].shape;
      const plane = rows * cols;
      const planes = bytes('golden.pictures').subarray(3 * plane * index, 3 * plane * (index + 1));
      const rgb = Buffer.alloc(3 * plane);
      for (let at = 0; at < plane; at++)
        for (let channel = 0; channel < 3; channel++) rgb[3 * at + channel] = planes[channel * plane + at] ?? 0;
      return png(cols, rows, rgb);
    },
  };
}

/** @param {number} width @param {number} height @param {Buffer} rgb rows of pixels, three bytes each */
function png(width, height, rgb) {
  const rows = Array.from({ length: height }, (_, row) => [
    Buffer.alloc(1),
    rgb.subarray(3 * width * row, 3 * width * (row + 1)),
  ]);
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  // Eight bits of red, green and blue.
  size.set([8, 2, 0, 0, 0], 8);
  const chunk = (/** @type {string} */ kind, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.concat(rows.flat()));
  return Buffer.concat([signature, chunk('IHDR', size), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** The checksum of PNG, bit by bit. @param {Buffer} bytes */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
