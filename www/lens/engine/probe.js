/** Asks which graphics adapter there is, and what the processor's program may be made of, before a byte of it is downloaded. */

/** @typedef {'hardware' | 'software' | 'none'} AdapterKind */

/**
 * Only the little of WebGPU that the probe needs; TypeScript's own libraries do not agree on it yet.
 * @typedef {{ info?: { isFallbackAdapter?: boolean, vendor?: string, architecture?: string, device?: string, description?: string }, isFallbackAdapter?: boolean }} Adapter
 */

/**
 * Works in the page and in a Worker. `navigator.gpu` alone proves nothing: the adapter may still be null.
 * @returns {Promise<AdapterKind>}
 */
export async function adapterKind() {
  const gpu = /** @type {{ requestAdapter(options?: object): Promise<Adapter | null> } | undefined} */ (
    /** @type {any} */ (globalThis.navigator).gpu
  );
  if (!gpu) return 'none';
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return 'none';
    return isSoftware(adapter) ? 'software' : 'hardware';
  } catch {
    return 'none';
  }
}

/** @param {Adapter} adapter */
function isSoftware({ info, isFallbackAdapter }) {
  if (info?.isFallbackAdapter || isFallbackAdapter) return true;
  const words = [info?.vendor, info?.architecture, info?.device, info?.description].join(' ');
  return /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(words);
}

/** The smallest module that multiplies and adds in one instruction, `f32x4.relaxed_madd`. */
const RELAXED =
  '\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7b\x03\x02\x01\0\x0a\x13\x01\x11\0\x41\0\xfd\x0f\x41\0\xfd\x0f\x41\0\xfd\x0f\xfd\x85\x02\x0b';

/** The folder of the program for a backend. A browser refuses a program with one instruction that it does not know. @param {'cpu' | 'webgpu'} backend */
export function moduleFor(backend) {
  const isKnown = WebAssembly.validate(Uint8Array.from(RELAXED, (letter) => letter.charCodeAt(0)));
  return backend === 'cpu' && isKnown ? 'cpu-relaxed' : backend;
}
