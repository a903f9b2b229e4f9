// What can be seen in the style sheets without a browser: those of a lens hold wherever it stands, a document or a shadow root, and
// reach nothing else; a colour of the night stands beside that of the day; every class that is named is set by some script.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { parse } from 'acorn';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));

/** @param {string} ending */
const filesOf = (ending) =>
  readdirSync(WWW, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending) && !/^(pkg|npm|notebook)\//.test(name))
    .map((name) => ({ name, text: readFileSync(WWW + name, 'utf8') }));

const SHEETS = filesOf('.css').map(({ name, text }) => ({ name, text: text.replaceAll(/\/\*[^]*?\*\//g, '') }));
const OF_LENS = SHEETS.filter(({ name }) => name.startsWith('lens/'));
const TOKENS = 'lens/styles/tokens.css';

/** What stands before each brace, and how many braces are open around it. @param {string} text */
function preludes(text) {
  /** @type {{ prelude: string, depth: number, within: string[] }[]} */
  const found = [];
  /** @type {string[]} */
  const within = [];
  for (const [, before = '', mark] of text.matchAll(/([^{};]*)([{};])/g)) {
    if (mark === '}') within.pop();
    if (mark !== '{') continue;
    found.push({ prelude: before.trim(), depth: within.length, within: [...within] });
    within.push(before.trim());
  }
  return found;
}

/** @param {string} prelude without what stands in quotes and brackets */
const bare = (prelude) => prelude.replaceAll(/\[[^\]]*\]/g, '[]');

test('a sheet of a lens names nothing that is around it, and not how wide the window is', () => {
  assert.ok(OF_LENS.length > 20, `found ${OF_LENS.map(({ name }) => name)}`);
  const named = OF_LENS.flatMap(({ name, text }) =>
    preludes(text).flatMap(({ prelude }) => {
      const ofWindow = prelude.startsWith('@media') && /width|height|orientation|prefers-color-scheme/.test(prelude);
      const around = !prelude.startsWith('@') && /:root|:host|(^|[\s>+~(,])(html|body)\b/.test(bare(prelude));
      return ofWindow || around ? [`${name}: ${prelude}`] : [];
    }),
  );
  assert.deepEqual(named, []);
  assert.deepEqual(
    OF_LENS.filter(({ text }) => /\d(vw|vi)\b/.test(text)).map(({ name }) => name),
    [],
  );
});

test("a sheet of a lens reaches nothing outside of one, but for the page's own frame", () => {
  const loose = OF_LENS.flatMap(({ name, text }) =>
    preludes(text)
      .filter(
        ({ prelude, depth }) => depth === 0 && !/^(:where\(\.lens\b|:is\(\.lens|\.lens\b|@keyframes )/.test(prelude),
      )
      .map(({ prelude }) => `${name}: ${prelude}`),
  );
  assert.deepEqual(loose, []);
  // Within a rule they would be passed over.
  const moves = OF_LENS.flatMap(({ text }) =>
    preludes(text).filter(({ prelude }) => prelude.startsWith('@keyframes ')),
  );
  assert.deepEqual(
    moves.filter(({ depth }) => depth > 0),
    [],
  );
  assert.ok(moves.length >= 3, `${moves.length} movements`);
  const ofPage = OF_LENS.filter(({ text }) => text.includes('.lens-page')).map(({ name }) => name);
  assert.deepEqual(ofPage.sort(), ['lens/styles/base.css', 'lens/styles/overlays.css', TOKENS]);
});

test('a lens says of each width that a sheet asks for whether it is narrower', () => {
  const script = readFileSync(`${WWW}lens/lens.js`, 'utf8');
  const said = /WIDTHS = \[([\d, ]+)\]/.exec(script)?.[1]?.split(', ').sort();
  const asked = SHEETS.flatMap(({ text }) => [...text.matchAll(/data-below~='(\d+)'/g)].map(([, width = '']) => width));
  assert.deepEqual([...new Set(asked)].sort(), said);
});

test('night and day are told apart by the colour scheme alone', () => {
  const twice = SHEETS.flatMap(({ name, text }) =>
    preludes(text)
      .filter(({ prelude }) => /prefers-color-scheme|data-theme/.test(prelude))
      .map(({ prelude }) => `${name}: ${prelude}`),
  );
  assert.deepEqual(
    twice,
    ['light', 'dark'].map((theme) => `${TOKENS}: :is(.lens-page, .lens)[data-theme='${theme}']`),
  );
});

/** @typedef {import("acorn").AnyNode} Node */

/** The classes that scripts set: as they are, as patterns of those that are put together, and the words that a variable may stand for. */
const set = { names: new Set(), patterns: /** @type {RegExp[]} */ ([]), words: new Set() };

/** @param {Node} node whose words are classes */
function take(node) {
  const keep = (/** @type {string} */ word) => {
    if (word.includes('\0')) set.patterns.push(new RegExp(`^${word.replaceAll('\0', '[\\w-]*')}$`));
    else set.names.add(word);
  };
  const words = node.type === 'TemplateLiteral' ? node.quasis.map(({ value }) => value.cooked ?? '').join('\0') : '';
  if (node.type === 'Literal' && typeof node.value === 'string') node.value.split(/\s+/).forEach(keep);
  words
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '\0')
    .forEach(keep);
  for (const part of within(node)) take(part);
}

/** The parts of a node that are nodes. @param {Node} node @returns {Node[]} */
const within = (node) =>
  Object.values(node)
    .flat()
    .filter((part) => typeof part?.type === 'string');

/** @param {Node} node */
function look(node) {
  const name = (/** @type {any} */ key) => key?.name ?? key?.value;
  if (node.type === 'Literal' && typeof node.value === 'string') set.words.add(node.value);
  if (node.type === 'Property' && name(node.key) === 'class') take(node.value);
  if (
    node.type === 'AssignmentExpression' &&
    node.left.type === 'MemberExpression' &&
    name(node.left.property) === 'className'
  )
    take(node.right);
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
    const { object, property } = node.callee;
    if (object.type === 'MemberExpression' && name(object.property) === 'classList') node.arguments.forEach(take);
    if (name(property) === 'setAttribute' && name(node.arguments[0]) === 'class') node.arguments.slice(1).forEach(take);
  }
  within(node).forEach(look);
}

test('every class that a sheet names is set by a script', () => {
  for (const { text } of filesOf('.js')) look(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }));
  for (const { text } of filesOf('.html'))
    for (const [, words = ''] of text.matchAll(/ class="([^"]*)"/g))
      words.split(' ').forEach((word) => set.names.add(word));
  assert.ok(set.names.size > 200, `${set.names.size} classes are set`);
  const named = SHEETS.flatMap(({ name, text }) =>
    preludes(text)
      .filter(({ prelude }) => !prelude.startsWith('@'))
      .flatMap(({ prelude }) =>
        [...bare(prelude).matchAll(/\.([a-z][\w-]*)/gi)].map(([, one = '']) => ({ name, one })),
      ),
  );
  const dead = named.filter(
    ({ one }) => !set.names.has(one) && !set.words.has(one) && !set.patterns.some((pattern) => pattern.test(one)),
  );
  assert.deepEqual([...new Set(dead.map(({ name, one }) => `${name}: .${one}`))], []);
});
