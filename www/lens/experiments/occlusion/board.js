/** The five panels of figure 7, linked by the square, and what is seen where it is now. */
import { h } from '../../widgets/dom.js';
import { blank, imageData, paint } from '../../widgets/paint.js';
import { coloured, heat } from '../heat.js';
import { createHand } from './hand.js';
import { legendItems } from './legend.js';
import { createNow } from './now.js';
import { createPanel, createStill } from './panel.js';
import { createScale } from './scale.js';

/** @import { Lens } from '../../lens.js' */
/** @import { ClassScore, Picture, Projection } from '../../engine/protocol.js' */
/** @import { SquareSeen } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Field, Quantity } from './field.js' */
/** @import { Corner, Geometry } from './panel.js' */
/**
 * @typedef {object} Question
 * @property {number} size
 * @property {number} stride
 * @property {FillName} fill
 * @property {string} layer
 * @property {number} map
 * @property {number | null} subject the class that is watched; null without a classifier
 */
/** @typedef {'grey' | 'mean' | 'black' | 'white'} FillName */
/**
 * Everything that is drawn.
 * @typedef {object} State
 * @property {Question} question
 * @property {Picture} photograph
 * @property {ClassScore[] | null} scores without a square
 * @property {Field | null} field
 * @property {Projection | null} projection of the watched map
 * @property {Corner} corner of the square
 * @property {SquareSeen | null} close what is seen with the square at that very place
 * @property {(index: number) => string} nameOf
 */

/** Where so much of a probability is left at the worst place, nothing has fallen that could be seen. */
const LITTLE = 0.75;

/** What the square looks like; the mean colour is the network's own affair, and is drawn as a pattern. @type {Record<FillName, string>} */
const COVERS = {
  grey: 'rgb(128 128 128)',
  mean: 'repeating-linear-gradient(45deg, #808080 0 4px, #6c6c6c 4px 8px)',
  black: '#000',
  white: '#fff',
};

/**
 * @param {Lens} lens
 * @param {object} handlers
 * @param {(corner: Corner, how: 'drag' | 'end' | 'key') => void} handlers.onMove
 * @param {(corner: Corner | null) => void} handlers.onPoint `null`: no longer
 */
export function createBoard(lens, { onMove, onPoint }) {
  const { number, percent, t } = lens.words;
  /** @type {State | null} */
  let state = null;
  const cornerOf = (/** @type {number} */ at) => state?.field?.corner(at) ?? null;
  const to = (/** @type {'end' | 'key'} */ how) => (/** @type {number} */ at) => {
    const corner = cornerOf(at);
    if (corner) onMove(corner, how);
  };
  const pointing = {
    onPoint: (/** @type {number} */ at) => onPoint(cornerOf(at)),
    onLeave: () => onPoint(null),
    onPick: to('end'),
    onMove: to('key'),
  };
  const hand = createHand(onMove);
  const activity = createPanel('occlusion-activity', 'b', pointing);
  const projection = createStill('occlusion-projection', 'c');
  const probability = createPanel('occlusion-probability', 'd', pointing);
  const label = createPanel('occlusion-label', 'e', pointing);
  const scales = { activity: createScale(lens, 'activity'), probability: createScale(lens, 'probability') };
  for (const [quantity, panel] of /** @type {const} */ ([
    ['activity', activity],
    ['probability', probability],
  ])) {
    panel.below.append(scales[quantity].element);
    scales[quantity].lowest.addEventListener('click', () => {
      const at = state?.field?.lowest(quantity) ?? -1;
      if (at >= 0) to('end')(at);
    });
  }
  const legend = h('ul', { class: 'legend' });
  label.below.append(legend);
  const projectionNote = h('p', { class: 'note' });
  projection.below.append(projectionNote);
  const now = createNow(lens);
  const little = h('p', { class: 'note', t: 'occlusionLittle', hidden: true });
  const first = h(
    'figure',
    { class: 'print' },
    hand.element,
    h('figcaption', {}, h('b', { class: 'letter' }, 'a'), ' ', h('span', { t: 'occlusionA' })),
  );
  const element = h(
    'div',
    { class: 'occlusion-board' },
    h('div', { class: 'by-hand' }, first, now.element),
    h('div', { class: 'four' }, activity.element, projection.element, probability.element, label.element),
    little,
  );

  /** @returns {Geometry | null} */
  function geometry() {
    if (!state?.field) return null;
    const { question, photograph, field } = state;
    return { input: photograph, size: question.size, stride: question.stride, rows: field.rows, cols: field.cols };
  }

  /** Draws what has come of the grid. @param {State} next */
  function draw(next) {
    state = next;
    const { field, question, nameOf, scores } = state;
    const at = geometry();
    const hasClasses = scores !== null && question.subject !== null;
    for (const panel of [probability, label]) panel.element.hidden = !hasClasses;
    if (field && at) {
      const all = Array.from({ length: at.rows * at.cols }, (_, place) => field.nearest(place));
      activity.show(
        heat(
          all.map((one) => one?.activity),
          at.cols,
          field.range('activity').top,
        ),
        at,
      );
      drawScale('activity', (value) => number(value));
      if (hasClasses) {
        probability.show(
          heat(
            all.map((one) => one?.probability),
            at.cols,
            field.range('probability').top,
          ),
          at,
        );
        drawScale('probability', percent);
        const colourOf = (/** @type {number} */ index) =>
          field.legend.find((one) => one.class === index)?.colour ?? [128, 128, 128];
        label.show(
          coloured(
            all.map((one) => one?.label),
            at.cols,
            colourOf,
          ),
          at,
        );
        legend.replaceChildren(...legendItems(lens, field, nameOf));
      }
    } else {
      scales.activity.element.hidden = scales.probability.element.hidden = true;
      legend.replaceChildren();
    }
    const { probability: uncovered } = field?.uncovered ?? {};
    little.hidden = !hasClasses || !field?.isWhole || !uncovered || field.range('probability').low < LITTLE * uncovered;
    drawProjection();
    say();
    drawSquare(state);
  }

  /** @param {Quantity} quantity @param {(value: number) => string} words */
  function drawScale(quantity, words) {
    const { field } = state ?? {};
    if (field) scales[quantity].draw(field.range(quantity), field.uncovered[quantity] ?? 0, words);
  }

  function drawProjection() {
    if (!state) return;
    const { projection: found, photograph } = state;
    projectionNote.textContent = '';
    if (!found || found.activation === 0) {
      blank(projection.canvas);
      if (found) projectionNote.textContent = t('silentMap');
      return;
    }
    // What lies outside the projection is nothing to the map: grey.
    const { width, height } = photograph;
    paint(
      projection.canvas,
      coloured(new Uint8Array(width * height), width, () => [128, 128, 128]),
    );
    projection.canvas.getContext('2d')?.putImageData(imageData(found.projection), found.window.left, found.window.top);
    projectionNote.textContent = t('occlusionGreyIs', { scale: number(found.scale, 2) });
  }

  function captions() {
    const { question, nameOf } = /** @type {State} */ (state);
    const { layer, map, subject } = question;
    return {
      activity: t('occlusionB', { layer, map }),
      projection: t('occlusionC'),
      probability: t('occlusionD', { name: subject === null ? '' : nameOf(subject) }),
      label: t('occlusionE'),
    };
  }

  function say() {
    if (!state) return;
    const words = captions();
    const { field, question, nameOf } = state;
    const lowest = (/** @type {Quantity} */ quantity, /** @type {(value: number) => string} */ show) => {
      const at = field?.lowest(quantity) ?? -1;
      if (!field || at < 0) return words[quantity];
      const [top, left] = field.corner(at);
      const { low } = field.range(quantity);
      return t('occlusionAlt', {
        what: words[quantity],
        low: show(low),
        top,
        left,
        value: show(field.uncovered[quantity] ?? 0),
      });
    };
    activity.say(
      words.activity,
      lowest('activity', (value) => number(value)),
    );
    probability.say(words.probability, lowest('probability', percent));
    projection.say(words.projection, t('occlusionProjectionMapAlt', { map: question.map, layer: question.layer }));
    const list = field
      ? field.legend.map((one) => `${nameOf(one.class)}, ${t('occlusionPlaces', { count: one.positions })}`).join('; ')
      : '';
    label.say(words.label, list ? t('occlusionLabelAlt', { list }) : words.label);
  }

  /** Draws what depends on where the square is. @param {State} next */
  function drawSquare(next) {
    state = next;
    const { field, question, corner, photograph, close, nameOf, scores } = state;
    const { size, stride, subject } = question;
    const at = field ? field.placeOf(corner, stride) : 0;
    // What is known of a place of the grid holds for that very place only.
    const exact = field && String(field.corner(at)) === String(corner) ? (field.seen(at) ?? null) : null;
    const seen = close ?? exact;
    const [top, left] = corner;
    const told = {
      activity: seen ? number(seen.activity) : '…',
      probability: seen?.probability === null || !seen ? '…' : percent(seen.probability),
      label: seen?.label === null || !seen ? '…' : nameOf(seen.label),
    };
    const words = captions();
    for (const [name, panel] of /** @type {const} */ ([
      ['activity', activity],
      ['probability', probability],
      ['label', label],
    ])) {
      panel.mark(corner, size, photograph);
      panel.point(at, t('occlusionKeys', { what: words[name] }), t('occlusionPlace', { top, left, value: told[name] }));
    }
    projection.mark(corner, size, photograph);
    const all = [
      `${words.activity} ${told.activity}`,
      ...(subject === null ? [] : [`${words.probability} ${told.probability}`, told.label]),
    ];
    hand.put(corner, t('occlusionSquare', { top, left, words: all.join('; ') }));
    element.dataset.square = corner.join(',');
    element.dataset.seen = close ? corner.join(',') : '';
    now.draw({
      seen,
      close,
      uncovered: field?.uncovered ?? null,
      scores,
      subject: words.probability,
      watched: t('occlusionSum', { layer: question.layer, map: question.map }),
      nameOf,
    });
  }

  return {
    element,
    draw,
    drawSquare,
    /** A new question: nothing of the one before stays. @param {State} next */
    begin(next) {
      state = next;
      const { question, photograph } = next;
      hand.begin(photograph, { size: question.size, stride: question.stride, colour: COVERS[question.fill] });
      for (const panel of [activity, probability, label]) panel.begin(photograph);
      draw(next);
    },
  };
}
