/** Elements from plain descriptions; words by key: the lens that they come to stand in fills them in, in its language. */

/** @import { Key } from '../text.js' */
/**
 * @typedef {object} Extras
 * @property {Key} [t] the text
 * @property {Key} [label] the accessible name
 * @property {Key} [hint] the tooltip
 * @property {Record<string, string>} [data]
 * @property {Record<string, (event: any) => void>} [on]
 */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Extras & Record<string, unknown>} [props] what is not an extra becomes an attribute
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, { t: text, label, hint, data, on, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    // As an attribute, a strict policy of the page around would refuse it.
    if (name === 'style') element.style.cssText = String(value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  Object.assign(element.dataset, data);
  for (const [event, listener] of Object.entries(on ?? {})) element.addEventListener(event, listener);
  if (text) element.dataset.t = text;
  if (label) element.dataset.tLabel = label;
  if (hint) element.dataset.tTitle = hint;
  element.append(...children);
  return element;
}

const NOT_TYPED_INTO = ['button', 'checkbox', 'color', 'file', 'hidden', 'image', 'radio', 'range', 'reset', 'submit'];

/** Whether what happens to an element is the affair of its text: keys, pasted and dropped words. @param {EventTarget | null} target */
export function isTextField(target) {
  if (target instanceof HTMLInputElement)
    return !NOT_TYPED_INTO.includes(target.type) && !target.readOnly && !target.disabled;
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}

/**
 * One of a few choices, as native radio buttons in a row.
 * @template {string} T
 * @param {Key} label
 * @param {readonly (readonly [T, Key])[]} choices
 * @param {(choice: T) => void} onChoice
 */
export function segmented(label, choices, onChoice) {
  const group = `choice-${label}-${Math.random().toString(36).slice(2, 7)}`;
  /** @type {Map<T, HTMLInputElement>} */
  const inputs = new Map();
  const element = h('div', { class: 'segmented', role: 'radiogroup', label });
  for (const [value, key] of choices) {
    const input = h('input', { type: 'radio', name: group, value, on: { change: () => onChoice(value) } });
    inputs.set(value, input);
    element.append(h('label', {}, input, h('span', { t: key })));
  }
  return {
    element,
    /** @param {T} value */
    set(value) {
      const input = inputs.get(value);
      if (input) input.checked = true;
    },
  };
}

/** Line icons, drawn for this page on a grid of 20. */
const ICONS = {
  open: 'M10 13V4m0 0L6.5 7.5M10 4l3.5 3.5M4 12.5v3h12v-3',
  camera: 'M3 6.5h3l1.3-2h5.4l1.3 2h3v9H3zM10 13.6a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z',
  paste: 'M7 4.5H5v12h10v-12h-2M7.5 3h5v3h-5z',
  theme: 'M10 3.5a6.5 6.5 0 1 0 0 13zM10 3.5a6.5 6.5 0 0 1 0 13',
  help: 'M7.6 7.6A2.4 2.4 0 1 1 10 10.2v1.4M10 14.2v.2M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15z',
  close: 'M5 5l10 10M15 5L5 15',
  save: 'M10 3.5v9m0 0L6.5 9M10 12.5L13.5 9M4 13v3.5h12V13',
  link: 'M8.5 11.5l3-3M7.6 9L5.4 11.200a2.300 2.300 0 0 0 3.300 3.300L11 12.400M9 7.600l2.300-2.300a2.300 2.300 0 0 1 3.300 3.300L12.400 11',
  play: 'M6.5 4.5v11l9-5.5z',
  pause: 'M7 4.5v11M13 4.5v11',
  back: 'M12 5l-5 5 5 5',
  next: 'M8 5l5 5-5 5',
  table: 'M3.5 4.5h13v11h-13zM3.5 8.2h13M3.5 11.8h13M8 4.5v11',
  data: 'M8 3.500C5.500 3.500 7.500 9.500 4.500 10c3 .5 1 6.500 3.500 6.500M12 3.500c2.500 0 .5 6 3.500 6.500-3 .5-1 6.500-3.500 6.500',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Between two sentences; Chinese has none. */
export const gap = () => h('span', { class: 'gap' }, ' ');

/** Opens what explains a thing in Learn. @param {string} what a piece of Learn, or a layer, whose nearest operation it is */
export function explain(what) {
  return h('button', { type: 'button', class: 'explain', t: 'explain', data: { explain: what } });
}

/**
 * @param {keyof typeof ICONS} name
 * @param {Key} label
 * @param {() => void} onClick
 * @param {boolean} [wordy] with its word beside the icon
 */
export function iconButton(name, label, onClick, wordy = false) {
  const button = h(
    'button',
    { type: 'button', class: wordy ? 'button' : 'button icon-only', on: { click: onClick } },
    icon(name),
  );
  if (wordy) button.append(h('span', { t: label }));
  else {
    button.dataset.tLabel = label;
    button.dataset.tTitle = label;
  }
  return button;
}
