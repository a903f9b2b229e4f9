/** What is made to be kept, under its name: the card, the sheet for paper, a projection's own numbers. */
import { download, fileName, rawValues } from '../../export.js';
import './words.js';
import { card } from './card.js';
import { npy } from './npy.js';
import { paperSheet, titleOf } from './paper.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Album } from '../../photograph/album.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */
/** @import { Sheet } from '../../widgets/sheet.js' */

/** @param {Lens} lens @param {Parameters<typeof card>[1]} prints @param {Viewer} viewer @param {Session} session */
export async function saveCard(lens, prints, viewer, session) {
  download(await card(lens, prints, viewer, session), fileName(viewer, 'png', 'card'));
}

/** @param {Lens} lens @param {Sheet} sheet @param {Viewer} viewer @param {Session} session @param {Album} album */
export async function savePaper(lens, sheet, viewer, session, album) {
  const { layer, show } = viewer.resolved;
  download(
    await paperSheet(lens, sheet, viewer, session, titleOf(lens, viewer, album)),
    fileName(viewer, 'png', `${layer}-${show}`),
  );
}

/** @param {Viewer} viewer */
export function saveNpy(viewer) {
  const raw = viewer.projection && rawValues(viewer.projection);
  if (raw) download(npy(raw), fileName(viewer, 'npy'));
}
