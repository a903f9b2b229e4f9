/**
 * Which filters are dead, and which only have nothing to say here. Dead is one whose weights are next to nothing, or whose map
 * answered nowhere in the whole training set; one that is silent on the picture on view may answer to the next.
 */

/** @import { MeasuredFilter, MeasuredFilters } from '../../../pkg/cpu/zfnet_web.js' */

/** @param {Pick<MeasuredFilter, 'strongest'>} filter */
export function isSilent({ strongest }) {
  return strongest !== null && strongest <= 0;
}

/** @param {Pick<MeasuredFilter, 'weak'>} filter @param {boolean} unanswered by every picture of the training set */
export function isDead({ weak }, unanswered) {
  return weak || unanswered;
}

/**
 * Shares of all filters.
 * @param {MeasuredFilters} measured
 * @param {readonly boolean[] | null} unanswered for each filter; `null`: not known of this network
 */
export function lifeOf({ filters, mixture: { weak, silent } }, unanswered) {
  const share = (/** @type {(at: number) => boolean} */ holds) =>
    filters.filter((_, at) => holds(at)).length / Math.max(1, filters.length);
  return {
    dead: share((at) => isDead(/** @type {MeasuredFilter} */ (filters[at]), unanswered?.[at] ?? false)),
    weak,
    silent_in_training: unanswered && share((at) => unanswered[at] ?? false),
    silent,
  };
}
