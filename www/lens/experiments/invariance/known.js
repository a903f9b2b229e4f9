/** What is known of the pictures' curves, whichever question brought it: what came once is not asked for again. */
import { context, paint } from '../../widgets/paint.js';
import { MOVES, TRANSFORMATIONS } from './moves.js';

/** @import { InvarianceFound, InvariancePart, Picture, Transformation, Written } from '../../../pkg/cpu/zfnet_web.js' */
/** @typedef {(number | null)[]} Values one for each parameter; `null`: not known yet */
/** @typedef {{ norm: number, distance: Values }} Curve */
/**
 * @typedef {object} Curves
 * @property {Record<string, Curve>} layers
 * @property {number | null} classIndex
 * @property {Values | null} probability `null`: no classifier
 * @property {boolean} complete
 * @property {Written} written all that is known, to take away
 */

/** Moved pictures that only stand beside the curves are kept this small, in pixels. */
const SMALL = 112;

export class Known {
  /** @type {Map<string, Curves>} */
  #curves = new Map();
  /** @type {Map<string, (HTMLCanvasElement | undefined)[]>} */
  #frames = new Map();

  /** @param {string} picture @param {Transformation} transformation @param {string} about network and class */
  of(picture, transformation, about) {
    return this.#curves.get([picture, transformation, about].join('\n'));
  }

  /** @param {string} picture @param {string} about @param {InvariancePart} part @param {boolean} isLarge whether its pictures are kept as large as they are */
  take(picture, about, part, isLarge) {
    const { transformation, fresh, layers, probability } = part;
    const { length } = MOVES[transformation].parameters;
    const unknown = () => /** @type {Values} */ (Array.from({ length }, () => null));
    const key = [picture, transformation, about].join('\n');
    const curves = this.#curves.get(key) ?? {
      layers: {},
      classIndex: null,
      probability: null,
      complete: false,
      written: part.written,
    };
    this.#curves.set(key, curves);
    curves.classIndex = part.class;
    curves.written = part.written;
    if (probability) curves.probability ??= unknown();
    for (const [index, at] of fresh.entries()) {
      for (const { layer, norm, distance } of layers) {
        const curve = (curves.layers[layer] ??= { norm, distance: unknown() });
        curve.distance[at] = distance[index] ?? null;
      }
      if (curves.probability) curves.probability[at] = probability?.[index] ?? null;
      const moved = part.pictures[index];
      if (moved) this.show(picture, transformation, at, moved, isLarge);
    }
  }

  /** A sweep has come to its end. @param {string} picture @param {string} about @param {InvarianceFound} found */
  settle(picture, about, { transformation, layers, class: classIndex, probability }) {
    const key = [picture, transformation, about].join('\n');
    const written = this.#curves.get(key)?.written ?? { numbers: {}, head: [], rows: [] };
    const whole = layers.map(({ layer, norm, distance }) => [layer, { norm, distance: [...distance] }]);
    this.#curves.set(key, {
      layers: Object.fromEntries(whole),
      classIndex,
      probability: probability && [...probability],
      complete: true,
      written,
    });
  }

  /** @param {string} picture @param {Transformation} transformation @param {number} at @param {Picture} moved @param {boolean} isLarge */
  show(picture, transformation, at, moved, isLarge) {
    const key = [picture, transformation].join('\n');
    const frames = this.#frames.get(key) ?? [];
    this.#frames.set(key, frames);
    if (frames[at]) return;
    const canvas = document.createElement('canvas');
    paint(canvas, moved);
    frames[at] = isLarge ? canvas : smaller(canvas);
  }

  /** @param {string} picture @param {Transformation} transformation @param {number} at */
  frame(picture, transformation, at) {
    return this.#frames.get([picture, transformation].join('\n'))?.[at];
  }

  /** Lets go of every picture that is not among these. @param {string[]} pictures */
  keep(pictures) {
    for (const held of [this.#curves, this.#frames])
      for (const key of held.keys()) if (!pictures.includes(key.split('\n')[0] ?? '')) held.delete(key);
  }

  /** A picture as it is needs no engine. @param {string} picture @param {Picture} square @param {boolean} isLarge */
  showStill(picture, square, isLarge) {
    for (const transformation of TRANSFORMATIONS)
      this.show(picture, transformation, MOVES[transformation].still, square, isLarge);
  }
}

/** @param {HTMLCanvasElement} canvas */
function smaller(canvas) {
  const shrink = SMALL / Math.max(canvas.width, canvas.height);
  if (shrink >= 1) return canvas;
  const small = document.createElement('canvas');
  small.width = Math.round(canvas.width * shrink);
  small.height = Math.round(canvas.height * shrink);
  const pen = context(small);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(canvas, 0, 0, small.width, small.height);
  return small;
}
