/** How far each layer moved from checkpoint to checkpoint: its weights, and its answers to the picture on view; as lines and as tables. */
import { chart, hasBelow } from './chart.js';
import { heldWords, isHeld } from './held.js';
import { h, segmented } from '../../widgets/dom.js';

/** @typedef {{ name: string, values: (number | null)[] }[]} Series */
/** @import { Lens } from '../../lens.js' */
/** @import { Held } from './held.js' */
/** @typedef {{ epochs: number[], weights: Series, answers: Series, selected: number | null, held: Held | null }} Curves */

export const KINDS = /** @type {const} */ (['weights', 'answers']);

/** @param {Lens} lens @param {(log: boolean) => void} onAxis */
export function createCurves(lens, onAxis) {
  const { finePercent, t } = lens.words;
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
  const stood = h('p', { class: 'note', data: { note: 'held' } });
  const below = h('p', { class: 'note', data: { note: 'below' }, t: 'curvesBelow' });
  const element = h(
    'section',
    { class: 'curves' },
    h('header', {}, h('h2', { t: 'curves' }), scale.element),
    h('div', { class: 'charts' }, ...parts.map(({ figure }) => figure)),
    stood,
    below,
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
    const { epochs, selected, held } = curves;
    stood.hidden = held === null;
    stood.textContent = held ? heldWords(lens, held) : '';
    below.hidden = KINDS.every((kind) => !hasBelow({ series: curves?.[kind] ?? [], epochs, log, held }));
    for (const { kind, frame, table } of parts) {
      const series = curves[kind];
      const drawn = chart(lens, {
        epochs,
        series,
        log,
        selected,
        width: Math.max(280, frame.clientWidth),
        height: 230,
        format: finePercent,
        axis: t('epoch'),
        held,
      });
      drawn.setAttribute('aria-hidden', 'true');
      frame.replaceChildren(drawn);
      const lines = series.flatMap(({ name, values }) => {
        const known = values.filter((value, at) => value !== null && !isHeld(held, name, epochs[at] ?? 0));
        const [first, last] = [known[0], known.at(-1)];
        if (first == null || last == null) return [];
        return [t('curveAlt', { layer: name, first: finePercent(first), last: finePercent(last) })];
      });
      frame.setAttribute('aria-label', `${t(`moved-${kind}`)}: ${lines.join('; ')}`);
      table.replaceChildren(tableOf(lens, epochs, series, held));
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

/** @param {Lens} lens @param {number[]} epochs @param {Series} series @param {Held | null} held */
function tableOf(lens, epochs, series, held) {
  const { t, number, finePercent } = lens.words;
  const head = h('tr', {}, h('th', { scope: 'col' }, t('epoch')));
  head.append(...series.map(({ name }) => h('th', { scope: 'col' }, name)));
  const rows = epochs.map((epoch, at) => {
    const row = h('tr', {}, h('th', { scope: 'row' }, number(epoch)));
    const words = (/** @type {string} */ name, /** @type {number | null | undefined} */ value) => {
      if (value == null) return '–';
      return isHeld(held, name, epoch) ? t('curvesHeldCell') : finePercent(value);
    };
    row.append(...series.map(({ name, values }) => h('td', {}, words(name, values[at]))));
    return row;
  });
  return h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows));
}
