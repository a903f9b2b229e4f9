/** The derivation to play with: each operation of a projection on a few numbers, worked out by the engine. Needs no photograph. */
import '../words.js';
import './words.js';
import { codeOf, isAbandoned } from '../../engine/protocol.js';
import { download } from '../../export.js';
import { reasonOf, wordsOf } from '../../failure.js';
import { asPng, figure } from '../../figures.js';
import { gap, h, iconButton } from '../../widgets/dom.js';
import { asTable } from '../export.js';
import { createConvolution } from './convolution.js';
import { fromWord } from './numbers.js';
import { createPooling } from './pooling.js';
import { createRectifier } from './rectifier.js';

/** @import { Place, TabPart } from '../../tab.js' */
/** @import { Lesson, Store } from './lesson.js' */

const PREFIX = 'learn.';

/** @param {Place} place @returns {TabPart} */
export function createLearn({ lens, session, viewer, onChange, onCopyLink, say }) {
  const { t } = lens.words;
  /** @type {Store} */
  const store = {
    word: (name) => viewer.view.options[PREFIX + name],
    numbers: (name, otherwise, count = otherwise.length) => fromWord(store.word(name), count) ?? [...otherwise],
    set(values, final) {
      const options = { ...viewer.view.options };
      for (const [name, value] of Object.entries(values)) {
        if (value === '') delete options[PREFIX + name];
        else options[PREFIX + name] = value;
      }
      onChange({ options }, final);
    },
  };
  /** @type {Lesson[]} */
  const lessons = [
    createConvolution(lens, session, store, say),
    createPooling(lens, session, store, viewer),
    createRectifier(lens, session, store),
  ];
  /** @type {Map<Lesson, string>} what each was asked last */
  const asked = new Map();

  const words = h('p', { class: 'note' });
  const details = h('p', { class: 'note' });
  const retry = h('button', { type: 'button', class: 'button primary', t: 'retry', on: { click: () => void ask() } });
  const halt = h('div', { class: 'halt', hidden: true }, words, details, retry);
  const actions = h(
    'div',
    { class: 'actions' },
    iconButton('save', 'savePng', () => void save('png'), true),
    iconButton('data', 'saveJson', () => void save('json')),
    iconButton('table', 'saveCsv', () => void save('csv')),
    iconButton('link', 'copyLink', onCopyLink),
  );
  const element = h(
    'section',
    { class: 'experiment learn', data: { view: 'learn', state: 'idle' } },
    h('header', {}, h('h2', { t: 'learnTitle' }), actions),
    h('p', { class: 'reading' }, h('span', { t: 'learnText' }), gap(), h('span', { class: 'soft', t: 'learnNot' })),
    h('p', { class: 'note' }, h('span', { t: 'learnEdit' }), gap(), h('span', { t: 'learnComputed' })),
    halt,
    ...lessons.map((lesson) => lesson.element),
    h(
      'section',
      { class: 'lesson end' },
      h('h3', { t: 'learnEndTitle' }),
      h('p', { class: 'text', t: 'learnEndText' }),
      h('button', {
        type: 'button',
        class: 'button primary',
        t: 'learnTry',
        on: { click: () => onChange({ tab: 'explore' }, true) },
      }),
    ),
  );

  /** @type {import('../../failure.js').Reason | null} */
  let failure = null;
  let isOpen = false;
  let isAsking = false;

  /** One lesson after the other; while one is answered, only the newest question of each is kept. */
  async function ask() {
    if (isAsking) return;
    isAsking = true;
    failure = null;
    const waiting = () => lessons.find((lesson) => isOpen && lesson.question() !== asked.get(lesson));
    try {
      for (let lesson = waiting(); lesson; lesson = waiting()) {
        enter('running');
        const question = lesson.question();
        try {
          await lesson.ask();
          asked.set(lesson, question);
        } catch (error) {
          // Another tab may have used the channel while this one was being left.
          if (!isAbandoned(error)) throw error;
        }
      }
      enter(lessons.every((lesson) => asked.has(lesson)) ? 'done' : 'idle');
    } catch (error) {
      console.error(codeOf(error), error);
      failure = reasonOf(error);
      enter('error');
    } finally {
      isAsking = false;
    }
  }

  /** @param {'idle' | 'running' | 'done' | 'error'} state */
  function enter(state) {
    element.dataset.state = state;
    drawState();
  }

  function drawState() {
    halt.hidden = failure === null;
    actions.hidden = !lessons.every((lesson) => asked.has(lesson));
    if (!failure) return;
    const said = wordsOf(lens, failure, drawState);
    words.textContent = `${t('errorTitle')} ${said.sentence}`;
    details.textContent = said.details;
  }

  /** @param {'png' | 'json' | 'csv'} ending */
  async function save(ending) {
    const name = `zf-lens-learn.${ending}`;
    const backend = session.running && { backend: session.running.backend, adapter: session.running.adapter };
    if (ending === 'png') {
      const shown = lessons.map((lesson) => ({ title: lesson.title(), rows: lesson.figures() }));
      return download(await asPng(await figure(lens, session, 'learn', { lessons: shown })), name);
    }
    if (ending === 'json') {
      const grids = Object.fromEntries(lessons.map((lesson) => [lesson.name, lesson.grids()]));
      return download(
        new Blob([JSON.stringify({ format: 'zf-lens learn 1', ...grids, backend }, null, 1)], {
          type: 'application/json',
        }),
        name,
      );
    }
    const rows = lessons.flatMap((lesson) =>
      Object.entries(lesson.grids()).flatMap(([grid, { cols, values }]) =>
        values.map((value, at) => [lesson.name, grid, Math.floor(at / cols) + 1, (at % cols) + 1, value]),
      ),
    );
    download(asTable({ head: ['lesson', 'grid', 'row', 'column', 'value'], rows }), name);
  }

  /** The piece that the address led to last: from there on the page stays where the reader puts it. */
  let sought = '';

  /** Brings the piece that the address names into sight; who came by keys goes on from there. */
  function seek() {
    const word = store.word('lesson') ?? '';
    if (word === sought) return;
    sought = word;
    const piece = [...element.querySelectorAll('[data-lesson]')].find(
      (one) => one.getAttribute('data-lesson') === word,
    );
    const title = /** @type {HTMLElement | null | undefined} */ (piece?.querySelector('h3, h4'));
    // The page of somebody else is its reader's to scroll, who has asked for the piece where the keys are here.
    if (lens.isGuest && !lens.focused) return;
    // The page around the tab is laid out after it.
    requestAnimationFrame(() => {
      piece?.scrollIntoView({ block: 'start' });
      if (!title || lens.isGuided) return;
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    });
  }

  const stop = () => {
    for (const lesson of lessons) lesson.stop?.();
  };

  drawState();
  return {
    element,
    update(opened) {
      isOpen = opened;
      if (!opened) {
        sought = '';
        return stop();
      }
      for (const lesson of lessons) lesson.draw();
      seek();
      void ask();
    },
    cancel: stop,
    render() {
      for (const lesson of lessons) lesson.render();
      drawState();
    },
    get title() {
      return t('learnTitle');
    },
  };
}
