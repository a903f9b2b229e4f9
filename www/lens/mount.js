/**
 * A lens put together: a photograph, what the network sees in it, and every experiment, in the element that its `Lens` has.
 * What it is to show comes in as a view, what it shows goes out to whoever mounted it; it touches nothing outside its element.
 */
import { Session } from './engine/session.js';
import { createFailing } from './failing.js';
import { Album } from './photograph/album.js';
import { Opening } from './photograph/opening.js';
import { Photographs } from './photograph/photographs.js';
import { onClipboard } from './photograph/transfer.js';
import { Tabs } from './tab.js';
import { Company } from './view/company.js';
import { createPlaces } from './view/places.js';
import { chooser } from './view/prints.js';
import { fromTheBeginning } from './view/state.js';
import { isOpen } from './view/target.js';
import { Viewer } from './view/viewer.js';
import { createClasses } from './widgets/classes.js';
import { createEnginePage } from './widgets/dialogs.js';
import { createDrop } from './widgets/drop.js';
import { createExplorer } from './widgets/explorer.js';
import { keepFocus } from './widgets/focus.js';
import { createInspector } from './widgets/inspector.js';
import { createJourney } from './widgets/journey.js';
import { createLanding } from './widgets/landing.js';
import { createCounter, createStages } from './widgets/progress.js';
import { createStage } from './widgets/stage.js';
import { createTable } from './widgets/table.js';
import { createTabs } from './widgets/tabs.js';

/** @import { Lens } from './lens.js' */
/** @import { View } from './view/state.js' */
/** @import { Which } from './widgets/table.js' */
/**
 * Where what is on view is written down.
 * @typedef {object} Address
 * @property {(view: View) => void} push a choice
 * @property {(view: View, chosen?: boolean) => void} replace a step on the way to one; `chosen`: it is no place that was only pointed at
 * @property {() => void} settle at once
 * @property {(view: View) => void} mend leaves out what made no sense
 */
/**
 * What stands around a lens.
 * @typedef {object} Around
 * @property {Address} address
 * @property {(view: View) => string} linkTo the address of a view of the page
 * @property {(() => void) | null} onCpu the visitor wants no graphics card any more
 * @property {() => void} [onClear] what is kept here is to be done away with
 * @property {(which: Which) => void} onShow
 * @property {(status: string, error: string | null) => void} onStatus
 * @property {(view: View) => void} [onView] what is wanted has changed: language and theme too
 * @property {() => void} [onRender] every word is written again
 * @property {() => void} [onRunning] the engine runs, or looked
 * @property {() => void} [onShown] a photograph has been looked at
 */
/**
 * @typedef {object} Manner
 * @property {'cpu' | 'webgpu' | null} backend
 * @property {boolean} [plain] whether burn's operations alone compute
 * @property {string | null} [workers] how many Workers share a long question; without it, as many as the device has room for
 * @property {string | null} weights the address of a manifest or file, which makes that network the only one
 * @property {string | null} share the name of the engine that lenses of a page share; `null`: one of its own
 */
/** @typedef {ReturnType<typeof mount>} Mounted */

/** @param {Lens} lens @param {View} firstView @param {Around} around @param {Manner} manner */
export function mount(lens, firstView, around, { backend, plain, workers, weights, share }) {
  const { inLanguage, percent, t } = lens.words;
  const { address } = around;
  /** @type {import('./networks/networks.js').Networks | null} once somebody wants another one */
  let networks = null;
  /** @type {import('./live/live.js').Live | null} once there is a camera or a film */
  let live = null;
  let isClosed = false;

  const session = new Session({
    forced: backend,
    plain,
    workers,
    share,
    weightsAddress: async () => {
      if (weights !== null) return weights;
      return networks || firstView.net
        ? (await choice()).address()
        : new URL('weights/manifest.json', lens.folder).href;
    },
    onStage: (stage, loaded, total, done) => stages.set(stage, loaded, total, done),
    onClassifierBytes: (loaded, total) => widgets.classes.setComing({ loaded, total }),
    onRunning: () => around.onRunning?.(),
    keeps: !lens.isGuest,
  });
  const enginePage = createEnginePage(lens);
  const stages = createStages(lens, () => opening.cancel());
  const { notice, showStatus, hideError, showError, tell } = createFailing(lens, around, {
    phase: () => opening?.phase ?? (viewer?.busy && !viewer.isFilm ? 'running' : viewer?.shown ? 'ready' : 'idle'),
    isWorking: () => Boolean(opening?.phase),
    hasResult: () => viewer.shown !== null,
    retry: () => void opening.retry(),
    onFailed: () => places.show(),
    say: (words) => table.say(words),
  });
  const drop = createDrop(lens, {
    onCarried: (carried) => keep(() => take(carried)),
    onSample: (sample) => openSample(sample),
    onIntent: fetchAhead,
  });
  const landing = createLanding(lens, {
    onChoose: drop.choose,
    onSample: (sample) => openSample(sample),
    onCamera: () => keep(async () => (await films()).openCamera()),
    onPaste: () => keep(async () => take(await onClipboard())),
    onIntent: fetchAhead,
    onLesson: () => choose({ tab: 'learn' }),
  });

  const widgets = {
    stage: createStage(lens, {
      onCrop(crop, final) {
        // The next frame is looked at there.
        if (viewer.isFilm) viewer.view = { ...viewer.view, crop };
        else void opening.recrop(crop, final);
      },
    }),
    journey: createJourney(lens, {
      onLayer: (layer) => choose({ ...viewer.prints.viewOf(layer), ...anyUnit(), classIndex: null }),
      onNext: (layer) => viewer.nextPrint(layer),
      onPoint: (layer) => viewer.pointLayer(layer),
      onSave: () =>
        takeAway(async () =>
          (await import('./experiments/share/save.js')).saveCard(lens, widgets.journey.prints, viewer, session),
        ),
    }),
    explorer: createExplorer(lens, {
      onPoint: (spot) => point(spot),
      onLeave: () => point(null),
      onPick: (spot) => choose({ ...unitAt(spot), ...anyUnit(), whole: viewer.view.whole }),
      onMove: (spot) => adjust({ ...unitAt(spot), ...anyUnit(), whole: viewer.view.whole }),
      onLayerStep: stepLayer,
      onShow: (show) => choose({ show }),
      onSort: (sort) => choose({ sort }),
      onSave: () =>
        takeAway(async () =>
          (await import('./experiments/share/save.js')).savePaper(lens, widgets.explorer.sheet, viewer, session, album),
        ),
    }),
    inspector: createInspector(lens, {
      onPointUnit: (row, col) => point({ map: viewer.resolved.map ?? 0, row, col }),
      onLeave: () => point(null),
      onPickUnit: (row, col, final) => (final ? choose : adjust)(unitAt({ map: viewer.resolved.map ?? 0, row, col })),
      onRule: (rule) => choose({ rule }),
      onStretch: (stretch) => choose({ stretch }),
      onScale: (scale) => choose({ scale }),
      onWhole: (whole) => choose({ ...viewer.chosen, whole }),
      onColour: (colour) => choose({ colour }),
      onTab: (tab) => choose({ ...viewer.chosen, tab, classIndex: null }),
      onSubject(subject) {
        // With every frame it may be another map, and nothing is to be fetched for that.
        const drifts = viewer.isFilm && isOpen(viewer.view);
        widgets.inspector.slot.hidden = drifts;
        if (!drifts) company.follow(subject);
      },
      onSavePng: () =>
        takeAway(async () => {
          const { download, fileName } = await taking();
          download(await picture(), fileName(viewer, 'png'));
        }),
      onSaveJson: () =>
        takeAway(async () => {
          const { download, fileName, numbers } = await taking();
          download(numbers(viewer, session), fileName(viewer, 'json'));
        }),
      onSaveNpy: () => takeAway(async () => (await import('./experiments/share/save.js')).saveNpy(viewer)),
      onCopyLink: copyLink,
    }),
    classes: createClasses(lens, {
      onClass: (index) => choose({ classIndex: viewer.view.classIndex === index ? null : index }),
      onGet: () => void opening.getClassifier(),
      onKnown: () => void listKnown().catch(showError),
    }),
    counter: createCounter(lens, () => choose({ show: 'maps' })),
  };

  const viewer = new Viewer(session, widgets, firstView, {
    onError: showError,
    onBusy: showStatus,
    onUpdate: () => parts.update(),
    onFirst: () => {
      if (viewer.isFilm) return;
      address.replace(viewer.addressed, !viewer.dragging);
      if (!viewer.dragging) address.settle();
    },
  });
  const company = new Company(lens, session, viewer, widgets.inspector.slot);
  const album = new Album(lens, session, () => viewer.shown && adjust({ others: album.others }));
  const parts = new Tabs({
    lens,
    session,
    viewer,
    album,
    onChange: (change, final) => (final ? choose : adjust)(change),
    onCopyLink: copyLink,
    onError: showError,
    say: (words) => table.say(words),
  });
  const tabs = createTabs((tab) => choose({ tab, options: fromTheBeginning(viewer.view.options) }));
  const table = createTable({ lens, notice, landing, drop, stages: stages.element, tabs, parts, widgets, enginePage });
  lens.element.append(...table.elements);
  const photographs = new Photographs();
  const opening = new Opening({
    lens,
    session,
    viewer,
    photographs,
    stages,
    onChange: () => {
      places.show();
      showStatus();
      render();
    },
    onLeave: () => live?.leave(),
    onStart: () => {
      void chooser().catch(() => {});
      hideError();
      show('table');
    },
    onError: showError,
    onShown: (how) => {
      void album.follow(viewer.view.others).catch(showError);
      viewer.view = { ...viewer.view, net: networks?.current ?? null };
      if (how === 'push') address.push(viewer.addressed);
      // The part on its way is no place to come back to.
      else address.replace(viewer.addressed, !viewer.dragging);
      around.onRunning?.();
      around.onShown?.();
      networks?.ask();
      const sample = album.samples.find(({ id }) => id === viewer.shown?.sample);
      widgets.classes.setStranger((weights === null && sample?.stranger) || null);
      render();
      const best = viewer.shown?.look.classes?.[0];
      const names = best && session.network?.classes[best.index];
      const seen = names ? t('best', { name: inLanguage(names), share: percent(best.probability) }) : '';
      table.say(t('ready', { best: widgets.classes.isStrange ? t('strangeShort') : seen }));
    },
  });
  const places = createPlaces({
    lens,
    viewer,
    opening,
    photographs,
    album,
    parts,
    address,
    networks: () => networks,
    changeNetwork: async (name) =>
      weights === null && name !== (networks?.current ?? null) && (await choice()).change(name),
    onSamples: (samples) => {
      for (const part of [drop, landing]) part.setSamples(samples.filter(({ aside }) => !aside));
    },
    apply,
    render,
    show,
    tell,
    showError,
    hideError,
    showStatus,
  });

  /** @param {Which} which */
  function show(which) {
    const { view } = viewer;
    landing.setLinked(which === 'landing' && (view.layer || view.tab !== 'explore') ? view : null);
    table.show(which);
    around.onShow(which);
  }

  /**
   * A unit of the layer that is open. The layer is named even where it was only the default: a map's number means nothing without it.
   * @param {import('./widgets/explorer.js').Spot} spot
   * @returns {Partial<View>}
   */
  function unitAt({ map, row, col }) {
    return { layer: viewer.resolved.layer, map, unit: [row, col], whole: false, classIndex: null };
  }

  /** While a film goes by, a map is chosen, and its strongest unit is followed from frame to frame. @returns {Partial<View>} */
  function anyUnit() {
    return viewer.isFilm ? { unit: null, whole: false } : {};
  }

  /** The camera and films, fetched when they are first wanted. */
  async function films() {
    const [{ Live }] = await Promise.all([import('./live/live.js'), lens.adopt('live/live.css')]);
    live ??= new Live({
      lens,
      session,
      viewer,
      opening,
      onPicture: (file) => void take({ file }),
      onBegin: () => viewer.view.tab === 'explore' || apply({ ...viewer.view, tab: 'explore' }),
      onFollow: (how) => address[how](viewer.addressed),
      onStop: () => places.goHome(),
      tell,
    });
    if (isClosed) live.close();
    return live;
  }

  /** Something is about to come: time to fetch the program. */
  function fetchAhead() {
    void session.ready().catch(() => {});
  }

  /** What fails is said. @param {() => Promise<void>} act */
  function keep(act) {
    void act().catch(showError);
  }

  /** What writes pictures and numbers down, fetched when they are first taken away. */
  function taking() {
    return import('./export.js');
  }

  /** What is inspected, as one print. */
  async function picture() {
    return (await import('./view/print.js')).print(lens, widgets.inspector, viewer, session);
  }

  /** What is taken away is of a picture that stays. @param {() => Promise<void>} make and save */
  function takeAway(make) {
    keep(async () => {
      if (live?.isOn) await live.freeze().then(() => viewer.drawn());
      await make();
    });
  }

  /** What the network knows, in a dialog. */
  async function listKnown() {
    const onClass = (/** @type {number} */ classIndex) => choose({ tab: 'explore', classIndex });
    (await import('./widgets/known.js')).showKnown(lens, session, viewer, onClass);
  }

  /** @param {Partial<View>} change */
  function turn(change) {
    apply({ ...viewer.view, ...change });
    viewer.hover = null;
    viewer.update();
  }

  /** A discrete choice: it gets an entry of its own in the history. @param {Partial<View>} change */
  function choose(change) {
    // What takes longer than a frame is there is asked of a picture that stays.
    const isLong = (change.tab ?? 'explore') !== 'explore' || change.show === 'projections';
    if (live?.isOn && isLong) return void live.freeze().then(() => choose(change));
    turn(change);
    places.show();
    address[viewer.isFilm ? 'replace' : 'push'](viewer.addressed);
    table.say(parts.open ? parts.title : widgets.inspector.title);
  }

  /** A step on the way to a choice. @param {Partial<View>} change */
  function adjust(change) {
    turn(change);
    address.replace(viewer.addressed);
  }

  /** @param {import('./widgets/explorer.js').Spot | null} spot */
  function point(spot) {
    if (!viewer.shown || (!spot && !viewer.hover)) return;
    viewer.point(spot);
    address.replace(spot ? { ...viewer.resolved, ...unitAt(spot) } : viewer.addressed, !spot);
  }

  /** @param {number} step */
  function stepLayer(step) {
    if (!viewer.shown) return;
    const names = viewer.shown.look.layers.map(({ layer }) => layer);
    const layer = names[names.indexOf(viewer.resolved.layer ?? '') + step];
    if (layer) choose({ layer, map: null, unit: null, classIndex: null });
  }

  /** Takes over a view; words and theme follow it at once. @param {View} view */
  function apply(view) {
    const before = viewer.view;
    viewer.view = view;
    lens.dress(view);
    around.onView?.(view);
    drawTab();
    if (view.lang !== before.lang) render();
    if (view.theme !== before.theme) widgets.explorer.redraw();
  }

  function drawTab() {
    table.setTab(viewer.view.tab);
    tabs.choose(viewer.view.tab);
    widgets.stage.setAside(viewer.view.tab !== 'explore');
  }

  /** The networks that there are, fetched when somebody wants another one. */
  async function choice() {
    const { Networks } = await import('./networks/networks.js');
    return (networks ??= new Networks({
      lens,
      session,
      wanted: firstView.net,
      fixed: weights,
      page: { ...enginePage, open: () => void openEnginePage() },
      onChoose: changeNetwork,
      onFile: openNetwork,
      onTaken() {
        parts.forget();
        keep(() => album.renew());
      },
      onEntered() {
        parts.forget();
        if (viewer.shown) void opening.relook('replace');
      },
      onUnknown: (name) => tell(t('unknownNetwork', { name })),
      onError: showError,
    }));
  }

  async function openEnginePage() {
    const running = await session.ready();
    void enginePage.show(running, session.network, session.call('memory', {}, { channel: 'memory' }));
  }

  /** Another network looks at what is on view, or the same one at another size. @param {string | null} name @param {import('./view/crop.js').InputSize} [size] */
  async function changeNetwork(name, size) {
    const among = await choice();
    await live?.freeze();
    if (!(await among.change(name, size))) return;
    // What was said of another that did not come is past.
    hideError();
    apply(among.viewOf(viewer));
    if (viewer.shown) await opening.relook('push');
    else address.push(viewer.view);
  }

  /** A network of the visitor's own looks at what is on view. @param {File} file */
  async function openNetwork(file) {
    const among = await choice();
    await changeNetwork(await among.add(file));
  }

  /** A photograph is for looking at, wherever it was brought from, and so is a film. @param {import('./photograph/transfer.js').Carried} carried */
  async function take(carried) {
    if ('refusal' in carried) return tell(t(carried.refusal, { tab: t('tab-top') }));
    leaveLesson();
    if ('addresses' in carried) return opening.openElsewhere(carried.addresses);
    const { file } = carried;
    if (!file.type.startsWith('image/')) {
      // Whatever else it is, the engine tells.
      const { isNetwork } = await import('./networks/networks.js').catch(() => ({ isNetwork: async () => false }));
      if (file instanceof File && weights === null && (await isNetwork(file))) return openNetwork(file);
      const { isFilm } = await import('./live/film.js').catch(() => ({ isFilm: async () => false }));
      if (await isFilm(file)) return (await films()).startFile(file);
    }
    return opening.openBlob(file);
  }

  /** @param {import('./widgets/drop.js').Sample} sample */
  function openSample(sample) {
    leaveLesson();
    void opening.openSample(sample);
  }

  function leaveLesson() {
    if (!viewer.shown && parts.open) apply({ ...viewer.view, tab: 'explore' });
  }

  async function copyLink() {
    address.settle();
    try {
      await navigator.clipboard.writeText(around.linkTo(viewer.addressed));
      table.toast(t(viewer.shown && !viewer.shown.sample ? 'copiedPrivate' : 'copied'));
    } catch {
      table.toast(t('copyFailed'));
    }
  }

  /** Writes every word again, in the language of now. */
  function render() {
    lens.words.translate();
    const { stage, journey, explorer, inspector, classes } = widgets;
    for (const part of [drop, landing, notice, stage, journey, explorer, inspector, classes, parts]) part.render();
    networks?.render();
    live?.render();
    drop.chooseSample(viewer.shown?.sample ?? null);
    around.onRender?.();
  }

  lens.ground.addEventListener('keydown', (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== 'Escape' || lens.element.querySelector('dialog[open]')) return;
    if (opening.phase) opening.cancel();
    else if (parts.open) parts.cancel();
    else viewer.stopMosaic();
  });
  lens.element.addEventListener('click', ({ target }) => {
    const what = target instanceof Element && target.closest('[data-explain]')?.getAttribute('data-explain');
    if (what) keep(async () => choose((await import('./view/explain.js')).explaining(viewer, what)));
  });
  // A picture has come, or gone: one goes on at the tab that is open, or at the top.
  keepFocus(lens.element, () => table.entrance());

  lens.dress(firstView);
  drawTab();
  showStatus();

  return {
    lens,
    session,
    viewer,
    opening,
    photographs,
    album,
    parts,
    places,
    drop,
    landing,
    widgets,
    choose,
    apply,
    render,
    take,
    tell,
    showError,
    hideError,
    showStatus,
    networks: () => networks,
    say: table.say,
    /** The networks that there are, in a dialog, and what computes. @param {boolean} [atFacts] whether the latter is what is wanted */
    async showEngine(atFacts = false) {
      await openEnginePage();
      await (await choice()).show(!opening.phase);
      if (atFacts) enginePage.toFacts();
    },
    /** Out of sight nothing is asked for. @param {boolean} isParked */
    park(isParked) {
      if (isParked) void live?.rest();
      viewer.park((parts.isParked = isParked));
    },
    /** A picture or a film. @param {Blob} file */
    open: (file) => take({ file }),
    /** The camera as what is looked at, for as long as it is in sight. */
    startCamera: async () => (await films()).startCamera(),
    picture: () => (parts.open ? parts.taken('png') : picture()),
    async numbers() {
      const file = parts.open ? await parts.taken('json') : (await taking()).numbers(viewer, session);
      return JSON.parse(await file.text());
    },
    /** The engine and what was fetched are let go. */
    close() {
      isClosed = true;
      live?.close();
      opening.cancel();
      parts.forget();
      session.close();
    },
  };
}
