/** The parts: which one is marked next, what they are called, and how many there are. */
import { h, icon } from '../../widgets/dom.js';
import { LETTERS, spoken } from './marks.js';

/** @import { Lens } from '../../lens.js' */

/**
 * @param {Lens} lens
 * @param {object} hooks
 * @param {(part: number) => void} hooks.onChoose
 * @param {(part: number, words: string) => void} hooks.onRename
 * @param {(part: number) => void} hooks.onRemove
 * @param {() => void} hooks.onAdd
 */
export function createParts(lens, { onChoose, onRename, onRemove, onAdd }) {
  const { t } = lens.words;
  const list = h('div', { class: 'parts', role: 'radiogroup', label: 'partsList' });
  const add = h('button', { type: 'button', class: 'button', t: 'partsAdd', on: { click: onAdd } });
  const element = h('div', { class: 'parts-row' }, list, add);

  const rows = LETTERS.map((letter, part) => {
    const choose = () => onChoose(part);
    const radio = h('input', { type: 'radio', name: 'part-to-mark', class: 'unseen', on: { change: choose } });
    const name = h('input', {
      type: 'text',
      maxlength: '20',
      autocomplete: 'off',
      spellcheck: 'false',
      on: {
        focus: choose,
        change: () => {
          onRename(part, name.value);
          // A name that was refused or mended is not left standing.
          name.value = spoken(lens, names[part] ?? '');
        },
        keydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Enter' && name.blur(),
      },
    });
    const click = () => onRemove(part);
    const remove = h('button', { type: 'button', class: 'button icon-only', on: { click } }, icon('close'));
    const badge = h('label', { class: 'letter' }, radio, h('span', { 'aria-hidden': 'true' }, letter));
    const row = h('div', { class: 'part', data: { part: String(part) } }, badge, name, remove);
    return { row, radio, name, remove };
  });
  /** @type {string[]} */
  let names = [];
  let chosen = 0;

  function draw() {
    rows.forEach(({ row, radio, name, remove }, part) => {
      const letter = LETTERS[part] ?? '';
      const words = spoken(lens, names[part] ?? '');
      row.classList.toggle('chosen', part === chosen);
      radio.checked = part === chosen;
      radio.setAttribute('aria-label', t('partsChoose', { letter, name: words }));
      if (lens.focused !== name) name.value = words;
      name.size = Math.max(6, words.length + 1);
      name.setAttribute('aria-label', t('partsName', { letter }));
      const label = t('partsRemove', { letter, name: words });
      remove.setAttribute('aria-label', label);
      remove.title = label;
      remove.hidden = names.length < 2;
    });
    // What stays in its place keeps the focus.
    if (list.children.length !== names.length)
      list.replaceChildren(...rows.slice(0, names.length).map(({ row }) => row));
    add.hidden = names.length >= LETTERS.length;
  }

  return {
    element,
    /** @param {string[]} nextNames @param {number} nextChosen */
    set(nextNames, nextChosen) {
      names = nextNames;
      chosen = nextChosen;
      draw();
    },
    render: draw,
  };
}
