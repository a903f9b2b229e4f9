/** The settings of an experiment as controls, kept in the address under the experiment's name. */
import { h, segmented } from '../widgets/dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Key } from '../text.js' */
/** @import { Viewer } from '../view/viewer.js' */
/** @import { Usual } from '../../pkg/cpu/zfnet_web.js' */
/**
 * `value`: the usual one; what is asked of the engine, the engine says for each network.
 * @template Value
 * @typedef {(usual: Usual, values: Values) => Value} UsualOf
 */
/**
 * `isLength`: `min`, `max` and `step` are pixels of an input of 224; smaller inputs have smaller ones.
 * @typedef {{ kind: 'range', name: string, label: Key, min: number, max: number | ((viewer: Viewer, values: Values) => number), step: number, value: UsualOf<number>, isLength?: boolean, show?: (value: number) => string }} Range
 * @typedef {{ kind: 'choice', name: string, label: Key, choices: readonly (readonly [string, Key])[], value: string | UsualOf<string> }} Choice
 * `says`: what it costs, beside it.
 * @typedef {{ kind: 'check', name: string, label: Key, value: '' | '1', says?: (values: Values) => string }} Check
 * A class: the most probable of the picture (`otherThan`: apart from that of another setting), or one that the visitor picks.
 * @typedef {{ kind: 'class', name: string, label: Key, otherThan?: string }} ClassChoice
 * A convolution layer: the last, or one that the visitor picks.
 * @typedef {{ kind: 'layer', name: string, label: Key }} LayerChoice
 * `more`: out of sight until it is asked for. `when`: where it decides anything; elsewhere it is not there.
 * @typedef {(Range | Choice | Check | ClassChoice | LayerChoice) & { more?: boolean, when?: (values: Values) => boolean }} Setting
 */
/**
 * Settings as they stand, by name.
 * @typedef {object} Values
 * @property {(name: string) => number} number of a range
 * @property {(name: string) => string} word of a choice; of a check '' or '1'
 * @property {(name: string) => number | null} classOf the class that was picked; `null`: the most probable
 * @property {(name: string) => string | null} layerOf the layer that was picked; `null`: the last convolution
 * @property {(name: string) => boolean} isGiven whether the address says it
 * @property {() => Record<string, string | number | null>} all
 */

/**
 * @param {Lens} lens
 * @param {string} prefix
 * @param {Setting[]} settings
 * @param {Viewer} viewer
 * @param {(values: Record<string, string>, final?: boolean) => void} set
 */
export function createSettings(lens, prefix, settings, viewer, set) {
  const stored = (/** @type {string} */ name) => viewer.view.options[`${prefix}.${name}`] ?? null;
  const find = (/** @type {string} */ name) => settings.find((setting) => setting.name === name);

  /** @type {Values} */
  const values = {
    number(name) {
      const setting = find(name);
      if (setting?.kind !== 'range') throw new Error(`Expected a range named ${name}; found none.`);
      const word = stored(name);
      const found = word === null ? NaN : Number(word);
      const { min, max, value } = reachOf(setting, viewer, values);
      return Number.isFinite(found) ? Math.min(max, Math.max(min, found)) : value;
    },
    word(name) {
      const setting = find(name);
      if (setting?.kind !== 'choice' && setting?.kind !== 'check')
        throw new Error(`Expected a choice named ${name}; found none.`);
      const word = stored(name);
      const chosen = word !== null && wordsOf(setting).includes(word) ? word : usualOf(setting, viewer, values);
      return chosen === '0' ? '' : chosen;
    },
    classOf(name) {
      const word = stored(name);
      // A network may have scores and no names for them.
      const count = viewer.shown?.look.classes?.length ?? viewer.shown?.network.classes.length ?? 0;
      return word !== null && /^\d+$/.test(word) && Number(word) < count ? Number(word) : null;
    },
    layerOf(name) {
      const word = stored(name);
      return viewer.shown?.look.layers.some(({ layer }) => layer === word) ? word : null;
    },
    isGiven: (name) => stored(name) !== null,
    all() {
      return Object.fromEntries(
        settings.map(({ kind, name }) => {
          if (kind === 'range') return [name, values.number(name)];
          if (kind === 'class') return [name, values.classOf(name)];
          if (kind === 'layer') return [name, values.layerOf(name)];
          return [name, values.word(name)];
        }),
      );
    },
  };

  /** Whether an address says something that a setting cannot mean. @param {Setting} setting */
  const isSenseless = (setting) => {
    const { kind, name } = setting;
    const word = stored(name);
    if (word === null || !viewer.shown) return false;
    if (kind === 'range') return !Number.isFinite(Number(word));
    if (kind === 'layer') return values.layerOf(name) === null;
    // Which classes there are is known once their scores are.
    if (kind === 'class') return viewer.shown.look.classes !== null && values.classOf(name) === null;
    return !wordsOf(setting).includes(word);
  };

  const controls = settings.map((setting) => control(lens, setting, values, viewer, set));
  const where = (/** @type {boolean} */ more) =>
    controls.flatMap(({ element }, at) => (Boolean(settings[at]?.more) === more ? [element] : []));
  const rest = where(true);
  const more = h(
    'details',
    { class: 'more-settings' },
    h('summary', { t: 'experimentMore' }),
    h('div', { class: 'controls' }, ...rest),
  );
  const all = [...where(false), ...(rest.length > 0 ? [more] : [])];
  const element = h('div', { class: 'controls', hidden: settings.length === 0 }, ...all);
  const update = () => {
    controls.forEach((one, at) => {
      one.element.hidden = settings[at]?.when?.(values) === false;
      one.update();
    });
  };
  return {
    element,
    values,
    update,
    render: update,
    /** The names of those that the address gives a word that makes no sense. */
    senseless: () => settings.filter(isSenseless).map(({ name }) => name),
  };
}

/** @param {Choice | Check} setting @returns {readonly string[]} */
function wordsOf(setting) {
  return setting.kind === 'check' ? ['1', '0'] : setting.choices.map(([choice]) => choice);
}

/** @param {Choice | Check} setting @param {Viewer} viewer @param {Values} values */
function usualOf(setting, viewer, values) {
  const { value } = setting;
  if (typeof value === 'string') return value;
  // Before there is a network nothing is asked.
  const usual = viewer.shown?.network.usual;
  return usual ? value(usual, values) : (wordsOf(setting)[0] ?? '');
}

/** What a range runs over for the network on view. @param {Range} setting @param {Viewer} viewer @param {Values} values */
function reachOf({ min, max, step, value, isLength }, viewer, values) {
  const network = viewer.shown?.network;
  const scale = (isLength && network?.lengths) || 1;
  const scaled = (/** @type {number} */ length) => (scale === 1 ? length : Math.max(1, Math.round(length * scale)));
  // Before there is a network nothing is asked.
  const usual = network ? value(network.usual, values) : min;
  const most = typeof max === 'number' ? max : max(viewer, values);
  return { min: scaled(min), max: scaled(most), step: scaled(step), value: usual };
}

/**
 * @param {Lens} lens
 * @param {Setting} setting
 * @param {Values} values
 * @param {Viewer} viewer
 * @param {(values: Record<string, string>, final?: boolean) => void} set
 */
function control(lens, setting, values, viewer, set) {
  const { number, inLanguage, t, percent } = lens.words;
  const { name, label } = setting;
  if (setting.kind === 'choice') {
    const choice = segmented(label, setting.choices, (word) =>
      set({ [name]: word === usualOf(setting, viewer, values) ? '' : word }),
    );
    const element = h('div', { class: 'control' }, h('span', { t: label, 'aria-hidden': 'true' }), choice.element);
    return { element, update: () => choice.set(values.word(name)) };
  }
  if (setting.kind === 'check') {
    const input = h('input', {
      type: 'checkbox',
      on: { change: () => set({ [name]: input.checked === (setting.value === '1') ? '' : input.checked ? '1' : '0' }) },
    });
    const cost = h('span', { class: 'note' });
    const element = h('label', { class: 'control check' }, input, h('span', { t: label }), cost);
    const update = () => {
      input.checked = values.word(name) === '1';
      cost.textContent = setting.says?.(values) ?? '';
    };
    return { element, update };
  }
  if (setting.kind === 'range') {
    const { show = (/** @type {number} */ one) => number(one) } = setting;
    const output = h('output', {});
    const draw = () => {
      output.textContent = show(Number(input.value));
      input.setAttribute('aria-valuetext', output.textContent);
    };
    const input = h('input', {
      type: 'range',
      on: {
        input: draw,
        change: () =>
          set({ [name]: Number(input.value) === reachOf(setting, viewer, values).value ? '' : input.value }),
      },
    });
    const element = h('label', { class: 'control' }, h('span', { t: label }), input, output);
    const update = () => {
      const { min, max, step } = reachOf(setting, viewer, values);
      Object.assign(input, { min, max, step });
      input.value = String(values.number(name));
      draw();
    };
    return { element, update };
  }
  const select = h('select', { on: { change: () => set({ [name]: select.value }) } });
  const element = h('label', { class: 'control' }, h('span', { t: label }), select);
  const update = () => {
    const { shown } = viewer;
    if (!shown) return;
    if (setting.kind === 'class') {
      const scores = shown.look.classes ?? [];
      element.hidden ||= scores.length === 0;
      const nameOf = (/** @type {number} */ index) => inLanguage(shown.network.classes[index] ?? { en: String(index) });
      const { otherThan } = setting;
      const taken = otherThan ? (values.classOf(otherThan) ?? scores[0]?.index) : null;
      const best = scores.find(({ index }) => index !== taken);
      const first = best ? t(otherThan ? 'nextProbable' : 'mostProbable', { name: nameOf(best.index) }) : '';
      const others = scores.map(({ index, probability }) =>
        h('option', { value: String(index) }, `${nameOf(index)} · ${percent(probability)}`),
      );
      select.replaceChildren(h('option', { value: '' }, first), ...others);
      select.value = String(values.classOf(name) ?? '');
    } else {
      const layers = shown.look.layers.map(({ layer }) => layer);
      const options = layers.map((layer, at) => h('option', { value: at === layers.length - 1 ? '' : layer }, layer));
      select.replaceChildren(...options);
      const chosen = values.layerOf(name);
      select.value = chosen === layers.at(-1) ? '' : (chosen ?? '');
    }
  };
  return { element, update };
}
