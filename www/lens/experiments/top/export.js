/** The nine of a map to take away. */
import { figure as drawn } from '../../figures.js';
import { pictureOf } from '../../widgets/paint.js';
import { placeOf } from './ranking.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Projection } from '../../engine/protocol.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Gallery, Tile, Winner } from './gallery.js' */
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

/** @param {Lens} lens @param {Session} session @param {Seen} seen */
export function figure(lens, session, { gallery, layer, map, winners, tiles, yours, projection }) {
  const { pictures, rule, network, count } = gallery.about;
  return drawn(lens, session, 'top', {
    layer,
    map,
    count,
    winners: winners.map(({ picture, name, row, col, activation, credit = null, withheld }, rank) => ({
      picture,
      name,
      row,
      col,
      activation,
      credit,
      withheld: withheld ? lens.words.inLanguage(withheld) : null,
      tile: tileOf(tiles[rank]),
    })),
    has_patches: gallery.hasPatches(layer),
    pictures,
    network,
    rule,
    licence: gallery.licence?.name ?? null,
    yours: yours && { ...yours, found: projection },
  });
}

/** @param {Tile | undefined} tile */
function tileOf(tile) {
  if (!tile) return null;
  const { projection, patch, scale } = tile;
  return { projection: pictureOf(projection), patch: patch && pictureOf(patch), scale };
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
