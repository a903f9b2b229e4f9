/** The tour's card: at the lower edge, out of the way of what it speaks of; on a phone a sheet that can be folded. */
import { gap, h, icon, iconButton } from '../lens/widgets/dom.js';

/** @import { Lens } from '../lens/lens.js' */
/** @import { Sample } from '../lens/widgets/drop.js' */
/** @import { Stop, TourError, Words } from './file.js' */
/**
 * What the card says. `status`: what is running, or lacking, at this stop.
 * @typedef {{ kind: 'coming' }
 *   | { kind: 'failed', error: TourError }
 *   | { kind: 'stop', stop: Stop, at: number, of: number, status: string, sample: Sample | null, needsPicture: boolean }
 *   | { kind: 'end', title: Words, words: Words }
 *   | { kind: 'record', element: HTMLElement }} Said
 */
/**
 * @typedef {object} PanelHandlers
 * @property {() => void} onBack
 * @property {() => void} onNext
 * @property {() => void} onLeave
 * @property {(folded: boolean) => void} onFold
 * @property {() => void} onChoose
 * @property {(sample: Sample) => void} onSample
 * @property {() => void} onRetry
 * @property {() => void} onOwn
 * @property {() => void} onRecord
 */

/** In the reader's language, or in one that there is. @param {Lens} lens @param {Words | undefined} words */
export function read(lens, words = {}) {
  const language = lens.words.language;
  const near = Object.keys(words).find((tag) => tag.slice(0, 2).toLowerCase() === language);
  return words[language] ?? words[near ?? 'en'] ?? Object.values(words)[0] ?? '';
}

/** @param {Lens} lens @param {PanelHandlers} handlers */
export function createPanel(lens, handlers) {
  const { t, inLanguage } = lens.words;
  const title = h('h2', { tabindex: '-1' });
  const count = h('span', { class: 'count' });
  const back = iconButton('back', 'tourBack', handlers.onBack);
  const nextWords = h('span', {});
  const next = h(
    'button',
    { type: 'button', class: 'button primary', on: { click: handlers.onNext } },
    nextWords,
    icon('next'),
  );
  const fold = h('button', {
    type: 'button',
    class: 'button icon-only fold',
    on: { click: () => handlers.onFold(!element.classList.contains('folded')) },
  });
  fold.append(icon('next'));
  const leave = iconButton('close', 'tourLeave', handlers.onLeave);
  const text = h('p', {});
  const task = h('p', { class: 'task' });
  // A region of its own, so that a step of the computation does not read the words again.
  const words = h('div', { class: 'words', 'aria-live': 'polite' }, text, task);
  const status = h('p', { class: 'note' });
  const button = (/** @type {import('../lens/text.js').Key} */ key, /** @type {() => void} */ click) =>
    h('button', { type: 'button', class: 'button', t: key, on: { click } });
  const choose = button('choose', handlers.onChoose);
  const sampleButton = h('button', { type: 'button', class: 'button' });
  const retry = button('retry', handlers.onRetry);
  const own = button('tourOwn', handlers.onOwn);
  const make = button('tourMake', handlers.onRecord);
  const ways = h('div', { class: 'ways' }, choose, sampleButton, retry, own, make);
  const slot = h('div', {});
  const foot = h('div', { class: 'foot' }, status, ways);
  const body = h('div', { class: 'body' }, words, foot, slot);
  const element = h(
    'section',
    { class: 'tour', label: 'tourName', hidden: true, data: { view: 'tour' } },
    h('header', {}, title, count, back, next, fold, leave),
    body,
  );
  document.body.append(element);
  lens.words.follow(element);
  // What lies under the card can be scrolled out from under it, however high it is.
  new ResizeObserver(() => {
    document.documentElement.style.setProperty('--tour', `${element.offsetHeight}px`);
  }).observe(element);

  /** @type {Said | null} */
  let said = null;
  sampleButton.addEventListener('click', () => {
    if (said?.kind === 'stop' && said.sample) handlers.onSample(said.sample);
  });

  /** Changes words only where they are others: a live region reads each change. @param {HTMLElement} where @param {string} now */
  const write = (where, now) => {
    if (where.textContent !== now) where.textContent = now;
  };

  /** @param {boolean} folded */
  function setFolded(folded) {
    element.classList.toggle('folded', folded);
    body.hidden = folded;
    fold.dataset.tLabel = fold.dataset.tTitle = folded ? 'tourUnfold' : 'tourFold';
    fold.title = t(folded ? 'tourUnfold' : 'tourFold');
    fold.setAttribute('aria-label', fold.title);
    fold.setAttribute('aria-expanded', String(!folded));
  }

  function draw() {
    if (!said) return;
    const { kind } = said;
    const stop = kind === 'stop' ? said : null;
    element.dataset.state = kind;
    const isLast = stop !== null && stop.at === stop.of - 1;
    count.hidden = back.hidden = next.hidden = !stop;
    write(count, stop ? t('tourAt', { at: stop.at + 1, of: stop.of }) : '');
    back.hidden &&= kind !== 'end';
    back.disabled = stop?.at === 0;
    write(nextWords, t(isLast ? 'tourEnd' : 'tourNext'));
    next.setAttribute('aria-label', nextWords.textContent ?? '');
    next.title = t('tourKeys');
    choose.hidden = !stop?.needsPicture && kind !== 'end';
    sampleButton.hidden = !(stop?.needsPicture && stop.sample);
    if (stop?.sample) write(sampleButton, t('tourSample', { name: inLanguage(stop.sample.title) }));
    retry.hidden = own.hidden = kind !== 'failed';
    make.hidden = !isLast;
    ways.hidden = ![choose, sampleButton, retry, own, make].some((one) => !one.hidden);
    status.hidden = !stop?.status || stop.needsPicture;
    write(status, stop?.status ?? '');
    foot.hidden = status.hidden && ways.hidden;
    if (kind === 'record') {
      if (said.element.parentElement !== slot) slot.replaceChildren(said.element);
    } else {
      slot.replaceChildren();
    }
    words.hidden = kind === 'record';
    if (stop) {
      write(title, read(lens, stop.stop.title));
      write(text, stop.needsPicture ? t('tourPicture') : read(lens, stop.stop.text));
      const thing = stop.needsPicture ? '' : read(lens, stop.stop.do);
      task.hidden = thing === '';
      if (task.dataset.words !== `${thing}${lens.words.language}`)
        task.replaceChildren(h('b', {}, t('tourDo')), gap(), thing);
      task.dataset.words = `${thing}${lens.words.language}`;
    } else if (kind === 'end') {
      task.hidden = true;
      write(title, read(lens, said.title));
      write(text, read(lens, said.words));
    } else {
      task.hidden = kind !== 'failed';
      task.dataset.words = '';
      write(title, t(kind === 'record' ? 'tourRecord' : kind === 'failed' ? 'tourFailed' : 'tourName'));
      write(text, kind === 'failed' ? said.error.told(lens.words) : t('tourComing'));
      write(task, t('tourKept'));
    }
  }

  return {
    element,
    setFolded,
    /** @param {Said} now */
    say(now) {
      said = now;
      element.hidden = false;
      lens.isGuided = true;
      document.body.classList.add('touring');
      draw();
    },
    hide() {
      said = null;
      element.hidden = true;
      slot.replaceChildren();
      lens.isGuided = false;
      document.body.classList.remove('touring');
    },
    focus: () => title.focus({ preventScroll: true }),
    render() {
      setFolded(element.classList.contains('folded'));
      draw();
    },
  };
}
