/** What switches are for, on the picture on view: the projection of one map, and the same with its switches lost. */
import { inColours, paint } from '../../widgets/paint.js';
import { t } from '../../text.js';
import { h } from '../../widgets/dom.js';

/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../viewer.js' */

/** @param {Session} session @param {Viewer} viewer */
export function createLost(session, viewer) {
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
  /** @type {{ key: string, layer: string, map: number } | null} */
  let drawn = null;

  /** Switches are on the way from the layer that is open, or else from the last one that has a pool below it. */
  function subject() {
    const { shown, resolved } = viewer;
    if (!shown) return null;
    const { layers } = shown.network;
    const first = layers.findIndex(({ op }) => op === 'max_pool');
    const open = layers.findIndex(({ name }) => name === resolved.layer);
    if (first < 0 || open < first || resolved.map === null) return null;
    const { rule, stretch, layer, map } = resolved;
    return { context: shown.context, layer: layer ?? '', map, manner: { rule, stretch, sharedScale: null } };
  }

  const keyOf = () => {
    const { context, ...asked } = subject() ?? { context: null };
    return context && JSON.stringify([context.photo.id, context.crop, viewer.shown?.network.name, asked]);
  };

  function render() {
    element.hidden = drawn === null || drawn.key !== keyOf();
    if (!drawn) return;
    const { layer, map } = drawn;
    title.textContent = t('learnLostText', { layer, map });
    kept.setAttribute('aria-label', `${t('learnKept')}: ${layer}, ${map}`);
    lost.setAttribute('aria-label', `${t('learnLost')}: ${layer}, ${map}`);
  }

  return {
    element,
    keyOf,
    render,
    async ask() {
      const key = keyOf();
      const asked = subject();
      if (!asked || !key || drawn?.key === key) return render();
      const options = { channel: /** @type {const} */ ('probe') };
      const found = await session.call('wholeMap', asked, options);
      // One scale for both, or the weaker one would look as strong.
      const manner = { ...asked.manner, sharedScale: found.scale };
      const without = await session.call('wholeMap', { ...asked, manner, switches: 'lost' }, options);
      paint(kept, inColours(found.projection));
      paint(lost, inColours(without.projection));
      drawn = { key, layer: asked.layer, map: asked.map };
      render();
    },
  };
}
