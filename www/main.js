/** The page: the only file that knows widgets, engine and address, and wires them together. */
import { Album } from './lens/photograph/album.js';
import { openCamera } from './lens/photograph/camera.js';
import { Company } from './lens/view/company.js';
import { Session } from './lens/engine/session.js';
import { download, figure, fileName, numbers } from './lens/export.js';
import { reasonOf } from './lens/failure.js';
import { createGuide } from './guide.js';
import { createLater } from './later.js';
import { Lens } from './lens/lens.js';
import { Opening } from './lens/photograph/opening.js';
import { Photographs } from './lens/photograph/photographs.js';
import { createPlaces } from './places.js';
import { chooser } from './lens/view/prints.js';
import { createShell } from './shell.js';
import { Address, fromTheBeginning, hashFromView, here } from './lens/view/state.js';
import { Tabs } from './lens/tab.js';
import { onClipboard } from './lens/photograph/transfer.js';
import { convolutions, Viewer } from './lens/view/viewer.js';
import { createClasses } from './lens/widgets/classes.js';
import { isTextField } from './lens/widgets/dom.js';
import { createDrop } from './lens/widgets/drop.js';
import { createExplorer } from './lens/widgets/explorer.js';
import { createInspector } from './lens/widgets/inspector.js';
import { createJourney } from './lens/widgets/journey.js';
import { createNotice, remedyOf } from './lens/widgets/notice.js';
import { createCounter, createStages } from './lens/widgets/progress.js';
import { createStage } from './lens/widgets/stage.js';
import { createTabs } from './lens/widgets/tabs.js';

/** @import { View } from './lens/view/state.js' */

const root = document.documentElement;
const query = new URLSearchParams(location.search);
const forced = query.get('backend');
const fixed = query.get('weights') || null;
const { view: firstView, photo: firstPhoto } = here();
const lens = new Lens(document.body, new URL(document.baseURI), firstView.lang);
const { inLanguage, percent, t } = lens.words;

/** @type {string | null} the code of the failure that is on the page */
let failure = null;
/** @type {import('./lens/networks/networks.js').Networks | null} once somebody wants another one */
let networks = null;

const session = new Session({
  forced: forced === 'cpu' || forced === 'webgpu' ? forced : null,
  share: 'controls' in root.dataset ? JSON.stringify([fixed, firstView.net]) : null,
  weightsAddress: async () =>
    fixed ?? (networks || firstView.net ? (await choice()).address() : 'weights/manifest.json'),
  onStage: (stage, loaded, total, done) => stages.set(stage, loaded, total, done),
  onClassifierBytes: (loaded, total) => widgets.classes.setComing({ loaded, total }),
  onRunning: () => drawBadge(),
});

const stages = createStages(lens, () => opening.cancel());
const notice = createNotice(lens, () => {
  failure = null;
  showStatus();
});
const drop = createDrop(lens, {
  onCarried: take,
  onSample: (sample) => (leaveLesson(), void opening.openSample(sample)),
  onCamera: () => void openCamera(lens, (file) => take({ file }), tell),
  onPaste: async () => take(await onClipboard()),
  onIntent: () => void session.ready().catch(() => {}),
  onLesson: () => choose({ tab: 'learn' }),
});

const widgets = {
  stage: createStage(lens, { onCrop: (crop, final) => void opening.recrop(crop, final) }),
  journey: createJourney(lens, {
    onLayer: (layer) => choose({ ...viewer.prints.viewOf(layer), classIndex: null }),
    onNext: (layer) => viewer.nextPrint(layer),
    onPoint: (layer) => viewer.pointLayer(layer),
    onSave: () =>
      keep(async () => (await import('./lens/experiments/share/save.js')).saveCard(lens, widgets.journey.prints, viewer, session)),
  }),
  explorer: createExplorer(lens, {
    onPoint: (spot) => point(spot),
    onLeave: () => point(null),
    onPick: (spot) => choose({ ...unitAt(spot), whole: viewer.view.whole }),
    onMove: (spot) => adjust({ ...unitAt(spot), whole: viewer.view.whole }),
    onLayerStep: stepLayer,
    onShow: (show) => choose({ show }),
    onSort: (sort) => choose({ sort }),
    onSave: () =>
      keep(async () => (await import('./lens/experiments/share/save.js')).savePaper(lens, widgets.explorer.sheet, viewer, session, album)),
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
    onSubject: (subject) => company.follow(subject),
    onSavePng: () => keep(async () => download(await figure(lens, widgets.inspector, viewer, session), fileName(viewer, 'png'))),
    onSaveJson: () => download(numbers(viewer, session), fileName(viewer, 'json')),
    onSaveNpy: () => keep(async () => (await import('./lens/experiments/share/save.js')).saveNpy(viewer)),
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
  say: (words) => shell.say(words),
});
const tabs = createTabs((tab) => choose({ tab, options: fromTheBeginning(viewer.view.options) }));
const address = new Address(
  () => places.ownPhoto(),
  (view, photo) => void places.travel(view, photo),
);
const shell = createShell(lens, {
  drop,
  notice,
  stages: stages.element,
  tabs: tabs.element,
  panel: tabs.panel,
  drawing: parts.drawing,
  part: parts.element,
  widgets,
  onTheme: () => {
    const dark = getComputedStyle(root).getPropertyValue('--is-dark').trim() === '1';
    choose({ theme: dark ? 'light' : 'dark' });
  },
  onLanguage: () => choose({ lang: lens.words.language === 'zh' ? 'en' : 'zh' }),
  onEngine: async () => {
    const running = await session.ready();
    void shell.enginePage.show(running, session.network, session.call('memory', {}, { channel: 'memory' }));
    await (await choice()).show(!opening.phase);
  },
  onHome: () => places.goHome(),
});
const later = createLater({ lens, session, viewer, onPicture: (file) => take({ file }) });
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
  onStart: () => {
    void chooser().catch(() => {});
    hideError();
    shell.show('table');
  },
  onError: showError,
  onShown: (how) => {
    void album.follow(viewer.view.others).catch(showError);
    viewer.view = { ...viewer.view, net: networks?.current ?? null };
    if (how === 'push') address.push(viewer.addressed);
    // The square on its way is no place to come back to.
    else address.replace(viewer.addressed, !viewer.dragging);
    drawBadge();
    later.shown();
    const sample = album.samples.find(({ id }) => id === viewer.shown?.sample);
    widgets.classes.setStranger((fixed === null && sample?.stranger) || null);
    render();
    const best = viewer.shown?.look.classes?.[0];
    const names = best && session.network?.classes[best.index];
    shell.say(
      t('ready', { best: widgets.classes.isStrange ? t('strangeShort') : names ? t('best', { name: inLanguage(names), share: percent(best.probability) }) : '' }),
    );
  },
});

/** @type {import('./places.js').Page} */
const page = {
  ...{ lens, viewer, opening, photographs, album, drop, parts, shell, address },
  networks: () => networks,
  changeNetwork: async (name) =>
    fixed === null && name !== (networks?.current ?? null) && (await choice()).change(name),
  ...{ apply, render, tell, showError, hideError, showStatus },
};
const places = createPlaces(page);
const guide = createGuide({ ...page, places, journey: widgets.journey.element, say: (words) => shell.say(words), choose });

/**
 * A unit of the layer that is open. The layer is named even where it was only the default: a map's number means nothing without it.
 * @param {import('./lens/widgets/explorer.js').Spot} spot
 * @returns {Partial<View>}
 */
function unitAt({ map, row, col }) {
  return { layer: viewer.resolved.layer, map, unit: [row, col], whole: false, classIndex: null };
}

/** What cannot be made is said. @param {() => Promise<void>} make and save */
const keep = (make) => void make().catch(showError);

/** What the network knows, in a dialog. */
async function listKnown() {
  const choice = (/** @type {number} */ classIndex) => choose({ tab: 'explore', classIndex });
  (await import('./lens/widgets/known.js')).showKnown(lens, session, viewer, choice);
}

/** @param {Partial<View>} change */
function turn(change) {
  apply({ ...viewer.view, ...change });
  viewer.hover = null;
  viewer.update();
}

/** A discrete choice: it gets an entry of its own in the history. @param {Partial<View>} change */
function choose(change) {
  turn(change);
  places.show();
  address.push(viewer.addressed);
  shell.say(parts.open ? parts.title : widgets.inspector.title);
}

/** A step on the way to a choice. @param {Partial<View>} change */
function adjust(change) {
  turn(change);
  address.replace(viewer.addressed);
}

/** @param {import('./lens/widgets/explorer.js').Spot | null} spot */
function point(spot) {
  if (!viewer.shown || (!spot && !viewer.hover)) return;
  viewer.point(spot);
  address.replace(spot ? { ...viewer.resolved, ...unitAt(spot) } : viewer.addressed, !spot);
}

/** @param {number} step */
function stepLayer(step) {
  if (!viewer.shown) return;
  const names = convolutions(viewer.shown).map(({ name }) => name);
  const layer = names[names.indexOf(viewer.resolved.layer ?? '') + step];
  if (layer) choose({ layer, map: null, unit: null, classIndex: null });
}

/** Takes over a view; words and theme follow it at once. @param {View} view */
function apply(view) {
  const before = viewer.view;
  viewer.view = view;
  if (view.lang !== before.lang) lens.words.speak(view.lang);
  root.lang = lens.words.tag;
  root.dataset.theme = view.theme ?? '';
  drawTab();
  if (view.lang !== before.lang) render();
  if (view.theme !== before.theme) widgets.explorer.redraw();
}

function drawTab() {
  shell.table.dataset.tab = viewer.view.tab;
  tabs.choose(viewer.view.tab);
  widgets.stage.setAside(viewer.view.tab !== 'explore');
}

/** The networks that there are, fetched when somebody wants another one. */
async function choice() {
  const { Networks } = await import('./lens/networks/networks.js');
  return (networks ??= new Networks({
    lens,
    session,
    wanted: firstView.net,
    fixed,
    page: shell.enginePage,
    onChoose: changeNetwork,
    onTaken: () => parts.forget(),
    onUnknown: (name) => tell(t('unknownNetwork', { name })),
    onError: showError,
  }));
}

/** Another network looks at what is on view. @param {string | null} name */
async function changeNetwork(name) {
  const among = await choice();
  if (!(await among.change(name))) return;
  apply(among.viewOf(viewer.view));
  if (viewer.shown) await opening.relook('push');
  else address.push(viewer.view);
}

/** A photograph is for looking at, wherever it was brought from. @param {import('./lens/photograph/transfer.js').Carried} carried */
function take(carried) {
  if ('refusal' in carried) return tell(t(carried.refusal, { tab: t('tab-top') }));
  leaveLesson();
  void ('file' in carried ? opening.openBlob(carried.file) : opening.openElsewhere(carried.addresses));
}

const leaveLesson = () => !viewer.shown && parts.open && apply({ ...viewer.view, tab: 'explore' });

function showStatus() {
  const status = opening?.phase ?? (failure ? 'error' : viewer?.busy ? 'running' : viewer?.shown ? 'ready' : 'idle');
  root.dataset.status = status;
  if (failure && status === 'error') root.dataset.error = failure;
  else delete root.dataset.error;
}

function hideError() {
  failure = null;
  notice.hide();
  showStatus();
}

/** @param {unknown} error @param {() => void} [retry] */
function showError(error, retry = () => void opening.retry()) {
  const reason = reasonOf(error);
  failure = reason.code;
  notice.show({ ...reason, hasResult: viewer.shown !== null, remedy: remedyOf(reason.code, retry) });
  places.show();
  showStatus();
}

/** @param {string} words a refusal that is no failure of the engine */
function tell(words) {
  shell.say(words);
  notice.tell(words);
}

function drawBadge() {
  const { running } = session;
  if (!running) return;
  root.dataset.backend = running.backend;
  shell.drawBadge(running, viewer.shown?.seconds ?? null, session.network?.name ?? '');
}

async function copyLink() {
  address.settle();
  try {
    await navigator.clipboard.writeText(new URL(hashFromView(viewer.addressed), location.href).href);
    shell.toast(t(viewer.shown && !viewer.shown.sample ? 'copiedPrivate' : 'copied'));
  } catch {
    shell.toast(t('copyFailed'));
  }
}

/** Writes every word again, in the language of now. */
function render() {
  lens.words.translate(document);
  const { stage, journey, explorer, inspector, classes } = widgets;
  for (const part of [drop, notice, stage, journey, explorer, inspector, classes, parts]) part.render();
  networks?.render();
  guide.render();
  later.render();
  drop.chooseSample(viewer.shown?.sample ?? null);
  shell.credit(album.samples, session.network);
  drawBadge();
  document.title = `${t('name')}: ${t('tagline')}`;
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) {
    if (opening.phase) opening.cancel();
    else if (parts.open) parts.cancel();
    else viewer.stopMosaic();
  } else if (event.key === '?' && !isTextField(event.target)) {
    shell.help.showModal();
  }
});

root.lang = lens.words.tag;
root.dataset.theme = firstView.theme ?? '';
drawTab();
showStatus();
void places.begin(firstView, firstPhoto).then(() => {
  void guide.begin();
  later.begin();
});

/** What a page that frames this one may ask for. */
export const embedded = {
  park: (/** @type {boolean} */ isParked) => void viewer.park((parts.isParked = isParked)),
  open: (/** @type {Blob} */ blob) => opening.openBlob(blob),
  picture: () => (parts.open ? parts.taken('png') : figure(lens, widgets.inspector, viewer, session)),
  numbers: async () => JSON.parse(await (parts.open ? await parts.taken('json') : numbers(viewer, session)).text()),
};
