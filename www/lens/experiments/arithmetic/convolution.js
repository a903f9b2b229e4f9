/** One number of a convolution: the patch of one incoming map, its slice of the filter, and what all of them add up to. */
import { sign } from '../learn/grid.js';
import { h, iconButton } from '../../widgets/dom.js';
import { tableOf } from './table.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Spot } from './spot.js' */
/** @import { Shape } from './panel.js' */

const COLOURS = /** @type {const} */ (['cellRed', 'cellGreen', 'cellBlue']);
/** What Learn's own kernel is. */
const KERNEL = 3;

/** @param {Lens} lens @param {Spot} spot @returns {Shape} */
export function convolutionAt(lens, spot) {
  const { t, number } = lens.words;
  const { layer, at, map, row, col, numbers, engine, isRectified } = spot;
  const sum = numbers.sum(at, map, row, col);
  const { rows, cols, maps, weights, patch, shares, bias, first } = sum;
  const side = rows * cols;
  const order = [...shares.keys()].sort((a, b) => Math.abs(shares[b] ?? 0) - Math.abs(shares[a] ?? 0));
  let nth = 0;

  const figure = h('div', { class: 'equation' });
  const product = h('p', { class: 'formula', 'aria-live': 'polite', data: { view: 'arithmetic-product' } });
  const which = h('span', { class: 'note' });
  const steps = h(
    'div',
    { class: 'control' },
    iconButton('back', 'cellStronger', () => step(-1)),
    iconButton('next', 'cellWeaker', () => step(1)),
    which,
  );
  const total = h('p', { class: 'formula', data: { view: 'arithmetic-sum' } });

  function step(/** @type {number} */ by) {
    nth = (nth + by + maps) % maps;
    draw();
  }

  function draw() {
    const one = order[nth] ?? 0;
    const values = patch.slice(one * side, (one + 1) * side);
    const slice = weights.slice(one * side, (one + 1) * side);
    const products = [...values].map((value, i) => value * (slice[i] ?? 0));
    const largest = products.reduce(
      (best, value, i) => (Math.abs(value) > Math.abs(products[best] ?? 0) ? i : best),
      0,
    );
    // The maps of the first convolution are the colours of the picture.
    const colour = at === 0 ? COLOURS[one] : undefined;
    const caption = colour ? t('cellPatchColour', { colour: t(colour) }) : t('cellPatch', { map: first + one });
    const x = tableOf(lens, { name: 'x', view: 'arithmetic-patch', caption, cols, values: [...values], lit: largest });
    const w = tableOf(lens, {
      name: 'w',
      view: 'arithmetic-filter',
      caption: t('cellFilter'),
      cols,
      values: [...slice],
      lit: largest,
    });
    let lit = largest;
    const light = (/** @type {number} */ i) => {
      lit = i;
      for (const table of [x, w]) table.light(i);
      const place = { row: Math.floor(i / cols) + 1, col: (i % cols) + 1 };
      const [value, weight] = [values[i] ?? 0, slice[i] ?? 0];
      product.textContent = t('cellProduct', {
        ...place,
        value: number(value),
        weight: number(weight),
        product: number(value * weight),
      });
    };
    for (const table of [x, w])
      for (const [i, cell] of table.cells.entries()) cell.addEventListener('pointerenter', () => light(i));
    x.table.tabIndex = 0;
    x.table.setAttribute('aria-label', `${caption}. ${t('cellKeys')}`);
    x.table.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -cols, ArrowDown: cols }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      light(Math.max(0, Math.min(side - 1, lit + by)));
    });
    figure.replaceChildren(x.element, h('div', { class: 'pair' }, sign('·'), w.element));
    which.textContent = t('cellShareOf', { at: nth + 1, of: maps });
    light(largest);
    const share = shares[one] ?? 0;
    const part = (/** @type {string} */ words, /** @type {number} */ value) =>
      h('span', { class: 'term' }, h('b', {}, number(value)), ` ${words}`);
    const others = maps > 1 ? [' + ', part(t('cellOthers', { count: maps - 1 }), sum.sum - bias - share)] : [];
    total.replaceChildren(
      part(t('cellShare'), share),
      ...others,
      ' + ',
      part(t('cellBias'), bias),
      ' = ',
      part(t('cellSum'), sum.sum),
    );
    if (engine === null) return;
    const said = t(isRectified ? 'cellEngine' : 'cellEngineRaw', { value: number(engine) });
    total.append(h('span', { class: 'engine' }, said));
  }
  draw();

  const isLike = rows === KERNEL && cols === KERNEL;
  return {
    title: t('cellConvTitle', { layer: layer.name, map, row, col }),
    text: t('cellConvText', { maps, count: maps * side }),
    real: t('cellReal'),
    body: [figure, product, steps, total],
    lesson: 'convolution',
    copy: () => {
      if (!isLike) return null;
      const one = order[nth] ?? 0;
      const slice = weights.slice(one * side, (one + 1) * side);
      return { x: [...padded(patch.slice(one * side, (one + 1) * side))], k: [...slice] };
    },
  };
}

/** A patch of 3 × 3 in the corner of a picture of 4 × 4; the rest is nothing. @param {Float32Array} patch */
function padded(patch) {
  return Array.from({ length: 16 }, (_, i) =>
    i % 4 < KERNEL && i < 4 * KERNEL ? (patch[Math.floor(i / 4) * KERNEL + (i % 4)] ?? 0) : 0,
  );
}
