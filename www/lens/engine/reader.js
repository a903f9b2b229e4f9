/** Reads a network of another program: a Worker, asked one thing after the other, or the page itself where there are none. */
import { codeOf, EngineError } from './protocol.js';

/**
 * @typedef {{ module: string, blob: Blob, file: string, name: string, size: import('../view/crop.js').InputSize | null, classes: string | null }} File `size`: rows and columns of what enters, where others than the file's are wanted
 * @typedef {File | { name: string, from: number, most: number }} Ask
 * @typedef {{ model: string, tensors: { name: string, count: number }[] }} Opened
 */

/** How many bytes of a file are read at a time. */
const AT_A_TIME = 1 << 22;

/**
 * The parts of a file, in the same room one after the other: those of a large file would otherwise lie about together until somebody
 * collects them.
 * @param {Blob} blob
 */
async function* partsOf(blob) {
  const stream = blob.stream();
  /** @type {ReadableStreamBYOBReader} */
  let reader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    // Not every browser can; then it is a matter of memory alone.
    return yield* wholly(stream.getReader());
  }
  let room = new ArrayBuffer(AT_A_TIME);
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(room));
    if (done) return;
    yield value;
    room = value.buffer;
  }
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function* wholly(reader) {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** @type {import('../../pkg/import/zfnet_web_import.js').Foreign | null} */
let foreign = null;

/** @param {Ask} ask @returns {Promise<Opened | Float32Array>} */
export async function answer(ask) {
  if ('blob' in ask) {
    /** @type {typeof import('../../pkg/import/zfnet_web_import.js')} */
    const program = await import(/* webpackIgnore: true */ /* @vite-ignore */ ask.module);
    await program.default();
    const room = new program.Room(ask.blob.size);
    for await (const part of partsOf(ask.blob)) room.add(part);
    foreign?.free();
    foreign = null;
    foreign = new program.Foreign(room, ask.file, ask.name, ask.classes, ask.size && [...ask.size]);
    const counts = foreign.counts();
    const tensors = foreign.names().map((name, at) => ({ name, count: counts[at] ?? 0 }));
    return { model: foreign.model(), tensors };
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
