/** All maps of a layer, each by the projection of its strongest picture: where to go next. */
import { isAbandoned } from '../../engine/protocol.js';
import { h } from '../../widgets/dom.js';
import { createKeypad } from '../../widgets/keypad.js';
import { context, paint, place } from '../../widgets/paint.js';
import { Sheet } from '../../widgets/sheet.js';
import { pictureOf } from './gallery.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Gallery } from './gallery.js' */

/** Side of the smallest tiles in CSS pixels. */
const SMALLEST = 46;
/** Side of a tile as it is kept, in pixels. */
const TILE = 64;

/** @param {Lens} lens @param {(map: number, final: boolean) => void} onMap @param {(error: unknown) => void} onError */
export function createOverview(lens, onMap, onError) {
  const { t, number } = lens.words;
  const canvas = h('canvas', { role: 'img', data: { view: 'top-overview' } });
  const sheet = new Sheet(canvas);
  const mark = h('i', { class: 'mark chosen', hidden: true });
  const hover = h('i', { class: 'mark hovered', hidden: true });
  const tip = h('span', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
  const keypad = createKeypad({
    cellAt: (event) => sheet.cellAt(event)?.cell ?? null,
    onPoint: (cell) => point(cell),
    onLeave: () => void (hover.hidden = tip.hidden = true),
    onPick: (cell) => onMap(sheet.order[cell] ?? 0, true),
    onMove: (cell) => onMap(sheet.order[cell] ?? 0, false),
  });
  const title = h('h3', {});
  const note = h('p', { class: 'note' });
  const frame = h('div', { class: 'sheet' }, canvas, hover, mark, tip, keypad.element);
  const element = h('section', { class: 'top-overview', hidden: true }, title, frame, note);

  /** @type {{ gallery: Gallery, layer: string, map: number } | null} */
  let now = null;
  let drawn = 0;
  let key = '';
  /** @type {AbortController | null} */
  let control = null;

  /** @param {HTMLElement} box @param {number} cell */
  function lay(box, cell) {
    const at = sheet.boxOf(cell);
    const [left, top, width, height] = [at.left, at.top, at.width, at.height].map((length) => `${length}px`);
    Object.assign(box.style, { left, top, width, height });
    box.hidden = cell < 0;
    return at;
  }

  /** @param {number} cell */
  function point(cell) {
    const { left, top, width } = lay(hover, cell);
    tip.textContent = words(sheet.order[cell] ?? 0);
    tip.hidden = false;
    const right = left > frame.clientWidth / 2;
    Object.assign(tip.style, {
      top: `${top}px`,
      left: right ? 'auto' : `${left + width + 6}px`,
      right: right ? `${frame.clientWidth - left + 6}px` : 'auto',
    });
  }

  /** @param {number} map */
  function words(map) {
    const best = now?.gallery.winners(now.layer, map)[0];
    return best ? t('tip', { map, value: number(best.activation) }) : `${map} · ${t('silentOption')}`;
  }

  function drawMark() {
    if (!now) return;
    const cell = sheet.order.indexOf(now.map);
    lay(mark, cell);
    const { layer, map } = now;
    keypad.set({
      current: Math.max(0, cell),
      total: sheet.order.length,
      columns: sheet.layout.columns,
      name: t('topOverviewKeys', { layer }),
      words: words(map),
    });
  }

  function render() {
    if (!now) return;
    const { layer, gallery } = now;
    const silent = sheet.order.filter((map) => gallery.winners(layer, map).length === 0).length;
    const wanted = sheet.order.length - silent;
    title.textContent = t('topOverview', { layer });
    canvas.setAttribute('aria-label', t('topOverviewAlt', { maps: sheet.order.length, layer }));
    const parts = [t('topOverviewText'), silent ? t('topSilentMaps', { silent, maps: sheet.order.length }) : ''];
    if (drawn < wanted) parts.push(t('drawn', { done: drawn, all: wanted }));
    note.textContent = parts.join(' ');
    element.setAttribute('aria-busy', String(control !== null));
    drawMark();
  }

  function draw() {
    sheet.draw(frame.clientWidth, SMALLEST);
    drawMark();
  }

  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    requestAnimationFrame(draw);
  }).observe(frame);

  function stop() {
    control?.abort();
    control = null;
  }

  return {
    element,
    render,
    /** Draws again in the colours of now. */
    redraw: draw,
    /** Ends what is under way; what is drawn stays. `isLeft`: it is to be taken up again. @param {boolean} isLeft */
    stop(isLeft) {
      if (isLeft && control) key = '';
      stop();
      render();
    },
    hide() {
      stop();
      key = '';
      now = null;
      element.hidden = true;
    },
    /**
     * @param {Gallery} gallery
     * @param {string} layer
     * @param {number} map the chosen one
     * @param {string} revision of the gallery
     * @param {boolean} waits whether the engine is busy with the set itself
     */
    async show(gallery, layer, map, revision, waits) {
      now = { gallery, layer, map };
      element.hidden = false;
      const next = JSON.stringify([gallery.kind, layer, revision, waits]);
      if (next === key) return drawMark();
      key = next;
      stop();
      drawn = 0;
      const order = Array.from({ length: gallery.maps(layer) }, (_, at) => at);
      sheet.startMosaic(order.length, TILE, TILE);
      sheet.arrange(order, new Set(order.filter((one) => gallery.winners(layer, one).length === 0)));
      width = frame.clientWidth;
      draw();
      render();
      if (waits) return;
      const mine = (control = new AbortController());
      try {
        await gallery.firsts(
          layer,
          (one, projection) => {
            if (mine !== control) return;
            drawn++;
            sheet.addTile(one, squared(projection));
            if (drawn % 16 === 0) render();
          },
          mine.signal,
        );
      } catch (error) {
        if (!isAbandoned(error)) onError(error);
      } finally {
        if (mine === control) {
          control = null;
          render();
        }
      }
    },
  };
}

/** What the border of its picture cuts is no square, and keeps its aspect in one. @param {Picture} picture @returns {Picture} */
function squared(picture) {
  if (picture.width === picture.height) return picture;
  const [canvas, tile] = [h('canvas', {}), h('canvas', { width: TILE, height: TILE })];
  paint(canvas, picture);
  const pen = context(tile);
  pen.fillStyle = '#808080';
  pen.fillRect(0, 0, TILE, TILE);
  place(pen, canvas, 0, 0, TILE);
  return pictureOf(tile);
}
