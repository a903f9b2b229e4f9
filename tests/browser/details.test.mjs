// What the page says when something fails is Chinese to the last line: every message of the engine and of the scripts, as it
// stands in their sources, has Chinese words. A message that has none yet fails here.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { parse } from 'acorn';

import { inChinese } from '../../www/lens/text/details/details.js';
import engine from '../../crates/zfnet-words/words/messages/engine.json' with { type: 'json' };
import network from '../../crates/zfnet-words/words/messages/import.json' with { type: 'json' };
import page from '../../crates/zfnet-words/words/messages/page.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @param {string} folder @param {string} ending */
const filesOf = (folder, ending) =>
  readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith(ending) && !name.includes('/pkg/'))
    .map((name) => ({ name, text: readFileSync(ROOT + name, 'utf8') }));

/** Names of formats and programs, and of fields as they are written in files and addresses. */
const NAMES = new Set(
  `safetensors JSON SHA WebGPU RGBA PNG PDF HTML ZIP HDF Keras gzip Git LFS git lfs pull UTF BF features classifier all head golden
  gallery json name manifest title about bytes network sha rule count pictures skipped names layers maps columns tile field size
  range mean std omega sigma alpha smooth grad crop weight epoch path top moved resize short side input zf lens ONNX onnx save model as external data False softmax PyTorch torch torchvision googlenet
  pickle state dict Transformer AlexNet ZFNet VGG SqueezeNet GoogLeNet ResNet DenseNet MobileNet timm pytorchcv layout load pth FILE
  TorchScript JPEG GIF WebP preprocessing`.split(/\s+/),
);

/** Words that are left in English. @param {string} message */
const foreign = (message) =>
  (inChinese(message).match(/[A-Za-z]{2,}|技术详情/g) ?? []).filter((word) => !NAMES.has(word));

/** Those that lack words, with what is left of them. @param {string[]} messages */
const lacking = (messages) =>
  [...new Set(messages)]
    .filter((message) => foreign(message).length > 0)
    .map((message) => `${message} → ${inChinese(message)}`);

/** A phrase in a place of a message, unless it is one. @param {string} words */
const placed = (words) => (/(^|: )expected |^\w+: 7$/i.test(words) ? words : `expected ${words}, found 7`);

// Rust.

const TOKENS =
  /\/\/[^\n]*|\/\*[^]*?\*\/|b?r(#*)"[^]*?"\1|b"(?:[^"\\]|\\[^])*"|b?'(?:[^'\\]|\\.[^']*)'|"((?:[^"\\]|\\[^])*)"/g;
const CLOSING = new Map([
  ['(', ')'],
  ['{', '}'],
  ['[', ']'],
]);

/** Where what opens at a place of a text without strings ends. @param {string} bare @param {number} at */
function endOf(bare, at) {
  const [open, close] = [bare[at], CLOSING.get(bare[at] ?? '')];
  for (let depth = 0, to = at; to < bare.length; to++) {
    if (bare[to] === open) depth++;
    if (bare[to] === close && --depth === 0) return to;
  }
  return bare.length;
}

/** As the compiler reads it, with samples in its gaps. @param {string} literal */
const filled = (literal) =>
  literal
    .replace(/\\\n\s*/g, '')
    .replace(/\\(["\\])/g, '$1')
    .replace(/\{what[^}]*\}/g, 'map')
    .replace(/\{[^{}]*:\?\}/g, '[7]')
    .replace(/\{[^{}]*\}/g, '7');

/**
 * The words of a source that a message may be made of: all that are more than one word, and single ones where errors are made.
 * @param {string} text @param {boolean} isDrawn whether it writes drawings, and so words that are none of a message
 */
function wordsOfRust(text, isDrawn) {
  const code = text.split('#[cfg(test)]\nmod ')[0]?.split('#[cfg(test)]\n#[path')[0] ?? '';
  const bare = code.replace(TOKENS, (token) => token.replace(/[^\n]/g, ' '));
  /** @param {RegExp} opening up to a bracket */
  const spans = (opening) =>
    [...bare.matchAll(opening)].map(({ index, 0: found }) => [index, endOf(bare, index + found.length - 1)]);
  // Helpers take what it is about, what was expected or what was found as words.
  const helpers = [
    ...bare.matchAll(
      /(?:fn (\w+)(?:<[^>]*>)?\(|let (\w+) =\s*(?:move )?\|)[^()|]*\b(?:what|subject|expected|found|message): (?:&str|String)/g,
    ),
  ]
    .map(([, name, closure]) => name ?? closure)
    .concat('asked', 'chosen', 'coded');
  const makers = spans(
    new RegExp(
      `\\bError::(?:weights|out_of_range|Weights|OutOfRange|Architecture|Execution)\\b\\s*[({]|(?<!fn )\\b(?:${helpers.join('|')})\\(`,
      'g',
    ),
  );
  const silent = [
    ...spans(/\b(?:assert\w*|debug_assert\w*|panic|unreachable|compile_error)!\(|\.expect\(/g),
    ...spans(/#!?\[/g),
  ];
  /** @param {number[][]} all @param {number} at */
  const isIn = (all, at) => all.some(([from = 0, to = 0]) => at > from && at < to);
  return [...code.matchAll(TOKENS)].flatMap(({ index, 2: literal }) => {
    if (literal === undefined || isIn(silent, index)) return [];
    const words = filled(literal);
    // Declarations for the page, the name of a format, markup, and the codes that sentences are found by.
    if (/\n(?!\s*$)|^zf-lens |^<|^[a-z]+(-[a-z]+)+$|^execution$/.test(words) || !/[A-Za-z]{2}/.test(words)) return [];
    return (!isDrawn && /[A-Za-z]{2}.* |\s.*[A-Za-z]{2}/.test(words)) || isIn(makers, index) ? [words] : [];
  });
}

/** Pictures have words of their own. */
const SILENT = /\/src\/(?:pictures\/image\/|kind\.rs$)|_tests\.rs$/;
const DRAWN = /\/hierarchy\/(?:lettering|pdf|svg)\.rs$/;

test('every message of the engine has Chinese words', () => {
  const crates = ['zfnet', 'zfnet-import', 'zfnet-web', 'zfnet-web-figures'];
  const sources = crates.flatMap((name) => filesOf(`crates/${name}/src`, '.rs'));
  const words = sources
    .filter(({ name }) => !SILENT.test(name))
    .flatMap(({ name, text }) => wordsOfRust(text, DRAWN.test(name)));
  assert.ok(words.length > 250, `${words.length} pieces of messages were found`);
  for (const one of [
    'a whole safetensors file',
    'kernel',
    'at most 7 by 7',
    '7 bytes: 7',
    'the shard "head"',
    'an odd window',
  ])
    assert.ok(words.includes(one), one);
  assert.deepEqual(lacking(words.map(placed)), []);
});

test("every form of an engine's message has Chinese words", () => {
  const source = readFileSync(`${ROOT}crates/zfnet/src/error.rs`, 'utf8');
  const forms = [...source.matchAll(/#\[error\(\s*"([^"]*)",?\s*\)\]\s*(\w+)/g)]
    .filter(([, , variant = '']) => !/Image/.test(variant))
    .map(([, form = '']) => filled(form));
  assert.equal(forms.length, 6, `${forms}`);
  assert.deepEqual(lacking(forms), []);
});

// Scripts.

/** @typedef {import("acorn").AnyNode} Node */

/** The parts of a node that are nodes. @param {Node} node @returns {Node[]} */
const within = (node) =>
  Object.values(node)
    .flat()
    .filter((part) => typeof part?.type === 'string');

/** @param {Node} node @returns {Node[]} with all that is in it */
const all = (node) => [node, ...within(node).flatMap(all)];

/**
 * What an expression may come to as words, with samples for what is not known before.
 * @param {Node} node
 * @param {Node[]} program where names are declared
 * @returns {string[]}
 */
function outcomes(node, program) {
  if (node.type === 'Literal') return [String(node.value) || '7'];
  if (node.type === 'ConditionalExpression')
    return [node.consequent, node.alternate].flatMap((one) => outcomes(one, program));
  if (node.type === 'LogicalExpression') return [node.left, node.right].flatMap((one) => outcomes(one, program));
  if (node.type === 'Identifier') {
    const values = program.flatMap((one) =>
      one.type === 'VariableDeclarator' && one.id.type === 'Identifier' && one.id.name === node.name && one.init
        ? [one.init]
        : [],
    );
    return values.length > 0 ? values.flatMap((one) => outcomes(one, [])) : ['7'];
  }
  if (node.type !== 'TemplateLiteral') return ['7'];
  return node.quasis.reduce(
    (/** @type {string[]} */ found, quasi, at) => {
      const before = at > 0 ? outcomes(/** @type {Node} */ (node.expressions[at - 1]), program) : [''];
      return found.flatMap((words) => before.map((hole) => words + hole + (quasi.value.cooked ?? '')));
    },
    [''],
  );
}

/** What nobody reads, and what has words of its own. */
const NOT_READ = /^(?:aborted|superseded|image-[\w-]+|unreadable|elsewhere)$/;
/** Their messages stand in sentences of the dictionary, or are read by those who write other pages. */
const SPOKEN = /\/(?:camera|boxes|zf-lens|lens)\.js$|^www\/tour\//;

/** @param {string} text @returns {string[]} the messages of what a script throws */
function messagesOfScript(text) {
  const program = all(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }));
  return program.flatMap((node) => {
    if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return [];
    const name = node.callee.type === 'Identifier' ? node.callee.name : '';
    const given = /** @type {Node[]} */ (node.arguments);
    const [first, second] = given.map((one) => outcomes(one, program));
    if (name === 'wrong' && first && second)
      return first.flatMap((expected) => second.map((found) => `Expected ${expected}; found ${found}.`));
    if (name === 'Error') return first ?? [];
    return name === 'EngineError' && !first?.every((code) => NOT_READ.test(code)) ? (second ?? []) : [];
  });
}

test('every message of the scripts has Chinese words', () => {
  const messages = filesOf('www', '.js')
    .filter(({ name }) => !SPOKEN.test(name))
    .flatMap(({ text }) => messagesOfScript(text));
  assert.ok(messages.length > 60, `${messages.length} messages were found`);
  for (const one of [
    'Expected a file at 7; the server answered 7.',
    'Expected 7 beside gallery.json; found 7.',
    'Expected the program at 7; it did not load.',
  ])
    assert.ok(messages.includes(one), one);
  assert.deepEqual(lacking(messages.filter((message) => message !== '7')), []);
});

test('a message is told from its names, numbers and pieces of files, which stay as they are', () => {
  for (const [english, chinese] of [
    [
      'weights: tensor conv1.weight: expected shape [96, 3, 7, 7], found shape [96, 3, 11, 11]',
      '网络文件，张量 conv1.weight：应为形状 [96, 3, 7, 7]；实际为形状 [96, 3, 11, 11]。',
    ],
    [
      'weights: file: expected a whole safetensors file, found invalid JSON in header: expected value at line 1 column 9',
      '网络文件：应为完整的 safetensors 文件；但文件头的 JSON 有误：缺少值（第 1 行第 9 列）。',
    ],
    [
      'weights: metadata: expected the JSON of a network\'s description, found invalid type: string "one of all", expected u32 at line 3 column 9',
      '网络文件，元数据：应为网络描述的 JSON；但类型有误：得到字符串 "one of all"，应为 u32（第 3 行第 9 列）。',
    ],
    ['unknown layer: expected one of conv1, pool1, found conv9', '没有这一层：应为 conv1, pool1 之一；实际为 conv9。'],
    [
      'weights of layer fc6 are not loaded: expected a shard that carries fc6, found none',
      '层 fc6 的权重还没有载入：应有包含层 fc6 的分片；实际没有。',
    ],
    [
      'Expected a shard (features, classifier or all) and a path; found {"shard":"none","path":"a b"}.',
      '应有分片的种类（features、classifier 或 all）和路径；实际为 {"shard":"none","path":"a b"}。',
    ],
    [
      'Expected https://a.b/c.json to allow this page to read it; the browser refused (Failed to fetch).',
      '应允许本页读取 https://a.b/c.json；但浏览器拒绝了（请求失败）。',
    ],
    [
      'Expected SHA-256 012345… for 网络.safetensors; found 6789ab….',
      '应为网络.safetensors 的 SHA-256 012345…；实际为 6789ab…。',
    ],
    ['文件：a.png', '文件：a.png'],
    ['https://a.b/c · https://d.e/f', 'https://a.b/c · https://d.e/f'],
    ['', ''],
  ])
    assert.equal(inChinese(english ?? ''), chinese);
});

test('what has no words is shown as it was reported, and said to be technical', () => {
  assert.equal(inChinese('A strange thing.'), '技术详情：A strange thing.');
  assert.equal(
    inChinese('crate: expected a strange thing, found none'),
    '技术详情：crate: expected a strange thing, found none',
  );
  assert.equal(
    inChinese('the device failed: expected numbers, found a strange thing'),
    '计算设备出错：应得到数值。技术详情：a strange thing',
  );
  assert.deepEqual(foreign('expected an odd thing, found 7'), ['技术详情', 'expected', 'an', 'odd', 'thing', 'found']);
});

test('Chinese has the gaps of its English', () => {
  for (const [english, { zh }] of Object.entries({ ...engine, ...network, ...page })) {
    assert.match(zh, /\p{Script=Han}|\$\d|^[\w ]+$/u, english);
    const holes = english.match(/[#*@]/g)?.length ?? 0;
    for (const [, hole] of zh.matchAll(/\$(\d)/g)) assert.ok(Number(hole) >= 1 && Number(hole) <= holes, english);
  }
});
