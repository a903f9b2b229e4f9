/** Words of what many layers are found one's way in by. */
import words from '../../../../crates/zfnet-words/words/layers.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
