/** What a drop, a paste or the clipboard carries: a file, the address of a picture elsewhere, or nothing that can be opened. */
import { EngineError } from '../engine/protocol.js';

/** @typedef {{ file: Blob } | { addresses: string[] } | { refusal: import('../text.js').Key }} Carried */

/** Formats that the engine or a browser may read. */
const PICTURE = /\.(jpe?g|png|webp|gif|bmp|avif|heic|heif|svg|tiff?)$/i;
/** More than a picture in several sizes; a whole page that was marked and dragged has no end of them. */
const MOST_ADDRESSES = 6;

/** Whether a file says that it is a picture. @param {{ name: string, type: string }} file */
export function isPicture({ name, type }) {
  return PICTURE.test(name) || type.startsWith('image/');
}

/**
 * Files stand in the order of whoever put them there: a picture may come behind its text in another format.
 * @param {DataTransfer} data of a drop or a paste
 * @param {'dropEmpty' | 'pasteEmpty'} empty what is said of it when there is nothing of the kind in it
 * @returns {Carried}
 */
export function carriedBy(data, empty) {
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  const isFolder = (/** @type {DataTransferItem} */ item) => item.webkitGetAsEntry?.()?.isDirectory === true;
  const files = items.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? []);
  const picture = files.find(isPicture);
  if (picture) return { file: picture };
  const addresses = addressesIn(
    data.getData('text/html'),
    data.getData('text/uri-list'),
    data.getData('text/x-moz-url'),
  );
  if (addresses.length > 0) return { addresses };
  // What it is in truth, its bytes will tell.
  if (files[0]) return { file: files[0] };
  return { refusal: items.length > 0 ? 'dropFolder' : empty };
}

/** @returns {Promise<Carried>} what is on the clipboard, asked for without a key */
export async function onClipboard() {
  // Browsers offer it only to pages from https or this machine, and some not at all.
  if (!navigator.clipboard?.read) return { refusal: 'pasteMissing' };
  try {
    const items = await navigator.clipboard.read();
    for (const item of items) {
      const type = item.types.find((name) => name.startsWith('image/'));
      if (type) return { file: await item.getType(type) };
    }
    const html = items.find(({ types }) => types.includes('text/html'));
    const addresses = html ? addressesIn(await (await html.getType('text/html')).text()) : [];
    return addresses.length > 0 ? { addresses } : { refusal: 'pasteEmpty' };
  } catch {
    return { refusal: 'pasteRefused' };
  }
}

/**
 * The first of these addresses at which there is a picture that this page may read.
 * @param {string[]} addresses
 * @param {AbortSignal} signal
 */
export async function fetchPicture(addresses, signal) {
  for (const address of addresses) {
    const response = await fetch(address, { signal, credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(
      (error) => {
        if (signal.aborted) throw error;
        return null;
      },
    );
    const blob = response?.ok ? await response.blob() : null;
    // A link leads to a page more often than to a picture.
    if (blob && !/^text\/html\b/i.test(blob.type)) return blob;
  }
  throw new EngineError('elsewhere', addresses.map((address) => address.slice(0, 120)).join(' · '));
}

/**
 * Pictures of a piece of a page first, then links: a picture that is a link is wanted for itself.
 * @param {string} html
 * @param {string} [links] an address a line
 * @param {string} [titled] as Firefox has them: an address and its title in turns
 */
function addressesIn(html, links = '', titled = '') {
  const lines = (/** @type {string} */ text) => text.split(/\r?\n/);
  const pictures = [...new DOMParser().parseFromString(html, 'text/html').images].map(
    (image) => image.getAttribute('src') ?? '',
  );
  const all = [...pictures, ...lines(links), ...lines(titled).filter((_, at) => at % 2 === 0)].filter(isReachable);
  return [...new Set(all)].slice(0, MOST_ADDRESSES);
}

/** Only a whole address says where it leads; what lies on a disk is closed to a page. @param {string} address */
function isReachable(address) {
  return /^(https?:|data:image\/|blob:)/i.test(address);
}
