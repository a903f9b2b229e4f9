/** Words of the Invariance tab. */
import words from '../../../../crates/zfnet-words/words/invariance.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
