/** Where a visitor is in a tour: kept for the session, or, where storage is refused, as long as the page is open. */

/** `url`: `null` is the page's own. @typedef {{ url: string | null, at: number, folded: boolean }} Kept */

/** @param {string} name */
export function createKeeper(name) {
  /** @type {any} */
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(name) ?? 'null');
  } catch {
    // Refused, or of no sense: then there is nothing yet.
  }
  return {
    get kept() {
      return kept;
    },
    /** @param {unknown} now `null`: nothing any more */
    keep(now) {
      kept = now;
      try {
        if (now === null) sessionStorage.removeItem(name);
        else sessionStorage.setItem(name, JSON.stringify(now));
      } catch {
        // Then it is kept here alone.
      }
    },
  };
}
