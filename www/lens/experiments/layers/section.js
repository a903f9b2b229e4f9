/**
 * What stands in place of a row of boxes where a network has many layers, or branches: a list
 * that is searched, the graph, and one place followed through the layers.
 */
import './words.js';
import { h } from '../../widgets/dom.js';
import { createGraph } from './graph.js';
import { resolutionsOf } from './groups.js';
import { createList } from './list.js';
import { createThrough } from './through.js';

/** @import { LayerInfo, NetworkInfo } from '../../engine/protocol.js' */
/** @import { Place } from '../../tab.js' */
/** @typedef {ReturnType<typeof createLayers>} Layers */

/** @param {Place} place */
export function createLayers(place) {
  const { lens, viewer, onChange } = place;
  const { t } = lens.words;
  const note = h('p', { class: 'note' });
  const list = createList(lens, { onChoose: choose, describe });
  const graph = createGraph(lens, { onChoose: choose, describe });
  const through = createThrough(place);
  const element = h(
    'div',
    { class: 'layers' },
    h('header', {}, h('h2', { t: 'layers' }), note, list.search),
    graph.element,
    list.element,
    through.element,
  );
  /** @type {NetworkInfo | null} */
  let network = null;
  /** @type {LayerInfo[]} */
  let layers = [];

  /** @param {LayerInfo} layer */
  function choose({ name }) {
    onChange({ layer: name, map: null, unit: null, whole: false, classIndex: null }, true);
  }

  /** @param {LayerInfo} layer */
  function describe({ name, op, shape: [maps, rows, cols] }) {
    return t('layersOption', { layer: name, op: t(`op-${op}`), size: t('mapsOf', { maps, rows, cols }) });
  }

  function tell() {
    const values = { count: layers.length, resolutions: resolutionsOf(layers).length };
    const isAll = network?.milestones.length === layers.length;
    note.textContent = t(isAll ? 'layersAll' : 'layersMany', values);
  }

  return {
    element,
    update() {
      const { shown, resolved } = viewer;
      if (!shown) return;
      if (network !== shown.network) {
        const { network: next, look } = shown;
        const known = layers;
        network = next;
        layers = next.layers.filter(({ name }) => look.layers.some(({ layer }) => layer === name));
        graph.follow(next, layers);
        // The same one comes again with its classifier.
        if (JSON.stringify(known) !== JSON.stringify(layers)) list.follow(layers, next.milestones);
        tell();
      }
      const name = resolved.classIndex === null ? (resolved.layer ?? '') : '';
      list.choose(name);
      graph.choose(name);
      through.update();
    },
    render() {
      // Groups are named in words, too.
      if (network) list.follow(layers, network.milestones);
      tell();
      list.choose(viewer.resolved.layer ?? '');
      graph.render();
      through.render();
    },
  };
}
