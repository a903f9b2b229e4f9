/** Max pooling of a map of 6 × 6, its switches, and what they put back. */
import { h, segmented } from '../../widgets/dom.js';
import { MAPS } from './examples.js';
import { ARROWS, createGrid, presets, sign, step } from './grid.js';
import { gridOf, unless } from './lesson.js';
import { createLost } from './lost.js';
import { below, largest, placeOf, shown, toWord } from './numbers.js';
import { keyOf, ownNumbers } from './own.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Grid, LearnPoolAsk, LearnPoolResult } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Viewer } from '../../view/viewer.js' */
/** @import { Lesson, Store } from './lesson.js' */
/** @import { Own } from './own.js' */

const SIDE = 6;
const EVERY = 2;
const POOLED = SIDE / EVERY;
const WINDOWS = POOLED * POOLED;

const FIRST = MAPS[0][1];

/** @param {Lens} lens @param {Session} session @param {Store} store @param {Viewer} viewer @returns {Lesson} */
export function createPooling(lens, session, store, viewer) {
  const { t, number } = lens.words;
  /** `astray`: what comes back where the switches are lost. @type {{ ask: LearnPoolAsk, found: LearnPoolResult, astray: Grid | null } | null} */
  let answer = null;
  /** Numbers of the picture on view. @type {Own | null} */
  let own = null;
  /** @type {number | null} */
  let pointed = null;
  const lost = createLost(lens, session, viewer);

  const keep = (/** @type {readonly number[]} */ values, /** @type {boolean} */ final) =>
    store.set({ p: unless(toWord(values), toWord(FIRST)), from: '' }, final);
  /** What is changed of a visitor's own numbers stays out of the address, too. @param {number[]} values */
  const edit = (values) => {
    if (!isOwn() || !own) return keep(values, false);
    own = { ...own, values };
    store.set({}, false);
  };
  const point = (/** @type {number | null} */ at) => {
    pointed = at;
    draw();
  };
  const map = createGrid(lens, {
    name: 'x',
    view: 'map',
    caption: 'learnPoolX',
    rows: SIDE,
    cols: SIDE,
    onEdit: edit,
  });
  const pooled = createGrid(lens, {
    name: 'p',
    view: 'pooled',
    caption: 'learnPooled',
    rows: POOLED,
    cols: POOLED,
    onPick: (at) => store.set({ window: unless(String(at), '0') }, false),
    onPoint: point,
  });
  const signal = createGrid(lens, {
    name: 'g',
    view: 'signal',
    caption: 'learnSignal',
    rows: POOLED,
    cols: POOLED,
    onEdit: (values) => store.set({ g: toWord(values) }, false),
    onPoint: point,
  });
  const unpooled = createGrid(lens, { name: 'x̂', view: 'unpooled', caption: 'learnUnpooled', rows: SIDE, cols: SIDE });
  const sizes = segmented(
    'learnWindow',
    [
      ['2', 'learnTwo'],
      ['3', 'learnThree'],
    ],
    (word) => store.set({ size: unless(word, '2') }, true),
  );
  const switches = segmented(
    'learnSwitches',
    [
      ['on', 'learnSwitchesOn'],
      ['off', 'learnSwitchesOff'],
    ],
    (word) => store.set({ switches: unless(word, 'on') }, true),
  );
  const asPooled = h('button', {
    type: 'button',
    class: 'button',
    t: 'learnAsPooled',
    on: { click: () => store.set({ g: '' }, true) },
  });
  const pictures = presets('learnPicture', [
    ...MAPS.map(([key, values]) => /** @type {const} */ ([key, () => keep(values, true)])),
    ['learnYours', () => store.set({ from: 'photo' }, true)],
  ]);
  const yours = /** @type {HTMLElement} */ (pictures.lastElementChild);
  const told = h('p', { class: 'note' });
  const words = h('p', { class: 'formula', data: { view: 'learn-switch' } });
  const element = h(
    'section',
    { class: 'lesson', data: { lesson: 'pooling' } },
    step(
      [
        h('h3', { t: 'learnPoolTitle' }),
        h('p', { class: 'text', t: 'learnPoolText' }),
        pictures,
        told,
        h('div', { class: 'control presets' }, h('span', { t: 'learnWindow', 'aria-hidden': 'true' }), sizes.element),
      ],
      h('div', { class: 'equation' }, map.element, h('div', { class: 'pair' }, sign('→'), pooled.element)),
      words,
      h(
        'div',
        { class: 'figures', data: { lesson: 'switches' } },
        lost.element,
        h(
          'div',
          { class: 'control presets' },
          h('span', { t: 'learnSwitches', 'aria-hidden': 'true' }),
          switches.element,
        ),
        h(
          'div',
          { class: 'equation' },
          unpooled.element,
          h('div', { class: 'pair' }, sign('←'), h('div', { class: 'result' }, signal.element, asPooled)),
        ),
      ),
    ),
  );

  const sizeOf = () => (store.word('size') === '3' ? 3 : 2);

  /** @returns {LearnPoolAsk} */
  function question() {
    const sent = store.numbers('g', [], WINDOWS);
    const numbers = isOwn() && own ? own.values : store.numbers('p', FIRST);
    return {
      picture: gridOf(SIDE, SIDE, numbers),
      size: sizeOf(),
      every: EVERY,
      signal: sent.length === WINDOWS ? gridOf(POOLED, POOLED, sent) : null,
    };
  }

  const isOwn = () => store.word('from') === 'photo' && own !== null && own.key === keyOf(viewer);

  const isLost = () => store.word('switches') === 'off';

  const chosen = () => placeOf(store.word('window') ?? '0', WINDOWS);

  function draw() {
    lost.render();
    const { picture, size, signal: sent } = question();
    map.set(picture.values);
    sizes.set(size === 3 ? '3' : '2');
    switches.set(isLost() ? 'off' : 'on');
    asPooled.disabled = sent === null;
    yours.hidden = keyOf(viewer) === null;
    told.hidden = !isOwn();
    if (own) told.textContent = t('learnYoursText', { map: own.map, layer: own.layer, value: number(own.largest) });
    // Switches belong to the map that they came from.
    if (!answer) return;
    const { ask, found, astray } = answer;
    const at = pointed ?? chosen();
    const corner = (/** @type {number} */ one) => [Math.floor(one / POOLED) * EVERY, (one % POOLED) * EVERY];
    const [top = 0, left = 0] = corner(at);
    const wide = ask.size === 3 ? 3 : 2;
    const loupe = { top, left, rows: Math.min(wide, SIDE - top), cols: Math.min(wide, SIDE - left) };
    const arrow = (/** @type {number} */ one) => {
      const [above = 0, before = 0] = corner(one);
      const place = found.switches[one] ?? 0;
      return ARROWS[wide][(Math.floor(place / SIDE) - above) * wide + (place % SIDE) - before] ?? '';
    };
    const place = found.switches[at] ?? 0;
    const isSwitch = (/** @type {number} */ cell) => (found.switches.includes(cell) ? 'ring' : '');
    map.light((cell) => `${isSwitch(cell)} ${cell === place ? 'lit' : ''}`.trim());
    map.lay(loupe);
    pooled.set(found.pooled.values, largest(found.pooled.values), astray ? () => '' : arrow);
    pooled.light((one) => (one === at ? 'lit' : ''));
    signal.set(found.signal.values);
    signal.light((one) => (one === at ? 'lit' : ''));
    const came = astray ?? found.unpooled;
    const landed = astray ? top * SIDE + left : place;
    unpooled.set(came.values);
    // A ring that holds nothing is a place that was lost.
    unpooled.light((cell) => `${isSwitch(cell)} ${cell === landed ? 'lit' : ''}`.trim());
    unpooled.lay(loupe);
    const value = found.pooled.values[at] ?? 0;
    const equal = Array.from({ length: loupe.rows * loupe.cols }, (_, one) => {
      const cell = (top + Math.floor(one / loupe.cols)) * SIDE + left + (one % loupe.cols);
      return Math.fround(ask.picture.values[cell] ?? 0) === Math.fround(value);
    });
    const count = equal.filter(Boolean).length;
    const values = {
      name: `p${below(at, POOLED)}`,
      value: shown(lens, value),
      row: Math.floor(place / SIDE) + 1,
      col: (place % SIDE) + 1,
      count,
    };
    const first = { toRow: top + 1, toCol: left + 1 };
    words.textContent = astray
      ? t('learnAstray', { ...values, ...first })
      : t(count > 1 ? 'learnTie' : 'learnSwitch', values);
  }

  return {
    name: 'pooling',
    element,
    question: () =>
      JSON.stringify([question(), isLost(), store.word('from') === 'photo' && keyOf(viewer), lost.keyOf()]),
    async ask() {
      const isWanted = store.word('from') === 'photo' && keyOf(viewer) !== null;
      if (isWanted && !isOwn()) own = await ownNumbers(session, viewer, SIDE);
      const ask = question();
      const isAstray = isLost();
      const pool = (/** @type {LearnPoolAsk} */ one) =>
        session.experiment('learnPool', one, { context: null, channel: 'probe' });
      const found = await pool(ask);
      // In a map of zeros every window's first place is its largest, so this is unpooling that knows no place.
      const flat = {
        ...ask,
        picture: gridOf(
          SIDE,
          SIDE,
          Array.from({ length: SIDE * SIDE }, () => 0),
        ),
        signal: found.signal,
      };
      answer = { ask, found, astray: isAstray ? (await pool(flat)).unpooled : null };
      draw();
      await lost.ask();
    },
    draw,
    render() {
      for (const grid of [map, pooled, signal, unpooled]) grid.render();
      draw();
    },
    grids() {
      if (!answer) return {};
      const { ask, found, astray } = answer;
      return {
        map: ask.picture,
        pooled: found.pooled,
        switches: gridOf(POOLED, POOLED, found.switches),
        signal: found.signal,
        unpooled: found.unpooled,
        ...(astray && { withoutSwitches: astray }),
      };
    },
    figures() {
      if (!answer) return [];
      const { ask, found, astray } = answer;
      return [
        [
          { letter: 'x', words: t('learnPoolX'), grid: ask.picture, rings: found.switches },
          { letter: 'p', words: t('learnPooled'), grid: found.pooled },
          { letter: 'g', words: t('learnSignal'), grid: found.signal },
          { letter: 'x̂', words: t('learnUnpooled'), grid: found.unpooled, rings: found.switches },
          ...(astray ? [{ letter: 'x̂', words: t('learnSwitchesLost'), grid: astray, rings: found.switches }] : []),
        ],
      ];
    },
    title: () => t('learnPoolTitle'),
  };
}
