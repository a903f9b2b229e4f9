/** All maps of a layer on one sheet, as maps or as projections of their strongest units. */
import { h, iconButton, segmented } from './dom.js';
import { createKeypad } from './keypad.js';
import { mapName } from './map-name.js';
import { isGrey } from './paint.js';
import { Sheet } from './sheet.js';

/** @import { Lens } from '../lens.js' */
/** @import { LayerInfo, Maps, Projection, Strongest } from '../engine/protocol.js' */
/** @typedef {{ map: number, row: number, col: number }} Spot */
/**
 * @typedef {object} ExplorerHandlers
 * @property {(spot: Spot) => void} onPoint
 * @property {() => void} onLeave
 * @property {(spot: Spot) => void} onPick
 * @property {(spot: Spot) => void} onMove moved to with a key
 * @property {(step: number) => void} onLayerStep
 * @property {(show: 'maps' | 'projections') => void} onShow
 * @property {(sort: 'strength' | 'index') => void} onSort
 * @property {() => void} onSave
 */

/** Sides of the smallest tiles in CSS pixels. */
const SMALLEST = { maps: 34, projections: 52 };
/** A pointer is not sharper than this, so in a small tile the strongest unit this near is meant. */
const POINTER_REACH = 4;

/** @param {Lens} lens @param {ExplorerHandlers} handlers */
export function createExplorer(lens, handlers) {
  const { t, number } = lens.words;
  const canvas = h('canvas', { role: 'img', data: { view: 'maps' } });
  const sheet = new Sheet(canvas);
  const chosen = h('i', { class: 'mark chosen', hidden: true });
  const hovered = h('i', { class: 'mark hovered', hidden: true });
  const tip = h('span', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
  const keypad = createKeypad({
    cellAt: (event) => sheet.cellAt(event)?.cell ?? null,
    onPoint: (cell, event) => {
      const spot = spotAt(cell, event);
      place(hovered, cell);
      label(cell, spot);
      handlers.onPoint(spot);
    },
    onLeave: () => {
      hovered.hidden = tip.hidden = true;
      handlers.onLeave();
    },
    onPick: (cell, event) => handlers.onPick(spotAt(cell, event)),
    onMove: (cell) => handlers.onMove(spotAt(cell, null)),
    onBracket: handlers.onLayerStep,
  });
  const show = segmented(
    'show',
    [
      ['maps', 'maps'],
      ['projections', 'projections'],
    ],
    handlers.onShow,
  );
  const sort = segmented(
    'sort',
    [
      ['strength', 'strength'],
      ['index', 'index'],
    ],
    handlers.onSort,
  );
  const title = h('h2', {});
  const size = h('span', { class: 'note' });
  const slot = h('div', { class: 'explorer-progress' });
  const note = h('p', { class: 'note' });
  const frame = h('div', { class: 'sheet' }, canvas, hovered, chosen, tip, keypad.element);
  const element = h(
    'section',
    { class: 'explorer', hidden: true },
    h(
      'header',
      {},
      h('div', { class: 'heading' }, title, size),
      show.element,
      sort.element,
      iconButton('save', 'saveSheet', handlers.onSave),
    ),
    slot,
    frame,
    note,
  );

  /** @type {{ layer: string, strongest: Strongest[], info: LayerInfo, sort: 'strength' | 'index', isFilm: boolean } | null} */
  let layer = null;
  /** @type {Maps | null} */
  let maps = null;
  /** @type {'maps' | 'projections'} */
  let mode = 'maps';
  /** @type {Spot | null} */
  let selected = null;

  /**
   * @param {number} cell
   * @param {PointerEvent | null} event
   * @returns {Spot}
   */
  function spotAt(cell, event) {
    const map = sheet.order[cell] ?? 0;
    const best = layer?.strongest[map] ?? { map, row: 0, col: 0, activation: 0 };
    const point = event && mode === 'maps' ? sheet.cellAt(event) : null;
    if (!point || !maps || maps.layer !== layer?.layer) return { map, row: best.row, col: best.col };
    const { rows, cols, values } = maps;
    const row = Math.floor(point.y * rows);
    const col = Math.floor(point.x * cols);
    const reach = Math.ceil((POINTER_REACH * sheet.layout.ratio * rows) / sheet.layout.height) - 1;
    let found = { row, col, value: -1 };
    for (let r = Math.max(0, row - reach); r <= Math.min(rows - 1, row + reach); r++) {
      for (let c = Math.max(0, col - reach); c <= Math.min(cols - 1, col + reach); c++) {
        const value = values[(map * rows + r) * cols + c] ?? 0;
        if (value > found.value) found = { row: r, col: c, value };
      }
    }
    return found.value > 0 ? { map, row: found.row, col: found.col } : { map, row, col };
  }

  /** @param {HTMLElement} mark @param {number} cell */
  function place(mark, cell) {
    const { left, top, width, height } = sheet.boxOf(cell);
    Object.assign(mark.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    mark.hidden = cell < 0;
  }

  /** @param {number} cell @param {Spot} spot */
  function label(cell, spot) {
    const { left, top, width } = sheet.boxOf(cell);
    tip.textContent = t('tip', { map: mapName(lens, layer?.info, spot.map), value: number(valueOf(spot)) });
    tip.hidden = false;
    const right = left > frame.clientWidth / 2;
    Object.assign(tip.style, {
      top: `${top}px`,
      left: right ? 'auto' : `${left + width + 6}px`,
      right: right ? `${frame.clientWidth - left + 6}px` : 'auto',
    });
  }

  /** @param {Spot} spot */
  function valueOf({ map, row, col }) {
    if (mode === 'maps' && maps && maps.layer === layer?.layer)
      return maps.values[(map * maps.rows + row) * maps.cols + col] ?? 0;
    return layer?.strongest[map]?.activation ?? 0;
  }

  function drawMarks() {
    if (!layer) return;
    const cell = selected ? sheet.order.indexOf(selected.map) : -1;
    place(chosen, cell);
    const value = selected ? (layer.strongest[selected.map]?.activation ?? 0) : 0;
    const words = value > 0 ? t('activationOption', { value: number(value) }) : t('silentOption');
    keypad.set({
      current: Math.max(0, cell),
      total: sheet.order.length,
      columns: sheet.layout.columns,
      name: t('sheetKeys', { layer: layer.layer }),
      words: t('mapOption', { map: mapName(lens, layer.info, selected?.map ?? 0), activation: words }),
    });
  }

  function draw() {
    sheet.draw(frame.clientWidth, frame.clientWidth < 420 && mode === 'maps' ? 42 : SMALLEST[mode]);
    drawMarks();
  }

  function render() {
    if (!layer) return;
    const { layer: name, strongest } = layer;
    const { shape } = layer.info;
    const silent = strongest.filter(({ activation }) => activation === 0).length;
    const best = [...strongest].sort((a, b) => b.activation - a.activation).slice(0, 5);
    const list = best.map(({ map, activation }) => `${map} (${number(activation)})`).join(', ');
    title.textContent = name;
    size.textContent = t('mapsOf', { maps: shape[0], rows: shape[1], cols: shape[2] });
    const hint = mode === 'maps' ? t('mapsHint') : `${t('mosaicHint')} ${t(isGrey ? 'greyText' : 'colourText')}`;
    note.textContent = `${hint} ${silent ? t('silentMaps', { silent, maps: shape[0] }) : ''}`;
    canvas.setAttribute(
      'aria-label',
      t(mode === 'maps' ? 'mapsAlt' : 'mosaicAlt', { maps: shape[0], layer: name, list }),
    );
    drawMarks();
  }

  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    requestAnimationFrame(draw);
  }).observe(frame);

  return {
    element,
    slot,
    sheet,
    render,
    redraw: draw,
    /** @param {{ layer: string, strongest: Strongest[], info: LayerInfo, sort: 'strength' | 'index', show: 'maps' | 'projections', isFilm: boolean }} next */
    set(next) {
      element.hidden = false;
      // From frame to frame every map keeps its place, and is drawn when the new ones have come.
      const isNext = next.isFilm && layer?.isFilm && layer.layer === next.layer && layer.sort === next.sort;
      layer = next;
      mode = next.show;
      canvas.dataset.view = mode === 'maps' ? 'maps' : 'mosaic';
      canvas.dataset.of = next.layer;
      show.set(next.show);
      sort.set(next.sort);
      sheet.arrange(
        isNext ? sheet.order : orderOf(next.strongest, next.sort),
        new Set(next.strongest.filter(({ activation }) => activation === 0).map(({ map }) => map)),
      );
      render();
      if (!isNext) draw();
    },
    /** @param {Maps} next */
    setMaps(next) {
      maps = next;
      if (mode !== 'maps') return;
      sheet.hasProjections = false;
      sheet.setMaps(next);
      draw();
    },
    /** @param {number} total @param {[number, number]} field rows and columns of a unit's receptive field */
    startMosaic(total, field) {
      sheet.hasProjections = true;
      sheet.startMosaic(total, field[1], field[0]);
      draw();
    },
    /** @param {Projection[]} projections */
    addTiles(projections) {
      for (const { unit, projection } of projections) if (unit) sheet.addTile(unit[0], projection);
    },
    /** @param {Spot | null} spot */
    choose(spot) {
      selected = spot;
      drawMarks();
    },
    /** @param {boolean} busy */
    setBusy(busy) {
      element.setAttribute('aria-busy', String(busy));
    },
    focus: () => keypad.element.focus(),
  };
}

/**
 * @param {Strongest[]} strongest
 * @param {'strength' | 'index'} sort
 */
export function orderOf(strongest, sort) {
  const order = strongest.map(({ map }) => map);
  if (sort === 'index') return order;
  // Equal strengths, the silent maps above all, stay in the order of their numbers.
  return order.sort((a, b) => (strongest[b]?.activation ?? 0) - (strongest[a]?.activation ?? 0) || a - b);
}
