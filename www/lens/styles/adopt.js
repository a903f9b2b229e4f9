/** Style sheets of a lens: fetched once for all lenses of a page, and in one order however they come. */

/** What every lens needs at the start. */
export const FIRST = ['tokens', 'base', 'overlays', 'landing', 'stage', 'journey', 'explorer', 'table', 'inspector'].map((name) => `styles/${name}.css`);
/** What others build on comes before them. */
const ORDER = [...FIRST, ...['experiment', 'top/nine', 'learn/learn', 'learn/grids'].map((name) => `experiments/${name}.css`)].map(addressOf);

/** @type {Map<string, Promise<CSSStyleSheet>>} by their addresses */
const fetched = new Map();
/** @type {WeakMap<CSSStyleSheet, string>} */
const addresses = new WeakMap();

/** @param {string} path from the lens' folder */
function addressOf(path) {
  return new URL(`../${path}`, import.meta.url).href;
}

/** Whether one sheet comes before another. @param {string} one @param {string} other */
function isBefore(one, other) {
  const [first = 0, second = 0] = [one, other].map((address) => (ORDER.includes(address) ? ORDER.indexOf(address) : ORDER.length));
  return first === second ? one < other : first < second;
}

/** Resolves when the sheet holds. @param {Document | ShadowRoot} root @param {string} path from the lens' folder */
export async function adopt(root, path) {
  const address = addressOf(path);
  // The page links what it begins with.
  if ([...root.querySelectorAll('link')].some(({ href }) => href === address)) return;
  if (!('replace' in CSSStyleSheet.prototype)) return link(root, address);
  const sheet = await sheetAt(address);
  const held = root.adoptedStyleSheets;
  if (held.includes(sheet)) return;
  const place = held.findIndex((other) => isBefore(address, addresses.get(other) ?? ''));
  root.adoptedStyleSheets = held.toSpliced(place < 0 ? held.length : place, 0, sheet);
}

/** @param {string} address */
function sheetAt(address) {
  const coming = fetched.get(address) ?? fetchSheet(address);
  fetched.set(address, coming);
  // Whoever asks again may have more luck.
  coming.catch(() => fetched.delete(address));
  return coming;
}

/** @param {string} address */
async function fetchSheet(address) {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new Error(`no style sheet at ${address}`);
  const sheet = await new CSSStyleSheet().replace(await response.text());
  addresses.set(sheet, address);
  return sheet;
}

/** Where no sheet can be made. @param {Document | ShadowRoot} root @param {string} href */
function link(root, href) {
  const made = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  return new Promise((resolve, reject) => {
    made.addEventListener('load', () => resolve(undefined));
    made.addEventListener('error', () => {
      made.remove();
      reject(new Error(`no style sheet at ${href}`));
    });
    (root instanceof Document ? root.head : root).append(made);
  });
}
