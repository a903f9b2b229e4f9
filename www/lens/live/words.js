/** Words of the camera and of films. */
import words from '../../../crates/zfnet-words/words/live.json' with { type: 'json' };
import { addWords } from '../text.js';

addWords(words);
