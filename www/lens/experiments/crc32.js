/** The check that PNG and ZIP files carry: a cyclic redundancy check of 32 bits (ISO 3309). */

/** What a byte adds to it. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = /** @type {number} */ (REMAINDERS[(rest ^ byte) & 0xff]) ^ (rest >>> 8);
  return ~rest >>> 0;
}
