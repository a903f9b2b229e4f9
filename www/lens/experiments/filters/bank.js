/** A network's first filters on one canvas; each can be pointed at. */
import { h } from '../../widgets/dom.js';
import { createKeypad } from '../../widgets/keypad.js';
import { blank, context, imageData } from '../../widgets/paint.js';
import { isDead, isSilent } from './life.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Picture } from '../../engine/protocol.js' */
/** @import { MeasuredFilters } from '../../../pkg/cpu/zfnet_web.js' */

const COLUMNS = 12;
/** About as wide as this on its canvas, in whole pixels for each of a filter's. */
const WIDTH = 900;
const FRAME = '#e8590c';

/** @param {Lens} lens */
export function createBank(lens) {
  const { t, number, percent } = lens.words;
  const canvas = h('canvas', { class: 'blank', data: { view: 'filter-bank' } });
  const line = h('p', { class: 'note one-filter' });
  const keypad = createKeypad({
    cellAt(event) {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const col = Math.floor(((event.clientX - left) / width) * COLUMNS);
      const row = Math.floor(((event.clientY - top) / height) * rows());
      const at = row * COLUMNS + col;
      return col >= 0 && col < COLUMNS && at >= 0 && at < tiles.length ? at : null;
    },
    onPoint: (at) => point(at),
    onLeave: () => point(null),
    onPick: (at) => move(at),
    onMove: (at) => move(at),
  });
  const element = h('div', {}, h('div', { class: 'bank' }, canvas, keypad.element), line);

  /** @type {Picture[]} */
  let tiles = [];
  /** @type {MeasuredFilters | null} */
  let measured = null;
  /** @type {readonly boolean[]} */
  let unanswered = [];
  let name = '';
  let current = 0;
  /** @type {number | null} */
  let pointed = null;

  const rows = () => Math.max(1, Math.ceil(tiles.length / COLUMNS));

  /** @param {number | null} at */
  function point(at) {
    pointed = at;
    tell();
  }

  /** @param {number} at */
  function move(at) {
    current = at;
    point(at);
  }

  /** @param {number} at */
  function words(at) {
    const filter = measured?.filters[at];
    if (!filter || !measured) return '';
    const states = [
      ...(filter.weak ? [t('filtersIsWeak')] : []),
      ...(unanswered[at] ? [t('filtersIsUnanswered')] : isSilent(filter) ? [t('filtersIsSilent')] : []),
    ];
    return t('filtersOne', {
      filter: at,
      frequency: filter.frequency === null ? '–' : number(filter.frequency, 2),
      strength: percent(filter.rms / (measured.mixture.median_rms || 1)),
      state: states.join(''),
    });
  }

  function tell() {
    line.textContent = pointed === null ? t('filtersHint') : words(pointed);
    const label = t('filtersBank', { layer: measured?.layer ?? '', name });
    keypad.set({ current, total: tiles.length, columns: COLUMNS, name: label, words: words(current) });
  }

  function draw() {
    const [first] = tiles;
    if (!first) return blank(canvas);
    const zoom = Math.max(1, Math.floor(WIDTH / (COLUMNS * (first.width + 1))));
    const [wide, high] = [zoom * (first.width + 1), zoom * (first.height + 1)];
    canvas.width = COLUMNS * wide;
    canvas.height = rows() * high;
    canvas.classList.remove('blank');
    const pen = context(canvas);
    const small = new OffscreenCanvas(first.width, first.height);
    const smallPen = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext('2d'));
    pen.imageSmoothingEnabled = false;
    tiles.forEach((tile, at) => {
      const [left, top] = [(at % COLUMNS) * wide, Math.floor(at / COLUMNS) * high];
      smallPen.putImageData(imageData(tile), 0, 0);
      pen.drawImage(small, left + zoom / 2, top + zoom / 2, wide - zoom, high - zoom);
      const filter = measured?.filters[at];
      if (!filter || !isDead(filter, unanswered[at] ?? false)) return;
      pen.strokeStyle = FRAME;
      pen.lineWidth = Math.max(2, zoom / 2);
      pen.strokeRect(left + zoom / 2, top + zoom / 2, wide - zoom, high - zoom);
    });
  }

  return {
    element,
    canvas,
    render: tell,
    /** @param {string} network @param {Picture[]} pictures @param {MeasuredFilters | null} numbers @param {readonly boolean[]} never which answered nowhere in the training set */
    set(network, pictures, numbers, never) {
      [name, tiles, measured, unanswered] = [network, pictures, numbers, never];
      current = Math.min(current, Math.max(0, tiles.length - 1));
      draw();
      tell();
    },
  };
}
