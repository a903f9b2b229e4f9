/** The numbers of an answer and the rules in force, as pairs of a name and a value. */

/** @import { Lens } from '../lens.js' */
/** @import { NetworkInfo, Rule } from '../engine/protocol.js' */
/** @import { Subject } from './inspector.js' */

/**
 * @param {Lens} lens
 * @param {Subject | null} subject
 * @param {NetworkInfo | null} network
 * @param {Rule} rule
 * @returns {[string, string][]}
 */
export function factsOf(lens, subject, network, rule) {
  const { t, percent, number } = lens.words;
  if (!subject || !network) return [];
  const layer = subject.kind === 'class' ? null : subject.layer;
  const at = layer ? network.layers.findIndex(({ name }) => name === layer) : network.layers.length;
  const below = network.layers.slice(0, Math.max(0, at));
  const norm = below.some(({ op }) => op === 'lrn') ? (rule === 'deconvnet' ? 'normIdentity' : 'normTrue') : 'normNone';
  /** @type {[string, string][]} */
  const rules = [
    [t('switches'), t(below.some(({ op }) => op === 'max_pool') ? 'switchesYes' : 'switchesNo')],
    [t('norm'), t(norm)],
  ];
  if (subject.kind === 'class') {
    return [[t('probability'), percent(subject.probability)], [t('score'), number(subject.logit)], ...rules];
  }
  const info = network.layers[at];
  const [rows, cols] = info?.field.size ?? [0, 0];
  // Where joins are joined again, it is said of the first.
  const joined = network.layers
    .flatMap(({ name, branches }) => {
      const own = branches.find((branch) => branch.layer === layer);
      return own ? [{ name, map: own.first + subject.map }] : [];
    })
    .slice(0, 1);
  return [
    [t('activation'), subject.activation === null ? '…' : number(subject.activation)],
    [t('rank'), t('rankOf', { rank: subject.rank, maps: info?.shape[0] ?? 0 })],
    ...joined.map(
      ({ name, map }) => /** @type {[string, string]} */ ([t('joined'), t('joinedAs', { map, layer: name })]),
    ),
    [t('field'), t('fieldValue', { rows, cols, stride: info?.field.stride[0] ?? 1 })],
    ...rules,
  ];
}
