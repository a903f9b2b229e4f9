/** Style sheets of a lens: fetched once for all lenses of a page, and in one order however they come. */

/** What every lens needs at the start. */
export const FIRST = ['tokens', 'base', 'overlays', 'landing', 'stage', 'journey', 'table', 'inspector'].map(
  (name) => `styles/${name}.css`,
);
/** What others build on comes before them. */
const ORDER = [
  ...FIRST,
  ...['experiment', 'top/nine', 'learn/learn', 'learn/grids'].map((name) => `experiments/${name}.css`),
];

/** @type {Map<string, Promise<CSSStyleSheet>>} by their paths */
const fetched = new Map();
/** Where a sheet belongs, as words in order; one of somebody else's comes before. @type {WeakMap<CSSStyleSheet, string>} */
const places = new WeakMap();
const placeOf = (/** @type {CSSStyleSheet} */ sheet) => places.get(sheet) ?? '';

/** Resolves when the sheet holds. @param {Document | ShadowRoot} root @param {string} path from the lens' folder */
export async function adopt(root, path) {
  const { href } = new URL(`../${path}`, import.meta.url);
  // A page links what it begins with.
  if (root.querySelector(`link[href$="${path}"]`)) return;
  const coming = fetched.get(path) ?? fetchSheet(href, path);
  fetched.set(path, coming);
  // Whoever asks again may have more luck.
  coming.catch(() => fetched.delete(path));
  const sheet = await coming;
  const held = new Set(root.adoptedStyleSheets).add(sheet);
  root.adoptedStyleSheets = [...held].sort((one, other) => placeOf(one).localeCompare(placeOf(other)));
}

/** @param {string} href @param {string} path */
async function fetchSheet(href, path) {
  const response = await fetch(href).catch(() => null);
  if (!response?.ok) throw new Error(`no style sheet at ${href}`);
  const sheet = await new CSSStyleSheet().replace(await response.text());
  const rank = ORDER.includes(path) ? ORDER.indexOf(path) : ORDER.length;
  places.set(sheet, `${rank + 10} ${path}`);
  return sheet;
}
