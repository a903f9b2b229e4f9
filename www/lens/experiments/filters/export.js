/** The filters to take away: both networks side by side as a print, their numbers, and a row for each filter. */
import { place as paste } from '../../export.js';
import { print } from '../export.js';
import { LAYERS } from './column.js';
import { isDead, lifeOf } from './life.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Table } from '../experiment.js' */
/** @import { Column, Found } from './column.js' */

const WIDTH = 640;
const GAP = 24;
const BETWEEN = 4;

/** @param {Lens} lens @param {Column[]} columns @param {'own' | 'shared'} scale @param {string} title @param {Session} session */
export function figure(lens, columns, scale, title, session) {
  const { t } = lens.words;
  const side = (WIDTH - (LAYERS - 1) * GAP) / LAYERS;
  const tall = Math.max(...columns.map(({ bank }) => (bank.canvas.height / bank.canvas.width) * WIDTH));
  const brightness = `${t('filtersScale')}: ${t(scale === 'own' ? 'filtersOwn' : 'filtersShared')}`;
  const lines = [
    ...columns.map(({ found }) => (found ? described(lens, found) : '')),
    `${brightness} · ${t('filtersPrinted')}`,
  ];
  return print(
    lens,
    {
      width: columns.length * WIDTH + (columns.length - 1) * GAP,
      height: tall + GAP + side,
      title,
      lines,
      draw(pen, left, top) {
        columns.forEach((column, at) => {
          const x = left + at * (WIDTH + GAP);
          const { canvas } = column.bank;
          pen.imageSmoothingEnabled = false;
          pen.drawImage(canvas, x, top, WIDTH, (canvas.height / canvas.width) * WIDTH);
          for (let layer = 0; layer < LAYERS; layer++) {
            const tiles = column.tilesOf(layer);
            const count = Math.max(1, Math.ceil(Math.sqrt(tiles.length)));
            const step = (side + BETWEEN) / count;
            tiles.forEach((tile, index) => {
              const [row, col] = [Math.floor(index / count), index % count];
              paste(pen, tile, x + layer * (side + GAP) + col * step, top + tall + GAP + row * step, step - BETWEEN);
            });
          }
        });
      },
    },
    session,
  );
}

/** @param {Lens} lens @param {Found} found */
function described(lens, { network, measured, training }) {
  const { t, percent, number } = lens.words;
  const { mixture, shape, stride } = measured;
  const { frequency, aliasing_on_pictures: onPicture } = mixture;
  const { dead, silent } = lifeOf(measured, training?.unanswered ?? null);
  const [count, , rows, cols] = shape;
  return [
    network,
    t('filtersShape', { count, rows, cols, stride: stride[0] }),
    `${t('filtersDead')} ${percent(dead)}`,
    ...(silent === null ? [] : [`${t('filtersSilent')} ${percent(silent)}`]),
    ...(frequency === null ? [] : [`${number(frequency, 2)} ${t('filtersFrequency')}`]),
    ...(onPicture === null ? [] : [`${t('filtersAliasing')} ${percent(onPicture)}`]),
  ].join(' · ');
}

/** What the command line writes of two networks too, with what is known of their training. @param {Found[]} found @param {number} weakBelow */
export function numbers(found, weakBelow) {
  return {
    weak_below: weakBelow,
    networks: found.map(({ network, measured, training, written, drawn }) => ({
      network,
      life: { ...lifeOf(measured, training?.unanswered ?? null), training_pictures: training?.pictures ?? null },
      filters: written.numbers,
      layers: drawn?.numbers.layers ?? [],
    })),
  };
}

/** @param {Found[]} found @returns {Table} */
export function table(found) {
  return {
    head: ['network', ...(found[0]?.written.head ?? []), 'dead'],
    rows: found.flatMap(({ network, measured, training, written }) =>
      written.rows.map((row, at) => {
        const filter = measured.filters[at];
        return [network, ...row, String(filter ? isDead(filter, training?.unanswered[at] ?? false) : '')];
      }),
    ),
  };
}
