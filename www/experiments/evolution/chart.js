/** Lines over the epochs of a training as SVG: one for each layer, with its name at its end. */
import { number } from '../../text.js';
import { apart, colourOf, element, hueOf, linearScale, SVG, text } from '../../widgets/plot.js';

/** @import { Palette } from '../../widgets/plot.js' */
/**
 * @typedef {object} ChartOptions
 * @property {number[]} epochs
 * @property {{ name: string, values: (number | null)[] }[]} series one value for each epoch
 * @property {boolean} log
 * @property {number | null} selected place of the epoch that is marked
 * @property {number} width
 * @property {number} height
 * @property {Palette} palette
 * @property {(share: number) => string} format
 * @property {string} axis what the epochs are called
 */

const TOP = 10;
const BOTTOM = 38;
const LEFT = 50;
const RIGHT = 50;
/** About the width of a digit. */
const DIGIT = 7;
/** What moved less than this below the most is drawn at the bottom: it stands still. */
const MOST_DECADES = 4;

/** @param {ChartOptions} options @returns {SVGSVGElement} */
export function chart({ epochs, series, log, selected, width, height, palette, format, axis }) {
  const svg = element('svg', { viewBox: `0 0 ${width} ${height}`, width, height, xmlns: SVG, 'font-size': 12 });
  const right = width - RIGHT;
  const floor = height - BOTTOM;
  const values = series.flatMap((line) => line.values).filter((value) => value !== null && (!log || value > 0));
  const y = scaleOf(/** @type {number[]} */ (values), log, floor, TOP);
  const x = places(epochs, LEFT + 6, right - 6);

  for (const tick of y.ticks) {
    const at = y.at(tick);
    svg.append(
      element('line', { x1: LEFT, x2: right, y1: at, y2: at, stroke: palette.line }),
      text(format(tick), { x: LEFT - 6, y: at + 4, fill: palette.soft, 'text-anchor': 'end' }),
    );
  }
  let free = -Infinity;
  for (const [index, epoch] of epochs.entries()) {
    const at = x[index] ?? 0;
    const name = number(epoch);
    const half = (name.length * DIGIT) / 2;
    if (at - half < free) continue;
    free = at + half + DIGIT;
    svg.append(text(name, { x: at, y: floor + 16, fill: palette.soft, 'text-anchor': 'middle' }));
  }
  svg.append(text(axis, { x: (LEFT + right) / 2, y: height - 5, fill: palette.soft, 'text-anchor': 'middle' }));
  if (selected !== null) {
    const at = x[selected] ?? 0;
    svg.append(element('line', { x1: at, x2: at, y1: TOP, y2: floor, stroke: palette.ink, 'stroke-dasharray': '2 3' }));
  }

  const names = series.flatMap(({ name, values: shares }, index) => {
    const colour = colourOf(hueOf(index, series.length), palette);
    const points = shares.flatMap((share, at) =>
      share === null || (log && share <= 0) ? [] : [/** @type {const} */ ([x[at] ?? 0, y.at(share)])],
    );
    const last = points.at(-1);
    if (!last) return [];
    const path = points.map(([left, top]) => `${left.toFixed(1)} ${top.toFixed(1)}`).join('L');
    svg.append(element('path', { d: `M${path}`, stroke: colour, 'stroke-width': 2, fill: 'none' }));
    for (const [at, share] of shares.entries()) {
      if (share === null || (log && share <= 0)) continue;
      svg.append(element('circle', { cx: x[at] ?? 0, cy: y.at(share), r: at === selected ? 4 : 2.5, fill: colour }));
    }
    return [{ name, colour, wanted: last[1] }];
  });
  names.sort((a, b) => a.wanted - b.wanted);
  const tops = apart(
    names.map(({ wanted }) => wanted),
    TOP + 2,
    floor,
  );
  for (const [index, { name, colour }] of names.entries())
    svg.append(text(name, { x: right + 4, y: (tops[index] ?? 0) + 4, fill: colour, 'font-weight': 600 }));
  return svg;
}

/**
 * Epochs are kept at growing distances, so they are drawn on a logarithmic scale; at least so far apart that a finger can tell them.
 * @param {number[]} epochs @param {number} from @param {number} to
 */
function places(epochs, from, to) {
  const first = epochs[0] ?? 1;
  const last = epochs.at(-1) ?? 1;
  if (epochs.length < 2) return [(from + to) / 2];
  const measure = first > 0 ? Math.log : (/** @type {number} */ value) => value;
  return epochs.map(
    (epoch) => from + ((to - from) * (measure(epoch) - measure(first))) / (measure(last) - measure(first)),
  );
}

/** @param {number[]} values @param {boolean} log @param {number} bottom @param {number} top */
function scaleOf(values, log, bottom, top) {
  const high = Math.max(...values, Number.MIN_VALUE);
  if (!log) return linearScale(high, bottom, top);
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
  return { ticks, at };
}
