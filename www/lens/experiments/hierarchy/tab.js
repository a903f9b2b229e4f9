/** The Poster tab: the strongest maps of the layers, from edges to objects, on a sheet that can be put on a wall. */
import '../words.js';
import './words.js';
import { poster } from '../../figures.js';
import { pdfOf } from '../../pdf.js';
import { createExperiment } from '../experiment.js';
import { createSheet } from './sheet.js';

/** @import { Place } from '../../tab.js' */
/** @import { HierarchyAsk } from '../../../pkg/cpu/zfnet_web.js' */

/** More than any band has room for. */
const MOST = 60;

/** @param {Place} place */
export function createHierarchy(place) {
  const { lens } = place;
  const { t, number } = lens.words;
  const { viewer, onChange } = place;
  /** @type {HierarchyAsk | null} */
  let asked = null;
  const sheet = createSheet(lens, {
    rule: () => asked?.rule ?? 'deconvnet',
    shown: () => viewer.shown,
    onPoint: (found) => viewer.pin(found),
    onPick({ layer, map, row, col }) {
      viewer.pin(null);
      onChange({ tab: 'explore', layer, map, unit: [row, col], whole: false, classIndex: null }, true);
    },
  });

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'hierarchy',
    title: () => t('hierarchyTitle'),
    text: 'hierarchyText',
    not: 'hierarchyNot',
    lesson: 'back',
    settings: [
      {
        kind: 'range',
        name: 'maps',
        label: 'hierarchyMaps',
        min: 1,
        max: MOST,
        step: 1,
        value: ({ hierarchy }) => hierarchy.maps ?? MOST,
        show: (count) => (count === MOST ? t('hierarchyAll') : number(count)),
      },
      {
        kind: 'choice',
        name: 'rule',
        label: 'hierarchyRule',
        choices: [
          ['deconvnet', 'deconvnet'],
          ['guided', 'guided'],
          ['gradient', 'gradient'],
        ],
        value: ({ hierarchy }) => hierarchy.rule,
      },
    ],
    body: sheet.element,
    /** @returns {import('../experiment.js').Asked<HierarchyAsk>} */
    question(_shown, values) {
      const maps = values.number('maps');
      const rule = /** @type {HierarchyAsk['rule']} */ (values.word('rule'));
      return { question: { maps: maps === MOST ? null : maps, rule } };
    },
    begin(question, { look }) {
      asked = question;
      sheet.begin(look.input);
    },
    async answer(question, { step, ask }) {
      const { photograph } = await ask('hierarchy', question, {
        onPart: (found) => {
          sheet.add(found);
          step(found.done, found.total);
          if (found.done === found.tiles.length) part.refresh();
        },
      });
      sheet.setPhotograph(photograph);
    },
    files: [{ ending: 'pdf', label: 'hierarchyPdf' }],
    exports: () =>
      sheet.tiles.length === 0
        ? null
        : {
            figure,
            files: { pdf: async () => new Blob([await pdfOf(await figure())], { type: 'application/pdf' }) },
            numbers: () => ({ rule: asked?.rule ?? null, ...sheet.written.numbers }),
            table: () => sheet.written,
          },
    render: () => sheet.render(),
    onUpdate: () => sheet.render(),
    onLeave: () => viewer.pin(null),
  });

  /** What has come so far, laid out on paper. */
  function figure() {
    const bands = sheet.known();
    const pictures = [sheet.photograph, ...sheet.tiles.map(({ projection }) => projection)];
    return poster({ bands, pictures, words: sheet.words(bands) });
  }

  return part;
}
