/** Rectifier, pooling and normalisation at one place of the picture. */
import { ARROWS, sign } from '../learn/grid.js';
import { h } from '../../widgets/dom.js';
import { tableOf } from './table.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Shape } from './panel.js' */
/** @import { Spot } from './spot.js' */

/** As many units as Learn has, and the signal that it begins with. */
const SIGNAL = [2, -3, 4, -1, 2, 1];

/** @param {Lens} lens @param {Spot} spot @param {Session} session @returns {Promise<Shape>} */
export async function rectifierAt(lens, { layer, at, map, row, col, numbers }, session) {
  const { t } = lens.words;
  const [, cols] = numbers.sizeOf(at);
  const count = Math.min(SIGNAL.length, cols);
  const left = Math.max(0, Math.min(cols - count, col - Math.floor(count / 2)));
  const before = numbers.window(at - 1, map, { top: row, left, rows: 1, cols: count });
  const signal = SIGNAL.slice(0, count);
  const found = await session.experiment(
    'learnRelu',
    { x: { rows: 1, cols: count, values: before }, signal: { rows: 1, cols: count, values: signal } },
    { context: null, channel: 'probe' },
  );
  const lines = /** @type {const} */ ([
    ['x', 'cellBefore', before],
    ['max(x, 0)', 'cellAfter', found.answer.values],
    ['g', 'cellSignal', signal],
    ['g · [x > 0]', 'cellGradient', found.gradient.values],
    ['max(g, 0)', 'cellDeconvnet', found.deconvnet.values],
    ['max(g, 0) · [x > 0]', 'cellGuided', found.guided.values],
  ]);
  const rows = lines.map(([name, words, values], i) => {
    const { cells } = tableOf(lens, { name, view: '', caption: '', cols: count, values });
    if (col >= left && col < left + count) cells[col - left]?.classList.add('lit');
    const head = h(
      'th',
      { scope: 'row' },
      h('span', { class: i < 2 ? '' : 'soft' }, t(words)),
      ' ',
      h('i', { class: 'letter' }, name),
    );
    return h('tr', {}, head, ...cells);
  });
  const table = h('table', { class: 'rules', data: { view: 'arithmetic-rules' } }, h('tbody', {}, ...rows));
  return {
    title: t('cellReluTitle', { layer: layer.name }),
    text: t('cellReluText', { map, row, col: left }),
    real: t('cellRealSignal'),
    body: [
      h(
        'div',
        { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': t('cellReluTitle', { layer: layer.name }) },
        table,
      ),
    ],
    lesson: 'rectifier',
    copy: () => (count === SIGNAL.length ? { up: before } : null),
  };
}

/** @param {Lens} lens @param {Spot} spot @param {Session} session @returns {Promise<Shape>} */
export async function poolingAt(lens, { layer, at, map, row, col, numbers }, session) {
  const { t } = lens.words;
  const { kernel, stride, pad } = numbers.windowsOf(at);
  const [size] = kernel;
  const [every] = stride;
  const [rows, cols] = numbers.sizeOf(at - 1);
  const cut = (/** @type {number} */ place, /** @type {number} */ from, /** @type {number} */ all) => {
    const window = Math.floor((place - from) / every);
    const fits = (/** @type {number} */ first, /** @type {number} */ count) =>
      from + first * every >= 0 && from + (first + count - 1) * every + size <= all;
    for (const [first, count] of /** @type {const} */ ([
      [window - 1, 3],
      [window - 2, 3],
      [window, 3],
      [window - 1, 2],
      [window, 2],
      [window, 1],
      [window - 1, 1],
    ]))
      if (fits(first, count)) return { begin: from + first * every, count };
    return { begin: Math.max(0, Math.min(all - size, place)), count: 1 };
  };
  const [down, across] = [cut(row, -pad[0], rows), cut(col, -pad[1], cols)];
  const piece = {
    top: down.begin,
    left: across.begin,
    rows: Math.min(rows, (down.count - 1) * every + size),
    cols: Math.min(cols, (across.count - 1) * every + size),
  };
  const values = numbers.window(at - 1, map, piece);
  const picture = { rows: piece.rows, cols: piece.cols, values };
  const isSquare = kernel[0] === kernel[1] && stride[0] === stride[1] && every <= size;
  const found = isSquare
    ? await session.experiment('learnPool', { picture, size, every, signal: null }, { context: null, channel: 'probe' })
    : null;
  const lit = (row - piece.top) * piece.cols + col - piece.left;
  const switches = found?.switches ?? [];
  const x = tableOf(lens, {
    name: 'x',
    view: 'arithmetic-piece',
    caption: t('cellPiece'),
    cols: piece.cols,
    values,
    lit,
    rings: switches,
  });
  const arrows = size === 2 || size === 3 ? ARROWS[size] : [];
  const body = [h('div', { class: 'equation' }, x.element)];
  if (found) {
    const mark = (/** @type {number} */ i) => {
      const place = switches[i] ?? 0;
      const [top, left] = [Math.floor(i / found.pooled.cols) * every, (i % found.pooled.cols) * every];
      return arrows[(Math.floor(place / piece.cols) - top) * size + (place % piece.cols) - left] ?? '';
    };
    const p = tableOf(lens, {
      name: 'p',
      view: 'arithmetic-pooled',
      caption: t('cellKept'),
      cols: found.pooled.cols,
      values: found.pooled.values,
      mark,
    });
    const back = tableOf(lens, {
      name: 'x̂',
      view: 'arithmetic-unpooled',
      caption: t('cellBack'),
      cols: piece.cols,
      values: found.unpooled.values,
      rings: switches,
    });
    body[0]?.append(
      h('div', { class: 'pair' }, sign('→'), p.element),
      h('div', { class: 'pair' }, sign('→'), back.element),
    );
  }
  return {
    title: t('cellPoolTitle', { layer: layer.name }),
    text: t('cellPoolText', { map, size, every }),
    real: t('cellReal'),
    body,
    lesson: 'pooling',
    copy: () => {
      if (piece.rows < 6 || piece.cols < 6 || every !== 2 || (size !== 2 && size !== 3)) return null;
      const own = Array.from({ length: 36 }, (_, i) => values[Math.floor(i / 6) * piece.cols + (i % 6)] ?? 0);
      return { p: own, size };
    },
  };
}

/** @param {Lens} lens @param {Spot} spot @returns {Shape} */
export function normAt(lens, { layer, at, map, row, col, numbers }) {
  const { number, decimal, t } = lens.words;
  const { value, neighbours, squares, by, result, alpha, beta, k, region } = numbers.normalised(at, map, row, col);
  const cols = region === 'within' ? Math.round(Math.sqrt(neighbours.length)) : neighbours.length;
  const middle = Math.floor(neighbours.length / 2);
  const x = tableOf(lens, {
    name: 'x',
    view: 'arithmetic-neighbours',
    caption: '',
    cols,
    values: neighbours,
    lit: middle,
  });
  const formula = h(
    'p',
    { class: 'formula', data: { view: 'arithmetic-norm' } },
    h('i', { class: 'letter' }, 'x / (k + α · Σx²)ᵝ'),
    ` = ${number(value)} / (${number(k)} + ${decimal(alpha, 6)} · ${number(squares)})`,
    h('sup', {}, number(beta)),
    ` = ${number(value)} / ${number(by, 4)} = `,
    h('b', {}, number(result)),
  );
  return {
    title: t('cellNormTitle', { layer: layer.name }),
    text: t(region === 'within' ? 'cellNormWithin' : 'cellNormAcross', { map, row, col }),
    real: t('cellReal'),
    body: [h('div', { class: 'equation' }, x.element), formula],
    lesson: null,
    copy: () => null,
  };
}
