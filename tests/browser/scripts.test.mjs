// What can be seen in the page's scripts without opening it: every word that they ask for is there, and every view opens
// with a sentence or two for what is seen and for what it does not show; nothing is exported that nobody takes; no async
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
const isOfWords = (/** @type {string} */ name) => /(^|\/)words\.js$/.test(name);
const CODE = SCRIPTS.filter(({ name }) => !isOfWords(name));

/** All files of words that a script imports. @type {Record<string, { en: string, zh: string }>} */
const words = {};
for (const { text } of SCRIPTS)
  for (const [, file = ''] of text.matchAll(/from '[./]+\/crates\/zfnet-words\/words\/(\w+\.json)'/g))
    Object.assign(words, JSON.parse(readFileSync(`${WWW}../crates/zfnet-words/words/${file}`, 'utf8')));

test('every word that a script asks for is there', () => {
  assert.ok(Object.keys(words).length > 500, `${Object.keys(words).length} words were found`);
  const asked = CODE.flatMap(({ name, text }) =>
    [...text.matchAll(/\b(?:t\(|(?:t|label|hint|not): )'([\w-]+)'/g)].map(([, key = '']) => ({ name, key })),
  );
  assert.ok(asked.length > 400, `${asked.length} places ask for a word`);
  assert.deepEqual(
    asked.filter(({ key }) => !(key in words)),
    [],
  );
});

test('words go into one script each, which brings them when it is loaded', () => {
  const files = SCRIPTS.flatMap(({ text }) => [...text.matchAll(/\/words\/[\w/]+\.json' with/g)].map(([file]) => file));
  assert.ok(files.length > 15, `${files.length} files`);
  assert.equal(new Set(files).size, files.length, `${files}`);
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
  const methods = Object.keys(words).filter((key) => /^whyCan(not)?-/.test(key));
  assert.equal(methods.length, 18, 'nine methods');
  for (const key of [...openings, ...methods]) {
    for (const [language, said] of Object.entries(words[key] ?? {})) {
      const most = methods.includes(key) ? 1 : 2;
      assert.ok(sentences(said) >= 1 && sentences(said) <= most, `${key} in ${language}: ${said}`);
      assert.match(said, /[.。]$/, `${key} in ${language}`);
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
    Object.values(words).filter(({ en, zh }) => /(^|[^\w{}])-\d/.test(en + zh)),
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
      .filter((path) => !/^(lens|pkg)\/|^crates\/zfnet-words\/words\/.*\.json$/.test(path))
      .map((path) => `${name}: ${path}`),
  );
  assert.deepEqual(beyond, []);
});
