/** What the lessons have in common: where their numbers are kept, and what they give to take away. */

/** @import { Grid } from '../../../pkg/cpu/zfnet_web.js' */
/**
 * The settings of the tab as words of the address; what is as it was at the beginning is not written down.
 * @typedef {object} Store
 * @property {(name: string) => string | undefined} word
 * @property {(name: string, otherwise: readonly number[], count?: number) => number[]} numbers so many of them, or else those
 * @property {(values: Record<string, string>, final: boolean) => void} set
 */
/** A grid as it is drawn. @typedef {import('../../../pkg/figures/zfnet_web_figures.js').LearnNumbers} Figure */
/**
 * @typedef {object} Lesson
 * @property {string} name
 * @property {HTMLElement} element
 * @property {() => string} question as words, to see whether it is another one
 * @property {() => Promise<void>} ask asks the engine the question of now, and draws its answer
 * @property {() => void} draw
 * @property {() => void} render
 * @property {() => void} [stop]
 * @property {() => Record<string, Grid>} grids
 * @property {() => Figure[][]} figures rows of grids
 * @property {() => string} title
 */

/** A setting as an address holds it: nothing, where it is as at the beginning. @param {string} word @param {string} otherwise */
export function unless(word, otherwise) {
  return word === otherwise ? '' : word;
}

/** @param {number} rows @param {number} cols @param {readonly number[]} values @returns {Grid} */
export function gridOf(rows, cols, values) {
  return { rows, cols, values: [...values] };
}
