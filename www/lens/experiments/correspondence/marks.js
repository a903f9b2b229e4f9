/**
 * What is marked where: the parts by name, and for each picture a box of each part. The marks of the page's own samples live in
 * the address; those of the visitor's pictures in memory alone.
 */
import { boxesIn, lastOf, nameIn, nameWord, wordOf } from './boxes.js';

/** @import { Lens } from '../../lens.js' */
/** @import { Album } from '../../photograph/album.js' */
/** @import { Context, Crop, Picture } from '../../engine/protocol.js' */
/** @import { Key } from '../../text.js' */
/** @import { Shown, Viewer } from '../../view/viewer.js' */
/** @import { Sides } from './boxes.js' */
/**
 * A picture that parts can be marked on.
 * @typedef {object} Marked
 * @property {string} key the sample's, or the photograph's own
 * @property {string | null} sample
 * @property {string} title
 * @property {string} file its name, as the command line knows it
 * @property {Crop} crop
 * @property {Context} context
 * @property {Picture} square what enters the network
 */

export const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'];
/** The parts' colours: apart from each other to every kind of eye, and dark letters can be read on all of them. */
export const COLOURS = ['#e69f00', '#56b4e9', '#2fb68a', '#f0e442', '#d98cba', '#e8743b'];
const FIRST = ['right eye', 'left eye', 'nose'];
const PREFIX = 'correspondence.';
/** Names that the page can say in every language. @type {Record<string, Key>} */
const KNOWN = {
  'right eye': 'partRightEye',
  'left eye': 'partLeftEye',
  nose: 'partNose',
  mouth: 'partMouth',
  ear: 'partEar',
};

/** @param {Lens} lens @param {string} name */
export function spoken(lens, name) {
  const { t } = lens.words;
  const key = KNOWN[name];
  return key ? t(key) : name;
}

/** The inverse of `spoken`, for what was typed. @param {Lens} lens @param {string} words */
function plain(lens, words) {
  const { t } = lens.words;
  const known = Object.entries(KNOWN).find(([, key]) => t(key) === words);
  return known ? known[0] : words;
}

/**
 * The picture on view and those of the album, a sample never twice.
 * @param {Lens} lens
 * @param {Shown} shown @param {Album} album
 * @returns {Marked[]}
 */
export function picturesOf(lens, shown, album) {
  const { inLanguage, t } = lens.words;
  const { look, context, sample } = shown;
  const fileOf = (/** @type {string} */ id) => album.samples.find((one) => one.id === id);
  const own = sample ? fileOf(sample) : null;
  const { blob } = context.photo;
  const first = {
    key: sample ?? context.photo.id,
    sample,
    title: own ? inLanguage(own.title) : t('partsOnView'),
    file: own ? lastOf(own.file) : blob instanceof File ? blob.name : 'photograph',
    crop: look.crop,
    context: { photo: context.photo, crop: look.crop },
    square: look.input,
  };
  const others = album.entries.filter((entry) => !entry.sample || entry.sample !== sample);
  const rest = others.map(({ id, name, sample: of, context: { photo, crop }, square }) => ({
    key: of ?? id,
    sample: of,
    title: inLanguage(name),
    file: (of && lastOf(fileOf(of)?.file ?? of)) || name.en,
    crop: crop ?? { left: 0, top: 0, size: square.width },
    context: { photo, crop },
    square,
  }));
  return [first, ...rest];
}

export class Marks {
  #lens;
  #viewer;
  #set;
  /** Boxes of the visitor's own pictures, by name: what is taken out comes back with the Back button. @type {Map<string, Map<string, Sides>>} */
  #own = new Map();

  /** @param {Lens} lens @param {Viewer} viewer @param {(values: Record<string, string>) => void} set */
  constructor(lens, viewer, set) {
    this.#lens = lens;
    this.#viewer = viewer;
    this.#set = set;
  }

  /** @param {string} name */
  word(name) {
    return this.#viewer.view.options[PREFIX + name] ?? null;
  }

  /** The parts, as the address names them. @returns {string[]} */
  get names() {
    const words = LETTERS.map((letter) => this.word(letter.toLowerCase()));
    const end = words.indexOf(null);
    const names = words.slice(0, end < 0 ? words.length : end).map((word) => nameIn(word ?? ''));
    const sound = names.filter((name) => name !== null);
    return sound.length > 0 && new Set(sound).size === names.length ? sound : FIRST;
  }

  /** @param {Pick<Marked, 'key' | 'sample'>} picture @returns {(Sides | null)[]} a box for each part, if it is marked */
  on({ key, sample }) {
    const { names } = this;
    if (sample) return boxesIn(this.word(`on.${sample}`), names.length);
    return names.map((name) => this.#own.get(key)?.get(name) ?? null);
  }

  /** @param {Marked} picture @param {number} part @param {Sides | null} sides */
  mark(picture, part, sides) {
    const all = this.on(picture);
    all[part] = sides;
    this.#write(this.names, [{ picture, all }]);
  }

  /** @returns {number} the new part's place */
  add() {
    const { names } = this;
    const taken = (/** @type {string} */ name) => names.includes(name);
    const fresh = [...Object.keys(KNOWN), ...LETTERS.map((letter) => this.#lens.words.t('partsNew', { letter }))];
    const name = fresh.find((one) => !taken(one));
    if (!name || names.length >= LETTERS.length) return names.length - 1;
    this.#write([...names, name], this.#samples());
    return names.length;
  }

  /** @param {number} part */
  remove(part) {
    const kept = (/** @type {unknown} */ _, /** @type {number} */ at) => at !== part;
    const samples = this.#samples().map(({ picture, all }) => ({ picture, all: all.filter(kept) }));
    this.#write(this.names.filter(kept), samples);
  }

  /** @param {number} part @param {string} words */
  rename(part, words) {
    const { names } = this;
    const before = names[part] ?? '';
    let name = plain(this.#lens, words.trim());
    if (!name || name === before) return;
    for (let count = 2; names.includes(name); count++) name = `${words.trim()} ${count}`;
    for (const own of this.#own.values()) {
      const sides = own.get(before);
      if (sides) own.set(name, sides);
    }
    this.#write(
      names.map((one, at) => (at === part ? name : one)),
      this.#samples(),
    );
  }

  /**
   * Other parts, and other boxes everywhere.
   * @param {string[]} names @param {{ picture: Pick<Marked, 'key' | 'sample'>, all: (Sides | null)[] }[]} marked
   */
  replace(names, marked) {
    const none = this.#samples().map(({ picture }) => ({ picture, all: /** @type {null[]} */ ([]) }));
    this.#own.clear();
    this.#write(names, [...none, ...marked]);
  }

  /** The samples that the address holds boxes of. */
  #samples() {
    const count = this.names.length;
    return Object.entries(this.#viewer.view.options).flatMap(([key, word]) => {
      if (!key.startsWith(`${PREFIX}on.`)) return [];
      const sample = key.slice(PREFIX.length + 3);
      return [{ picture: { key: sample, sample }, all: boxesIn(word, count) }];
    });
  }

  /** @param {string[]} names @param {{ picture: Pick<Marked, 'key' | 'sample'>, all: (Sides | null)[] }[]} marked */
  #write(names, marked) {
    const usual = names.length === FIRST.length && names.every((name, at) => name === FIRST[at]);
    /** @type {Record<string, string>} */
    const words = Object.fromEntries(
      LETTERS.map((letter, at) => [letter.toLowerCase(), usual ? '' : nameWord(names[at] ?? '')]),
    );
    for (const { picture, all } of marked) {
      if (picture.sample) words[`on.${picture.sample}`] = wordOf(all);
      else {
        const own = this.#own.get(picture.key) ?? new Map();
        names.forEach((name, at) => (all[at] ? own.set(name, all[at]) : own.delete(name)));
        this.#own.set(picture.key, own);
      }
    }
    this.#set(words);
  }
}
