/** What the network takes the photograph for; each class can be asked what speaks for it. */
import { h } from './dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Fit } from '../../pkg/cpu/zfnet_web.js' */
/** @import { ClassScore, NetworkInfo } from '../engine/protocol.js' */
/** @import { Sample } from './drop.js' */

/** How many of the most likely classes are shown. */
const SHOWN = 5;

/** @param {Lens} lens @param {{ onClass: (index: number) => void, onGet: () => void, onKnown: () => void }} handlers */
export function createClasses(lens, { onClass, onGet, onKnown }) {
  const { megabytes, t, inLanguage, percent } = lens.words;
  const list = h('ol', { class: 'class-list', data: { view: 'classes' } });
  const note = h('p', { class: 'note' });
  const get = h('button', { type: 'button', class: 'button', hidden: true, on: { click: onGet } });
  const known = h('button', { type: 'button', class: 'known', hidden: true, on: { click: onKnown } });
  const strange = h('p', { class: 'strange', hidden: true });
  const element = h(
    'section',
    { class: 'classes', hidden: true },
    h('h2', { t: 'classes' }),
    known,
    strange,
    list,
    note,
    get,
  );

  /** @type {NetworkInfo | null} */
  let network = null;
  /** @type {ClassScore[] | null} */
  let scores = null;
  /** @type {Fit | null} */
  let fit = null;
  /** @type {Sample['stranger'] | null} the picture is of what the network has never seen */
  let stranger = null;
  let isStrange = false;
  /** @type {number | null} */
  let chosen = null;
  /** @type {{ loaded: number, total: number | null } | null} */
  let coming = null;
  /** @type {number | null} bytes to fetch when the visitor asks for them */
  let offered = null;

  /** Whoever else shows how far the names are. */
  let follower = () => {};

  /** @param {{ loaded: number, total: number | null }} coming */
  const progressWords = ({ loaded, total }) => {
    const bytes = total ? `${megabytes(loaded)} / ${megabytes(total)}` : megabytes(loaded);
    return t('classesWait', { bytes });
  };

  /** The row of each class that has been shown: one that is being pressed while a film goes by stays where it is. @type {Map<number, ReturnType<typeof create>>} */
  const rows = new Map();

  const create = (/** @type {number} */ index) => {
    const name = h('span', { class: 'class-name' });
    const bar = h('i', {});
    const share = h('span', { class: 'share' });
    const button = h(
      'button',
      { type: 'button', class: 'class', data: { class: String(index) }, on: { click: () => onClass(index) } },
      name,
      h('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
      share,
    );
    return { element: h('li', {}, button), button, name, bar, share };
  };

  const row = (/** @type {ClassScore} */ { index, probability }) => {
    const found = rows.get(index) ?? create(index);
    rows.set(index, found);
    const names = network?.classes[index];
    found.name.textContent = names ? inLanguage(names) : `#${index}`;
    found.share.textContent = percent(probability);
    found.bar.style.setProperty('--share', String(probability));
    found.button.setAttribute('aria-pressed', String(index === chosen));
    return found.element;
  };

  const render = () => {
    const top = scores?.slice(0, SHOWN) ?? [];
    // A class from a link may stand further down.
    const extra =
      chosen !== null && !top.some(({ index }) => index === chosen)
        ? scores?.find(({ index }) => index === chosen)
        : null;
    const { focused } = lens;
    const shown = [...top, ...(extra ? [extra] : [])].map(row);
    if (shown.length !== list.children.length || shown.some((one, at) => one !== list.children[at])) {
      const isFocused = list.contains(focused);
      list.replaceChildren(...shown);
      if (isFocused) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
    }
    list.hidden = top.length === 0;
    get.hidden = offered === null || coming !== null || scores !== null;
    if (offered !== null) get.textContent = t('classesGet', { size: megabytes(offered) });
    const count = network?.classes.length ?? 0;
    known.hidden = count === 0;
    known.textContent = t('knownCount', { count });
    isStrange = scores !== null && (stranger !== null || fit?.strange === true);
    strange.hidden = !isStrange;
    element.classList.toggle('is-strange', isStrange);
    if (stranger) strange.textContent = t('strangeSample', { name: inLanguage(stranger), count });
    else if (isStrange) strange.textContent = t('strange', { share: percent(1 - (fit?.share ?? 0)), count });
    if (scores) note.textContent = t('classesHint');
    else if (coming) note.textContent = progressWords(coming);
    else note.textContent = network?.classes.length === 0 && offered === null ? t('classesNone') : '';
  };

  return {
    element,
    render,
    /** @param {{ network: NetworkInfo, scores: ClassScore[] | null, fit: Fit | null, chosen: number | null }} next */
    set(next) {
      element.hidden = false;
      ({ network, scores, fit, chosen } = next);
      if (scores) coming = offered = null;
      render();
    },
    /** Whether nothing that the network knows fits well, so that its best guess is not to be told without a word. */
    get isStrange() {
      return isStrange;
    },
    /** What a sample is of, if the network has never seen such a thing. @param {Sample['stranger'] | null} next */
    setStranger(next) {
      stranger = next;
    },
    /** @param {number} bytes */
    offer(bytes) {
      offered = bytes;
      render();
    },
    /** @param {{ loaded: number, total: number | null } | null} progress */
    setComing(progress) {
      coming = progress;
      render();
      follower();
    },
    /** Gets the names for whoever wants them. */
    get: onGet,
    /** How far they are, if they are on their way. */
    get coming() {
      return coming;
    },
    progressWords,
    /** @param {() => void} next told of every change of `coming`, in place of the one before */
    follow(next) {
      follower = next;
    },
  };
}
