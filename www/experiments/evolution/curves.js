/** How far each layer moved from checkpoint to checkpoint: its weights, and its answers to the picture on view; as lines and as tables. */
import { chart } from './chart.js';
import { h, segmented } from '../../widgets/dom.js';
import { CSS_PALETTE } from '../../widgets/plot.js';
import { currentLanguage, number, t } from '../../text.js';

/** @typedef {{ name: string, values: (number | null)[] }[]} Series */
/** @typedef {{ epochs: number[], weights: Series, answers: Series, selected: number | null }} Curves */

export const KINDS = /** @type {const} */ (['weights', 'answers']);

/** A share with two digits that count. @param {number} value */
export function share(value) {
  return new Intl.NumberFormat(currentLanguage(), { style: 'percent', maximumSignificantDigits: 2 }).format(value);
}

/** @param {(log: boolean) => void} onAxis */
export function createCurves(onAxis) {
  let log = true;
  /** @type {Curves | null} */
  let curves = null;
  const scale = segmented(
    'axis',
    [
      ['log', 'axisLog'],
      ['linear', 'axisLinear'],
    ],
    (choice) => onAxis(choice === 'log'),
  );
  scale.set('log');
  const parts = KINDS.map((kind) => {
    const frame = h('div', { class: 'chart', role: 'img', data: { view: `evolution-${kind}` } });
    const table = h('div', { class: 'table-frame', role: 'region', tabindex: '0', label: `moved-${kind}` });
    const figure = h(
      'figure',
      {},
      h('figcaption', {}, h('h3', { t: `moved-${kind}` }), h('p', { class: 'note', t: `movedText-${kind}` })),
      frame,
      h('details', {}, h('summary', { t: 'asTable' }), table),
    );
    return { kind, frame, table, figure };
  });
  const element = h(
    'section',
    { class: 'curves' },
    h('header', {}, h('h2', { t: 'curves' }), scale.element),
    h('div', { class: 'charts' }, ...parts.map(({ figure }) => figure)),
    h('p', { class: 'note', t: 'curvesText' }),
  );

  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    requestAnimationFrame(render);
  }).observe(element);

  function render() {
    if (!curves) return;
    const { epochs, selected } = curves;
    for (const { kind, frame, table } of parts) {
      const series = curves[kind];
      const drawn = chart({
        epochs,
        series,
        log,
        selected,
        width: Math.max(280, frame.clientWidth),
        height: 230,
        palette: CSS_PALETTE,
        format: share,
        axis: t('epoch'),
      });
      drawn.setAttribute('aria-hidden', 'true');
      frame.replaceChildren(drawn);
      const lines = series.flatMap(({ name, values }) => {
        const known = values.filter((value) => value !== null);
        const [first, last] = [known[0], known.at(-1)];
        if (first === undefined || last === undefined) return [];
        return [t('curveAlt', { layer: name, first: share(first), last: share(last) })];
      });
      frame.setAttribute('aria-label', `${t(`moved-${kind}`)}: ${lines.join('; ')}`);
      table.replaceChildren(tableOf(epochs, series));
    }
  }

  return {
    element,
    render,
    /** @param {boolean} wanted whether the axis is logarithmic */
    setAxis(wanted) {
      if (wanted === log) return;
      log = wanted;
      scale.set(log ? 'log' : 'linear');
      render();
    },
    /** @param {Curves} next */
    set(next) {
      curves = next;
      render();
    },
    get log() {
      return log;
    },
  };
}

/** @param {number[]} epochs @param {Series} series */
function tableOf(epochs, series) {
  const head = h('tr', {}, h('th', { scope: 'col' }, t('epoch')));
  head.append(...series.map(({ name }) => h('th', { scope: 'col' }, name)));
  const rows = epochs.map((epoch, at) => {
    const row = h('tr', {}, h('th', { scope: 'row' }, number(epoch)));
    row.append(...series.map(({ values }) => h('td', {}, values[at] == null ? '–' : share(values[at]))));
    return row;
  });
  return h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows));
}
