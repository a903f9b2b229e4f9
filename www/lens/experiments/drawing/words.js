/** Words of the drawing of the network. */
import words from '../../../../crates/zfnet-words/words/drawing.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
