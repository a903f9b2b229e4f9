/** The two layers that are compared: the first convolution and the last hidden dense layer, or what the visitor picks. */
import { h } from '../../widgets/dom.js';

/** @import { Lens } from '../../lens.js' */
/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/** @import { Viewer } from '../../view/viewer.js' */

/** Layers whose features can be compared; the class scores are none. @param {NetworkInfo} network @returns {LayerInfo[]} */
export function layersOf({ layers }) {
  const last = layers.at(-1);
  return layers.filter((layer) => layer.loaded && (layer.op === 'conv' || (layer.op === 'dense' && layer !== last)));
}

/** @param {Lens} lens @param {Viewer} viewer @param {(values: Record<string, string>) => void} set */
export function createLayers(lens, viewer, set) {
  const { t } = lens.words;
  const known = () => (viewer.shown ? layersOf(viewer.shown.network) : []);
  const usual = {
    early: () => known().find(({ op }) => op === 'conv')?.name ?? known()[0]?.name ?? null,
    late: () => known().findLast(({ op }) => op === 'dense')?.name ?? null,
  };
  /** @param {'early' | 'late'} which */
  function chosen(which) {
    const word = viewer.view.options[`invariance.${which}`];
    return known().some(({ name }) => name === word) ? /** @type {string} */ (word) : usual[which]();
  }
  const controls = /** @type {const} */ (['early', 'late']).map((which) => {
    const select = h('select', {
      on: { change: () => set({ [which]: select.value === (usual[which]() ?? '') ? '' : select.value }) },
    });
    const label = which === 'early' ? 'invarianceEarly' : 'invarianceLate';
    return { which, select, element: h('label', { class: 'control' }, h('span', { t: label }), select) };
  });
  const element = h('div', { class: 'controls' }, ...controls.map((control) => control.element));

  function update() {
    for (const { which, select } of controls) {
      const options = known().map(({ name }) => h('option', { value: name }, name));
      const isMissing = usual[which]() === null;
      select.replaceChildren(...(isMissing ? [h('option', { value: '' }, t('invarianceNoLayer'))] : []), ...options);
      select.value = chosen(which) ?? '';
    }
  }

  return {
    element,
    update,
    get early() {
      return chosen('early');
    },
    get late() {
      return chosen('late');
    },
  };
}
