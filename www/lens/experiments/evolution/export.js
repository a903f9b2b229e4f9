/** What the Training tab shows, to take away: the strip and the curves as one print, or the numbers. */
import { chart } from './chart.js';
import { heldWords } from './held.js';
import { KINDS } from './curves.js';
import { INK, place, SANS, SOFT, write } from '../../export.js';
import { asJson, asTable, print } from '../export.js';
import { pictureOf, PRINT_PALETTE } from '../plot.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Viewer } from '../../view/viewer.js' */
/** @import { Held } from './held.js' */
/** @import { Evolution } from './record.js' */
/** @import { Frames, Moved, Question } from './walk.js' */
/**
 * @typedef {object} Exported
 * @property {Evolution} evolution
 * @property {Question} question
 * @property {Frames} frames
 * @property {Moved} moved
 * @property {{ projection: HTMLCanvasElement, patch: HTMLCanvasElement }[]} canvases
 * @property {boolean} log
 * @property {Held | null} held
 * @property {string} title
 */

const TILE = 200;
const GAP = 14;
const CHART = { least: 560, height: 300 };

/** @param {Lens} lens @param {Exported} exported @param {Session} session */
export function figure(lens, { evolution, question, frames, moved, canvases, log, held, title }, session) {
  const { t, number, finePercent } = lens.words;
  const { checkpoints } = evolution;
  const all = Math.max(checkpoints.length * (TILE + GAP) - GAP, 2 * CHART.least + GAP);
  const width = (all - GAP) / 2;
  const strip = 2 * TILE + 100;
  const { rule, stretch, sharedScale } = question.manner;
  const manner = `${t(rule)} · ${t('scale')}: ${t(sharedScale === null ? 'own' : 'shared')} · ${t('stretch')}: ${t(stretch)}`;
  return print(
    lens,
    {
      width: all,
      height: strip + 22 + CHART.height,
      title,
      lines: [`${manner} · ${t('printText')}`, ...(held ? [heldWords(lens, held)] : [])],
      async draw(pen, from, top) {
        for (const [at, { epoch }] of checkpoints.entries()) {
          const left = from + at * (TILE + GAP);
          const frame = frames[at];
          const pair = canvases[at];
          if (pair && frame) {
            if (frame.activation > 0) place(pen, pair.projection, left, top, TILE);
            place(pen, pair.patch, left, top + TILE + 6, TILE);
          }
          const line = top + 2 * TILE + 30;
          write(pen, t('atEpoch', { epoch: number(epoch) }), left, line, INK, `600 16px ${SANS}`, TILE);
          const value = frame?.activation === 0 ? t('silentOption') : frame ? number(frame.activation) : '…';
          const scale = frame && frame.activation > 0 ? ` · ±${number(frame.scale, 2)}` : '';
          write(pen, `${t('activation')} ${value}${scale}`, left, line + 21, SOFT, `14px ${SANS}`, TILE);
        }
        for (const [index, kind] of KINDS.entries()) {
          const left = from + index * (width + GAP);
          write(pen, t(`moved-${kind}`), left, top + strip + 12, INK, `600 16px ${SANS}`, width);
          const series = seriesOf(kind, evolution, moved);
          const epochs = checkpoints.map(({ epoch }) => epoch);
          const common = { palette: PRINT_PALETTE, format: finePercent, axis: t('epoch'), selected: null, held };
          const drawn = chart(lens, { epochs, series, log, width, height: CHART.height, ...common });
          drawn.setAttribute('font-family', 'sans-serif');
          pen.drawImage(await pictureOf(drawn), left, top + strip + 22, width, CHART.height);
        }
      },
    },
    session,
  );
}

/**
 * @param {'weights' | 'answers'} kind
 * @param {Evolution} evolution
 * @param {Moved} moved
 */
function seriesOf(kind, { checkpoints }, moved) {
  return layersOf(checkpoints, moved).map((name) => ({
    name,
    values: checkpoints.map(({ moved: weights }, at) => (kind === 'weights' ? weights : moved[at])?.[name] ?? null),
  }));
}

/** @param {Evolution['checkpoints']} checkpoints @param {Moved} moved */
function layersOf(checkpoints, moved) {
  return [
    ...new Set([...checkpoints.map((one) => one.moved), ...moved].flatMap((shares) => Object.keys(shares ?? {}))),
  ];
}

/** By the names that the command line gives them. @param {Exported} exported @param {Viewer} viewer @param {Session} session */
export function numbers({ evolution, question, frames, moved, held }, viewer, session) {
  const { layer, map, manner } = question;
  const checkpoints = evolution.checkpoints.map(({ epoch, pictures, file, top1, moved: weights }, at) => {
    const frame = frames[at];
    return {
      epoch,
      pictures,
      file: file.url.pathname.split('/').pop(),
      bytes: file.bytes,
      sha256: file.sha256,
      top_1: top1,
      units: frame
        ? [
            {
              unit: frame.unit,
              activation: frame.activation,
              silent: frame.activation <= 0,
              scale: frame.scale,
              window: frame.window,
              largest: frame.largest,
            },
          ]
        : [],
      moved: { weights, activations: moved[at] ?? null },
    };
  });
  const still = held && { layer: held.layer, until_epoch: held.until };
  return asJson('training', { maps: [{ layer, map }], ...manner, held: still, checkpoints }, viewer, session);
}

/** One row for each checkpoint. @param {Exported} exported */
export function table({ evolution, question, frames, moved }) {
  const { checkpoints } = evolution;
  const layers = layersOf(checkpoints, moved);
  const head = ['epoch', 'pictures', 'top_1', 'layer', 'map', 'row', 'col', 'activation', 'scale', 'largest'];
  head.push(...layers.map((name) => `weights_moved_${name}`), ...layers.map((name) => `activations_moved_${name}`));
  const rows = checkpoints.map(({ epoch, pictures, top1, moved: weights }, at) => {
    const frame = frames[at];
    const [, row, col] = frame?.unit ?? [];
    const cells = [epoch, pictures, top1, question.layer, question.map, row, col];
    cells.push(frame?.activation, frame?.scale, frame?.largest);
    cells.push(...layers.map((name) => weights[name]), ...layers.map((name) => moved[at]?.[name]));
    return cells;
  });
  return asTable({ head, rows });
}
