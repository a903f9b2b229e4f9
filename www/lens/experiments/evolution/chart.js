/** Lines over the epochs of a training as SVG: one for each layer, with its name at its end. */
import { element, endNames, hueOf, linearScale, PALETTE, pathOf, rows, text } from '../plot.js';
import { isHeld } from './held.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Held } from './held.js' */
/**
 * @typedef {object} ChartOptions
 * @property {number[]} epochs
 * @property {{ name: string, values: (number | null)[] }[]} series one value for each epoch
 * @property {boolean} log
 * @property {number | null} selected place of the epoch that is marked
 * @property {number} width
 * @property {number} height
 * @property {(share: number) => string} format
 * @property {string} axis what the epochs are called
 * @property {Held | null} held the layer that could not move at first
 */

/** Above the lines there is a word for what was held still. */
const TOP = 22;
const BOTTOM = 38;
const LEFT = 50;
const RIGHT = 50;
/** From line to line of what is hatched. */
const HATCH = 9;
/** About the width of a digit. */
const DIGIT = 7;
/** What moved less than this below the most is below a logarithmic scale. */
const MOST_DECADES = 4;

/** @param {Lens} lens @param {ChartOptions} options @returns {SVGSVGElement} */
export function chart(lens, { epochs, series, log, selected, width, height, format, axis, held }) {
  const { number } = lens.words;
  const svg = element('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'font-size': 12 });
  const right = width - RIGHT;
  const floor = height - BOTTOM;
  const y = scaleOf(scaled(series, epochs, log, held), log, floor, TOP);
  const place = placing(epochs, LEFT + 6, right - 6);
  const x = epochs.map(place);

  if (held && epochs.length > 1) svg.append(...band(lens, held, LEFT, Math.min(right, place(held.until)), floor));

  svg.append(...rows(y, LEFT, right, format));
  let free = -Infinity;
  for (const [index, epoch] of epochs.entries()) {
    const at = x[index] ?? 0;
    const name = number(epoch);
    const half = (name.length * DIGIT) / 2;
    if (at - half < free) continue;
    free = at + half + DIGIT;
    svg.append(text(name, { x: at, y: floor + 16, fill: PALETTE.soft, 'text-anchor': 'middle' }));
  }
  svg.append(text(axis, { x: (LEFT + right) / 2, y: height - 5, fill: PALETTE.soft, 'text-anchor': 'middle' }));
  if (selected !== null) {
    const at = x[selected] ?? 0;
    svg.append(element('line', { x1: at, x2: at, y1: TOP, y2: floor, stroke: PALETTE.ink, 'stroke-dasharray': '2 3' }));
  }

  const names = series.flatMap(({ name, values: shares }, index) => {
    const colour = PALETTE.curve(hueOf(index, series.length));
    const known = shares.flatMap((share, at) =>
      share === null ? [] : [{ left: x[at] ?? 0, top: y.at(share), isBelow: y.isBelow(share), at }],
    );
    const last = known.at(-1);
    if (!last) return [];
    const points = known.filter(({ isBelow }) => !isBelow);
    if (points.length > 1)
      svg.append(element('path', { d: pathOf(points), stroke: colour, 'stroke-width': 2, fill: 'none' }));
    for (const { left, top, isBelow, at } of known) {
      const size = at === selected ? 4 : 2.5;
      if (!isBelow) svg.append(element('circle', { cx: left, cy: top, r: size, fill: colour }));
      else svg.append(below(left, floor, size, colour));
    }
    return [{ name, colour, wanted: last.top }];
  });
  svg.append(...endNames(names, right + 4, TOP + 2, floor));
  return svg;
}

/** Whether some value lies below the scale. @param {Pick<ChartOptions, 'series' | 'epochs' | 'log' | 'held'>} options */
export function hasBelow({ series, epochs, log, held }) {
  const { isBelow } = scaleOf(scaled(series, epochs, log, held), log, 1, 0);
  return series.some(({ values }) => values.some((value) => value !== null && isBelow(value)));
}

/** What the scale must hold: not the rounding of a layer that could not move. @param {ChartOptions['series']} series @param {number[]} epochs @param {boolean} log @param {Held | null} held */
function scaled(series, epochs, log, held) {
  return series.flatMap(({ name, values }) =>
    values.filter((value, at) => value !== null && (!log || (value > 0 && !isHeld(held, name, epochs[at] ?? 0)))),
  );
}

/** The time that a layer was held still, with its word. @param {Lens} lens @param {Held} held @param {number} from @param {number} to @param {number} floor */
function band(lens, { layer }, from, to, floor) {
  const { t } = lens.words;
  // Slanted lines, cut to the band: a pattern would want a name in the document.
  const strokes = [];
  for (let sum = from + TOP + HATCH; sum < to + floor; sum += HATCH) {
    const [upper, lower] = [Math.min(to, sum - TOP), Math.max(from, sum - floor)];
    strokes.push(pathOf([upper, lower].map((left) => ({ left, top: sum - left }))));
  }
  const box = { x: from, y: TOP, width: Math.max(0, to - from), height: floor - TOP, fill: 'none', class: 'held' };
  const words = { x: from, y: TOP - 7, fill: PALETTE.soft, 'font-size': 11.5 };
  return [
    element('rect', box),
    element('path', { d: strokes.join(''), stroke: PALETTE.line, 'stroke-width': 1.5 }),
    text(t('curvesHeldShort', { layer }), words),
  ];
}

/** A value that is too small for the scale: a hollow triangle that points further down. @param {number} left @param {number} floor @param {number} size @param {string} colour */
function below(left, floor, size, colour) {
  const [half, tall] = [size + 1.5, 2 * size + 1];
  const d = `${pathOf([
    { left: left - half, top: floor - tall },
    { left: left + half, top: floor - tall },
    { left, top: floor },
  ])}Z`;
  return element('path', { d, class: 'below', fill: 'none', stroke: colour, 'stroke-width': 1.5 });
}

/**
 * Epochs are kept at growing distances, so they are drawn on a logarithmic scale; at least so far apart that a finger can tell them.
 * @param {number[]} epochs @param {number} from @param {number} to @returns {(epoch: number) => number}
 */
function placing(epochs, from, to) {
  const first = epochs[0] ?? 1;
  const last = epochs.at(-1) ?? 1;
  if (epochs.length < 2) return () => (from + to) / 2;
  const measure = first > 0 ? Math.log : (/** @type {number} */ value) => value;
  return (epoch) =>
    from + ((to - from) * Math.max(0, measure(epoch) - measure(first))) / (measure(last) - measure(first));
}

/** @param {(number | null)[]} known @param {boolean} log @param {number} bottom @param {number} top */
function scaleOf(known, log, bottom, top) {
  const values = /** @type {number[]} */ (known);
  const high = Math.max(...values, Number.MIN_VALUE);
  if (!log) return { ...linearScale(high, bottom, top), isBelow: () => false };
  const low = Math.max(Math.min(...values, high), high / 10 ** MOST_DECADES);
  const from = Math.log(low / 1.2);
  const to = Math.log(high * 1.2);
  const decades = Math.log10(high / low);
  const steps = decades > 2 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (Math.log(tick) >= from && Math.log(tick) <= to) ticks.push(tick);
    }
  }
  const at = (/** @type {number} */ value) =>
    bottom - ((bottom - top) * (Math.log(Math.max(value, low)) - from)) / (to - from);
  return { ticks, at, isBelow: (/** @type {number} */ value) => value < low };
}
