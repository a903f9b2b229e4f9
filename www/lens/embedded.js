/** A lens in somebody else's page: in a shadow root, told what to show and telling what it shows, keeping nothing there. */
import { Lens } from './lens.js';
import { mount } from './mount.js';
import { hashFromView, viewFromHash } from './view/state.js';

/** @import { View } from './view/state.js' */
/** What is on view: the words of the page's address. @typedef {Record<string, string>} State */
/**
 * @typedef {object} Wishes
 * @property {URL} folder of the page
 * @property {State} state
 * @property {Blob | null} picture of the page around, in place of a sample, or a film
 * @property {boolean} camera whether the reader has pressed for the camera to be what is looked at
 * @property {string | null} lang
 * @property {string | null} theme
 * @property {string | null} backend
 * @property {string | null} weights
 * @property {string | null} controls what a reader may change: `full`, `some` or `none`
 * @property {(state: State) => void} onState something else is on view
 * @property {(status: string, error: string | null, message: string) => void} onStatus
 * @property {() => void} onResult an experiment has ended
 */

const KINDS = ['full', 'some', 'none'];

/** @param {State} state @returns {View} */
const viewFrom = (state) => viewFromHash(new URLSearchParams(state).toString());

/** @param {ShadowRoot} root @param {Wishes} wishes */
export async function embed(root, wishes) {
  const { folder, backend, weights, onState } = wishes;
  const controls = KINDS.find((kind) => kind === wishes.controls) ?? 'some';
  const dressed = (/** @type {View} */ view) => ({
    ...view,
    lang: view.lang ?? (wishes.lang === 'en' || wishes.lang === 'zh' ? wishes.lang : null),
    theme: view.theme ?? (wishes.theme === 'light' || wishes.theme === 'dark' ? wishes.theme : null),
  });
  const first = dressed(viewFrom(wishes.state));
  const lens = new Lens({ folder, language: first.lang, isGuest: true });
  const { element } = lens;
  element.dataset.controls = controls;
  element.setAttribute('part', 'lens');
  await lens.enter(root);

  const tell = (/** @type {View} */ view) =>
    onState(Object.fromEntries(new URLSearchParams(hashFromView(view).slice(1))));
  const mounted = mount(
    lens,
    first,
    {
      address: {
        push: tell,
        replace: (view, isChosen = true) => isChosen && tell(view),
        settle() {},
        mend: tell,
      },
      linkTo: (view) => new URL(hashFromView(view), folder).href,
      // Only the page around can ask for another one.
      onCpu: null,
      onShow() {},
      onStatus: (status, error) => wishes.onStatus(status, error, error ? said(element) : ''),
    },
    {
      backend: backend === 'cpu' || backend === 'webgpu' ? backend : null,
      weights,
      share: JSON.stringify([folder.href, weights, first.net]),
    },
  );
  if (controls === 'full') element.prepend(mounted.drop.inputs);
  if (controls === 'none') withhold(element);

  let isBusy = false;
  /** An experiment says of itself whether it runs. */
  const results = new MutationObserver(() => {
    const wasBusy = isBusy;
    isBusy = element.querySelector('.tab-part [aria-busy=true]') !== null;
    if (wasBusy && !isBusy) wishes.onResult();
  });
  results.observe(element, { subtree: true, attributeFilter: ['aria-busy'] });
  // Out of sight it lets go of the engine, which other lenses of the page may want.
  const sight = new IntersectionObserver((seen) => mounted.park(!seen.at(-1)?.isIntersecting));
  sight.observe(element);

  void mounted.places.begin(first, null);
  if (wishes.picture) void mounted.open(wishes.picture);
  if (wishes.camera) void mounted.startCamera();

  return {
    /** @param {State} state */
    show: (state) => mounted.places.travel(dressed(viewFrom(state)), null),
    /** @param {string} name @param {string | null} value of an attribute that may change while the lens lives */
    dress(name, value) {
      wishes = { ...wishes, [name]: value };
      mounted.apply(dressed({ ...mounted.viewer.view, [name]: null }));
      mounted.render();
    },
    /** @param {Blob} blob */
    open: (blob) => mounted.open(blob),
    picture: () => mounted.picture(),
    numbers: () => mounted.numbers(),
    close() {
      results.disconnect();
      sight.disconnect();
      mounted.close();
      element.remove();
    },
  };
}

/** What the notice says: sentences, not what its buttons say. @param {Element} element */
function said(element) {
  const sentences = [...element.querySelectorAll('.notice:not([hidden]) p:not([hidden])')].map(
    (one) => one.textContent,
  );
  return sentences.filter(Boolean).join(' ');
}

/** A key changes no more than a pointer does; it still scrolls, and Tab goes on. @param {HTMLElement} element */
function withhold(element) {
  for (const type of ['keydown', 'click'])
    element.addEventListener(
      type,
      (event) => {
        const { target } = event;
        if (event instanceof KeyboardEvent && event.key === 'Tab') return;
        if (!(target instanceof Element) || !target.closest('.table :is(button, input, select, [tabindex])')) return;
        // A camera can always be switched off.
        if (target.closest('.live')) return;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true,
    );
}
