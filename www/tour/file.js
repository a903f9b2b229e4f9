/** A tour as a file: what it says, and what is wrong with it, in the reader's language whenever that is asked. */
import { LISTED } from '../lens/tabs.js';
import { PLACES } from './stop.js';

/** @import { Key } from '../lens/text.js' */
/** @import { PlaceName } from './stop.js' */
/** Words by the tag of their language, such as `en` or `zh`. @typedef {Record<string, string>} Words */
/**
 * @typedef {object} Stop
 * @property {Words} title
 * @property {Words} text
 * @property {Words} [do] one thing to do
 * @property {string} hash the view
 * @property {PlaceName} [at] the part of the page that it speaks of
 */
/** @typedef {{ title: Words, stops: Stop[], end?: Words }} Tour `end`: what is said after the last stop */

export const FORMAT = 'zf-lens tour 1';
const OWN = new URL('tour.json', import.meta.url);
const MOST_STOPS = 60;
const MOST_LETTERS = 2000;
const MOST_BYTES = 1e6;

/** What is wrong with a tour: what was expected and what was found, the latter as it stands in the file. */
export class TourError extends Error {
  /** @param {Key} wanted @param {string | { key: Key, values?: Record<string, string | number> }} found @param {string} [where] such as `stops[2].hash` */
  constructor(wanted, found, where = '') {
    super(wanted);
    this.wanted = wanted;
    this.found = found;
    this.where = where;
  }

  /** @param {import('../lens/text.js').Words} words */
  told({ t }) {
    const found = typeof this.found === 'string' ? this.found : t(this.found.key, this.found.values);
    const values = { wanted: t(this.wanted, { tabs: LISTED.join(', '), places: PLACES.join(', ') }), found };
    return this.where ? t('tourWrongAt', { where: this.where, ...values }) : t('tourWrong', values);
  }
}

/** @param {string | null} address `null`: the page's own tour */
export async function fetchTour(address) {
  let url = OWN;
  try {
    if (address !== null) url = new URL(address, document.baseURI);
  } catch {
    throw new TourError('tourWantAddress', quoted(address));
  }
  if (!/^(https?|blob|data):$/.test(url.protocol)) throw new TourError('tourWantAddress', quoted(address));
  const response = await fetch(url).catch(() => null);
  if (!response) throw new TourError('tourWantFile', { key: 'tourFoundNone', values: { url: url.href } });
  if (!response.ok)
    throw new TourError('tourWantFile', { key: 'tourFoundStatus', values: { url: url.href, status: response.status } });
  const text = await response.text().catch(() => null);
  if (text === null) throw new TourError('tourWantFile', { key: 'tourFoundNone', values: { url: url.href } });
  if (text.length > MOST_BYTES) throw new TourError('tourWantSmall', { key: 'tourFoundMore' });
  return read(text);
}

/** @param {string} text @returns {Tour} */
export function read(text) {
  /** @type {any} */
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new TourError('tourWantJson', quoted(text.trim()));
  }
  if (typeof file !== 'object' || file === null) throw new TourError('tourWantFormat', quoted(file), 'format');
  if (file.format !== FORMAT) throw new TourError('tourWantFormat', quoted(file.format), 'format');
  const title = wordsOf(file.title, 'title');
  const { stops } = file;
  if (!Array.isArray(stops) || stops.length === 0 || stops.length > MOST_STOPS)
    throw new TourError('tourWantStops', Array.isArray(stops) ? String(stops.length) : quoted(stops), 'stops');
  return {
    title,
    stops: stops.map((stop, at) => stopOf(stop, `stops[${at}]`)),
    ...(file.end !== undefined && { end: wordsOf(file.end, 'end') }),
  };
}

/** @param {any} stop @param {string} where @returns {Stop} */
function stopOf(stop, where) {
  if (typeof stop !== 'object' || stop === null) throw new TourError('tourWantStop', quoted(stop), where);
  if (typeof stop.hash !== 'string' || stop.hash.length > MOST_LETTERS)
    throw new TourError('tourWantHash', quoted(stop.hash), `${where}.hash`);
  const tab = new URLSearchParams(stop.hash.replace(/^#/, '')).get('tab');
  if (tab !== null && !LISTED.some((name) => name === tab))
    throw new TourError('tourWantTab', quoted(tab), `${where}.hash`);
  const { at } = stop;
  if (at !== undefined && !PLACES.includes(at)) throw new TourError('tourWantPlace', quoted(at), `${where}.at`);
  return {
    title: wordsOf(stop.title, `${where}.title`),
    text: wordsOf(stop.text, `${where}.text`),
    ...(stop.do !== undefined && { do: wordsOf(stop.do, `${where}.do`) }),
    hash: stop.hash,
    ...(at !== undefined && { at }),
  };
}

/** @param {any} words @param {string} where @returns {Words} */
function wordsOf(words, where) {
  const all = typeof words === 'object' && words !== null && !Array.isArray(words) ? Object.entries(words) : [];
  const isRight = (/** @type {[string, unknown]} */ [tag, text]) =>
    /^[a-z]{2,3}(-\w+)*$/i.test(tag) && typeof text === 'string' && text.length <= MOST_LETTERS;
  if (all.length === 0 || !all.every(isRight)) throw new TourError('tourWantWords', quoted(words), where);
  return Object.fromEntries(all);
}

/** As it stands in the file, shortened. @param {unknown} value */
function quoted(value) {
  if (value === undefined || value === '') return { key: /** @type {const} */ ('tourFoundNothing') };
  const text = typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 78)}…` : text;
}
