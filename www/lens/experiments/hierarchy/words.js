/** Words of the Poster tab. */
import words from '../../../../crates/zfnet-words/words/hierarchy.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
