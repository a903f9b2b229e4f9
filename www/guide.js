/** The ways into the tour, and from a print to the piece of Learn that explains it; what they open is fetched then. */
import { EngineError } from './engine/protocol.js';
import { style } from './tab.js';
import { t } from './text.js';
import { h, icon } from './widgets/dom.js';

/**
 * What the tour moves.
 * @typedef {import('./places.js').Page & {
 *   places: ReturnType<typeof import('./places.js').createPlaces>,
 *   journey: HTMLElement,
 *   say: (words: string) => void,
 *   choose: (change: Partial<import('./state.js').View>) => void,
 * }} Page
 */
/** Where a visitor is in a tour. `url`: `null` is the page's own. @typedef {{ url: string | null, at: number, folded: boolean }} Kept */

const KEPT = 'zf-lens.tour';
/** @type {Kept | null} */
let kept = null;
try {
  kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
} catch {
  // Storage is refused, or holds what makes no sense: then it is kept as long as the page is open.
}

export function recall() {
  return kept;
}

/** @param {Kept | null} now */
export function keep(now) {
  kept = now;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(now));
  } catch {
    // As above.
  }
}

/** @param {Page} page */
export function createGuide(page) {
  const wanted = new URLSearchParams(location.search).get('tour');
  /** @type {ReturnType<typeof import('./tour/tour.js').createTour> | null} */
  let tour = null;

  const buttons = Array.from({ length: 2 }, () => {
    const words = h('span', {});
    const button = h('button', { type: 'button', class: 'button tour-take', on: { click: () => open(kept?.url ?? null) } });
    button.append(icon('play'), words);
    return { button, words };
  });
  const [first, second] = buttons.map(({ button }) => button);
  page.drop.landing.append(h('p', {}, first ?? ''));
  page.journey.querySelector('header')?.append(second ?? '');

  function render() {
    for (const { button, words } of buttons) {
      words.textContent = t(kept ? 'tourGoOn' : 'tourTake');
      button.hidden = tour?.isOpen ?? false;
    }
    tour?.render();
  }

  /** @param {string | null} address `null`: the page's own tour; `record`: one that is to be made */
  async function open(address) {
    try {
      const [{ createTour }] = await Promise.all([import('./tour/tour.js'), style('tour/tour.css')]);
      tour ??= createTour(page, render);
      await tour.open(address);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      page.showError(new EngineError('not-found', `Expected the tour; found ${reason}.`), () => void open(address));
    }
  }

  /** The piece of Learn for the operation through which a layer's projection leaves it. @param {string} what */
  function lessonOf(what) {
    const layers = page.viewer.shown?.network.layers ?? [];
    const at = layers.findIndex(({ name }) => name === what);
    if (at < 0) return /\d/.test(what) ? 'convolution' : what;
    const before = layers.slice(0, at);
    const below = before.slice(before.findLastIndex(({ op }) => op === 'conv') + 1);
    if (below.some(({ op }) => op === 'max_pool')) return 'pooling';
    return before.length > 0 ? 'rectifier' : 'convolution';
  }

  document.addEventListener('click', ({ target }) => {
    const word = target instanceof Element && target.closest('[data-explain]')?.getAttribute('data-explain');
    if (!word) return;
    const options = { ...page.viewer.view.options, 'learn.lesson': lessonOf(word) };
    page.choose({ tab: 'learn', options });
  });

  render();
  return {
    render,
    /** Follows the address that the page was opened with. */
    begin: () => (wanted ? open(wanted) : undefined),
  };
}
