/** What is on view, as a plain value, and as the words of an address. */
import { RULES } from '../engine/protocol.js';
import { LISTED, TABS } from '../tabs.js';

/** @import { Crop } from '../engine/protocol.js' */
/** @import { Tab } from '../tabs.js' */
/**
 * @typedef {object} View
 * @property {Tab} tab
 * @property {string | null} net the network; `null`: the first of those that are offered
 * @property {string | null} sample
 * @property {Crop | null} crop
 * @property {string | null} layer `null`: the last convolution
 * @property {number | null} map `null`: where the layer is named, the map with its strongest unit; else what the last print shows
 * @property {[number, number] | null} unit row and column; `null`: the strongest unit of the map
 * @property {boolean} whole project the whole map instead of one unit
 * @property {number | null} classIndex project a class score instead of a map
 * @property {import('../engine/protocol.js').Rule} rule
 * @property {import('../engine/protocol.js').Stretch} stretch
 * @property {'own' | 'shared'} scale
 * @property {'full' | 'grey'} colour `grey`: projections by their luminance
 * @property {'strength' | 'index'} sort
 * @property {'maps' | 'projections'} show
 * @property {Readonly<Record<string, string>>} options settings of the experiments, such as `occlusion.size`; each tab knows its own
 * @property {readonly string[]} others samples that questions about several pictures take in
 * @property {number | null} epoch of the training; `null`: the last one that was kept
 * @property {'en' | 'zh' | null} lang `null`: the browser's
 * @property {'light' | 'dark' | null} theme `null`: the system's
 */

/** The settings without the piece of Learn that a link led to: whoever opens the tab begins at its beginning. @param {View['options']} options @returns {View['options']} */
export function fromTheBeginning({ 'learn.lesson': _, ...options }) {
  return options;
}

/** More pictures than this make an address that nobody can send. */
const MOST_OTHERS = 12;

/** @type {Readonly<View>} */
const INITIAL = Object.freeze({
  tab: 'explore',
  net: null,
  sample: null,
  crop: null,
  layer: null,
  map: null,
  unit: null,
  whole: false,
  classIndex: null,
  rule: 'deconvnet',
  stretch: 'quantile',
  scale: 'own',
  colour: 'full',
  sort: 'strength',
  show: 'maps',
  options: Object.freeze({}),
  others: Object.freeze([]),
  epoch: null,
  lang: null,
  theme: null,
});

/**
 * Unknown keys and values that make no sense are ignored: an address can come from anywhere.
 * @param {string} hash
 * @returns {View}
 */
export function viewFromHash(hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  if (isForeign(words)) return { ...INITIAL };
  const unit = integers(words.get('unit'), 2);
  // A map's own page: `unit=conv5/41`.
  const [, layer, map] = /^(.+)\/(\d{1,6})$/.exec(words.get('unit') ?? '') ?? [];
  const page = printed(layer ?? null);
  const crop = integers(words.get('crop'), 3);
  return {
    tab: page ? 'unit' : oneOf(words.get('tab'), LISTED, 'explore'),
    net: named(words.get('net')),
    sample: named(words.get('sample')),
    crop:
      crop && /** @type {number} */ (crop[2]) > 0
        ? { left: crop[0] ?? 0, top: crop[1] ?? 0, size: crop[2] ?? 1 }
        : null,
    layer: page ?? printed(words.get('layer')),
    map: page ? Number(map) : (integers(words.get('map'), 1)?.[0] ?? null),
    unit: unit ? [unit[0] ?? 0, unit[1] ?? 0] : null,
    whole: words.get('whole') === '1',
    classIndex: integers(words.get('class'), 1)?.[0] ?? null,
    rule: oneOf(words.get('rule'), RULES, INITIAL.rule),
    stretch: oneOf(words.get('stretch'), ['quantile', 'minmax', 'sigmoid'], INITIAL.stretch),
    scale: oneOf(words.get('scale'), ['own', 'shared'], INITIAL.scale),
    colour: oneOf(words.get('colour'), ['full', 'grey'], INITIAL.colour),
    sort: oneOf(words.get('sort'), ['strength', 'index'], INITIAL.sort),
    show: oneOf(words.get('show'), ['maps', 'projections'], INITIAL.show),
    options: optionsIn(words),
    others: (words.get('others') ?? '')
      .split(',')
      .filter((word) => named(word))
      .slice(0, MOST_OTHERS),
    epoch: positive(words.get('epoch')),
    lang: oneOf(words.get('lang'), ['en', 'zh', null], null),
    theme: oneOf(words.get('theme'), ['light', 'dark', null], null),
  };
}

/**
 * @param {View} view
 * @returns {string}
 */
export function hashFromView(view) {
  const words = new URLSearchParams({ v: '1' });
  const { crop, unit } = view;
  const isPage = view.tab === 'unit' && view.layer !== null && view.map !== null;
  if (view.tab !== INITIAL.tab && view.tab !== 'unit') words.set('tab', view.tab);
  if (view.net) words.set('net', view.net);
  if (view.sample) words.set('sample', view.sample);
  if (view.sample && crop) words.set('crop', [crop.left, crop.top, crop.size].map(Math.round).join(','));
  if (isPage) words.set('unit', `${view.layer}/${view.map}`);
  if (view.layer && !isPage) words.set('layer', view.layer);
  if (view.map !== null && !isPage) words.set('map', String(view.map));
  if (unit && !isPage) words.set('unit', unit.join(','));
  if (view.whole) words.set('whole', '1');
  if (view.classIndex !== null) words.set('class', String(view.classIndex));
  if (view.layer && !isPage) {
    words.set('rule', view.rule);
    words.set('scale', view.scale);
  }
  for (const key of /** @type {const} */ (['rule', 'scale', 'stretch', 'colour', 'sort', 'show', 'lang', 'theme'])) {
    const value = view[key];
    if (value !== null && value !== INITIAL[key]) words.set(key, value);
  }
  if (TABS[view.tab].compares && view.others.length > 0) words.set('others', view.others.join(','));
  for (const [key, value] of Object.entries(view.options))
    if (key.startsWith(`${view.tab}.`) && !isOwn(key, view.options)) words.set(key, value);
  if (view.tab === 'training' && view.epoch !== null) words.set('epoch', String(view.epoch));
  return `#${words.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')}`;
}

/** Numbers that Learn was given from a photograph of the visitor's own. @param {string} key @param {Record<string, string>} options */
function isOwn(key, options) {
  return 'learn.own' in options && key.startsWith('learn.') && key !== 'learn.lesson';
}

/** Whether an address is of another form of this page. @param {URLSearchParams} words */
export function isForeign(words) {
  return (words.get('v') ?? '1') !== '1';
}

/** What an experiment makes of its words is its own affair; here they only have to be words. @param {URLSearchParams} words */
function optionsIn(words) {
  const isOption = (/** @type {string} */ key) =>
    LISTED.some((tab) => key.startsWith(`${tab}.`)) && /^[\w.-]{1,40}$/.test(key);
  const found = [...words].filter(([key, value]) => isOption(key) && printed(value));
  return Object.fromEntries(found);
}

/** @param {string | null} word */
function named(word) {
  return word && /^[\w.-]{1,40}$/.test(word) ? word : null;
}

/** What a file calls its layers is up to whoever wrote it. @param {string | null} word */
function printed(word) {
  return word && /^[^\p{Control}]{1,200}$/u.test(word) ? word : null;
}

/** @param {string | null} word @param {number} count */
function integers(word, count) {
  const parts = word?.split(',') ?? [];
  if (parts.length !== count || !parts.every((part) => /^\d{1,6}$/.test(part))) return null;
  return parts.map(Number);
}

/** @param {string | null} word */
function positive(word) {
  return word !== null && /^\d{1,6}(\.\d{1,6})?$/.test(word) ? Number(word) : null;
}

/**
 * @template T
 * @param {string | null} word
 * @param {readonly T[]} choices
 * @param {T} otherwise
 * @returns {T}
 */
function oneOf(word, choices, otherwise) {
  return choices.find((choice) => choice === word) ?? otherwise;
}
