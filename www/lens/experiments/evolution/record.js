/** The record of a training, `evolution/evolution.json` beside the network's manifest: the checkpoints that were kept. */
import { EngineError } from '../../engine/protocol.js';
import { request } from '../../engine/weights.js';

/** @import { Manifest, ShardFile } from '../../engine/weights.js' */
/**
 * @typedef {object} Checkpoint
 * @property {number} epoch
 * @property {number | null} pictures of the training set, each counted once
 * @property {ShardFile} file
 * @property {number | null} top1 share of validation pictures whose class was named first
 * @property {Record<string, number>} moved ‖w − w before‖ / ‖w‖ of each layer's weights
 */
/** @typedef {{ network: string, checkpoints: Checkpoint[] }} Evolution */

/**
 * @param {Manifest} manifest
 * @param {AbortSignal} signal
 * @returns {Promise<Evolution | null>} `null`: this network came without one
 */
export async function loadEvolution(manifest, signal) {
  const url = new URL('evolution/evolution.json', manifest.url);
  const response = await request(url, 'no-cache', signal).catch((error) => {
    if (error?.status === 404 || error?.status === 410) return null;
    throw error;
  });
  if (!response) return null;
  const json = await response.json().catch(() => null);
  if (json?.format !== 1 || !Array.isArray(json.checkpoints) || json.checkpoints.length === 0) {
    const found = json ? `format ${json.format}` : 'no JSON';
    throw wrong(`the record of a training in format 1 with a list of checkpoints at ${url}`, found);
  }
  const checkpoints = json.checkpoints.map((/** @type {any} */ entry) => checkpointOf(entry, url));
  for (const [at, { epoch }] of checkpoints.entries()) {
    const before = at > 0 ? checkpoints[at - 1].epoch : -Infinity;
    if (epoch <= before) throw wrong(`checkpoints in the order of their epochs`, `epoch ${epoch} after ${before}`);
  }
  return { network: String(json.network ?? ''), checkpoints };
}

/**
 * @param {any} entry
 * @param {URL} base
 * @returns {Checkpoint}
 */
function checkpointOf(entry, base) {
  const { epoch, path, bytes, sha256 } = entry ?? {};
  // A bare name stays in the folder of the record.
  const isNamed = typeof path === 'string' && /^\w[\w.-]*\.safetensors$/.test(path);
  const isWhole = Number.isSafeInteger(bytes) && bytes > 0 && /^[0-9a-f]{64}$/i.test(sha256);
  if (!Number.isFinite(epoch) || epoch < 0 || !isNamed || !isWhole) {
    throw wrong('an epoch, the bare name of a .safetensors file, its size and its SHA-256', JSON.stringify(entry));
  }
  const moved = Object.entries(entry.moved ?? {}).filter(([, share]) => Number.isFinite(share) && share >= 0);
  return {
    epoch,
    pictures: Number.isFinite(entry.pictures) ? entry.pictures : null,
    file: { shard: 'features', url: new URL(path, base), bytes, sha256: sha256.toLowerCase() },
    top1: Number.isFinite(entry.top_1) ? entry.top_1 : null,
    moved: Object.fromEntries(moved),
  };
}

/** @param {string} expected @param {string} found */
function wrong(expected, found) {
  return new EngineError('weights', `Expected ${expected}; found ${found}.`);
}
