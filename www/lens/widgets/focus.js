/**
 * Whoever works with keys must not be thrown back to the top of the page: where what has the focus goes away, the focus moves to
 * what it was in.
 */

/** What can be a place to go on from. */
const PLACES = 'section, article, nav, header, dialog, [role="group"], [role="radiogroup"]';

/** @param {HTMLElement} root @param {() => HTMLElement | null} otherwise where to go on when nothing is left of what it was in */
export function keepFocus(root, otherwise) {
  /** What has, or had, the focus, and what it is in, from the inside out. @type {HTMLElement[]} */
  let path = [];
  root.addEventListener('focusin', ({ target }) => {
    path = [];
    for (let one = /** @type {HTMLElement | null} */ (target); one && one !== root; one = one.parentElement)
      path.push(one);
  });
  // Who points elsewhere, or goes there, has left it.
  root.addEventListener(
    'focusout',
    ({ relatedTarget }) => relatedTarget && !root.contains(/** @type {Node} */ (relatedTarget)) && (path = []),
  );
  root.addEventListener('pointerdown', () => (path = []));

  const isThere = (/** @type {HTMLElement} */ one) => one.isConnected && one.checkVisibility();
  new MutationObserver(() => {
    const [last, ...outer] = path;
    const { activeElement } = /** @type {Document | ShadowRoot} */ (root.getRootNode());
    const isLost = activeElement === null || activeElement === root.ownerDocument.body || activeElement === last;
    if (!last || !isLost || isThere(last)) return;
    const next = outer.find((one) => one.matches(PLACES) && isThere(one)) ?? otherwise();
    path = [];
    if (!next) return;
    // A place is no control: it can be gone on from, and not be reached with the tab key.
    if (next.tabIndex < 0) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }).observe(root, { subtree: true, childList: true, attributeFilter: ['hidden', 'class', 'disabled', 'data-tab'] });
}
