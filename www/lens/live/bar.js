/** What works a camera or a film: how fast it is looked at, one button that freezes it and goes on, and one that ends it. */
import { h, icon } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Key } from '../text.js' */

/** The rate is the mean of as many milliseconds, and is written as rarely as can be read. */
const WINDOW = 2000;
const READABLE = 400;

/** @param {Lens} lens @param {{ onTurn: () => void, onStop: () => void }} handlers */
export function createBar(lens, { onTurn, onStop }) {
  const { t, number } = lens.words;
  const dot = h('i', { class: 'live-dot', 'aria-hidden': 'true' });
  const words = h('span', { class: 'live-words' });
  const turnWords = h('span', {});
  const glyph = h('span', { class: 'live-glyph' });
  const turn = h('button', { type: 'button', class: 'button primary', on: { click: onTurn } }, glyph, turnWords);
  const stop = h('button', { type: 'button', class: 'button', t: 'liveStop', on: { click: onStop } });
  const element = h(
    'div',
    { class: 'live', role: 'group', label: 'liveLabel', hidden: true },
    dot,
    words,
    h('div', { class: 'ways' }, turn, stop),
  );
  /** @type {Key | null} why it is frozen; `null`: it is not */
  let frozen = null;
  /** When the last frames were drawn. @type {number[]} */
  let times = [];
  let written = 0;

  function write() {
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const rate = times.length > 1 ? (1000 * (times.length - 1)) / (last - first) : 0;
    element.dataset.rate = rate.toString();
    words.textContent = frozen ? t(frozen) : rate > 0 ? t('liveRate', { rate: number(rate, 2) }) : '…';
  }

  function render() {
    turnWords.textContent = t(frozen ? 'liveGoOn' : 'liveFreeze');
    glyph.replaceChildren(icon(frozen ? 'play' : 'pause'));
    write();
  }

  return {
    element,
    render,
    focus: () => turn.focus({ preventScroll: true }),
    /** @param {Key | null} why it is frozen; `null`: it goes on */
    set(why) {
      frozen = why;
      times = [];
      element.hidden = false;
      element.dataset.state = why ? 'frozen' : 'live';
      lens.words.translate();
      render();
    },
    /** A frame has been drawn. */
    count() {
      const now = performance.now();
      times = [...times, now].filter((time) => now - time < WINDOW);
      element.dataset.frames = String(Number(element.dataset.frames ?? 0) + 1);
      if (now - written < READABLE) return;
      written = now;
      write();
    },
    hide() {
      element.hidden = true;
      element.dataset.frames = '0';
    },
  };
}
