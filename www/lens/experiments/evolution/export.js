/** What the Training tab shows, to take away: the strip and the curves as one figure, or the numbers. */
import { figure as drawn } from '../../figures.js';
import { asJson, asTable } from '../export.js';
import { KINDS } from './curves.js';

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
 * @property {boolean} log
 * @property {Held | null} held
 * @property {string} title
 */

/** @param {Lens} lens @param {Exported} exported @param {Session} session */
export function figure(lens, { evolution, question, frames, moved, log, held }, session) {
  const { checkpoints } = evolution;
  const { layer, map, manner } = question;
  return drawn(lens, session, 'training', {
    epochs: checkpoints.map(({ epoch }) => epoch),
    rows: [],
    map: { layer, map, stages: checkpoints.map((_, at) => frames[at] ?? null) },
    rule: manner.rule,
    stretch: manner.stretch,
    shared: manner.sharedScale !== null,
    moved: KINDS.map((of) => ({ of, layers: seriesOf(of, evolution, moved) })),
    logarithmic: log,
    held,
  });
}

/**
 * @param {'weights' | 'answers'} kind
 * @param {Evolution} evolution
 * @param {Moved} moved
 */
function seriesOf(kind, { checkpoints }, moved) {
  return layersOf(checkpoints, moved).map((layer) => ({
    layer,
    values: checkpoints.map(({ moved: weights }, at) => (kind === 'weights' ? weights : moved[at])?.[layer] ?? null),
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
