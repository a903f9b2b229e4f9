/** Which network looks: those that are offered beside the bundled one, and the way from one to another. */
import './words.js';
import { device } from '../engine/device.js';
import { codeOf, EngineError, isAbandoned } from '../engine/protocol.js';
import { request } from '../engine/weights.js';
import { createChooser } from './chooser.js';
import { ELSEWHERE } from './elsewhere.js';
import { createPreprocessing, wayOf } from './preprocessing.js';
import { keep, kept, remove } from './kept.js';
import { shortage } from './memory.js';
import { reshaped } from './reshaped.js';

/** @import { Preprocessing } from '../engine/protocol.js' */
/** @import { Session } from '../engine/session.js' */
/** @import { View } from '../view/state.js' */
/** @typedef {import('../engine/weights.js').Own} Here */
/** @typedef {{ en: string, zh?: string }} Names */
/**
 * @typedef {object} Offered
 * @property {string} name as the address has it, and the network itself
 * @property {string | Here} manifest
 * @property {Names} title
 * @property {Names | null} about `null` for a file of the visitor's own
 * @property {number} bytes of the file that must be there before the first look
 */
/** A file of the visitor's own. @typedef {Omit<Offered, 'manifest'> & { manifest: Here, isKept: boolean }} Own */

/** What an experiment asked about a layer, a class or another network is no question about this one. */
const OF_ONE_NETWORK = /\.(class|other|layer|layers|map|unit|with|at)$/;

/** What follows the version at the beginning of an ONNX file: one of the fields that it may have. */
const OF_ONNX = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72];

/** How what `torch.save` writes begins, now and before 2020: an archive, a pickle. */
const OF_TORCH = ['80,75,3,4', '128,2,138,10'];

/** Whether a file is a network, by what stands in it: safetensors begin with a length and JSON, ONNX with its version. @param {Blob} file */
export async function isNetwork(file) {
  const bytes = new Uint8Array(await file.slice(0, 9).arrayBuffer());
  const [first = 0, second = 0, third = 0, , ...rest] = bytes;
  const isOnnx = first === 0x08 && second < 0x80 && OF_ONNX.includes(third);
  return isOnnx || rest.join() === '0,0,0,0,123' || OF_TORCH.includes(bytes.slice(0, 4).join());
}

/** @param {string} name @param {Here} manifest @param {boolean} isKept @returns {Own} */
function ownOf(name, manifest, isKept) {
  const { file } = manifest;
  return { name, manifest, title: { en: file.name }, about: null, bytes: file.size, isKept };
}

/** By the folder. @type {Map<string, Promise<Offered[]>>} */
const lists = new Map();

/** The list beside the bundled network, read when somebody asks for it; the first is the bundled one. @param {URL} folder of the samples and weights */
export function offered(folder) {
  const list = lists.get(folder.href) ?? read(folder);
  lists.set(folder.href, list);
  list.catch(() => lists.delete(folder.href));
  return list;
}

/** @param {URL} folder @returns {Promise<Offered[]>} */
async function read(folder) {
  const url = new URL('weights/networks.json', folder);
  const json = await (await request(url, 'no-cache')).json().catch(() => null);
  if (!Array.isArray(json)) throw new EngineError('weights', `Expected a list of networks at ${url}; found none.`);
  return json.map((one) => {
    const isNamed =
      typeof one?.name === 'string' && /^[\w.-]{1,40}$/.test(one.name) && typeof one.manifest === 'string';
    if (
      !isNamed ||
      typeof one.title?.en !== 'string' ||
      typeof one.about?.en !== 'string' ||
      !Number.isSafeInteger(one.bytes)
    )
      throw new EngineError(
        'weights',
        `Expected a network with name, manifest, title, about and bytes; found ${JSON.stringify(one)}.`,
      );
    return { ...one, manifest: new URL(one.manifest, url).href };
  });
}

export class Networks {
  /** As the address names it; `null`: the first. @type {string | null} */
  current;

  #session;
  #fixed;
  #chooser;
  #preprocessing;
  #onChoose;
  #onError;
  #onTaken;
  #onEntered;
  #onUnknown;
  #page;
  #folder;
  /** Files of the visitor's own: those that are kept, and as long as the page is open the others. @type {Own[]} */
  #own = [];
  /** Those that were kept by an earlier visit, on their way. @type {Promise<void> | null} */
  #recalled = null;
  /** Names of those that are to be opened although they are likely too large. @type {Set<string>} */
  #dared = new Set();
  /** Networks of which the visitor was asked how pictures enter. */
  #asked = new WeakSet();
  /** Names that were pressed: only these are asked of other hosts, whatever an address says. @type {Set<string>} */
  #pressed = new Set();
  /** The manifest of the bundled one. */
  #first;
  /** @type {AbortController | null} */
  #control = null;

  /**
   * @param {object} options
   * @param {import('../lens.js').Lens} options.lens
   * @param {Session} options.session
   * @param {string | null} options.wanted by the address
   * @param {string | null} options.fixed the file that the address insists on, so that there is nothing to choose
   * @param {{ slot: HTMLElement, open: () => void, close: () => void, onClose: (act: () => void) => void }} options.page where there is something to choose
   * @param {(name: string | null, size?: import('../view/crop.js').InputSize) => void} options.onChoose `size`: rows and columns of what enters, where they can be chosen
   * @param {(file: File) => void} options.onFile a network of the visitor's own
   * @param {() => void} options.onTaken what is known is of the network before
   * @param {() => void} options.onEntered pictures enter the network in another way
   * @param {(name: string) => void} options.onUnknown an address names a network that is not here
   * @param {(error: unknown, retry: () => void) => void} options.onError
   */
  constructor({ lens, session, wanted, fixed, page, onChoose, onFile, onTaken, onEntered, onUnknown, onError }) {
    this.#session = session;
    this.#fixed = fixed;
    this.#onError = (/** @type {unknown} */ error, /** @type {() => void} */ retry) => {
      // What is said of it stands on the page below.
      page.close();
      onError(error, retry);
    };
    this.#onChoose = onChoose;
    this.#onTaken = onTaken;
    this.#onEntered = onEntered;
    this.#onUnknown = onUnknown;
    this.#page = page;
    this.#folder = lens.folder;
    this.#first = new URL('weights/manifest.json', lens.folder).href;
    this.current = fixed === null ? wanted : null;
    this.#chooser = createChooser(lens, {
      onChoose: (name, isFirst) => {
        this.#pressed.add(name);
        onChoose(isFirst ? null : name);
      },
      onFile,
      onKeep: (name, isWanted) => void this.#keep(name, isWanted),
      onDare: (name) => {
        this.#dared.add(name);
        onChoose(name);
      },
      onCancel: () => this.cancel(),
      onSlow: () => page.open(),
    });
    this.#preprocessing = createPreprocessing(lens, session, {
      onChoose: (way) => void this.#setPreprocessing(way),
      onSize: (size) => onChoose(this.current, size),
    });
    page.slot.replaceChildren(this.#preprocessing.element, this.#chooser.element);
    page.onClose(() => this.cancel());
    void lens.adopt('networks/networks.css').catch(() => {});
  }

  render() {
    this.#preprocessing.render();
    this.#chooser.render();
  }

  /** Where the network is that is loaded first. */
  async address() {
    if (this.#fixed !== null) return this.#fixed;
    if (this.current === null) return this.#first;
    const all = await this.#all();
    const found = all.find(({ name }) => name === this.current);
    if (!found) this.#onUnknown(this.current);
    if (!found || found === all[0]) this.current = null;
    return found?.manifest ?? this.#first;
  }

  /** Shows what there is to choose. @param {boolean} canChoose */
  async show(canChoose) {
    const { network } = this.#session;
    const all = this.#fixed === null ? await this.#all().catch(() => this.#own) : [];
    this.#preprocessing.update();
    this.#chooser.setOwn(this.#own);
    this.#chooser.set(
      all,
      ELSEWHERE,
      this.current ?? all[0]?.name ?? network?.name ?? '',
      canChoose && this.#fixed === null,
    );
  }

  /** The list, and the visitor's own behind it. */
  async #all() {
    await (this.#recalled ??= this.#recall());
    return [...(await offered(this.#folder)), ...this.#own];
  }

  async #recall() {
    for (const { name, ...own } of await kept()) this.#own.push(ownOf(name, own, true));
  }

  /** Pictures enter in another way, as long as this network is here. @param {Preprocessing} preprocessing */
  async #setPreprocessing(preprocessing) {
    try {
      await this.#session.setPreprocessing(preprocessing);
      const own = this.#own.find(({ name }) => name === this.current);
      if (own) {
        own.manifest.preprocessing = preprocessing;
        if (own.isKept) await keep({ name: own.name, ...own.manifest });
      }
    } catch (error) {
      this.#onError(error, () => void this.#setPreprocessing(preprocessing));
    }
    this.#preprocessing.update();
    this.#onEntered();
  }

  /** Keeps a file of the visitor's own on this device, or no longer. @param {string} name @param {boolean} isWanted */
  async #keep(name, isWanted) {
    const own = this.#own.find((one) => one.name === name);
    if (!own) return;
    try {
      if (isWanted) await keep({ name, ...own.manifest });
      else await remove(name);
      own.isKept = isWanted;
    } catch (error) {
      this.#onError(error, () => void this.#keep(name, isWanted));
    }
    this.#chooser.setOwn(this.#own);
  }

  /** The list, the visitor's own, and what may be asked of other hosts. */
  async #allowed() {
    return [...(await this.#all()), ...ELSEWHERE.filter(({ name }) => this.#pressed.has(name))];
  }

  /**
   * Adds a file of the visitor's own to what can be chosen.
   * @param {File} file
   * @returns {Promise<string>} the name by which it is chosen
   */
  async add(file) {
    const stem =
      file.name
        .replace(/\.\w+$/, '')
        .replace(/[^\w.-]+/g, '-')
        .slice(0, 36) || 'network';
    const taken = (await this.#all().catch(() => this.#own)).map(({ name }) => name);
    let name = stem;
    for (let count = 2; taken.includes(name); count += 1) name = `${stem}-${count}`;
    this.#own.push(ownOf(name, { file }, false));
    return name;
  }

  /**
   * Brings another network in place of the one that looks now, or the same file for pictures of another size.
   * @param {string | null} wanted
   * @param {import('../view/crop.js').InputSize} [size] rows and columns of what enters
   * @returns {Promise<boolean>} whether it is another one now
   */
  async change(wanted, size) {
    this.cancel();
    if ((wanted === this.current && !size) || this.#fixed !== null) return false;
    if (!this.#session.network) {
      this.#session.manifest = null;
      this.current = wanted;
      return this.#taken();
    }
    const mine = (this.#control = new AbortController());
    try {
      const all = await this.#allowed();
      const found = wanted === null ? all[0] : all.find(({ name }) => name === wanted);
      if (!found)
        throw new EngineError(
          'not-found',
          `Expected one of ${all.map(({ name }) => name).join(', ')}; found ${wanted}.`,
        );
      const name = found === all[0] ? null : found.name;
      if (name === this.current && !size) return false;
      const manifest = size && typeof found.manifest !== 'string' ? { ...found.manifest, size } : found.manifest;
      const short = this.#dared.has(found.name) ? null : shortage(found.bytes, device());
      if (short) {
        this.#chooser.warn(found, short);
        this.#page.open();
        return false;
      }
      this.#chooser.set(await this.#all(), ELSEWHERE, found.name, false);
      this.#chooser.begin(found.bytes);
      await this.#session.take(manifest, (loaded) => this.#chooser.advance(loaded), mine.signal);
      found.manifest = manifest;
      this.current = name;
      const own = this.#own.find((one) => one.name === name);
      if (size && own?.isKept) await keep({ name: own.name, ...own.manifest });
      return this.#taken();
    } catch (error) {
      if (!isAbandoned(error)) {
        console.error(codeOf(error), error);
        const own = this.#own.find((one) => one.name === wanted && wanted !== this.current);
        // A file that never looked is not offered again; another can be chosen in its place.
        if (own && !own.isKept) this.#own = this.#own.filter((one) => one !== own);
        const again = own ? () => this.#page.open() : () => this.#onChoose(wanted, size);
        this.#onError(error, again);
      }
      return false;
    } finally {
      if (this.#control === mine || this.#control === null) {
        this.#control = null;
        this.#chooser.end();
        void this.show(true);
      }
    }
  }

  #taken() {
    // What closes its page must not stop what is done.
    this.#control = null;
    this.#page.close();
    this.ask();
    this.#onTaken();
    return true;
  }

  /** Where nobody says how pictures enter, the visitor is asked, once for each network. */
  ask() {
    const { network } = this.#session;
    if (!network || wayOf(this.#session) !== 'guessed' || this.#asked.has(network)) return;
    this.#asked.add(network);
    this.#page.open();
    void this.show(true);
  }

  cancel() {
    this.#control?.abort();
  }

  /** What stays of a view of another network. @param {Pick<import('../view/viewer.js').Viewer, 'view' | 'shown'>} viewer @returns {View} */
  viewOf({ view, shown }) {
    const kept = Object.entries(view.options).filter(([name]) => !OF_ONE_NETWORK.test(name));
    const unit = { layer: null, map: null, unit: null, whole: false, classIndex: null, epoch: null };
    const { network } = this.#session;
    const crop =
      view.crop && shown && network
        ? reshaped(view.crop, shown.network.inputSize, network.inputSize, shown.info)
        : view.crop;
    return { ...view, ...unit, crop, options: Object.fromEntries(kept), net: this.current };
  }
}
