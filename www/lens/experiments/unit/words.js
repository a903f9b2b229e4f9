/** Words of a unit's own page. */
import words from '../../../../crates/zfnet-words/words/unit.json' with { type: 'json' };
import { addWords } from '../../text.js';

addWords(words);
