/** From the crop that one network was given to that of another, of another aspect. */
import { fitted, partOf, widest } from '../view/crop.js';

/** @import { Crop } from '../engine/protocol.js' */
/** @import { InputSize, Sides } from '../view/crop.js' */

/**
 * What a network of another aspect sees in place of a part: as much, round the same middle.
 * @param {Crop} crop @param {InputSize} before @param {InputSize} inputSize @param {Sides} photo
 */
export function reshaped(crop, before, inputSize, photo) {
  const [now, next] = [before, inputSize].map(([rows, cols]) => cols / rows);
  if (now === next) return crop;
  const from = partOf(crop, before);
  const size = Math.min(widest(photo, inputSize), from.width * Math.sqrt((next ?? 1) / (now ?? 1)));
  const { width, height } = partOf({ ...crop, size }, inputSize);
  const [left, top] = [from.left + (from.width - width) / 2, from.top + (from.height - height) / 2];
  return fitted({ left, top, size }, photo, inputSize);
}
