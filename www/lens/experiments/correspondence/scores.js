/** The table of scores, a bar beside each, and what they say in words. */
import { h } from '../../widgets/dom.js';
import { LETTERS, spoken } from './marks.js';

/** @import { Lens } from '../../lens.js' */
/** @import { CorrespondenceLayer, CorrespondenceScore } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {{ layers: CorrespondenceLayer[], names: string[], count: number }} Found `count`: of pictures */

/** Fewer pairs of pictures allow no conclusion. */
const LEAST_PAIRS = 3;

/** @param {number} count of pictures */
function pairsOf(count) {
  return (count * (count - 1)) / 2;
}

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

/**
 * What a layer's scores say, part by part sorted into three kinds; nothing until all have come, nor of too few pairs.
 * @param {Lens} lens
 * @param {CorrespondenceLayer} scores @param {string[]} names @param {number} count of pictures
 */
function verdict(lens, { layer, parts, random }, names, count) {
  const { t } = lens.words;
  if (pairsOf(count) < LEAST_PAIRS) return [];
  /** @type {Record<'partsClearly' | 'partsSlightly' | 'partsNotLower', string[]>} */
  const kinds = { partsClearly: [], partsSlightly: [], partsNotLower: [] };
  for (const [at, name] of names.entries()) {
    const [own, chance] = [parts[at], random[at]];
    if (!own || !chance) return [];
    const lower = chance.mean - own.mean;
    const kind = lower <= 0 ? 'partsNotLower' : lower > (chance.spread ?? 0) ? 'partsClearly' : 'partsSlightly';
    kinds[kind].push(spoken(lens, name));
  }
  return /** @type {(keyof typeof kinds)[]} */ (Object.keys(kinds)).flatMap((kind) =>
    kinds[kind].length > 0 ? [t(kind, { layer, parts: kinds[kind].join(t('partsComma')) })] : [],
  );
}

/** How much so many pictures can say. @param {Lens} lens @param {number} count of pictures */
function certainty(lens, count) {
  const { t } = lens.words;
  const pairs = pairsOf(count);
  return pairs < LEAST_PAIRS ? t('partsFewPairs') : t('partsPairs', { pairs, count });
}

/** What the bars are, and the whiskers where there are any. @param {Lens} lens @param {number} count of pictures */
function legend(lens, count) {
  const { t } = lens.words;
  return pairsOf(count) > 1 ? `${t('partsBars')} ${t('partsWhiskers')}` : t('partsBars');
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

  /** @param {CorrespondenceLayer} scores @param {Found} found @param {number} end */
  const table = (scores, { names, count }, end) => {
    const { layer, parts, random } = scores;
    const rows = names.map((name, at) => {
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
      ...verdict(lens, scores, names, count).map((words) => h('p', { class: 'note verdict' }, words)),
    );
  };

  return {
    element,
    /** @param {Found | null} found */
    draw(found) {
      element.hidden = !found;
      if (!found) return;
      const end = endOf(found.layers);
      tables.replaceChildren(...found.layers.map((layer) => table(layer, found, end)));
      key.textContent = legend(lens, found.count);
      sure.textContent = certainty(lens, found.count);
    },
  };
}
