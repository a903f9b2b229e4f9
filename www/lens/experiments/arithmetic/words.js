/** Words of the arithmetic of one operation. */
import words from '../../../../crates/zfnet-words/words/arithmetic.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
