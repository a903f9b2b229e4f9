/** The poster on the page: bands of tiles that fill as they come, the photograph at the foot. */
import { h } from '../../widgets/dom.js';
import { blank, paint } from '../../widgets/paint.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Picture, Rule } from '../../engine/protocol.js' */
/** @import { HierarchyBand, HierarchyLevel, HierarchyPart, StrongTile, Written } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Poster } from '../../../pkg/figures/zfnet_web_figures.js' */
/** @import { Pinned, Shown } from '../../view/viewer.js' */
/** @typedef {ReturnType<typeof createSheet>} Sheet */
/** @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, tile: StrongTile | null }} Place */

/** Bands of more columns than this are too fine for numbers under their tiles. */
const NUMBERED = 16;

/**
 * @param {Lens} lens
 * @param {object} options
 * @param {() => Rule} options.rule
 * @param {() => Shown | null} options.shown
 * @param {(found: Pinned | null) => void} options.onPoint
 * @param {(tile: StrongTile) => void} options.onPick
 */
export function createSheet(lens, { rule, shown, onPoint, onPick }) {
  const { t, percent, number } = lens.words;
  const title = h('h3', {});
  const paper = h('div', { class: 'bands' });
  const photo = h('canvas', { class: 'blank', role: 'img', label: 'photo' });
  const caption = h('div', { class: 'poster-caption' });
  const page = h(
    'div',
    { class: 'poster', role: 'group', label: 'hierarchySheet', hidden: true },
    title,
    paper,
    h('div', { class: 'foot' }, photo, caption),
  );
  const element = h('div', { class: 'hierarchy-body' }, h('p', { class: 'note', t: 'hierarchyHint' }), page);

  /** @type {HierarchyBand[]} */
  let bands = [];
  /** @type {HierarchyLevel[]} */
  let levels = [];
  /** @type {StrongTile[]} in the order in which they came */
  let tiles = [];
  /** All numbers of them. @type {Written} */
  let written = { numbers: {}, head: [], rows: [] };
  /** @type {Map<string, Place[]>} */
  const places = new Map();
  /** @type {Map<string, HTMLElement>} */
  const names = new Map();
  /** @type {Picture} */
  let photograph = { width: 1, height: 1, rgba: new Uint8ClampedArray([128, 128, 128, 255]) };

  const all = () => [...bands].reverse().flatMap(({ layer }) => places.get(layer) ?? []);
  const placeOf = (/** @type {EventTarget | null} */ target) => {
    const button = target instanceof Element ? target.closest('button') : null;
    return all().find((one) => one.button === button) ?? null;
  };
  const point = (/** @type {Event} */ event) => {
    const tile = placeOf(event.target)?.tile;
    if (!tile) return onPoint(null);
    const { map, row, col, activation, window, projection } = tile;
    onPoint({ unit: [map, row, col], activation, window, projection });
  };
  paper.addEventListener('pointerover', point);
  paper.addEventListener('focusin', (event) => {
    for (const { button } of all()) button.tabIndex = button === event.target ? 0 : -1;
    point(event);
  });
  paper.addEventListener('pointerleave', () => onPoint(null));
  paper.addEventListener('focusout', () => onPoint(null));
  paper.addEventListener('click', (event) => {
    const tile = placeOf(event.target)?.tile;
    if (tile) onPick(tile);
  });
  paper.addEventListener('keydown', (event) => {
    const place = placeOf(event.target);
    const to = place && next(place, event.key);
    if (!to) return;
    event.preventDefault();
    to.button.focus();
  });

  /** Sideways from tile to tile, up and down to what lies over or under it. @param {Place} from @param {string} key */
  function next(from, key) {
    const list = all();
    const at = list.indexOf(from);
    if (key === 'ArrowLeft' || key === 'ArrowRight') return list[at + (key === 'ArrowLeft' ? -1 : 1)];
    if (key === 'Home' || key === 'End') return list.at(key === 'Home' ? 0 : -1);
    if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
    const here = from.button.getBoundingClientRect();
    const down = key === 'ArrowDown' ? 1 : -1;
    const middle = here.left + here.width / 2;
    const beyond = list
      .map((one) => ({ one, box: one.button.getBoundingClientRect() }))
      .filter(({ box }) => down * (box.top - here.top) > here.height / 2);
    const nearest = Math.min(...beyond.map(({ box }) => down * box.top));
    const row = beyond.filter(({ box }) => Math.abs(down * box.top - nearest) < 2);
    const gap = (/** @type {DOMRect} */ box) => Math.abs(box.left + box.width / 2 - middle);
    return row.sort((a, b) => gap(a.box) - gap(b.box))[0]?.one;
  }

  /** @param {HierarchyPart} part */
  function layOut(part) {
    bands = part.bands;
    places.clear();
    names.clear();
    const drawn = [...bands].reverse().map(({ layer, maps, columns }, index) => {
      const own = maps.map((map, at) => {
        const canvas = h('canvas', { class: 'blank', width: '1', height: '1', 'aria-hidden': 'true' });
        const button = h(
          'button',
          {
            type: 'button',
            tabindex: index + at === 0 ? '0' : '-1',
            disabled: true,
            data: { layer, map: String(map) },
          },
          canvas,
        );
        if (columns <= NUMBERED) button.append(h('span', { class: 'map-number', 'aria-hidden': 'true' }, String(map)));
        return { button, canvas, tile: null };
      });
      places.set(layer, own);
      const name = h('h4', {});
      names.set(layer, name);
      const grid = h('div', { class: 'tiles', style: `--columns: ${columns}` }, ...own.map(({ button }) => button));
      return h('section', { class: columns > 6 ? 'band fine' : 'band', data: { layer } }, name, grid);
    });
    paper.replaceChildren(...drawn);
    page.hidden = false;
  }

  /**
   * A line for each band, and what stands beside the photograph.
   * @param {{ layer: string, maps: number[] }[]} of
   * @returns {Poster['words']}
   */
  function words(of) {
    const look = shown()?.look;
    const network = shown()?.network;
    const best = look?.classes?.[0];
    const names = best && network?.classes[best.index];
    const name = names && ((lens.words.language === 'zh' && names.zh) || names.en);
    return {
      title: t('hierarchyTitle'),
      bands: of.map(({ layer, maps }) => {
        const level = levels.find((one) => one.layer === layer);
        const [rows, cols] = level?.field ?? [0, 0];
        return t('hierarchyBand', { layer, count: maps.length, maps: level?.maps ?? 0, rows, cols });
      }),
      caption: [
        network?.name ?? '',
        ...(best && name ? [t('hierarchySays', { name, share: percent(best.probability) })] : []),
        ...(look?.fit?.strange ? [t('hierarchyStrange')] : []),
        t('hierarchyCaption1', { rule: t(rule()).toLowerCase() }),
        t('hierarchyCaption2'),
        t('hierarchyCaption3'),
      ],
    };
  }

  function render() {
    if (page.hidden) return;
    const said = words(bands);
    title.textContent = said.title;
    bands.forEach(({ layer }, at) => {
      const name = names.get(layer);
      if (name) name.textContent = said.bands[at] ?? '';
    });
    caption.replaceChildren(...said.caption.map((line) => h('p', {}, line)));
    for (const { button, tile } of all()) if (tile) describe(button, tile);
  }

  /** @param {HTMLButtonElement} button @param {StrongTile} tile */
  function describe(button, { layer, map, row, col, activation }) {
    const label = t('hierarchyTile', { layer, map, row, col, value: number(activation) });
    button.setAttribute('aria-label', label);
    button.title = label;
  }

  return {
    element,
    render,
    words,
    get tiles() {
      return tiles;
    },
    get written() {
      return written;
    },
    get photograph() {
      return photograph;
    },
    /** The bands of what has come. */
    known() {
      const found = bands.map(({ layer }) => ({
        layer,
        maps: tiles.filter((tile) => tile.layer === layer).map(({ map }) => map),
      }));
      return found.filter(({ maps }) => maps.length > 0);
    },
    /** @param {Picture} input what the network was given, until the photograph's own pixels come */
    begin(input) {
      [bands, levels, tiles] = [[], [], []];
      page.hidden = true;
      blank(photo);
      this.setPhotograph(input);
    },
    /** @param {Picture} picture */
    setPhotograph(picture) {
      photograph = picture;
      paint(photo, picture);
    },
    /** @param {HierarchyPart} part */
    add(part) {
      [levels, written] = [part.levels, part.written];
      if (bands.length === 0) layOut(part);
      for (const tile of part.tiles) {
        const own = places.get(tile.layer) ?? [];
        const place = own[tiles.filter(({ layer }) => layer === tile.layer).length];
        tiles.push(tile);
        if (!place) continue;
        place.tile = tile;
        paint(place.canvas, tile.projection);
        // On paper all of them are smooth.
        place.canvas.classList.remove('coarse');
        place.button.disabled = false;
        place.button.dataset.of = `${tile.layer} ${tile.map},${tile.row},${tile.col}`;
      }
      render();
    },
  };
}
