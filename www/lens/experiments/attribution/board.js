/** What has been found so far, and how it is to be drawn now. */
import { heat, over, signs } from './drawing.js';
import { METHODS } from './methods.js';

/** @import { Picture } from '../../engine/protocol.js' */
/** @import { Attribution } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { MethodName, Numbers } from './methods.js' */
/** The class that is explained, or the one that it is compared with. @typedef {'class' | 'other'} Side */
/** @typedef {{ done: number, of: number, found: Attribution | null, likeness: number | null }} Answer */
/**
 * @typedef {object} Question
 * @property {number} subject the class that is explained
 * @property {number | null} other the class that it is compared with
 * @property {MethodName[]} methods
 * @property {string[]} heads
 * @property {boolean} averages whether the network itself ends in averages, so that CAM needs no other head
 * @property {Numbers} numbers
 * @property {{ omega: number, sigma: number }} threshold
 */
/** @typedef {{ signed: boolean, scale: 'own' | 'unit', opacity: number, chosen: MethodName, side: Side }} Manner */

export class Board {
  /** @type {Map<string, Answer>} */
  #answers = new Map();

  #lens;
  #classes;

  /** @param {import('../../lens.js').Lens} lens @param {Question} question @param {import('../../view/viewer.js').Shown} shown */
  constructor(lens, question, { look, network }) {
    this.#lens = lens;
    this.question = question;
    this.photograph = look.input;
    this.#classes = network.classes;
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
    const [, rows, cols] = found.shape;
    const isSigned = manner.signed && METHODS[name].signed;
    const drawn = isSigned ? signs(found, scale) : heat(found.relevance, [rows, cols], scale);
    return over(this.photograph, drawn, manner.opacity);
  }
}
