// Two small networks in place of the bundled one and its companion, as the page finds them on a server.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { golden } from './visitor.mjs';

export const FIRST = 'golden-experiments';
export const SECOND = 'golden-vgg-blocks';

/** @param {string} name @param {Buffer} file */
function manifest(name, file) {
  const sha256 = createHash('sha256').update(file).digest('hex');
  const files = [{ shard: 'all', path: `${name}.safetensors`, bytes: file.length, sha256 }];
  return Buffer.from(JSON.stringify({ format: 1, name, files }));
}

/** @returns {Record<string, Buffer>} by their paths */
export function offered() {
  const one = readFileSync(new URL('../golden/experiments/experiments.safetensors', import.meta.url));
  const two = golden('vgg-blocks');
  const entry = (
    /** @type {string} */ name,
    /** @type {string} */ path,
    /** @type {Buffer} */ file,
    /** @type {string} */ title,
  ) => ({
    name,
    manifest: path,
    bytes: file.length,
    title: { en: title, zh: title },
    about: { en: `About ${title}.`, zh: `关于 ${title}。` },
  });
  const list = [entry(FIRST, 'manifest.json', one, 'One'), entry(SECOND, 'second/manifest.json', two, 'Two')];
  return {
    'weights/networks.json': Buffer.from(JSON.stringify(list)),
    'weights/manifest.json': manifest(FIRST, one),
    [`weights/${FIRST}.safetensors`]: one,
    'weights/second/manifest.json': manifest(SECOND, two),
    [`weights/second/${SECOND}.safetensors`]: two,
  };
}
