/** The Region tab: a frame on the photograph, and of every layer the maps that answer more inside it than outside. */
import '../words.js';
import './words.js';
import { figure } from '../../figures.js';
import { h } from '../../widgets/dom.js';
import { boxesIn, toInput, toPhoto, wordOf } from '../correspondence/boxes.js';
import { createMarker } from '../correspondence/marker.js';
import { createExperiment } from '../experiment.js';
import { createBoard } from './board.js';

/** @import { Place } from '../../tab.js' */
/** @import { Rule, Stretch } from '../../engine/protocol.js' */
/** @import { Rectangle, RegionAnswer } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Shown } from '../../view/viewer.js' */
/** @typedef {{ region: Rectangle, maps: number, rule: Rule, stretch: Stretch }} Question */

/** The colour of the frame, which all kinds of eyes tell from photographs. */
const FRAME = '#e69f00';

/** @param {Place} place */
export function createRegion(place) {
  const { lens, session, viewer, onChange } = place;
  const { t } = lens.words;
  /** @type {RegionAnswer | null} */
  let found = null;

  const marker = createMarker({
    onMark: (_, box) => {
      const { shown } = viewer;
      const sides = box && shown && toPhoto(box, shown.look.crop, shown.network.inputSize);
      part.set({ at: sides ? wordOf([sides]) : '' });
    },
    onChoose: () => {},
    box: (_state, _part, at) => t('regionFrame', { ...at }),
    picture: () => t('regionPicture'),
    caption: () => t('regionHow'),
  });
  const board = createBoard(lens, {
    onPoint: (tile) => viewer.pin(tile),
    onPick({ layer, map, row, col }) {
      viewer.pin(null);
      onChange({ tab: 'explore', layer, map, unit: [row, col], whole: false, classIndex: null }, true);
    },
  });
  const body = h('div', { class: 'region-body' }, marker.element, board.element);
  body.style.setProperty('--part-0', FRAME);

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'region',
    title: () => t('regionTitle'),
    text: 'regionText',
    not: 'regionNot',
    settings: [
      {
        kind: 'range',
        name: 'maps',
        label: 'regionMaps',
        min: 1,
        max: 24,
        step: 1,
        value: ({ region }) => region.maps,
      },
    ],
    body,
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(shown, values) {
      const region = framed(shown);
      mark(shown);
      const [rows, cols] = shown.network.inputSize;
      if (region.rows === rows && region.cols === cols) {
        board.begin();
        found = null;
        return { missing: t('regionWhole') };
      }
      const { rule, stretch } = viewer.resolved;
      return { question: { region, maps: values.number('maps'), rule, stretch } };
    },
    begin() {
      found = null;
      board.begin();
    },
    async answer({ region, maps, rule, stretch }, { step, ask, signal, shown }) {
      const keep = (/** @type {RegionAnswer} */ answer) => {
        found = answer;
        board.set(answer.layers);
        part.refresh();
      };
      const answer = await ask('region', { region, layers: null, maps }, { onPart: ({ found: some }) => keep(some) });
      keep(answer);
      const layers = answer.layers.filter((one) => one.found.length > 0);
      const all = layers.reduce((sum, one) => sum + one.found.length, 0);
      let done = 0;
      for (const { layer, found: wanted } of layers) {
        const units = wanted.flatMap(({ map, row, col }) => [map, row, col]);
        await session.call(
          'mosaic',
          { context: shown.context, layer, units, manner: { rule, stretch, sharedScale: null } },
          {
            channel: 'experiment',
            signal,
            onChunk: ({ at, projections }) => {
              board.draw(layer, at, projections);
              step((done += projections.length), all);
            },
          },
        );
      }
    },
    exports() {
      const { shown } = viewer;
      if (!found || !shown) return null;
      const { written } = found;
      const beside = { photograph: shown.look.input, projections: board.projections() };
      return {
        figure: () => figure(lens, session, 'region', written.numbers, beside),
        numbers: () => written.numbers,
        table: () => written,
      };
    },
    render() {
      if (viewer.shown) mark(viewer.shown);
      board.render();
    },
    onLeave: () => viewer.pin(null),
  });

  /** The frame in pixels of the input: what the address says, or the usual one. @param {Shown | null} shown @returns {Rectangle} */
  function framed(shown) {
    if (!shown) return { top: 0, left: 0, rows: 1, cols: 1 };
    const { look, network } = shown;
    const [sides] = boxesIn(viewer.view.options['region.at'] ?? null, 1);
    return (sides && toInput(sides, look.crop, network.inputSize)) ?? network.usual.region.region;
  }

  /** @param {Shown} shown */
  function mark(shown) {
    marker.set({
      square: shown.look.input,
      number: 1,
      title: '',
      names: [''],
      boxes: [framed(shown)],
      chosen: 0,
      random: [],
      note: '',
    });
  }

  return part;
}
