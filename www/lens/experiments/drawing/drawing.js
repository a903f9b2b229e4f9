/**
 * The network as a row of boxes: the way to choose a layer, and from there to the arithmetic of each operation. Many layers are
 * chosen from a list, and a network with branches is no row.
 */
import './words.js';
import { windowOf } from '../../view/target.js';
import { h } from '../../widgets/dom.js';
import { paint } from '../../widgets/paint.js';
import { isChain } from '../layers/groups.js';
import { element as svg } from '../plot.js';
import { boxOf, hasPlaces, kernelOf, pictureBoxOf, reachIn, stagesOf } from './geometry.js';

/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/** @import { Place } from '../../tab.js' */
/** @import { Target } from '../../view/target.js' */
/** @typedef {{ update: () => void, render: () => void }} Drawing */
/**
 * @typedef {object} Stage
 * @property {LayerInfo | null} layer `null`: the picture
 * @property {HTMLElement} cell
 * @property {HTMLButtonElement} go
 * @property {HTMLButtonElement | null} look at its arithmetic, where that is not what `go` does
 * @property {HTMLElement} band
 * @property {SVGPathElement} cone
 * @property {number} height of its box, in pixels
 */

const TALLEST = 56;
/** The setting that holds which operation is looked at. */
const OPTION = 'explore.op';

/** @param {Place} place @param {HTMLElement} element @returns {Drawing} */
export function createNetworkDrawing(place, element) {
  const { lens } = place;
  const { t } = lens.words;
  const { viewer, onChange } = place;
  const row = h('ol', { class: 'stages-row', role: 'list' });
  const scroller = h('div', { class: 'stages-frame' }, row);
  const words = h('p', { class: 'unseen' });
  const head = h('header', {}, h('h2', { t: 'drawing' }), h('p', { class: 'note', t: 'drawingHint' }));
  element.append(head, scroller, words);
  const picture = h('canvas', { class: 'blank', 'aria-hidden': 'true' });
  const frame = h('i', { class: 'seen', hidden: true });
  /** @type {Stage[]} */
  let stages = [];
  /** @type {NetworkInfo | null} */
  let network = null;
  /** @type {unknown} what the canvas shows */
  let painted = null;
  let revealed = '';
  /** @type {import('../arithmetic/panel.js').Panel | null} fetched when an operation is first looked at */
  let panel = null;
  let isComing = false;
  /** @type {import('../layers/section.js').Layers | null} fetched with the first network that has many */
  let layers = null;
  let areComing = false;

  async function fetchLayers() {
    if (areComing) return;
    areComing = true;
    try {
      const [{ createLayers }] = await Promise.all([
        import('../layers/section.js'),
        lens.adopt('experiments/layers/layers.css'),
      ]);
      layers = createLayers(place);
      element.append(layers.element);
      update();
    } catch (error) {
      place.onError(error);
    } finally {
      areComing = false;
    }
  }

  async function fetchPanel() {
    if (isComing) return;
    isComing = true;
    try {
      const styles = ['experiments/experiment.css', 'experiments/learn/learn.css', 'experiments/learn/grids.css'];
      const [{ createPanel }] = await Promise.all([
        import('../arithmetic/panel.js'),
        ...[...styles, 'experiments/arithmetic/arithmetic.css'].map((path) => lens.adopt(path)),
      ]);
      panel = createPanel(place, () => open(null));
      element.append(panel.element);
      panel.update(viewer.view.options[OPTION] ?? null);
    } catch (error) {
      place.onError(error);
    } finally {
      isComing = false;
    }
  }

  /** @param {string | null} name of the operation */
  function open(name) {
    const { [OPTION]: before, ...options } = viewer.view.options;
    onChange({ options: name ? { ...options, [OPTION]: name } : options }, true);
    const stage = stages.find(({ layer }) => layer?.name === before);
    if (!name) (stage?.look ?? stage?.go)?.focus();
  }

  /** @param {Stage['layer']} layer */
  function go(layer) {
    if (!layer) return /** @type {HTMLElement | null} */ (viewer.stage.element.querySelector('.crop'))?.focus();
    if (layer.op === 'conv') {
      return onChange({ layer: layer.name, map: null, unit: null, whole: false, classIndex: null }, true);
    }
    const tab = tabOf(layer);
    if (tab) onChange({ tab }, true);
    else open(viewer.view.options[OPTION] === layer.name ? null : layer.name);
  }

  /** Another view of the page that is about this stage. @param {LayerInfo} layer @returns {'attribution' | 'invariance' | null} */
  function tabOf({ op, name }) {
    if (op !== 'dense') return null;
    const dense = (network?.layers ?? []).filter((one) => one.op === 'dense');
    if (dense.at(-1)?.name === name) return network?.classes.length ? 'attribution' : null;
    return dense.at(-2)?.name === name ? 'invariance' : null;
  }

  /** @param {LayerInfo | null} layer @param {NetworkInfo['inputSize']} inputSize @returns {Stage} */
  function create(layer, inputSize) {
    const whole = pictureBoxOf(inputSize, TALLEST);
    const size = layer ? boxOf(layer.shape, inputSize[0], whole.height) : whole;
    const band = h('i', { class: 'reached' });
    const box = h('span', { class: 'box', style: `width: ${size.width}px; height: ${size.height}px` });
    if (layer) box.append(band);
    else box.append(picture, frame);
    const room = h('span', { class: 'room' }, box);
    const cone = svg('path', { class: 'cone' });
    const lines = svg('svg', { viewBox: `0 0 100 ${TALLEST}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    lines.append(cone);
    const isConv = layer?.op === 'conv';
    const name = layer ? (isConv || layer.op === 'dense' ? layer.name : null) : null;
    const isNew = layer && (isConv || layer.op === 'dense' || layer.op === 'max_pool' || layer.op === 'gap');
    const title = name ? h('b', {}, name) : h('b', { t: layer ? `op-${layer.op}` : 'op-input' });
    const shape = h(
      'span',
      { class: 'shape', 'aria-hidden': 'true' },
      layer ? (isNew ? shapeOf(layer) : '') : frameOf(...inputSize),
    );
    const [goButton, look] = isConv
      ? [button('go', () => go(layer), room), button('look', () => open(isOpen(layer) ? null : layer.name), title)]
      : [button('go', () => go(layer), room, title), null];
    const item = h(
      'li',
      { class: `stage-cell of-${layer?.op ?? 'input'}`, data: { stage: layer?.name ?? 'input' } },
      lines,
      goButton,
      ...(look ? [look] : []),
      shape,
    );
    return { layer, cell: item, go: goButton, look, band, cone, height: size.height };
  }

  const isOpen = (/** @type {LayerInfo | null} */ layer) =>
    layer !== null && viewer.view.options[OPTION] === layer.name;

  /** @param {NetworkInfo} next another network, or the same one with its classifier */
  function follow(next) {
    const layers = [null, ...stagesOf(next)];
    const keyOf = (/** @type {(LayerInfo | null)[]} */ all) =>
      JSON.stringify(all.map((one) => one && [one.name, one.shape]));
    const isSame =
      String(network?.inputSize) === String(next.inputSize) &&
      keyOf(stages.map(({ layer }) => layer)) === keyOf(layers);
    network = next;
    if (isSame) for (const [at, stage] of stages.entries()) stage.layer = layers[at] ?? null;
    else {
      stages = layers.map((layer) => create(layer, next.inputSize));
      row.replaceChildren(...stages.map((stage) => stage.cell));
      revealed = '';
    }
    label();
  }

  function label() {
    for (const { layer, go: box, look } of stages) {
      box.setAttribute('aria-label', nameOf(layer));
      box.title = nameOf(layer);
      look?.setAttribute('aria-label', t('drawingLook', { layer: layer?.name ?? '' }));
      if (look && layer) look.title = operationOf(layer);
    }
  }

  /** @param {LayerInfo | null} layer */
  function nameOf(layer) {
    if (!layer) {
      const [rows, cols] = network?.inputSize ?? [0, 0];
      return t('drawingInput', { rows, cols });
    }
    const [maps, rows, cols] = layer.shape;
    const size = hasPlaces(layer) ? t('drawingMaps', { maps, rows, cols }) : t('drawingNumbers', { count: maps });
    const tab = tabOf(layer);
    const then = layer.op === 'conv' ? t('drawingChooses') : t('drawingArithmetic');
    const does = tab ? t('drawingOpens', { tab: t(`tab-${tab}`) }) : then;
    return t('drawingStage', { layer: layer.name, op: t(`op-${layer.op}`), size, does });
  }

  /** @param {LayerInfo} layer */
  function operationOf(layer) {
    const all = network?.layers ?? [];
    const before = all[all.indexOf(layer) - 1];
    const { kernel, stride } = kernelOf(layer, before);
    const [maps] = layer.shape;
    const perMap = (before?.shape[0] ?? 3) * (kernel[0] ?? 1) * (kernel[1] ?? 1);
    const groups = layer.parameters > maps ? Math.round((maps * perMap) / (layer.parameters - maps)) : 1;
    const said = t('drawingKernel', { rows: kernel[0] ?? 1, cols: kernel[1] ?? 1, stride: stride[0] ?? 1 });
    return groups > 1 ? `${said}, ${t('drawingGroups', { count: groups })}` : said;
  }

  /** The part of each stage that what is chosen rests on, from 0 to 1; `null` where it does not reach. @param {Target} target */
  function parts(target) {
    const from = target.kind === 'class' ? null : (network?.layers.find(({ name }) => name === target.layer) ?? null);
    const last = target.kind === 'class' ? stages.length - 1 : stages.findIndex(({ layer }) => layer === from);
    return stages.map(({ layer }, at) => {
      if (at > last) return null;
      if (!layer || !from || target.kind !== 'unit' || !hasPlaces(layer)) return { top: 0, bottom: 1 };
      const rows = layer.shape[1];
      const { top, bottom } = reachIn(from, [target.row, target.col], layer);
      return { top: top / rows, bottom: Math.max(bottom, top + 1) / rows };
    });
  }

  function light() {
    const { target, shown } = viewer;
    if (!target || !shown || !network) return;
    const found = parts(target);
    const seen = windowOf(target, network);
    if (found[0] && target.kind === 'unit') {
      const [most] = network.inputSize;
      found[0] = { top: Math.max(0, seen.top / most), bottom: Math.min(1, (seen.top + seen.height) / most) };
    }
    const middle = (/** @type {number} */ at) => {
      const part = found[at];
      const { height = 0 } = stages[at] ?? {};
      return part && [(TALLEST - height) / 2 + part.top * height, (TALLEST - height) / 2 + part.bottom * height];
    };
    for (const [at, stage] of stages.entries()) {
      const part = found[at] ?? null;
      const { layer, cell: item, band, cone } = stage;
      const isChosen = target.kind !== 'class' && layer?.name === target.layer;
      item.classList.toggle('lit', part !== null);
      if (isChosen) stage.go.setAttribute('aria-current', 'true');
      else stage.go.removeAttribute('aria-current');
      if (layer && !tabOf(layer)) (stage.look ?? stage.go).setAttribute('aria-expanded', String(isOpen(layer)));
      band.hidden = part === null;
      const height = part ? Math.max(2, (part.bottom - part.top) * stage.height) : 0;
      const left = isChosen && layer ? (100 * target.map) / Math.max(1, layer.shape[0]) : 0;
      Object.assign(band.style, {
        top: `${Math.min(stage.height - height, (part?.top ?? 0) * stage.height)}px`,
        height: `${height}px`,
        left: `${Math.min(96, left)}%`,
        width: isChosen ? '4px' : '100%',
      });
      const [before, here, after] = [middle(at - 1), middle(at), middle(at + 1)];
      const half = (/** @type {number[] | null | undefined} */ a, /** @type {number[] | null | undefined} */ b) =>
        a && b ? a.map((value, i) => (value + (b[i] ?? 0)) / 2) : null;
      const [first, last] = [half(before, here), half(here, after)];
      const near = (/** @type {number | undefined} */ value) => Math.round((value ?? 0) * 10) / 10;
      const [l, m, r] = [first ?? here, here, last ?? here];
      const [x0, x1] = [first ? 0 : 50, last ? 100 : 50];
      cone.setAttribute(
        'd',
        l && m && r
          ? `M${x0} ${near(l[0])}L50 ${near(m[0])}L${x1} ${near(r[0])}V${near(r[1])}L50 ${near(m[1])}L${x0} ${near(l[1])}Z`
          : '',
      );
    }
    const share = (/** @type {number} */ value, /** @type {0 | 1} */ axis) => {
      const size = network?.inputSize[axis] ?? 1;
      return (100 * Math.max(0, Math.min(size, value))) / size;
    };
    frame.hidden = target.kind !== 'unit';
    Object.assign(frame.style, {
      top: `${share(seen.top, 0)}%`,
      left: `${share(seen.left, 1)}%`,
      bottom: `${100 - share(seen.top + seen.height, 0)}%`,
      right: `${100 - share(seen.left + seen.width, 1)}%`,
    });
    if (painted !== shown.look.input) paint(picture, (painted = shown.look.input));
    picture.classList.remove('coarse');
    tell(target, seen);
  }

  /** The same in words. @param {Target} target @param {import('../../engine/protocol.js').FieldWindow} seen */
  function tell(target, seen) {
    if (target.kind === 'class') words.textContent = t('drawingPathClass');
    else if (target.kind === 'map') words.textContent = t('drawingPathMap', { layer: target.layer, map: target.map });
    else {
      const { layer, map, row: line, col } = target;
      words.textContent = t('drawingPath', { layer, map, row: line, col, rows: seen.height, cols: seen.width });
    }
  }

  /** Where the row is longer than its frame, the layer that is chosen is in sight. */
  function reveal() {
    const name = viewer.view.options[OPTION] ?? viewer.resolved.layer ?? '';
    const item = stages.find(({ layer }) => layer?.name === name)?.cell;
    if (!item || name === revealed) return;
    revealed = name;
    const [outer, inner] = [scroller.getBoundingClientRect(), item.getBoundingClientRect()];
    scroller.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
  }

  function update() {
    const { shown } = viewer;
    if (!shown) return;
    const isRow = isChain(shown.network);
    const isMany = !isRow || shown.look.layers.length > shown.network.milestones.length;
    for (const part of [head, scroller, words]) part.hidden = !isRow;
    if (layers) layers.element.hidden = !isMany;
    if (layers && isMany) layers.update();
    else if (isMany) void fetchLayers();
    const name = isRow ? (viewer.view.options[OPTION] ?? null) : null;
    if (panel) panel.update(name);
    else if (name) void fetchPanel();
    if (!isRow) return;
    if (network !== shown.network) follow(shown.network);
    light();
    reveal();
  }

  return {
    update,
    render() {
      label();
      light();
      panel?.render();
      layers?.render();
    },
  };
}

/** @param {string} name @param {() => void} click @param {...Node} children */
function button(name, click, ...children) {
  return h('button', { type: 'button', class: name, on: { click } }, ...children);
}

/** @param {LayerInfo} layer */
function shapeOf(layer) {
  const [maps, rows, cols] = layer.shape;
  if (!hasPlaces(layer)) return String(maps);
  const frame = frameOf(rows, cols);
  return layer.op === 'conv' ? `${frame}\n× ${maps}` : frame;
}

/** @param {number} rows @param {number} cols */
function frameOf(rows, cols) {
  return rows === cols ? `${rows}²` : `${rows} × ${cols}`;
}
