/**
 * `<zf-lens>`: one view of the page, in any page. It frames `embed.html` from beside this file, so that neither touches the
 * other's styles, keys and storage, and nothing of the program is fetched before the reader asks.
 *
 *     <script type="module" src="…/zf-lens.js"></script>
 *     <zf-lens sample="cat" layer="conv5"></zf-lens>
 *
 * Its description for editors (`custom-elements.json`) and its types are made of the comments here.
 */

/** The version of the element that a page has is the first that it loaded. */
const TAG = 'zf-lens';
/** Attributes that say what is shown, and what they are called in the address. @type {Record<string, string>} */
const VIEW = { sample: 'sample', view: 'tab', layer: 'layer', map: 'map', unit: 'unit', rule: 'rule' };
/** Attributes that say how, in the frame's query. */
const MANNER = ['lang', 'theme', 'backend', 'weights', 'controls', 'poster'];
/** `base`: the folder of `embed.html`, where it is not that of this file, as when a bundler has moved it. */
const ATTRIBUTES = ['src', 'reveal', 'base', ...Object.keys(VIEW), ...MANNER];
/** CSS variables of the page around, by their name in the frame's query. */
const LOOKS = ['accent', 'paper', 'ink', 'font'];
/** The words of an address, for what has no attribute of its own. */
const STATE = 'state';
const STYLE = `
  :host { display: block; contain: content; min-height: 220px; }
  :host([hidden]) { display: none; }
  iframe { display: block; width: 100%; height: 100%; min-height: inherit; border: 0; color-scheme: normal; }
`;

/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Asked */
/** What is on view: the words of the page's address. @typedef {Record<string, string>} State */
/** What an attribute may be set to; `null` takes it away. @typedef {string | number | null | undefined} Settable */

/**
 * A live view of what a convolutional network sees in a picture.
 *
 * @tagname zf-lens
 * @attr {string} lang - `en` or `zh`; without it, what the reader's browser prefers.
 * @attr {string} reveal - When it begins: `interaction` (a button; so without it), `auto` (when it comes into view), `manual` (when `reveal()` is called).
 * @fires {CustomEvent<{ state: Record<string, string> }>} zf-ready - What was asked for is on view.
 * @fires {CustomEvent<{ state: Record<string, string> }>} zf-change - Something else is on view.
 * @fires {CustomEvent<{ state: Record<string, string> }>} zf-result - An experiment has ended.
 * @fires {CustomEvent<{ code: string, message: string }>} zf-error - Something went wrong; the code is stable.
 * @cssproperty --zf-accent - What is marked; read when the lens is loaded, as are the others.
 * @cssproperty --zf-paper - The background.
 * @cssproperty --zf-ink - Letters.
 * @cssproperty --zf-font - A font that the reader's device has.
 * @csspart frame - The frame that the view stands in.
 */
export class ZfLens extends HTMLElement {
  static observedAttributes = [...ATTRIBUTES, STATE];

  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** @type {State} */
  #state = {};
  /** @type {Map<number, Asked>} */
  #asked = new Map();
  #count = 0;
  /** @type {(() => void)[]} what waits for the frame */
  #waiting = [];
  #isThere = false;
  /** The picture of `src` could not be had; until something else is wanted, that is what there is to say. */
  #isRefused = false;
  #hear = (/** @type {MessageEvent} */ event) => this.#receive(event);

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.append(Object.assign(document.createElement('style'), { textContent: STYLE }));
  }

  connectedCallback() {
    // Set before this class was known, a property lies on the element itself.
    for (const name of [...ATTRIBUTES, STATE]) this.#upgrade(name);
    window.addEventListener('message', this.#hear);
    this.#load();
  }

  disconnectedCallback() {
    window.removeEventListener('message', this.#hear);
    this.#unload();
    this.#reflect('idle', null);
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected || !this.#frame) return;
    if (name === 'src') return now === null ? undefined : void this.#openSource();
    if (name in VIEW || name === STATE) return void this.#say('state', (this.#state = this.#ofAttributes()));
    // How it is shown is settled when it is loaded.
    if (name !== 'reveal') this.#load();
  }

  /** @param {string} name */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const given = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this))[name];
    delete /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this))[name];
    /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this))[name] = given;
  }

  /** What the attributes say, as the address has it. @returns {State} */
  #ofAttributes() {
    /** @type {State} */
    const state = { v: '1', ...Object.fromEntries(new URLSearchParams(this.getAttribute(STATE) ?? '')) };
    for (const [attribute, word] of Object.entries(VIEW)) {
      const value = this.getAttribute(attribute);
      if (value) state[word] = value;
    }
    return state;
  }

  #load() {
    this.#unload();
    const base = this.getAttribute('base');
    const folder = base === null ? import.meta.url : new URL(base.replace(/\/?$/, '/'), document.baseURI);
    const address = new URL('embed.html', folder);
    for (const name of MANNER) {
      const value = this.getAttribute(name);
      if (value) address.searchParams.set(name, name === 'weights' || name === 'poster' ? new URL(value, document.baseURI).href : value);
    }
    const looks = getComputedStyle(this);
    for (const name of LOOKS) {
      const value = looks.getPropertyValue(`--zf-${name}`).trim();
      if (value) address.searchParams.set(name, value);
    }
    const reveal = this.getAttribute('reveal');
    if (reveal) address.searchParams.set('reveal', reveal);
    const state = Object.keys(this.#state).length > 0 ? this.#state : this.#ofAttributes();
    address.hash = new URLSearchParams(state).toString();
    const frame = document.createElement('iframe');
    frame.src = address.href;
    frame.title = this.getAttribute('title') ?? this.getAttribute('aria-label') ?? 'ZF Lens';
    frame.allow = 'camera; clipboard-write';
    frame.loading = 'lazy';
    frame.part = 'frame';
    this.#frame = frame;
    this.shadowRoot?.append(frame);
    this.#reflect('idle', null);
    if (this.hasAttribute('src')) void this.#openSource();
  }

  #unload() {
    this.#frame?.remove();
    this.#frame = null;
    this.#isThere = false;
    this.#waiting = [];
    this.#isRefused = false;
    for (const { reject } of this.#asked.values()) reject(new Error('The lens was taken away.'));
    this.#asked.clear();
  }

  /** Asks the frame, as soon as it hears. @param {string} ask @param {unknown} [given] @returns {Promise<any>} */
  #say(ask, given) {
    if (!this.#frame) return Promise.reject(new Error('The lens stands in no page.'));
    const id = ++this.#count;
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    const post = () => this.#frame?.contentWindow?.postMessage({ to: TAG, ask, given, id }, '*');
    if (this.#isThere) post();
    else this.#waiting.push(post);
    return answer;
  }

  /** @param {MessageEvent} event */
  #receive({ data, source }) {
    if (!this.#frame || source !== this.#frame.contentWindow || data?.from !== TAG) return;
    if (!this.#isThere) {
      this.#isThere = true;
      for (const post of this.#waiting.splice(0)) post();
    }
    const { event, detail, id } = data;
    if (event === 'height' && !this.style.height) this.#frame.style.height = `${detail.height}px`;
    if (event === 'answer') this.#settle(id, detail);
    if (event === 'state') this.#take(detail);
    if (event === 'result') this.#fire('zf-result', detail);
  }

  /** @param {number} id @param {{ value?: unknown, failure?: string }} detail */
  #settle(id, { value, failure }) {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (failure === undefined) asked?.resolve(value);
    else asked?.reject(new Error(failure));
  }

  /** @param {{ status: string, error: string | null, message: string, state: State }} detail */
  #take({ status, error, message, state }) {
    const [before, wrong] = [this.getAttribute('status'), this.getAttribute('error')];
    const isOther = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    if (this.#isRefused && status === 'idle') return;
    this.#isRefused = false;
    this.#reflect(status, error);
    if (error && error !== wrong) this.#fire('zf-error', { code: error, message });
    if (status === 'ready' && before !== 'ready') this.#fire('zf-ready', { state });
    if (isOther && status !== 'idle') this.#fire('zf-change', { state });
  }

  /** @param {string} name @param {unknown} detail */
  #fire(name, detail) {
    const event = new CustomEvent(name, { detail, bubbles: true, composed: true });
    this.dispatchEvent(event);
  }

  /** @param {string} status @param {string | null} error */
  #reflect(status, error) {
    this.setAttribute('status', status);
    if (error) this.setAttribute('error', error);
    else this.removeAttribute('error');
  }

  /** The picture of `src`, fetched by the page that names it. */
  async #openSource() {
    const address = new URL(this.getAttribute('src') ?? '', document.baseURI);
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`Expected a picture at ${address}; the server answered ${response.status}.`);
      const blob = await response.blob();
      // A blob has no name of its own; a script may put one behind its address.
      const name = address.protocol === 'blob:' ? decodeURIComponent(address.hash.slice(1)) : (address.pathname.split('/').pop() ?? '');
      // It waits there until the reader asks.
      await this.#say('source', new File([blob], name, { type: blob.type }));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#isRefused = true;
      this.#reflect('error', 'not-found');
      this.#fire('zf-error', { code: 'not-found', message });
    }
  }

  /** A picture; from another site if that allows it (CORS). @attr @reflect @type {string | null} */
  get src() {
    return this.getAttribute('src');
  }

  set src(/** @type {Settable} */ value) {
    this.#put('src', value);
  }

  /** One of the page's photographs: `cat`, `daisy`, `oranges`, `peppers`, … @attr @reflect @type {string | null} */
  get sample() {
    return this.getAttribute('sample');
  }

  set sample(/** @type {Settable} */ value) {
    this.#put('sample', value);
  }

  /** Which tab is open: `explore`, `occlusion`, `attribution`, `invariance`, `correspondence`, `top`, `favourite`, `filters`, `training`, `hierarchy`, `learn`. @attr @reflect @type {string | null} */
  get view() {
    return this.getAttribute('view');
  }

  set view(/** @type {Settable} */ value) {
    this.#put('view', value);
  }

  /** `conv1` to `conv5`. @attr @reflect @type {string | null} */
  get layer() {
    return this.getAttribute('layer');
  }

  set layer(/** @type {Settable} */ value) {
    this.#put('layer', value);
  }

  /** A feature map of the layer, by its number. @attr @reflect @type {string | null} */
  get map() {
    return this.getAttribute('map');
  }

  set map(/** @type {Settable} */ value) {
    this.#put('map', value);
  }

  /** A unit of the map: `3,11` (row, column). @attr @reflect @type {string | null} */
  get unit() {
    return this.getAttribute('unit');
  }

  set unit(/** @type {Settable} */ value) {
    this.#put('unit', value);
  }

  /** The way back through the rectifiers: `deconvnet`, `guided`, `gradient`. @attr @reflect @type {string | null} */
  get rule() {
    return this.getAttribute('rule');
  }

  set rule(/** @type {Settable} */ value) {
    this.#put('rule', value);
  }

  /** What a reader may change: `full` (everything), `some` (this view; so without it), `none`. @attr @reflect @type {string | null} */
  get controls() {
    return this.getAttribute('controls');
  }

  set controls(/** @type {Settable} */ value) {
    this.#put('controls', value);
  }

  /** The picture before it is revealed; without it, the photograph. @attr @reflect @type {string | null} */
  get poster() {
    return this.getAttribute('poster');
  }

  set poster(/** @type {Settable} */ value) {
    this.#put('poster', value);
  }

  /** `light` or `dark`; without it, what the reader's browser prefers. @attr @reflect @type {string | null} */
  get theme() {
    return this.getAttribute('theme');
  }

  set theme(/** @type {Settable} */ value) {
    this.#put('theme', value);
  }

  /** The folder of `embed.html`, where it is not that of this file, as when a bundler has moved it. @attr @reflect @type {string | null} */
  get base() {
    return this.getAttribute('base');
  }

  set base(/** @type {Settable} */ value) {
    this.#put('base', value);
  }

  /** `cpu` or `webgpu`; without it, WebGPU where there is a graphics card. @attr @reflect @type {string | null} */
  get backend() {
    return this.getAttribute('backend');
  }

  set backend(/** @type {Settable} */ value) {
    this.#put('backend', value);
  }

  /** The address of another network's manifest or safetensors file. @attr @reflect @type {string | null} */
  get weights() {
    return this.getAttribute('weights');
  }

  set weights(/** @type {Settable} */ value) {
    this.#put('weights', value);
  }

  /** What is on view: the words of the page's address, which the attribute holds as they stand after its `#`. @attr @type {State} */
  get state() {
    return { ...this.#state };
  }

  set state(/** @type {Record<string, unknown>} */ state) {
    this.#state = Object.fromEntries(Object.entries(state ?? {}).map(([name, value]) => [name, String(value)]));
    if (this.#frame) void this.#say('state', this.#state).catch(() => {});
  }

  /** `idle`, `loading`, `running`, `ready` or `error`; written by the element, for styles as well. @attr @reflect @type {string} */
  get status() {
    return this.getAttribute('status') ?? 'idle';
  }

  /** The code of what went wrong; written by the element. @attr @reflect @type {string | null} */
  get error() {
    return this.getAttribute('error');
  }

  /** @param {string} name @param {Settable} value */
  #put(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  /** Begins, as if the reader had pressed the button. @returns {Promise<void>} */
  reveal() {
    return this.#say('reveal');
  }

  /** Shows a picture. @param {Blob} blob @returns {Promise<void>} */
  open(blob) {
    return this.#say('open', blob);
  }

  /** What is on view, as a picture with its caption. @returns {Promise<Blob>} */
  toBlob() {
    return this.#say('picture');
  }

  /** The numbers of what is on view, as the page's “Save the numbers” has them. @returns {Promise<Record<string, any>>} */
  numbers() {
    return this.#say('numbers');
  }
}

if (customElements.get(TAG)) console.warn(`<${TAG}> is there already; the one at ${import.meta.url} is not used.`);
else customElements.define('zf-lens', ZfLens);
