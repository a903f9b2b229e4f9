/** What switches are for, on the picture on view: the projection of one map, and the same with its switches lost. */
import { blank, inColours, paint } from '../../widgets/paint.js';
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */

/** @param {Lens} lens @param {Session} session @param {Viewer} viewer */
export function createLost(lens, session, viewer) {
  const { t } = lens.words;
  const canvas = (/** @type {string} */ view) => h('canvas', { role: 'img', data: { view } });
  const [kept, lost] = [canvas('switches-kept'), canvas('switches-lost')];
  const figure = (/** @type {HTMLCanvasElement} */ one, /** @type {'learnKept' | 'learnLost'} */ words) =>
    h('figure', { class: 'print' }, one, h('figcaption', { t: words }));
  const title = h('p', { class: 'text' });
  const element = h(
    'div',
    { class: 'both-ways', hidden: true },
    title,
    h('div', { class: 'pair' }, figure(kept, 'learnKept'), figure(lost, 'learnLost')),
  );
  /** @type {{ key: string } | null} */
  let drawn = null;

  /** The map that is open; above the first pool there are no switches to lose, and the map that a visit begins with is taken. */
  function subject() {
    const { shown, resolved, prints } = viewer;
    if (!shown) return null;
    const { layers } = shown.network;
    const pool = layers.findIndex(({ op }) => op === 'max_pool');
    const isBelow = (/** @type {string | null | undefined} */ layer) =>
      pool >= 0 && layers.findIndex(({ name }) => name === layer) > pool;
    const { layer, map } = [resolved, prints.first ?? resolved].find((one) => isBelow(one.layer)) ?? {};
    if (!layer || map === null || map === undefined) return null;
    const { rule, stretch } = resolved;
    return { context: shown.context, layer, map, manner: { rule, stretch, sharedScale: null } };
  }

  const keyOf = () => {
    const { context, ...asked } = subject() ?? { context: null };
    return context && JSON.stringify([context.photo.id, context.crop, viewer.shown?.network.name, asked]);
  };

  function render() {
    const { layer, map } = subject() ?? {};
    element.hidden = !layer;
    if (drawn?.key !== keyOf()) for (const one of [kept, lost]) blank(one);
    if (!layer || map === undefined) return;
    title.textContent = t('learnLostText', { layer, map });
    kept.setAttribute('aria-label', `${t('learnKept')}: ${layer}, ${map}`);
    lost.setAttribute('aria-label', `${t('learnLost')}: ${layer}, ${map}`);
  }

  return {
    element,
    keyOf,
    render,
    async ask() {
      render();
      const key = keyOf();
      const asked = subject();
      if (!asked || !key || drawn?.key === key) return;
      const options = { channel: /** @type {const} */ ('probe') };
      const found = await session.call('wholeMap', asked, options);
      // Each on its own scale: what is lost is the place, and faint as well it would be taken for weakness.
      const without = await session.call('wholeMap', { ...asked, switches: 'lost' }, options);
      paint(kept, inColours(found.projection));
      paint(lost, inColours(without.projection));
      drawn = { key };
      render();
    },
  };
}
