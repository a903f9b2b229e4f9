/** Colours of classes that readers of every colour vision can tell apart (Okabe & Ito 2008). */
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Field } from './field.js' */

const COLOURS = /** @type {const} */ ([
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [213, 94, 0],
  [240, 228, 66],
]);
/** All further classes. */
const OTHER = /** @type {const} */ ([128, 128, 128]);

/**
 * Each class in its colour, the most frequent first. A colour belongs to a class from the moment that it comes.
 * @param {Field} field
 */
export function legendOf(field) {
  const known = field.labels.map(({ label, places }, at) => ({ label, places, colour: COLOURS[at] ?? OTHER }));
  return known.filter(({ places }) => places > 0).sort((a, b) => b.places - a.places);
}

/** @param {readonly [number, number, number]} colour */
export function css([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}

/** @param {Lens} lens @param {Field} field @param {(index: number) => string} nameOf */
export function legendItems(lens, field, nameOf) {
  const { t } = lens.words;
  return legendOf(field).map(({ label, places, colour }) => {
    const swatch = h('i', { 'aria-hidden': 'true' });
    swatch.style.background = css(colour);
    return h(
      'li',
      { data: { label: String(label) } },
      swatch,
      `${nameOf(label)} · ${t('occlusionPlaces', { count: places })}`,
    );
  });
}
