// What needs no browser: the address as a view, what a view means on a photograph, the settings of an experiment, words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import { png } from './galleries.mjs';
import { animated } from '../../www/lens/experiments/evolution/apng.js';
import { zipped } from '../../www/lens/experiments/zip.js';
import { createSettings } from '../../www/lens/experiments/settings.js';
import { shortage } from '../../www/lens/networks/memory.js';
import { fit, letterSide, toInput, toPhoto } from '../../www/lens/experiments/correspondence/boxes.js';
import { boxOf, pictureBoxOf } from '../../www/lens/experiments/drawing/geometry.js';
import { samePlace } from '../../www/lens/experiments/layers/geometry.js';
import { choose } from '../../www/lens/experiments/prints/choice.js';
import { within } from '../../www/lens/widgets/paint.js';
import { LISTED, TABS } from '../../www/lens/tabs.js';
import { reshaped } from '../../www/lens/networks/reshaped.js';
import { fitted, ifInside, partOf, widest } from '../../www/lens/view/crop.js';
import { fromTheBeginning, hashFromView, viewFromHash } from '../../www/lens/view/state.js';
import { Words } from '../../www/lens/text.js';
import { isOpen, resolve, strongestOf, subjectOf, targetOf, windowOf } from '../../www/lens/view/target.js';

const INITIAL = viewFromHash('');

test('an address is read and written again as it was', () => {
  for (const hash of [
    '#v=1',
    '#v=1&sample=cat',
    '#v=1&sample=cat&crop=10,20,300',
    '#v=1&sample=cat&layer=conv4&map=12&unit=6,4&rule=guided&scale=shared',
    '#v=1&net=other-1.2&sample=cat&layer=conv4&map=0&unit=0,0&whole=1&class=0&rule=deconvnet&scale=own',
    '#v=1&tab=occlusion&sample=cat&others=flower,coffee&occlusion.stride=32',
    '#v=1&tab=training&sample=cat&layer=conv2&map=1&rule=deconvnet&scale=own&epoch=2.5',
    '#v=1&stretch=sigmoid&colour=grey&sort=index&show=projections&lang=zh&theme=dark',
    '#v=1&unit=conv5/41',
    // What a file calls its layers is up to whoever wrote it.
    '#v=1&layer=a/b:c,d&rule=gradient&scale=own',
  ])
    assert.equal(hashFromView(viewFromHash(hash)), hash);
});

test('every tab has its address, and every layer its name', () => {
  for (const tab of LISTED) assert.equal(viewFromHash(hashFromView({ ...INITIAL, tab })).tab, tab);
  for (const layer of ['conv1', 'features.0', '层 1', 'a&b=c', '#', '%', '100%25', 'x'.repeat(200)])
    assert.equal(viewFromHash(hashFromView({ ...INITIAL, layer })).layer, layer);
  const page = viewFromHash('#unit=block/conv_1/7');
  assert.deepEqual([page.tab, page.layer, page.map, page.unit], ['unit', 'block/conv_1', 7, null]);
});

test('an address can come from anywhere: what makes no sense in it is as if it were not there', () => {
  const hostile = {
    tab: ['unit', 'constructor', '__proto__', 'explore%00', 'Explore'],
    net: ['../secret', 'a b', 'x'.repeat(41), '<b>', '%2e%2e%2f'],
    sample: ['../../etc/passwd', 'https://elsewhere/cat', 'cat.jpg/..', '%00', 'javascript:alert(1)'],
    crop: ['1,2', '1,2,3,4', '-1,0,10', '0,0,0', '1.5,2,3', 'NaN,0,1', '1e3,0,1', '9999999,0,1'],
    layer: ['%00', 'a%0Ab', 'x'.repeat(201), ''],
    map: ['-1', '1.5', '1,2', 'Infinity', '0x10', '9999999', ' 1'],
    unit: ['1', '1,2,3', '-1,2', 'a,b', 'conv5/-1', 'conv5/1.5', '/3', 'conv5/'],
    whole: ['true', '01', 'yes'],
    class: ['-1', 'cat', '1e2', '٣'],
    rule: ['Guided', 'toString', 'deconvnet,guided'],
    stretch: ['auto'],
    scale: ['none'],
    colour: ['red'],
    sort: ['name'],
    show: ['all'],
    others: ['../cat', 'a b,<i>', ',,,'],
    epoch: ['-1', '1e9', '1.', '.5', 'NaN'],
    lang: ['de', 'zh-Hans'],
    theme: ['blue'],
    'occlusion.%00': ['1'],
    'nobody.stride': ['32'],
    '__proto__.stride': ['32'],
    'occlusion.stride': ['', 'a%07b'],
  };
  for (const [key, values] of Object.entries(hostile))
    for (const value of values) assert.deepEqual(viewFromHash(`#v=1&${key}=${value}`), INITIAL, `${key}=${value}`);
  for (const hash of ['', '#', '#&&&===', '#%', '#%E0%A4%A', `#${'a=1&'.repeat(10_000)}`])
    assert.deepEqual(viewFromHash(hash), INITIAL, hash.slice(0, 20));
  assert.equal(Object.getPrototypeOf(viewFromHash('#__proto__=1&constructor=2').options), Object.prototype);
  assert.equal(/** @type {any} */ ({}).stride, undefined, 'nothing has got into every object');
});

test('of a later form of the page nothing is read; of a list only so much, and the first of a word that stands twice', () => {
  assert.deepEqual(viewFromHash('#v=2&sample=cat&tab=occlusion'), INITIAL);
  assert.equal(viewFromHash('#sample=cat').sample, 'cat', 'without a form, it is this one');
  const others = Array.from({ length: 30 }, (_, at) => `s${at}`);
  assert.deepEqual(viewFromHash(`#others=${others}`).others, others.slice(0, 12));
  assert.deepEqual(viewFromHash('#others=cat,../x,dog').others, ['cat', 'dog']);
  assert.equal(viewFromHash('#sample=cat&sample=dog').sample, 'cat');
});

test("into the address goes what the tab on view shows, and nothing of the visitor's own", () => {
  const hash = hashFromView({
    ...INITIAL,
    tab: 'occlusion',
    crop: { left: 1, top: 2, size: 3 },
    options: { 'occlusion.stride': '8', 'filters.scale': 'own' },
    epoch: 3,
  });
  assert.equal(
    hash,
    '#v=1&tab=occlusion&occlusion.stride=8',
    "the square of a photograph is the visitor's, without a sample",
  );
  const own = { 'learn.own': '1', 'learn.lesson': 'pool', 'learn.numbers': '1,2' };
  assert.equal(hashFromView({ ...INITIAL, tab: 'learn', options: own }), '#v=1&tab=learn&learn.lesson=pool');
  assert.deepEqual(fromTheBeginning(own), { 'learn.own': '1', 'learn.numbers': '1,2' });
  const comparing = LISTED.filter((tab) => TABS[tab].compares);
  assert.deepEqual(comparing, ['occlusion', 'invariance', 'correspondence']);
  assert.equal(hashFromView({ ...INITIAL, others: ['cat'] }), '#v=1', 'no other tab compares');
  assert.equal(
    hashFromView({ ...INITIAL, sample: 'cat', crop: { left: 1.4, top: 2.6, size: 99.5 } }),
    '#v=1&sample=cat&crop=1,3,100',
  );
});

/** @param {number[]} activations of a layer's maps, strongest unit each */
const strongest = (activations) => activations.map((activation, map) => ({ map, row: map, col: map + 1, activation }));

const shown = /** @type {any} */ ({
  sample: 'cat',
  look: {
    layers: [
      { layer: 'conv1', strongest: strongest([1, 3, 2]) },
      { layer: 'conv2', strongest: strongest([0.5, 0.25, 4, 0]) },
    ],
    classes: [
      { index: 3, logit: 2, probability: 0.75 },
      ...[0, 1, 2].map((index) => ({ index, logit: 0, probability: 0.25 / 3 })),
    ],
  },
  network: {
    inputSize: [224, 224],
    lengths: 1,
    usual: { occlusion: { size: 64 } },
    milestones: ['conv1', 'conv2'],
    layers: [
      { name: 'conv1', shape: [3, 10, 12], field: { size: [7, 7], stride: [2, 2], offset: [-1, -1] } },
      { name: 'conv2', shape: [4, 5, 6], field: { size: [19, 21], stride: [8, 8], offset: [-5, -6] } },
    ],
    classes: [{ en: 'cat' }, { en: 'dog' }, { en: 'boat' }, { en: 'daisy', zh: '雏菊' }],
  },
});

test("what a view leaves open is filled in: the last layer, its strongest map, that map's strongest unit", () => {
  const { layer, map, unit, sample, classIndex } = resolve(INITIAL, shown, null);
  assert.deepEqual(
    { layer, map, unit, sample, classIndex },
    { layer: 'conv2', map: 2, unit: [2, 3], sample: 'cat', classIndex: null },
  );
  const first = resolve({ ...INITIAL, layer: 'conv1' }, shown, null);
  assert.deepEqual([first.layer, first.map, first.unit], ['conv1', 1, [1, 2]]);
});

test('where nothing was chosen yet, the first look decides; where something was, it does not', () => {
  const first = { layer: 'conv1', map: 0, whole: true };
  const open = resolve(INITIAL, shown, first);
  assert.deepEqual([open.layer, open.map, open.unit, open.whole], ['conv1', 0, [0, 1], true]);
  for (const chosen of [{ layer: 'conv2' }, { map: 3 }]) {
    const view = resolve({ ...INITIAL, ...chosen }, shown, first);
    assert.deepEqual([view.layer, view.whole], ['conv2', false]);
  }
  assert.equal(isOpen(INITIAL), true);
  assert.equal(isOpen({ ...INITIAL, map: 0 }), false);
  // What the first look names may be of another network.
  assert.deepEqual([resolve(INITIAL, shown, { layer: 'conv9', map: 1 }).layer], ['conv2']);
});

test('what a network does not have is dropped: a link may come from another one', () => {
  const chosen = resolve({ ...INITIAL, layer: 'conv2', map: 1, unit: [4, 5], classIndex: 3 }, shown, null);
  assert.deepEqual([chosen.layer, chosen.map, chosen.unit, chosen.classIndex], ['conv2', 1, [4, 5], 3]);
  const outside = resolve({ ...INITIAL, layer: 'conv2', map: 1, unit: [5, 5], classIndex: 4 }, shown, null);
  assert.deepEqual([outside.map, outside.unit, outside.classIndex], [1, [1, 2], null]);
  const large = resolve({ ...INITIAL, layer: 'conv2', map: 4, unit: [0, 0] }, shown, null);
  assert.deepEqual([large.map, large.unit], [2, [2, 3]], "the unit of a map that is not there is not another map's");
  const foreign = resolve({ ...INITIAL, layer: 'features.3', map: 1, unit: [0, 0] }, shown, null);
  assert.deepEqual([foreign.layer, foreign.map, foreign.unit], ['conv2', 2, [2, 3]]);
  const unnamed = resolve({ ...INITIAL, classIndex: 3 }, { ...shown, look: { ...shown.look, classes: null } }, null);
  assert.equal(unnamed.classIndex, null);
  assert.equal(resolve(INITIAL, { ...shown, look: { layers: [], classes: null } }, null).layer, null);
});

test('what is projected: under the pointer, else a class, else a map, else a unit', () => {
  const view = resolve({ ...INITIAL, layer: 'conv1', map: 2, unit: [3, 4] }, shown, null);
  assert.deepEqual(targetOf(view, { map: 1, row: 0, col: 9 }), {
    kind: 'unit',
    layer: 'conv1',
    map: 1,
    row: 0,
    col: 9,
  });
  assert.deepEqual(targetOf({ ...view, classIndex: 3, whole: true }, null), { kind: 'class', index: 3 });
  assert.deepEqual(targetOf({ ...view, whole: true }, null), { kind: 'map', layer: 'conv1', map: 2 });
  assert.deepEqual(targetOf(view, null), { kind: 'unit', layer: 'conv1', map: 2, row: 3, col: 4 });
});

test('a subject has its rank, its activation as far as it is known, and its names; a unit has its window', () => {
  const unit = /** @type {const} */ ({ kind: 'unit', layer: 'conv1', map: 2, row: 2, col: 3 });
  assert.deepEqual(subjectOf(unit, shown, null), { ...unit, rank: 2, mapIsSilent: false, activation: 2 });
  const elsewhere = { ...unit, row: 0, col: 1 };
  assert.equal(/** @type {any} */ (subjectOf(elsewhere, shown, null)).activation, null);
  const maps = /** @type {any} */ ({ layer: 'conv1', rows: 10, cols: 12, values: new Float32Array(360).fill(0.5) });
  assert.equal(/** @type {any} */ (subjectOf(elsewhere, shown, maps)).activation, 0.5);
  assert.equal(/** @type {any} */ (subjectOf(elsewhere, shown, maps, 7)).activation, 7);
  assert.equal(
    /** @type {any} */ (subjectOf({ kind: 'unit', layer: 'conv2', map: 3, row: 0, col: 0 }, shown, null)).mapIsSilent,
    true,
  );
  assert.deepEqual(subjectOf({ kind: 'class', index: 3 }, shown, null), {
    kind: 'class',
    index: 3,
    names: { en: 'daisy', zh: '雏菊' },
    logit: 2,
    probability: 0.75,
  });
  assert.deepEqual(/** @type {any} */ (subjectOf({ kind: 'class', index: 99 }, shown, null)).names, { en: '#99' });
  assert.deepEqual(windowOf(unit, shown.network), { top: 3, left: 5, height: 7, width: 7 });
  assert.deepEqual(windowOf({ kind: 'class', index: 3 }, shown.network), { top: 0, left: 0, height: 224, width: 224 });
  assert.equal(strongestOf(shown.look, 'conv2')?.activation, 4);
  assert.equal(strongestOf(shown.look, 'conv9'), undefined);
});

/** Rows and columns of networks, and the largest crops that a photograph of 100 × 60 pixels has room for. */
const PHOTO = { width: 100, height: 60 };
const SHAPES = /** @type {const} */ ([
  [[224, 224], 60, 60],
  [[192, 256], 80, 60],
  [[64, 96], 90, 60],
  [[96, 64], 40, 60],
  [[24, 200], 100, 12],
  [[300, 7], 1, 43],
]);

test('a crop lies in a photograph, to its very edge, in the aspect of the input', () => {
  for (const [inputSize, width, height] of SHAPES) {
    assert.equal(widest(PHOTO, inputSize), width, String(inputSize));
    assert.deepEqual(partOf({ left: 3, top: 4, size: width }, inputSize), { left: 3, top: 4, width, height });
    const [left, top] = [PHOTO.width - width, PHOTO.height - height];
    assert.ok(ifInside({ left, top, size: width }, PHOTO, inputSize));
    for (const crop of [
      { left: left + 1, top, size: width },
      { left: -1, top: 0, size: 1 },
      { left: 0, top: 0, size: 0 },
      { left, top: top + 1, size: width },
      { left: 0, top: 0, size: width + 1 },
    ])
      // What is narrower than a pixel is high may grow by one.
      if (crop.size <= width || width > 1) assert.equal(ifInside(crop, PHOTO, inputSize), null, JSON.stringify(crop));
  }
});

test('whatever crop is wanted, the nearest that there is lies in the photograph', () => {
  for (const [inputSize, width] of SHAPES) {
    for (const size of [0, 0.4, 3, 17.5, 40, 60, 1000])
      for (const left of [-50, 0, 12.3, 99, 500])
        for (const top of [-50, 0, 7.7, 59, 500]) {
          const crop = fitted({ left, top, size }, PHOTO, inputSize);
          assert.ok(ifInside(crop, PHOTO, inputSize), JSON.stringify([inputSize, crop]));
          assert.deepEqual(fitted(crop, PHOTO, inputSize), crop, 'what lies in it stays');
        }
    assert.equal(fitted({ left: 0, top: 0, size: 1 }, PHOTO, inputSize, 16).size, Math.min(16, width));
  }
});

test('a network of another aspect sees as much round the same middle, and none sees less than before when it comes back', () => {
  const photo = { width: 900, height: 600 };
  const square = { left: 200, top: 100, size: 300 };
  assert.equal(reshaped(square, [224, 224], [96, 96], photo), square);
  const wide = reshaped(square, [224, 224], [192, 256], photo);
  const part = partOf(wide, [192, 256]);
  assert.ok(Math.abs(part.width * part.height - 300 * 300) < 700, JSON.stringify(part));
  assert.ok(Math.abs(part.left + part.width / 2 - 350) <= 0.5 && Math.abs(part.top + part.height / 2 - 250) <= 0.5);
  const back = reshaped(wide, [192, 256], [224, 224], photo);
  for (const side of /** @type {const} */ (['left', 'top', 'size']))
    assert.ok(Math.abs(back[side] - square[side]) <= 1);
  for (const [inputSize] of SHAPES)
    assert.ok(ifInside(reshaped({ left: 300, top: 0, size: 600 }, [1, 1], inputSize, photo), photo, inputSize));
});

test('boxes go from the photograph to the input and back, each side by its own scale', () => {
  const size = /** @type {const} */ ([192, 256]);
  const crop = { left: 100, top: 50, size: 512 };
  const box = { top: 12, left: 200, rows: 180, cols: 56 };
  assert.deepEqual(toPhoto(box, crop, size), [500, 74, 612, 434]);
  assert.deepEqual(toInput([500, 74, 612, 434], crop, size), box);
  // Cut where the input ends, which is not at one place for both sides.
  assert.deepEqual(toInput([0, 0, 2000, 2000], crop, size), { top: 0, left: 0, rows: 192, cols: 256 });
  assert.equal(toInput([100, 434, 612, 500], crop, size), null);
  assert.deepEqual(fit({ top: 250, left: 250, rows: 10, cols: 10 }, size), { top: 182, left: 246, rows: 10, cols: 10 });
  assert.deepEqual(fit({ top: 0, left: 0, rows: 999, cols: 999 }, size), { top: 0, left: 0, rows: 192, cols: 256 });
  // A letter has room on the right, where the input is wide, and none below.
  const boxes = [
    { top: 20, left: 20, rows: 20, cols: 20 },
    { top: 150, left: 180, rows: 40, cols: 40 },
  ];
  assert.equal(letterSide(boxes, 1, size, 30), 'right');
  assert.equal(letterSide(boxes, 1, [256, 192], 30), 'bottom');
});

test('what lies in the middle of a photograph is looked at in the middle of every layer, in rows and in columns', () => {
  const field = (/** @type {number} */ stride) => ({
    size: [stride, stride],
    stride: [stride, stride],
    offset: [0, 0],
  });
  const layer = (/** @type {number} */ stride) =>
    /** @type {any} */ ({ shape: [1, 192 / stride, 256 / stride], field: field(stride) });
  assert.deepEqual(samePlace(layer(4), [30, 50], layer(16), [192, 256]), [7, 12]);
  // A gate sees all of the picture, each side of it.
  const gate = /** @type {any} */ ({ shape: [1, 6, 8], field: { size: [192, 256], stride: [1, 1], offset: [0, 0] } });
  assert.deepEqual(samePlace(layer(4), [47, 0], gate, [192, 256]), [5, 0]);
});

test('the units of a print are chosen by how much of their fields lies on the input, in rows and in columns', () => {
  const info = /** @type {any} */ ({ field: { size: [32, 32], stride: [32, 32], offset: [0, 0] } });
  const at = (/** @type {number} */ map, /** @type {number} */ row, /** @type {number} */ col) => ({
    map,
    row,
    col,
    activation: 1,
  });
  // In a picture of 192 rows and 256 columns the seventh column is there and the seventh row is not.
  const [first, second] = choose([at(0, 6, 0), at(1, 0, 6)], info, [192, 256], null);
  assert.deepEqual([first?.map, second?.map, second?.rating], [1, 0, 0]);
});

test('a picture fills a box as far as its aspect allows; the drawing of a network has its input as high as its layers', () => {
  const box = { left: 10, top: 20, width: 100, height: 100 };
  assert.deepEqual(within({ width: 224, height: 224 }, box), box);
  assert.deepEqual(within({ width: 256, height: 192 }, box), { left: 10, top: 32.5, width: 100, height: 75 });
  assert.deepEqual(within({ width: 64, height: 128 }, box), { left: 35, top: 20, width: 50, height: 100 });
  assert.deepEqual(pictureBoxOf([224, 224], 56), { width: 56, height: 56 });
  assert.deepEqual(pictureBoxOf([192, 256], 56), { width: 56, height: 42 });
  assert.equal(boxOf([3, 192, 256], 192, 42).height, 42);
});

/** As much of an element as controls are made of. */
class Stub {
  dataset = {};
  setAttribute() {}
  addEventListener() {}
  append() {}
}

/**
 * Settings as an experiment has them, over an address.
 * @param {string} hash
 * @param {any} [seen] what is shown
 */
function settings(hash, seen = shown) {
  Object.assign(globalThis, { document: { createElement: () => new Stub() } });
  const list = /** @type {any[]} */ ([
    {
      kind: 'range',
      name: 'size',
      label: 'size',
      min: 8,
      max: 128,
      step: 8,
      value: (/** @type {any} */ usual) => usual.occlusion.size,
      isLength: true,
    },
    {
      kind: 'choice',
      name: 'kind',
      label: 'kind',
      choices: [
        ['grey', 'a'],
        ['blur', 'b'],
      ],
      value: 'grey',
    },
    { kind: 'check', name: 'both', label: 'both', value: '1' },
    { kind: 'class', name: 'class', label: 'class' },
    { kind: 'layer', name: 'layer', label: 'layer' },
  ]);
  const { options } = viewFromHash(hash);
  const lens = /** @type {any} */ ({ words: new Words('en') });
  return createSettings(lens, 'occlusion', list, /** @type {any} */ ({ view: { options }, shown: seen }), () => {});
}

test("settings stand in the address under the experiment's name; those that are not there are as they began", () => {
  const begun = settings('#filters.size=8');
  assert.deepEqual(begun.values.all(), { size: 64, kind: 'grey', both: '1', class: null, layer: null });
  const set = settings(
    '#occlusion.size=16&occlusion.kind=blur&occlusion.both=0&occlusion.class=3&occlusion.layer=conv1',
  );
  assert.deepEqual(set.values.all(), { size: 16, kind: 'blur', both: '', class: 3, layer: 'conv1' });
  assert.deepEqual(set.senseless(), []);
});

test('a setting that makes no sense is named, and is as it began; a number is brought into its range', () => {
  const { values, senseless } = settings(
    '#occlusion.size=wide&occlusion.kind=constructor&occlusion.both=2&occlusion.class=4&occlusion.layer=conv9',
  );
  assert.deepEqual(values.all(), { size: 64, kind: 'grey', both: '1', class: null, layer: null });
  assert.deepEqual(senseless(), ['size', 'kind', 'both', 'class', 'layer']);
  assert.equal(settings('#occlusion.size=1e9').values.number('size'), 128);
  assert.equal(settings('#occlusion.size=-5').values.number('size'), 8);
  assert.deepEqual(settings('#occlusion.size=Infinity').senseless(), ['size']);
  assert.throws(() => values.number('kind'), /Expected a range named kind; found none/);
  // Before a picture is there, nobody can tell.
  assert.deepEqual(settings('#occlusion.layer=conv9', null).senseless(), []);
});

test('lengths are as large as the engine says for the network', () => {
  const at = (/** @type {number} */ lengths, /** @type {number} */ size) => {
    const usual = { occlusion: { size, stride: size / 6 } };
    return /** @type {any} */ ({ ...shown, network: { ...shown.network, lengths, usual } });
  };
  const tiny = at(0.25, 12);
  assert.equal(settings('', tiny).values.number('size'), 12);
  assert.equal(settings('#occlusion.size=128', tiny).values.number('size'), 32);
  assert.equal(settings('', at(1, 48)).values.number('size'), 48);
});

test("two lenses speak two languages, and neither hears of the other's", () => {
  const [one, other] = [new Words('en'), new Words('zh')];
  const { t, percent, inLanguage } = other;
  assert.equal(one.t('cancel'), 'Cancel');
  assert.equal(t('cancel'), '取消');
  assert.deepEqual(
    [one.percent(0.5), percent(0.5), one.number(-1234.5), one.tag, other.tag],
    ['50%', '50%', '−1,230', 'en', 'zh-Hans'],
  );
  assert.equal(inLanguage({ en: 'cat', zh: '猫' }), '猫');
  one.speak('zh');
  other.speak('en');
  assert.deepEqual([one.t('cancel'), t('cancel'), inLanguage({ en: 'cat', zh: '猫' })], ['取消', 'Cancel', 'cat']);
});

test('a network is too large for a device by its size, the memory that the device has, and what a tab gets of it', () => {
  const [megabyte, gibibyte] = [1e6, 2 ** 30];
  const phone = (/** @type {number | undefined} */ gibibytes) => ({ gibibytes, isPhone: true });
  const computer = (/** @type {number | undefined} */ gibibytes) => ({ gibibytes, isPhone: false });
  // AlexNet of torchvision has 244 MB, VGG-16 528 MB.
  assert.equal(shortage(244 * megabyte, phone(4)), null);
  assert.equal(shortage(244 * megabyte, phone(undefined)), null, 'who does not say has what most have');
  const short = shortage(244 * megabyte, phone(2));
  assert.deepEqual([Math.round((short?.needs ?? 0) / megabyte), short?.has], [694, gibibyte / 2]);
  assert.notEqual(shortage(528 * megabyte, phone(4)), null);
  assert.equal(shortage(528 * megabyte, phone(8)), null);
  assert.equal(shortage(528 * megabyte, computer(8)), null);
  assert.equal(shortage(528 * megabyte, computer(undefined)), null);
  assert.equal(shortage(3000 * megabyte, computer(undefined))?.has, 4 * gibibyte, 'no program has more');
});

/** The chunks of a PNG file, each with a sound check. @param {Buffer} file */
function chunksOf(file) {
  const chunks = [];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(body));
    chunks.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4) });
    at += length + 12;
  }
  return chunks;
}

test('an animation holds every picture as it was, in order, and how long it stays', async () => {
  const stills = [10, 90, 200].map((red) => png(5, 3, (x, y) => [red, 40 * x, 60 * y]));
  const frames = stills.map((still, at) => ({ png: new Uint8Array(still), milliseconds: 100 * (at + 1) }));
  const blob = animated(frames);
  assert.equal(blob.type, 'image/apng');
  const file = Buffer.from(await blob.arrayBuffer());
  assert.deepEqual(file.subarray(0, 8), stills[0]?.subarray(0, 8));
  const chunks = chunksOf(file);
  const kinds = chunks.map(({ type }) => type).join(' ');
  assert.equal(kinds, 'IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND');
  const of = (/** @type {string} */ type) => chunks.filter((chunk) => chunk.type === type).map(({ data }) => data);
  assert.deepEqual([of('acTL')[0]?.readUInt32BE(0), of('acTL')[0]?.readUInt32BE(4)], [3, 0], 'three, again and again');
  const controls = of('fcTL').map((data) => [data.readUInt32BE(4), data.readUInt32BE(8), data.readUInt16BE(20)]);
  assert.deepEqual(controls, [
    [5, 3, 100],
    [5, 3, 200],
    [5, 3, 300],
  ]);
  const numbers = chunks.flatMap(({ type, data }) => (/fcTL|fdAT/.test(type) ? [data.readUInt32BE(0)] : []));
  assert.deepEqual(numbers, [0, 1, 2, 3, 4]);
  const pixels = [...of('IDAT'), ...of('fdAT').map((data) => data.subarray(4))];
  for (const [at, still] of stills.entries())
    assert.deepEqual(pixels[at], chunksOf(still).find(({ type }) => type === 'IDAT')?.data);

  assert.throws(() => animated([]), /found none/);
  const larger = { png: new Uint8Array(png(6, 3, () => [0, 0, 0])), milliseconds: 1 };
  assert.throws(() => animated([...frames, larger]), /one size and kind/);
});

test('files in one file are found by its list, unchanged', async () => {
  const files = [
    { name: '图.png', blob: new Blob([png(4, 4, (x, y) => [x, y, 0])]) },
    { name: 'empty.csv', blob: new Blob([]) },
  ];
  const date = new Date(2026, 10, 30, 9, 5, 42);
  const file = Buffer.from(await (await zipped(files, date)).arrayBuffer());
  // As a reader does: from the end to the list, from the list to each file.
  const end = file.length - 22;
  assert.equal(file.readUInt32LE(end), 0x06054b50);
  assert.deepEqual([file.readUInt16LE(end + 8), file.readUInt16LE(end + 10)], [2, 2]);
  let at = file.readUInt32LE(end + 16);
  for (const { name, blob } of files) {
    assert.equal(file.readUInt32LE(at), 0x02014b50);
    const [time, day] = [file.readUInt16LE(at + 12), file.readUInt16LE(at + 14)];
    assert.deepEqual([time >> 11, (time >> 5) & 63, 2 * (time & 31)], [9, 5, 42]);
    assert.deepEqual([1980 + (day >> 9), (day >> 5) & 15, day & 31], [2026, 11, 30]);
    const [check, size, long] = [file.readUInt32LE(at + 16), file.readUInt32LE(at + 24), file.readUInt16LE(at + 28)];
    assert.equal(file.toString('utf8', at + 46, at + 46 + long), name);
    const local = file.readUInt32LE(at + 42);
    assert.equal(file.readUInt32LE(local), 0x04034b50);
    assert.equal(file.toString('utf8', local + 30, local + 30 + long), name);
    const bytes = file.subarray(local + 30 + long, local + 30 + long + size);
    assert.deepEqual(bytes, Buffer.from(await blob.arrayBuffer()));
    assert.equal(check, crc32(bytes));
    at += 46 + long;
  }
  assert.equal(at, end);
});
