/** The boxes as numbers: whatever can be done with a pointer can be done here as well. */
import { h } from '../../widgets/dom.js';
import { fit } from './boxes.js';
import { LETTERS, spoken } from './marks.js';

/** @import { Lens } from '../../lens.js' */
/** @import { InputSize } from '../../view/crop.js' */
/** @import { Rectangle } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {{ title: string, boxes: (Rectangle | null)[] }} Row */

const SIDES = /** @type {const} */ ([
  ['left', 'partsLeft'],
  ['top', 'partsTop'],
  ['cols', 'partsWide'],
  ['rows', 'partsHigh'],
]);

/**
 * @param {Lens} lens
 * @param {object} hooks
 * @param {(picture: number, part: number, box: Rectangle) => void} hooks.onMark
 * @param {(picture: number, part: number) => void} hooks.onPlace
 */
export function createNumbers(lens, { onMark, onPlace }) {
  const { t } = lens.words;
  const list = h('div', { class: 'box-numbers' });
  const element = h('details', { class: 'more-settings numbers' }, h('summary', { t: 'partsNumbers' }), list);
  /** What is drawn now. */
  let drawn = '';
  /** @type {{ names: string[], rows: Row[], size: InputSize }} */
  let state = { names: [], rows: [], size: [1, 1] };

  /** @param {number} picture @param {number} part @param {Rectangle} box */
  function fields(picture, part, box) {
    return SIDES.map(([side, key]) => {
      const label = t('partsField', { side: t(key), name: spoken(lens, state.names[part] ?? ''), number: picture + 1 });
      const [rows, cols] = state.size;
      const max = side === 'top' || side === 'rows' ? rows : cols;
      const props = { type: 'number', min: '0', max, step: '1', value: box[side], 'aria-label': label };
      const input = h('input', props);
      input.addEventListener('change', () => {
        const value = Number(input.value);
        if (input.value === '' || !Number.isFinite(value)) return void (input.value = String(box[side]));
        onMark(picture, part, fit({ ...box, [side]: value }, state.size));
      });
      input.id = `box-${picture}-${part}-${side}`;
      return h('label', {}, h('span', { 'aria-hidden': 'true' }, t(key)), input);
    });
  }

  function draw() {
    const focused = lens.focused?.id;
    const groups = state.rows.map(({ title, boxes }, picture) => {
      const rows = state.names.map((name, part) => {
        const box = boxes[part];
        const click = () => onPlace(picture, part);
        const place = () => h('button', { type: 'button', class: 'button', t: 'partsPlace', on: { click } });
        const words = h('span', {}, `${LETTERS[part]} · ${spoken(lens, name)}`);
        return h('div', { class: 'box-row' }, words, ...(box ? fields(picture, part, box) : [place()]));
      });
      return h('div', { role: 'group', 'aria-label': title }, h('h4', {}, title), ...rows);
    });
    list.replaceChildren(...groups);
    if (focused?.startsWith('box-')) /** @type {HTMLElement | null} */ (list.querySelector(`#${focused}`))?.focus();
  }

  return {
    element,
    /** @param {typeof state} next */
    set(next) {
      const key = JSON.stringify([next, t('partsLeft')]);
      if (key === drawn) return;
      drawn = key;
      state = next;
      draw();
    },
  };
}
