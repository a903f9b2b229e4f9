/** Several files as one: ZIP (APPNOTE.TXT 6.3.10), stored as they are, since pictures are compressed already. */
import { crc32 } from './crc32.js';

const LOCAL = 0x04034b50;
const LISTED = 0x02014b50;
const END = 0x06054b50;
/** What a reader must understand: version 2.0; names are UTF-8. */
const VERSION = 20;
const UTF8 = 0x0800;

/** @param {[number, number][]} fields how many bytes, and the number that they hold, the lowest byte first @param {...Uint8Array} rest */
function packed(fields, ...rest) {
  const length = fields.reduce((sum, [size]) => sum + size, 0);
  const bytes = new Uint8Array(rest.reduce((sum, part) => sum + part.length, length));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  for (const part of rest) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** As MS-DOS writes it, in two seconds. @param {Date} date @returns {[number, number][]} time and day */
function stamp(date) {
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  return [
    [2, time],
    [2, day],
  ];
}

/** @param {{ name: string, blob: Blob }[]} files each with a name of its own @param {Date} [date] */
export async function zipped(files, date = new Date()) {
  const parts = [];
  const list = [];
  let offset = 0;
  for (const { name, blob } of files) {
    const called = new TextEncoder().encode(name);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    /** @type {[number, number][]} */
    const said = [
      [2, VERSION],
      [2, UTF8],
      [2, 0],
      ...stamp(date),
      [4, crc32(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, called.length],
      [2, 0],
    ];
    const local = packed([[4, LOCAL], ...said], called, bytes);
    list.push(packed([[4, LISTED], [2, VERSION], ...said, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]], called));
    parts.push(local);
    offset += local.length;
  }
  const size = list.reduce((sum, one) => sum + one.length, 0);
  const count = files.length;
  const end = packed([
    [4, END],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, offset],
    [2, 0],
  ]);
  return new Blob([...parts, ...list, end], { type: 'application/zip' });
}
