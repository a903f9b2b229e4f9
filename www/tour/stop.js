/** A stop's hash and the view: what it names is taken over, all else stays as the visitor has it. */
import { hashFromView, viewFromHash } from '../lens/view/state.js';

/** @import { View } from '../lens/view/state.js' */

/** Parts of the page that a stop can speak of. */
const ELEMENTS = {
  photo: '.stage',
  classes: '.classes',
  journey: '.journey-section',
  maps: '.explorer',
  projection: '.inspector',
  tab: '.tab-part > :not([hidden])',
  results: '.tab-part > :not([hidden]) > :last-child',
};
/** What comes within the results of Top nine. */
const NINE = '.tab-part > .top:not([hidden]) .top-nine';
/** @typedef {keyof typeof ELEMENTS} PlaceName */
export const PLACES = /** @type {PlaceName[]} */ (Object.keys(ELEMENTS));
const LACK = '.tab-part > :not([hidden]) > .classes-wanted';

/** A key of the address and what of the view it decides. @type {Record<string, (keyof View)[]>} */
const KEYS = {
  tab: ['tab'],
  net: ['net'],
  sample: ['sample', 'crop'],
  crop: ['crop'],
  // A map's number means nothing in another layer, nor a unit's place in another map.
  layer: ['layer', 'map', 'unit', 'whole', 'classIndex'],
  map: ['map', 'unit', 'whole', 'classIndex'],
  unit: ['unit', 'whole', 'classIndex'],
  whole: ['whole'],
  class: ['classIndex'],
  rule: ['rule'],
  stretch: ['stretch'],
  scale: ['scale'],
  colour: ['colour'],
  sort: ['sort'],
  show: ['show'],
  others: ['others'],
  epoch: ['epoch'],
};

/** @param {string} hash */
const wordsOf = (hash) => new URLSearchParams(hash.replace(/^#/, ''));

/** @param {string} hash */
export const namesSample = (hash) => Boolean(wordsOf(hash).get('sample'));

/** @param {View} view @param {string} hash @returns {View} */
export function merged(view, hash) {
  const words = wordsOf(hash);
  const wanted = viewFromHash(hash);
  const options = { ...view.options };
  /** What a map's own page is of stands in one word. @type {(keyof View)[]} */
  const taken = wanted.tab === 'unit' ? ['tab', 'layer', 'map'] : [];
  for (const [key, value] of words) {
    if (!key.includes('.')) taken.push(...(KEYS[key] ?? []));
    // What is empty is as it was to begin with.
    else if (value === '') delete options[key];
  }
  const change = Object.fromEntries(taken.map((name) => [name, wanted[name]]));
  return { ...view, ...change, options: { ...options, ...wanted.options } };
}

/**
 * The present view as the hash of a stop: what was chosen, named outright, so that nothing of the visitor's gets in its way.
 * @param {View} view as it was chosen, defaults left open: they are then those of the visitor's picture
 * @param {string | null} sample where the stop is about this one
 */
export function hashOf(view, sample) {
  const words = wordsOf(hashFromView({ ...view, sample, lang: null, theme: null }));
  words.delete('v');
  if (!sample) words.delete('crop');
  const { tab } = view;
  const all = new URLSearchParams();
  if (tab !== 'unit') all.set('tab', tab);
  const explored = /** @type {const} */ (['layer', 'rule', 'stretch', 'scale', 'colour', 'show']);
  for (const key of tab === 'explore' ? explored : []) all.set(key, view[key] ?? '');
  if (tab !== 'learn' && tab !== 'unit') all.set('layer', view.layer ?? '');
  for (const [key, value] of words) all.set(key, value);
  return `#${all.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')}`;
}

/** The part of the page that a stop speaks of, if it is there. @param {import('./file.js').Stop} stop @param {View} view */
export function placeOf({ at }, { tab, options }) {
  const piece = tab === 'learn' && !at ? options['learn.lesson'] : undefined;
  const selector = piece
    ? `.learn [data-lesson="${CSS.escape(piece)}"]`
    : ELEMENTS[at ?? (tab === 'explore' ? 'projection' : 'tab')];
  const isNine = at === 'results' && tab === 'top';
  const found = /** @type {HTMLElement | null} */ (document.querySelector(isNine ? NINE : selector));
  if (found?.checkVisibility()) return found;
  // Where class names are wanted first, that is what there is to see.
  const lack = /** @type {HTMLElement | null} */ (document.querySelector(LACK));
  return at === 'results' && lack?.checkVisibility() ? lack : null;
}
