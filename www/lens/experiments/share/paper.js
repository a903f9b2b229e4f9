/** A layer's maps on a sheet of A4, at 300 dots an inch: large tiles with their numbers, on white. */
import './words.js';
import { blobOf, INK, paper, SANS, SOFT, write } from '../../export.js';
import { strike } from '../../widgets/sheet.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Album } from '../../photograph/album.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */
/** @import { Sheet } from '../../widgets/sheet.js' */

const WIDTH = 2480;
const HEIGHT = 3508;
const EDGE = 130;
const HEAD = 230;
/** Room for a number below its tile, and the space between tiles. */
const LABEL = 40;
const GAP = 16;
/** Smaller numbers than these cannot be read on paper. */
const NUMBERS = 30;

/**
 * @param {Lens} lens
 * @param {Sheet} sheet
 * @param {Viewer} viewer
 * @param {Session} session
 * @param {string} photo what the photograph is called
 */
export function paperSheet(lens, sheet, viewer, session, photo) {
  const { t, number } = lens.words;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = paper(canvas);
  const { order } = sheet;
  const { columns, width, height } = arrangement(order.length, sheet.aspect);
  const { layer, show, sort, rule, scale, stretch } = viewer.resolved;
  const strongest = viewer.shown?.look.layers.find((one) => one.layer === layer)?.strongest ?? [];

  const wide = WIDTH - 2 * EDGE;
  const isMaps = show === 'maps';
  const title = { layer: layer ?? '', count: order.length, photo };
  write(pen, t(isMaps ? 'paperMaps' : 'paperProjections', title), EDGE, EDGE + 50, INK, `600 56px ${SANS}`, wide);
  const manner = { rule: t(rule), scale: t(scale), stretch: t(stretch) };
  const origin = `ZF Lens · ${session.network?.name ?? ''}`;
  const space = t('comma') === ', ' ? ' ' : '';
  const silent = strongest.some(({ activation }) => activation === 0) ? space + t('paperSilent') : '';
  const lines = [
    t('paperLegend', { sort: t(sort) }) + silent,
    `${t(isMaps ? 'paperMapsScale' : 'paperProjectionsScale', manner)} · ${origin}`,
  ];
  lines.forEach((line, at) => write(pen, line, EDGE, EDGE + 120 + at * 50, SOFT, `34px ${SANS}`, wide));

  for (const [at, map] of order.entries()) {
    const left = EDGE + (at % columns) * (width + GAP);
    const top = EDGE + HEAD + Math.floor(at / columns) * (height + LABEL + GAP);
    const box = { left, top, width, height };
    const activation = strongest[map]?.activation ?? 0;
    if (!sheet.copyTile(pen, map, box)) {
      pen.strokeStyle = SOFT;
      pen.lineWidth = 2;
      pen.strokeRect(left + 1, top + 1, width - 2, height - 2);
      // One that has not been drawn yet stays empty.
      if (!activation) strike(pen, box);
    }
    pen.fillStyle = INK;
    pen.font = `600 ${NUMBERS}px ${SANS}`;
    pen.fillText(String(map), left, top + height + NUMBERS);
    const used = pen.measureText(String(map)).width + 10;
    const value = number(activation, 2);
    pen.fillStyle = SOFT;
    pen.font = `${NUMBERS - 4}px ${SANS}`;
    const long = pen.measureText(value).width;
    if (used + long <= width) pen.fillText(value, left + width - long, top + height + NUMBERS);
  }
  return blobOf(canvas);
}

/** The largest tiles of which so many lie on one sheet. @param {number} count @param {number} aspect */
function arrangement(count, aspect) {
  for (let columns = 4; ; columns++) {
    const width = Math.floor((WIDTH - 2 * EDGE + GAP) / columns) - GAP;
    const height = Math.ceil(width / aspect);
    const rows = Math.ceil(count / columns);
    if (columns > 64 || rows * (height + LABEL + GAP) <= HEIGHT - 2 * EDGE - HEAD) return { columns, width, height };
  }
}

/** What the photograph on view is called: its title among the samples, or its file's name. @param {Lens} lens @param {Viewer} viewer @param {Album} album */
export function titleOf(lens, { shown }, album) {
  const { inLanguage, t } = lens.words;
  const sample = album.samples.find(({ id }) => id === shown?.sample);
  if (sample) return inLanguage(sample.title);
  const blob = shown?.context.photo.blob;
  return blob instanceof File && blob.name ? blob.name : t('cardPhoto');
}
