/** What a network knows: its classes by name, each with a drawing where the network brings one. */
import { dialog } from './dialogs.js';
import { h } from './dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Drawings } from '../engine/weights.js' */

/** Width and height of a drawing on the page, in CSS pixels. */
const SIDE = 72;

/**
 * @param {Lens} lens
 * @param {import('../engine/session.js').Session} session
 * @param {import('../view/viewer.js').Viewer} viewer
 * @param {(index: number) => void} onClass
 */
export function showKnown(lens, { network, manifest }, { shown }, onClass) {
  const { inLanguage, t } = lens.words;
  if (!network) return;
  const drawings = manifest?.drawings ?? null;
  const canPick = Boolean(shown?.look.classes);
  const items = network.classes.map((names, index) => {
    const parts = [...(drawings ? [drawing(drawings, index)] : []), h('span', {}, inLanguage(names))];
    const choose = () => {
      element.close();
      onClass(index);
    };
    return h(
      'li',
      {},
      canPick ? h('button', { type: 'button', on: { click: choose } }, ...parts) : h('div', {}, ...parts),
    );
  });
  const element = dialog(
    'knownTitle',
    h('p', {}, t('knownText', { count: network.classes.length })),
    h('p', { class: 'note', hidden: !canPick, t: 'knownPick' }),
    h('ul', { class: 'known-list' }, ...items),
  );
  element.classList.add('known-things');
  // It says what the network knows now, in the language of now.
  lens.open(element);
}

/** @param {Drawings} drawings @param {number} index */
function drawing({ url, columns }, index) {
  const image = h('i', { 'aria-hidden': 'true' });
  const [col, row] = [index % columns, Math.floor(index / columns)];
  image.style.backgroundImage = `url("${url}")`;
  image.style.backgroundSize = `${columns * SIDE}px auto`;
  image.style.backgroundPosition = `${-col * SIDE}px ${-row * SIDE}px`;
  return image;
}
