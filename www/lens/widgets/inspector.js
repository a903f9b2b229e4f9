/** One answer, large: the projection, the patch that caused it, the map it stands in, its numbers and the rules in force. */
import { explain, h, iconButton, segmented } from './dom.js';
import { factsOf } from './facts.js';
import { createKeypad } from './keypad.js';
import { branchOf, mapName } from './map-name.js';
import { blank, inColours, isGrey, paint } from './paint.js';

/** @import { Lens } from '../lens.js' */
/** @import { Maps, NetworkInfo, Projection, Rule, Stretch } from '../engine/protocol.js' */
/**
 * What is being inspected.
 * @typedef {{ kind: 'unit', layer: string, map: number, row: number, col: number, activation: number | null, rank: number, mapIsSilent: boolean }
 *   | { kind: 'map', layer: string, map: number, activation: number, rank: number }
 *   | { kind: 'class', index: number, names: { en: string, zh?: string | undefined }, logit: number, probability: number }} Subject
 */
/**
 * @typedef {object} InspectorHandlers
 * @property {(row: number, col: number) => void} onPointUnit
 * @property {() => void} onLeave
 * @property {(row: number, col: number, final: boolean) => void} onPickUnit
 * @property {(rule: Rule) => void} onRule
 * @property {(stretch: Stretch) => void} onStretch
 * @property {(scale: 'own' | 'shared') => void} onScale
 * @property {(whole: boolean) => void} onWhole
 * @property {(tab: 'top' | 'favourite') => void} onTab of the map that is inspected
 * @property {(subject: Subject | null) => void} onSubject what is inspected, or how it is said, has changed
 * @property {(colour: 'full' | 'grey') => void} onColour
 * @property {() => void} onSavePng
 * @property {() => void} onSaveJson
 * @property {() => void} onSaveNpy
 * @property {() => void} onCopyLink
 */

/** @param {Lens} lens @param {InspectorHandlers} handlers */
export function createInspector(lens, handlers) {
  const { t, number, inLanguage } = lens.words;
  const npy = iconButton('table', 'saveNpy', handlers.onSaveNpy);
  npy.hidden = true;
  const projection = h('canvas', { class: 'blank', role: 'img', data: { view: 'projection' } });
  const patch = h('canvas', { class: 'blank', role: 'img', label: 'patchAlt', data: { view: 'patch' } });
  const map = h('canvas', { class: 'blank', role: 'img', data: { view: 'map' } });
  const marker = h('i', { class: 'unit-mark', hidden: true });
  const silent = h('p', { class: 'silent', hidden: true });
  const words = {
    projection: h('figcaption', {}),
    patch: h('figcaption', {}),
    low: h('span', {}),
    high: h('span', {}),
    minus: h('span', {}),
    plus: h('span', {}),
  };
  const title = h('h2', {});
  const rule = segmented(
    'ruleLabel',
    [
      ['deconvnet', 'deconvnet'],
      ['guided', 'guided'],
      ['gradient', 'gradient'],
    ],
    handlers.onRule,
  );
  const ruleText = h('p', { class: 'note' });
  const scale = segmented(
    'scale',
    [
      ['own', 'own'],
      ['shared', 'shared'],
    ],
    handlers.onScale,
  );
  const stretch = segmented(
    'stretch',
    [
      ['quantile', 'quantile'],
      ['minmax', 'minmax'],
      ['sigmoid', 'sigmoid'],
    ],
    handlers.onStretch,
  );
  const whole = segmented(
    'projectionOf',
    [
      ['unit', 'oneUnit'],
      ['map', 'wholeMap'],
    ],
    (choice) => handlers.onWhole(choice === 'map'),
  );
  const colour = segmented(
    'colour',
    [
      ['full', 'inFull'],
      ['grey', 'inGrey'],
    ],
    handlers.onColour,
  );
  const colourText = h('p', { class: 'note' });
  /** What other pictures woke the map, once that has come. */
  const slot = h('div', {});
  const leading = (/** @type {'top' | 'favourite'} */ tab) =>
    h('button', { type: 'button', class: 'button', t: `tab-${tab}`, on: { click: () => handlers.onTab(tab) } });
  const ofMap = h(
    'div',
    { class: 'of-map' },
    slot,
    h('div', { class: 'ways', role: 'group', label: 'ofMap' }, leading('top'), leading('favourite')),
  );
  const numbers = h('dl', {});

  /** @type {Subject | null} */
  let subject = null;
  /** @type {Maps | null} */
  let maps = null;
  /** @type {Projection | null} */
  let shown = null;
  /** @type {Rule} */
  let ruleNow = 'deconvnet';
  /** @type {NetworkInfo | null} */
  let network = null;

  const keypad = createKeypad({
    cellAt: (event) => {
      if (!maps) return null;
      const frame = map.getBoundingClientRect();
      const at = (/** @type {number} */ share, /** @type {number} */ count) =>
        Math.max(0, Math.min(count - 1, Math.floor(share * count)));
      return (
        at((event.clientY - frame.top) / frame.height, maps.rows) * maps.cols +
        at((event.clientX - frame.left) / frame.width, maps.cols)
      );
    },
    onPoint: (cell) => maps && handlers.onPointUnit(Math.floor(cell / maps.cols), cell % maps.cols),
    onLeave: handlers.onLeave,
    onPick: (cell) => maps && handlers.onPickUnit(Math.floor(cell / maps.cols), cell % maps.cols, true),
    onMove: (cell) => maps && handlers.onPickUnit(Math.floor(cell / maps.cols), cell % maps.cols, false),
  });
  const mapFigure = h(
    'figure',
    { class: 'print' },
    h('div', { class: 'square' }, map, marker, keypad.element),
    h('div', { class: 'colour-bar viridis' }, words.low, h('i', {}), words.high),
    h('figcaption', { t: 'mapText' }),
  );
  const grip = h('button', {
    type: 'button',
    class: 'grip',
    'aria-expanded': 'false',
    on: { click: () => expand(!element.classList.contains('expanded')) },
  });
  const element = h(
    'section',
    { class: 'inspector', hidden: true },
    h('header', {}, title, grip),
    h(
      'div',
      { class: 'pictures' },
      h(
        'figure',
        { class: 'print hero' },
        h('div', { class: 'square' }, projection, silent),
        h('div', { class: 'colour-bar grey' }, words.minus, h('i', {}), words.plus),
        words.projection,
        explain('back'),
      ),
      h('figure', { class: 'print' }, h('div', { class: 'square' }, patch), words.patch),
      mapFigure,
    ),
    h('div', { class: 'reading' }, whole.element, colour.element, colourText),
    ofMap,
    h(
      'div',
      { class: 'settings' },
      rule.element,
      h('div', {}, ruleText, explain('rectifier')),
      numbers,
      h(
        'details',
        {},
        h('summary', { t: 'moreSettings' }),
        row('scale', scale.element),
        row('stretch', stretch.element),
      ),
      h(
        'div',
        { class: 'actions' },
        iconButton('save', 'savePng', handlers.onSavePng, true),
        iconButton('data', 'saveJson', handlers.onSaveJson),
        npy,
        iconButton('link', 'copyLink', handlers.onCopyLink),
      ),
    ),
  );

  /** @param {boolean} open */
  function expand(open) {
    element.classList.toggle('expanded', open);
    grip.setAttribute('aria-expanded', String(open));
    grip.textContent = t(open ? 'collapse' : 'expand');
  }

  function drawMap() {
    const has = subject && subject.kind !== 'class' && maps && maps.layer === subject.layer;
    mapFigure.hidden = subject?.kind === 'class';
    if (!has || !maps || !subject || subject.kind === 'class') {
      marker.hidden = true;
      return blank(map);
    }
    const { rows, cols, tiles, ranges } = maps;
    const pixels = rows * cols * 4;
    paint(map, { width: cols, height: rows, rgba: tiles.subarray(subject.map * pixels, (subject.map + 1) * pixels) });
    const low = ranges[2 * subject.map] ?? 0;
    const high = ranges[2 * subject.map + 1] ?? 0;
    const top = scale.element.querySelector('input:checked')?.getAttribute('value') === 'shared' ? maps.high : high;
    words.low.textContent = number(Math.min(low, 0), 2);
    words.high.textContent = number(top, 3);
    map.setAttribute(
      'aria-label',
      t('mapAlt', { map: subject.map, layer: subject.layer, low: number(low), high: number(high) }),
    );
    marker.hidden = subject.kind !== 'unit';
    const spot = subject.kind === 'unit' ? subject : { row: 0, col: 0, activation: 0 };
    marker.style.left = `${(100 * (spot.col + 0.5)) / cols}%`;
    marker.style.top = `${(100 * (spot.row + 0.5)) / rows}%`;
    keypad.set({
      current: spot.row * cols + spot.col,
      total: rows * cols,
      columns: cols,
      name: t('mapKeys', { map: subject.map }),
      words: t('unitOption', { row: spot.row, col: spot.col, value: number(spot.activation ?? 0) }),
    });
  }

  /** @param {Projection} next */
  function draw(next) {
    const quiet = subject && subject.kind !== 'class' && subject.activation === 0;
    if (quiet) blank(projection);
    else paint(projection, inColours(next.projection));
  }

  function render() {
    grip.textContent = t(element.classList.contains('expanded') ? 'collapse' : 'expand');
    handlers.onSubject(subject);
    if (!subject) return;
    const kind = subject.kind;
    const name = kind === 'class' ? inLanguage(subject.names) : '';
    const of = subject.kind === 'class' ? null : subject.layer;
    const layer = network?.layers.find(({ name }) => name === of);
    const called = subject.kind === 'class' ? '' : mapName(lens, layer, subject.map);
    if (subject.kind === 'class') title.textContent = t('titleClass', { name });
    else {
      const branch = branchOf(layer, subject.map);
      title.classList.toggle('joined', branch !== undefined);
      const map = branch ? t('titleBranch', branch) : t('titleOf', { map: subject.map });
      const { row, col } = subject.kind === 'unit' ? subject : { row: 0, col: 0 };
      title.textContent = t(subject.kind === 'unit' ? 'titleUnit' : 'titleMap', { map, row, col });
    }
    const quiet = subject.kind !== 'class' && subject.activation === 0;
    silent.hidden = !quiet;
    silent.textContent = t(subject.kind === 'unit' && !subject.mapIsSilent ? 'silentUnit' : 'silentMap');
    words.projection.textContent = t(
      kind === 'unit' ? 'projectionText' : kind === 'map' ? 'projectionTextMap' : 'projectionTextClass',
    );
    words.patch.textContent = t(kind === 'unit' ? 'patchText' : 'patchTextWhole');
    if (subject.kind === 'unit')
      projection.setAttribute(
        'aria-label',
        t('projectionAlt', {
          layer: subject.layer,
          map: called,
          row: subject.row,
          col: subject.col,
          value: number(subject.activation ?? 0),
        }),
      );
    else if (subject.kind === 'map')
      projection.setAttribute('aria-label', t('projectionAltMap', { layer: subject.layer, map: called }));
    else projection.setAttribute('aria-label', t('projectionAltClass', { name }));
    const value = shown && !quiet ? number(shown.scale, 2) : '';
    words.minus.textContent = value && `−${value}`;
    words.plus.textContent = value && `+${value}`;
    ruleText.textContent = t(`${ruleNow}Text`);
    if (ruleNow !== 'gradient' && (layer ?? network?.layers.at(-1))?.sums) ruleText.append(' ', t('weakText'));
    colourText.textContent = t(isGrey ? 'greyText' : 'colourText');
    whole.element.hidden = ofMap.hidden = kind === 'class';
    numbers.replaceChildren(
      ...factsOf(lens, subject, network, ruleNow).flatMap(([key, fact]) => [h('dt', {}, key), h('dd', {}, fact)]),
    );
    drawMap();
  }

  return {
    element,
    slot,
    render,
    expand,
    /** @param {NetworkInfo} next */
    setNetwork(next) {
      network = next;
    },
    /** @param {{ rule: Rule, scale: 'own' | 'shared', stretch: Stretch, colour: 'full' | 'grey', whole: boolean }} manner */
    setManner(manner) {
      ruleNow = manner.rule;
      rule.set(manner.rule);
      scale.set(manner.scale);
      colour.set(manner.colour);
      stretch.set(manner.stretch);
      whole.set(manner.whole ? 'map' : 'unit');
    },
    /** On a phone the sheet stays low until something is chosen: what it would show is among the prints. @param {boolean} isResting */
    rest(isResting) {
      element.classList.toggle('resting', isResting);
    },
    /** The colours of projections have changed. */
    redraw() {
      if (shown) draw(shown);
    },
    /** @param {Subject} next */
    setSubject(next) {
      element.hidden = false;
      subject = next;
      if (next.kind !== 'class' && next.activation === 0) {
        shown = null;
        blank(projection);
      }
      render();
    },
    /** @param {Maps} next */
    setMaps(next) {
      maps = next;
      drawMap();
    },
    /** @param {Projection} next */
    show(next) {
      shown = next;
      npy.hidden = !next.values;
      draw(next);
      paint(patch, next.patch);
      projection.dataset.of =
        next.classIndex !== null
          ? `class ${next.classIndex}`
          : `${next.layer} ${next.unit ? next.unit.join(',') : next.map}`;
      projection.dataset.rule = next.rule;
      render();
    },
    get canvases() {
      return { projection, patch, map: mapFigure.hidden ? null : map };
    },
    get title() {
      return title.textContent ?? '';
    },
    get shown() {
      return shown;
    },
  };
}

/**
 * @param {import('../text.js').Key} key
 * @param {HTMLElement} control
 */
function row(key, control) {
  return h('div', { class: 'setting' }, h('span', { t: key, 'aria-hidden': 'true' }), control);
}
