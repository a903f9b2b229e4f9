/**
 * One view of the page in somebody else's page: what is shown stands in the hash as everywhere, how it is shown in the query
 * (`reveal`, `controls`, `lang`, `theme`, `poster`, and the page's own `backend` and `weights`). The page around it is told the
 * height and what happens, and may ask for what `<zf-lens>` offers; see `zf-lens.js`, which is that page's side of it.
 * Nothing is imported before a reader asks: what stands there until then must weigh next to nothing.
 */

const root = document.documentElement;
const query = new URLSearchParams(location.search);
const STYLES = ['styles/header', 'lens/styles/overlays', 'styles/landing', ...['stage', 'journey', 'explorer', 'table', 'inspector'].map((name) => `lens/styles/${name}`)];
const FROM = 'zf-lens';
/** What the page around may restyle, as its element's CSS variables: the properties that it sets here. */
const LOOKS = {
  accent: { kind: 'color', sets: ['--lamp'] },
  paper: { kind: 'background-color', sets: ['--table', '--glow'] },
  ink: { kind: 'color', sets: ['--ink'] },
  font: { kind: 'font-family', sets: ['--sans', '--serif'] },
};
/** The only words before the page's own have come. */
const REVEAL = { en: 'See what a network sees in it', zh: '看看神经网络从中看到什么' };

/** @type {Promise<typeof import('./main.js').embedded> | null} */
let coming = null;
/** A picture of the page around, until it is asked for. @type {Blob | null} */
let source = null;

/** @param {string} event @param {Record<string, unknown>} detail */
function tell(event, detail, also = {}) {
  // Whoever frames this may know what is on view; a picture is given on request alone.
  if (parent !== window) parent.postMessage({ from: FROM, event, detail, ...also }, '*');
}

/** What the address says, unless the hash already does. */
function settle() {
  const words = new URLSearchParams(location.hash.slice(1));
  for (const name of ['lang', 'theme']) {
    const value = query.get(name);
    if (value && !words.has(name)) words.set(name, value);
  }
  history.replaceState(null, '', `#${words}`);
  const wanted = words.get('lang') ?? navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
  root.lang = /^zh\b/i.test(wanted) ? 'zh-Hans' : 'en';
  root.dataset.theme = words.get('theme') ?? '';
  const controls = query.get('controls') ?? '';
  root.dataset.controls = ['full', 'some', 'none'].includes(controls) ? controls : 'some';
  for (const [name, { kind, sets }] of Object.entries(LOOKS)) {
    const value = query.get(name) ?? '';
    if (CSS.supports(kind, value)) for (const property of sets) root.style.setProperty(property, value);
  }
}

/** With `controls=none` a key changes no more than a pointer does; it still scrolls, and Tab goes on. @param {Event} event */
function withhold(event) {
  const isFree = root.dataset.controls !== 'none' || (event instanceof KeyboardEvent && event.key === 'Tab');
  const { target } = event;
  if (isFree || !(target instanceof Element) || !target.closest('main :is(button, input, select, [tabindex])')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
for (const type of ['keydown', 'click']) document.addEventListener(type, withhold, true);

/** What stands there until the reader asks: a picture and a button. */
function createCover() {
  const named = new URLSearchParams(location.hash.slice(1)).get('sample') ?? '';
  const sample = /^[\w-]+$/.test(named) ? named : null;
  const show = (/** @type {string | null} */ address) => {
    const picture = new Image();
    picture.alt = '';
    picture.hidden = !address;
    if (address) picture.src = address;
    picture.addEventListener('error', () => (picture.hidden = true));
    return picture;
  };
  const poster = query.get('poster');
  const picture = show(poster ?? (sample && `samples/${sample}.jpg`));
  // Beside a sample, what the network sees in it.
  const seen = show(poster === null && sample ? `samples/seen/${sample}.webp` : null);
  const isManual = query.get('reveal') === 'manual';
  const words = document.createElement('span');
  words.hidden = isManual;
  words.className = 'button primary';
  words.textContent = REVEAL[root.lang === 'en' ? 'en' : 'zh'];
  const cover = document.createElement('button');
  cover.type = 'button';
  cover.className = 'cover';
  cover.disabled = isManual;
  cover.append(picture, seen, words);
  cover.addEventListener('click', () => void reveal());
  const name = document.createElement('h1');
  name.className = 'unseen';
  name.textContent = 'ZF Lens';
  const page = document.createElement('main');
  page.append(name, cover);
  document.body.append(page);
  return { page, cover, picture, seen };
}

settle();
const { page, cover, picture, seen } = createCover();

/** Begins: from here on the program and the network are fetched. */
function reveal() {
  coming ??= (async () => {
    cover.disabled = true;
    for (const name of STYLES) {
      const sheet = document.createElement('link');
      Object.assign(sheet, { rel: 'stylesheet', href: `${name}.css` });
      document.head.insertBefore(sheet, document.querySelector('link[href$="embed.css"]'));
    }
    const lens = (await import('./main.js')).embedded;
    page.remove();
    if (source) void lens.open(source);
    // Out of sight it lets go of the engine, which other lenses of the page may want.
    new IntersectionObserver((seen) => lens.park(!seen.at(-1)?.isIntersecting)).observe(document.body);
    return lens;
  })();
  return coming;
}

/** What may be asked for. @type {Record<string, (given: any) => Promise<unknown>>} */
const ACTS = {
  reveal: async () => void (await reveal()),
  open: async (blob) => (await reveal()).open(blob),
  source: async (blob) => {
    if (coming) return (await coming).open(blob);
    source = blob;
    if (!query.has('poster')) picture.src = URL.createObjectURL(blob);
    picture.hidden = false;
    seen.hidden = true;
  },
  /** @param {Record<string, string>} state */
  state: async (state) => {
    const hash = `#${new URLSearchParams(state)}`;
    if (coming) location.hash = hash;
    else {
      history.replaceState(null, '', hash);
      settle();
    }
  },
  picture: async () => (await reveal()).picture(),
  numbers: async () => (await reveal()).numbers(),
};

window.addEventListener('message', async ({ data, source: from }) => {
  const act = from === parent && data?.to === FROM ? ACTS[data.ask] : undefined;
  if (!act) return;
  try {
    tell('answer', { value: await act(data.given) }, { id: data.id });
  } catch (error) {
    tell('answer', { failure: error instanceof Error ? error.message : String(error) }, { id: data.id });
  }
});

/** The view, as plain words. */
const state = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

let told = '';
const look = () => {
  const { status = 'idle', error = null, backend = null } = root.dataset;
  // Sentences, not what its buttons say.
  const sentences = [...document.querySelectorAll('.notice:not([hidden]) p:not([hidden])')].map((one) => one.textContent);
  const detail = { status, error, backend, message: sentences.filter(Boolean).join(' '), state: state() };
  const words = JSON.stringify(detail);
  if (words === told) return;
  told = words;
  tell('state', detail);
};
new MutationObserver(look).observe(root, { attributeFilter: ['data-status', 'data-error', 'data-backend'] });
window.addEventListener('addresschange', look);
window.addEventListener('popstate', look);
let isBusy = false;
/** An experiment says of itself whether it runs. */
new MutationObserver(() => {
  const wasBusy = isBusy;
  isBusy = document.querySelector('.tab-part [aria-busy=true]') !== null;
  if (wasBusy && !isBusy) tell('result', { state: state() });
}).observe(document.body, { subtree: true, attributeFilter: ['aria-busy'] });
new ResizeObserver(() => tell('height', { height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
look();

if (query.get('reveal') === 'auto') {
  new IntersectionObserver((seen, observer) => {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    void reveal();
  }).observe(cover);
}
