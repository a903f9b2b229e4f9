/** One signal through a rectifier, and back under each of the three rules. */
import { h } from '../../widgets/dom.js';
import { letter, step, tint } from './grid.js';
import { gridOf, unless } from './lesson.js';
import { largest, LIMIT, shown, toWord, typed } from './numbers.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Key } from '../../text.js' */
/** @import { LearnReluResult } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Lesson, Store } from './lesson.js' */

/** Every pair of signs, and a unit that stood exactly at nothing. */
const FIRST = { up: [3, 2, -2, -1, 0, 4], down: [2, -3, 4, -1, 2, 1] };
const UNITS = FIRST.up.length;

/** @type {readonly [keyof LearnReluResult | 'up' | 'down', Key, string][]} */
const ROWS = [
  ['up', 'learnUp', 'x'],
  ['answer', 'learnRectified', 'max(x, 0)'],
  ['down', 'learnDown', 'g'],
  ['gradient', 'learnGradient', 'g · [x > 0]'],
  ['deconvnet', 'learnDeconvnet', 'max(g, 0)'],
  ['guided', 'learnGuided', 'max(g, 0) · [x > 0]'],
];

/** @param {Lens} lens @param {Session} session @param {Store} store @returns {Lesson} */
export function createRectifier(lens, session, store) {
  const { t } = lens.words;
  /** @type {LearnReluResult | null} */
  let answer = null;

  const heads = Array.from({ length: UNITS }, () => h('th', { scope: 'col' }));
  const lines = ROWS.map(([name, words, formula]) => {
    const cells = Array.from({ length: UNITS }, (_, at) =>
      h('td', {}, ...(name === 'up' || name === 'down' ? [field(name, at)] : [])),
    );
    const head = h('th', { scope: 'row' }, h('span', { t: words }), ' ', letter(formula));
    return { name, cells, element: h('tr', { data: { rule: name } }, head, ...cells) };
  });
  const table = h(
    'table',
    { class: 'rules', data: { view: 'learn-rules' } },
    h('caption', { class: 'unseen', t: 'learnReluTitle' }),
    h('thead', { class: 'unseen' }, h('tr', {}, h('td', {}), ...heads)),
    h('tbody', {}, ...lines.map((line) => line.element)),
  );
  const element = h(
    'section',
    { class: 'lesson', data: { lesson: 'rectifier' } },
    step(
      [
        h('h3', { t: 'learnReluTitle' }),
        h('p', { class: 'text', t: 'learnReluText' }),
        h('p', { class: 'text', t: 'learnReluNot' }),
      ],
      table,
      h('p', { class: 'note', t: 'learnBracket' }),
    ),
  );

  /** @param {'up' | 'down'} name @param {number} at */
  function field(name, at) {
    const input = h('input', { type: 'number', min: -LIMIT, max: LIMIT, step: '1', autocomplete: 'off' });
    input.addEventListener('input', () => {
      const value = typed(input.value);
      const values = store.numbers(name, FIRST[name]);
      if (value !== null) store.set({ [name]: unless(toWord(values.with(at, value)), toWord(FIRST[name])) }, false);
    });
    input.addEventListener('change', () => (input.value = String(store.numbers(name, FIRST[name])[at])));
    return input;
  }

  const question = () => ({
    x: gridOf(1, UNITS, store.numbers('up', FIRST.up)),
    signal: gridOf(1, UNITS, store.numbers('down', FIRST.down)),
  });

  function draw() {
    const { x, signal } = question();
    const scale = Math.max(largest(x.values), largest(signal.values));
    for (const { name, cells } of lines) {
      const values = name === 'up' ? x.values : name === 'down' ? signal.values : answer?.[name].values;
      if (!values) continue;
      for (const [at, cell] of cells.entries()) {
        const value = values[at] ?? 0;
        const input = cell.querySelector('input');
        if (!input) {
          cell.textContent = shown(lens, value);
          // What was stopped is told from what was nothing.
          const came = name === 'answer' ? x.values[at] : signal.values[at];
          cell.classList.toggle('stopped', value === 0 && came !== 0);
        } else if (!(input === lens.focused && typed(input.value) === null) && typed(input.value) !== value) {
          input.value = String(value);
        }
        tint(cell, value, scale);
      }
    }
  }

  function label() {
    for (const [at, head] of heads.entries()) head.textContent = t('learnColumn', { at: at + 1 });
    for (const { name, cells } of lines) {
      const words = t(name === 'up' ? 'learnUp' : 'learnDown');
      for (const [at, cell] of cells.entries())
        cell.querySelector('input')?.setAttribute('aria-label', `${words}, ${t('learnColumn', { at: at + 1 })}`);
    }
  }
  label();

  return {
    name: 'rectifier',
    element,
    question: () => JSON.stringify(question()),
    async ask() {
      answer = await session.experiment('learnRelu', question(), { context: null, channel: 'probe' });
      draw();
    },
    draw,
    render() {
      label();
      draw();
    },
    grids() {
      const { x, signal } = question();
      return answer
        ? {
            up: x,
            rectified: answer.answer,
            down: signal,
            gradient: answer.gradient,
            deconvnet: answer.deconvnet,
            guided: answer.guided,
          }
        : {};
    },
    figures() {
      const { x, signal } = question();
      if (!answer) return [];
      const found = answer;
      const scale = Math.max(largest(x.values), largest(signal.values));
      return ROWS.map(([name, words, formula]) => {
        const grid = name === 'up' ? x : name === 'down' ? signal : found[name];
        return [{ letter: formula, words: t(words), grid, scale }];
      });
    },
    title: () => t('learnReluTitle'),
  };
}
