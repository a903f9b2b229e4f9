/** Reads a network of another program: a Worker, asked one thing after the other, or the page itself where there are none. */
import { codeOf, EngineError } from './protocol.js';

/**
 * @typedef {{ module: string, bytes: Uint8Array, name: string, classes: string | null }} File
 * @typedef {File | { name: string, from: number, most: number }} Ask
 * @typedef {{ model: string, guessed: boolean, tensors: { name: string, count: number }[] }} Opened `guessed`: nobody says how pictures enter
 */

/** @type {import('../../pkg/import/zfnet_web_import.js').Foreign | null} */
let foreign = null;

/** @param {Ask} ask @returns {Promise<Opened | Float32Array>} */
export async function answer(ask) {
  if ('bytes' in ask) {
    /** @type {typeof import('../../pkg/import/zfnet_web_import.js')} */
    const program = await import(ask.module);
    await program.default();
    foreign?.free();
    foreign = null;
    foreign = new program.Foreign(ask.bytes, ask.name, ask.classes);
    const counts = foreign.counts();
    const tensors = foreign.names().map((name, at) => ({ name, count: counts[at] ?? 0 }));
    return { model: foreign.model(), guessed: foreign.guessed(), tensors };
  }
  if (!foreign) throw new EngineError('weights', 'Expected the pieces of a network; found none.');
  return foreign.numbers(ask.name, ask.from, ask.most);
}

/** @type {{ name?: string, postMessage: (message: unknown, transfer?: Transferable[]) => void, onmessage: ((event: MessageEvent) => void) | null }} */
const scope = /** @type {any} */ (globalThis);
if (scope.name === 'zf-lens reader') {
  scope.onmessage = async ({ data }) => {
    try {
      const value = await answer(data);
      scope.postMessage({ value }, value instanceof Float32Array ? [value.buffer] : []);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      scope.postMessage({ error: { code: codeOf(error), message } });
    }
  };
  scope.postMessage('ready');
}
