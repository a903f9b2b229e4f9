/** One network's column: its filters, their numbers, and what its first two layers answered to. */
import { h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { element as svg } from '../plot.js';
import { createBank } from './bank.js';
import { lifeOf } from './life.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Picture } from '../../engine/protocol.js' */
/** @import { FilterBankPart, HierarchyLevel, MeasuredFilters, StrongTile, Written } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Pinned } from '../../view/viewer.js' */
/** @typedef {ReturnType<typeof createColumn>} Column */
/** What the pictures that a network was trained with say: which filters answered to none of them. @typedef {{ pictures: number, unanswered: boolean[] }} Training */
/**
 * What is known of a network.
 * @typedef {object} Found
 * @property {string} network
 * @property {MeasuredFilters} measured
 * @property {Picture[]} own
 * @property {Picture[]} shared
 * @property {Training | null} training
 * @property {HierarchyLevel[]} levels
 * @property {StrongTile[]} tiles
 * @property {Written} written the filters, to take away
 * @property {Written | null} drawn the tiles likewise
 */

/** Layers that are drawn, as in the figure. */
export const LAYERS = 2;

/**
 * @param {Lens} lens
 * @param {object} options
 * @param {() => 'own' | 'shared'} options.scale
 * @param {() => number} options.weakBelow
 * @param {(found: Pinned | null) => void} options.onPoint
 */
export function createColumn(lens, { scale, weakBelow, onPoint }) {
  const { t, number } = lens.words;
  const title = h('h3', {});
  const shape = h('p', { class: 'note' });
  const bank = createBank(lens);
  const numbers = h('dl', { class: 'filter-numbers' });
  const layers = Array.from({ length: LAYERS }, () => {
    const heading = h('h4', {});
    const tiles = h('div', { class: 'strong-tiles' });
    return { heading, tiles, element: h('section', { class: 'strong' }, heading, tiles) };
  });
  const coming = h('p', { class: 'note coming', role: 'status', hidden: true });
  const element = h(
    'article',
    { class: 'network-column', hidden: true },
    h('header', {}, title, shape, coming),
    bank.element,
    numbers,
    ...layers.map(({ element }) => element),
  );

  /** @type {Found | null} */
  let found = null;

  const ofLayer = (/** @type {string} */ layer) => found?.tiles.filter((tile) => tile.layer === layer) ?? [];

  function render() {
    if (!found) return;
    const { measured, network } = found;
    const [count, , rows, cols] = measured.shape;
    title.textContent = network;
    shape.textContent = t('filtersShape', { count, rows, cols, stride: measured.stride[0] });
    bank.render();
    numbers.replaceChildren(...figures(lens, found, weakBelow()));
    layers.forEach(({ heading, tiles }, at) => {
      const level = found?.levels[at];
      const own = level ? ofLayer(level.layer) : [];
      heading.textContent = level ? t('filtersLayer', { layer: level.layer, count: own.length }) : '';
      [...tiles.children].forEach((canvas, index) => {
        const tile = own[index];
        if (tile) canvas.setAttribute('aria-label', t('filtersTile', { ...words(tile) }));
      });
    });
  }

  /** @param {StrongTile} tile */
  function words({ map, layer, activation }) {
    return { map, layer, value: number(activation) };
  }

  /** @param {StrongTile} tile */
  function draw(tile) {
    const at = found?.levels.findIndex(({ layer }) => layer === tile.layer) ?? -1;
    const canvas = h('canvas', { role: 'img', data: { of: `${tile.layer} ${tile.map},${tile.row},${tile.col}` } });
    paint(canvas, tile.projection);
    const { map, row, col, activation, window, projection } = tile;
    canvas.addEventListener('pointerenter', () => onPoint({ unit: [map, row, col], activation, window, projection }));
    canvas.addEventListener('pointerleave', () => onPoint(null));
    layers[at]?.tiles.append(canvas);
  }

  return {
    element,
    bank,
    render,
    get found() {
      return found;
    },
    clear() {
      found = null;
      element.hidden = true;
      coming.hidden = true;
      for (const { tiles, heading } of layers) {
        tiles.replaceChildren();
        heading.textContent = '';
      }
    },
    /** How many tiles of a layer there will be, in a nearly square block. @param {number} maps */
    expect(maps) {
      element.style.setProperty('--columns', String(Math.ceil(Math.sqrt(maps))));
    },
    /** Before there is anything to show. @param {string} name @param {string} words */
    wait(name, words) {
      element.hidden = false;
      element.classList.add('waits');
      title.textContent = name;
      shape.textContent = '';
      coming.hidden = false;
      coming.textContent = words;
    },
    /** @param {FilterBankPart} part */
    add(part) {
      if (part.kind === 'drawn') {
        const { network, measured, own, shared, written } = part;
        found = { network, measured, own, shared, training: null, levels: [], tiles: [], written, drawn: null };
        element.hidden = false;
        element.classList.remove('waits');
        element.dataset.network = network;
        coming.hidden = true;
        this.drawBank();
      } else if (found && part.kind === 'measured') {
        found.measured = part.measured;
        found.written = part.written;
        this.drawBank();
      } else if (found && part.kind === 'tiles') {
        found.levels = part.part.levels;
        found.drawn = part.part.written;
        found.tiles.push(...part.part.tiles);
        part.part.tiles.forEach(draw);
      }
      render();
    },
    /** @param {Training} training of the network that is shown */
    addTraining(training) {
      if (!found) return;
      found.training = training;
      this.drawBank();
      render();
    },
    drawBank() {
      if (found) bank.set(found.network, found[scale()], found.measured, found.training?.unanswered ?? []);
    },
  };
}

/** A few numbers, each with a sentence. @param {Lens} lens @param {Found} found @param {number} weakBelow */
function figures(lens, { measured, training }, weakBelow) {
  const { percent, wholeNumber, t, number } = lens.words;
  const { mixture, stride } = measured;
  const { frequency, spread, bands, aliasing, aliasing_on_pictures: onPicture, histogram } = mixture;
  const share = (/** @type {number | null | undefined} */ value) =>
    value === null || value === undefined ? '–' : percent(value);
  const life = lifeOf(measured, training?.unanswered ?? null);
  const dead = {
    weak: percent(life.weak),
    limit: percent(weakBelow),
    never: share(life.silent_in_training),
    pictures: wholeNumber(training?.pictures ?? 0),
  };
  const [low, between, high] = bands ?? [];
  return [
    figure('dead', share(life.dead), t('filtersDead'), t(training ? 'filtersDeadText' : 'filtersDeadWeights', dead)),
    ...(life.silent === null ? [] : [figure('silent', share(life.silent), t('filtersSilent'), t('filtersSilentText'))]),
    figure(
      'frequency',
      frequency === null ? '–' : number(frequency, 2),
      t('filtersFrequency'),
      t('filtersFrequencyText', {
        spread: spread === null ? '–' : number(spread, 2),
        low: share(low),
        between: share(between),
        high: share(high),
      }),
      bars(lens, histogram),
    ),
    onPicture === null
      ? figure(
          'aliasing',
          share(aliasing),
          t('filtersAliasingWeights'),
          t('filtersAliasingNoise', { stride: stride[0] }),
        )
      : figure(
          'aliasing',
          share(onPicture),
          t('filtersAliasing'),
          t('filtersAliasingText', { stride: stride[0], noise: share(aliasing) }),
        ),
  ];
}

/** @param {string} of @param {string} value @param {string} name @param {string} words @param {Element[]} more */
function figure(of, value, name, words, ...more) {
  return h(
    'div',
    { data: { of } },
    h('dt', {}, h('strong', {}, value), ' ', name),
    h('dd', {}, ...more, h('p', { class: 'note' }, words)),
  );
}

/** How many filters have which frequency. @param {Lens} lens @param {number[]} counts */
function bars(lens, counts) {
  const { t } = lens.words;
  const [width, height, gap] = [240, 44, 2];
  const most = Math.max(1, ...counts);
  const step = width / counts.length;
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'histogram', role: 'img' });
  picture.setAttribute('aria-label', t('filtersHistogram', { counts: counts.join(', ') }));
  counts.forEach((count, at) => {
    const tall = (count / most) * (height - 1);
    picture.append(svg('rect', { x: at * step + gap / 2, y: height - tall, width: step - gap, height: tall }));
  });
  const ends = h(
    'span',
    { class: 'ends note', 'aria-hidden': 'true' },
    h('span', {}, t('filtersSlow')),
    h('span', {}, t('filtersFast')),
  );
  return h('div', { class: 'histogram-box' }, picture, ends);
}
