/** What is inspected, as a figure to take away. */
import { asPng, figure } from '../figures.js';
import { isGrey, pictureOf } from '../widgets/paint.js';

/** @import { Lens } from '../lens.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { Viewer } from './viewer.js' */

/**
 * @param {Lens} lens
 * @param {{ title: string, canvases: { projection: HTMLCanvasElement, patch: HTMLCanvasElement, map: HTMLCanvasElement | null } }} inspector
 * @param {Viewer} viewer
 * @param {Session} session
 */
export async function print(lens, { title, canvases }, viewer, session) {
  const { layer, map, rule, scale, stretch } = viewer.resolved;
  const { projection: found, maps } = viewer;
  const of = viewer.target?.kind ?? 'unit';
  const isShared = scale === 'shared';
  const isSilent = !found || canvases.projection.classList.contains('blank');
  const picture = isSilent
    ? null
    : { picture: pictureOf(canvases.projection), scale: found.scale, activation: found.activation };
  const high = isShared ? maps?.high : maps?.ranges[2 * (map ?? 0) + 1];
  const svg = await figure(lens, session, 'projection', {
    name: of === 'class' ? title : `${layer} · ${title}`,
    of,
    projection: picture,
    patch: pictureOf(canvases.patch),
    map: canvases.map && maps ? { picture: pictureOf(canvases.map), high: high ?? 0 } : null,
    rule,
    stretch,
    shared: isShared,
    grey: isGrey,
  });
  return asPng(svg);
}
