/**
 * `<zf-lens>`: one view of the page, in any page. It stands in a shadow root, so that neither touches the other's styles and
 * keys; it keeps nothing in the browser, and nothing of the program is fetched before the reader asks.
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
const DRESS = ['lang', 'theme']; // They may change while the lens lives.
/** Attributes that are settled when it begins. `base`: the folder of the page, where it is not that of this file, as when a bundler has moved it. */
const SETTLED = ['backend', 'weights', 'controls', 'base'];
/** The words of an address, for what has no attribute of its own. */
const STATE = 'state';
const ATTRIBUTES = ['src', 'reveal', 'poster', ...Object.keys(VIEW), ...DRESS, ...SETTLED];
/** The `src` that is no address, but the reader's camera, which is on only after the reader has pressed. */
const CAMERA = 'camera';
/** The only words before the page's own have come: to begin, where that failed, to begin with the camera, and with no picture. */
const WORDS = {
  en: [
    'See what a network sees in it',
    'It cannot be reached now. Try again',
    'See what a network sees through your camera',
    'See what a network sees in your picture',
  ],
  zh: [
    '看看神经网络从中看到什么',
    '现在无法连接。再试一次',
    '看看神经网络从你的相机里看到什么',
    '看看神经网络从你的图片里看到什么',
  ],
};
const STYLE = `
  :host { display: block; contain: layout paint style; overflow: hidden auto; min-height: 220px; container-type: inline-size; }
  :host([theme=light]) .zf-cover { color-scheme: light; } :host([theme=dark]) .zf-cover { color-scheme: dark; }
  .zf-cover { all: initial; color-scheme: light dark; box-sizing: border-box; position: relative; display: flex; justify-content: center; align-items: center; gap: 6px; width: 100%; min-height: 220px; padding: 14px; overflow: hidden; cursor: pointer;
    background: var(--zf-paper, light-dark(#efece5, #131210)); }
  .zf-cover:focus-visible { outline: 2px solid var(--zf-accent, Highlight); outline-offset: -2px; }
  .zf-cover img { flex: 0 1 auto; min-width: 0; height: min(380px, 45cqi); min-height: 190px; max-width: 50%; aspect-ratio: 1; object-fit: cover; border-radius: 4px; }
  .zf-cover img:only-of-type, .zf-cover img:has(+ img[hidden]) { height: auto; max-width: 100%; max-height: 380px; aspect-ratio: auto; }
  .zf-begin { position: absolute; max-width: calc(100% - 48px); padding: 10px 18px; border-radius: 4px;
    background: var(--zf-accent, light-dark(#a4470a, #f2a64f)); color: light-dark(#fff, #1b1206);
    font: 600 15px/1.4 var(--zf-font, system-ui, sans-serif); text-align: center; }
  .zf-cover:has(img:not([hidden])) .zf-begin { bottom: 24px; }
  .zf-cover:disabled { cursor: default; } .zf-cover:disabled .zf-begin { opacity: 0.7; }
  :host([hidden]), .zf-cover[hidden], .zf-cover [hidden] { display: none; }
`;

/**
 * What `lens/embedded.js` gives.
 * @typedef {{ show: (state: State) => Promise<void>, dress: (name: string, value: string | null) => void, open: (blob: Blob) => Promise<void>,
 *   picture: () => Promise<Blob>, numbers: () => Promise<Record<string, any>>, close: () => void }} Embedded
 */
/** What is on view: the words of the page's address. @typedef {Record<string, string>} State */
/** What an attribute may be set to; `null` takes it away. @typedef {string | number | null | undefined} Settable */

/** A picture that hides itself where there is none. */
function picture() {
  const image = new Image();
  image.alt = '';
  image.hidden = true;
  image.addEventListener('error', () => (image.hidden = true));
  return image;
}

/** @param {HTMLImageElement} image @param {string | null} address */
function put(image, address) {
  Object.assign(image, address === null ? { hidden: true } : { hidden: false, src: address });
}

/** What stands there before the lens begins: pictures, and words that ask to be pressed, each to be replaced by the page around. */
function createCover() {
  const pictures = /** @type {const} */ ([picture(), picture()]);
  const slot = (/** @type {string} */ name, /** @type {Node[]} */ ...content) => {
    const element = Object.assign(document.createElement('slot'), { name });
    element.append(...content);
    return element;
  };
  const words = slot('begin');
  const begin = Object.assign(document.createElement('span'), { className: 'zf-begin' });
  begin.append(words);
  const element = Object.assign(document.createElement('button'), { type: 'button', className: 'zf-cover' });
  element.append(slot('poster', ...pictures), begin);
  element.setAttribute('part', 'cover');
  begin.setAttribute('part', 'begin');
  return { element, pictures, begin, words };
}

/** @param {ShadowRoot} root */
function dress(root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
}

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
 * @cssproperty --zf-accent - What is marked.
 * @cssproperty --zf-paper - The background.
 * @cssproperty --zf-ink - Letters.
 * @cssproperty --zf-font - A font that the reader's device has.
 * @csspart cover - What stands there before it begins.
 * @csspart begin - The words on it that ask to be pressed.
 * @csspart lens - The view.
 * @slot poster - What stands on the cover in place of the pictures.
 * @slot begin - Other words to be pressed.
 * @slot - A caption below, which is all that is seen where there is no script.
 */
export class ZfLens extends HTMLElement {
  static observedAttributes = [...ATTRIBUTES, STATE];

  /** @type {ShadowRoot} */
  #root;
  #cover = createCover();
  /** @type {Promise<Embedded> | null} */
  #coming = null;
  /** @type {Embedded | null} */
  #lens = null;
  /** @type {State} */
  #state = {};
  /** A picture of the page around, until it is asked for. @type {Blob | null} */
  #source = null;
  /** Whether the reader has pressed, without which no camera is asked for. */
  #isPressed = false;
  /** The address that it was fetched from last. @type {string | null} */
  #fetched = null;
  /** @type {IntersectionObserver | null} */
  #sight = null;
  /** Counts the times that it began anew. */
  #life = 0;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    dress(this.#root);
    const { element } = this.#cover;
    element.addEventListener('click', () => void this.reveal().catch(() => {}));
    this.#root.append(element, document.createElement('slot'));
  }

  connectedCallback() {
    // Set before this class was known, a property lies on the element itself.
    for (const name of [...ATTRIBUTES, STATE]) this.#upgrade(name);
    this.#load();
  }

  disconnectedCallback() {
    this.#unload();
    this.#reflect('idle', null);
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name === 'src') return void this.#openSource();
    if (name in VIEW || name === STATE) return this.#show(this.#ofAttributes());
    if (DRESS.includes(name) && this.#lens) return this.#lens.dress(name, now);
    if (SETTLED.includes(name) && this.#coming) this.#unload();
    if (!this.#coming) this.#load();
  }

  /** @param {string} name */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const given = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this))[name];
    delete (/** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this))[name]);
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

  /** Where the page lies. */
  get #folder() {
    const base = this.getAttribute('base');
    return base === null ? new URL('./', import.meta.url) : new URL(base.replace(/\/?$/, '/'), document.baseURI);
  }

  /** Stands there until it is asked. */
  #load() {
    if (Object.keys(this.#state).length === 0) this.#state = this.#ofAttributes();
    const poster = this.getAttribute('poster');
    const { sample = '' } = this.#state;
    const known = /^[\w-]+$/.test(sample) ? sample : null;
    const { element, begin, pictures } = this.#cover;
    const [first, second] = pictures;
    put(first, poster ?? (known && new URL(`samples/${known}.jpg`, this.#folder).href));
    // Beside a sample, what the network sees in it.
    put(second, poster === null && known ? new URL(`samples/seen/${known}.webp`, this.#folder).href : null);
    const isCamera = this.getAttribute('src') === CAMERA;
    const isEmpty = !poster && !known && !this.getAttribute('src');
    this.#ask(isCamera ? 2 : isEmpty ? 3 : 0);
    const reveal = this.getAttribute('reveal');
    element.hidden = false;
    element.disabled = begin.hidden = reveal === 'manual';
    this.#sight?.disconnect();
    if (reveal === 'auto' && !isCamera) {
      this.#sight = new IntersectionObserver((seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) void this.#reveal().catch(() => {});
      });
      this.#sight.observe(this);
    }
    this.#reflect('idle', null);
    if (this.getAttribute('src') !== this.#fetched) void this.#openSource();
  }

  /** @param {0 | 1 | 2 | 3} which of the words */
  #ask(which) {
    const wanted = this.getAttribute('lang') ?? navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
    this.#cover.words.textContent = WORDS[/^zh/i.test(wanted) ? 'zh' : 'en'][which] ?? '';
  }

  #unload() {
    this.#life++;
    this.#sight?.disconnect();
    this.#lens?.close();
    this.#lens = this.#coming = this.#source = this.#fetched = null;
    this.#isPressed = false;
  }

  /** Begins: from here on the program and the network are fetched. */
  #reveal() {
    if (!this.isConnected) return Promise.reject(new Error('The lens stands in no page.'));
    this.#sight?.disconnect();
    return (this.#coming ??= this.#begin(this.#life));
  }

  /** @param {number} life @returns {Promise<Embedded>} */
  async #begin(life) {
    const folder = this.#folder;
    this.#cover.element.disabled = true;
    this.#reflect('loading', null);
    try {
      /** @type {{ embed: (root: ShadowRoot, wishes: object) => Promise<Embedded> }} */
      const { embed } = await import(
        /* @vite-ignore */ /* webpackIgnore: true */ new URL('lens/embedded.js', folder).href
      );
      const isOver = () => life !== this.#life;
      if (isOver()) throw new Error('The lens was taken away.');
      const weights = this.getAttribute('weights');
      const lens = await embed(this.#root, {
        folder,
        state: this.#state,
        picture: this.#source,
        camera: this.#isPressed && this.getAttribute('src') === CAMERA,
        lang: this.getAttribute('lang'),
        theme: this.getAttribute('theme'),
        backend: this.getAttribute('backend'),
        weights: weights && new URL(weights, document.baseURI).href,
        controls: this.getAttribute('controls'),
        onState: (/** @type {State} */ state) => isOver() || this.#take(state),
        onStatus: (/** @type {string} */ status, /** @type {string | null} */ error, /** @type {string} */ message) =>
          isOver() || this.#hear(status, error, message),
        onResult: () => isOver() || this.#fire('zf-result', { state: this.#state }),
      });
      if (isOver()) {
        lens.close();
        throw new Error('The lens was taken away.');
      }
      this.#cover.element.hidden = true;
      return (this.#lens = lens);
    } catch (error) {
      if (life === this.#life) {
        this.#coming = null;
        this.#cover.element.disabled = this.#cover.begin.hidden = false;
        this.#ask(1);
        this.#refuse(error);
      }
      throw error;
    }
  }

  /** @param {State} state to be shown */
  #show(state) {
    this.#state = state;
    if (this.#lens) void this.#lens.show(state);
    else if (this.#coming)
      void this.#coming.then(
        (lens) => lens.show(state),
        () => {},
      );
    else if (this.isConnected) this.#load();
  }

  /** @param {State} state that is on view */
  #take(state) {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#fire('zf-change', { state });
  }

  /** @param {string} status @param {string | null} error @param {string} message */
  #hear(status, error, message) {
    const [before, wrong] = [this.getAttribute('status'), this.getAttribute('error')];
    this.#reflect(status, error);
    if (error && error !== wrong) this.#fire('zf-error', { code: error, message });
    // What is on view is told in the same turn, after this.
    if (status === 'ready' && before !== 'ready')
      queueMicrotask(() => this.status === 'ready' && this.#fire('zf-ready', { state: this.#state }));
  }

  /** @param {unknown} error what could not be had */
  #refuse(error) {
    this.#reflect('error', 'not-found');
    this.#fire('zf-error', { code: 'not-found', message: error instanceof Error ? error.message : String(error) });
  }

  /** @param {string} name @param {unknown} detail */
  #fire(name, detail) {
    const event = new CustomEvent(name, { detail, bubbles: true, composed: true });
    this.dispatchEvent(event);
  }

  /** @param {string} status @param {string | null} error */
  #reflect(status, error) {
    this.setAttribute('status', status);
    this.#put('error', error);
  }

  /** The picture of `src`, fetched by the page that names it. */
  async #openSource() {
    const src = (this.#fetched = this.getAttribute('src'));
    if (src === null) return void (this.#source = null);
    if (src === CAMERA) {
      this.#source = null;
      // Whoever reads something else here has not pressed for a camera.
      if (this.#coming) {
        this.#unload();
        this.#load();
      }
      return;
    }
    const address = new URL(src, document.baseURI);
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`Expected a picture at ${address}; the server answered ${response.status}.`);
      const blob = await response.blob();
      // Another was named meanwhile.
      if (src !== this.getAttribute('src')) return;
      // A blob has no name of its own; a script may put one behind its address.
      const name =
        address.protocol === 'blob:'
          ? decodeURIComponent(address.hash.slice(1))
          : (address.pathname.split('/').pop() ?? '');
      const file = new File([blob], name, { type: blob.type });
      if (this.#coming) return await (await this.#coming).open(file);
      // It waits there until the reader asks.
      this.#source = file;
      const [first, second] = this.#cover.pictures;
      if (!this.hasAttribute('poster')) put(first, address.href);
      second.hidden = true;
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** A picture or a video; from another site if that allows it (CORS). `camera`: the reader's camera, live, once the reader has pressed. @attr @reflect @type {string | null} */
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

  /** Which tab is open: `explore`, `occlusion`, `attribution`, `invariance`, `correspondence`, `region`, `top`, `favourite`, `filters`, `training`, `hierarchy`, `learn`. @attr @reflect @type {string | null} */
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

  /** The folder of the page, where it is not that of this file, as when a bundler has moved it. @attr @reflect @type {string | null} */
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
    this.#show(Object.fromEntries(Object.entries(state ?? {}).map(([name, value]) => [name, String(value)])));
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

  /** Begins, as if the reader had pressed the button; for the camera, the reader must have pressed something. @returns {Promise<void>} */
  async reveal() {
    this.#isPressed ||= navigator.userActivation?.isActive ?? false;
    await this.#reveal();
  }

  /** Shows a picture or a video. @param {Blob} blob @returns {Promise<void>} */
  async open(blob) {
    return (await this.#reveal()).open(blob);
  }

  /** What is on view, as a picture with its caption. @returns {Promise<Blob>} */
  async toBlob() {
    return (await this.#reveal()).picture();
  }

  /** The numbers of what is on view, as the page's “Save the numbers” has them. @returns {Promise<Record<string, any>>} */
  async numbers() {
    return (await this.#reveal()).numbers();
  }
}

if (customElements.get(TAG)) console.warn(`<${TAG}> is there already; the one at ${import.meta.url} is not used.`);
else customElements.define('zf-lens', ZfLens);
