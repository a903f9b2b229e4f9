/** Words of the Region tab. */
import words from '../../../../crates/zfnet-words/words/region.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
