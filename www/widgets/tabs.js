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
  return {
    element,
    /** @param {Tab} chosen */
    choose(chosen) {
      for (const button of buttons) {
        if (button.dataset.tab === chosen) button.setAttribute('aria-current', 'page');
        else button.removeAttribute('aria-current');
      }
    },
  };
}
