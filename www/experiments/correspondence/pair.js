/** Two of the page's samples with their eyes and noses marked: the creature's own right and left. */

/** @import { Sides } from './boxes.js' */

export const PARTS_OF_PAIR = ['right eye', 'left eye', 'nose'];

/** Boxes in pixels of the photograph; on each picture they are as large as each other, so that they share their random boxes. @type {{ sample: string, boxes: Sides[] }[]} */
export const PAIR = [
  {
    sample: 'cat',
    boxes: [
      [138.45, 83.33, 206.29, 146.49],
      [285.82, 104.38, 353.66, 167.54],
      [232.02, 214.33, 299.86, 277.49],
    ],
  },
  {
    sample: 'astronaut',
    boxes: [
      [184, 86, 220, 118],
      [232, 86, 268, 118],
      [210, 106, 246, 138],
    ],
  },
];
