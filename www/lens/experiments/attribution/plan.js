/** In which order the methods are asked: what is cheap first, then what takes many passes, the compared class after each. */
import { asked, METHODS } from './methods.js';

/** @import { AttributionAsk, AttributionQuestion, HeadFile } from '../../../pkg/cpu/zfnet_web.js' */
/** @import { Question, Side } from './board.js' */
/** @import { MethodName } from './methods.js' */
/** @typedef {{ name: MethodName, side: Side, question: AttributionQuestion }} Item */
/** @typedef {{ kind: 'attribution', items: Item[], heads: HeadFile[] } | { kind: 'attention', heads: HeadFile[] }} Round */

/** @param {Question} question @param {HeadFile[]} heads @returns {Round[]} */
export function roundsOf(question, heads) {
  const { averages, methods } = question;
  const own = methods.filter((name) => name !== 'cam' || averages);
  const cheap = own.filter((name) => !METHODS[name].sampled);
  const sampled = own.filter((name) => METHODS[name].sampled);
  const [first] = heads;
  /** @type {Round[]} */
  const rounds = [{ kind: 'attribution', items: items(question, cheap, null), heads: [] }];
  if (first && !averages) rounds.push({ kind: 'attribution', items: items(question, ['cam'], 0), heads: [first] });
  rounds.push({ kind: 'attention', heads }, { kind: 'attribution', items: items(question, sampled, null), heads: [] });
  return rounds;
}

/** @param {Question} question @param {MethodName[]} names @param {number | null} head @returns {Item[]} */
function items({ numbers, other, subject }, names, head) {
  const of = (/** @type {Side} */ side, /** @type {number} */ index) =>
    names.map((name) => ({ name, side, question: { method: asked(name, numbers), class: index, head } }));
  return [...of('class', subject), ...(other === null ? [] : of('other', other))];
}

/**
 * Passes of a round, as far as they are known beforehand.
 * @param {Round} round
 * @param {Question} question
 * @param {number} maps of the layer that is weighed
 */
export function passesOf(round, { numbers }, maps) {
  if (round.kind === 'attention') return 2 * (1 + round.heads.length);
  const passes = { smooth_grad: numbers.samples, integrated_gradients: numbers.steps, score_cam: maps };
  return round.items.reduce((sum, { name }) => sum + (passes[/** @type {keyof typeof passes} */ (name)] ?? 1), 0);
}

/** @param {Item[]} items @param {HeadFile[]} heads @param {number} batch @returns {AttributionAsk} */
export function askOf(items, heads, batch) {
  return { questions: items.map(({ question }) => question), heads, batch };
}
