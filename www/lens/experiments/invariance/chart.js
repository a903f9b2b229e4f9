/** Lines over what was done to the picture, as SVG: one for each picture, and their mean. */
import { element, endNames, linearScale, PALETTE, pathOf, rows, text } from '../plot.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Values } from './known.js' */
/** @typedef {{ name: string, colour: string, values: Values, isMean: boolean }} Line */
/**
 * @typedef {object} ChartOptions
 * @property {readonly number[]} x
 * @property {readonly number[]} marks of the axis below
 * @property {Line[]} lines
 * @property {number} high the highest value that the axis must hold
 * @property {number} selected place of the cursor
 * @property {number} width
 * @property {number} height
 * @property {(value: number) => string} format
 */

const TOP = 12;
const BOTTOM = 22;
const LEFT = 46;

/** How far the lines reach to the right. @param {number} width @param {boolean} named */
const rightOf = (width, named) => width - (named ? 24 : 14);

/** @param {Lens} lens @param {ChartOptions} options @returns {SVGSVGElement} */
export function chart(lens, { x, marks, lines, high, selected, width, height, format }) {
  const { number } = lens.words;
  const svg = element('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'font-size': 11.5 });
  const right = rightOf(width, lines.length > 1);
  const floor = height - BOTTOM;
  const y = linearScale(high, floor, TOP);
  const [first, last] = [x[0] ?? 0, x.at(-1) ?? 1];
  const across = (/** @type {number} */ value) => LEFT + ((right - LEFT) * (value - first)) / (last - first);
  const cursor = across(x[selected] ?? first);

  svg.append(...rows(y, LEFT, right, format));
  for (const mark of marks) {
    const at = across(mark);
    svg.append(
      element('line', { x1: at, x2: at, y1: floor, y2: floor + 4, stroke: PALETTE.soft }),
      text(number(mark), { x: at, y: floor + 16, fill: PALETTE.soft, 'text-anchor': 'middle' }),
    );
  }
  svg.append(
    element('line', { x1: cursor, x2: cursor, y1: TOP - 6, y2: floor, stroke: PALETTE.ink, 'stroke-dasharray': '3 3' }),
  );

  const names = lines.flatMap(({ name, colour, values, isMean }) => {
    const points = values.flatMap((value, at) =>
      value === null ? [] : [{ left: across(x[at] ?? 0), top: y.at(value), at }],
    );
    const end = points.at(-1);
    if (!end) return [];
    const dashes = isMean ? { 'stroke-dasharray': '7 3' } : {};
    const stroke = { stroke: colour, 'stroke-width': 2, 'stroke-linejoin': 'round' };
    svg.append(element('path', { d: pathOf(points), fill: 'none', ...stroke, ...dashes }));
    for (const { left, top, at } of points) {
      if (isMean && at !== selected) continue;
      svg.append(element('circle', { cx: left, cy: top, r: at === selected ? 4.5 : 2, fill: colour }));
    }
    return [{ name, colour, wanted: end.top }];
  });
  if (lines.length > 1) svg.append(...endNames(names, right + 6, TOP, floor));
  return svg;
}

/** The place of the parameter under the pointer. @param {SVGSVGElement} svg @param {number} clientX @param {readonly number[]} x @param {boolean} named */
export function placeUnder(svg, clientX, x, named) {
  const { left, width } = svg.getBoundingClientRect();
  const full = svg.viewBox.baseVal.width;
  const share = (((clientX - left) * full) / width - LEFT) / (rightOf(full, named) - LEFT);
  const [first, last] = [x[0] ?? 0, x.at(-1) ?? 1];
  const gaps = x.map((value) => Math.abs((value - first) / (last - first) - share));
  return gaps.indexOf(Math.min(...gaps));
}
