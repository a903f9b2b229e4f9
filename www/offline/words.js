/** Words of keeping the page on the device. */
import words from '../../crates/zfnet-words/words/offline.json' with { type: 'json' };
import { addWords } from '../lens/text.js';

addWords(words);
