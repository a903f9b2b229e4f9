/** What was found, as numbers to take away. */
import { distances } from './columns.js';
import { MOVES } from './moves.js';

/** @import { Lens } from '../../lens.js' */
/** @import { ClassName, Transformation } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Table } from '../experiment.js' */
/** @import { Curves } from './known.js' */
/** @import { Subject } from './subjects.js' */
/** A picture with its curves. @typedef {{ subject: Subject, letter: string, curves: { transformation: Transformation, curves: Curves }[] }} Found */

/** @param {Found[]} found */
export function numbers(found) {
  return found.flatMap(({ subject, curves: all }) =>
    all.map(({ transformation, curves: { layers, classIndex, probability, complete } }) => ({
      picture: subject.name,
      sample: subject.sample,
      crop: subject.crop,
      transformation,
      complete,
      parameter: MOVES[transformation].parameters,
      class: classIndex,
      layers: Object.entries(layers).map(([layer, { norm, distance }]) => ({ layer, norm, distance })),
      probability,
    })),
  );
}

/** A row for each parameter of each picture. @param {Found[]} found @returns {Table} */
export function table(found) {
  const all = found.flatMap(({ subject, curves }) => curves.map((one) => ({ ...one, subject })));
  const names = Object.keys(all[0]?.curves.layers ?? {});
  const distance = names.flatMap((name) => [`distance.${name}`, `relative.${name}`]);
  const rows = all.flatMap(({ subject, transformation, curves }) => {
    const moved = names.flatMap((name) => [distances(curves, name, false), distances(curves, name, true)]);
    return MOVES[transformation].parameters.map((parameter, at) => [
      subject.name,
      transformation,
      parameter,
      curves.classIndex,
      ...moved.map((values) => values?.[at]),
      curves.probability?.[at],
    ]);
  });
  return { head: ['picture', 'transformation', 'parameter', 'class', ...distance, 'probability'], rows };
}

/** The pictures with their letters and classes. @param {Lens} lens @param {Found[]} found @param {readonly ClassName[]} classes */
export function legend(lens, found, classes) {
  return found.map(({ subject, letter, curves }) => {
    const className = nameOfClass(lens, classes, curves[0]?.curves.classIndex ?? null);
    return [...(found.length > 1 ? [letter] : []), subject.name, ...(className ? [`(${className})`] : [])].join(' ');
  });
}

/** @param {Lens} lens @param {readonly ClassName[]} classes @param {number | null} index */
export function nameOfClass(lens, classes, index) {
  const { inLanguage } = lens.words;
  return index === null ? null : inLanguage(classes[index] ?? { en: String(index) });
}
