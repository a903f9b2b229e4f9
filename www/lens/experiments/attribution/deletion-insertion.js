/** Deletion and insertion: the class's probability as the strongest pixels of each map go, and the areas below. */
import { gap, h } from '../../widgets/dom.js';
import { element as svgElement, hueOf, linearScale, PALETTE, pathOf, rows, text } from '../plot.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Board, Manner, Order } from './board.js' */

export const METRICS = /** @type {const} */ (['deletion', 'insertion']);
/** @typedef {(typeof METRICS)[number]} Metric */

/** Of a chart; on the page it takes the width of its column. */
const CHART = { width: 420, height: 230 };
const [LEFT, RIGHT, TOP, BOTTOM] = [44, CHART.width - 16, 8, CHART.height - 38];
const MARKS = [0, 0.25, 0.5, 0.75, 1];

/** @param {Lens} lens */
export function createDeletionInsertion(lens) {
  const parts = METRICS.map((metric) => {
    const frame = h('div', { role: 'img', data: { view: metric } });
    const [name, key] = [h('h4', {}), h('p', { class: 'note key' })];
    return { metric, frame, name, key, figure: h('figure', {}, name, frame, h('figcaption', {}, key)) };
  });
  const element = h(
    'section',
    { class: 'removal', hidden: true },
    h('h3', { t: 'deletionTitle' }),
    h(
      'p',
      { class: 'reading' },
      h('span', { t: 'deletionReading' }),
      gap(),
      h('span', { class: 'soft', t: 'deletionNot' }),
    ),
    h('div', { class: 'removal-charts' }, ...parts.map(({ figure }) => figure)),
  );

  /** @param {Board} board @param {Manner} manner */
  function draw(board, manner) {
    element.hidden = board.curves.size === 0;
    if (element.hidden) return;
    for (const { metric, frame, name, key } of parts) {
      name.textContent = captionOf(lens, board, metric);
      frame.replaceChildren(chart(lens, board, metric, manner.chosen));
      const said = [...board.curves.keys()].map(
        (order) => `${nameOf(lens, order)} ${areaOf(lens, board, order, metric)}`,
      );
      frame.setAttribute('aria-label', `${name.textContent}: ${said.join('; ')}`);
      const chosen = /** @type {const} */ ([manner.chosen, 'chance']).flatMap((order) =>
        board.curves.has(order)
          ? [h('span', {}, swatch(board, order), ` ${nameOf(lens, order)} ${areaOf(lens, board, order, metric)}`)]
          : [],
      );
      key.replaceChildren(...chosen);
    }
  }

  return { element, draw };
}

/** How the line of an order is drawn. @param {Board} board @param {Order} order */
export function swatch(board, order) {
  const mark = h('i', { class: order === 'chance' ? 'swatch chance' : 'swatch', 'aria-hidden': 'true' });
  if (order !== 'chance') mark.style.background = colourOf(board, order);
  return mark;
}

/** What is done to the photograph. @param {Lens} lens @param {Board} board @param {Metric} metric */
function captionOf({ words: { t } }, { question: { removal } }, metric) {
  return t(`${metric}Into`, { fill: t(`fill-${removal?.[metric] ?? 'mean'}`) });
}

/** @param {Lens} lens @param {Order} order */
function nameOf({ words: { t } }, order) {
  return order === 'chance' ? t('deletionChance') : t(`why-${order}`);
}

/** What was measured of an order. @param {Lens} lens @param {Board} board @param {Order} order */
export function areasOf(lens, board, order) {
  return METRICS.map((metric) => `${lens.words.t(metric)} ${areaOf(lens, board, order, metric)}`);
}

/** @param {Lens} lens @param {Board} board @param {Order} order @param {Metric} metric */
function areaOf({ words: { fixed } }, board, order, metric) {
  const area = board.curves.get(order)?.[metric].area;
  return area == null ? '…' : fixed(area, 3);
}

/** @param {Board} board @param {Order} order */
function colourOf({ question: { methods } }, order) {
  if (order === 'chance') return PALETTE.ink;
  return PALETTE.curve(hueOf(methods.indexOf(order), methods.length));
}

/** All that is known of one metric, both of which have one scale; the method that is looked at stands out. @param {Lens} lens @param {Board} board @param {Metric} metric @param {Order} chosen */
function chart(lens, board, metric, chosen) {
  const { percent, t } = lens.words;
  const { width, height } = CHART;
  const svg = svgElement('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'font-size': 12 });
  svg.setAttribute('aria-hidden', 'true');
  const known = [...board.curves.values()].flatMap((found) => METRICS.flatMap((one) => found[one].probability));
  const y = linearScale(Math.max(...known), BOTTOM, TOP);
  const across = (/** @type {number} */ share) => LEFT + (RIGHT - LEFT) * share;
  svg.append(...rows(y, LEFT, RIGHT, percent));
  const label = { fill: PALETTE.soft, 'text-anchor': 'middle' };
  for (const mark of MARKS) svg.append(text(percent(mark), { x: across(mark), y: BOTTOM + 16, ...label }));
  svg.append(text(t('deletionAxis'), { x: across(0.5), y: height - 5, ...label }));
  // What is looked at lies above the others.
  const orders = [...board.curves.keys()].sort((a, b) => Number(a === chosen) - Number(b === chosen));
  for (const order of orders) {
    const { share = [], [metric]: curve } = board.curves.get(order) ?? {};
    const points = (curve?.probability ?? []).map((value, at) => ({ left: across(share[at] ?? 0), top: y.at(value) }));
    if (points.length < 2) continue;
    svg.append(
      svgElement('path', {
        d: pathOf(points),
        fill: 'none',
        stroke: colourOf(board, order),
        'stroke-width': order === chosen ? 3 : 1.3,
        'data-order': order,
        ...(order === 'chance' ? { 'stroke-dasharray': '5 4' } : {}),
      }),
    );
  }
  return svg;
}
