/** Correspondence (section 4.3, table 1): the same parts marked on several pictures, and whether covering them changes features alike. */
import '../words.js';
import './words.js';
import { figure } from '../../figures.js';
import { h } from '../../widgets/dom.js';
import { createAlbumStrip } from '../album-strip.js';
import { createExperiment } from '../experiment.js';
import { sizeOf, toInput, toPhoto } from './boxes.js';
import { createCarry, entriesOf } from './carry.js';
import { createMarker } from './marker.js';
import { COLOURS, LETTERS, Marks, picturesOf, spoken } from './marks.js';
import { createNumbers } from './numbers.js';
import { createParts } from './parts.js';
import { createScores } from './scores.js';
import { standing } from './standing.js';

/** @import { Place } from '../../tab.js' */
/** @import { CorrespondenceAsk, CorrespondenceResult, Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Shown } from '../../view/viewer.js' */
/** @import { Marked } from './marks.js' */
/** @import { Standing } from './standing.js' */
/** @import { State as Naming } from './marker.js' */
/** `pictures`: what tells them apart. @typedef {{ ask: CorrespondenceAsk, pictures: unknown[] }} Question */

const GREY = '808080';

/** @param {Place} place */
export function createCorrespondence(place) {
  const { lens } = place;
  const { t } = lens.words;
  const { viewer, album, session } = place;
  /** @type {ReturnType<typeof createMarker>[]} */
  const markers = [];
  /** The part that is marked next. */
  let chosen = 0;
  /** @type {Marked[]} */
  let pictures = [];
  /** @type {Standing | null} */
  let now = null;
  /** What was asked, of what, and what has come. @type {{ question: Question, standing: Standing, result: CorrespondenceResult | null } | null} */
  let found = null;

  /** What a picture and its boxes are called. @satisfies {Partial<Parameters<typeof createMarker>[0]>} */
  const said = {
    /** @param {Naming} of @param {number} at @param {Rectangle} box */
    box: ({ names, number }, at, box) =>
      t('partsBox', { letter: LETTERS[at] ?? '', name: names[at] ?? '', number, ...box }),
    /** @param {Naming} of */
    picture: ({ number, title }) => t('partsPictureAlt', { number, name: title }),
    /** @param {Naming} of */
    caption: ({ number, title }) => t('partsPicture', { number, name: title }),
  };
  const marks = new Marks(lens, viewer, (values) => part.set(values));
  const carry = createCarry(place, marks);
  const strip = createAlbumStrip(lens, album, place.onError, () => viewer.shown?.sample ?? null);
  const parts = createParts(lens, {
    onChoose: choose,
    onRename: (at, words) => marks.rename(at, words),
    onRemove: (at) => {
      if (chosen >= at) chosen = Math.max(0, chosen - 1);
      marks.remove(at);
    },
    onAdd: () => choose(marks.add()),
  });
  const numbers = createNumbers(lens, {
    onMark: mark,
    onPlace: (picture, at) => markers[picture]?.place(at),
  });
  const scores = createScores(lens);
  const board = h('div', { class: 'marked-pictures' });
  const note = h('p', { class: 'note missing', role: 'status' });
  const how = h('p', { class: 'note', t: 'partsHow' });
  const body = h(
    'div',
    { class: 'correspondence-body' },
    ...[carry, strip, parts].map(({ element }) => element),
    how,
    board,
    note,
    numbers.element,
    scores.element,
  );
  COLOURS.forEach((colour, at) => body.style.setProperty(`--part-${at}`, colour));
  const colour = h('input', {
    type: 'color',
    label: 'partsColour',
    on: { change: () => part.set({ colour: colour.value.slice(1) }) },
  });

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'correspondence',
    title: () => t('partsTitle'),
    text: 'partsText',
    not: 'partsNot',
    settings: [
      {
        kind: 'range',
        name: 'random',
        label: 'partsRandom',
        min: 1,
        max: 40,
        step: 1,
        value: ({ correspondence }) => correspondence.random,
      },
      {
        kind: 'choice',
        name: 'layers',
        label: 'partsLayers',
        choices: [
          ['table', 'partsLayersTable'],
          ['all', 'partsLayersAll'],
        ],
        value: 'table',
      },
      { kind: 'check', name: 'chance', label: 'partsShowRandom', value: '' },
      {
        kind: 'choice',
        name: 'fill',
        label: 'partsFill',
        choices: [
          ['grey', 'partsGrey'],
          ['mean', 'partsMean'],
          ['colour', 'partsColour'],
        ],
        value: 'grey',
        more: true,
      },
      {
        kind: 'range',
        name: 'seed',
        label: 'partsSeed',
        min: 0,
        max: 20,
        step: 1,
        value: ({ correspondence }) => correspondence.seed,
        more: true,
      },
    ],
    tools: [colour],
    body,
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(shown, values) {
      const { taken, boxes, words } = draw(shown);
      if (taken.length < 2 || album.isComing) {
        found = null;
        scores.draw(null);
        return { missing: album.isComing ? '' : words.join(' ') };
      }
      const usual = shown.network.usual.correspondence;
      const ask = {
        parts: marks.names.map((name, at) => ({ name, boxes: boxes[at] ?? [] })),
        layers: values.word('layers') === 'all' ? layersOf(shown) : null,
        fill: fillOf(values.word('fill')) ?? usual.fill,
        random: values.number('random'),
        seed: values.number('seed'),
        batch: usual.batch,
      };
      return { question: { ask, pictures: taken.map(({ context: { photo, crop } }) => [photo.id, crop]) } };
    },
    begin(question, shown) {
      found = now && { question, standing: now, result: null };
      scores.draw(null);
      draw(shown);
    },
    async answer({ ask: asked }, { step, ask, shown }) {
      const mine = found;
      if (!mine) return;
      const keep = (/** @type {CorrespondenceResult} */ result) => {
        mine.result = result;
        if (mine !== found) return;
        drawScores();
        part.refresh();
      };
      const result = await ask('correspondence', asked, {
        pictures: mine.standing.taken.map(({ context }) => context),
        onPart: (some) => {
          step(some.done, some.total);
          keep(some.found);
        },
      });
      keep(result);
      draw(shown);
    },
    exports: () => {
      if (!found?.result) return null;
      const { question, standing: of, result } = found;
      const { parts: asked, random, seed, fill } = question.ask;
      return {
        figure: () => {
          const photographs = of.taken.map(({ title, square }, at) => ({
            name: title,
            picture: square,
            boxes: of.boxes.flatMap((all) => all[at] ?? []),
          }));
          const parts = asked.map(({ name }) => spoken(lens, name));
          const shown = { photographs, parts, random, seed, fill };
          return figure(lens, session, 'correspondence', { layers: result.layers }, shown);
        },
        numbers: () => ({
          ask: question.ask,
          pictures: of.taken.map(({ file, crop }) => ({ file, crop })),
          boxes: entriesOf(of.taken, marks),
          ...result.written.numbers,
          random: result.random,
        }),
        table: () => result.written,
      };
    },
    onUpdate: drawScores,
    render() {
      parts.render();
      if (viewer.shown) draw(viewer.shown);
      drawScores();
    },
  });

  /** The colour that the visitor picked, if there is one. */
  function picked() {
    const stored = marks.word('colour') ?? '';
    return /^[0-9a-f]{6}$/.test(stored) ? stored : GREY;
  }

  /** What is not the usual. @param {string} word @returns {CorrespondenceAsk['fill'] | null} */
  function fillOf(word) {
    if (word !== 'colour') return word === 'mean' ? word : null;
    const hex = picked();
    const channel = (/** @type {number} */ at) => parseInt(hex.slice(at, at + 2), 16);
    return { colour: [channel(0), channel(2), channel(4)] };
  }

  /** Every convolution, and the hidden dense layers that are there. @param {Shown} shown */
  function layersOf({ network, look }) {
    const last = network.layers.findLastIndex(({ op }) => op === 'dense');
    const hidden = network.layers.filter(({ op, loaded }, at) => op === 'dense' && loaded && at !== last);
    return [...look.layers.map(({ layer }) => layer), ...hidden.map(({ name }) => name)];
  }

  /** @param {number} picture @param {number} at @param {Rectangle | null} box */
  function mark(picture, at, box) {
    const on = pictures[picture];
    if (!on) return;
    const before = marks.on(on);
    // What is marked is followed by the next part that this picture lacks.
    const next = before.findIndex((sides, other) => sides === null && other !== at);
    if (box && before[at] === null && next >= 0) chosen = next;
    marks.mark(on, at, box && toPhoto(box, on.crop, sizeOf(on.square)));
  }

  /** @param {number} at */
  function choose(at) {
    if (chosen === at) return;
    chosen = at;
    if (viewer.shown) draw(viewer.shown);
  }

  /** Draws what is marked; what has been found of it is drawn elsewhere. @param {Shown} shown */
  function draw(shown) {
    const { names } = marks;
    chosen = Math.min(chosen, names.length - 1);
    pictures = picturesOf(lens, shown, album);
    now = standing(lens, pictures, names, marks);
    const { taken, words, notes } = now;
    for (let at = markers.length; at < pictures.length; at++)
      markers.push(createMarker({ onMark: (of, box) => mark(at, of, box), onChoose: choose, ...said }));
    // What stays in its place keeps the focus.
    if (board.children.length !== pictures.length)
      board.replaceChildren(...markers.slice(0, pictures.length).map(({ element }) => element));
    const boxes = pictures.map((picture) =>
      marks.on(picture).map((sides) => sides && toInput(sides, picture.crop, sizeOf(picture.square))),
    );
    pictures.forEach((picture, at) =>
      markers[at]?.set({
        square: picture.square,
        number: at + 1,
        title: picture.title,
        names: names.map((name) => spoken(lens, name)),
        boxes: boxes[at] ?? [],
        chosen,
        random: randomOn(picture),
        note: notes[at] ?? '',
      }),
    );
    parts.set(names, chosen);
    const rows = pictures.map(({ title }, at) => ({
      title: t('partsPicture', { number: at + 1, name: title }),
      boxes: boxes[at] ?? [],
    }));
    numbers.set({ names, size: shown.network.inputSize, rows });
    strip.render();
    carry.update(taken.length >= 2);
    note.textContent = taken.length < 2 ? '' : words.join(' ');
    colour.hidden = part.values.word('fill') !== 'colour';
    colour.value = `#${picked()}`;
    return now;
  }

  /** The random boxes on a picture, if they are asked for. @param {Marked} picture */
  function randomOn(picture) {
    if (part.values.word('chance') !== '1' || !found?.result) return [];
    const at = found.standing.taken.findIndex(({ key }) => key === picture.key);
    return found.result.random.flatMap((positions) => positions.flatMap((boxes) => boxes[at] ?? []));
  }

  function drawScores() {
    if (!found?.result) return scores.draw(null);
    const { question, standing: of, result } = found;
    scores.draw({ result, names: question.ask.parts.map(({ name }) => name), count: of.taken.length });
  }

  return part;
}
