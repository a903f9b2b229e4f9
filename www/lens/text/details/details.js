/**
 * The Chinese of detail lines. What the engine and the scripts report is English, in a few forms: `SUBJECT: expected X, found Y`,
 * `Expected X; found Y.`, `Expected X; CLAUSE.`, `SUBJECT: PHRASE`, or a phrase alone.
 */
import engine from '../../../../crates/zfnet-words/words/messages/engine.json' with { type: 'json' };
import network from '../../../../crates/zfnet-words/words/messages/import.json' with { type: 'json' };
import page from '../../../../crates/zfnet-words/words/messages/page.json' with { type: 'json' };

/** What stands where words are missing, before the words as they were reported. */
const UNKNOWN = '技术详情：';

/** A piece of a file, whatever is in it. */
const QUOTED = /^(?:\[.*\]|\{.*\}|".*")$/s;
const OF = /^(.+?): (.+)$/s;
const SAID = /^(?:(.+?): )??expected (.+?)(?:, found |; found |; )(.+?)\.?$/is;
/** What begins so is a part of a sentence by itself. */
const WHOLE = { expected: /^应/, found: /^(?:实际|但)/ };

/**
 * The phrases that stand in the places of these forms, in English and in Chinese. In the English, `#` is a number, `*` a name, a
 * number or a piece of a file, which stay as they are, and `@` another phrase; in the Chinese they are counted from 1. The longest
 * that fits counts. What begins with 应 says by itself what was expected; what begins with 实际 or 但, what was found.
 */
const PHRASES = Object.entries({ ...engine, ...network, ...page })
  .sort(([one], [other]) => other.length - one.length)
  .map(([english, { zh: chinese }]) => {
    const holes = [...english.matchAll(/[#*@]/g)].map(([hole]) => hole);
    const plain = english.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
    const pattern = plain.replace(/[*@]/g, '(.+?)').replace(/#/g, '(-?[\\d.]+)');
    return { pattern: new RegExp(`^${pattern}$`, 's'), holes, chinese };
  });

/** @param {string} message @returns {string} */
export function inChinese(message) {
  const said = SAID.exec(message);
  if (said) {
    const [, about, ...rest] = said;
    const subject = about === undefined ? '' : phrase(about);
    const [expected, found] = rest.map(phrase);
    if (typeof subject === 'string' && expected) {
      const first = WHOLE.expected.test(expected) ? expected : joined('应为', expected);
      const last = found
        ? `；${WHOLE.found.test(found) ? found : joined('实际为', found)}。`
        : `。${UNKNOWN}${rest[1]}`;
      return `${subject && `${subject}：`}${first}${last}`;
    }
  }
  const whole = known(message.replace(/\.$/, ''));
  if (whole !== null) return `${bare(whole)}。`;
  const [, about = '', what = ''] = OF.exec(message) ?? [];
  const [subject, found] = [known(about), phrase(what)];
  if (subject && found) return `${subject}：${bare(found)}。`;
  // The page's own words are Chinese already, and addresses have no language.
  const isRead = /^(?:\S+:\S+(?: · |$))*$|\p{Script=Han}/u.test(message);
  return isRead ? message : UNKNOWN + message;
}

/** @param {string} english @returns {string | null} `null` where words are missing */
function phrase(english) {
  const isName = QUOTED.test(english) || !/[a-z] [a-z]/i.test(english);
  return known(english) ?? (isName ? english : null);
}

/** @param {string} english @returns {string | null} */
function known(english) {
  for (const { pattern, holes, chinese } of PHRASES) {
    const match = pattern.exec(english);
    if (!match) continue;
    const filled = match.slice(1).map((words, at) => (holes[at] === '@' ? phrase(words) : words));
    if (filled.includes(null)) continue;
    return chinese
      .split(/(\$\d)/)
      .map((part) => (part.startsWith('$') ? bare(filled[Number(part[1]) - 1] ?? '') : part))
      .reduce(joined);
  }
  return null;
}

/** Without what makes a part of a sentence of it. @param {string} chinese */
function bare(chinese) {
  return chinese.replace(/^(?:应为?|实际为?|但)(?=.)/, '');
}

/** Chinese characters and Latin ones stand apart. @param {string} before @param {string} after */
function joined(before, after) {
  const isMixed = /\p{Script=Han}\n[\w"'`([{<-]|[\w"'`)\]}>]\n\p{Script=Han}/u.test(
    `${before.slice(-1)}\n${after.slice(0, 1)}`,
  );
  return isMixed ? `${before} ${after}` : before + after;
}
