/** Words of the choice of networks. */
import words from '../../../crates/zfnet-words/words/networks.json' with { type: 'json' };
import { addWords } from '../text.js';

addWords(words);
