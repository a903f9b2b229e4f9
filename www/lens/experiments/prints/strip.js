/** The nine of the training set that a map answers to most, as a strip, and how strongly this picture answers beside them. */
import './words.js';
import { h } from '../../widgets/dom.js';
import { context, isGrey, recolour } from '../../widgets/paint.js';
import { shelfOf } from '../top/shelf.js';
import { known } from './table.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Subject } from '../../widgets/inspector.js' */
/** @import { Gallery, Tile, Winner } from '../top/gallery.js' */
/** @typedef {Exclude<Subject, { kind: 'class' }>} OfMap */

/** @param {Lens} lens @param {Session} session */
export function createStrip(lens, session) {
  const { t, number } = lens.words;
  const title = h('h3', { t: 'stripTitle' });
  const row = h('ol', { class: 'strip-row', label: 'stripTitle', data: { view: 'strip' } });
  const answer = h('p', { class: 'strip-answer' });
  const share = h('i', { class: 'strip-share', 'aria-hidden': 'true' });
  const element = h('div', { class: 'nine-beside-print', hidden: true }, title, row, share, answer);

  /** @type {OfMap | null} */
  let subject = null;
  /** @type {{ key: string, control: AbortController } | null} */
  let asked = null;
  /** @type {Winner[]} */
  let winners = [];

  function describe() {
    const first = winners[0];
    element.hidden = !first || !subject;
    if (!first || !subject) return;
    const { kind, activation } = subject;
    const times = (activation ?? 0) / first.activation;
    const isUnit = kind === 'unit';
    if (activation === null) answer.textContent = '…';
    else if (activation === 0) answer.textContent = t(isUnit ? 'stripSilentUnit' : 'stripSilentPicture');
    else answer.textContent = t(isUnit ? 'stripUnit' : 'stripPicture', { share: number(times, 2) });
    share.style.setProperty('--share', String(Math.min(1, times)));
    for (const [rank, place] of [...row.children].entries()) {
      const words = t('stripTile', { rank: rank + 1, value: number(winners[rank]?.activation ?? 0) });
      const canvas = /** @type {HTMLCanvasElement} */ (place.firstElementChild);
      canvas.setAttribute('aria-label', words);
      canvas.title = words;
    }
  }

  /** @param {string} layer @param {number} map @param {AbortSignal} signal @returns {Promise<Gallery | null>} */
  async function galleryOf(layer, map, signal) {
    // Nobody is asked for a gallery that may not be there: of other networks the tab Top nine shows it.
    if (!(await known(session.fingerprint)) || signal.aborted) return null;
    const shelf = shelfOf(lens, session);
    const gallery = await shelf.get('training', signal);
    const fits = gallery && !shelf.isForeign(gallery) && gallery.layers.includes(layer) && map < gallery.maps(layer);
    return fits ? gallery : null;
  }

  /** @param {string} layer @param {number} map @param {AbortSignal} signal */
  async function draw(layer, map, signal) {
    const gallery = await galleryOf(layer, map, signal);
    if (signal.aborted) return;
    winners = gallery?.winners(layer, map) ?? [];
    row.dataset.of = `${layer} ${map}`;
    row.replaceChildren(...winners.map(() => h('li', {}, h('canvas', { role: 'img', width: 1, height: 1 }))));
    describe();
    await gallery?.projections(layer, map, (rank, tile) => !signal.aborted && show(rank, tile), signal);
    if (!signal.aborted) row.dataset.drawn = row.dataset.of;
  }

  /** @param {number} rank @param {Tile} tile */
  function show(rank, { projection }) {
    const canvas = row.children[rank]?.firstElementChild;
    if (!(canvas instanceof HTMLCanvasElement)) return;
    canvas.width = projection.width;
    canvas.height = projection.height;
    canvas.className = projection.className;
    const pen = context(canvas);
    pen.drawImage(projection, 0, 0);
    recolour(pen, 0, 0, canvas.width, canvas.height);
  }

  return {
    element,
    /** @param {OfMap} next */
    show(next) {
      subject = next;
      const { layer, map } = next;
      const key = JSON.stringify([session.fingerprint, layer, map, isGrey]);
      if (asked?.key === key) return describe();
      asked?.control.abort();
      const { control } = (asked = { key, control: new AbortController() });
      // Those of another map must not stand beside this one.
      element.hidden = true;
      draw(layer, map, control.signal).catch(() => {
        if (asked?.control !== control) return;
        asked = null;
        winners = [];
        element.hidden = true;
      });
    },
  };
}
