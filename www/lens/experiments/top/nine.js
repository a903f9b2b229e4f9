/** The nine strongest of a map as two blocks, as in figure 2: what their units responded to, and the pieces of picture. */
import './words.js';
import { h } from '../../widgets/dom.js';
import { blank, context } from '../../widgets/paint.js';
import { shelfOf } from './shelf.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Licence, Tile, Winner } from './gallery.js' */
/** @typedef {'projection' | 'patch'} Side */

const SIDES = /** @type {const} */ (['projection', 'patch']);
const KINDS = /** @type {const} */ (['training', 'own', 'opened']);

/** @param {Lens} lens @param {(rank: number | null) => void} [onPoint] */
export function createBlocks(lens, onPoint = () => {}) {
  const { t } = lens.words;
  const blocks = {
    projection: h('ol', { class: 'nine', data: { view: 'nine-projection' } }),
    patch: h('ol', { class: 'nine', data: { view: 'nine-patch' } }),
  };
  const titles = { projection: h('figcaption', { class: 'note' }), patch: h('figcaption', { class: 'note' }) };
  const credit = h('p', { class: 'credit', role: 'status' });
  const figures = {
    projection: h('figure', {}, blocks.projection, titles.projection),
    patch: h('figure', {}, blocks.patch, credit, titles.patch),
  };
  const element = h('div', { class: 'blocks' }, figures.projection, figures.patch);
  /** @type {Winner[]} */
  let winners = [];
  /** @type {Record<Side, HTMLCanvasElement[]>} */
  let canvases = { projection: [], patch: [] };
  /** @type {(Tile | undefined)[]} */
  let tiles = [];
  /** Of what it shows of other people's pictures. @type {Licence | null} */
  let licence = null;
  /** The winner whose credit stands below. @type {number | null} */
  let credited = null;

  /** @param {number | null} rank */
  function light(rank) {
    for (const side of SIDES)
      [...blocks[side].children].forEach((place, at) => place.classList.toggle('lit', at === rank));
  }

  function render() {
    titles.projection.textContent = t('topProjections');
    titles.patch.textContent = [
      t('topPatches'),
      licence && winners.some(({ credit }) => credit)
        ? `${t('topPatchesPress')} ${t('topPatchesTogether', { licence: licence.name })}`
        : '',
    ].join(' ');
    for (const side of SIDES) {
      canvases[side].forEach((canvas, rank) => {
        const words = winners[rank] ? described(lens, winners[rank], rank) : '';
        canvas.setAttribute('aria-label', `${t(side === 'patch' ? 'topPatchAlt' : 'topProjectionAlt')} ${words}`);
        canvas.title = words;
      });
    }
    for (const [rank, winner] of winners.entries()) {
      const place = blocks.patch.children[rank];
      if (winner.withheld) place?.replaceChildren(t('topWithheld', { why: whyNot(isUnshown() ? winners : [winner]) }));
      place?.querySelector('button')?.setAttribute('aria-pressed', String(rank === credited));
    }
    credit.replaceChildren(...creditOf(credited === null ? undefined : winners[credited]));
  }

  /** Whether none of the pictures may be shown. */
  function isUnshown() {
    return winners.length > 0 && winners.every(({ withheld }) => withheld);
  }

  /** @param {Winner[]} winners */
  function whyNot(winners) {
    const reasons = winners.map(({ withheld }) => (withheld ? lens.words.inLanguage(withheld) : ''));
    return [...new Set(reasons)].join('; ');
  }

  /** Whose a picture is, as the licences want it said. @param {Winner | undefined} winner @returns {(Node | string)[]} */
  function creditOf(winner) {
    if (!winner?.credit) return [];
    const { title, by, licence: own, source } = winner.credit;
    const link = (/** @type {string} */ href, /** @type {string} */ words) =>
      h('a', { href, rel: 'noreferrer' }, words);
    const file = winner.name?.split('/').pop() ?? t('topPicture', { picture: winner.picture });
    return [link(source, title), `, ${file}, ${by}, `, link(own.url, own.name), `. ${t('topCut')}`];
  }

  /** A winner's place in a block. @param {Side} side @param {number} rank @param {Winner | undefined} winner */
  function placeOf(side, rank, winner) {
    const on = { pointerenter: () => point(rank), pointerleave: () => point(null) };
    if (!winner) return h('li', { class: 'nobody', 'aria-hidden': 'true' });
    if (side === 'patch' && winner.withheld) return h('li', { class: 'withheld', on });
    const canvas = h('canvas', { class: 'blank', role: 'img', data: { rank: String(rank) } });
    canvases[side][rank] = canvas;
    if (side === 'projection' || !winner.credit) return h('li', { on }, canvas);
    const press = () => {
      credited = credited === rank ? null : rank;
      render();
    };
    return h('li', { on }, h('button', { type: 'button', on: { click: press } }, canvas));
  }

  return {
    element,
    light,
    render,
    get tiles() {
      return tiles;
    },
    /**
     * Clears the blocks for a map's winners.
     * @param {Winner[]} next
     * @param {number} count how many there are room for
     * @param {boolean} hasPatches
     * @param {Licence | null} [terms] of the patches
     */
    begin(next, count, hasPatches, terms = null) {
      winners = next;
      tiles = [];
      licence = terms;
      credited = null;
      canvases = { projection: [], patch: [] };
      figures.patch.hidden = !hasPatches;
      const across = String(Math.ceil(Math.sqrt(Math.max(1, count))));
      for (const side of SIDES) {
        const places = Array.from({ length: Math.max(count, next.length) }, (_, rank) =>
          placeOf(side, rank, next[rank]),
        );
        blocks[side].style.setProperty('--across', across);
        // Nine times the same words say less than one sentence.
        const isOne = side === 'patch' && isUnshown();
        blocks[side].classList.toggle('unshown', isOne);
        blocks[side].replaceChildren(...(isOne ? places.slice(0, 1) : places));
      }
      render();
    },
    /** The patches did not come: projections stand alone. */
    withoutPatches() {
      figures.patch.hidden = true;
    },
    /** @param {number} rank @param {Tile} tile */
    put(rank, tile) {
      tiles[rank] = tile;
      for (const side of SIDES) {
        const canvas = canvases[side][rank];
        const source = tile[side];
        if (!canvas || !source) continue;
        canvas.width = source.width;
        canvas.height = source.height;
        canvas.classList.toggle('coarse', source.classList.contains('coarse'));
        blank(canvas);
        context(canvas).drawImage(source, 0, 0);
        canvas.classList.remove('blank');
      }
    },
  };

  /** @param {number | null} rank */
  function point(rank) {
    light(rank);
    onPoint(rank);
  }
}

/** @param {Lens} lens @param {Winner} winner @param {number} rank */
function described(lens, { picture, row, col, activation, name }, rank) {
  const { t, number } = lens.words;
  const of = name ?? t('topPicture', { picture });
  return t('topWinner', { rank: rank + 1, name: of, row, col, value: number(activation) });
}

/**
 * The blocks of a map, for another tab: from the gallery that is looked at, or another that is there.
 * @param {Lens} lens
 * @param {Session} session
 * @param {ReturnType<typeof createBlocks>} blocks
 * @param {string} layer
 * @param {number} map
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether there are any
 */
export async function drawNine(lens, session, blocks, layer, map, signal) {
  const shelf = shelfOf(lens, session);
  for (const kind of new Set([shelf.chosen, ...KINDS])) {
    const gallery = await shelf.get(kind, signal);
    if (!gallery || shelf.isForeign(gallery) || !gallery.layers.includes(layer)) continue;
    const winners = gallery.winners(layer, map);
    if (winners.length === 0) continue;
    blocks.begin(winners, gallery.about.count, gallery.hasPatches(layer), gallery.licence);
    await gallery.tiles(layer, map, blocks.put, signal);
    if (!gallery.hasPatches(layer)) blocks.withoutPatches();
    return true;
  }
  return false;
}
