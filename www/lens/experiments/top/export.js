/** The nine of a map to take away. */
import { place as paste, SOFT, SANS, write } from '../../export.js';
import { print } from '../export.js';
import { described } from './nine.js';
import { placeOf } from './ranking.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Projection } from '../../engine/protocol.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Gallery, Licence, Tile, Winner } from './gallery.js' */
/** @import { Yours } from './ranking.js' */
/**
 * What is on view.
 * @typedef {object} Seen
 * @property {Gallery} gallery
 * @property {string} layer
 * @property {number} map
 * @property {Winner[]} winners
 * @property {readonly (Tile | undefined)[]} tiles
 * @property {Yours | null} yours
 * @property {Projection | null} projection of the picture on view
 */

const TILE = 150;
const GAP = 4;
const LINE = 22;

/** @param {Lens} lens @param {Seen} seen @param {string} title @param {Session} session */
export function picture(lens, { gallery, layer, winners, tiles, yours, projection }, title, session) {
  const { t, number } = lens.words;
  const across = Math.ceil(Math.sqrt(gallery.about.count));
  const block = across * (TILE + GAP) - GAP;
  const hasPatches = gallery.hasPatches(layer);
  const blocks = hasPatches ? 2 : 1;
  const sides = /** @type {const} */ (['projection', 'patch']);
  const aside = projection && yours ? TILE + 40 : 0;
  const height = Math.max(block, 2 * TILE + GAP);
  const { pictures, rule, network } = gallery.about;
  const lines = [
    `${t('topOf', { pictures: number(pictures, 6), network })} ${t(rule === 'guided' || rule === 'gradient' ? rule : 'deconvnet')}`,
    t(hasPatches ? 'topPrintBoth' : 'topProjections'),
  ];
  if (hasPatches && gallery.licence) lines.push(credits(lens, winners, gallery.licence));
  if (yours) lines.push(`${t('topYours')}: ${t('activation')} ${number(yours.activation)}, ${t('topUnit', yours)}`);
  return print(
    lens,
    {
      width: blocks * block + (blocks - 1) * 24 + aside,
      height: height + 20 + winners.length * LINE,
      title,
      lines,
      draw(pen, left, top) {
        for (const [at, side] of sides.slice(0, blocks).entries()) {
          const from = left + at * (block + 24);
          for (let rank = 0; rank < gallery.about.count; rank++) {
            const x = from + (rank % across) * (TILE + GAP);
            const y = top + Math.floor(rank / across) * (TILE + GAP);
            const source = tiles[rank]?.[side];
            if (source) paste(pen, source, x, y, TILE);
          }
        }
        if (aside && projection) {
          const from = left + blocks * block + (blocks - 1) * 24 + 40;
          paste(pen, canvasOf(projection.projection), from, top, TILE);
          paste(pen, canvasOf(projection.patch), from, top + TILE + GAP, TILE);
          write(pen, t('topYours'), from, top + 2 * TILE + GAP + 22, SOFT, `15px ${SANS}`, TILE);
        }
        for (const [rank, winner] of winners.entries()) {
          const white = tiles[rank] ? ` · ${t('drawnScale')} ±${number(tiles[rank].scale, 2)}` : '';
          write(
            pen,
            described(lens, winner, rank) + white,
            left,
            top + height + 20 + rank * LINE,
            SOFT,
            `14px ${SANS}`,
          );
        }
      },
    },
    session,
  );
}

/** Whose the patches are, each once. @param {Lens} lens @param {Winner[]} winners @param {Licence} licence of all together */
function credits(lens, winners, { name }) {
  const said = winners.flatMap(({ credit }) =>
    credit ? [`${credit.title}, ${credit.by}, ${credit.licence.name}`] : [],
  );
  const all = [...new Set(said)].join('; ');
  return [all && `${all}.`, lens.words.t('topCut'), lens.words.t('topPatchesTogether', { licence: name })]
    .join(' ')
    .trim();
}

/** @param {Seen} seen */
export function numbers({ gallery, layer, map, winners, tiles, yours, projection }) {
  return {
    gallery: { from: gallery.kind, ...gallery.about, licence: gallery.licence },
    layer,
    map,
    winners: winners.map((winner, rank) => ({
      rank: rank + 1,
      ...winner,
      window: tiles[rank]?.window ?? null,
      scale: tiles[rank]?.scale ?? null,
    })),
    yours: yours && {
      ...yours,
      place: placeOf(winners, yours) + 1,
      window: projection?.window ?? null,
      scale: projection?.scale ?? null,
    },
  };
}

/** @param {Seen} seen */
export function table({ winners, tiles, yours }) {
  const head = ['rank', 'picture', 'name', 'row', 'col', 'activation', 'top', 'left', 'height', 'width', 'scale'];
  const rows = winners.map(({ picture, name, row, col, activation }, rank) => {
    const { window, scale } = tiles[rank] ?? {};
    return [
      rank + 1,
      picture,
      name,
      row,
      col,
      activation,
      window?.top,
      window?.left,
      window?.height,
      window?.width,
      scale,
    ];
  });
  if (yours) rows.push([null, null, 'yours', yours.row, yours.col, yours.activation, null, null, null, null, null]);
  return { head, rows };
}

/** @param {import('../../engine/protocol.js').Picture} picture */
function canvasOf({ width, height, rgba }) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.classList.toggle('coarse', width < 32);
  canvas
    .getContext('2d')
    ?.putImageData(new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (rgba), width, height), 0, 0);
  return canvas;
}
