/** The classes that are the most probable somewhere, each in its colour, the most frequent first. */
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Field } from './field.js' */

/** @param {readonly [number, number, number]} colour */
function css([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}

/** @param {Lens} lens @param {Field} field @param {(index: number) => string} nameOf */
export function legendItems(lens, field, nameOf) {
  const { t } = lens.words;
  return field.legend.map(({ class: label, positions, colour }) => {
    const swatch = h('i', { 'aria-hidden': 'true' });
    swatch.style.background = css(colour);
    return h(
      'li',
      { data: { label: String(label) } },
      swatch,
      `${nameOf(label)} · ${t('occlusionPlaces', { count: positions })}`,
    );
  });
}
