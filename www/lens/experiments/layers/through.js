/** Which layer to choose: one place of the picture followed through the layers, each with the unit that answers most there. */
import { isAbandoned } from '../../engine/protocol.js';
import { h } from '../../widgets/dom.js';
import { mapName } from '../../widgets/map-name.js';
import { blank, inColours, paint } from '../../widgets/paint.js';
import { samePlace } from './geometry.js';

/** @import { LayerInfo, Maps, Projection } from '../../engine/protocol.js' */
/** @import { Place } from '../../tab.js' */
/** @typedef {{ layer: LayerInfo, found: Projection | null, projection: HTMLCanvasElement, element: HTMLButtonElement, words: HTMLElement }} Tile `found`: `null` where nothing answers */

/** @param {Place} place */
export function createThrough({ lens, viewer, session, onChange, onError, say }) {
  const { t, number } = lens.words;
  const start = h('button', { type: 'button', class: 'button', t: 'throughStart', on: { click: () => void run() } });
  const cancel = h('button', { type: 'button', class: 'button', t: 'cancel', hidden: true, on: { click: stop } });
  const row = h('div', { class: 'through-tiles', role: 'group', label: 'throughTiles', hidden: true });
  const element = h(
    'div',
    { class: 'through' },
    h('header', {}, h('h3', { t: 'through' }), h('p', { class: 'note', t: 'throughText' }), start, cancel),
    row,
  );
  /** @type {Tile[]} */
  let tiles = [];
  /** @type {AbortController | null} */
  let running = null;
  /** What the tiles are of, and in which colours they are drawn. */
  let key = '';
  let colour = '';

  const keyNow = () => {
    const { shown, view } = viewer;
    return JSON.stringify([shown?.context.photo.id, shown?.context.crop, shown?.network.name, view.rule, view.stretch]);
  };

  function stop() {
    running?.abort();
    running = null;
    cancel.hidden = true;
    start.hidden = false;
    row.removeAttribute('aria-busy');
  }

  function forget() {
    stop();
    tiles = [];
    row.replaceChildren();
    row.hidden = true;
  }

  async function run() {
    const { shown, resolved } = viewer;
    const from = shown?.network.layers.find(({ name }) => name === resolved.layer);
    const { unit } = resolved;
    if (!shown || !from || !unit) return;
    forget();
    key = keyNow();
    colour = resolved.colour;
    const control = new AbortController();
    running = control;
    row.hidden = cancel.hidden = false;
    start.hidden = true;
    row.setAttribute('aria-busy', 'true');
    cancel.focus();
    const { network, context } = shown;
    const options = { channel: /** @type {const} */ ('tiles'), signal: control.signal };
    const manner = { rule: resolved.rule, stretch: resolved.stretch, sharedScale: null };
    const wanted = network.layers.filter((layer) => layer === from || network.milestones.includes(layer.name));
    try {
      for (const layer of wanted) {
        const [line, col] = samePlace(from, unit, layer, network.inputSize);
        const maps = await session.call('maps', { context, layer: layer.name, scale: 'own' }, options);
        const map = mostAt(maps, line, col);
        const units = [map ?? 0, line, col];
        const [found] =
          map === null ? [] : await session.call('units', { context, layer: layer.name, units, manner }, options);
        if (running !== control) return;
        add(layer, found ?? null);
      }
      say(t('throughDone', { count: wanted.length }));
    } catch (error) {
      if (!isAbandoned(error)) onError(error);
    } finally {
      if (running === control) {
        const hadFocus = lens.focused === cancel;
        stop();
        if (hadFocus) start.focus();
      }
    }
  }

  /** @param {LayerInfo} layer @param {Projection | null} found */
  function add(layer, found) {
    const projection = h('canvas', { class: 'blank', 'aria-hidden': 'true' });
    const patch = h('canvas', { class: 'blank', 'aria-hidden': 'true' });
    const words = h('span', { class: 'words' });
    const [map, line, col] = found?.unit ?? [];
    const unit = map === undefined ? null : /** @type {[number, number]} */ ([line, col]);
    const tile = h(
      'button',
      {
        type: 'button',
        class: 'print',
        data: { layer: layer.name },
        on: {
          click: () => onChange({ layer: layer.name, map: map ?? null, unit, whole: false, classIndex: null }, true),
          pointerenter: (/** @type {PointerEvent} */ event) =>
            event.pointerType !== 'touch' && found && viewer.pin(found),
          pointerleave: () => viewer.pin(null),
        },
      },
      projection,
      patch,
      h('span', { class: 'caption' }, h('b', {}, layer.name), ' ', words),
    );
    if (found) paint(patch, found.patch);
    const one = { layer, found, projection, element: tile, words };
    tiles.push(one);
    row.append(tile);
    draw(one);
    describe(one);
  }

  /** @param {Tile} tile */
  function draw({ found, projection }) {
    if (found) paint(projection, inColours(found.projection));
    else blank(projection);
  }

  /** @param {Tile} tile */
  function describe({ layer, found, element, words }) {
    const [rows, cols] = layer.field.size;
    words.textContent = found
      ? t('printUnit', { map: mapName(lens, layer, found.unit?.[0] ?? 0), rows, cols })
      : t('throughSilent');
    const value = found ? `, ${t('activation')} ${number(found.activation)}` : '';
    element.setAttribute('aria-label', `${layer.name} ${words.textContent}${value}`);
  }

  return {
    element,
    update() {
      if (tiles.length + Number(running !== null) > 0 && keyNow() !== key) forget();
      start.disabled = viewer.isFilm;
      const { layer, map, unit, colour: wanted } = viewer.resolved;
      for (const { element, found, layer: own } of tiles) {
        const isChosen = own.name === layer && String(found?.unit) === String([map, ...(unit ?? [])]);
        if (isChosen) element.setAttribute('aria-current', 'true');
        else element.removeAttribute('aria-current');
      }
      if (colour === wanted) return;
      colour = wanted;
      for (const tile of tiles) draw(tile);
    },
    render() {
      for (const tile of tiles) describe(tile);
    },
  };
}

/** The map that answers most at a place; `null` where none does. @param {Maps} maps @param {number} row @param {number} col */
function mostAt({ maps, rows, cols, values }, row, col) {
  let best = null;
  let most = 0;
  for (let map = 0; map < maps; map++) {
    const value = values[(map * rows + row) * cols + col] ?? 0;
    if (value > most) [best, most] = [map, value];
  }
  return best;
}
