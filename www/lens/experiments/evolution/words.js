/** Words of the Training tab. */
import words from '../../../../crates/zfnet-words/words/evolution.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
