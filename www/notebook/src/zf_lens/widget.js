/** `<zf-lens>` in a notebook: picture and view come from the model; status, state and numbers go back to it. */

/** How long the files of a lens in sight may take to come, in milliseconds. */
const PATIENCE = 8000;
/** Several changes make one question. */
const TOGETHER = 300;
const MANNER = ['backend', 'weights', 'controls'];

/**
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: (...given: any[]) => void) => void} on
 * @property {(event: string, act: (...given: any[]) => void) => void} off
 */
/** @typedef {Record<string, string>} State */
/** @typedef {HTMLElement & { state: State, status: string, reveal(): Promise<void>, numbers(): Promise<any> }} Lens */
/** @typedef {{ tell: () => void }} View */

/** Those of one model, which may stand in several places: the first speaks for all. @type {Map<string, Set<View>>} */
const views = new Map();

/** @param {State} state */
const key = (state) => JSON.stringify(Object.entries(state).sort());

/** The colours of the notebook, where it says so. */
function theme() {
  const { jpThemeLight, theme } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === 'false' ? 'dark' : 'light';
  return theme === 'dark' || theme === 'light' ? theme : null;
}

/** What is many numbers, as bytes. @param {any} numbers */
function pack(numbers) {
  for (const part of [numbers.projection, numbers.map])
    if (Array.isArray(part?.values)) part.values = new DataView(Float32Array.from(part.values).buffer);
  return numbers;
}

/** Whether numbers are of what the state names. @param {any} view @param {State} state */
function fits(view, state) {
  if (!view) return true;
  return ['layer', 'map', 'unit', 'rule'].every(
    (word) => !(word in state) || view[word] == null || String(view[word]) === state[word],
  );
}

/** @param {{ model: Model, el: HTMLElement, signal?: AbortSignal }} given */
async function render({ model, el, signal }) {
  const control = new AbortController();
  const { signal: gone } = control;
  const folder = () => new URL(model.get('_folder').replace(/\/?$/, '/'), document.baseURI).href;
  const lens = /** @type {Lens} */ (document.createElement('zf-lens'));
  const words = document.createElement('p');
  Object.assign(words, { role: 'alert', hidden: true });
  words.style.cssText = 'margin: 0 0 8px; padding: 8px 12px; border: 1px solid #b3261e; border-radius: 6px';

  const all = views.get(model.get('_id')) ?? new Set();
  views.set(model.get('_id'), all);
  const leads = () => [...all][0] === view;

  /** @param {Record<string, unknown>} values */
  const write = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };

  /** @param {string} name @param {string | null | undefined} value */
  const attribute = (name, value) => (value ? lens.setAttribute(name, value) : lens.removeAttribute(name));

  // What the model says, and what was last said of it.
  let address = '';
  const showPicture = () => {
    URL.revokeObjectURL(address);
    const picture = model.get('_picture');
    if (!picture || !model.get('_own')) return;
    address = URL.createObjectURL(new File([picture.bytes], picture.name, { type: picture.type }));
    lens.setAttribute('src', `${address}#${encodeURIComponent(picture.name)}`);
  };
  let told = '';
  const showState = () => {
    /** @type {State} */
    const wanted = { v: '1', ...model.get('state') };
    if (key(wanted) === told) return;
    told = key(wanted);
    const now = lens.state;
    if (!now || !lens.isConnected) {
      // The picture came after the sample that the state still names.
      if (model.get('_own')) delete wanted['sample'];
      return lens.setAttribute('state', new URLSearchParams(wanted).toString());
    }
    // Without a layer an address of one's own picture means the first page.
    lens.state =
      model.get('_own') && !wanted['sample'] && !wanted['layer']
        ? { layer: now['layer'] ?? 'conv5', ...wanted }
        : wanted;
    later();
  };
  const show = {
    _folder: () => lens.setAttribute('base', folder()),
    _reveal: () => lens.setAttribute('reveal', model.get('_reveal')),
    _picture: showPicture,
    // Loaded anew, it would open the picture once more.
    _own: () => model.get('_own') || lens.removeAttribute('src'),
    state: showState,
    height: () => void (lens.style.height = model.get('height') ?? ''),
    ...Object.fromEntries(MANNER.map((name) => [name, () => attribute(name, model.get(name))])),
  };

  // What the lens says.
  const tell = () => {
    if (!lens.state || !leads() || !words.hidden) return;
    const [status, error] = [lens.status, lens.getAttribute('error')];
    write(error ? { status, error } : { status, error, message: '' });
    if (status === 'ready') later();
  };
  const tellState = () => {
    if (key(lens.state) === told) return;
    told = key(lens.state);
    write({ state: lens.state });
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let tries = 0;
  const later = (wait = TOGETHER, again = 0) => {
    tries = again;
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };
  /** Whatever changes meanwhile asks again. */
  const ask = async () => {
    if (!leads() || lens.status !== 'ready') return;
    const before = key(lens.state);
    // A view that has nothing to give away yet says so by refusing.
    const numbers = await lens.numbers().catch(() => ({}));
    if (gone.aborted || lens.status !== 'ready' || key(lens.state) !== before) return;
    const isOld = !fits(numbers.view, lens.state);
    if (!isOld || tries > 5) write({ numbers: pack(numbers) });
    // Class names come later than the rest; a network without a classifier has none.
    if ((isOld || numbers.classes === null) && tries <= 5) later(TOGETHER * (tries + 2), tries + 1);
  };

  /** @param {string} message */
  const refuse = (message) => {
    words.textContent = message;
    words.hidden = false;
    // The browser's own words about it say less.
    lens.hidden = true;
    if (leads()) write({ status: 'error', error: 'unreachable', message });
  };
  const unreachable = () =>
    `ZF Lens cannot be reached at ${folder()} from this browser. ` +
    'Where the kernel runs on another machine, give ZFLens(base=…), the address of a folder with its files; after a restart of the kernel, run the cell again.';

  /** @type {View} */
  const view = { tell };
  all.add(view);
  const attributes = new MutationObserver(tell);
  const sight = new IntersectionObserver((seen) => {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    sight.disconnect();
    void reach();
  });
  /** Whether what the lens will fetch can be had; said before a reader waits for it. */
  const reach = async () => {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(PATIENCE)]);
    const found = await fetch(new URL('lens/embedded.js', folder()), { signal }).catch(() => null);
    if (gone.aborted) return;
    if (!found?.ok) return refuse(unreachable());
    words.hidden = true;
    lens.hidden = false;
    tell();
  };
  /** @param {any} message */
  const act = (message) => message?.ask === 'reveal' && void lens.reveal?.()?.catch(() => {});

  const leave = () => {
    if (gone.aborted) return;
    control.abort();
    attributes.disconnect();
    sight.disconnect();
    clearTimeout(timer);
    for (const [name, change] of Object.entries(show)) model.off(`change:${name}`, change);
    model.off('msg:custom', act);
    lens.remove();
    URL.revokeObjectURL(address);
    const led = leads();
    all.delete(view);
    const [next] = all;
    if (next && led) next.tell();
    if (next) return;
    views.delete(model.get('_id'));
    try {
      write({ status: 'idle', error: null, message: '' });
    } catch {
      // The kernel has gone first.
    }
  };
  signal?.addEventListener('abort', leave);

  if (!model.get('state').theme) attribute('theme', theme());
  for (const change of Object.values(show)) change();
  for (const [name, change] of Object.entries(show)) model.on(`change:${name}`, change);
  model.on('msg:custom', act);
  lens.addEventListener('zf-ready', tellState);
  lens.addEventListener('zf-change', () => {
    tellState();
    later();
  });
  lens.addEventListener('zf-result', () => later());
  lens.addEventListener('zf-error', (event) => {
    const { message } = /** @type {CustomEvent} */ (event).detail;
    if (leads()) write({ message });
  });
  attributes.observe(lens, { attributeFilter: ['status', 'error'] });
  el.append(words, lens);
  sight.observe(lens);
  // The first one to come defines the element, whoever else asks.
  if (!customElements.get('zf-lens'))
    import(new URL('zf-lens.js', folder()).href).catch(() => {
      sight.disconnect();
      if (!gone.aborted) refuse(unreachable());
    });
  return leave;
}

export default { render };
