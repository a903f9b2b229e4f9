/** The page's own photographs, and what of an address they make sense of. */
import { EngineError } from '../engine/protocol.js';

/** @import { Lens } from '../lens.js' */
/** @import { View } from '../view/state.js' */
/** @import { Sample } from '../widgets/drop.js' */

/** @param {URL} folder @returns {Promise<Sample[]>} */
export async function loadSamples(folder) {
  const url = new URL('samples.json', folder);
  const response = await fetch(url).catch(() => null);
  const found = response?.ok ? await response.json().catch(() => null) : null;
  if (!Array.isArray(found))
    throw new EngineError('not-found', `Expected a list of photographs at ${url}; found none.`);
  return found;
}

/**
 * The view without samples that there are not, and without what was to be seen in one of them.
 * @param {Lens} lens
 * @param {View} view
 * @param {Sample[]} samples
 * @param {(words: string) => void} tell
 * @returns {View}
 */
export function withoutUnknown(lens, view, samples, tell) {
  const { t } = lens.words;
  const isKnown = (/** @type {string} */ name) => samples.some(({ id }) => id === name);
  const others = view.others.filter(isKnown);
  if (!view.sample || isKnown(view.sample)) return { ...view, others };
  tell(t('unknownSample', { name: view.sample }));
  // A map's own page is of no photograph.
  const unit = view.tab === 'unit' ? {} : { layer: null, map: null, unit: null, whole: false, classIndex: null };
  return { ...view, ...unit, others, sample: null, crop: null };
}
