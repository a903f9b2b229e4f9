/** Words of the tab “Why this class”. */
import words from '../../../../crates/zfnet-words/words/attribution.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
