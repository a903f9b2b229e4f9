/** Where everything of a lens stands: the photograph and the classes on the left, the tabs and what they open beside them. */
import { h } from './dom.js';
import { createToast } from './toast.js';

/** `landing`: there is nothing to show yet; `alone`: a tab without a photograph beside it. @typedef {'landing' | 'table' | 'alone'} Which */
/**
 * @typedef {object} Parts
 * @property {import('../lens.js').Lens} lens
 * @property {ReturnType<typeof import('./drop.js').createDrop>} drop
 * @property {ReturnType<typeof import('./landing.js').createLanding>} landing
 * @property {ReturnType<typeof import('./notice.js').createNotice>} notice
 * @property {HTMLElement} stages
 * @property {import('../view/viewer.js').Widgets} widgets
 * @property {ReturnType<typeof import('./tabs.js').createTabs>} tabs
 * @property {import('../tab.js').Tabs} parts
 * @property {ReturnType<typeof import('./dialogs.js').createEnginePage>} enginePage
 */

/** @param {Parts} parts */
export function createTable({ lens, drop, landing, notice, stages, widgets, tabs, parts, enginePage }) {
  const { stage, journey, explorer, inspector, classes, counter } = widgets;
  journey.slot.append(stages);
  explorer.slot.append(counter.element);
  tabs.panel.append(journey.element, parts.drawing, explorer.element, inspector.element, parts.element);
  const live = h('div', { class: 'unseen', 'aria-live': 'polite' });
  const toast = createToast();
  // The page around has a first heading of its own.
  const name = h(lens.isGuest ? 'h2' : 'h1', { class: 'unseen', t: 'name' });
  const element = h(
    'div',
    { class: 'table', hidden: true },
    name,
    h('div', { class: 'left' }, stage.element, classes.element),
    tabs.element,
    tabs.panel,
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let speaking;
  return {
    elements: [
      notice.element,
      landing.element,
      element,
      drop.input,
      drop.veil,
      enginePage.element,
      live,
      toast.element,
    ],
    /** @param {Which} which */
    show(which) {
      landing.element.hidden = which !== 'landing';
      element.hidden = which === 'landing';
      element.classList.toggle('alone', which === 'alone');
    },
    /** @param {import('../tabs.js').Tab} tab */
    setTab(tab) {
      element.dataset.tab = tab;
    },
    /** Where one goes on who has lost what had the focus. @returns {HTMLElement | null} */
    entrance() {
      const tab = /** @type {HTMLElement | null} */ (tabs.element.querySelector('[aria-current]'));
      if (tab?.checkVisibility()) return tab;
      return element.checkVisibility() ? name : landing.element.querySelector('h1');
    },
    /** What changes is read out, but not more often than it can be heard. @param {string} words */
    say(words) {
      clearTimeout(speaking);
      speaking = setTimeout(() => (live.textContent = words), 400);
    },
    /** What was done, over everything else. */
    toast: toast.say,
  };
}
