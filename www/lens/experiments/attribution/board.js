/** What has been found so far, and how it is to be drawn now. */
import { over, signs } from './drawing.js';
import { heat } from '../heat.js';
import { METHODS } from './methods.js';

/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Attribution, DeletionInsertion, RemovalSettings } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { MethodName, Numbers } from './methods.js' */
/** The class that is explained, or the one that it is compared with. @typedef {'class' | 'other'} Side */
/** @typedef {{ done: number, of: number, found: Attribution | null, likeness: number | null }} Answer */
/** Whose order pixels go in. @typedef {MethodName | 'chance'} Order */
/**
 * @typedef {object} Question
 * @property {number} subject the class that is explained
 * @property {number | null} other the class that it is compared with
 * @property {MethodName[]} methods
 * @property {string[]} heads
 * @property {boolean} averages whether the network itself ends in averages, so that CAM needs no other head
 * @property {Numbers} numbers
 * @property {{ omega: number, sigma: number }} threshold
 * @property {RemovalSettings | null} removal how deletion and insertion measure the methods, if they do
 */
/** @typedef {{ signed: boolean, scale: 'own' | 'unit', opacity: number, chosen: MethodName, side: Side }} Manner */

export class Board {
  /** @type {Map<string, Answer>} */
  #answers = new Map();

  /** What deletion and insertion measured so far, of the network itself, whichever head a map is of. @type {Map<Order, DeletionInsertion>} */
  curves = new Map();
  /** Whether every method has answered to the end. */
  isWhole = false;

  #lens;
  #classes;

  /** @param {import('../../lens.js').Lens} lens @param {Question} question @param {import('../../view/viewer.js').Shown} shown */
  constructor(lens, question, { look, network }) {
    this.#lens = lens;
    this.question = question;
    this.photograph = look.input;
    this.#classes = network.classes;
  }

  /** Whether the methods' answers to a question are here already: the same, or one that measures them otherwise. @param {Question} next @param {Picture} photograph */
  knows(next, photograph) {
    const asked = (/** @type {Question} */ question) => JSON.stringify({ ...question, removal: null });
    return this.isWhole && photograph === this.photograph && asked(next) === asked(this.question);
  }

  /** Another question whose answers are known; what it measures as before stays. @param {Question} question */
  turnTo(question) {
    if (JSON.stringify(question.removal) !== JSON.stringify(this.question.removal)) this.curves.clear();
    this.question = question;
  }

  /** Whether the curves of an order reach their ends. @param {Order} order */
  isMeasured(order) {
    return this.curves.get(order)?.insertion.area != null;
  }

  /** @param {number} index of a class */
  nameOf(index) {
    return this.#lens.words.inLanguage(this.#classes[index] ?? { en: String(index) });
  }

  /** @param {MethodName} name @param {Side} side @param {Answer} answer */
  keep(name, side, answer) {
    const before = this.#answers.get(`${name} ${side}`);
    this.#answers.set(`${name} ${side}`, { ...answer, found: answer.found ?? before?.found ?? null });
  }

  /** @param {MethodName} name @param {Side} [side] */
  answer(name, side = 'class') {
    return this.#answers.get(`${name} ${side}`) ?? null;
  }

  /** @param {MethodName} name @param {Side} [side] */
  found(name, side = 'class') {
    return this.answer(name, side)?.found ?? null;
  }

  /** How alike the answers for both classes are. @param {MethodName} name */
  likeness(name) {
    return this.answer(name, 'other')?.likeness ?? null;
  }

  /** Whether there is anything yet. */
  get isEmpty() {
    return this.question.methods.every((name) => this.found(name) === null);
  }

  /** The value drawn brightest. @param {MethodName} name @param {Side} side @param {Manner} manner */
  scale(name, side, { signed, scale }) {
    const isSigned = signed && METHODS[name].signed;
    const { unit } = METHODS[name];
    const together = scale === 'unit' && unit ? this.question.methods.filter((one) => METHODS[one].unit === unit) : [];
    const all = together.flatMap((one) => [this.found(one, 'class'), this.found(one, 'other')]);
    return [...all, this.found(name, side)].reduce(
      (most, one) => Math.max(most, (isSigned ? one?.signedScale : one?.scale) ?? 0),
      0,
    );
  }

  /** @param {MethodName} name @param {Side} side @param {Manner} manner @returns {Picture | null} */
  picture(name, side, manner) {
    const found = this.found(name, side);
    if (!found) return null;
    const scale = this.scale(name, side, manner);
    const [, , cols] = found.shape;
    const isSigned = manner.signed && METHODS[name].signed;
    const drawn = isSigned ? signs(found, scale) : heat(found.relevance, cols, scale);
    return over(this.photograph, drawn, manner.opacity);
  }
}
