/** Filtering a picture of 4 × 4 with a kernel of 3 × 3: the sum, the matrix, and the way back through its transpose. */
import { h, icon, iconButton, segmented } from '../../widgets/dom.js';
import { KERNELS, PICTURES } from './examples.js';
import { createGrid, letter, letterAt, piece, presets, sign, step, terms } from './grid.js';
import { gridOf, unless } from './lesson.js';
import { createMatrix } from './matrix.js';
import { below, index, largest, placeOf, shown, toWord } from './numbers.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { LearnConvResult } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Lesson, Store } from './lesson.js' */

const SIDE = 4;
const KERNEL = 3;
const PLACES = SIDE - KERNEL + 1;
const POSITIONS = PLACES * PLACES;
/** One of the places that all four kernels reach. */
const MIDDLE = '6';
const PACE = 1100;
/** Where the kernel answers, and where it does not. */
const FIRST = { x: PICTURES[1][1], k: KERNELS[0][1] };

/** @param {Lens} lens @param {Session} session @param {Store} store @param {(words: string) => void} say @returns {Lesson} */
export function createConvolution(lens, session, store, say) {
  const { t } = lens.words;
  /** @type {LearnConvResult | null} */
  let answer = null;
  /** @type {number | null} */
  let pointed = null;
  /** @type {number | null} */
  let pointedCell = null;
  /** @type {ReturnType<typeof setInterval> | null} */
  let playing = null;

  const keep = (/** @type {'x' | 'k'} */ name, /** @type {readonly number[]} */ values, /** @type {boolean} */ final) =>
    store.set({ [name]: unless(toWord(values), toWord(FIRST[name])) }, final);
  const point = (/** @type {number | null} */ at) => {
    pointed = at;
    draw();
  };
  const pointCell = (/** @type {number | null} */ at) => {
    pointedCell = at;
    draw();
  };
  const pick = (/** @type {number} */ at) => {
    stop();
    store.set({ at: unless(String(at), '0') }, false);
  };

  const x = createGrid(lens, {
    name: 'x',
    view: 'x',
    caption: 'learnX',
    rows: SIDE,
    cols: SIDE,
    onEdit: (v) => keep('x', v, false),
  });
  const k = createGrid(lens, {
    name: 'k',
    view: 'k',
    caption: 'learnK',
    rows: KERNEL,
    cols: KERNEL,
    onEdit: (v) => keep('k', v, false),
  });
  const y = createGrid(lens, {
    name: 'y',
    view: 'y',
    caption: 'learnY',
    rows: PLACES,
    cols: PLACES,
    onPick: pick,
    onPoint: point,
  });
  const back = createGrid(lens, {
    name: 'x̂',
    view: 'back',
    caption: 'learnBack',
    rows: SIDE,
    cols: SIDE,
    onPick: (at) => store.set({ cell: unless(String(at), MIDDLE) }, false),
    onPoint: pointCell,
  });
  const spread = Array.from({ length: POSITIONS }, (_, at) =>
    createGrid(lens, {
      name: '',
      view: `spread-${at}`,
      rows: SIDE,
      cols: SIDE,
      onPoint: (cell) => point(cell === null ? null : at),
    }),
  );
  const matrix = createMatrix(lens, {
    view: 'c',
    letter: 'C',
    caption: 'learnC',
    rows: POSITIONS,
    cols: SIDE * SIDE,
    onPoint: point,
  });
  const turned = createMatrix(lens, {
    view: 't',
    letter: 'Cᵀ',
    caption: 'learnT',
    rows: SIDE * SIDE,
    cols: POSITIONS,
    onPoint: pointCell,
  });

  const sum = h('p', { class: 'formula', data: { view: 'learn-sum' } });
  const sumBack = h('p', { class: 'formula', data: { view: 'learn-sum-back' } });
  const play = h('button', { type: 'button', class: 'button', on: { click: () => (playing ? stop() : start()) } });
  const move = (/** @type {number} */ by) => {
    const next = (chosen() + by + POSITIONS) % POSITIONS;
    store.set({ at: unless(String(next), '0') }, false);
    if (!playing && answer) say(`y ${index(next, PLACES)}: ${shown(lens, answer.answer.values[next] ?? 0)}`);
  };
  const steps = h(
    'div',
    { class: 'control', role: 'group', label: 'learnPositions' },
    iconButton('back', 'learnBefore', () => (stop(), move(-1))),
    play,
    iconButton('next', 'learnNext', () => (stop(), move(1))),
  );
  const send = segmented(
    'learnSend',
    [
      ['all', 'learnSendAll'],
      ['one', 'learnSendOne'],
    ],
    (word) => store.set({ send: unless(word, 'all') }, true),
  );
  const element = h(
    'section',
    { class: 'lesson', data: { lesson: 'convolution' } },
    step(
      [
        h('h3', { t: 'learnConvTitle' }),
        h('p', { class: 'text', t: 'learnConvText' }),
        presets(
          'learnPicture',
          PICTURES.map(([words, values]) => [words, () => keep('x', values, true)]),
        ),
        presets(
          'learnKernel',
          KERNELS.map(([words, values]) => [words, () => keep('k', values, true)]),
        ),
      ],
      h(
        'div',
        { class: 'equation' },
        h('div', { class: 'pair' }, x.element, sign('∗'), k.element),
        h('div', { class: 'pair' }, sign('='), h('div', { class: 'result' }, y.element, steps)),
      ),
      sum,
    ),
    piece(
      'matrix',
      [
        h('h4', {}, h('span', { t: 'learnMatrixTitle' }), ' ', h('span', { class: 'math' }, letter('y = Cx'))),
        h('p', { class: 'text', t: 'learnMatrixText' }),
      ],
      matrix.element,
    ),
    piece(
      'back',
      [
        h('h4', {}, h('span', { t: 'learnBackTitle' }), ' ', h('span', { class: 'math' }, letter('x̂ = Cᵀy'))),
        h('p', { class: 'text', t: 'learnBackText' }),
        h('div', { class: 'control presets' }, h('span', { t: 'learnSend', 'aria-hidden': 'true' }), send.element),
      ],
      h(
        'div',
        { class: 'way-back' },
        turned.element,
        h(
          'div',
          { class: 'sums' },
          h(
            'div',
            { class: 'spread' },
            ...spread.map(({ element: one }, at) => h('div', { class: 'pair' }, sign(at ? '+' : ''), one)),
          ),
          h('div', { class: 'pair' }, sign('='), back.element),
        ),
      ),
      sumBack,
    ),
  );

  const chosen = () => placeOf(store.word('at') ?? '0', POSITIONS);
  const chosenCell = () => placeOf(store.word('cell') ?? MIDDLE, SIDE * SIDE);

  const isOne = () => store.word('send') === 'one';

  function start() {
    playing = setInterval(() => move(1), PACE);
    move(1);
    drawPlay();
  }

  function stop() {
    if (playing) clearInterval(playing);
    playing = null;
    drawPlay();
  }

  function drawPlay() {
    const word = playing ? 'pause' : 'play';
    play.replaceChildren(icon(word), t(word));
  }

  const question = () => ({
    picture: gridOf(SIDE, SIDE, store.numbers('x', FIRST.x)),
    kernel: gridOf(KERNEL, KERNEL, store.numbers('k', FIRST.k)),
  });

  function draw() {
    const { picture, kernel } = question();
    const at = pointed ?? chosen();
    const [top, left] = [Math.floor(at / PLACES), at % PLACES];
    x.set(picture.values);
    k.set(kernel.values);
    x.lay({ top, left, rows: KERNEL, cols: KERNEL });
    send.set(isOne() ? 'one' : 'all');
    drawPlay();
    if (!answer) return;
    const { answer: found, matrix: c, transposed, spread: alone } = answer;
    const sent = found.values.map((value, one) => (isOne() && one !== at ? 0 : value));
    const came = isOne() ? alone[at] : answer.back;
    if (!came) return;
    y.set(found.values);
    y.light((one) => (one === at ? 'lit' : ''));
    const row = c.values.slice(at * c.cols, (at + 1) * c.cols);
    const inRow = (/** @type {number} */ cell) =>
      cell % SIDE >= left &&
      cell % SIDE < left + KERNEL &&
      Math.floor(cell / SIDE) >= top &&
      Math.floor(cell / SIDE) < top + KERNEL;
    matrix.set({
      grid: c,
      head: { name: 'x', cols: SIDE, values: picture.values },
      side: { name: 'y', cols: PLACES, values: found.values },
      light: (one, cell) => (one === at ? (inRow(cell) ? 'lit' : 'along') : ''),
    });
    const place = pointedCell ?? chosenCell();
    turned.set({
      grid: transposed,
      head: { name: 'y', cols: PLACES, values: sent },
      side: { name: 'x̂', cols: SIDE, values: came.values },
      light: (one, position) =>
        pointedCell === null ? (position === at ? (inRow(one) ? 'lit' : 'along') : '') : one === place ? 'lit' : '',
    });
    const scale = Math.max(largest(answer.back.values), ...alone.map(({ values }) => largest(values)));
    for (const [one, grid] of spread.entries()) {
      const isSent = !isOne() || one === at;
      grid.caption(t('learnSpread', { name: `y${below(one, PLACES)} = ${shown(lens, found.values[one] ?? 0)}` }));
      grid.set(alone[one]?.values ?? [], scale);
      grid.element.classList.toggle('unsent', !isSent);
      grid.lay({ top: Math.floor(one / PLACES), left: one % PLACES, rows: KERNEL, cols: KERNEL });
      grid.element.classList.toggle('lit', one === at);
      grid.light((cell) => (cell === place ? 'lit' : ''));
    }
    back.set(came.values, scale);
    back.light((cell) => (cell === place ? 'lit' : ''));
    const taken = row.flatMap((weight, cell) => (inRow(cell) ? [[weight, picture.values[cell] ?? 0]] : []));
    sum.replaceChildren(
      letterAt('y', at, PLACES),
      ' = ',
      terms(lens, taken),
      ' = ',
      h('b', {}, shown(lens, found.values[at] ?? 0)),
    );
    const weights = transposed.values.slice(place * POSITIONS, (place + 1) * POSITIONS);
    sumBack.replaceChildren(
      letterAt('x̂', place, SIDE),
      ' = ',
      terms(
        lens,
        weights.map((weight, one) => [weight, sent[one] ?? 0]),
      ),
      ' = ',
      h('b', {}, shown(lens, came.values[place] ?? 0)),
    );
  }

  return {
    name: 'convolution',
    element,
    question: () => JSON.stringify(question()),
    async ask() {
      answer = await session.experiment('learnConv', question(), { context: null, channel: 'probe' });
      draw();
    },
    draw,
    stop,
    render() {
      for (const grid of [x, k, y, back, ...spread]) grid.render();
      draw();
    },
    grids() {
      const { picture, kernel } = question();
      if (!answer) return {};
      const { spread: alone, answer: found, ...rest } = answer;
      return {
        x: picture,
        k: kernel,
        y: found,
        C: rest.matrix,
        transposed: rest.transposed,
        back: rest.back,
        ...Object.fromEntries(alone.map((one, at) => [`spread${index(at, PLACES)}`, one])),
      };
    },
    figures() {
      const { picture, kernel } = question();
      if (!answer) return [];
      return [
        [
          { letter: 'x', words: t('learnX'), grid: picture },
          { letter: 'k', words: t('learnK'), grid: kernel },
          { letter: 'y', words: t('learnY'), grid: answer.answer },
        ],
        [{ letter: 'C', words: t('learnC'), grid: answer.matrix }],
        [
          { letter: 'Cᵀ', words: t('learnT'), grid: answer.transposed },
          { letter: 'x̂', words: t('learnBack'), grid: answer.back },
        ],
      ];
    },
    title: () => t('learnConvTitle'),
  };
}
