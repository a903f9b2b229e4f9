/** A handful of a set's pictures: read, looked at and let go, and what is known after it. */
import { EngineError, isForBrowser } from '../../engine/protocol.js';
import { reasonOf } from '../../failure.js';
import { decodeInBrowser, photoFrom } from '../../photograph/photo.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Context } from '../../engine/protocol.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Kept } from './own.js' */
/** @typedef {Pick<Kept, 'done' | 'skipped' | 'others' | 'state'>} Known */

/** Bytes of files that are in memory together. */
const MOST_BYTES = 32 << 20;

/**
 * The next handful; nothing has happened until all of it has been looked at.
 * @param {Lens} lens
 * @param {Session} session
 * @param {File[]} files
 * @param {Known} kept what is known so far
 * @param {number} count how many a map keeps
 * @param {AbortSignal} signal
 * @returns {Promise<Known>}
 */
export async function handful(lens, session, files, kept, count, signal) {
  const most = session.running?.backend === 'webgpu' ? 16 : 4;
  let { done, skipped, others, state } = kept;
  /** @type {{ number: number, context: Context }[]} */
  const batch = [];
  const skip = (/** @type {number} */ picture, /** @type {unknown} */ error) => {
    skipped = [...skipped, { picture, reason: reasonOf(error) }];
  };
  for (let bytes = 0; done < files.length && batch.length < most; done++) {
    const file = /** @type {File} */ (files[done]);
    if (batch.length > 0 && bytes + file.size > MOST_BYTES) break;
    bytes += file.size;
    try {
      // A file may have gone, or may not be opened; that must not end the question about the others.
      batch.push({ number: done, context: { photo: await photoFrom(lens, file), crop: null } });
    } catch (error) {
      skip(done, error);
    }
  }
  const observe = async (/** @type {typeof batch} */ some) => {
    const ask = { state, count, numbers: some.map(({ number }) => number), together: most };
    const pictures = some.map(({ context }) => context);
    const seen = await session.experiment('topObserve', ask, {
      context: null,
      pictures,
      channel: 'set',
      signal,
    });
    state = seen.state;
    return seen.unread;
  };
  const unread = batch.length > 0 ? await observe(batch) : [];
  for (const { number, code, message, kind } of unread) {
    const photo = batch.find((one) => one.number === number)?.context.photo;
    const refusal = new EngineError(code, message, false, kind);
    if (!photo || !isForBrowser(refusal)) {
      skip(number, refusal);
      continue;
    }
    try {
      // Pixels are large, so these go one by one.
      const still = await observe([{ number, context: { photo: await decodeInBrowser(photo, refusal), crop: null } }]);
      if (still[0]) skip(number, refusal);
      else others = [...others, number];
    } catch (error) {
      if (!(error instanceof EngineError && error.code.startsWith('image-'))) throw error;
      skip(number, error);
    }
  }
  skipped = skipped.toSorted((a, b) => a.picture - b.picture);
  return { done, skipped, others, state };
}
