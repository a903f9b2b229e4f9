/** The film to take away: every checkpoint that is drawn, one after the other, as a picture that moves. */
import { animated } from './apng.js';
import { asPng, figure } from '../../figures.js';
import { inColours } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Exported } from './export.js' */

/** How long a checkpoint stays, in milliseconds; the last one can be looked at. */
const STEP = 700;
const LAST = 2500;

/** @param {Lens} lens @param {Exported} exported @param {Session} session */
export async function animation(lens, { evolution, frames, title }, session) {
  const stills = [];
  for (const [at, { epoch }] of evolution.checkpoints.entries()) {
    const frame = frames[at];
    if (!frame) continue;
    const found = { ...frame, projection: inColours(frame.projection) };
    const svg = await figure(lens, session, 'still', { title, epoch, found });
    const png = await asPng(svg, { narrowest: 1 });
    stills.push(new Uint8Array(await png.arrayBuffer()));
  }
  return animated(stills.map((png, at) => ({ png, milliseconds: at < stills.length - 1 ? STEP : LAST })));
}
