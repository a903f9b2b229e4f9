/** Below the page: what of it is kept on the device, and a way to keep more; and the word that a newer version is there. */
import './words.js';
import { isAbandoned } from '../lens/engine/protocol.js';
import { lineOf, reasonOf } from '../lens/failure.js';
import { h, segmented } from '../lens/widgets/dom.js';
import { keep, listed, meant, missing, remove, room, sizeOf, wanted } from './store.js';
import { PageWorker } from './worker.js';

/** @import { Session } from '../lens/engine/session.js' */
/** @import { Key } from '../lens/text.js' */
/** @import { Choice, Listed } from './store.js' */
/**
 * @typedef {object} Page
 * @property {import('../lens/lens.js').Lens} lens
 * @property {Session} session
 * @property {(file: File) => void} onPicture another program gave one
 */
/** @typedef {'none' | 'saving' | 'ready'} State */

const SHARED = 'zf-lens-shared-1';

export class OfflinePanel {
  #lens;
  #session;
  #worker = new PageWorker({
    onNewer: () => this.#offer('updateReady'),
    onTaken: () => this.#offer('updateTaken'),
  });
  /** @type {Choice} */
  #choice = 'all';
  /** @type {AbortController | null} */
  #control = null;
  /** @type {unknown} */
  #failure = null;
  /** Of the choice, what is not here. @type {Listed[]} */
  #left = [];

  #words = h('p', { t: 'offlineText' });
  #room = h('p', { class: 'note' });
  #bar = h('progress', { max: '1', label: 'offlineTitle' });
  #count = h('span', { class: 'bytes' });
  #choices = segmented(
    'offlineChoice',
    [
      ['opened', 'keepOpened'],
      ['all', 'keepAll'],
    ],
    (choice) => this.#choose(choice),
  );
  #go = h('button', {
    type: 'button',
    class: 'button',
    data: { action: 'keep-offline' },
    on: { click: () => void this.#keep() },
  });
  #cancel = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: () => this.#control?.abort() } });
  #remove = h('button', {
    type: 'button',
    class: 'button',
    t: 'offlineRemove',
    on: { click: () => void this.#clear() },
  });
  #progress = h('div', { class: 'progress', hidden: true }, this.#bar, this.#count, this.#cancel);
  /** Nothing is offered before it is known what is here. */
  #ways = h('div', { class: 'ways', hidden: true }, this.#choices.element, this.#go, this.#remove);
  #update = h('div', { class: 'update', role: 'status' });
  element = h(
    'section',
    { class: 'offline' },
    h('h2', { t: 'offlineTitle' }),
    this.#words,
    this.#ways,
    this.#progress,
    this.#room,
  );

  /** @param {Page} page */
  constructor({ lens, session, onPicture }) {
    this.#lens = lens;
    this.#session = session;
    this.#choices.set(this.#choice);
    document.body.append(this.#update);
    lens.words.follow(this.#update);
    if (!PageWorker.isPossible) {
      this.#words.dataset.t = 'offlineUnable';
      this.#ways.hidden = true;
      this.render();
      return;
    }
    if (PageWorker.isServing) this.register();
    void this.#take(onPicture);
    void this.#survey();
  }

  /** The page itself is kept from now on. */
  register() {
    if (!PageWorker.isPossible) return;
    const survey = () => void this.#survey();
    this.#worker.installed().then(survey, (error) => console.warn(error));
  }

  render() {
    void this.#survey();
  }

  /** @param {Choice} choice */
  #choose(choice) {
    this.#choice = choice;
    void this.#survey();
  }

  /** What is here and what is not. */
  async #survey() {
    if (this.#control || !PageWorker.isPossible) return;
    try {
      const files = await listed();
      const before = await wanted(files);
      this.#left = await missing(meant(files, this.#choice, this.#session));
      const isThere = before !== null && (await missing(before)).length === 0;
      this.#show(isThere ? 'ready' : 'none', before !== null && !isThere ? 'offlineOld' : 'offlineText');
    } catch (error) {
      // Without a network, and without the list, there is nothing to offer.
      this.#failure = error;
      this.#show('none', 'offlineText');
    }
    const { usage, quota } = await room();
    this.#room.textContent =
      usage === undefined || quota === undefined
        ? this.#lens.words.t('offlineRoomUntold')
        : this.#lens.words.t('offlineRoom', {
            used: this.#lens.words.megabytes(usage),
            quota: this.#lens.words.decimal(quota / 1e9, 1),
          });
  }

  async #keep() {
    const control = (this.#control = new AbortController());
    this.#failure = null;
    this.#show('saving', 'offlineText');
    try {
      // Firefox asks the visitor, who need not answer.
      void navigator.storage?.persist?.().catch(() => {});
      await this.#worker.installed();
      await keep(
        meant(await listed(), this.#choice, this.#session),
        (loaded, total) => this.#advance(loaded, total),
        control.signal,
      );
    } catch (error) {
      if (!isAbandoned(error)) this.#failure = error;
    }
    this.#control = null;
    await this.#survey();
    // What had the focus is gone.
    if (document.activeElement === document.body) this.#remove.focus();
  }

  async #clear() {
    await remove();
    await this.#survey();
    this.#go.focus();
  }

  /** @param {number} loaded @param {number | null} total */
  #advance(loaded, total) {
    this.#bar.value = total ? loaded / total : 0;
    this.#count.textContent = this.#lens.words.t('bytesOf', {
      loaded: this.#lens.words.megabytes(loaded),
      total: this.#lens.words.megabytes(total ?? 0),
    });
  }

  /** @param {State} state @param {Key} words */
  #show(state, words) {
    document.documentElement.dataset.offline = state;
    const failure = this.#failure;
    // A sentence that is made for once has no key, which would put its own words in its place.
    if (failure) delete this.#words.dataset.t;
    else this.#words.dataset.t = state === 'ready' ? 'offlineReady' : words;
    if (failure) this.#words.textContent = lineOf(this.#lens, reasonOf(failure), () => this.#show(state, words));
    this.#ways.hidden = state === 'saving';
    this.#progress.hidden = state !== 'saving';
    if (state === 'saving') this.#bar.removeAttribute('value');
    this.#count.textContent = '';
    this.#go.textContent = this.#lens.words.t('keepOffline', { size: this.#lens.words.megabytes(sizeOf(this.#left)) });
    this.#go.hidden = this.#left.length === 0 && (state === 'ready' || failure !== null);
    this.#remove.hidden = state !== 'ready';
  }

  /** @param {'updateReady' | 'updateTaken'} words */
  #offer(words) {
    const reload = () => (words === 'updateReady' ? this.#worker.take() : location.reload());
    this.#update.replaceChildren(
      h('span', { t: words }),
      h('button', {
        type: 'button',
        class: 'button',
        t: 'updateTake',
        data: { action: 'take-update' },
        on: { click: reload },
      }),
    );
  }

  /** A picture that another program shared with the installed page, or opens with it. @param {(file: File) => void} onPicture */
  async #take(onPicture) {
    const { launchQueue } =
      /** @type {{ launchQueue?: { setConsumer: (take: (launch: { files?: FileSystemFileHandle[] }) => void) => void } }} */ (
        /** @type {unknown} */ (window)
      );
    launchQueue?.setConsumer(async ({ files }) => {
      const [handle] = files ?? [];
      if (handle) onPicture(await handle.getFile());
    });
    if (!new URLSearchParams(location.search).has('shared')) return;
    const key = new URL('shared', document.baseURI).href;
    const cache = await caches.open(SHARED);
    const response = await cache.match(key);
    await cache.delete(key);
    const address = new URL(location.href);
    address.searchParams.delete('shared');
    history.replaceState(history.state, '', address);
    if (!response) return;
    const name = decodeURIComponent(response.headers.get('x-name') ?? '');
    onPicture(new File([await response.blob()], name, { type: response.headers.get('content-type') ?? '' }));
  }
}
