/** The ways to look at one picture, as a row of words. */
import { h } from './dom.js';
import { TABS } from '../state.js';
import { exists } from '../tab.js';

/** @import { Tab } from '../state.js' */

/** @param {(tab: Tab) => void} onTab */
export function createTabs(onTab) {
  const buttons = TABS.filter(exists).map((tab) =>
    h('button', { type: 'button', data: { tab }, t: `tab-${tab}`, on: { click: () => onTab(tab) } }),
  );
  const element = h('nav', { class: 'tabs', label: 'tabs' }, ...buttons);
  let current = buttons[0];

  /** Where the row is longer than the screen, the tab that is open is in sight. */
  function reveal() {
    if (!current || element.scrollWidth <= element.clientWidth) return;
    const [row, button] = [element.getBoundingClientRect(), current.getBoundingClientRect()];
    element.scrollLeft += button.left + button.width / 2 - (row.left + row.width / 2);
  }
  new ResizeObserver(reveal).observe(element);

  return {
    element,
    /** @param {Tab} chosen */
    choose(chosen) {
      if (current?.dataset.tab === chosen && current.ariaCurrent) return;
      current?.removeAttribute('aria-current');
      current = buttons.find(({ dataset }) => dataset.tab === chosen);
      current?.setAttribute('aria-current', 'page');
      reveal();
    },
  };
}
