/** The ways into the tour, which is fetched when it is taken. */
import { EngineError } from './lens/engine/protocol.js';
import { h, icon } from './lens/widgets/dom.js';

/** What the tour moves. @typedef {import('./lens/mount.js').Mounted & { address: import('./address.js').Address }} Page */

/** @param {Page} page */
export function createGuide(page) {
  const { lens } = page;
  const { t } = lens.words;
  /** @type {ReturnType<typeof import('./tour/tour.js').createTour> | null} */
  let tour = null;
  const begun = () => {
    try {
      return sessionStorage.getItem('zf-lens.tour') !== null;
    } catch {
      return false;
    }
  };
  const buttons = [1, 2].map(() => {
    const words = h('span', {});
    const button = h(
      'button',
      { type: 'button', class: 'button tour-take', on: { click: () => open() } },
      icon('play'),
      words,
    );
    return { button, words };
  });
  page.landing.element.querySelector('.or')?.before(buttons[0]?.button ?? '');
  page.widgets.journey.element.querySelector('header')?.append(buttons[1]?.button ?? '');

  function render() {
    for (const { button, words } of buttons) {
      words.textContent = t((tour?.isBegun ?? begun()) ? 'tourGoOn' : 'tourTake');
      button.hidden = tour?.isOpen ?? false;
    }
    tour?.render();
  }

  /** @param {string | null} [address] of a tour; `record`: one that is to be made; none: the one that was left, or the page's own */
  async function open(address) {
    try {
      const [{ createTour }] = await Promise.all([import('./tour/tour.js'), lens.adopt('../tour/tour.css')]);
      tour ??= createTour(page, render);
      await tour.open(address);
    } catch (error) {
      page.showError(new EngineError('not-found', `Expected the tour; found ${error}.`), () => void open(address));
    }
  }

  render();
  return {
    render,
    /** Follows the address that the page was opened with. */
    begin() {
      const address = new URLSearchParams(location.search).get('tour');
      if (address) void open(address);
    },
  };
}
