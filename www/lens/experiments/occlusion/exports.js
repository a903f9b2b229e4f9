/** What can be taken away: the five panels with their scales, the numbers, a row for each place of the square. */
import { figure } from '../../figures.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Exports } from '../experiment.js' */
/** @import { State } from './board.js' */
/** @import { Field } from './field.js' */
/** @import { Found } from './others.js' */
/** @typedef {State & { field: Field, found: Found[], session: Session }} Content */

/** @param {Lens} lens @param {Content} content @returns {Exports} */
export function exportsOf(lens, content) {
  const { t, inLanguage } = lens.words;
  const { field, photograph, corner, projection, found, session } = content;
  const elsewhere = found.map(({ name, found }) => ({ name: name ? inLanguage(name) : t('occlusionHere'), found }));
  const shown = { photograph, square: corner, projection, elsewhere };
  return {
    figure: () => figure(lens, session, 'occlusion', field.written.numbers, shown),
    numbers: () => numbers(content),
    table: () => field.written,
  };
}

/** What the command line writes of it too, with the square and the other pictures of the page. @param {Content} content */
function numbers({ field, corner, close, found, nameOf }) {
  return {
    ...field.written.numbers,
    done: field.done,
    total: field.total,
    square: {
      top: corner[0],
      left: corner[1],
      activity: close?.activity ?? null,
      probability: close?.probability ?? null,
      label: close?.label ?? null,
      classes: close?.classes.map((one) => ({ ...one, name: nameOf(one.index) })) ?? null,
      map: close && { rows: close.rows, cols: close.cols, answers: close.answers, uncovered: close.uncovered },
    },
    elsewhere: found.map(({ key, found: one }) => ({
      picture: key,
      unit: one.unit,
      activation: one.activation,
      window: one.window,
    })),
  };
}
