/** Words of the Favourite tab. */
import words from '../../../../crates/zfnet-words/words/favourite.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
