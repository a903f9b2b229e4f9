/** Occlusion sensitivity: what a covered square does to a map and to the classes, everywhere at once and by hand. */
import '../words.js';
import './words.js';
import { h } from '../../widgets/dom.js';
import { createAlbumStrip } from '../album-strip.js';
import { createExperiment } from '../experiment.js';
import { createBoard } from './board.js';
import { exportsOf } from './exports.js';
import { Elsewhere } from './elsewhere.js';
import { Field } from './field.js';
import { createOthers } from './others.js';
import { Probe } from './probe.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Place } from '../../tab.js' */
/** @import { Context } from '../../engine/protocol.js' */
/** @import { Fill, OcclusionAsk, SquareSeen } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Shown } from '../../view/viewer.js' */
/** @import { Values } from '../settings.js' */
/** @import { FillName, Question, State } from './board.js' */
/** @import { Corner } from './panel.js' */

/** Apart from the usual one. @type {Record<Exclude<FillName, 'grey'>, Fill>} */
const FILLS = {
  mean: 'mean',
  black: { colour: [0, 0, 0] },
  white: { colour: [255, 255, 255] },
};

/** @param {Place} place */
export function createOcclusion(place) {
  const { lens } = place;
  const { t, inLanguage } = lens.words;
  const { session, viewer, album, onError } = place;
  const probe = new Probe(onError);
  /** @type {Omit<State, 'corner' | 'close' | 'projection' | 'nameOf'> & { context: Context } | null} */
  let now = null;
  /** @type {Map<string, SquareSeen>} what was seen with the square at a place, for the question of now */
  const closeUps = new Map();
  /** Where the square is while it is dragged, or while a place is pointed at. @type {Corner | null} */
  let held = null;
  let stripKey = '';

  const board = createBoard(lens, {
    onMove(corner, how) {
      held = how === 'drag' ? corner : null;
      if (how === 'drag') return moved();
      part.set({ at: corner.join(',') }, how === 'end');
    },
    onPoint(corner) {
      if (String(held) === String(corner)) return;
      held = corner;
      moved();
    },
  });
  const others = createOthers(lens);
  const elsewhere = new Elsewhere(place, probe, () => {
    drawOthers();
    draw();
  });
  const strip = createAlbumStrip(lens, album, onError, () => viewer.shown?.sample ?? null);
  const body = h('div', { class: 'occlusion-body' }, board.element, others.element, strip.element);

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'occlusion',
    title(values) {
      const subject = subjectOf(values);
      return subject === null ? t('occlusionTitleBare') : t('occlusionTitle', { name: nameOf(subject) });
    },
    text: 'occlusionText',
    not: 'occlusionNot',
    settings: [
      {
        kind: 'range',
        name: 'size',
        label: 'occlusionSize',
        min: 16,
        max: 96,
        step: 4,
        value: ({ occlusion }) => occlusion.size,
        isLength: true,
        show: (count) => pixels(lens, count),
      },
      {
        kind: 'range',
        name: 'stride',
        label: 'occlusionStride',
        min: 4,
        max: 32,
        step: 4,
        value: ({ occlusion }) => occlusion.stride,
        isLength: true,
        show: (count) => pixels(lens, count),
      },
      {
        kind: 'choice',
        name: 'fill',
        label: 'occlusionFill',
        choices: [
          ['grey', 'occlusionGrey'],
          ['mean', 'occlusionMean'],
          ['black', 'occlusionBlack'],
          ['white', 'occlusionWhite'],
        ],
        value: 'grey',
      },
      { kind: 'class', name: 'class', label: 'classChoice' },
      {
        kind: 'choice',
        name: 'watch',
        label: 'occlusionWatch',
        choices: [
          ['strongest', 'occlusionStrongest'],
          ['chosen', 'occlusionChosen'],
        ],
        value: 'strongest',
        more: true,
      },
      { kind: 'layer', name: 'layer', label: 'layerChoice', more: true },
    ],
    body,
    isLong: true,
    classes: () => ({ why: 'occlusionWants', without: 'all' }),
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(shown, values) {
      const isChosen = values.word('watch') === 'chosen';
      const layers = shown.look.layers;
      const layer = (isChosen ? viewer.resolved.layer : values.layerOf('layer')) ?? layers.at(-1)?.layer ?? '';
      const strongest = layers.find((one) => one.layer === layer)?.strongest ?? [];
      const best = strongest.reduce(
        (most, one, at) => (one.activation > (strongest[most]?.activation ?? -Infinity) ? at : most),
        0,
      );
      return {
        question: {
          size: Math.round(values.number('size')),
          stride: Math.round(values.number('stride')),
          fill: /** @type {FillName} */ (values.word('fill')),
          layer,
          map: isChosen ? (viewer.resolved.map ?? 0) : best,
          subject: subjectOf(values),
        },
      };
    },
    begin(question, { look, context }) {
      now = { question, context, photograph: look.input, scores: look.classes, field: null };
      held = null;
      closeUps.clear();
      probe.stop();
      elsewhere.stop();
      const state = stateOf();
      if (state) board.begin(state);
    },
    async answer(question, { step, ask, shown }) {
      const mine = now;
      await ask('occlusion', askOf(question, shown), {
        onPart(one) {
          if (!mine || mine !== now) return;
          const isFirst = mine.field === null;
          mine.field ??= new Field(one);
          mine.field.take(one);
          step(one.done, one.total);
          if (isFirst) part.refresh();
          draw();
        },
      });
    },
    exports() {
      const state = stateOf();
      const mine = watched();
      if (!state?.field) return null;
      const { field, ...rest } = state;
      return exportsOf(lens, {
        ...rest,
        field,
        found: mine ? elsewhere.known(mine) : [],
        session,
      });
    },
    onUpdate,
    onLeave() {
      held = null;
      probe.stop();
      elsewhere.stop();
    },
    render() {
      strip.render();
      drawOthers();
      draw();
    },
  });

  /** What the address says of the square and of further pictures may have changed. */
  function onUpdate() {
    const key = JSON.stringify([viewer.shown?.sample, album.samples.length, album.entries.map(({ id }) => id)]);
    if (key !== stripKey) {
      stripKey = key;
      strip.render();
    }
    const mine = watched();
    if (mine) elsewhere.want(mine, part.ask);
    drawOthers();
    draw();
    look();
  }

  /** The square has moved under a hand or a pointer. */
  function moved() {
    const state = stateOf();
    if (state) board.drawSquare(state);
    look();
  }

  /** Asks what is seen with the square where it is now. */
  function look() {
    const mine = now;
    const state = stateOf();
    if (!mine || !state) return;
    const key = state.corner.join(',');
    if (closeUps.has(key)) return probe.newest(null);
    const [top, left] = state.corner;
    probe.newest(async () => {
      const seen = await part.ask('occlusionAt', { top, left, settings: askOf(mine.question, viewer.shown) });
      if (mine !== now) return;
      closeUps.set(key, seen);
      const state = stateOf();
      if (state) board.drawSquare(state);
    });
  }

  /** @returns {import('./elsewhere.js').Watched | null} */
  function watched() {
    return now && { layer: now.question.layer, map: now.question.map, context: now.context };
  }

  function drawOthers() {
    const mine = watched();
    others.draw(mine ? elsewhere.known(mine) : []);
  }

  /** @returns {State | null} */
  function stateOf() {
    if (!now) return null;
    const { photograph, question } = now;
    const corner = held ?? chosen(photograph, question);
    const close = closeUps.get(corner.join(',')) ?? null;
    const mine = watched();
    const whole = mine && elsewhere.whole(mine);
    return { ...now, corner, close, projection: whole, nameOf };
  }

  /** Where the address puts the square; in the middle if it does not. @param {import('./panel.js').Sides} input @param {Question} question @returns {Corner} */
  function chosen({ width, height }, { size, stride }) {
    const last = [height - size, width - size].map((room) => Math.max(0, room));
    const words = viewer.view.options['occlusion.at']?.split(',') ?? [];
    if (words.length === 2 && words.every((word) => /^\d{1,4}$/.test(word))) {
      const [top = 0, left = 0] = words.map((word, axis) => Math.min(last[axis] ?? 0, Number(word)));
      return [top, left];
    }
    const [top = 0, left = 0] = last.map((room) => Math.floor(room / 2 / stride) * stride);
    return [top, left];
  }

  function draw() {
    const state = stateOf();
    if (state) board.draw(state);
  }

  /** @param {Values} values */
  function subjectOf(values) {
    return values.classOf('class') ?? viewer.shown?.look.classes?.[0]?.index ?? null;
  }

  /** @param {number} index */
  function nameOf(index) {
    return inLanguage(viewer.shown?.network.classes[index] ?? { en: `#${index}` });
  }

  return part;
}

/** @param {Question} question @param {Shown | null} shown @returns {OcclusionAsk} */
function askOf({ fill, subject, ...settings }, shown) {
  const covered = fill === 'grey' ? {} : { fill: FILLS[fill] };
  return { ...shown?.network.usual.occlusion, ...settings, ...covered, class: subject };
}

/** @param {Lens} lens @param {number} count */
function pixels(lens, count) {
  const { t } = lens.words;
  return t('pixels', { count });
}
