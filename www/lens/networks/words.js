/** Words of the choice of networks. */
import { addWords } from '../text.js';

export const en = {
  networkChoice: 'Network',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  networkChoice: '网络',
};

addWords({ en, zh });
