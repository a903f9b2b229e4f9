/** The journey as one picture to post: 1200 × 630 pixels, the size that previews of links have. */
import { blobOf, place, within } from '../../export.js';
import { partOf } from '../../view/crop.js';
import { context, paint } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */

const WIDTH = 1200;
const HEIGHT = 630;
const EDGE = 48;
const TOP = 172;
const SQUARE = 296;
const TILE = 144;
const GAP = 13;
/** More layers than these have no room. */
const MOST = 5;

/** The page's own lamp and dark room: a card lies on pages of any colour. */
const ROOM = '#1b1815';
const PAPER = '#f6f2ea';
const DIM = '#b9b0a2';
const LAMP = '#f0a160';

/**
 * @param {Lens} lens
 * @param {{ name: string, map: number | null, projection: HTMLCanvasElement, patch: HTMLCanvasElement }[]} prints
 * @param {Viewer} viewer
 * @param {Session} session
 */
export async function card(lens, prints, viewer, session) {
  const { t, inLanguage, percent } = lens.words;
  const { shown } = viewer;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = context(canvas);
  pen.fillStyle = ROOM;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = LAMP;
  pen.fillRect(0, 0, WIDTH, 8);

  const style = getComputedStyle(lens.element);
  const sans = style.getPropertyValue('--sans');
  const heading = lens.words.language === 'zh' ? sans : style.getPropertyValue('--serif');
  const best = shown?.look.classes?.[0];
  const names = best && session.network?.classes[best.index];
  const title = viewer.classes.isStrange
    ? t('strangeShort')
    : names
      ? t('cardTitleClass', { name: inLanguage(names), share: percent(best.probability) })
      : t('cardTitle');
  write(title, EDGE, 92, PAPER, `600 50px ${heading}`);
  write(t('cardText'), EDGE, 138, DIM, `24px ${sans}`);

  if (shown) {
    const { preview, info, look, network } = shown;
    const photo = document.createElement('canvas');
    paint(photo, preview);
    const ratio = preview.width / info.width;
    const part = partOf(look.crop, network.inputSize);
    const [x = 0, y = 0, wide = 1, high = 1] = [part.left, part.top, part.width, part.height].map((one) => one * ratio);
    const at = within(part, { left: EDGE, top: TOP, width: SQUARE, height: SQUARE });
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(photo, x, y, wide, high, at.left, at.top, at.width, at.height);
    write(t('cardPhoto'), EDGE, TOP + SQUARE + 34, PAPER, `600 21px ${sans}`);
  }
  const chosen = spread(prints);
  chosen.forEach(({ name, map, projection, patch }, at) => {
    const left = WIDTH - EDGE - (chosen.length - at) * (TILE + GAP) + GAP;
    place(pen, projection, left, TOP, TILE);
    place(pen, patch, left, TOP + SQUARE - TILE, TILE);
    write(name, left, TOP + SQUARE + 34, PAPER, `600 21px ${sans}`, TILE);
    if (map !== null) write(t('linkMap', { map }), left, TOP + SQUARE + 58, DIM, `17px ${sans}`, TILE);
  });

  pen.fillStyle = '#3a342d';
  pen.fillRect(EDGE, 536, WIDTH - 2 * EDGE, 1);
  write('ZF Lens', EDGE, 586, LAMP, `600 26px ${heading}`);
  const origin = `${session.network?.name ?? ''} · ${t('cardMethod')}`;
  pen.font = `21px ${sans}`;
  write(origin, WIDTH - EDGE - Math.min(900, pen.measureText(origin).width), 586, DIM, `21px ${sans}`, 900);
  return blobOf(canvas);

  /** @param {string} words @param {number} left @param {number} line @param {string} colour @param {string} font @param {number} [width] */
  function write(words, left, line, colour, font, width = WIDTH - EDGE - left) {
    pen.fillStyle = colour;
    pen.font = font;
    pen.fillText(words, left, line, width);
  }
}

/** As many as there is room for, from the first to the last. @template T @param {T[]} all */
function spread(all) {
  if (all.length <= MOST) return all;
  return Array.from({ length: MOST }, (_, at) => all[Math.round((at * (all.length - 1)) / (MOST - 1))]).flatMap(
    (one) => one ?? [],
  );
}
