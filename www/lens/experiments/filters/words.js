/** Words of the Filters tab. */
import words from '../../../../crates/zfnet-words/words/filters.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
