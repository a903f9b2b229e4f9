/** What the watched map answers to: projected from this picture, and from the visitor's further ones. */
import { gap, h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Projection } from '../../engine/protocol.js' */
/** @typedef {{ key: string, name: { en: string, zh?: string | undefined } | null, found: Projection }} Found `name`: null for the picture on view @param {Lens} lens */

export function createOthers(lens) {
  const { inLanguage, t, number } = lens.words;
  const prints = h('div', { class: 'elsewhere', role: 'group', label: 'occlusionElsewhere' });
  const element = h(
    'div',
    { hidden: true },
    h('h3', { t: 'occlusionElsewhere' }),
    h('p', { class: 'note', t: 'occlusionElsewhereText' }),
    prints,
  );

  /** @param {Found[]} all */
  function draw(all) {
    element.hidden = all.length === 0;
    prints.replaceChildren(
      ...all.map(({ key, name, found }) => {
        const words = name ? inLanguage(name) : t('occlusionHere');
        const value = number(found.activation);
        const [patch, projection] = [found.patch, found.projection].map((picture, at) => {
          const alt = t(at === 0 ? 'occlusionPatchAlt' : 'occlusionProjectionAlt', { name: words, value });
          const canvas = h('canvas', { role: 'img', 'aria-label': alt });
          paint(canvas, picture);
          return canvas;
        });
        const silent = found.activation > 0 ? value : t('silentOption');
        return h(
          'figure',
          { class: name ? '' : 'here', data: { of: key, activation: String(found.activation) } },
          ...(patch && projection ? [patch, projection] : []),
          h('figcaption', {}, words, gap(), h('span', { class: 'soft' }, silent)),
        );
      }),
    );
  }

  return { element, draw };
}
