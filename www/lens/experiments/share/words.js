/** Words of what is made to be kept: the card, and the sheet for paper. */
import words from '../../../../crates/zfnet-words/words/share.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
