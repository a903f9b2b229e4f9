/** Figures to take away: the command line's own, drawn by the same program, which is fetched with the first of them. */
/** @import { Lens } from './lens.js' */
/** @import { Session } from './engine/session.js' */
/** @typedef {typeof import('../pkg/figures/zfnet_web_figures.js')} Program */
/** What an experiment's figure is made of, after the context. @template {Experiment} N @typedef {Parameters<Program[N]> extends [unknown, ...infer R] ? R : never} Content */
/** @typedef {'attribution' | 'card' | 'correspondence' | 'favourite' | 'filters' | 'invariance' | 'learn' | 'maps' | 'occlusion' | 'projection' | 'region' | 'still' | 'top' | 'training'} Experiment */

/** Pixels to a millimetre of a poster, as the command line draws it. */
const FINENESS = 6;
/** A small figure has each of its pixels as often as it takes to be so wide, so that its letters are sharp in a document. */
const NARROWEST = 1200;

/** Named apart, since a bundler would follow an address that is made of it at once. */
const here = import.meta.url;
/** @type {Promise<Program> | null} */
let coming = null;

function program() {
  coming ??= load().catch((error) => {
    coming = null;
    throw error;
  });
  return coming;
}

async function load() {
  const address = new URL('../pkg/figures/zfnet_web_figures.js', here).href;
  /** @type {Program} */
  const figures = await import(/* webpackIgnore: true */ /* @vite-ignore */ address);
  await figures.default();
  return figures;
}

/**
 * An experiment's figure as SVG.
 * @template {Experiment} N
 * @param {Lens} lens
 * @param {Session} session
 * @param {N} experiment
 * @param {Content<N>} content what was found, as it is written down, and what is shown beside it
 */
export async function figure({ words }, { network, running }, experiment, ...content) {
  const draw = /** @type {(...all: unknown[]) => string} */ ((await program())[experiment]);
  const context = {
    network: network?.name ?? '',
    classes: network?.classes ?? [],
    device: running ? words.t(running.backend) : '',
    language: words.language,
  };
  return draw(context, ...content.map(handed));
}

/** The poster as SVG. @param {Parameters<Program['poster']>[0]} shown */
export async function poster(shown) {
  return (await program()).poster(/** @type {typeof shown} */ (handed(shown)));
}

/** With bytes as the module takes them, which are not copied. @param {unknown} value @returns {unknown} */
function handed(value) {
  if (value instanceof Uint8ClampedArray) return new Uint8Array(value.buffer, value.byteOffset, value.length);
  if (Array.isArray(value)) return value.map(handed);
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, handed(one)]));
}

/** @param {string} svg */
export const asSvg = (svg) => new Blob([svg], { type: 'image/svg+xml' });

/**
 * A figure in whole multiples of its own pixels; one that is measured on paper, in so many pixels to the millimetre.
 * @param {string} svg
 */
export async function asPng(svg, { fineness = FINENESS, narrowest = NARROWEST } = {}) {
  const head = /width="([\d.]+)(mm)?" height="([\d.]+)(?:mm)?"/.exec(svg.slice(0, 400));
  if (!head) throw new Error('Expected a figure with its size; found none.');
  const [written, wide, isOnPaper, high] = head;
  const scale = isOnPaper ? fineness : Math.ceil(narrowest / Number(wide));
  const [width, height] = [Math.round(scale * Number(wide)), Math.round(scale * Number(high))];
  const url = URL.createObjectURL(asSvg(svg.replace(written, `width="${width}" height="${height}"`)));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
    return await blobOf(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function blobOf(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The browser could not write the picture.'))),
      'image/png',
    );
  });
}
