/** Invariance (figure 5): how far an early and a late layer's features move when the picture is moved, enlarged or turned. */
import '../words.js';
import './words.js';
import { isAbandoned } from '../../engine/protocol.js';
import { figure } from '../../figures.js';
import { gap, h } from '../../widgets/dom.js';
import { pictureOf } from '../../widgets/paint.js';
import { createAlbumStrip } from '../album-strip.js';
import { createExperiment } from '../experiment.js';
import { columnsOf, distances, highs, meanOf } from './columns.js';
import { Known } from './known.js';
import { createLayers, layersOf } from './layers.js';
import { MOVES, placeOf, TRANSFORMATIONS } from './moves.js';
import { nameOfClass, numbers, table } from './numbers.js';
import { createRow } from './row.js';
import { keyOf, letterOf, subjectsOf } from './subjects.js';

/** @import { InvarianceSweep, Transformation } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Place } from '../../tab.js' */
/** @import { Shown } from '../../view/viewer.js' */
/** @import { Seen } from './columns.js' */
/** @import { Found } from './numbers.js' */
/** @import { Drawn } from './row.js' */
/** `about`: what the curves depend on beside the picture; `pictures`: what tells them apart. @typedef {{ sweeps: InvarianceSweep[], about: string, pictures: string[] }} Question */

/** @param {Place} place */
export function createInvariance(place) {
  const { lens } = place;
  const { t, percent } = lens.words;
  const { viewer, session, album } = place;
  const known = new Known();
  /** Where a cursor stands while it is dragged, and the address it stood at before. @type {Map<Transformation, { word: string | undefined, at: number }>} */
  const held = new Map();
  const rows = TRANSFORMATIONS.map((transformation) => ({
    transformation,
    row: createRow(lens, transformation, (at, final) => move(transformation, at, final)),
  }));
  const headless = h('p', { class: 'note', hidden: true, t: 'invarianceHeadless' });
  const measured = h('span', {});
  const strip = createAlbumStrip(lens, album, place.onError, () => viewer.shown?.sample ?? null);
  const body = h(
    'div',
    { class: 'invariance-body' },
    headless,
    ...rows.map(({ row }) => row.element),
    strip.element,
    h('p', { class: 'note' }, measured, gap(), h('span', { t: 'invarianceSource' })),
  );
  const layers = createLayers(lens, viewer, (values) => part.set(values));

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'invariance',
    title: () => t('invarianceTitle'),
    text: 'invarianceText',
    not: 'invarianceNot',
    settings: [
      {
        kind: 'choice',
        name: 'of',
        label: 'invarianceOf',
        choices: [
          ['all', 'invarianceAll'],
          ...TRANSFORMATIONS.map((one) => /** @type {const} */ ([one, `move-${one}`])),
        ],
        value: 'all',
      },
      {
        kind: 'choice',
        name: 'measure',
        label: 'invarianceMeasure',
        choices: [
          ['relative', 'invarianceRelative'],
          ['raw', 'invarianceRaw'],
        ],
        value: 'relative',
      },
      { kind: 'class', name: 'class', label: 'classChoice' },
    ],
    tools: [layers.element],
    body,
    isLong: true,
    classes: () => ({ why: 'invarianceWants', without: 'all' }),
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(shown, values) {
      const wish = shown.look.classes ? values.classOf('class') : null;
      const names = layersOf(shown.network).map(({ name }) => name);
      const usual = shown.network.usual.invariance.filter(({ transformation }) => chosen().includes(transformation));
      const sweeps = usual.map((sweep) => ({ ...sweep, layers: names, class: wish }));
      return {
        question: { sweeps, about: aboutOf(shown), pictures: subjectsOf(lens, album, shown).map(({ key }) => key) },
      };
    },
    begin({ pictures }, shown) {
      known.keep(pictures);
      known.showStill(keyOf(shown.context), shown.look.input, true);
      for (const { context, square } of album.entries) known.showStill(keyOf(context), square, false);
    },
    async answer({ sweeps, about }, { ask, step, shown }) {
      const open = subjectsOf(lens, album, shown).map((subject) => ({
        subject,
        sweeps: sweeps.filter(({ transformation }) => !known.of(subject.key, transformation, about)?.complete),
      }));
      const total = open.reduce((sum, one) => sum + pointsOf(one.sweeps), 0);
      let before = 0;
      for (const { subject, sweeps: left } of open) {
        if (left.length === 0) continue;
        const isOnView = subject.context === shown.context;
        const found = await ask(
          'invariance',
          { sweeps: left },
          {
            pictures: isOnView ? [] : [subject.context],
            onPart(fresh) {
              known.take(subject.key, about, fresh, isOnView);
              step(before + fresh.done, total);
              drawSoon();
            },
          },
        );
        for (const one of found) known.settle(subject.key, about, one);
        before += pointsOf(left);
      }
      draw();
    },
    exports: () => {
      const all = drawnRows();
      if (!all.some(({ seen }) => seen.some(({ curves }) => curves))) return null;
      const found = everything();
      const cursors = all.map(({ transformation: one, selected }) => [one, MOVES[one].parameters[selected]]);
      const { early, late } = layers;
      return {
        figure: () => {
          const photographs = found.map(({ subject, curves }) => ({
            name: subject.name,
            found: curves.map(({ curves: { written } }) => written.numbers),
          }));
          const rows = all.map(({ transformation, selected, seen }) => {
            const parameter = MOVES[transformation].parameters[selected] ?? 0;
            const frame = seen[0]?.frame;
            const pictures = frame ? [{ parameter, picture: pictureOf(frame) }] : [];
            return { transformation, cursor: parameter, pictures };
          });
          const shown = {
            rows,
            layers: [...new Set([early, late])].flatMap((layer) => layer ?? []),
            relative: isRelative(),
          };
          return figure(lens, session, 'invariance', photographs, shown);
        },
        numbers: () => ({ early, late, cursors: Object.fromEntries(cursors), photographs: numbers(found) }),
        table: () => table(found),
      };
    },
    onUpdate: draw,
    onLeave: () => {
      for (const { row } of rows) row.stop();
    },
    render: draw,
  });

  function chosen() {
    const of = part.values.word('of');
    return TRANSFORMATIONS.filter((one) => of === 'all' || of === one);
  }

  /** What the curves depend on beside the picture. @param {Shown} shown */
  function aboutOf({ network, look }) {
    const wish = look.classes ? part.values.classOf('class') : null;
    return JSON.stringify([network.name, layersOf(network).map(({ name }) => name), wish, look.classes !== null]);
  }

  /** @param {Transformation} transformation */
  function cursor(transformation) {
    const word = viewer.view.options[`invariance.${transformation}`];
    const dragged = held.get(transformation);
    return dragged && dragged.word === word ? dragged.at : placeOf(transformation, word);
  }

  /** @param {Transformation} transformation @param {number} at @param {boolean} final */
  function move(transformation, at, final) {
    const name = `invariance.${transformation}`;
    const { parameters, still } = MOVES[transformation];
    if (final) {
      held.delete(transformation);
      const word = at === still ? '' : String(parameters[at]);
      if (word !== (viewer.view.options[name] ?? '')) return part.set({ [transformation]: word });
    } else held.set(transformation, { word: viewer.view.options[name], at });
    draw();
  }

  /** @returns {(Drawn & { transformation: Transformation })[]} */
  function drawnRows() {
    const { shown } = viewer;
    const { early, late } = layers;
    if (!shown || !early) return [];
    const relative = isRelative();
    const about = aboutOf(shown);
    const pictures = subjectsOf(lens, album, shown);
    const found = chosen().map((transformation) => {
      const selected = cursor(transformation);
      const seen = pictures.map(({ key, name }, index) => {
        const curves = known.of(key, transformation, about);
        const frame = known.frame(key, transformation, selected);
        const className = nameOfClass(lens, shown.network.classes, curves?.classIndex ?? null);
        return { letter: letterOf(index), name, className, curves, frame };
      });
      return { transformation, selected, seen };
    });
    const wish = part.values.classOf('class');
    const best = shown.look.classes?.[0]?.index ?? null;
    // Each of several pictures has a most probable class of its own.
    const classIndex = wish ?? (pictures.length > 1 ? null : best);
    const className = nameOfClass(lens, shown.network.classes, classIndex);
    const columns = columnsOf(lens, { early, late, hasClasses: shown.look.classes !== null, relative, className });
    const most = highs(
      columns,
      found.map(({ seen }) => seen),
      relative,
    );
    return found.map((one) => ({ ...one, columns, highs: most, summary: summaryOf(one.seen) }));
  }

  function isRelative() {
    return part.values.word('measure') === 'relative';
  }

  /** How far the layers move on average, once everything is known. @param {Seen[]} seen */
  function summaryOf(seen) {
    const { early, late } = layers;
    const shareOf = (/** @type {string} */ layer) => {
      const all = seen.flatMap(({ curves }) => (curves?.complete && distances(curves, layer, true)) || [null]);
      const mean = meanOf(all);
      return mean === null ? null : percent(mean);
    };
    const earlyShare = early && shareOf(early);
    if (!earlyShare) return '';
    const lateShare = late && shareOf(late);
    return lateShare ? t('moveMean', { early, earlyShare, late, lateShare }) : t('moveMeanOne', { early, earlyShare });
  }

  let isDue = false;
  function drawSoon() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      draw();
    });
  }

  function draw() {
    const { shown } = viewer;
    if (!shown) return;
    layers.update();
    strip.render();
    const isComing = shown.network.layers.some(({ op, loaded }) => op === 'dense' && !loaded);
    headless.hidden = shown.look.classes !== null || isComing;
    measured.textContent = t(isRelative() ? 'moveRelativeText' : 'moveRawText');
    const all = drawnRows();
    for (const { transformation, row } of rows) {
      const found = all.find((one) => one.transformation === transformation);
      row.element.hidden = !found;
      if (found) row.draw(found);
      else row.stop();
    }
    part.refresh();
    void fetchFrames();
  }

  let isFetching = false;
  /** The pictures at the cursors that no sweep has brought yet, one after the other: a newer question of this kind would end the one before. */
  async function fetchFrames() {
    if (isFetching || viewer.view.tab !== 'invariance') return;
    isFetching = true;
    try {
      for (;;) {
        const { shown } = viewer;
        if (!shown || viewer.dragging) break;
        const key = keyOf(shown.context);
        const transformation = chosen().find((one) => !known.frame(key, one, cursor(one)));
        if (!transformation) break;
        const at = cursor(transformation);
        const parameter = MOVES[transformation].parameters[at] ?? 0;
        const picture = await part.ask('transformed', { transformation, parameter });
        known.show(key, transformation, at, picture, true);
        drawSoon();
      }
    } catch (error) {
      if (!isAbandoned(error)) place.onError(error);
    } finally {
      isFetching = false;
    }
  }

  /** @returns {Found[]} */
  function everything() {
    const { shown } = viewer;
    if (!shown) return [];
    const about = aboutOf(shown);
    return subjectsOf(lens, album, shown).map((subject, index) => ({
      subject,
      letter: letterOf(index),
      curves: chosen().flatMap((transformation) => {
        const curves = known.of(subject.key, transformation, about);
        return curves ? [{ transformation, curves }] : [];
      }),
    }));
  }

  return part;
}

/** @param {InvarianceSweep[]} sweeps */
function pointsOf(sweeps) {
  return sweeps.reduce((sum, { parameters }) => sum + parameters.length, 0);
}
