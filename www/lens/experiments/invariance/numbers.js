/** What was found, as numbers to take away. */

/** @import { Lens } from '../../lens.js' */
/** @import { ClassName, Transformation } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Table } from '../experiment.js' */
/** @import { Curves } from './known.js' */
/** @import { Subject } from './subjects.js' */
/** A picture with its curves. @typedef {{ subject: Subject, letter: string, curves: { transformation: Transformation, curves: Curves }[] }} Found */

/** What the command line writes of each picture too. @param {Found[]} found */
export function numbers(found) {
  return found.map(({ subject, curves }) => ({
    picture: subject.name,
    sample: subject.sample,
    crop: subject.crop,
    complete: curves.every(({ curves: { complete } }) => complete),
    transformations: curves.map(({ curves: { written } }) => written.numbers),
  }));
}

/** A row for each parameter of each picture. @param {Found[]} found @returns {Table} */
export function table(found) {
  const all = found.flatMap(({ subject, curves }) => curves.map(({ curves: { written } }) => ({ subject, written })));
  const rows = all.flatMap(({ subject, written }) => written.rows.map((row) => [subject.name, ...row]));
  return { head: ['photo', ...(all[0]?.written.head ?? [])], rows };
}

/** @param {Lens} lens @param {readonly ClassName[]} classes @param {number | null} index */
export function nameOfClass(lens, classes, index) {
  const { inLanguage } = lens.words;
  return index === null ? null : inLanguage(classes[index] ?? { en: String(index) });
}
