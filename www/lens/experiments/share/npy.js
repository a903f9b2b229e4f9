/** Numbers as NumPy keeps them: version 1.0 of its format, float32, little-endian, rows before columns. */

/** @param {{ shape: readonly number[], values: Float32Array }} array */
export function npy({ shape, values }) {
  const about = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  // Ten bytes stand before the description, and the numbers begin at a multiple of 64.
  const padded = `${about.padEnd(Math.ceil((about.length + 11) / 64) * 64 - 11)}\n`;
  const head = new Uint8Array(10 + padded.length);
  head.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  head.set(new TextEncoder().encode(padded), 10);
  const body = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, at) => body.setFloat32(4 * at, value, true));
  return new Blob([head, body], { type: 'application/octet-stream' });
}
