/** A unit's own page, to link to: its nine, their projections, and its favourite on request. It needs no photograph. */
import '../words.js';
import '../top/words.js';
import './words.js';
import { isAbandoned, REPLACED } from '../../engine/protocol.js';
import { h, iconButton } from '../../widgets/dom.js';
import { mapAndLayer } from '../../widgets/map-name.js';
import { blank, paint } from '../../widgets/paint.js';
import { createBlocks, drawNine } from '../top/nine.js';

/** @import { Context } from '../../engine/protocol.js' */
/** @import { Place, TabPart } from '../../tab.js' */
/** @import { FavouritePart } from '../../../pkg/cpu/zfnet_web.js' */

/** @param {Place} place @returns {TabPart} */
export function createUnit({ lens, viewer, session, onChange, onCopyLink, onError }) {
  const { t, number } = lens.words;
  const usual = () => session.network?.usual.favourite.maco;
  const title = h('h2', {});
  const text = h('p', { class: 'reading' });
  const not = h('p', { class: 'note', t: 'unitPageNot' });
  const blocks = createBlocks(lens);
  const none = h('p', { class: 'note', t: 'unitPageNineNone', hidden: true });
  const canvas = h('canvas', { class: 'blank', role: 'img', hidden: true, data: { view: 'favourite' } });
  const state = h('p', { class: 'note', role: 'status' });
  const compute = h('button', { type: 'button', class: 'button', t: 'unitPageCompute', on: { click: climb } });
  const stop = h('button', { type: 'button', class: 'button', t: 'unitPageStop', hidden: true, on: { click: cancel } });
  const nine = h('section', {}, h('h3', { t: 'unitPageNine' }), blocks.element, none);
  const favourite = h(
    'section',
    {},
    h('h3', { t: 'unitPageFavourite' }),
    h('div', { class: 'favourite-print' }, canvas, state, h('div', { class: 'actions' }, compute, stop)),
  );
  const photo = () => onChange({ tab: 'explore', unit: null, whole: false, classIndex: null }, true);
  const element = h(
    'section',
    { class: 'unit-page' },
    h(
      'header',
      {},
      title,
      text,
      not,
      h(
        'div',
        { class: 'actions' },
        iconButton('link', 'unitPageCopy', onCopyLink, true),
        iconButton('open', 'unitPagePhoto', photo, true),
      ),
    ),
    nine,
    favourite,
  );

  /** Whose page this is. */
  let key = '';
  /** @type {AbortController | null} */
  let fetching = null;
  /** @type {AbortController | null} */
  let climbing = null;
  /** @type {FavouritePart | null} */
  let frame = null;

  /** The layer and the map of the address, if the network has them. */
  function found() {
    const { layer, map } = viewer.resolved;
    const info = session.network?.layers.find(
      ({ name, op }) => name === layer && ['conv', 'add', 'concat'].includes(op),
    );
    return info && map !== null && map < info.shape[0] ? { info, layer: info.name, map } : null;
  }

  function draw() {
    const names = mapAndLayer(lens, session.network, viewer.resolved);
    const known = found();
    title.textContent = t('unitPageTitle', names);
    const size = known?.info.field.size ?? [0, 0];
    if (known) text.textContent = t('unitPageText', { ...names, rows: size[0], cols: size[1] });
    else text.textContent = session.network ? t('unitPageUnknown', names) : t('unitPageWaits');
    not.hidden = nine.hidden = favourite.hidden = !known;
    compute.hidden = climbing !== null;
    stop.hidden = climbing === null;
    canvas.hidden = frame === null;
    state.textContent = frame
      ? t('unitPageStep', { step: frame.step, steps: usual()?.steps ?? 0, value: number(frame.answer) })
      : t('unitPageWhy');
    if (!frame) return;
    paint(canvas, frame.picture);
    canvas.dataset.step = String(frame.step);
    canvas.setAttribute('aria-label', t('unitPageAlt', { ...names, step: frame.step }));
  }

  async function begin() {
    const control = (fetching = new AbortController());
    const { signal } = control;
    frame = null;
    blank(canvas);
    // Those of another map must not stand under this one's name.
    blocks.begin([], 0, true);
    draw();
    try {
      await session.features(signal);
      if (signal.aborted) return;
      draw();
      const known = found();
      if (!known) return;
      const isThere = await drawNine(lens, session, blocks, known.layer, known.map, signal);
      if (signal.aborted) return;
      blocks.element.hidden = !isThere;
      none.hidden = isThere;
    } catch (error) {
      if (!isAbandoned(error)) onError(error);
    }
  }

  async function climb() {
    const known = found();
    if (!known) return;
    climbing?.abort();
    const control = (climbing = new AbortController());
    frame = null;
    draw();
    const [, rows, cols] = known.info.shape;
    /** @type {[number, number, number]} */
    const unit = [known.map, Math.floor(rows / 2), Math.floor(cols / 2)];
    try {
      await session.experiment(
        'favourite',
        {
          target: { unit: { layer: known.layer, unit } },
          and: null,
          fromPhoto: false,
          settings: usual() ?? {},
        },
        {
          context: viewer.shown?.context ?? grey(session.network?.inputSize ?? [224, 224]),
          signal: control.signal,
          onPart: (part) => {
            if (climbing !== control) return;
            frame = part;
            draw();
          },
        },
      );
    } catch (error) {
      if (!isAbandoned(error)) onError(error);
    } finally {
      if (climbing === control) {
        climbing = null;
        draw();
      }
    }
  }

  function cancel() {
    climbing?.abort();
  }

  return {
    element,
    update(isOpen) {
      const { layer, map } = viewer.resolved;
      const wanted = isOpen ? JSON.stringify([layer, map]) : '';
      if (wanted === key) return;
      key = wanted;
      // A photograph may be waiting for the same download.
      fetching?.abort(REPLACED);
      cancel();
      climbing = null;
      if (isOpen) void begin();
    },
    render() {
      blocks.render();
      draw();
    },
    cancel,
    get title() {
      return title.textContent ?? '';
    },
  };
}

/** The engine answers only when it has looked at something; a climb from noise takes nothing from it. @param {import('../../view/crop.js').InputSize} size @returns {Context} */
function grey([height, width]) {
  const pixels = new Uint8ClampedArray(height * width * 4).fill(128);
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = 255;
  return { photo: { id: `grey-${height}-${width}`, blob: new Blob([pixels]), pixels: { width, height } }, crop: null };
}
