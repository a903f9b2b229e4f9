/** The ways to look at one picture, in groups, as one row of tabs; arrow keys move along it, Enter opens. */
import { LISTED, TABS } from '../tabs.js';
import { h } from './dom.js';

/** @import { Tab } from '../tabs.js' */

/** @param {(tab: Tab) => void} onTab */
export function createTabs(onTab) {
  const panel = h('div', { class: 'tab-panel', role: 'tabpanel', id: 'tab-panel' });
  /** @type {HTMLButtonElement[]} */
  const buttons = [];
  const groups = [...new Set(LISTED.flatMap((tab) => TABS[tab].group ?? []))].map((group) => {
    const name = `tabs-${group}`;
    const own = LISTED.filter((tab) => TABS[tab].group === group).map((tab) =>
      h('button', {
        type: 'button',
        role: 'tab',
        id: `tab-${tab}`,
        tabindex: '-1',
        'aria-selected': 'false',
        'aria-controls': panel.id,
        'aria-describedby': name,
        data: { tab },
        t: `tab-${tab}`,
        on: { click: () => onTab(tab) },
      }),
    );
    buttons.push(...own);
    // The name of the group describes its tabs; beside them it is for the eye.
    const title = h('span', { id: name, class: 'tabs-name', 'aria-hidden': 'true', t: `tabs-${group}` });
    return h('div', { class: 'tabs-group', role: 'presentation' }, title, ...own);
  });
  const element = h('div', { class: 'tabs', role: 'tablist', label: 'tabs' }, ...groups);
  let current = buttons[0];

  /** Where the row is longer than the screen, the tab that is open is in sight. */
  function reveal(button = current) {
    if (!button || element.scrollWidth <= element.clientWidth) return fade();
    const [row, box] = [element.getBoundingClientRect(), button.getBoundingClientRect()];
    element.scrollLeft += box.left + box.width / 2 - (row.left + row.width / 2);
    fade();
  }

  /** At which ends the row goes on. */
  function fade() {
    const rest = element.scrollWidth - element.clientWidth - Math.abs(element.scrollLeft);
    element.classList.toggle('more-before', Math.abs(element.scrollLeft) > 1);
    element.classList.toggle('more-after', rest > 1);
  }
  new ResizeObserver(() => reveal()).observe(element);
  element.addEventListener('scroll', fade, { passive: true });

  /** The one that the tab key comes to: the first where none is open, as on a map's own page. @param {HTMLButtonElement | undefined} button */
  function rove(button) {
    for (const one of buttons) one.tabIndex = one === (button ?? buttons[0]) ? 0 : -1;
  }
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (!element.contains(/** @type {Node | null} */ (relatedTarget))) rove(current);
  });
  element.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const { length } = buttons;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: length - 1 }[event.key];
    const next = to === undefined || at < 0 ? null : buttons[(to + length) % length];
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    rove(next);
    next.focus({ preventScroll: true });
    reveal(next);
  });

  return {
    element,
    /** What they open. */
    panel,
    /** @param {Tab} chosen */
    choose(chosen) {
      if (current?.dataset.tab === chosen && current.ariaCurrent) return;
      current?.removeAttribute('aria-current');
      current?.setAttribute('aria-selected', 'false');
      current = buttons.find(({ dataset }) => dataset.tab === chosen);
      current?.setAttribute('aria-current', 'page');
      current?.setAttribute('aria-selected', 'true');
      if (current) panel.setAttribute('aria-labelledby', current.id);
      else panel.removeAttribute('aria-labelledby');
      rove(current);
      reveal();
    },
  };
}
