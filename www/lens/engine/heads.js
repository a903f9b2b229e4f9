/** Other ends on the network's features. */
import { EngineError } from './protocol.js';

/** @import { Session } from './session.js' */

/** Their names, in the order of the manifest. @param {Session} session */
export function headsOf({ manifest }) {
  return manifest?.heads.map(({ name }) => name) ?? [];
}

/** The file of one, fetched when it is asked for. @param {Session} session @param {string} name @param {AbortSignal} [signal] */
export async function headOf(session, name, signal) {
  const found = session.manifest?.heads.find((head) => head.name === name);
  if (!found) throw new EngineError('weights', `Expected a head named ${name} in the manifest; found none.`);
  return { name, bytes: await session.load(found.file, () => {}, signal) };
}
