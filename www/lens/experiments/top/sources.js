/** Where pictures come from: a folder that is looked through, a gallery that is opened; and how far the looking is. */
import { EngineError, isAbandoned } from '../../engine/protocol.js';
import { lineOf, reasonOf } from '../../failure.js';
import { h } from '../../widgets/dom.js';
import { timeLeft } from '../time-left.js';
import { dropped, galleryIn, isSet, listed, picturesIn } from './files.js';
import { isNoGallery } from './shelf.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Listed } from './files.js' */
/** @import { Gallery, Kind } from './gallery.js' */
/** @import { Shelf } from './shelf.js' */
/**
 * @typedef {object} Hooks
 * @property {(kind: Kind) => void} onKind another gallery is to be looked at
 * @property {() => void} onRun the engine is about to look through a set
 * @property {() => void} onChange a gallery shows something else
 * @property {(error: unknown) => void} onError
 * @property {(words: string) => void} say
 */

/** @param {Lens} lens @param {Shelf} shelf @param {Hooks} hooks */
export function createSources(lens, shelf, { onKind, onRun, onChange, onError, say }) {
  const { t, number } = lens.words;
  const many = { type: 'file', multiple: true, class: 'unseen', tabindex: '-1' };
  const folder = h('input', { ...many, webkitdirectory: true, label: 'topChooseFolder', data: { input: 'folder' } });
  const files = h('input', { ...many, accept: 'image/*', label: 'topChooseFiles', data: { input: 'files' } });
  const gallery = h('input', { ...many, webkitdirectory: true, label: 'topChooseGallery', data: { input: 'gallery' } });
  for (const input of [folder, files, gallery]) {
    input.addEventListener('change', () => {
      const found = listed(input.files ?? []);
      // The same files may be chosen again later.
      input.value = '';
      if (found.length > 0) void take(found);
    });
  }
  const choose = (/** @type {HTMLInputElement} */ input) => ({ click: () => input.click() });
  const buttons = h(
    'div',
    { class: 'controls' },
    h('button', { type: 'button', class: 'button', t: 'topChooseFolder', on: choose(folder) }),
    h('button', { type: 'button', class: 'button', t: 'topChooseFiles', on: choose(files) }),
    h('button', { type: 'button', class: 'button', t: 'topChooseGallery', on: choose(gallery) }),
    h('span', { class: 'note', t: 'topPrivate' }),
  );
  const bar = h('progress', { max: '1', label: 'looking' });
  const stage = h('span', { class: 'bytes' });
  const stopButton = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: () => cancel() } });
  const progress = h('div', { class: 'progress run', hidden: true }, bar, stage, stopButton);
  const stopped = h('span', { class: 'note' });
  const go = h('button', { type: 'button', class: 'button primary', t: 'topGoOn', on: { click: () => void run() } });
  const halted = h('div', { class: 'halt', hidden: true }, stopped, go);
  const question = h('span', { class: 'note' });
  const replace = h('button', {
    type: 'button',
    class: 'button primary',
    t: 'topReplaceGo',
    on: { click: () => void answer(true) },
  });
  const keep = h('button', {
    type: 'button',
    class: 'button',
    t: 'topReplaceKeep',
    on: { click: () => void answer(false) },
  });
  const asking = h('div', { class: 'halt', hidden: true }, question, replace, keep);
  const refusal = h('p', { class: 'refusal', role: 'alert', hidden: true });
  const about = h('span', { class: 'note' });
  const notes = h('span', { class: 'note', hidden: true });
  const forget = h('button', { type: 'button', class: 'button', t: 'topForget', on: { click: () => void drop() } });
  const facts = h('div', { class: 'facts-line', hidden: true }, about, notes, forget);
  const unreadList = h('ul', {});
  const unread = h('details', { class: 'unread', hidden: true }, h('summary', { t: 'topUnread' }), unreadList);
  const element = h(
    'div',
    { class: 'sources', data: { run: 'idle' } },
    buttons,
    folder,
    files,
    gallery,
    asking,
    progress,
    halted,
    refusal,
    facts,
    unread,
  );

  /** @type {AbortController | null} */
  let control = null;
  let wasStopped = false;
  /** @type {Listed[] | null} pictures that would replace those of another set */
  let pending = null;
  /** @type {{ at: number, done: number }} when the run began, and where */
  let began = { at: 0, done: 0 };
  /** @type {import('../../failure.js').Reason | null} */
  let refused = null;
  /** @type {{ kind: Kind, gallery: Gallery | null, layer: string }} */
  let seen = { kind: 'training', gallery: null, layer: '' };

  /** @param {Listed[]} all */
  async function take(all) {
    refused = null;
    try {
      const files = galleryIn(all);
      if (files) {
        await shelf.open(files);
        onKind('opened');
        return;
      }
      const pictures = picturesIn(all);
      if (pictures.length === 0) throw new EngineError('gallery', t('topNoPictures'));
      await shelf.recall();
      pending = pictures;
      const { own } = shelf;
      if (own && own.done > 0 && !own.isOf(pictures)) draw();
      else await answer(true);
    } catch (error) {
      refuse(error);
    }
  }

  /** @param {boolean} isWanted */
  async function answer(isWanted) {
    const pictures = pending;
    pending = null;
    if (!isWanted || !pictures) return draw();
    cancel();
    await shelf.take(pictures);
    wasStopped = false;
    onKind('own');
    await run();
  }

  async function run() {
    const { own } = shelf;
    if (!own || control) return;
    const mine = (control = new AbortController());
    began = { at: performance.now(), done: own.done };
    wasStopped = false;
    onRun();
    draw();
    try {
      await own.run(mine.signal, (isWorthDrawing) => {
        if (mine !== control) return;
        draw();
        if (isWorthDrawing) onChange();
      });
      if (mine === control) say(t('topDone', { all: own.all }));
    } catch (error) {
      // What is stopped by another question of the kind has been stopped, too.
      if (shelf.own === own && (control === null || control === mine)) wasStopped = true;
      if (!isAbandoned(error)) onError(error);
    }
    if (mine === control) control = null;
    if (shelf.own !== own) return;
    draw();
    onChange();
  }

  function cancel() {
    const before = control;
    control = null;
    before?.abort();
    if (!before) return;
    wasStopped = true;
    draw();
  }

  async function drop() {
    cancel();
    wasStopped = false;
    await shelf.forget(seen.kind);
    onChange();
  }

  /** @param {unknown} error */
  function refuse(error) {
    if (!isNoGallery(error)) return onError(error);
    refused = reasonOf(error);
    draw();
  }

  function draw() {
    const { own } = shelf;
    const { kind, gallery: shown, layer } = seen;
    const isRunning = control !== null;
    const rest = own && !own.isWhole && own.hasFiles && !isRunning;
    element.dataset.run = isRunning ? 'running' : rest ? 'stopped' : own?.isWhole ? 'done' : 'idle';
    element.setAttribute('aria-busy', String(isRunning));
    progress.hidden = !isRunning;
    if (own && isRunning) {
      bar.value = own.all > 0 ? own.done / own.all : 0;
      stage.textContent = [t('topRunning', { done: own.done, all: own.all }), timeLeft(lens, began, own.done, own.all)]
        .filter(Boolean)
        .join(' · ');
    }
    halted.hidden = !(rest && (wasStopped || own.done > 0)) || pending !== null;
    if (own) stopped.textContent = t('topStopped', { done: own.done, all: own.all });
    asking.hidden = pending === null;
    if (pending) question.textContent = t('topReplace', { pictures: own?.about.pictures ?? 0 });
    refusal.hidden = refused === null;
    refusal.textContent = refused ? lineOf(lens, refused, draw) : '';
    facts.hidden = shown === null;
    forget.hidden = kind === 'training';
    if (shown) {
      const { pictures, skipped, network } = shown.about;
      about.textContent = [
        t('topOf', { pictures: number(pictures, 6), network }),
        skipped ? t('topSkipped', { skipped }) : '',
      ].join(' ');
    }
    const lines = [];
    if (kind === 'own' && own && !own.hasFiles) lines.push(t('topGone'));
    if (kind !== 'training' && shelf.store.isFull) lines.push(t('topFull'));
    if (kind === 'training' && shown) {
      if (!shown.hasPatches(layer)) lines.push(t('topNoPatches'));
      else if (shown.licence) lines.push(t('topSomePatches'));
    }
    if (shown && shelf.isForeign(shown)) {
      const names = { found: shown.about.network, name: shelf.networkName };
      lines.push(t(names.found === names.name ? 'topForeignWeights' : 'topForeign', names));
    }
    notes.hidden = lines.length === 0;
    notes.textContent = lines.join(' ');
    const bad = kind === 'own' ? (own?.unread ?? []) : [];
    unread.hidden = bad.length === 0;
    unreadList.replaceChildren(
      ...bad.map(({ name, reason }) => h('li', {}, h('strong', {}, name), ` ${lineOf(lens, reason, draw)}`)),
    );
  }

  return {
    element,
    cancel,
    render: draw,
    get isRunning() {
      return control !== null;
    },
    /** @param {Kind} kind @param {Gallery | null} gallery @param {string} layer the one on view */
    show(kind, gallery, layer) {
      seen = { kind, gallery, layer };
      draw();
    },
    /** Takes a drop that is more than one photograph. @param {DragEvent} event */
    onDrop(event) {
      const { dataTransfer } = event;
      if (!dataTransfer || !isSet(dataTransfer)) return;
      event.preventDefault();
      void dropped(dataTransfer).then(take).catch(refuse);
    },
  };
}
