/** What is made to be kept, under its name: the card, the sheet for paper, a projection's own numbers. */
import { download, fileName, rawValues } from '../../export.js';
import { card } from './card.js';
import { npy } from './npy.js';
import { paperSheet, titleOf } from './paper.js';

/** @import { Album } from '../../album.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../viewer.js' */
/** @import { Sheet } from '../../widgets/sheet.js' */

/** @param {Parameters<typeof card>[0]} prints @param {Viewer} viewer @param {Session} session */
export async function saveCard(prints, viewer, session) {
  download(await card(prints, viewer, session), fileName(viewer, 'png', 'card'));
}

/** @param {Sheet} sheet @param {Viewer} viewer @param {Session} session @param {Album} album */
export async function savePaper(sheet, viewer, session, album) {
  const { layer, show } = viewer.resolved;
  download(await paperSheet(sheet, viewer, session, titleOf(viewer, album)), fileName(viewer, 'png', `${layer}-${show}`));
}

/** @param {Viewer} viewer */
export function saveNpy(viewer) {
  const raw = viewer.projection && rawValues(viewer.projection);
  if (raw) download(npy(raw), fileName(viewer, 'npy'));
}
