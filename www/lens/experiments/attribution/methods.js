/** The methods of the family as this view knows them: their order, their settings, and what may be compared with what. */

/** @import { AttributionMethod, AttributionNumbers } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {AttributionMethod['method']} MethodName */
/**
 * @typedef {object} Method
 * @property {string} source
 * @property {boolean} sampled whether it takes many passes
 * @property {boolean} signed whether its numbers speak for and against
 * @property {'slope' | 'share' | null} unit what its numbers measure, where others measure the same: the change of the score
 *   with a pixel, or a part of the score
 */

/** In the order of the sheet. @type {Readonly<Record<MethodName, Method>>} */
export const METHODS = {
  saliency: { source: 'Simonyan et al. 2013', sampled: false, signed: true, unit: 'slope' },
  smooth_grad: { source: 'Smilkov et al. 2017', sampled: true, signed: true, unit: 'slope' },
  guided_backprop: { source: 'Springenberg et al. 2014', sampled: false, signed: true, unit: 'slope' },
  input_x_gradient: { source: 'Shrikumar et al. 2016', sampled: false, signed: true, unit: 'share' },
  integrated_gradients: { source: 'Sundararajan et al. 2017', sampled: true, signed: true, unit: 'share' },
  cam: { source: 'Zhou et al. 2016', sampled: false, signed: true, unit: null },
  grad_cam: { source: 'Selvaraju et al. 2017', sampled: false, signed: false, unit: null },
  guided_grad_cam: { source: 'Selvaraju et al. 2017', sampled: false, signed: true, unit: null },
  score_cam: { source: 'Wang et al. 2020', sampled: true, signed: false, unit: null },
};

export const NAMES = /** @type {MethodName[]} */ (Object.keys(METHODS));

/**
 * What decides the answers, as plain values.
 * @typedef {AttributionNumbers & { layer: string }} Numbers
 */

/** @param {MethodName} name @param {Numbers} numbers @returns {AttributionMethod} */
export function asked(name, { layer, samples, noise, seed, steps, baseline }) {
  switch (name) {
    case 'smooth_grad':
      return { method: name, samples, noise, seed };
    case 'integrated_gradients':
      return { method: name, steps, baseline };
    case 'grad_cam':
    case 'guided_grad_cam':
    case 'score_cam':
      return { method: name, layer };
    default:
      return { method: name };
  }
}
