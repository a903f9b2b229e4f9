/** The journey as one picture to post: 1200 × 630 pixels, the size that previews of links have. */
import { asPng, figure } from '../../figures.js';
import { partOf } from '../../view/crop.js';
import { context, paint, pictureOf } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Shown, Viewer } from '../../view/viewer.js' */

/**
 * @param {Lens} lens
 * @param {{ name: string, map: number | null, projection: HTMLCanvasElement, patch: HTMLCanvasElement }[]} prints
 * @param {Viewer} viewer
 * @param {Session} session
 */
export async function card(lens, prints, viewer, session) {
  const { t, inLanguage, percent } = lens.words;
  const { shown } = viewer;
  const best = shown?.look.classes?.[0];
  const names = best && session.network?.classes[best.index];
  const title = viewer.classes.isStrange
    ? t('strangeShort')
    : names
      ? t('cardTitleClass', { name: inLanguage(names), share: percent(best.probability) })
      : t('cardTitle');
  const drawn = (/** @type {HTMLCanvasElement} */ canvas) =>
    canvas.classList.contains('blank') ? null : pictureOf(canvas);
  const svg = await figure(lens, session, 'card', {
    title,
    photograph: shown ? partOfPhoto(shown) : null,
    prints: prints.map(({ name, map, projection, patch }) => ({
      layer: name,
      map,
      projection: drawn(projection),
      patch: drawn(patch),
    })),
  });
  return asPng(svg);
}

/** The part of the photograph that the network sees, as large as it is shown. @param {Shown} shown */
function partOfPhoto({ preview, info, look, network }) {
  const [photo, part] = [document.createElement('canvas'), document.createElement('canvas')];
  paint(photo, preview);
  const ratio = preview.width / info.width;
  const { left, top, width, height } = partOf(look.crop, network.inputSize);
  const [x = 0, y = 0, wide = 1, high = 1] = [left, top, width, height].map((one) => one * ratio);
  part.width = Math.max(1, Math.round(wide));
  part.height = Math.max(1, Math.round(high));
  context(part).drawImage(photo, x, y, wide, high, 0, 0, part.width, part.height);
  return pictureOf(part);
}
