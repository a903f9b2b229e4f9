/** Words that all experiments share. */
import words from '../../../crates/zfnet-words/words/experiments.json' with { type: 'json' };
import { addWords } from '../text.js';

addWords(words);
