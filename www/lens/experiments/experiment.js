/**
 * What the views of all experiments have in common: two sentences, settings, progress with Cancel, errors, and what can be
 * taken away. A view says what it asks and draws what comes; when to ask, and when to stop, is decided here.
 */
import { codeOf, EngineError, isAbandoned } from '../engine/protocol.js';
import { download, fileName } from '../export.js';
import { asPng, asSvg } from '../figures.js';
import { reasonOf, wordsOf } from '../failure.js';
import { explain, gap, h, iconButton } from '../widgets/dom.js';
import { createClassesWanted } from './classes-wanted.js';
import { asJson, asTable } from './export.js';
import { createSettings } from './settings.js';
import { timeLeft } from './time-left.js';
import { zipped } from './zip.js';

/** @import { Lens } from '../lens.js' */
/** @import { Key } from '../text.js' */
/** @import { Place, TabPart } from '../tab.js' */
/** @import { Shown } from '../view/viewer.js' */
/** @import { Context, Experiments, ExperimentName } from '../engine/protocol.js' */
/** @import { Want } from './classes-wanted.js' */
/** @import { Setting, Values } from './settings.js' */
/** @typedef {'idle' | 'waiting' | 'running' | 'done' | 'stopped' | 'error'} State */
/**
 * What an answer is worked out with.
 * @typedef {object} Work
 * @property {AbortSignal} signal
 * @property {Shown} shown
 * @property {(done: number, total: number) => void} step how far it is
 * @property {<N extends ExperimentName>(name: N, ask: Experiments[N]['ask'], more?: { pictures?: Context[], onPart?: (part: Experiments[N]['part']) => void }) => Promise<Experiments[N]['answer']>} ask
 *   asks the engine about the picture on view
 */
/** @typedef {{ head: string[], rows: (string | number | null | undefined)[][] }} Table */
/**
 * What can be taken away, when there is something.
 * @typedef {object} Exports
 * @property {() => Promise<string>} figure as SVG, with scale and caption
 * @property {() => object} numbers
 * @property {() => Table} table
 * @property {Record<string, () => Promise<Blob>>} [files] those of `View.files`, by their endings
 */
/**
 * A question as a plain value, asked anew when it changes; or what the visitor must do first.
 * @template Q
 * @typedef {{ question: Q } | { missing: string }} Asked
 */
/** @typedef {TabPart & { ask: Work['ask'], set: (values: Record<string, string>, final?: boolean) => void, readonly values: Values, readonly state: State, refresh: () => void }} Part */
/**
 * @template Q
 * @typedef {object} View
 * @property {Exclude<import('../tabs.js').Tab, 'explore'>} name of the tab; its settings carry it in the address
 * @property {(values: Values) => string} title
 * @property {Key} text one sentence: what is seen, and how to read it
 * @property {Key} not one sentence: what it does not show
 * @property {string} [lesson] the piece of Learn that explains it
 * @property {Setting[]} [settings]
 * @property {Node[]} [tools] further controls, beside the settings
 * @property {HTMLElement} body
 * @property {(values: Values) => Want | null} [classes] what class names are wanted for, if for anything
 * @property {boolean} [isAsked] whether it begins only when the visitor says so
 * @property {boolean} [isLong] whether a phone would be at it for long: there it begins only when the visitor says so
 * @property {boolean} [isWithoutClasses] whether class scores change the answer only where the question names a class
 * @property {(shown: Shown, values: Values) => Asked<Q>} question
 * @property {(question: Q, shown: Shown) => void} begin clears the body for a new question
 * @property {(question: Q, work: Work) => Promise<void>} answer draws what comes as it comes
 * @property {() => Exports | null} exports
 * @property {readonly { ending: string, label: Key }[]} [files] what can be taken away besides picture, numbers and table
 * @property {() => void} render writes the words of the body again
 * @property {() => void} [onUpdate] draws again what depends on the address alone, after every change of it, and asks nothing of the engine
 * @property {() => void} [onOpen]
 * @property {() => void} [onLeave]
 */

/** A guess from less than this, in milliseconds, is worth nothing. */
const TOO_SOON = 2000;

/** @param {Lens} lens @param {{ at: number, done: number }} began @param {number} done @param {number} total */
const leftOf = (lens, began, done, total) =>
  performance.now() - began.at < TOO_SOON ? '' : timeLeft(lens, began, done, total);

/**
 * @template Q
 * @param {Place} place
 * @param {View<Q>} view
 * @returns {Part}
 */
export function createExperiment(place, view) {
  const { lens } = place;
  const { t } = lens.words;
  const { session, viewer, onChange, onCopyLink, onError, say } = place;
  const settings = createSettings(lens, view.name, view.settings ?? [], viewer, set);
  const title = h('h2', {});
  const wanted = createClassesWanted(place);
  const bar = h('progress', { max: '1', label: 'looking' });
  const stage = h('span', { class: 'bytes' });
  const cancelButton = h('button', { type: 'button', class: 'button', t: 'cancel', on: { click: () => cancel() } });
  const progress = h('div', { class: 'progress', hidden: true }, bar, stage, cancelButton);
  const words = h('p', { class: 'note' });
  const details = h('p', { class: 'note' });
  const go = h('button', { type: 'button', class: 'button primary', on: { click: () => goOn() } });
  const halt = h('div', { class: 'halt', hidden: true }, words, details, go);
  const controls = h('div', { class: 'settings' }, settings.element, ...(view.tools ?? []));
  const actions = h(
    'div',
    { class: 'actions' },
    iconButton('save', 'savePng', () => void save('png'), true),
    iconButton('save', 'saveSvg', () => void save('svg'), true),
    ...(view.files ?? []).map(({ ending, label }) => iconButton('save', label, () => void save(ending), true)),
    iconButton('save', 'saveAll', () => void save('zip'), true),
    iconButton('data', 'saveJson', () => void save('json')),
    iconButton('table', 'saveCsv', () => void save('csv')),
    iconButton('link', 'copyLink', onCopyLink),
  );
  const more = view.lesson ? [explain(view.lesson)] : [];
  const element = h(
    'section',
    { class: `experiment ${view.name}`, data: { view: view.name } },
    h('header', {}, title, actions),
    h(
      'p',
      { class: 'reading' },
      h('span', { t: view.text }),
      gap(),
      h('span', { class: 'soft', t: view.not }),
      gap(),
      ...more,
    ),
    wanted.element,
    controls,
    progress,
    halt,
    view.body,
  );

  /** @type {State} */
  let state = 'idle';
  /** @type {string | null} what was asked last, as words */
  let asked = null;
  /** Whether the class scores were there then. */
  let withClasses = false;
  /** @type {{ question: Q, shown: Shown } | null} */
  let now = null;
  /** @type {AbortController | null} */
  let control = null;
  /** @type {import('../failure.js').Reason | null} */
  let failure = null;
  let missing = '';
  let isOpen = false;

  /** @param {boolean} opened */
  function update(opened) {
    const { shown } = viewer;
    if (opened !== isOpen) {
      isOpen = opened;
      if (opened) view.onOpen?.();
      else view.onLeave?.();
    }
    if (!opened || !shown || viewer.dragging) {
      // What was not finished is asked again on the way back.
      if (control) asked = null;
      stop();
      return;
    }
    settings.update();
    const senseless = settings.senseless();
    if (senseless.length > 0) return set(Object.fromEntries(senseless.map((name) => [name, ''])), false);
    const want = shown.look.classes ? null : (view.classes?.(settings.values) ?? null);
    wanted.set(want);
    controls.hidden = want?.without === 'nothing';
    view.body.hidden = want !== null && want.without !== 'all';
    if (view.body.hidden) return lack('');
    const found = view.question(shown, settings.values);
    if ('missing' in found) return lack(found.missing);
    title.textContent = view.title(settings.values);
    const { photo, crop } = shown.context;
    const network = session.fingerprint ?? shown.network.name;
    const key = JSON.stringify([network, photo.id, crop, found.question]);
    const classes = !view.isWithoutClasses && shown.look.classes !== null;
    // Classes that come later begin nothing again that the visitor has stopped.
    if (key === asked && (classes === withClasses || state === 'stopped')) {
      now = { question: found.question, shown };
      return view.onUpdate?.();
    }
    asked = key;
    withClasses = classes;
    now = { question: found.question, shown };
    stop();
    renew();
    if (view.isAsked || (view.isLong && lens.isOnPhone && !lens.isGuided)) enter('waiting');
    else void begin();
  }

  /** @param {string} what */
  function lack(what) {
    stop();
    asked = null;
    now = null;
    missing = what;
    title.textContent = view.title(settings.values);
    enter('idle');
  }

  async function begin() {
    if (!now) return;
    stop();
    const { question, shown } = now;
    const mine = (control = new AbortController());
    enter('running');
    const began = { at: performance.now(), done: 0 };
    try {
      await view.answer(question, {
        signal: mine.signal,
        shown,
        step: (done, total) => {
          bar.value = total > 0 ? done / total : 0;
          stage.textContent = [t('drawn', { done, all: total }), leftOf(lens, began, done, total)]
            .filter(Boolean)
            .join(' · ');
        },
        ask: (name, ask, more) =>
          session.experiment(name, ask, { context: shown.context, signal: mine.signal, ...more }),
      });
      if (mine !== control) return;
      control = null;
      enter('done');
      say(`${title.textContent}: ${t('experimentDone')}`);
    } catch (error) {
      if (mine !== control) return;
      control = null;
      if (isAbandoned(error)) return enter('stopped');
      console.error(codeOf(error), error);
      failure = reasonOf(error);
      enter('error');
    }
  }

  function stop() {
    const before = control;
    control = null;
    before?.abort();
  }

  function cancel() {
    if (state !== 'running') return;
    stop();
    enter('stopped');
  }

  function goOn() {
    renew();
    void begin();
  }

  /** Clears the body for the question of now, and draws what is known without the engine. */
  function renew() {
    if (!now) return;
    view.begin(now.question, now.shown);
    view.onUpdate?.();
  }

  /** @param {State} next */
  function enter(next) {
    state = next;
    element.dataset.state = next;
    element.setAttribute('aria-busy', String(next === 'running'));
    if (next === 'running') {
      bar.removeAttribute('value');
      stage.textContent = '';
    }
    drawState();
  }

  function drawState() {
    progress.hidden = state !== 'running';
    // What is missing for want of class names has a panel of its own.
    halt.hidden = state === 'running' || state === 'done' || (state === 'idle' && missing === '');
    actions.hidden = state === 'idle' || state === 'waiting' || view.exports() === null;
    go.hidden = state === 'idle';
    go.textContent = t(state === 'waiting' ? 'experimentStart' : state === 'stopped' ? 'experimentAgain' : 'retry');
    details.hidden = state !== 'error';
    if (state === 'idle') words.textContent = missing;
    else if (state === 'waiting') words.textContent = t(view.isAsked ? 'experimentWaits' : 'experimentLong');
    else if (state === 'stopped') words.textContent = t('experimentStopped');
    else if (failure) {
      const said = wordsOf(lens, failure, drawState);
      words.textContent = `${t('errorTitle')} ${said.sentence}`;
      details.textContent = said.details;
    }
  }

  /** @param {Record<string, string>} values @param {boolean} [final] */
  function set(values, final = true) {
    const named = Object.entries(values).map(([name, value]) => [`${view.name}.${name}`, value]);
    const options = { ...viewer.view.options, ...Object.fromEntries(named) };
    // What is empty is as if it had never been set.
    for (const [name, value] of named) if (value === '' && name) delete options[name];
    onChange({ options }, final);
  }

  /** @param {string} ending */
  async function save(ending) {
    const found = view.exports();
    if (!found) return;
    try {
      download(await contents(found, ending), named(ending));
    } catch (error) {
      if (!isAbandoned(error)) onError(error);
    }
  }

  /** @param {string} ending */
  function named(ending) {
    const { layer, map } = viewer.resolved;
    return fileName(viewer, ending, view.name === 'top' ? `${layer}-map${map}-top` : view.name);
  }

  /** @param {Exports} found @param {string} ending @returns {Promise<Blob>} */
  async function contents(found, ending) {
    if (ending === 'zip') {
      const endings = ['png', 'svg', 'json', 'csv', ...Object.keys(found.files ?? {})];
      return zipped(
        await Promise.all(endings.map(async (one) => ({ name: named(one), blob: await contents(found, one) }))),
      );
    }
    if (ending === 'svg') return asSvg(await found.figure());
    if (ending === 'png') return asPng(await found.figure());
    if (ending === 'json')
      return asJson(view.name, { settings: settings.values.all(), ...found.numbers() }, viewer, session);
    const file = found.files?.[ending];
    return file ? file() : asTable(found.table(), session.network?.classes);
  }

  return {
    element,
    update,
    cancel,
    set,
    /** Draws again what depends on the state alone: whether there is something to take away. */
    refresh: drawState,
    ask: (name, ask, more) => {
      const { shown } = viewer;
      if (!shown) throw new EngineError('no-photo', 'Expected a picture on view; found none.');
      return session.experiment(name, ask, { context: shown.context, channel: 'probe', ...more });
    },
    /** @param {string} ending */
    async taken(ending) {
      const found = view.exports();
      if (!found) throw new EngineError('execution', 'Expected a result; found none.');
      return contents(found, ending);
    },
    render() {
      title.textContent = view.title(settings.values);
      settings.render();
      wanted.render();
      view.render();
      drawState();
    },
    get values() {
      return settings.values;
    },
    get state() {
      return state;
    },
    get title() {
      return title.textContent ?? '';
    },
  };
}
