/** The page: a lens, what stands around it, and the address. */
import { Address, here } from './address.js';
import { createGuide } from './guide.js';
import { createLater } from './later.js';
import { Lens } from './lens/lens.js';
import { mount } from './lens/mount.js';
import { hashFromView } from './lens/view/state.js';
import { isTextField } from './lens/widgets/dom.js';
import { createShell } from './shell.js';

const root = document.documentElement;
const query = new URLSearchParams(location.search);
const backend = query.get('backend');
const first = here();
const lens = new Lens({ folder: new URL('./', document.baseURI), language: first.view.lang, ground: window });
const address = new Address(
  () => mounted.places.ownPhoto(),
  (view, photo) => void mounted.places.travel(view, photo),
);
/** For scripts that work the page. */
export const mounted = mount(
  lens,
  first.view,
  {
    address,
    linkTo: (view) => new URL(hashFromView(view), location.href).href,
    onCpu() {
      const url = new URL(location.href);
      url.searchParams.set('backend', 'cpu');
      location.assign(url);
    },
    onClear: async () => (await import('./offline/clear.js')).clearData(),
    onShow: (which) => shell.show(which),
    onStatus(status, error) {
      root.dataset.status = status;
      if (error) root.dataset.error = error;
      else delete root.dataset.error;
    },
    onView: dress,
    onRender: render,
    onRunning: drawBadge,
    onShown: () => later.shown(),
  },
  {
    backend: backend === 'cpu' || backend === 'webgpu' ? backend : null,
    plain: query.get('kernels') === 'plain',
    workers: query.get('workers'),
    weights: absolute(query.get('weights') || null),
    share: null,
  },
);
const { session, viewer, album, choose } = mounted;
const shell = createShell(mounted, {
  onTheme: () => choose({ theme: lens.isDark ? 'light' : 'dark' }),
  onLanguage: () => choose({ lang: lens.words.language === 'zh' ? 'en' : 'zh' }),
  onHome: () => mounted.places.goHome(),
});
const later = createLater(mounted, shell.footer);
const guide = createGuide({ ...mounted, address });

/** What is no address is told as it stands. @param {string | null} address */
function absolute(address) {
  return address !== null && URL.canParse(address, document.baseURI)
    ? new URL(address, document.baseURI).href
    : address;
}

/** The page speaks and looks as the lens does. @param {{ theme: string | null }} view */
function dress({ theme }) {
  root.lang = lens.words.tag;
  root.dataset.theme = theme ?? '';
}

function drawBadge() {
  const { running } = session;
  if (!running) return;
  root.dataset.backend = running.backend;
  shell.drawBadge(running, viewer.shown?.seconds ?? null, session.network?.name ?? '');
}

/** Writes every word around the lens again, in the language of now. */
function render() {
  for (const part of [guide, later]) part.render();
  shell.render(album.samples, session.network);
  drawBadge();
  document.title = `${lens.words.t('name')}: ${lens.words.t('tagline')}`;
}

document.addEventListener('keydown', ({ key, target }) => {
  if (key === '?' && !isTextField(target)) shell.help.showModal();
});

dress(first.view);
void mounted.places.begin(first.view, first.photo).then(() => {
  void guide.begin();
  later.begin();
});
