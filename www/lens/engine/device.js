/** What the browser says of the device. */
export function device() {
  const { deviceMemory } = /** @type {{ deviceMemory?: number }} */ (navigator);
  // A Worker is not told how it is held.
  const isPhone = globalThis.matchMedia?.('(pointer: coarse) and (hover: none)').matches ?? false;
  return { gibibytes: deviceMemory, isPhone };
}
