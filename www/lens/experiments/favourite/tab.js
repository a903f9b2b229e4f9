/** A unit's favourite: a picture that climbs, frame by frame, to what a unit, a map or a class answers to most. */
import '../words.js';
import './words.js';
import { codeOf, isAbandoned } from '../../engine/protocol.js';
import { figure } from '../../figures.js';
import { h } from '../../widgets/dom.js';
import { mapAndLayer } from '../../widgets/map-name.js';
import { blank, paint } from '../../widgets/paint.js';
import { createExperiment } from '../experiment.js';
import { createBlocks, drawNine } from '../top/nine.js';

/** @import { Place } from '../../tab.js' */
/** @import { Values } from '../settings.js' */
/** @import { FavouriteAsk, FavouriteMethod, FavouritePart, FavouriteTarget } from '../../../pkg/cpu/zfnet_web.js' */

/** What each method does, and whose it is. */
const SOURCES = /** @type {const} */ ({
  maco: 'favouriteSourceMaco',
  accentuate: 'favouriteSourceAccentuate',
  pixels: 'favouriteSource',
});
const methodOf = (/** @type {Values} */ values) => /** @type {FavouriteMethod} */ (values.word('method'));

/** @param {Place} place */
export function createFavourite(place) {
  const { lens } = place;
  const { t, inLanguage, number } = lens.words;
  const { viewer, session } = place;
  const canvas = h('canvas', { class: 'blank', role: 'img', data: { view: 'favourite' } });
  const original = h('canvas', { class: 'blank', role: 'img', label: 'favouriteOriginal' });
  const source = h('p', { class: 'note source' });
  const patch = h('canvas', { class: 'blank', role: 'img', label: 'patchAlt' });
  const projection = h('canvas', { class: 'blank', 'aria-hidden': 'true' });
  const facts = h('dl', { class: 'facts' });
  const line = h('div', { class: 'climb', 'aria-hidden': 'true' });
  const beside = h(
    'figure',
    { class: 'beside' },
    h('div', { class: 'pair' }, patch, projection),
    h('figcaption', { class: 'note', t: 'favouritePatch' }),
  );
  const blocks = createBlocks(lens);
  const nine = h('div', { class: 'nine-beside', hidden: true }, h('h3', { t: 'favouriteNine' }), blocks.element);
  const before = h(
    'figure',
    { class: 'print', hidden: true },
    original,
    h('figcaption', { class: 'note', t: 'favouriteOriginal' }),
  );
  const body = h(
    'div',
    { class: 'favourite-body' },
    source,
    h(
      'div',
      { class: 'climbed' },
      h('div', { class: 'prints' }, h('figure', { class: 'print' }, canvas), before),
      beside,
    ),
    h('div', { class: 'answered' }, h('div', {}, facts, line), nine),
  );

  /** @type {FavouritePart[]} */
  let frames = [];
  /** Whether the last of them is where the climb ends. */
  let isWhole = false;
  /** @type {FavouriteAsk | null} */
  let asked = null;
  /** @type {{ key: string, control: AbortController } | null} the nine strongest that are on view, or on their way */
  let strongest = null;

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'favourite',
    isWithoutClasses: true,
    classes: (values) =>
      [values.word('of'), values.word('and')].includes('class') ? { why: 'favouriteWants', without: 'settings' } : null,
    title: titleOf,
    text: 'favouriteText',
    not: 'favouriteNot',
    settings: [
      {
        kind: 'choice',
        name: 'of',
        label: 'favouriteOf',
        choices: [
          ['unit', 'favouriteUnit'],
          ['map', 'favouriteMap'],
          ['class', 'favouriteClass'],
        ],
        value: 'unit',
      },
      { kind: 'class', name: 'class', label: 'classChoice', when: (values) => values.word('of') === 'class' },
      {
        kind: 'choice',
        name: 'method',
        label: 'favouriteMethod',
        choices: [
          ['maco', 'favouriteMaco'],
          ['accentuate', 'favouriteAccentuate'],
          ['pixels', 'favouritePixels'],
        ],
        // A link from before there was a choice says these of pixels.
        value: (_, values) => (values.isGiven('from') || values.isGiven('variation') ? 'pixels' : 'maco'),
      },
      {
        kind: 'choice',
        name: 'and',
        label: 'favouriteAnd',
        choices: [
          ['none', 'favouriteAndNone'],
          ['map', 'favouriteAndMap'],
          ['class', 'favouriteAndAClass'],
        ],
        value: 'none',
      },
      { kind: 'layer', name: 'andLayer', label: 'favouriteAndLayer', when: (values) => values.word('and') === 'map' },
      {
        kind: 'range',
        name: 'andMap',
        label: 'favouriteAndMap',
        min: 0,
        max: (_, values) => (layerOf(values)?.shape[0] ?? 1) - 1,
        step: 1,
        value: () => 0,
        when: (values) => values.word('and') === 'map',
      },
      {
        kind: 'class',
        name: 'andClass',
        label: 'favouriteAndClass',
        otherThan: 'class',
        when: (values) => values.word('and') === 'class',
      },
      {
        kind: 'range',
        name: 'weight',
        label: 'favouriteWeight',
        min: -1,
        max: 2,
        step: 0.1,
        value: () => 1,
        when: (values) => values.word('and') !== 'none',
      },
      {
        kind: 'choice',
        name: 'from',
        label: 'favouriteFrom',
        choices: [
          ['noise', 'favouriteNoise'],
          ['photo', 'favouritePhoto'],
        ],
        value: 'noise',
        when: (values) => methodOf(values) === 'pixels',
      },
      {
        kind: 'range',
        name: 'steps',
        label: 'favouriteSteps',
        min: 4,
        max: 400,
        step: 4,
        value: ({ favourite }, values) => favourite[methodOf(values)].steps,
      },
      {
        kind: 'range',
        name: 'variation',
        label: 'favouriteVariation',
        min: 0,
        max: 1,
        step: 0.05,
        value: ({ favourite }) => favourite.pixels.variation,
        when: (values) => methodOf(values) === 'pixels',
      },
      {
        kind: 'range',
        name: 'near',
        label: 'favouriteNear',
        min: 0,
        max: 8,
        step: 0.5,
        value: ({ favourite }) => favourite.accentuate.near,
        when: (values) => methodOf(values) === 'accentuate',
      },
      {
        kind: 'range',
        name: 'jitter',
        label: 'favouriteJitter',
        min: 0,
        max: 16,
        step: 1,
        value: ({ favourite }, values) => favourite[methodOf(values)].jitter,
      },
      {
        kind: 'range',
        name: 'seed',
        label: 'favouriteSeed',
        min: 0,
        max: 20,
        step: 1,
        value: ({ favourite }, values) => favourite[methodOf(values)].seed,
      },
    ],
    body,
    /** @returns {import('../experiment.js').Asked<FavouriteAsk>} */
    question(shown, values) {
      const method = methodOf(values);
      const settings = {
        method,
        steps: values.number('steps'),
        jitter: values.number('jitter'),
        seed: values.number('seed'),
        every: shown.network.usual.favourite[method].every,
        ...(method === 'pixels' ? { variation: values.number('variation') } : {}),
        ...(method === 'accentuate' ? { near: values.number('near') } : {}),
      };
      const fromPhoto = method === 'accentuate' || (method === 'pixels' && values.word('from') === 'photo');
      const second = secondOf(values);
      if (second === null) return { missing: t('classesNone') };
      const and = second === 'none' ? null : { target: second, weight: values.number('weight') };
      const target = targetOf(values);
      return target ? { question: { target, and, fromPhoto, settings } } : { missing: t('classesNone') };
    },
    begin() {
      frames = [];
      isWhole = false;
      blank(canvas);
      blank(original);
      draw();
    },
    async answer(question, { step, ask }) {
      asked = question;
      const { steps = 0 } = question.settings;
      await ask('favourite', question, {
        onPart: (frame) => {
          frames.push(frame);
          step(frame.step, steps);
          draw();
        },
      });
      isWhole = true;
    },
    exports: () => {
      const last = frames.at(-1);
      if (!last || !asked) return null;
      const ask = asked;
      const { picture, photograph, written } = last;
      return {
        figure: () =>
          figure(lens, session, 'favourite', written.numbers, {
            picture,
            photograph,
            from_photograph: ask.fromPhoto,
            // A class has no piece of the photograph of its own.
            beside: beside.hidden ? null : chosenProjection(),
          }),
        numbers: () => ({ ...last.written.numbers, fromPhoto: ask.fromPhoto, whole: isWhole }),
        table: () => last.written,
      };
    },
    onUpdate: drawBeside,
    render() {
      blocks.render();
      drawBeside();
      draw();
    },
    onLeave() {
      strongest?.control.abort();
      strongest = null;
    },
  });

  /** The layer of the second target. @param {Values} values */
  function layerOf(values) {
    const layers = viewer.shown?.network.layers ?? [];
    const name = values.layerOf('andLayer') ?? viewer.shown?.look.layers.at(-1)?.layer;
    return layers.find((one) => one.name === name);
  }

  /** @param {Values} values @returns {FavouriteTarget | null} `null` where the classes' scores are not there */
  function targetOf(values) {
    const { layer, map, unit } = viewer.resolved;
    const of = values.word('of');
    if (of === 'class') {
      const index = values.classOf('class') ?? viewer.shown?.look.classes?.[0]?.index;
      return index === undefined ? null : { class: { class: index } };
    }
    const named = { layer: layer ?? '', map: map ?? 0 };
    if (of === 'map') return { map: named };
    const [row, col] = unit ?? [0, 0];
    return { unit: { layer: named.layer, unit: [named.map, row, col] } };
  }

  /** The middle unit of a map, or a class. @param {Values} values @returns {FavouriteTarget | 'none' | null} */
  function secondOf(values) {
    const and = values.word('and');
    if (and === 'class') {
      const scores = viewer.shown?.look.classes ?? [];
      const taken = values.classOf('class') ?? scores[0]?.index;
      const index = values.classOf('andClass') ?? scores.find((one) => one.index !== taken)?.index;
      return index === undefined ? null : { class: { class: index } };
    }
    const info = and === 'map' ? layerOf(values) : undefined;
    if (!info) return 'none';
    const [, rows, cols] = info.shape;
    const unit = /** @type {[number, number, number]} */ ([
      values.number('andMap'),
      Math.floor(rows / 2),
      Math.floor(cols / 2),
    ]);
    return { unit: { layer: info.name, unit } };
  }

  /** @param {Values} values */
  function titleOf(values) {
    if (values.word('of') !== 'class')
      return t('favouriteTitleUnit', mapAndLayer(lens, viewer.shown?.network, viewer.resolved));
    const index = values.classOf('class') ?? viewer.shown?.look.classes?.[0]?.index;
    if (index === undefined) return t('favouriteTitleAny');
    return t('favouriteTitleClass', {
      name: inLanguage(viewer.shown?.network.classes[index] ?? { en: String(index) }),
    });
  }

  function draw() {
    const last = frames.at(-1);
    if (!last) {
      facts.replaceChildren();
      line.replaceChildren();
      return;
    }
    paint(canvas, last.picture);
    if (last.photograph) paint(original, last.photograph);
    canvas.dataset.step = String(last.step);
    canvas.setAttribute('aria-label', t('favouriteAlt', { step: last.step, value: number(last.answer) }));
    /** @type {[string, string][]} */
    const pairs = [
      [t('favouriteStep'), number(last.step)],
      [t('favouriteAnswer'), number(last.answer)],
    ];
    pairs.push([t('favouriteBefore'), number(last.before)]);
    if (last.and !== null && last.andBefore !== null)
      pairs.push([t('favouriteSecond'), number(last.and)], [t('favouriteSecondBefore'), number(last.andBefore)]);
    facts.replaceChildren(...pairs.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)]));
    line.replaceChildren(curve(frames.map(({ answer }) => answer)));
  }

  function drawBeside() {
    const method = methodOf(part.values);
    source.textContent = t(SOURCES[method]);
    before.hidden = method !== 'accentuate';
    const found = chosenProjection();
    const isOfClass = part.values.word('of') === 'class';
    if (isOfClass) nine.hidden = true;
    else void drawStrongest();
    beside.hidden = !found || isOfClass;
    if (!found) return;
    paint(patch, found.patch);
    if (found.activation === 0) blank(projection);
    else paint(projection, found.projection);
  }

  /** What the chosen unit, or all of its map, answers to in the photograph: not there before it has come, nor while a class is chosen instead. */
  function chosenProjection() {
    const { layer, map, unit, whole } = viewer.resolved;
    const { projection } = viewer;
    const wanted = whole ? [map] : [map, ...(unit ?? [])];
    const isIt = projection?.layer === layer && String(projection.unit ?? projection.map) === String(wanted);
    return isIt ? projection : null;
  }

  /** The pictures that the map answers to most, if a gallery is at hand. */
  async function drawStrongest() {
    const { layer, map } = viewer.resolved;
    const key = JSON.stringify([layer, map]);
    if (strongest?.key === key) return void (nine.hidden = blocks.tiles.length === 0);
    strongest?.control.abort();
    const mine = (strongest = { key, control: new AbortController() });
    nine.hidden = true;
    blocks.begin([], 9, true);
    try {
      const isThere = await drawNine(lens, session, blocks, layer ?? '', map ?? 0, mine.control.signal);
      if (mine === strongest) nine.hidden = !isThere;
    } catch (error) {
      // The climb goes on without them, and the tab of the nine says what is wrong.
      if (mine === strongest) strongest = null;
      if (!isAbandoned(error)) console.warn(codeOf(error), error);
    }
  }

  return part;
}

/** The answers as a line, without axes: the numbers stand beside it. @param {number[]} values */
function curve(values) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 200 48');
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((value, at) => {
    const x = 2 + (196 * at) / Math.max(1, values.length - 1);
    return `${x},${46 - (44 * (value - low)) / (high - low || 1)}`;
  });
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  path.setAttribute('points', points.join(' '));
  svg.append(path);
  return svg;
}
