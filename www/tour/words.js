/** Words of the tour. */
import words from '../../crates/zfnet-words/words/tour.json' with { type: 'json' };
import { addWords } from '../lens/text.js';

addWords(words);
