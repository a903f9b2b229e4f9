/** A word that something was done: it lies over the page, is read out, and goes by itself. */
import { h } from './dom.js';

/** How long it stays, in milliseconds. */
const STAYS = 5000;

export function createToast() {
  // A region that is always there is read out whenever its words change.
  const element = h('div', { class: 'toast', role: 'status' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let going;
  return {
    element,
    /** @param {string} words */
    say(words) {
      clearTimeout(going);
      element.textContent = words;
      going = setTimeout(() => element.replaceChildren(), STAYS);
    },
  };
}
