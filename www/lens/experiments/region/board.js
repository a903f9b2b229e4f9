/** Of every layer a row of maps: what made each answer inside the frame, and how much more than outside. */
import { h } from '../../widgets/dom.js';
import { inColours, paint } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Projection } from '../../engine/protocol.js' */
/** @import { RegionFound, RegionLayer } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Pinned } from '../../view/viewer.js' */
/** @typedef {{ layer: string, one: RegionFound, button: HTMLButtonElement, canvas: HTMLCanvasElement, numbers: HTMLElement, projection: Projection | null }} Tile */

/**
 * @param {Lens} lens
 * @param {object} hooks
 * @param {(found: Pinned | null) => void} hooks.onPoint
 * @param {(found: RegionFound & { layer: string }) => void} hooks.onPick
 */
export function createBoard(lens, { onPoint, onPick }) {
  const { t, number } = lens.words;
  const element = h('div', { class: 'region-layers' });
  /** @type {{ level: RegionLayer, title: HTMLElement, tiles: Tile[] }[]} */
  let rows = [];

  const point = (/** @type {Tile} */ { projection }) => onPoint(projection);

  /** @param {string} layer @param {RegionFound} one @returns {Tile} */
  function tileOf(layer, one) {
    const canvas = h('canvas', { class: 'blank', width: '1', height: '1', 'aria-hidden': 'true' });
    const numbers = h('span', { class: 'map-number' });
    const button = h(
      'button',
      {
        type: 'button',
        data: { of: `${layer} ${one.map},${one.row},${one.col}` },
        on: {
          click: () => onPick({ ...one, layer }),
          pointerenter: () => point(tile),
          focus: () => point(tile),
          pointerleave: () => onPoint(null),
          blur: () => onPoint(null),
        },
      },
      canvas,
      numbers,
    );
    /** @type {Tile} */
    const tile = { layer, one, button, canvas, numbers, projection: null };
    return tile;
  }

  /** @param {RegionFound} one */
  const linesOf = ({ map, correlation, inside, outside }) => [
    t('regionMap', { map }),
    `r = ${number(correlation)}`,
    `${number(inside)} : ${number(outside)}`,
  ];

  function render() {
    for (const { level, title, tiles } of rows) {
      const { layer, maps, found } = level;
      title.textContent = t('regionLayer', { layer, count: found.length, maps });
      for (const { one, button, numbers } of tiles) {
        numbers.replaceChildren(...linesOf(one).flatMap((line) => [h('span', {}, line), ' ']));
        const { map, row, col } = one;
        button.title = t('regionTile', {
          layer,
          map,
          row,
          col,
          correlation: number(one.correlation),
          inside: number(one.inside),
          outside: number(one.outside),
          value: number(one.activation),
        });
      }
    }
  }

  return {
    element,
    render,
    begin() {
      rows = [];
      element.replaceChildren();
    },
    /** The layers that are known; those that stand already stay. @param {RegionLayer[]} layers */
    set(layers) {
      for (const level of layers.slice(rows.length)) {
        const title = h('h3', {});
        const tiles = level.found.map((one) => tileOf(level.layer, one));
        const none = tiles.length === 0 ? [h('p', { class: 'note', t: 'regionNone' })] : [];
        const row = h('div', { class: 'region-tiles' }, ...tiles.map(({ button }) => button));
        element.append(h('section', { data: { layer: level.layer } }, title, ...none, row));
        rows.push({ level, title, tiles });
      }
      render();
    },
    /** @param {string} layer @param {number} at of the first @param {Projection[]} projections */
    draw(layer, at, projections) {
      const row = rows.find(({ level }) => level.layer === layer);
      projections.forEach((projection, from) => {
        const tile = row?.tiles[at + from];
        if (!tile) return;
        tile.projection = projection;
        paint(tile.canvas, inColours(projection.projection));
      });
    },
    /** What has come, in the order of the layers and of what was found in each. */
    projections: () =>
      rows.flatMap(({ tiles }) => tiles.map(({ projection }) => projection && inColours(projection.projection))),
  };
}
