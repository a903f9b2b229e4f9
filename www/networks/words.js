/** Words of the choice of networks. */
import { addWords } from '../text.js';

export const en = {
  networkChoice: 'Which network looks',
};

/** @type {Record<keyof typeof en, string>} */
export const zh = {
  networkChoice: '由哪个网络来看',
};

addWords({ en, zh });
