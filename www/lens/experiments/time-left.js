/** How long what has begun will still take, in words. */
import './words.js';

/** @import { Lens } from '../lens.js' */

/**
 * @param {Lens} lens
 * @param {{ at: number, done: number }} began when it began, in milliseconds, and how far it was then
 * @param {number} done @param {number} all
 */
export function timeLeft(lens, began, done, all) {
  const { t, number } = lens.words;
  const since = done - began.done;
  if (since <= 0 || done >= all) return '';
  const seconds = ((performance.now() - began.at) / 1000 / since) * (all - done);
  return seconds > 90
    ? t('leftMinutes', { count: number(Math.ceil(seconds / 60)) })
    : t('leftSeconds', { count: number(Math.max(1, Math.ceil(seconds)), 2) });
}
