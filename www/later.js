/** What waits until the page has nothing better to do: the network's files ahead of time, and what keeps the page on the device or puts it into other pages. */
import { h } from './lens/widgets/dom.js';

/** @import { OfflinePanel } from './offline/panel.js' */

/** @param {import('./lens/mount.js').Mounted} mounted @param {HTMLElement} footer */
export function createLater({ lens, session, viewer, take }, footer) {
  /** @type {Promise<OfflinePanel> | null} */
  let panel = null;
  const bring = async () => {
    const [{ OfflinePanel }] = await Promise.all([import('./offline/panel.js'), lens.adopt('../offline/offline.css')]);
    const { createEmbed } = await import('./embed-code.js');
    const panel = new OfflinePanel({ lens, session, onPicture: (file) => take({ file }) });
    footer.prepend(h('div', { class: 'keep' }, panel.element, createEmbed(lens, viewer)));
    return panel;
  };
  /** What cannot be fetched is missed by nobody who has a network. @param {(panel: OfflinePanel) => void} act */
  const withPanel = async (act) => {
    await (panel ??= bring()).then(act).catch(() => (panel = null));
  };
  const whenIdle = window.requestIdleCallback ?? ((/** @type {() => void} */ act) => setTimeout(act, 1000));
  return {
    begin: () =>
      void whenIdle(() => {
        // What fails now is told when it is asked for.
        void session.fetchAhead().catch(() => {});
        void withPanel(() => {});
      }),
    /** A result is there: the first visit's way to it is over. */
    shown: () => void withPanel((panel) => panel.register()),
    render: () => void panel?.then((panel) => panel.render()),
  };
}
