/** All layers of a look as one list box, grouped by resolution and block: gone through with the keys, and searched. */
import { h } from '../../widgets/dom.js';
import { isFound, ownName, resolutionsOf } from './groups.js';

/** @import { Lens } from '../../lens.js' */
/** @import { LayerInfo } from '../../engine/protocol.js' */
/** @typedef {{ layer: LayerInfo, element: HTMLElement, words: string }} Option `words`: what a search looks in */

/**
 * @param {Lens} lens
 * @param {{ onChoose: (layer: LayerInfo) => void, describe: (layer: LayerInfo) => string }} handlers
 */
export function createList(lens, { onChoose, describe }) {
  const { t } = lens.words;
  const search = h('input', { type: 'search', label: 'layersSearch', autocomplete: 'off', spellcheck: 'false' });
  const count = h('span', { class: 'note', role: 'status' });
  const list = h('div', { class: 'layers-list', role: 'listbox', label: 'layersList' });
  const none = h('p', { class: 'note', t: 'layersNone', hidden: true });
  /** @type {LayerInfo[]} */
  let layers = [];
  /** @type {Option[]} */
  let options = [];
  /** The parts that are hidden when nothing in them is found. @type {HTMLElement[]} */
  let parts = [];
  /** What the keys stand on. @type {Option | null} */
  let current = null;
  let chosen = '';

  const found = () => options.filter(({ element }) => !element.hidden);

  /** @param {LayerInfo} layer @param {boolean} isMilestone */
  function optionOf(layer, isMilestone) {
    const element = h(
      'div',
      {
        role: 'option',
        class: `layer of-${layer.op}${isMilestone ? ' milestone' : ''}`,
        data: { layer: layer.name },
        on: { click: () => choose(option) },
      },
      ownName(layer),
    );
    const option = { layer, element, words: `${layer.name} ${layer.shape.slice(1).join('x')}` };
    return option;
  }

  /** @param {Option} option */
  function choose(option) {
    stand(option);
    onChoose(option.layer);
  }

  /** @param {Option | null} option */
  function stand(option) {
    current = option ?? found()[0] ?? null;
    for (const one of options) one.element.tabIndex = one === current ? 0 : -1;
  }

  /** @param {Option | undefined} option */
  function go(option) {
    if (!option) return;
    stand(option);
    option.element.focus();
  }

  /** The nearest option in the row above or below. @param {-1 | 1} way @param {Option[]} among */
  function across(way, among) {
    const from = current?.element.getBoundingClientRect();
    if (!from) return among[0];
    const others = among.map((option) => ({ option, box: option.element.getBoundingClientRect() }));
    const rows = others.filter(({ box }) => way * (box.top - from.top) > 2);
    const near = way * Math.min(...rows.map(({ box }) => way * box.top));
    const apart = (/** @type {DOMRect} */ box) => Math.abs(box.left + box.width / 2 - from.left - from.width / 2);
    return rows.filter(({ box }) => Math.abs(box.top - near) <= 2).sort((a, b) => apart(a.box) - apart(b.box))[0]
      ?.option;
  }

  list.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const among = found();
    const at = current ? among.indexOf(current) : -1;
    const to = {
      ArrowLeft: () => among[Math.max(0, at - 1)],
      ArrowRight: () => among[at + 1],
      ArrowUp: () => across(-1, among),
      ArrowDown: () => across(1, among),
      Home: () => among[0],
      End: () => among.at(-1),
    }[event.key];
    if (to) {
      event.preventDefault();
      go(to());
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (current) choose(current);
    } else if (event.key.length === 1) {
      // What is typed goes on in the search.
      search.focus();
    }
  });
  search.addEventListener('input', filter);
  search.addEventListener('keydown', (event) => {
    const [first] = found();
    if (event.key === 'Escape' && search.value) {
      event.preventDefault();
      event.stopPropagation();
      search.value = '';
      filter();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      go(first);
    } else if (event.key === 'Enter' && first) {
      go(first);
      choose(first);
    }
  });

  function filter() {
    const words = search.value.trim();
    for (const { element, words: of } of options) element.hidden = !isFound(of, words);
    for (const part of parts) part.hidden = !part.querySelector('.layer:not([hidden])');
    const all = found();
    none.hidden = all.length > 0;
    count.textContent = words ? t('layersFound', { found: all.length, all: options.length }) : '';
    if (!current || current.element.hidden) stand(null);
  }

  function build(/** @type {readonly string[]} */ milestones) {
    options = [];
    parts = [];
    const resolutions = resolutionsOf(layers).map(({ rows, cols, blocks }) => {
      const size = t('layersResolution', { rows, cols });
      const groups = blocks.map(({ name, layers }) => {
        const own = layers.map((layer) => optionOf(layer, milestones.includes(layer.name)));
        options.push(...own);
        const label = name ? t('layersBlock', { block: name, size }) : size;
        return h(
          'div',
          { class: 'block', role: 'group', 'aria-label': label },
          ...(name ? [h('span', { class: 'block-name', 'aria-hidden': 'true' }, name)] : []),
          ...own.map(({ element }) => element),
        );
      });
      const blocksOf = h('div', { class: 'blocks' }, ...groups);
      const part = h(
        'div',
        { class: 'resolution' },
        h('span', { class: 'size', 'aria-hidden': 'true' }, size),
        blocksOf,
      );
      parts.push(...groups, part);
      return part;
    });
    list.replaceChildren(...resolutions);
  }

  function label() {
    for (const { layer, element } of options) {
      element.setAttribute('aria-label', describe(layer));
      element.title = describe(layer);
    }
    search.placeholder = t('layersSearch');
  }

  return {
    search: h('div', { class: 'layers-search' }, count, search),
    element: h('div', {}, list, none),
    /** @param {LayerInfo[]} next @param {readonly string[]} milestones those that have a print */
    follow(next, milestones) {
      layers = next;
      search.value = '';
      current = null;
      chosen = '';
      build(milestones);
      label();
      filter();
    },
    /** @param {string} name */
    choose(name) {
      const option = options.find(({ layer }) => layer.name === name) ?? null;
      for (const one of options) one.element.setAttribute('aria-selected', String(one === option));
      if (!option || name === chosen) return;
      chosen = name;
      stand(option);
      // Only the list itself moves.
      const [frame, box] = [list.getBoundingClientRect(), option.element.getBoundingClientRect()];
      if (box.top < frame.top || box.bottom > frame.bottom)
        list.scrollTop += box.top + box.height / 2 - (frame.top + frame.height / 2);
    },
    render() {
      label();
      filter();
    },
  };
}
