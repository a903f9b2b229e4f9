/** Words of the Parts tab. */
import words from '../../../../crates/zfnet-words/words/correspondence.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
