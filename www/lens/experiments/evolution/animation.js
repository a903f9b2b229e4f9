/** The film to take away: every checkpoint that is drawn, one after the other, as a picture that moves. */
import { animated } from './apng.js';
import { blobOf, place } from '../../export.js';
import { context } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Exported } from './export.js' */

const PAPER = '#ffffff';
const INK = '#1d1b18';
const SOFT = '#635d54';
const SANS = 'system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif';
const MARGIN = 40;
const SIDE = 320;
const GAP = 12;
const LINES = 96;
/** How long a checkpoint stays, in milliseconds; the last one can be looked at. */
const STEP = 700;
const LAST = 2500;

/** @param {Lens} lens @param {Exported} exported @param {Session} session */
export async function animation(lens, { evolution, frames, canvases, title }, session) {
  const { t, number } = lens.words;
  const stills = [];
  for (const [at, { epoch }] of evolution.checkpoints.entries()) {
    const frame = frames[at];
    const pair = canvases[at];
    if (!frame || !pair) continue;
    const canvas = document.createElement('canvas');
    canvas.width = 2 * (MARGIN + SIDE) + GAP;
    canvas.height = 2 * MARGIN + SIDE + LINES;
    const pen = context(canvas);
    pen.fillStyle = PAPER;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    if (frame.activation > 0) place(pen, pair.projection, MARGIN, MARGIN, SIDE);
    place(pen, pair.patch, MARGIN + SIDE + GAP, MARGIN, SIDE);
    const below = MARGIN + SIDE;
    const value = frame.activation > 0 ? number(frame.activation) : t('silentOption');
    write(pen, title, MARGIN, below + 36, INK, `600 20px ${SANS}`);
    write(
      pen,
      `${t('atEpoch', { epoch: number(epoch) })} · ${t('activation')} ${value}`,
      MARGIN,
      below + 66,
      INK,
      `16px ${SANS}`,
    );
    write(pen, `ZF Lens · ${session.network?.name ?? ''}`, MARGIN, below + LINES, SOFT, `14px ${SANS}`);
    stills.push(new Uint8Array(await (await blobOf(canvas)).arrayBuffer()));
  }
  return animated(stills.map((png, at) => ({ png, milliseconds: at < stills.length - 1 ? STEP : LAST })));
}

/** @param {CanvasRenderingContext2D} pen @param {string} words @param {number} left @param {number} line @param {string} colour @param {string} font */
function write(pen, words, left, line, colour, font) {
  pen.fillStyle = colour;
  pen.font = font;
  pen.fillText(words, left, line, pen.canvas.width - left - MARGIN);
}
