/** A tour: stops one after the other, each a view of the visitor's own picture with a few words; left and gone on with at will. */
import './words.js';
import { TABS } from '../lens/tabs.js';
import { isTextField } from '../lens/widgets/dom.js';
import { fetchTour, TourError } from './file.js';
import { createKeeper } from './keeper.js';
import { createPanel } from './panel.js';
import { createRecorder } from './recorder.js';
import { merged, namesSample, placeOf } from './stop.js';

/** @import { Page } from '../guide.js' */
/** @import { Tour } from './file.js' */
/** What was on view before a stop opened a sample. @typedef {{ sample: string | null, photo: string | null, crop: import('../lens/engine/protocol.js').Crop | null, lent: string }} Own */

/** The name, in the address, of a tour that is to be made. */
const RECORD = 'record';
const root = document.documentElement;

/** @param {Page} page @param {() => void} onChange called when it is opened or left */
export function createTour(page, onChange) {
  const { lens } = page;
  const { t, percent } = lens.words;
  const { viewer, opening, places, parts, album } = page;
  /** @type {Tour | null} */
  let tour = null;
  /** Where it came from; `null`: the page's own, or one that is just being made. @type {string | null} */
  let url = null;
  let at = 0;
  let isTrial = false;
  /** @type {TourError | null} */
  let failure = null;
  let mode = /** @type {'closed' | 'coming' | 'failed' | 'stop' | 'end' | 'record'} */ ('closed');
  /** The stop waits for a picture, or for the look that is under way. */
  let isDue = false;
  /** @type {HTMLElement | null} what the stop speaks of */
  let marked = null;
  let isMarked = true;
  let turn = 0;
  /** @type {Own | null} */
  let own = null;
  const keeper = createKeeper('zf-lens.tour');
  /** @type {Element | null} what had the focus before */
  let before = null;

  const panel = createPanel(lens, {
    onBack() {
      const isEnd = mode === 'end';
      if (isEnd) enter('stop');
      go(isEnd ? at : at - 1);
    },
    onNext: () => (tour && at < tour.stops.length - 1 ? go(at + 1) : finish()),
    onLeave: () => leave(),
    onFold(folded) {
      panel.setFolded(folded);
      if (mode === 'stop') remember(folded);
    },
    onChoose() {
      page.drop.choose();
      if (mode === 'end') leave();
    },
    onSample: (sample) => void opening.openSample(sample),
    onRetry: () => void open(url),
    onOwn: () => void open(null),
    onRecord: () => record(),
  });
  const recorder = createRecorder(lens, {
    viewer,
    onTry: (made) => start(made, null, true),
    onGo: (hash) => void show(hash),
    say: page.say,
  });

  recorder.render();

  const remember = (folded = panel.element.classList.contains('folded')) => isTrial || keeper.keep({ url, at, folded });

  /** @param {string | null} [address] `null`: the page's own; none: the one that was left, if any was */
  async function open(address = keeper.kept?.url ?? null) {
    if (mode === 'closed') before = document.activeElement;
    if (address === RECORD) return record();
    url = address;
    enter('coming');
    try {
      const found = await fetchTour(address);
      // It may have been left meanwhile.
      if (url === address && mode === 'coming') start(found, address);
    } catch (error) {
      if (!(error instanceof TourError)) throw error;
      if (url !== address || mode !== 'coming') return;
      failure = error;
      enter('failed');
      panel.focus();
      page.say(`${t('tourFailed')} ${error.told(lens.words)}`);
    }
  }

  /** @param {Tour} found @param {string | null} address @param {boolean} [trial] it is tried out where it is made */
  function start(found, address, trial = false) {
    isTrial = trial;
    /** @type {import('./keeper.js').Kept | null} */
    const left = keeper.kept;
    tour = found;
    url = address;
    own = null;
    panel.setFolded(left?.folded === true);
    const place = left && left.url === address && !trial ? Number(left.at) || 0 : 0;
    enter('stop');
    go(Math.max(0, Math.min(found.stops.length - 1, place)));
    panel.focus();
  }

  function record() {
    unmark();
    panel.setFolded(false);
    enter('record');
    panel.focus();
  }

  /** @param {number} next */
  function go(next) {
    const stop = tour?.stops[next];
    if (!stop) return;
    at = next;
    remember();
    unmark();
    draw();
    void show(stop.hash);
  }

  /** Brings the page to a stop; what is under way is not disturbed, and followed when it is done. @param {string} hash */
  async function show(hash) {
    const mine = ++turn;
    isDue = false;
    isMarked = true;
    const view = merged(viewer.view, hash);
    const needs = !view.sample && !TABS[view.tab].alone && !viewer.shown;
    if (opening.phase || needs) {
      isDue = true;
      return draw();
    }
    let photo = places.ownPhoto();
    const { shown } = viewer;
    if (namesSample(hash)) {
      if (shown && !own) own = { sample: shown.sample, photo, crop: viewer.view.crop, lent: view.sample ?? '' };
      if (own) own.lent = view.sample ?? '';
    } else if (own && shown?.sample === own.lent) {
      // Back to the picture that the visitor had.
      ({ photo } = own);
      Object.assign(view, { sample: own.sample, crop: own.crop });
      own = null;
    } else {
      own = null;
      view.sample = shown?.sample ?? null;
    }
    page.address.push(view);
    await places.travel(view, photo);
    if (mine !== turn) return;
    // Its later stops are about the classes, and who takes the tour has asked for them.
    if (viewer.shown?.look.classes === null) void opening.getClassifier();
    isMarked = false;
    draw();
  }

  /** @param {typeof mode} next */
  function enter(next) {
    mode = next;
    draw();
    onChange();
  }

  function leave() {
    unmark();
    if (mode === 'stop' && isTrial) return record();
    mode = 'closed';
    panel.hide();
    onChange();
    const back = /** @type {HTMLElement | null} */ (
      [before, ...document.querySelectorAll('.tour-take')].find(
        (one) => one instanceof HTMLElement && one !== document.body && one.checkVisibility(),
      ) ?? document.querySelector('.tabs [aria-current]')
    );
    back?.focus({ preventScroll: true });
  }

  function finish() {
    if (!isTrial) keeper.keep(null);
    if (!tour?.end || isTrial) return leave();
    unmark();
    panel.setFolded(false);
    enter('end');
    panel.focus();
    void show('#tab=explore&layer=&show=maps');
    scrollTo({ top: 0 });
  }

  function unmark() {
    if (marked) delete marked.dataset.tourHere;
    marked = null;
  }

  /** Brings what the stop speaks of into sight, as soon as it is there. */
  function mark() {
    const stop = tour?.stops[at];
    if (isMarked || isDue || opening.phase || !stop) return;
    const place = placeOf(stop, viewer.view);
    if (!place) return;
    isMarked = true;
    marked = place;
    marked.dataset.tourHere = '';
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const room = innerHeight - panel.element.offsetHeight;
    // Learn brings a piece into sight by itself, a frame later.
    setTimeout(() => {
      const { top, bottom, height } = place.getBoundingClientRect();
      const isTall = height > room * 0.8;
      if (marked !== place || (isTall ? top >= 0 && top < room * 0.3 : top > 60 && bottom < room - 12)) return;
      // Screens that fly past tell nothing.
      const isNear = Math.abs(top) < innerHeight * 1.5;
      place.scrollIntoView({ block: isTall ? 'start' : 'center', behavior: calm || !isNear ? 'auto' : 'smooth' });
    }, 80);
  }

  /** What is running at the stop, or lacking. */
  function status() {
    if (opening.phase) return t('tourLooking');
    const part = /** @type {HTMLElement | null} */ (parts.element.querySelector(':scope > :not([hidden])'));
    if (!part || !parts.open) return '';
    const { state } = part.dataset;
    if (state === 'waiting') return t('tourWaits');
    if (state === 'idle' && part.querySelector('.classes-wanted:not([hidden])')) return t('tourClasses');
    if (state !== 'running' && state !== 'loading') return '';
    const bar = /** @type {HTMLProgressElement | null} */ (
      part.querySelector('.progress:not([hidden]) progress[value]')
    );
    return bar && bar.position > 0 ? t('tourRunningShare', { share: percent(bar.position) }) : t('tourRunning');
  }

  function draw() {
    if (mode === 'coming') panel.say({ kind: 'coming' });
    else if (mode === 'failed' && failure) panel.say({ kind: 'failed', error: failure });
    else if (mode === 'record') panel.say({ kind: 'record', element: recorder.element });
    else if (mode === 'end' && tour?.end) panel.say({ kind: 'end', title: tour.title, words: tour.end });
    const stop = tour?.stops[at];
    if (mode !== 'stop' || !tour || !stop) return;
    panel.say({
      kind: 'stop',
      stop,
      at,
      of: tour.stops.length,
      status: status(),
      sample: album.samples.find(({ aside }) => !aside) ?? null,
      needsPicture: isDue && !viewer.shown && !opening.phase,
    });
    mark();
  }

  let isAwaited = false;
  /** The page has moved on: what was waited for may be there. */
  function follow() {
    if (isAwaited || mode === 'closed') return;
    isAwaited = true;
    requestAnimationFrame(() => {
      isAwaited = false;
      if (mode === 'record') recorder.draw();
      const stop = tour?.stops[at];
      if (mode === 'stop' && isDue && stop && !opening.phase) void show(stop.hash);
      else draw();
    });
  }
  const watch = new MutationObserver(follow);
  watch.observe(root, { attributeFilter: ['data-status', 'lang'] });
  watch.observe(parts.element, {
    subtree: true,
    childList: true,
    attributeFilter: ['data-state', 'hidden', 'value'],
  });

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (mode === 'closed' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const { activeElement: active } = document;
    const isInside = panel.element.contains(active);
    if (event.key === 'Escape') {
      // Elsewhere it first stops what is running, or closes what is open.
      const isBusy = opening.phase !== null || parts.element.querySelector('[aria-busy=true]:not([hidden])') !== null;
      if (active?.closest('.arithmetic') || (isBusy && !isInside && active !== document.body)) return;
      event.stopPropagation();
      return leave();
    }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const isFree =
      active === null || active === document.body || (active instanceof HTMLElement && active.tabIndex < 0);
    if (!step || mode !== 'stop' || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (isTextField(active) || !(isInside || isFree)) return;
    event.preventDefault();
    if (step < 0 || (tour && at < tour.stops.length - 1)) go(at + step);
  }
  document.addEventListener('keydown', press, true);

  return {
    open,
    get isBegun() {
      return keeper.kept !== null;
    },
    get isOpen() {
      return mode !== 'closed';
    },
    render() {
      panel.render();
      recorder.render();
    },
  };
}
