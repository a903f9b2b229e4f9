/** The Filters tab (figure 6): the first filters of the network on view, beside those of another one if that is wanted. */
import '../words.js';
import './words.js';
import { codeOf, isAbandoned } from '../../engine/protocol.js';
import { featuresOf, loadManifest } from '../../engine/weights.js';
import { offered } from '../../networks/networks.js';
import { h } from '../../widgets/dom.js';
import { createExperiment } from '../experiment.js';
import { createColumn, LAYERS } from './column.js';
import { figure, numbers, table } from './export.js';
import { shelfOf } from '../top/shelf.js';

/** @import { Place } from '../../tab.js' */
/** @import { Offered } from '../../networks/networks.js' */
/** @import { Rule } from '../../engine/protocol.js' */
/** @typedef {{ rule: Rule, maps: number, weakBelow: number, beside: string | null }} Question */

/** @param {Place} place */
export function createFilters(place) {
  const { lens } = place;
  const { percent, t, inLanguage, megabytes } = lens.words;
  const { viewer, session } = place;
  const column = () =>
    createColumn(lens, {
      scale: () => /** @type {'own' | 'shared'} */ (part.values.word('scale')),
      weakBelow: () => part.values.number('weak') / 100,
      onPoint: (found) => viewer.pin(found),
    });
  const buttons = h('div', { class: 'beside-choice' });
  const columns = /** @type {const} */ ([column(), column()]);
  const pair = h('div', { class: 'network-pair' }, ...columns.map(({ element }) => element));
  const body = h('div', { class: 'filters-body' }, pair, h('p', { class: 'note', t: 'filtersPaper' }));

  /** @type {Offered[] | null} before the list is here */
  let others = null;
  /** The other network's file, as long as the tab is open. @type {{ name: string, bytes: Uint8Array } | null} */
  let held = null;
  /** What the first column shows all of. */
  let whole = '';
  /** @type {unknown} the look that the first column is of */
  let seen = null;

  /** @type {import('../experiment.js').Part} */
  const part = createExperiment(place, {
    name: 'filters',
    title: titleOf,
    text: 'filtersText',
    not: 'filtersNot',
    lesson: 'convolution',
    settings: [
      {
        kind: 'choice',
        name: 'scale',
        label: 'filtersScale',
        choices: [
          ['own', 'filtersOwn'],
          ['shared', 'filtersShared'],
        ],
        value: 'own',
      },
      {
        kind: 'range',
        name: 'maps',
        label: 'filtersMaps',
        min: 4,
        max: 36,
        step: 1,
        value: ({ filters }) => filters.maps,
      },
      {
        kind: 'choice',
        name: 'rule',
        label: 'filtersRule',
        choices: [
          ['deconvnet', 'deconvnet'],
          ['guided', 'guided'],
          ['gradient', 'gradient'],
        ],
        value: ({ filters }) => filters.rule,
        more: true,
      },
      {
        kind: 'range',
        name: 'weak',
        label: 'filtersWeak',
        min: 1,
        max: 50,
        step: 1,
        value: ({ filters }) => 100 * filters.weakBelow,
        show: (value) => percent(value / 100),
        more: true,
      },
    ],
    tools: [buttons],
    body,
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(_shown, values) {
      if (others === null && viewer.view.options['filters.with']) return { missing: t('loading') };
      const rule = /** @type {Rule} */ (values.word('rule'));
      return {
        question: { rule, maps: values.number('maps'), weakBelow: values.number('weak') / 100, beside: beside() },
      };
    },
    begin({ beside: _, ...rest }, { look }) {
      const key = JSON.stringify([session.fingerprint, rest]);
      if (!whole || whole !== key || seen !== look) columns[0].clear();
      columns[1].clear();
      seen = look;
    },
    async answer({ beside: name, ...rest }, { step, ask, signal, shown }) {
      const [mine, other] = columns;
      const total = (name ? 2 : 1) * LAYERS * rest.maps;
      const done = () => columns.reduce((sum, { found }) => sum + (found?.tiles.length ?? 0), 0);
      const look = async (/** @type {import('./column.js').Column} */ into, /** @type {Uint8Array | null} */ bytes) => {
        into.expect(rest.maps);
        await ask(
          'filterBank',
          { ...rest, bytes },
          {
            onPart: (found) => {
              into.add(found);
              step(done(), total);
              if (found.kind !== 'tiles') part.refresh();
            },
          },
        );
      };
      if (!mine.found) {
        whole = '';
        const training = trainingOf(signal);
        await look(mine, null);
        const known = await training;
        if (known) mine.addTraining(known);
        whole = JSON.stringify([session.fingerprint, rest]);
        seen = shown.look;
      }
      if (!name) return;
      try {
        await look(other, await fetched(name, signal));
      } finally {
        if (!other.found) other.clear();
      }
    },
    exports: () => {
      const found = columns.flatMap((one) => (one.found ? [one.found] : []));
      if (found.length === 0) return null;
      return {
        figure: () =>
          figure(lens, session, found, {
            scale: /** @type {'own' | 'shared'} */ (part.values.word('scale')),
            weakBelow: part.values.number('weak') / 100,
            rule: /** @type {Rule} */ (part.values.word('rule')),
          }),
        numbers: () => numbers(found, part.values.number('weak') / 100),
        table: () => table(found),
      };
    },
    render() {
      for (const one of columns) one.render();
      drawButtons();
    },
    onUpdate() {
      for (const one of columns) one.drawBank();
      drawButtons();
    },
    onOpen() {
      // Without the list there is nothing to compare with, and everything else goes on.
      void offered(lens.folder)
        .catch(() => [])
        .then((all) => {
          others = all.filter(({ name }) => name !== session.network?.name);
          drawButtons();
          if (viewer.view.tab === 'filters') part.update(true);
        });
    },
    onLeave() {
      held = null;
      viewer.pin(null);
    },
  });

  /** The network that is to stand beside this one, if there is such a one. */
  function beside() {
    const wanted = viewer.view.options['filters.with'];
    return others?.find(({ name }) => name === wanted)?.name ?? null;
  }

  /**
   * What the gallery of the training set says of the first filters, if the network came with one.
   * @param {AbortSignal} signal @returns {Promise<import('./column.js').Training | null>}
   */
  async function trainingOf(signal) {
    const shelf = shelfOf(lens, session);
    const layer = viewer.shown?.look.layers[0]?.layer ?? '';
    try {
      const gallery = await shelf.get('training', signal);
      if (!gallery || shelf.isForeign(gallery) || !gallery.layers.includes(layer)) return null;
      const maps = Array.from({ length: gallery.maps(layer) }, (_, map) => map);
      return {
        pictures: gallery.about.pictures,
        unanswered: maps.map((map) => gallery.winners(layer, map).length === 0),
      };
    } catch (error) {
      // The weights speak for themselves, and the tab of the nine says what is wrong.
      if (!isAbandoned(error)) console.warn(codeOf(error), error);
      return null;
    }
  }

  /** @param {string} name @param {AbortSignal} signal */
  async function fetched(name, signal) {
    if (held?.name === name) return held.bytes;
    const found = others?.find((one) => one.name === name);
    const title = found ? inLanguage(found.title) : name;
    const say = (/** @type {number} */ loaded, /** @type {number | null} */ total) => {
      const bytes = t('bytesOf', { loaded: megabytes(loaded), total: megabytes(total ?? found?.bytes ?? 0) });
      columns[1].wait(title, t('filtersComing', { name: title, bytes }));
    };
    say(0, null);
    const manifest = await loadManifest(found?.manifest ?? '', signal);
    const bytes = await session.load(featuresOf(manifest), say, signal);
    held = { name, bytes };
    return bytes;
  }

  function drawButtons() {
    const now = beside();
    const made = (others ?? []).map(({ name, title, bytes }) => {
      const isThere = now === name;
      const words = t(isThere ? 'filtersPutAway' : 'filtersCompare', {
        name: inLanguage(title),
        size: megabytes(bytes),
      });
      const click = () => part.set({ with: isThere ? '' : name });
      return h('button', { type: 'button', class: 'button', data: { beside: name }, on: { click } }, words);
    });
    // A press changes what the button says, and does not take it away from under the keys.
    const focused =
      lens.focused instanceof HTMLElement && buttons.contains(lens.focused) ? lens.focused.dataset.beside : null;
    buttons.replaceChildren(...made);
    made.find(({ dataset }) => focused && dataset.beside === focused)?.focus({ preventScroll: true });
  }

  function titleOf() {
    const one = session.network?.name ?? '';
    const other = beside();
    return t('filtersTitle', { names: other ? t('filtersAnd', { one, other }) : one });
  }

  return part;
}
