/** Where the visitor is: on the first page, in a tab alone, or at a photograph; and how the address and its history lead there. */
import { loadSamples, withoutUnknown } from '../photograph/samples.js';
import { ifInside } from './crop.js';
import { viewFromHash } from './state.js';

/** @import { View } from './state.js' */
/** @import { Which } from '../widgets/table.js' */
/**
 * What leads there.
 * @typedef {object} Way
 * @property {import('../lens.js').Lens} lens
 * @property {import('./viewer.js').Viewer} viewer
 * @property {import('../photograph/opening.js').Opening} opening
 * @property {import('../photograph/photographs.js').Photographs} photographs
 * @property {import('../photograph/album.js').Album} album
 * @property {import('../tab.js').Tabs} parts
 * @property {import('../mount.js').Address} address
 * @property {() => import('../networks/networks.js').Networks | null} networks those that have been asked for
 * @property {(name: string | null) => Promise<boolean>} changeNetwork whether it is another one now
 * @property {(samples: import('../widgets/drop.js').Sample[]) => void} onSamples
 * @property {(view: View) => void} apply
 * @property {() => void} render
 * @property {(which: Which) => void} show
 * @property {(words: string) => void} tell
 * @property {(error: unknown, retry?: () => void) => void} showError
 * @property {() => void} hideError
 * @property {() => void} showStatus
 */

/** @param {Way} page */
export function createPlaces(page) {
  const { lens, viewer, opening, photographs, album, parts, address } = page;
  const { t } = lens.words;

  /** The photograph on view, if it is the visitor's own, not one of the page's, and no frame that goes by. */
  const ownPhoto = () =>
    viewer.shown && !viewer.shown.sample && !viewer.isFilm ? viewer.shown.context.photo.id : null;
  const sampleOf = (/** @type {View} */ view) => album.samples.find(({ id }) => id === view.sample);
  /** What of a view the page has; nothing is known of its samples until their list is there. @param {View} view */
  const known = (view) => (album.samples.length > 0 ? withoutUnknown(lens, view, album.samples, page.tell) : view);

  const showEmpty = () => page.show(parts.open ? 'alone' : 'landing');

  /**
   * @param {boolean} [travelling] whether the history has brought us here already
   * @param {View} [view] of a tab that needs no photograph
   */
  function goHome(travelling = false, view = viewFromHash('')) {
    opening.cancel();
    opening.close();
    const { lang, theme, net } = viewer.view;
    page.apply({ ...view, lang, theme, net });
    viewer.update();
    if (!travelling) address.push(viewer.view);
    showEmpty();
    page.showStatus();
  }

  /** The visitor's own photograph of an entry of the history, if it is still there. @param {string | null} photo @param {View} view */
  async function reopen(photo, view) {
    const kept = photo && photographs.find(photo);
    if (kept) return opening.reopen(kept, view.crop);
    goHome(true, view);
    page.tell(t('photoGone'));
  }

  /**
   * Follows the address that the page was opened with.
   * @param {View} first
   * @param {string | null} photo of the visitor's own
   */
  async function begin(first, photo) {
    page.hideError();
    try {
      album.samples = await loadSamples(lens.samples);
    } catch (error) {
      // A photograph of one's own can be looked at without them; what an address says of them cannot be followed.
      if (first.sample) return page.showError(error, () => void begin(first, photo));
    }
    page.onSamples(album.samples);
    page.render();
    // Somebody who did not wait has brought a photograph already.
    if (opening.phase || viewer.shown) return;
    const view = known(first);
    const sample = sampleOf(view);
    if (sample) return opening.openSample(sample, 'replace', view.crop);
    if (photo && view.layer) await reopen(photo, view);
    else goHome(true, view);
    address.mend(viewer.view);
  }

  /** Back, forward, or an edited address. @param {View} wanted @param {string | null} photo of the visitor's own */
  async function travel(wanted, photo) {
    page.hideError();
    const isOther = await page.changeNetwork(wanted.net);
    const net = page.networks()?.current ?? null;
    const view = known({ ...wanted, net, others: album.othersOf(wanted) });
    page.apply(view);
    const sample = sampleOf(view);
    if (sample && viewer.shown?.sample !== sample.id) return opening.openSample(sample, 'replace', view.crop);
    if (!sample && photo && photo !== ownPhoto()) return reopen(photo, view);
    const isOwn = !sample && ownPhoto() !== null && (photo !== null || view.layer !== null);
    if (!viewer.shown || !(sample || isOwn)) {
      goHome(true, view);
      return address.mend(viewer.view);
    }
    page.show('table');
    if (isOther) return opening.relook('replace');
    const { context, info, network } = viewer.shown;
    const crop = ifInside(view.crop, info, network.inputSize);
    viewer.view = { ...viewer.view, crop };
    if (JSON.stringify(crop) !== JSON.stringify(context.crop)) return opening.recrop(crop, true, 'replace');
    void album.follow(view.others).catch(page.showError);
    viewer.hover = null;
    viewer.update();
    address.replace(viewer.addressed);
  }

  return {
    ownPhoto,
    begin,
    travel,
    goHome,
    /** Without a photograph on view or on its way: a tab that needs none, or the first page. */
    show() {
      if (!viewer.shown && !opening.phase) showEmpty();
    },
  };
}
