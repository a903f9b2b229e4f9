// What can be seen in the page's scripts without opening it: every word is used, is there in both languages, and every view
// opens with a sentence or two for what is seen and for what it does not show; nothing is exported that nobody takes; no async
// generator returns what it has not awaited.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { parse } from 'acorn';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** @param {string} folder @param {string} ending */
const filesOf = (folder, ending) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending) && !name.startsWith('pkg/'))
    .map((name) => ({ name, text: readFileSync(folder + name, 'utf8') }));

const SCRIPTS = filesOf(WWW, '.js');
const isOfWords = (/** @type {string} */ name) =>
  /(^|\/)words\.js$|^lens\/text\/((en|zh)|details\/(engine|page))\.js$/.test(name);
const CODE = SCRIPTS.filter(({ name }) => !isOfWords(name));

/** @typedef {Record<string, string>} Dictionary */
/** The words of one file; what it imports is of no use here. @param {{ name: string, text: string }} script @returns {Promise<{ en?: Dictionary, zh?: Dictionary }>} */
function wordsIn({ text }) {
  const alone = text.replaceAll(/^import .*$/gm, '').replaceAll(/^addWords\(.*$/gm, '');
  return import(`data:text/javascript;charset=utf-8,${encodeURIComponent(alone)}`);
}

/** @returns {Promise<{ en: Map<string, string>, zh: Map<string, string> }>} */
async function allWords() {
  const [en, zh] = [new Map(), new Map()];
  for (const script of SCRIPTS.filter(({ name }) => isOfWords(name))) {
    const found = await wordsIn(script);
    for (const [language, all] of /** @type {const} */ ([
      ['en', en],
      ['zh', zh],
    ])) {
      for (const [key, words] of Object.entries(found[language] ?? {})) {
        assert.ok(!all.has(key), `${script.name}: “${key}” is there twice`);
        all.set(key, words);
      }
    }
  }
  return { en, zh };
}

const { en, zh } = await allWords();
/** Keys as they stand in the code, and patterns of those that are put together: `why-${name}`. */
const written = new Set(CODE.flatMap(({ text }) => [...text.matchAll(/'([\w-]+)'/g)].map(([, key = '']) => key)));
const patterns = CODE.flatMap(({ text }) =>
  [...text.matchAll(/`([\w-]*)\$\{[^}`]+\}([\w-]*)`/g)]
    .filter(([, before = '', after = '']) => before.length + after.length > 2)
    .map(([, before, after]) => new RegExp(`^${before}[\\w-]+${after}$`)),
);

test('every word is used by a script, and every word that a script asks for is there', () => {
  assert.ok(en.size > 500, `${en.size} words were found`);
  const unused = [...en.keys()].filter((key) => !written.has(key) && !patterns.some((pattern) => pattern.test(key)));
  assert.deepEqual(unused, []);
  const asked = CODE.flatMap(({ name, text }) =>
    [...text.matchAll(/\b(?:t\(|(?:t|label|hint|not): )'([\w-]+)'/g)].map(([, key = '']) => ({ name, key })),
  );
  assert.ok(asked.length > 400, `${asked.length} places ask for a word`);
  assert.deepEqual(
    asked.filter(({ key }) => !en.has(key)),
    [],
  );
});

test('both languages say the same things, with the same gaps to fill', () => {
  assert.deepEqual([...zh.keys()].sort(), [...en.keys()].sort());
  const gaps = (/** @type {string} */ words = '') => [...new Set(words.match(/\{\w+\}/g))].sort();
  for (const [key, words] of en) assert.deepEqual(gaps(zh.get(key)), gaps(words), key);
  // Chinese has marks of its own; those of a quotation in Latin letters stay as they are.
  const half = [...zh].filter(([, words]) => /\p{Script=Han}[,;:!?]|\p{Script=Han}\.(?!\w)/u.test(words));
  assert.deepEqual(half, []);
});

/** How many sentences there are. @param {string} words */
const sentences = (words) => words.replaceAll('et al.', 'et al').match(/[.!?](?=\s|$)|[。！？]/g)?.length ?? 0;

test('a view opens with a sentence or two for what is seen and for what it does not show', () => {
  const openings = CODE.flatMap(({ name, text }) => {
    if (!name.startsWith('lens/experiments/')) return [];
    // A view names them; what has no view of the common form writes them side by side.
    const named = [...text.matchAll(/^ {4}(?:text|not): '(\w+)',$/gm)];
    const beside = [
      ...text.matchAll(/h\('span', \{ t: '(\w+)' \}\), gap\(\), h\('span', \{ class: 'soft', t: '(\w+)' \}\)/g),
    ];
    return [...named, ...beside].flatMap(([, ...keys]) => keys);
  });
  assert.ok(
    openings.includes('evolutionText') && openings.includes('gainNot') && openings.length >= 22,
    `found ${openings}`,
  );
  const methods = [...en.keys()].filter((key) => /^whyCan(not)?-/.test(key));
  assert.equal(methods.length, 18, 'nine methods');
  for (const key of [...openings, ...methods]) {
    for (const [language, all] of Object.entries({ en, zh })) {
      const words = all.get(key) ?? '';
      const most = methods.includes(key) ? 1 : 2;
      assert.ok(sentences(words) >= 1 && sentences(words) <= most, `${key} in ${language}: ${words}`);
      assert.match(words, /[.。]$/, `${key} in ${language}`);
    }
  }
});

test('numbers become words in one place, which knows the language and writes a minus, not a hyphen', () => {
  const ways = /\.(toFixed|toPrecision|toExponential|toLocaleString)\(|Intl\.NumberFormat/;
  assert.deepEqual(
    CODE.filter(({ text }) => ways.test(text)).map(({ name }) => name),
    ['lens/text.js'],
  );
  assert.deepEqual(
    [...en, ...zh].filter(([, words]) => /(^|[^\w{}])-\d/.test(words)),
    [],
  );
});

test('what a script exports is taken by another', () => {
  const takers = [...SCRIPTS, ...filesOf(HERE, '.mjs')];
  const needless = SCRIPTS.filter(({ name }) => !isOfWords(name)).flatMap(({ name, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm)]
      .map(([, exported = '']) => exported)
      .filter((exported) => {
        const taken = new RegExp(`\\b${exported}\\b`);
        const imports = new RegExp(
          `import[^;]*\\b${exported}\\b[^;]*from|import\\([^)]*\\)\\)?\\.${exported}\\b|import\\('[^']*'\\)\\.${exported}\\b|\\b${exported}\\b[^;=]*} = await import\\(`,
        );
        return !takers.some((other) => other.name !== name && taken.test(other.text) && imports.test(other.text));
      })
      .map((exported) => `${name}: ${exported}`),
  );
  assert.deepEqual(needless, []);
});

/** @typedef {import("acorn").AnyNode} Node */

/** The parts of a node that are nodes. @param {Node} node @returns {Node[]} */
const within = (node) =>
  Object.values(node)
    .flat()
    .filter((part) => typeof part?.type === 'string');

/** What an expression may come to: both ends of a choice, the last of a sequence. @param {Node} node @returns {Node[]} */
function outcomes(node) {
  if (node.type === 'ConditionalExpression') return [node.consequent, node.alternate].flatMap(outcomes);
  if (node.type === 'LogicalExpression') return [node.left, node.right].flatMap(outcomes);
  if (node.type === 'SequenceExpression') return outcomes(/** @type {Node} */ (node.expressions.at(-1)));
  if (node.type === 'AssignmentExpression') return outcomes(node.right);
  if (node.type === 'ChainExpression') return outcomes(node.expression);
  return [node];
}

const CALLS = new Set(['CallExpression', 'NewExpression', 'ImportExpression', 'TaggedTemplateExpression']);

/**
 * Async generators of a script that return what a call gives without awaiting it: in Safari a promise leaves them as it is.
 * @param {string} text
 * @returns {string[]} the calls
 */
function unawaited(text) {
  /** @type {string[]} */
  const found = [];
  /** @param {Node} node @param {boolean} isInside an async generator */
  const walk = (node, isInside) => {
    if ('generator' in node) isInside = node.generator && node.async;
    if (isInside && node.type === 'ReturnStatement' && node.argument)
      found.push(
        ...outcomes(node.argument)
          .filter(({ type }) => CALLS.has(type))
          .map(({ start, end }) => text.slice(start, end)),
      );
    for (const part of within(node)) walk(part, isInside);
  };
  walk(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), false);
  return found;
}

test('an async generator awaits what it returns', () => {
  const written = `
    async function* one(a) { if (a) return f(a); return a ? await f() : g.h(); }
    const two = { async *three() { return (await f(), x?.y()); } };
    class Four { async *#five() { return a ?? new Promise(f); } async *six() { return import('seven'); } }
    async function* right() { const inner = () => f(); function other() { return f(); } return await f(); }
    async function* handsOn() { return yield* f(); }
    async function plain() { return f(); }
    function* answers() { return f(); }`;
  assert.deepEqual(unawaited(written), ['f(a)', 'g.h()', 'x?.y()', 'new Promise(f)', "import('seven')"]);
  assert.deepEqual(
    SCRIPTS.flatMap(({ name, text }) => unawaited(text).map((call) => `${name}: return ${call}`)),
    [],
  );
});

test('a lens touches nothing outside the element that it is given', () => {
  // The engine for other pages has no element, and takes the addresses that it is given as those of its page.
  const lens = CODE.filter(({ name }) => name.startsWith('lens/') && name !== 'lens/engine/lens.js');
  assert.ok(lens.length > 100, `${lens.length} scripts`);
  const outside =
    /\bdocument\.(?!create)\w+|(?<!\.)\bwindow\.(?!devicePixelRatio)\w+|\b(?:location|history|localStorage|sessionStorage)\.\w+/g;
  const found = lens.flatMap(({ name, text }) =>
    [...text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '').matchAll(outside)].map(([words]) => `${name}: ${words}`),
  );
  assert.deepEqual(found, []);
});

test('the lens knows nothing of the page; the page is composed of it', () => {
  const beyond = SCRIPTS.filter(({ name }) => name.startsWith('lens/')).flatMap(({ name, text }) =>
    [...text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)]
      .map(([, path = '']) => new URL(path, `https://x/${name}`).pathname.slice(1))
      .filter((path) => !path.startsWith('lens/') && !path.startsWith('pkg/'))
      .map((path) => `${name}: ${path}`),
  );
  assert.deepEqual(beyond, []);
});
