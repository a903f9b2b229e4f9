/** The two pages behind the header: how to read the prints, and which network made them, with what computes it. */
import { h, iconButton } from './dom.js';

/** @import { Lens } from '../lens.js' */
/** @import { Running } from '../engine/session.js' */
/** @import { NetworkInfo } from '../engine/protocol.js' */

/** @param {import('../text.js').Key} title @param {...Node} children */
export function dialog(title, ...children) {
  const element = h('dialog', { label: title });
  element.append(
    h(
      'header',
      {},
      h('h2', { t: title }),
      iconButton('close', 'close', () => element.close()),
    ),
    ...children,
  );
  element.addEventListener('click', (event) => {
    // A click on the backdrop lands on the dialog itself.
    if (event.target === element) element.close();
  });
  return element;
}

export function createHelp() {
  const key = (/** @type {string} */ keys, /** @type {import('../text.js').Key} */ text) => [
    h('dt', {}, ...keys.split(' ').map((name) => h('kbd', {}, name))),
    h('dd', { t: text }),
  ];
  return dialog(
    'helpTitle',
    h('p', { t: 'help1' }),
    h('p', { t: 'help2' }),
    h('p', { t: 'help3' }),
    h('h3', { t: 'keys' }),
    h(
      'dl',
      { class: 'keys' },
      ...key('← → ↑ ↓', 'keyArrows'),
      ...key('Home End', 'keyEnds'),
      ...key('PgUp PgDn', 'keyPages'),
      ...key('Enter', 'keyEnter'),
      ...key('[ ]', 'keyBrackets'),
      ...key('Space', 'keySpace'),
      ...key('Esc', 'keyEscape'),
      ...key('?', 'keyHelp'),
    ),
    h('p', { class: 'note', t: 'method' }),
  );
}

/** @param {Lens} lens */
export function createEnginePage(lens) {
  const { t, number, megabytes } = lens.words;
  const body = h('div', {});
  const slot = h('div', {});
  const facts = h('section', {}, h('h3', { t: 'engine' }), body);
  const element = dialog('networkChoice', slot, facts);
  return {
    element,
    /** For what else is to be said, and chosen, here. */
    slot,
    close: () => element.close(),
    /** To what computes, below the networks. */
    toFacts: () => facts.scrollIntoView({ block: 'nearest' }),
    /** @param {() => void} act */
    onClose: (act) => element.addEventListener('close', act),
    /** @param {Running} running @param {NetworkInfo | null} network @param {Promise<number>} memory bytes; an engine at work says so late */
    async show(running, network, memory) {
      const lines = [running.backend === 'webgpu' ? t('engineGpu', { adapter: running.adapter }) : t('engineCpu')];
      if (running.why) lines.push(t(`why-${running.why}`));
      const { place, backend } = running;
      lines.push(t(place !== 'page' ? 'placeWorker' : backend === 'webgpu' ? 'placePage' : 'placePageAlone'));
      const { checks, worst, tolerance } = running.selfTest;
      lines.push(t('selfTestText', { checks, worst: number(worst, 2), tolerance: number(tolerance, 2) }));
      if (network) {
        const loaded = network.layers.filter((layer) => layer.loaded);
        const parameters = loaded.reduce((sum, layer) => sum + layer.parameters, 0);
        const layers = network.layers.filter(({ op }) => op === 'conv').length;
        lines.push(t('networkText', { name: network.name, layers, parameters: number(parameters, 9) }));
      }
      delete element.dataset.memory;
      body.replaceChildren(...lines.map((line) => h('p', {}, line)));
      if (!element.open) element.showModal();
      const bytes = await memory;
      body.append(h('p', {}, t('memoryText', { size: megabytes(bytes) })));
      element.dataset.memory = String(bytes);
    },
  };
}
