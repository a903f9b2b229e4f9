/** One transformation: the picture that moves, the curves under a common cursor, and the values there. */
import { h, icon, iconButton } from '../../widgets/dom.js';
import { context, within } from '../../widgets/paint.js';
import { hueOf, PALETTE } from '../plot.js';
import { chart, placeUnder } from './chart.js';
import { linesOf, meanOf } from './columns.js';
import { MOVES, moveBy } from './moves.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Transformation } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Column, Seen } from './columns.js' */
/**
 * @typedef {object} Drawn
 * @property {Seen[]} seen
 * @property {Column[]} columns
 * @property {Record<Column['kind'], number>} highs
 * @property {number} selected
 * @property {string} summary
 */

/** How long each picture stays while it plays, in milliseconds; longer for those who want little motion. */
const STEP = 90;
const CALM_STEP = 400;
const HEIGHT = 190;

/** @param {Lens} lens @param {Transformation} transformation @param {(at: number, final: boolean) => void} onMove */
export function createRow(lens, transformation, onMove) {
  const { t, number } = lens.words;
  const { parameters, marks } = MOVES[transformation];
  const canvas = h('canvas', { role: 'img', width: '224', height: '224', data: { view: `moved-${transformation}` } });
  const label = /** @type {const} */ (`moveSlider-${transformation}`);
  const slider = h('input', { type: 'range', min: 0, max: parameters.length - 1, step: 1, label });
  const output = h('output', {});
  const play = iconButton('play', 'play', () => (timer === undefined ? start() : stop()));
  const summary = h('p', { class: 'note' });
  const charts = h('div', { class: 'charts' });
  const readout = h('table', { class: 'readout' });
  const table = h('div', { class: 'table-frame', role: 'region', tabindex: '0', label: `move-${transformation}` });
  const details = h('details', { on: { toggle: () => drawTable() } }, h('summary', { t: 'asTable' }), table);
  const element = h(
    'section',
    { class: 'moves', data: { of: transformation } },
    h('header', {}, h('h3', { t: `move-${transformation}` }), summary),
    h(
      'div',
      { class: 'moves-body' },
      h(
        'div',
        { class: 'mover' },
        h('div', { class: 'print' }, canvas),
        h('div', { class: 'scrub' }, play, slider),
        output,
      ),
      h('div', { class: 'curves-of' }, charts, h('div', { class: 'scroll' }, readout), details),
    ),
  );

  /** @type {Drawn | null} */
  let drawn = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  /** @type {Map<Column['kind'], { figure: HTMLElement, title: HTMLElement, frame: HTMLElement }>} */
  const figures = new Map();

  slider.addEventListener('input', () => move(Number(slider.value), false));
  slider.addEventListener('change', () => move(Number(slider.value), true));

  /** @param {number} at @param {boolean} final */
  function move(at, final) {
    stop();
    onMove(at, final);
  }

  function start() {
    const last = parameters.length - 1;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (drawn && drawn.selected >= last) onMove(0, false);
    timer = setInterval(
      () => {
        const next = (drawn?.selected ?? last) + 1;
        if (next >= last) stop();
        onMove(Math.min(next, last), next >= last);
      },
      calm ? CALM_STEP : STEP,
    );
    drawPlay();
  }

  function stop() {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    drawPlay();
  }

  function drawPlay() {
    const name = timer === undefined ? 'play' : 'pause';
    play.replaceChildren(icon(name));
    play.dataset.tLabel = play.dataset.tTitle = name;
    play.title = t(name);
    play.setAttribute('aria-label', play.title);
  }

  /** @param {Column['kind']} kind */
  function figureOf(kind) {
    const known = figures.get(kind);
    if (known) return known;
    const title = h('h4', {});
    const frame = h('div', { class: 'chart', role: 'img', data: { view: `${transformation}-${kind}` } });
    const grab = (/** @type {PointerEvent} */ event, /** @type {boolean} */ final) => {
      const svg = frame.querySelector('svg');
      if (svg) move(placeUnder(svg, event.clientX, parameters, (drawn?.seen.length ?? 1) > 1), final);
    };
    frame.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      frame.setPointerCapture(event.pointerId);
      grab(event, false);
    });
    frame.addEventListener('pointermove', (event) => frame.hasPointerCapture(event.pointerId) && grab(event, false));
    frame.addEventListener('pointerup', (event) => frame.hasPointerCapture(event.pointerId) && grab(event, true));
    const axis = h('p', { class: 'axis note', 'aria-hidden': 'true', t: `moveAxis-${transformation}` });
    const made = { title, frame, figure: h('figure', {}, h('figcaption', {}, title), frame, axis) };
    figures.set(kind, made);
    return made;
  }

  /** @param {Drawn} next */
  function draw(next) {
    drawn = next;
    const { seen, columns, selected } = next;
    drawPicture(seen[0]?.frame, selected);
    summary.textContent = next.summary;
    const shown = columns.map(({ kind }) => figureOf(kind).figure);
    if (shown.length !== charts.children.length || shown.some((one, at) => charts.children[at] !== one))
      charts.replaceChildren(...shown);
    drawCharts();
    drawReadout();
    drawTable();
    const values = columns.flatMap((column) => {
      const value = at(column, selected);
      return value === null ? [] : [`${column.short} ${column.format(value)}`];
    });
    const words = moveBy(lens, transformation, selected);
    slider.value = String(selected);
    slider.setAttribute('aria-valuetext', t('moveHere', { move: words, values: values.join(', ') }));
    output.textContent = words;
  }

  /** What is told of a column at a place: the picture's value, or the mean of several. @param {Column} column @param {number} place */
  function at(column, place) {
    const values = (drawn?.seen ?? []).map(({ curves }) => (curves && column.values(curves)?.[place]) ?? null);
    return meanOf(values);
  }

  /** @param {HTMLCanvasElement | undefined} frame @param {number} selected */
  function drawPicture(frame, selected) {
    canvas.setAttribute('aria-label', t('moveAlt', { move: moveBy(lens, transformation, selected) }));
    canvas.classList.toggle('waits', !frame);
    // Until it has come, the picture before stays, paler.
    if (!frame) return;
    canvas.dataset.parameter = String(parameters[selected]);
    canvas.width = frame.width;
    canvas.height = frame.height;
    canvas.classList.toggle('coarse', frame.classList.contains('coarse'));
    canvas.getContext('2d')?.drawImage(frame, 0, 0);
  }

  function drawCharts() {
    if (!drawn) return;
    const { seen, columns, highs, selected } = drawn;
    for (const column of columns) {
      const { title, frame } = figureOf(column.kind);
      title.textContent = column.title;
      const lines = linesOf(column, seen);
      const made = chart(lens, {
        x: parameters,
        marks,
        lines,
        high: highs[column.kind],
        selected,
        width: Math.max(180, frame.clientWidth || 240),
        height: HEIGHT,
        format: column.format,
      });
      made.setAttribute('aria-hidden', 'true');
      frame.replaceChildren(made);
      const words = lines.flatMap(({ values }, index) => {
        const known = values.filter((value) => value !== null);
        if (known.length === 0) return [];
        const [least, most] = [Math.min(...known), Math.max(...known)].map(column.format);
        return [t('moveFromTo', { name: seen[index]?.name ?? t('moveMost'), least: least ?? '', most: most ?? '' })];
      });
      frame.setAttribute('aria-label', `${column.title}: ${words.join('; ')}`);
    }
  }

  function drawReadout() {
    if (!drawn) return;
    const { seen, columns, selected } = drawn;
    const head = h(
      'tr',
      {},
      h('th', { scope: 'col' }, moveBy(lens, transformation, selected)),
      ...columns.map(({ short }) => h('th', { scope: 'col' }, short)),
    );
    const rows = seen.map(({ letter, name, className, curves, frame }, index) => {
      const mark = h('i', { class: 'letter', 'aria-hidden': 'true' }, seen.length > 1 ? letter : '');
      mark.style.background = PALETTE.curve(hueOf(index, seen.length));
      const print = h('canvas', { 'aria-hidden': 'true', width: '44', height: '44' });
      if (frame) {
        const at = within(frame, { left: 0, top: 0, width: print.width, height: print.height });
        context(print).drawImage(frame, at.left, at.top, at.width, at.height);
      }
      const cells = columns.map((column) => cell(column, (curves && column.values(curves)?.[selected]) ?? null));
      // The column of several pictures cannot name the class of each.
      const words = seen.length > 1 && className ? `${name} · ${className}` : name;
      const first = seen.length > 1 ? [mark, print, h('span', {}, words)] : [mark, h('span', {}, words)];
      return h('tr', {}, h('th', { scope: 'row' }, h('span', { class: 'of' }, ...first)), ...cells);
    });
    if (seen.length > 1) {
      const cells = columns.map((column) => cell(column, at(column, selected)));
      rows.push(h('tr', { class: 'mean' }, h('th', { scope: 'row' }, t('moveMost')), ...cells));
    }
    readout.replaceChildren(h('thead', {}, head), h('tbody', {}, ...rows));
  }

  function drawTable() {
    if (!drawn || !details.open) return;
    const { seen, columns } = drawn;
    const several = seen.length > 1;
    const head = h('tr', {}, h('th', { scope: 'col' }, t(`moveAxis-${transformation}`)));
    for (const { letter } of seen)
      for (const { short } of columns) head.append(h('th', { scope: 'col' }, several ? `${letter} · ${short}` : short));
    const rows = parameters.map((parameter, place) => {
      const row = h('tr', {}, h('th', { scope: 'row' }, number(parameter)));
      for (const { curves } of seen)
        for (const column of columns) row.append(cell(column, (curves && column.values(curves)?.[place]) ?? null));
      return row;
    });
    table.replaceChildren(h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows)));
  }

  let width = 0;
  new ResizeObserver(() => {
    if (charts.clientWidth === width) return;
    width = charts.clientWidth;
    requestAnimationFrame(drawCharts);
  }).observe(charts);

  return { element, draw, stop };
}

/** @param {Column} column @param {number | null} value */
function cell({ format }, value) {
  return h('td', {}, value === null ? '–' : format(value));
}
