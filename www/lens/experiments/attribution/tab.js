/** Why this class: the methods that followed the deconvnet, on one picture, side by side. */
import '../words.js';
import './words.js';
import { headOf, headsOf } from '../../engine/heads.js';
import { h } from '../../widgets/dom.js';
import { createExperiment } from '../experiment.js';
import { createAttention } from './attention.js';
import { Board } from './board.js';
import { createDeletionInsertion } from './deletion-insertion.js';
import { exportsOf } from './exports.js';
import { createLarge } from './large.js';
import { NAMES } from './methods.js';
import { askOf, passesOf, roundsOf } from './plan.js';
import { createSheet } from './sheet.js';

/** @import { Place } from '../../tab.js' */
/** @import { Values } from '../settings.js' */
/** @import { Baseline, DeletionInsertionPart, RemovedFill } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Manner, Order, Question } from './board.js' */
/** @import { MethodName } from './methods.js' */

/** The method that is large when none was chosen. @type {MethodName} */
const FIRST = 'grad_cam';

/** @param {Place} place */
export function createAttribution(place) {
  const { lens } = place;
  const { t, percent, number, inLanguage } = lens.words;
  const { session, viewer } = place;
  /** @type {Board | null} */
  let board = null;

  const sheet = createSheet(lens, (method) => {
    part.set({ method: method === FIRST ? '' : method });
    // Where all stands in one column, what was chosen may be out of sight.
    large.element.scrollIntoView({ block: 'nearest' });
  });
  const large = createLarge(lens, (side) => part.set({ side: side === 'class' ? '' : side }));
  const attention = createAttention(lens);
  const curves = createDeletionInsertion(lens);
  const body = h('div', { class: 'why-body' }, large.element, sheet.element, curves.element, attention.element);

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'attribution',
    title(values) {
      const subject = subjectOf(values);
      return subject === null ? t('whyTitleAny') : t('whyTitle', { name: nameOf(subject) });
    },
    text: 'whyText',
    not: 'whyNot',
    lesson: 'rectifier',
    settings: [
      { kind: 'class', name: 'class', label: 'whyClass' },
      { kind: 'check', name: 'compare', label: 'whyCompare', value: '' },
      {
        kind: 'class',
        name: 'other',
        label: 'whyOther',
        otherThan: 'class',
        when: (values) => values.word('compare') === '1',
      },
      {
        kind: 'check',
        name: 'score',
        label: 'whyScoreCam',
        value: '',
        says: (values) => t('whyCost', { passes: (values.word('compare') ? 2 : 1) * mapsOf(values) }),
      },
      {
        kind: 'check',
        name: 'removal',
        label: 'deletionTitle',
        value: '',
        says: (values) => t('whyCost', { passes: (1 + methodsOf(values).length) * passesOfOrder() }),
      },
      {
        kind: 'choice',
        name: 'draw',
        label: 'whyDraw',
        choices: [
          ['much', 'whyHowMuch'],
          ['signed', 'whySigned'],
        ],
        value: 'much',
      },
      {
        kind: 'choice',
        name: 'scale',
        label: 'whyScale',
        choices: [
          ['own', 'whyOwn'],
          ['unit', 'whyUnit'],
        ],
        value: 'own',
      },
      {
        kind: 'range',
        name: 'opacity',
        label: 'whyOpacity',
        min: 0,
        max: 1,
        step: 0.05,
        value: () => 0.8,
        show: percent,
      },
      { kind: 'layer', name: 'layer', label: 'whyLayer', more: true },
      {
        kind: 'range',
        name: 'samples',
        label: 'whySamples',
        min: 4,
        max: 100,
        step: 2,
        value: ({ attribution }) => attribution.numbers.samples,
        more: true,
      },
      {
        kind: 'range',
        name: 'noise',
        label: 'whyNoise',
        min: 0,
        max: 0.5,
        step: 0.05,
        value: ({ attribution }) => attribution.numbers.noise,
        show: percent,
        more: true,
      },
      {
        kind: 'choice',
        name: 'fill',
        label: 'deletionFill',
        choices: [
          ['published', 'deletionPublished'],
          ['mean', 'whyMean'],
          ['blur', 'deletionBlurred'],
        ],
        value: 'published',
        more: true,
      },
      {
        kind: 'range',
        name: 'seed',
        label: 'whySeed',
        min: 0,
        max: 20,
        step: 1,
        value: ({ attribution }) => attribution.numbers.seed,
        more: true,
      },
      {
        kind: 'range',
        name: 'steps',
        label: 'whySteps',
        min: 4,
        max: 200,
        step: 4,
        value: ({ attribution }) => attribution.numbers.steps,
        more: true,
      },
      {
        kind: 'choice',
        name: 'baseline',
        label: 'whyBaseline',
        choices: [
          ['mean', 'whyMean'],
          ['black', 'whyBlack'],
          ['white', 'whyWhite'],
        ],
        value: ({ attribution }) => attribution.numbers.baseline,
        more: true,
      },
      {
        kind: 'range',
        name: 'omega',
        label: 'whyOmega',
        min: 1,
        max: 100,
        step: 1,
        value: ({ attention }) => attention.omega,
        more: true,
      },
      {
        kind: 'range',
        name: 'sigma',
        label: 'whySigma',
        min: 0,
        max: 1,
        step: 0.05,
        value: ({ attention }) => attention.sigma,
        show: (one) => number(one, 2),
        more: true,
      },
    ],
    body,
    isLong: true,
    classes: () => ({ why: 'whyWants', without: 'nothing' }),
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(shown, values) {
      const subject = subjectOf(values);
      if (subject === null) return { missing: t('classesNone') };
      const next = shown.look.classes?.find(({ index }) => index !== subject)?.index ?? null;
      const other = values.word('compare') ? (values.classOf('other') ?? next) : null;
      const heads = headsOf(session);
      const fill = /** @type {'published' | RemovedFill} */ (values.word('fill'));
      const usual = shown.network.usual.deletion_insertion;
      const fills = fill === 'published' ? {} : { deletion: fill, insertion: fill };
      return {
        question: {
          subject,
          other: other === subject ? null : other,
          methods: methodsOf(values),
          heads,
          averages: averages(),
          numbers: {
            layer: layerOf(values),
            samples: values.number('samples'),
            noise: values.number('noise'),
            seed: values.number('seed'),
            steps: values.number('steps'),
            baseline: /** @type {Baseline} */ (values.word('baseline')),
          },
          threshold: { omega: values.number('omega'), sigma: values.number('sigma') },
          removal: values.word('removal') ? { ...usual, ...fills, class: subject, seed: values.number('seed') } : null,
        },
      };
    },
    begin(question, shown) {
      if (board?.knows(question, shown.look.input)) return board.turnTo(question);
      board = new Board(lens, question, shown);
      sheet.begin(board);
      attention.begin(board);
    },
    async answer(question, { signal, step, ask, shown }) {
      const mine = board;
      if (!mine) return;
      const { methods, heads: names, removal, subject, threshold } = question;
      const heads = await Promise.all(names.map((name) => headOf(session, name, signal)));
      const rounds = mine.isWhole ? [] : roundsOf(question, heads);
      /** @type {Order[]} */
      const orders = removal ? ['chance', ...methods] : [];
      const unmeasured = orders.filter((order) => !mine.isMeasured(order));
      const maps = mapsOf(part.values);
      const total =
        rounds.reduce((sum, round) => sum + passesOf(round, question, maps), 0) + unmeasured.length * passesOfOrder();
      const { batch } = shown.network.usual.attribution;
      let before = 0;
      for (const round of rounds) {
        /** @type {number[]} passes of each question of the round */
        const done = [];
        const count = (/** @type {number} */ at, /** @type {number} */ passes) => {
          done[at] = passes;
          step(before + done.reduce((sum, one) => sum + one, 0), total);
        };
        if (round.kind === 'attention') {
          const onPart = (/** @type {import('../../../pkg/cpu/zfnet_web.js').AttentionPart} */ one) => {
            attention.keep(one, mine, manner());
            count(one.at, one.done);
          };
          await ask('attention', { class: subject, heads, threshold }, { onPart });
        } else if (round.items.length > 0) {
          const onPart = (/** @type {import('../../../pkg/cpu/zfnet_web.js').AttributionPart} */ one) => {
            const item = round.items[one.at];
            if (!item) return;
            const isFirst = mine.isEmpty;
            mine.keep(item.name, item.side, one);
            draw(item.name);
            if (isFirst && !mine.isEmpty) part.refresh();
            count(one.at, one.done);
          };
          await ask('attribution', askOf(round.items, round.heads, batch), { onPart });
        }
        before += passesOf(round, question, maps);
      }
      mine.isWhole = true;
      if (!removal) return;
      for (const order of unmeasured) {
        const relevance = order === 'chance' ? null : (mine.found(order)?.relevance ?? null);
        const onPart = (/** @type {DeletionInsertionPart} */ { done, found }) => {
          mine.curves.set(order, found);
          sheet.drawAreas(mine);
          curves.draw(mine, manner());
          step(before + done, total);
        };
        await ask('deletionInsertion', { relevance, settings: removal }, { onPart });
        before += passesOfOrder();
      }
    },
    exports: () => {
      if (!board || board.isEmpty) return null;
      return exportsOf(lens, { board, manner: manner(), attention, session });
    },
    onUpdate: () => draw(),
    render: () => draw(),
  });

  /** @returns {Manner} */
  function manner() {
    const { values } = part;
    const word = (/** @type {string} */ name) => viewer.view.options[`attribution.${name}`];
    const methods = board?.question.methods ?? [];
    return {
      signed: values.word('draw') === 'signed',
      scale: values.word('scale') === 'unit' ? 'unit' : 'own',
      opacity: values.number('opacity'),
      chosen: methods.find((name) => name === word('method')) ?? FIRST,
      side: word('side') === 'other' && board?.question.other !== null ? 'other' : 'class',
    };
  }

  /** @param {MethodName} [only] the one that has changed */
  function draw(only) {
    if (!board) return;
    const now = manner();
    // On a scale that several share, one answer changes how all are drawn.
    sheet.draw(board, now, now.scale === 'unit' ? undefined : only);
    if (!only || only === now.chosen || now.scale === 'unit') large.draw(board, now);
    if (only) return;
    curves.draw(board, now);
    attention.draw(board, now);
  }

  /** Whether the network itself ends in averages. */
  function averages() {
    return viewer.shown?.network.averages ?? false;
  }

  /** @param {Values} values */
  function methodsOf(values) {
    return NAMES.filter(
      (name) =>
        (name !== 'cam' || averages() || headsOf(session).length > 0) &&
        // A pass for each map: minutes on a processor, so only when it is wanted.
        (name !== 'score_cam' || values.word('score') === '1'),
    );
  }

  /** @param {Values} values */
  function layerOf(values) {
    return values.layerOf('layer') ?? viewer.shown?.look.layers.at(-1)?.layer ?? '';
  }

  /** How many maps are weighed. @param {Values} values */
  function mapsOf(values) {
    return viewer.shown?.network.layers.find(({ name }) => name === layerOf(values))?.shape[0] ?? 1;
  }

  /** Deletion and insertion each take a pass for every step, and one before the first. */
  function passesOfOrder() {
    return 2 * ((viewer.shown?.network.usual.deletion_insertion.steps ?? 0) + 1);
  }

  /** @param {Values} values */
  function subjectOf(values) {
    return values.classOf('class') ?? viewer.shown?.look.classes?.[0]?.index ?? null;
  }

  /** @param {number} index */
  function nameOf(index) {
    return inLanguage(viewer.shown?.network.classes[index] ?? { en: String(index) });
  }

  return part;
}
