/** Words of the Learn tab. */
import words from '../../../../crates/zfnet-words/words/learn.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
