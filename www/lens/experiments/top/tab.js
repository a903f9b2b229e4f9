/** The Top nine tab (figure 2): of all pictures of a set, those that a map answers to most, and where the picture on view stands. */
import '../words.js';
import './words.js';
import { h } from '../../widgets/dom.js';
import { mapAndLayer } from '../../widgets/map-name.js';
import { blank, paint } from '../../widgets/paint.js';
import { createExperiment } from '../experiment.js';
import { figure, numbers, table } from './export.js';
import { createBlocks } from './nine.js';
import { createOverview } from './overview.js';
import { createRanking } from './ranking.js';
import { shelfOf } from './shelf.js';
import { createSources } from './sources.js';

/** @import { Place } from '../../tab.js' */
/** @import { Shown } from '../../view/viewer.js' */
/** @import { Seen } from './export.js' */
/** @import { Gallery, Kind } from './gallery.js' */
/** @typedef {{ from: Kind, layer: string, map: number, revision: string }} Question */

/** @param {Place} place */
export function createTop(place) {
  const { lens } = place;
  const { t } = lens.words;
  const { viewer, session, onChange, onError, say } = place;
  const shelf = shelfOf(lens, session);
  const sources = createSources(lens, shelf, {
    onKind: (kind) => {
      part.set({ from: kind === 'training' ? '' : kind });
      refresh();
    },
    onRun: () => overview.stop(true),
    onChange: () => refresh(),
    onError,
    say,
  });
  const point = (/** @type {number | null} */ rank) => {
    blocks.light(rank);
    ranking.light(rank);
  };
  const blocks = createBlocks(lens, point);
  const ranking = createRanking(lens, point);
  const overview = createOverview(lens, (map, final) => choose(where().layer, map, final), onError);
  const layers = h('select', { data: { choice: 'layer' }, on: { change: () => choose(layers.value, null) } });
  const maps = h('select', {
    data: { choice: 'map' },
    on: { change: () => choose(where().layer, Number(maps.value)) },
  });
  const own = {
    projection: h('canvas', { class: 'blank', role: 'img', label: 'topYoursFound' }),
    patch: h('canvas', { class: 'blank', role: 'img', label: 'patchAlt' }),
  };
  const yours = h(
    'figure',
    { class: 'yours', hidden: true },
    h('div', { class: 'pair' }, own.projection, own.patch),
    h('figcaption', { class: 'note', t: 'topYoursFound' }),
  );
  const nothing = h('p', { class: 'nothing', hidden: true });
  const nine = h(
    'div',
    { class: 'top-nine', hidden: true },
    blocks.element,
    h('div', { class: 'aside' }, ranking.element, yours),
  );
  const body = h('div', { class: 'top-body' }, nothing, nine, overview.element);

  let isOpen = false;
  /** @type {Gallery | null} */
  let gallery = null;
  /** @type {Seen | null} */
  let seen = null;
  /** @type {Question | null} */
  let asked = null;
  /** Why there is nothing to see. @type {(() => string) | null} */
  let absence = null;

  /** @type {import('../experiment.js').Part} */
  const inner = createExperiment(place, {
    name: 'top',
    title: () => t('topTitle', mapAndLayer(lens, session.network, where())),
    text: 'topText',
    not: 'topNot',
    lesson: 'back',
    settings: [
      {
        kind: 'choice',
        name: 'from',
        label: 'topFrom',
        choices: [
          ['training', 'topFromTraining'],
          ['opened', 'topFromOpened'],
          ['own', 'topFromOwn'],
        ],
        value: 'training',
      },
    ],
    tools: [
      h('label', { class: 'control' }, h('span', { t: 'layerChoice' }), layers),
      h('label', { class: 'control' }, h('span', { t: 'mapChoice' }), maps),
      sources.element,
    ],
    body,
    /** @returns {import('../experiment.js').Asked<Question>} */
    question(_shown, values) {
      const from = /** @type {Kind} */ (values.word('from'));
      shelf.chosen = from;
      // What a foreign gallery shows is not known before it is there; its revision counts up when it is.
      return { question: { from, ...where(), revision: shelf.revisionOf(from) } };
    },
    begin(question) {
      if (question.from !== asked?.from) gallery = null;
      asked = question;
      seen = null;
      nothing.hidden = true;
      absence = null;
      nine.classList.add('stale');
      if (!gallery) {
        nine.hidden = true;
        overview.hide();
      }
    },
    async answer(question, { signal, shown, step }) {
      const found = await shelf.get(question.from, signal);
      signal.throwIfAborted();
      gallery = found;
      sources.show(question.from, gallery, where().layer);
      drawChoices(shown);
      if (!gallery) return tellWhatToDo(question.from);
      const { layer, map } = where();
      if (!gallery.layers.includes(layer)) {
        const known = gallery.layers;
        // A set of which nothing has been looked at yet has no layers.
        overview.hide();
        if (known.length > 0) return nothingBut(() => t('topNoLayer', { layer, layers: known.join(', ') }));
        return nothingBut(() => t(sources.isRunning ? 'topWait' : 'topNoOwn'));
      }
      const foreign = shelf.isForeign(gallery);
      const best = foreign ? null : (shown.look.layers.find((one) => one.layer === layer)?.strongest[map] ?? null);
      const winners = gallery.winners(layer, map);
      blocks.begin(winners, gallery.about.count, gallery.hasPatches(layer), gallery.licence);
      /** @type {Seen} */
      const mine = { gallery, layer, map, winners, tiles: blocks.tiles, yours: best, projection: null };
      seen = mine;
      nine.hidden = winners.length === 0;
      if (winners.length === 0) nothingBut(() => t('topSilent'));
      nine.classList.remove('stale');
      nine.classList.toggle('both', gallery.hasPatches(layer));
      ranking.draw(winners, best);
      yours.hidden = !best || best.activation <= 0;
      for (const canvas of [own.projection, own.patch]) blank(canvas);
      showOverview(mine, question);
      /** @type {Set<number>} */
      const done = new Set();
      step(0, winners.length);
      await gallery.tiles(
        layer,
        map,
        (rank, tile) => {
          if (mine !== seen) return;
          blocks.put(rank, tile);
          const isFirst = done.size === 0;
          step(done.add(rank).size, winners.length);
          if (isFirst) inner.refresh();
        },
        signal,
      );
      if (mine === seen && !gallery.hasPatches(layer)) {
        blocks.withoutPatches();
        nine.classList.remove('both');
        sources.show(question.from, gallery, layer);
      }
      if (best && best.activation > 0 && winners.length > 0)
        mine.projection = await projected(shown, gallery, layer, [map, best.row, best.col], signal);
      if (mine !== seen || !mine.projection) return;
      paint(own.projection, mine.projection.projection);
      paint(own.patch, mine.projection.patch);
    },
    exports: () => {
      const now = seen;
      if (!now || now.winners.length === 0) return null;
      return {
        figure: () => figure(lens, session, now),
        numbers: () => numbers(now),
        table: () => table(now),
      };
    },
    render() {
      blocks.render();
      sources.render();
      overview.render();
      if (seen) ranking.draw(seen.winners, seen.yours);
      if (absence) nothing.textContent = absence();
    },
    onUpdate() {
      overview.redraw();
      if (seen && asked) showOverview(seen, asked);
    },
    onOpen() {
      isOpen = true;
      lens.ground.addEventListener('drop', onDrop, true);
    },
    onLeave() {
      isOpen = false;
      lens.ground.removeEventListener('drop', onDrop, true);
      overview.stop(true);
    },
  });

  /** @param {Event} event */
  function onDrop(event) {
    sources.onDrop(/** @type {DragEvent} */ (event));
  }

  /** @param {Shown} shown @param {Gallery} of @param {string} layer @param {[number, number, number]} unit @param {AbortSignal} signal */
  async function projected(shown, { about }, layer, unit, signal) {
    // As the nine are drawn, whatever is chosen for the rest of the page.
    const manner = {
      rule: about.rule,
      stretch: /** @type {const} */ ('quantile'),
      sharedScale: null,
    };
    const [found] = await session.call(
      'units',
      { context: shown.context, layer, units: unit, manner },
      { channel: 'probe', signal },
    );
    return found ?? null;
  }

  /** The layer and map on view; of a foreign gallery they are of no use to the rest of the page. */
  function where() {
    if (gallery && shelf.isForeign(gallery)) {
      const { options } = viewer.view;
      const layer = gallery.layers.find((name) => name === options['top.layer']) ?? gallery.layers.at(-1) ?? '';
      const map = Math.min(Number(options['top.map'] ?? 0) || 0, gallery.maps(layer) - 1);
      return { layer, map };
    }
    const { layer, map } = viewer.resolved;
    return { layer: layer ?? '', map: map ?? 0 };
  }

  /** @param {string} layer @param {number | null} map `null`: the first, or the strongest @param {boolean} [final] */
  function choose(layer, map, final = true) {
    if (gallery && shelf.isForeign(gallery)) inner.set({ layer, map: String(map ?? 0) }, final);
    else onChange({ layer, map, unit: null, whole: false, classIndex: null }, final);
  }

  /** @param {Shown} shown */
  function drawChoices(shown) {
    const { layer, map } = where();
    const isForeign = gallery !== null && shelf.isForeign(gallery);
    const names = gallery && isForeign ? gallery.layers : shown.look.layers.map((one) => one.layer);
    const count =
      gallery && isForeign
        ? gallery.maps(layer)
        : (shown.look.layers.find((one) => one.layer === layer)?.strongest.length ?? 0);
    const option = (/** @type {string | number} */ value) => h('option', { value: String(value) }, String(value));
    layers.replaceChildren(...names.map(option));
    layers.value = layer;
    if (maps.options.length !== count) maps.replaceChildren(...Array.from({ length: count }, (_, at) => option(at)));
    maps.value = String(map);
  }

  /** @param {() => string} words in the language of now */
  function nothingBut(words) {
    absence = words;
    nothing.textContent = words();
    nothing.hidden = false;
    nine.hidden = true;
  }

  /** Says what to do where there is no gallery. @param {Kind} kind */
  function tellWhatToDo(kind) {
    const name = session.network?.name ?? '';
    const key = kind === 'own' ? 'topNoOwn' : 'topNoOpened';
    nothingBut(() => (kind === 'training' ? t('topNoTraining', { name }) : t(key)));
    overview.hide();
  }

  /** @param {Seen} on @param {Question} question */
  function showOverview({ gallery: of, layer, map }, { from, revision }) {
    // While a set is looked through, the engine has no time for all maps.
    void overview.show(of, layer, map, revision, from === 'own' && sources.isRunning);
  }

  /** What a gallery shows has changed. */
  function refresh() {
    if (isOpen) part.update(true);
  }

  /** @type {import('../../tab.js').TabPart & { set: typeof inner.set }} */
  const part = {
    element: inner.element,
    update: inner.update,
    render: inner.render,
    set: inner.set,
    cancel() {
      sources.cancel();
      overview.stop(false);
      inner.cancel();
    },
    get title() {
      return inner.title;
    },
  };
  return part;
}
