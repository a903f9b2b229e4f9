/** A layer's maps on a sheet of A4: large tiles with their numbers, on white. */
import { asPng, figure } from '../../figures.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Album } from '../../photograph/album.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */
/** @import { Sheet } from '../../widgets/sheet.js' */

/** Printers have 300 dots to an inch. */
const FINENESS = 300 / 25.4;

/**
 * @param {Lens} lens
 * @param {Sheet} sheet
 * @param {Viewer} viewer
 * @param {Session} session
 * @param {string} photograph what it is called
 */
export async function paperSheet(lens, sheet, viewer, session, photograph) {
  const { layer, show, sort, rule, scale, stretch } = viewer.resolved;
  const strongest = viewer.shown?.look.layers.find((one) => one.layer === layer)?.strongest ?? [];
  const svg = await figure(lens, session, 'maps', {
    layer: layer ?? '',
    photograph,
    order: lens.words.t(sort),
    tiles: sheet.order.map((map) => ({
      map,
      activation: strongest[map]?.activation ?? 0,
      picture: sheet.picture(map),
    })),
    shared: scale === 'shared',
    projected: show === 'maps' ? null : { rule, stretch },
  });
  return asPng(svg, { fineness: FINENESS });
}

/** What the photograph on view is called: its title among the samples, or its file's name. @param {Lens} lens @param {Viewer} viewer @param {Album} album */
export function titleOf(lens, { shown }, album) {
  const { inLanguage, t } = lens.words;
  const sample = album.samples.find(({ id }) => id === shown?.sample);
  if (sample) return inLanguage(sample.title);
  const blob = shown?.context.photo.blob;
  return blob instanceof File && blob.name ? blob.name : t('cardPhoto');
}
