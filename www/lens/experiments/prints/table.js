/** What the training set tells of every map: how strong its strongest is, and how many of its nine show the same class. */
import { request } from '../../engine/weights.js';

/** @typedef {{ alike: string, strongest: number[] }} Known a digit of `alike` and a number of `strongest` for each map */
/** @typedef {Record<string, Known>} Layers */

const ADDRESS = new URL('maps.json', import.meta.url);

const read = () => request(ADDRESS, 'default').then((response) => response.json());
/** It is on its way before the photograph has been looked at. @type {Promise<Record<string, Layers | null>> | null} */
let table = read();
table.catch(() => {});

/**
 * @param {string | null} fingerprint of the network's features
 * @returns {Promise<Layers | null | undefined>} `null`: there is no gallery of this network; `undefined`: nothing is known
 */
export async function known(fingerprint) {
  table ??= read();
  try {
    return (await table)[fingerprint ?? ''];
  } catch {
    table = null;
    return undefined;
  }
}
