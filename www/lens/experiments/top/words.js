/** Words of the Top nine tab. */
import words from '../../../../crates/zfnet-words/words/top.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
