/** What charts of lines have in common: SVG elements, colours, scales, and names that keep out of each other's way. */

/** Colours as CSS has them. */
export const PALETTE = Object.freeze({
  ink: 'var(--ink)',
  soft: 'var(--soft)',
  line: 'var(--line)',
  curve: (/** @type {number} */ hue) => `light-dark(hsl(${hue} 60% 36%), hsl(${hue} 60% 68%))`,
});

/** Names of lines that end together are moved apart to this distance. */
const LINE = 14;
const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} attributes
 */
export function element(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    // A presentation attribute knows no variables; a style does.
    if (/var\(|light-dark/.test(String(value))) made.style.setProperty(name, String(value));
    else made.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  }
  return made;
}

/** @param {string} words @param {Record<string, string | number>} attributes */
export function text(words, attributes) {
  const made = element('text', attributes);
  made.textContent = words;
  return made;
}

/** Straight lines from place to place. @param {readonly { left: number, top: number }[]} points */
export function pathOf(points) {
  const near = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  return `M${points.map(({ left, top }) => `${near(left)} ${near(top)}`).join('L')}`;
}

/** From violet for the first to orange for the last: an order that light alone tells too little of. @param {number} index @param {number} count */
export function hueOf(index, count) {
  return Math.round(285 - (255 * index) / Math.max(1, count - 1));
}

/**
 * From nothing at the bottom to a round number at least as high as the highest, with about four steps.
 * @param {number} high @param {number} bottom @param {number} top
 */
export function linearScale(high, bottom, top) {
  // Nothing but zeros still wants an axis.
  if (!(high > 1e-30)) return linearScale(1, bottom, top);
  const step = roundStep(high / 4);
  const end = Math.max(step, Math.ceil(high / step - 1e-6) * step);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { ticks, at: (/** @type {number} */ value) => bottom - ((bottom - top) * value) / end };
}

/**
 * Lines from left to right at the marks of a scale, each with its number before it.
 * @param {{ ticks: number[], at: (value: number) => number }} scale @param {number} left @param {number} right
 * @param {(value: number) => string} format
 */
export function rows({ ticks, at }, left, right, format) {
  return ticks.flatMap((tick) => {
    const y = at(tick);
    return [
      element('line', { x1: left, x2: right, y1: y, y2: y, stroke: PALETTE.line }),
      text(format(tick), { x: left - 6, y: y + 4, fill: PALETTE.soft, 'text-anchor': 'end' }),
    ];
  });
}

/**
 * Names where lines end, apart from each other.
 * @param {{ name: string, colour: string, wanted: number }[]} names @param {number} left @param {number} top @param {number} bottom
 */
export function endNames(names, left, top, bottom) {
  const sorted = names.toSorted((a, b) => a.wanted - b.wanted);
  const wanted = sorted.map((one) => one.wanted);
  const tops = apart(wanted, top, bottom);
  return sorted.map(({ name, colour }, index) =>
    text(name, { x: left, y: (tops[index] ?? 0) + 4, fill: colour, 'font-weight': 600 }),
  );
}

/** The next 1, 2 or 5 times a power of ten. @param {number} least */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((step) => step * power >= least) ?? 10);
}

/**
 * Moves what lies too close apart, in order, without leaving the frame at the bottom.
 * @param {number[]} wanted ascending @param {number} top @param {number} bottom
 */
function apart(wanted, top, bottom) {
  const found = [];
  let free = top;
  for (const place of wanted) {
    found.push(Math.max(place, free));
    free = Math.max(place, free) + LINE;
  }
  let limit = bottom;
  for (let index = found.length - 1; index >= 0; index--) {
    found[index] = Math.min(found[index] ?? 0, limit);
    limit = (found[index] ?? 0) - LINE;
  }
  return found;
}
