/** Asks which graphics adapter there is, before a byte of the program is downloaded. */

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
