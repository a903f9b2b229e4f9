/** The graph of the network, small: what reads what, in columns of one resolution; the chosen layer and what it rests on are lit. */
import { h } from '../../widgets/dom.js';
import { element as svg, text } from '../plot.js';
import { layoutOf, restsOn } from './geometry.js';

/** @import { Lens } from '../../lens.js' */
/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/** @import { Layout, Node } from './geometry.js' */

/** Distances in pixels: between columns, which take the room that there is, and between lanes. */
const COLUMN = { least: 5, most: 28 };
const LANE = 13;
const TOP = 18;
/** So near a press means a layer. */
const REACH = 16;
/** A band narrower than this has no room for its size; each letter more than those of a square one takes more. */
const LABEL = { least: 26, letters: 4, letter: 7 };

/** @param {Lens} lens @param {{ onChoose: (layer: LayerInfo) => void, describe: (layer: LayerInfo) => string }} handlers */
export function createGraph(lens, { onChoose, describe }) {
  const { t } = lens.words;
  const drawing = svg('svg', { role: 'img' });
  const frame = h('div', { class: 'graph-frame', role: 'group', label: 'layersGraph' });
  frame.append(drawing);
  const words = h('p', { class: 'note', 'aria-hidden': 'true' });
  /** @type {Layout | null} */
  let layout = null;
  /** @type {readonly LayerInfo[]} those that can be chosen */
  let layers = [];
  /** @type {SVGRectElement[]} */
  let boxes = [];
  let litEdges = svg('path', { class: 'edges lit' });
  let column = COLUMN.most;
  let chosen = -1;

  const x = (/** @type {Node} */ node) => (node.column + 0.5) * column;
  const y = (/** @type {Node} */ node) => TOP + (node.lane - (layout?.lanes.first ?? 0) + 0.75) * LANE;

  /** @param {Node} from @param {Node} to */
  function edge(from, to) {
    const [x0, y0, x1, y1] = [x(from), y(from), x(to), y(to)].map((value) => Math.round(value * 10) / 10);
    // What passes others in its own lane goes around them.
    if (from.lane === to.lane && to.column - from.column > 1)
      return `M${x0} ${y0}Q${((x0 ?? 0) + (x1 ?? 0)) / 2} ${(y0 ?? 0) - 1.2 * LANE} ${x1} ${y1}`;
    const near = Math.min((x0 ?? 0) + column, x1 ?? 0);
    return from.lane === to.lane ? `M${x0} ${y0}H${x1}` : `M${x0} ${y0}L${near} ${y1}H${x1}`;
  }

  /** @param {(at: number) => boolean} [isDrawn] */
  function edges(isDrawn = () => true) {
    const nodes = layout?.nodes ?? [];
    return nodes
      .flatMap((node, at) =>
        isDrawn(at) ? node.from.map((from) => edge(/** @type {Node} */ (nodes[from]), node)) : [],
      )
      .join('');
  }

  function draw() {
    if (!layout || frame.clientWidth === 0) return;
    const { nodes, columns, lanes, bands } = layout;
    column = Math.min(COLUMN.most, Math.max(COLUMN.least, frame.clientWidth / columns));
    const width = Math.round(columns * column);
    const height = TOP + (lanes.last - lanes.first + 1.5) * LANE;
    drawing.setAttribute('width', String(width));
    drawing.setAttribute('height', String(height));
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const side = Math.min(9, column - 1);
    boxes = nodes.map((node) => {
      const tall = node.layer.op === 'concat' ? side + 5 : side;
      return svg('rect', {
        class: `node of-${node.layer.op}`,
        x: x(node) - side / 2,
        y: y(node) - tall / 2,
        width: side,
        height: tall,
        rx: node.layer.op === 'add' ? side / 2 : 1,
      });
    });
    litEdges = svg('path', { class: 'edges lit' });
    drawing.replaceChildren(
      ...bands.flatMap(({ rows, cols, first, end }, at) => {
        const room = (end - first) * column;
        const back = svg('rect', {
          class: at % 2 ? 'band' : 'band other',
          x: first * column,
          y: 0,
          width: room,
          height,
        });
        const size = rows === cols ? `${rows}²` : `${rows}×${cols}`;
        const needed = LABEL.least + LABEL.letter * Math.max(0, size.length - LABEL.letters);
        return room < needed ? [back] : [back, text(size, { class: 'size', x: first * column + 4, y: 12 })];
      }),
      svg('path', { class: 'edges', d: edges() }),
      litEdges,
      ...boxes,
    );
    // What is wider than its frame is moved with the keys as well.
    if (width > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute('tabindex');
    light();
  }

  function light() {
    const nodes = layout?.nodes ?? [];
    const lit = chosen < 0 ? new Set() : restsOn(nodes, chosen);
    for (const [at, box] of boxes.entries()) {
      box.classList.toggle('lit', lit.has(at));
      box.classList.toggle('chosen', at === chosen);
    }
    litEdges.setAttribute(
      'd',
      edges((at) => lit.has(at)),
    );
    const node = nodes[chosen];
    const name = node?.layer.name ?? '';
    drawing.setAttribute(
      'aria-label',
      t(node ? 'layersGraphAlt' : 'layersGraphWhole', { layer: name, count: lit.size }),
    );
    words.textContent = node ? describe(node.layer) : t('layersGraphHint');
    if (node && (x(node) < frame.scrollLeft || x(node) > frame.scrollLeft + frame.clientWidth))
      frame.scrollLeft = x(node) - frame.clientWidth / 2;
  }

  /** The layer at a pointer that can be chosen. @param {MouseEvent} event */
  function under({ clientX, clientY }) {
    const { left, top } = drawing.getBoundingClientRect();
    const apart = (/** @type {Node} */ node) => Math.hypot(x(node) + left - clientX, y(node) + top - clientY);
    const near = (layout?.nodes ?? [])
      .filter((node) => layers.includes(node.layer) && apart(node) < REACH)
      .sort((a, b) => apart(a) - apart(b))[0];
    return near?.layer ?? null;
  }

  drawing.addEventListener('click', (event) => {
    const layer = under(event);
    if (layer) onChoose(layer);
  });
  drawing.addEventListener('pointermove', (event) => {
    const layer = under(event);
    drawing.classList.toggle('over', layer !== null);
    if (layer) words.textContent = describe(layer);
  });
  drawing.addEventListener('pointerleave', light);
  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    requestAnimationFrame(draw);
  }).observe(frame);

  return {
    element: h('div', { class: 'graph' }, frame, words),
    /** @param {NetworkInfo} network @param {readonly LayerInfo[]} those that can be chosen */
    follow(network, those) {
      layout = layoutOf(network);
      layers = those;
      chosen = -1;
      draw();
    },
    /** @param {string} name */
    choose(name) {
      const at = layout?.nodes.findIndex(({ layer }) => layer.name === name) ?? -1;
      if (at === chosen) return;
      chosen = at;
      light();
    },
    render: light,
  };
}
