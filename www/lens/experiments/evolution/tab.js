/** The Training tab: one map of the network through the checkpoints of its training, on the visitor's own picture. */
import '../words.js';
import './words.js';
import { animation } from './animation.js';
import { createCurves } from './curves.js';
import { figure, numbers, table } from './export.js';
import { createFilm } from './film.js';
import { heldOf } from './held.js';
import { loadEvolution } from './record.js';
import { Walk } from './walk.js';
import { codeOf, EngineError, isAbandoned } from '../../engine/protocol.js';
import { download, fileName as nameOfFile } from '../../export.js';
import { asPng, asSvg } from '../../figures.js';
import { reasonOf, wordsOf } from '../../failure.js';
import { zipped } from '../zip.js';
import { gap, h, iconButton } from '../../widgets/dom.js';
import { orderOf } from '../../widgets/explorer.js';

/** @import { Evolution } from './record.js' */
/** @import { Question } from './walk.js' */
/** @typedef {'loading' | 'running' | 'done' | 'stopped' | 'offered' | 'none' | 'error'} State */

/** In the address, where it is not the usual one. */
const AXIS = 'training.axis';

/** @param {import('../../tab.js').Place} options */
export function createEvolution({ lens, session, viewer, onChange, onCopyLink, say }) {
  const { megabytes, t, number } = lens.words;
  const film = createFilm(lens, {
    onSelect: (at, final) => {
      const epoch = evolution?.checkpoints[at]?.epoch;
      if (epoch === undefined) return;
      select(at, true);
      // While the film plays, the address waits for its end.
      if (final || !film.isPlaying) onChange({ epoch }, final);
    },
  });
  const curves = createCurves(lens, (log) => {
    const { [AXIS]: _, ...options } = viewer.view.options;
    onChange({ options: log ? options : { ...options, [AXIS]: 'linear' } }, true);
  });
  const title = h('h2', {});
  const maps = h('select', { label: 'mapChoice', on: { change: () => chooseMap(Number(maps.value)) } });
  const bar = h('progress', { max: '1', label: 'looking' });
  const stage = h('span', { class: 'bytes' });
  const cancelButton = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: () => cancel() } });
  const progress = h('div', { class: 'progress', hidden: true }, bar, stage, cancelButton);
  const words = h('p', { class: 'note' });
  const details = h('p', { class: 'note' });
  const go = h('button', { type: 'button', class: 'button primary', on: { click: () => goOn() } });
  const halt = h('div', { class: 'halt', hidden: true }, words, details, go);
  const body = h('div', { class: 'evolution-body', hidden: true }, film.element, curves.element);
  const actions = h(
    'div',
    { class: 'actions' },
    iconButton(
      'save',
      'savePng',
      async () => download(await asPng(await figure(lens, exported(), session)), fileName('png')),
      true,
    ),
    iconButton(
      'save',
      'saveSvg',
      async () => download(asSvg(await figure(lens, exported(), session)), fileName('svg')),
      true,
    ),
    iconButton(
      'save',
      'saveAnimation',
      async () => download(await animation(lens, exported(), session), fileName('apng')),
      true,
    ),
    iconButton('save', 'saveAll', async () => download(await everything(), fileName('zip')), true),
    iconButton('data', 'saveJson', () => download(numbers(exported(), viewer, session), fileName('json'))),
    iconButton('table', 'saveCsv', () => download(table(exported()), fileName('csv'))),
    iconButton('link', 'copyLink', onCopyLink),
  );
  const element = h(
    'section',
    { class: 'evolution', data: { view: 'evolution' } },
    h('header', {}, title, h('label', {}, h('span', { t: 'mapChoice', 'aria-hidden': 'true' }), ' ', maps), actions),
    h('p', {}, h('span', { t: 'evolutionText' }), gap(), h('span', { class: 'soft', t: 'evolutionNot' })),
    progress,
    halt,
    body,
  );

  /** @type {Evolution | null} */
  let evolution = null;
  /** @type {Walk | null} */
  let walk = null;
  /** @type {Question | null} */
  let question = null;
  /** @type {string | null} what was asked last */
  let asked = null;
  /** @type {AbortController | null} */
  let control = null;
  /** @type {State} */
  let state = 'loading';
  /** @type {import('../../failure.js').Reason | null} */
  let failure = null;
  let isAllowed = !isSaving(lens);

  /** @param {boolean} isOpen */
  function update(isOpen) {
    const { shown } = viewer;
    if (!isOpen || !shown || viewer.dragging) {
      film.stop();
      control?.abort();
      asked = null;
      viewer.pin(null);
      return;
    }
    const { layer, map, rule, stretch, scale } = viewer.resolved;
    const { photo, crop } = shown.context;
    const key = JSON.stringify([photo.id, crop, layer, map, rule, stretch, scale]);
    drawHead();
    curves.setAxis(viewer.view.options[AXIS] !== 'linear');
    const isNew = key !== asked;
    if (isNew) question = null;
    select(placeOf(viewer.view.epoch));
    if (!isNew) return;
    asked = key;
    film.stop();
    if (state !== 'stopped' && state !== 'none') void begin();
    else void showKnown();
  }

  /** Shows what is known of the question now on view, without asking for more. */
  async function showKnown() {
    if (!walk || !viewer.shown) return;
    question = await ask(new AbortController().signal);
    film.setFrames(walk.of(question).frames);
    drawCurves();
    select(film.selected);
  }

  /** @param {AbortSignal} signal @returns {Promise<Question>} */
  async function ask(signal) {
    const { context } = /** @type {import('../../view/viewer.js').Shown} */ (viewer.shown);
    const layer = viewer.resolved.layer ?? '';
    const map = viewer.resolved.map ?? 0;
    return { context, layer, map, manner: await viewer.manner(layer, signal) };
  }

  async function begin() {
    control?.abort();
    const mine = (control = new AbortController());
    const { signal } = mine;
    try {
      set('loading');
      if (!evolution) {
        const { manifest, network } = session;
        const found = manifest && (await loadEvolution(manifest, signal));
        if (!found) return set('none');
        if (network && found.network !== network.name)
          throw new EngineError('weights', `Expected the training of ${network.name}; found that of ${found.network}.`);
        evolution = found;
        walk = new Walk(session, found.checkpoints);
        film.setCheckpoints(found.checkpoints);
      }
      const now = await ask(signal);
      const { checkpoints } = evolution;
      const goes = /** @type {Walk} */ (walk);
      question = now;
      film.setFrames(goes.of(now).frames);
      body.hidden = false;
      drawCurves();
      select(placeOf(viewer.view.epoch));
      if (!isAllowed) return set('offered');
      set('running');
      await goes.go(now, signal, {
        onBytes: (at, loaded, total) => {
          const epoch = checkpoints[at]?.epoch ?? 0;
          const part = total ? loaded / total : 0;
          bar.value = (at + part) / checkpoints.length;
          const bytes = { loaded: megabytes(loaded), total: megabytes(total ?? 0) };
          stage.textContent = t('evolutionStage', {
            epoch: number(epoch),
            bytes: t('bytesOf', bytes),
            at: at + 1,
            of: checkpoints.length,
          });
        },
        onFrame: (at) => {
          if (mine !== control) return;
          film.drawFrame(at);
          drawCurves();
          if (viewer.view.epoch === null) select(at);
          else if (at === film.selected) pin();
        },
      });
      set('done');
      say(t('evolutionDone', { of: checkpoints.length }));
    } catch (error) {
      if (mine !== control || isAbandoned(error)) return;
      console.error(codeOf(error), error);
      failure = reasonOf(error);
      set('error');
    }
  }

  function cancel() {
    film.stop();
    if (state !== 'loading' && state !== 'running') return;
    control?.abort();
    set('stopped');
  }

  function goOn() {
    isAllowed = true;
    void begin();
  }

  /** @param {State} next */
  function set(next) {
    state = next;
    element.dataset.state = next;
    element.setAttribute('aria-busy', String(next === 'loading' || next === 'running'));
    if (next === 'loading') {
      bar.removeAttribute('value');
      stage.textContent = '';
    }
    drawState();
  }

  function drawState() {
    progress.hidden = state !== 'loading' && state !== 'running';
    halt.hidden = !['stopped', 'offered', 'none', 'error'].includes(state);
    maps.disabled = !evolution;
    actions.hidden = !evolution || state === 'offered';
    go.hidden = state === 'none';
    details.hidden = state !== 'error';
    const bytes = evolution?.checkpoints.reduce((sum, { file }) => sum + (file.bytes ?? 0), 0) ?? 0;
    const count = evolution?.checkpoints.length ?? 0;
    if (state === 'offered') {
      words.textContent = t('evolutionOffer', { count });
      go.textContent = t('evolutionGet', { size: megabytes(bytes) });
    } else if (state === 'stopped') {
      words.textContent = t('evolutionStopped');
      go.textContent = t('goOn');
    } else if (state === 'none') {
      words.textContent = t('evolutionNone', { name: session.network?.name ?? '' });
    } else if (failure) {
      const said = wordsOf(lens, failure, drawState);
      words.textContent = `${t('errorTitle')} ${said.sentence}`;
      details.textContent = said.details;
      go.textContent = t('retry');
    }
  }

  function drawHead() {
    const { layer, map } = viewer.resolved;
    title.textContent = t('evolutionTitle', { map: map ?? 0, layer: layer ?? '' });
    const strongest = viewer.shown?.look.layers.find((entry) => entry.layer === layer)?.strongest ?? [];
    const options = orderOf(strongest, 'strength').map((index) => {
      const value = strongest[index]?.activation ?? 0;
      const activation = value > 0 ? number(value) : t('silentOption');
      return h('option', { value: String(index) }, t('tip', { map: index, value: activation }));
    });
    maps.replaceChildren(...options);
    maps.value = String(map ?? 0);
  }

  function drawCurves() {
    if (!evolution || !walk || !question) return;
    const { checkpoints } = evolution;
    const { moved } = walk.of(question);
    const names = question && viewer.shown ? viewer.shown.look.layers.map(({ layer }) => layer) : [];
    curves.set({
      epochs: checkpoints.map(({ epoch }) => epoch),
      weights: names.map((name) => ({ name, values: checkpoints.map((checkpoint) => checkpoint.moved[name] ?? null) })),
      answers: names.map((name) => ({ name, values: checkpoints.map((_, at) => finite(moved[at]?.[name])) })),
      selected: film.selected,
      held: heldOf(session.network),
    });
  }

  /** @param {number} map */
  function chooseMap(map) {
    onChange({ layer: viewer.resolved.layer, map, unit: null, whole: false, classIndex: null }, true);
  }

  /** The checkpoint nearest to an epoch; without one, the last that is drawn, so that the map develops while one looks on. @param {number | null} epoch */
  function placeOf(epoch) {
    const checkpoints = evolution?.checkpoints ?? [];
    if (epoch === null) {
      const drawn = walk && question ? walk.of(question).frames.findLastIndex((frame) => frame) : -1;
      return drawn >= 0 ? drawn : Math.max(0, checkpoints.length - 1);
    }
    const gaps = checkpoints.map((checkpoint) => Math.abs(checkpoint.epoch - epoch));
    return Math.max(0, gaps.indexOf(Math.min(...gaps)));
  }

  /** @param {number} at @param {boolean} [byHand] */
  function select(at, byHand) {
    if (!evolution) return;
    const before = film.selected;
    film.select(at, byHand);
    if (at !== before) drawCurves();
    pin();
  }

  /** The photograph shows what the selected checkpoint shows. */
  function pin() {
    if (viewer.view.tab !== 'training') return;
    viewer.pin((walk && question && walk.of(question).frames[film.selected]) ?? null);
  }

  function exported() {
    if (!evolution || !walk || !question)
      throw new EngineError('execution', 'Expected a training on view; found none.');
    const { frames, moved } = walk.of(question);
    return {
      evolution,
      question,
      frames,
      moved,
      log: curves.log,
      held: heldOf(session.network),
      title: title.textContent ?? '',
    };
  }

  /** All that can be taken away, in one file. */
  async function everything() {
    const now = exported();
    const svg = await figure(lens, now, session);
    return zipped([
      { name: fileName('png'), blob: await asPng(svg) },
      { name: fileName('svg'), blob: asSvg(svg) },
      { name: fileName('apng'), blob: await animation(lens, now, session) },
      { name: fileName('json'), blob: numbers(now, viewer, session) },
      { name: fileName('csv'), blob: table(now) },
    ]);
  }

  /** @param {string} ending */
  function fileName(ending) {
    const { layer, map } = viewer.resolved;
    return nameOfFile(viewer, ending, `${layer}-map${map}-training`);
  }

  return {
    element,
    update,
    cancel,
    render() {
      if (!viewer.shown) return;
      drawHead();
      drawState();
      film.render();
      curves.render();
    },
    get title() {
      return title.textContent ?? '';
    },
  };
}

/** @param {number | undefined} value */
function finite(value) {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** On a phone or a metered line the checkpoints wait until they are asked for. @param {import('../../lens.js').Lens} lens */
function isSaving(lens) {
  const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
  return connection?.saveData || lens.isOnPhone;
}
