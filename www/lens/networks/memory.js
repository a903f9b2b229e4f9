/** Whether a network is larger than the device has room for, as far as that can be told before it is opened. */

/** What opening a file takes at its peak, in its own size. */
const PEAK = 2.2;
const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
/** The page itself, with its program and a photograph under way. */
const PAGE = 150 * MEBIBYTE;
/** The share of a device's memory that a tab can count on: phones end tabs that take more, computers make room for them. */
const SHARE = { phone: 1 / 4, computer: 1 };
/** Browsers that do not say how much a device has: what a phone has at least. */
const SMALLEST_PHONE = 4 * GIBIBYTE;
/** More than this no program in WebAssembly has, whatever the device. */
const MOST = 4 * GIBIBYTE;

/**
 * @param {number} bytes of the file
 * @param {{ gibibytes: number | undefined, isPhone: boolean }} device `gibibytes`: what the browser says that it has
 * @returns {{ needs: number, has: number } | null} in bytes, where it is likely too large
 */
export function shortage(bytes, { gibibytes, isPhone }) {
  const needs = PEAK * bytes + PAGE;
  const said = gibibytes && gibibytes * GIBIBYTE;
  const memory = said || (isPhone ? SMALLEST_PHONE : Infinity);
  const has = Math.min(MOST, memory * SHARE[isPhone ? 'phone' : 'computer']);
  return needs > has ? { needs, has } : null;
}
