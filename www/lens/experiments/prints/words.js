/** Words of what stands beside a projection. */
import words from '../../../../crates/zfnet-words/words/prints.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
