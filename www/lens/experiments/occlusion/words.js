/** Words of the Occlusion tab. */
import words from '../../../../crates/zfnet-words/words/occlusion.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
