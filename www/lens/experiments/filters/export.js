/** The filters to take away: both networks side by side, their numbers, and a row for each filter. */
import { figure as drawn } from '../../figures.js';
import { isDead, lifeOf } from './life.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Rule } from '../../engine/protocol.js' */
/** @import { Session } from '../../engine/session.js' */
/** @import { Table } from '../experiment.js' */
/** @import { Found } from './column.js' */

/** @param {Lens} lens @param {Session} session @param {Found[]} found @param {{ scale: 'own' | 'shared', weakBelow: number, rule: Rule }} manner */
export function figure(lens, session, found, { scale, weakBelow, rule }) {
  const sides = found.map(({ network, written, training, levels, tiles, ...banks }) => ({
    network,
    found: written.numbers,
    bank: banks[scale],
    training,
    levels: levels.map(({ layer, maps }) => ({
      layer,
      maps,
      tiles: tiles.filter((tile) => tile.layer === layer).map(({ projection }) => projection),
    })),
  }));
  return drawn(lens, session, 'filters', { sides, shared: scale === 'shared', weak_below: weakBelow, rule });
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
