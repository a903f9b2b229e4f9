/** The table of scores, a bar beside each, and what they say in words. */
import { h } from '../../widgets/dom.js';
import { LETTERS, spoken } from './marks.js';

/** @import { Lens } from '../../lens.js' */
/** @import { CorrespondenceLayer, CorrespondenceResult, CorrespondenceScore } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {{ result: CorrespondenceResult, names: string[], count: number }} Found `count`: of pictures */

/** What is said of a layer's parts, by what their scores say. */
const VERDICTS = /** @type {const} */ ({
  clearly: 'partsClearly',
  slightly: 'partsSlightly',
  not_lower: 'partsNotLower',
});

/** @param {Lens} lens @param {CorrespondenceScore | null | undefined} score */
function scoreWords(lens, score) {
  const { fixed } = lens.words;
  if (!score) return '…';
  const mean = fixed(score.mean, 3);
  return score.spread === null ? mean : `${mean} ± ${fixed(score.spread, 3)}`;
}

/** One end for all bars, whatever the layer: a round number that every bar and whisker fits under. @param {CorrespondenceLayer[]} layers */
function endOf(layers) {
  const scores = layers.flatMap(({ parts, random }) => [...parts, ...random]);
  const highest = Math.max(0, ...scores.map((score) => (score ? score.mean + (score.spread ?? 0) : 0)));
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1].find((end) => end >= highest) ?? 1.5;
}

/** What a layer's scores say, part by part sorted into kinds. @param {Lens} lens @param {Found} found @param {number} at which layer */
function verdict(lens, { result, names }, at) {
  const { t } = lens.words;
  const [layer, verdicts] = [result.layers[at]?.layer ?? '', result.verdicts[at] ?? []];
  return Object.entries(VERDICTS).flatMap(([kind, words]) => {
    const parts = names.filter((_, part) => verdicts[part] === kind).map((name) => spoken(lens, name));
    return parts.length > 0 ? [t(words, { layer, parts: parts.join(t('partsComma')) })] : [];
  });
}

/** How much so many pictures can say. @param {Lens} lens @param {Found} found */
function certainty(lens, { result: { pairs, conclusive }, count }) {
  const { t } = lens.words;
  return conclusive ? t('partsPairs', { pairs, count }) : t('partsFewPairs');
}

/** What the bars are, and the whiskers where there are any. @param {Lens} lens @param {Found} found */
function legend(lens, { result }) {
  const { t } = lens.words;
  return result.pairs > 1 ? `${t('partsBars')} ${t('partsWhiskers')}` : t('partsBars');
}

/** @param {Lens} lens */
export function createScores(lens) {
  const { t, number } = lens.words;
  const tables = h('div', { class: 'score-layers' });
  const key = h('p', { class: 'note' });
  const sure = h('p', { class: 'note certainty' });
  const element = h('div', { class: 'scores', hidden: true }, tables, key, sure);

  /** @param {CorrespondenceScore | null | undefined} score @param {string} kind @param {number} end */
  const bar = (score, kind, end) => {
    const share = (/** @type {number} */ value) => `${(100 * Math.min(end, Math.max(0, value))) / end}%`;
    const fill = h('i', { class: 'fill' });
    const whisker = h('i', { class: 'whisker' });
    if (score) {
      const { mean } = score;
      const spread = score.spread ?? 0;
      fill.style.width = share(mean);
      whisker.style.left = share(mean - spread);
      whisker.style.width = `calc(${share(mean + spread)} - ${share(mean - spread)})`;
      whisker.hidden = spread === 0;
    }
    return h('span', { class: `score-bar ${kind}` }, fill, whisker);
  };

  /** @param {CorrespondenceLayer} scores @param {number} index @param {Found} found @param {number} end */
  const table = ({ layer, parts, random }, index, found, end) => {
    const rows = found.names.map((name, at) => {
      const badge = h('b', { class: 'letter', 'aria-hidden': 'true' }, LETTERS[at] ?? '');
      return h(
        'tr',
        { style: `--part: var(--part-${at})`, data: { part: name } },
        h('th', { scope: 'row' }, badge, spoken(lens, name)),
        h('td', { data: { score: 'own' } }, scoreWords(lens, parts[at])),
        h('td', { data: { score: 'random' } }, scoreWords(lens, random[at])),
        h('td', { class: 'bars', 'aria-hidden': 'true' }, bar(parts[at], 'own', end), bar(random[at], 'chance', end)),
      );
    });
    const axis = h(
      'td',
      { class: 'axis', 'aria-hidden': 'true' },
      h('div', {}, h('span', {}, '0'), h('span', {}, t('partsShare')), h('span', {}, number(end))),
    );
    const head = [t('partsPart'), t('partsOwn'), t('partsAtRandom')].map((words) => h('th', { scope: 'col' }, words));
    return h(
      'section',
      { class: 'score-layer', data: { layer } },
      h('h3', {}, layer),
      h(
        'table',
        {},
        h('caption', { class: 'unseen' }, t('partsCaption', { layer })),
        h('thead', {}, h('tr', {}, ...head, axis)),
        h('tbody', {}, ...rows),
      ),
      ...verdict(lens, found, index).map((words) => h('p', { class: 'note verdict' }, words)),
    );
  };

  return {
    element,
    /** @param {Found | null} found */
    draw(found) {
      element.hidden = !found;
      if (!found) return;
      const { layers } = found.result;
      const end = endOf(layers);
      tables.replaceChildren(...layers.map((layer, at) => table(layer, at, found, end)));
      key.textContent = legend(lens, found);
      sure.textContent = certainty(lens, found);
    },
  };
}
