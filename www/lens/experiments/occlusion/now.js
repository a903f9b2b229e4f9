/** What the network says with the square where it is now, beside what it says without. */
import { h } from '../../widgets/dom.js';
import { blank, paint } from '../../widgets/paint.js';
import { heat } from '../heat.js';

/** @import { Lens } from '../../lens.js' */
/** @import { OcclusionSeen, SquareSeen } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { ClassScore } from '../../engine/protocol.js' @param {Lens} lens */

export function createNow(lens) {
  const { number, percent, t } = lens.words;
  const facts = h('tbody', {});
  const head = h(
    'thead',
    {},
    h(
      'tr',
      {},
      h('td', {}),
      h('th', { scope: 'col', t: 'occlusionWith' }),
      h('th', { scope: 'col', t: 'occlusionWithout' }),
    ),
  );
  const table = h('table', { class: 'seen' }, head, facts);
  const bars = h('ol', { class: 'shares' });
  const barsNote = h('p', { class: 'note', t: 'occlusionTick' });
  const [withSquare, without] = ['covered', 'uncovered'].map((name) =>
    h('canvas', { class: 'blank', width: '8', height: '8', role: 'img', data: { view: `occlusion-${name}` } }),
  );
  const mapNote = h('p', { class: 'note' });
  const maps = h(
    'div',
    { class: 'live-maps' },
    ...(withSquare && without
      ? [
          h('figure', {}, withSquare, h('figcaption', { t: 'occlusionWith' })),
          h('figure', {}, without, h('figcaption', { t: 'occlusionWithout' })),
        ]
      : []),
  );
  const element = h('div', { class: 'now' }, table, h('div', {}, bars, barsNote), h('div', {}, maps, mapNote));

  return {
    element,
    /**
     * @param {object} content
     * @param {OcclusionSeen | null} content.seen
     * @param {SquareSeen | null} content.close all that is seen at the very place, once it has come
     * @param {OcclusionSeen | null} content.uncovered
     * @param {ClassScore[] | null} content.scores without the square
     * @param {string} content.subject name of the class that is watched
     * @param {string} content.watched name of the map
     * @param {(index: number) => string} content.nameOf
     */
    draw({ seen, close, uncovered, scores, subject, watched, nameOf }) {
      const value = (/** @type {number | null | undefined} */ one, /** @type {(value: number) => string} */ words) =>
        one === null || one === undefined ? '…' : words(one);
      const row = (
        /** @type {string} */ name,
        /** @type {(one: OcclusionSeen) => number | null} */ of,
        /** @type {(value: number) => string} */ words,
        /** @type {string} */ data,
      ) =>
        h(
          'tr',
          { data: { of: data } },
          h('th', { scope: 'row' }, name),
          h('td', { data: { value: String((seen && of(seen)) ?? '') } }, value(seen && of(seen), words)),
          h('td', { class: 'soft' }, value(uncovered && of(uncovered), words)),
        );
      const rows = [
        row(
          watched,
          (one) => one.activity,
          (one) => number(one),
          'activity',
        ),
      ];
      if (scores) {
        rows.push(row(subject, (one) => one.probability, percent, 'probability'));
        rows.push(row(t('occlusionLabel'), (one) => one.label, nameOf, 'label'));
      }
      facts.replaceChildren(...rows);

      const top = close?.classes ?? [];
      bars.replaceChildren(
        ...top.map(({ index, probability }) => {
          const bar = h('i', {});
          bar.style.setProperty('--share', String(probability));
          const tick = h('b', {});
          const before = scores?.find((one) => one.index === index)?.probability ?? 0;
          tick.style.setProperty('--share', String(before));
          return h(
            'li',
            { data: { class: String(index), share: String(probability) } },
            h('span', {}, nameOf(index)),
            h('span', { class: 'bar', 'aria-hidden': 'true' }, bar, tick),
            h('span', { class: 'share' }, percent(probability)),
          );
        }),
      );
      barsNote.hidden = top.length === 0;
      if (!withSquare || !without) return;
      maps.hidden = mapNote.hidden = !close;
      if (!close) {
        blank(withSquare);
        blank(without);
        return;
      }
      const peak = close.uncovered.reduce((most, one) => Math.max(most, one), 0);
      paint(withSquare, heat(close.answers, close.cols, peak));
      paint(without, heat(close.uncovered, close.cols, peak));
      withSquare.classList.add('coarse');
      without.classList.add('coarse');
      const size = { map: watched, rows: close.rows, cols: close.cols };
      withSquare.setAttribute('aria-label', t('occlusionMapAlt', size));
      without.setAttribute('aria-label', t('occlusionMapAltWithout', size));
      mapNote.textContent = t('occlusionMapNote', { ...size, peak: number(peak) });
    },
  };
}
