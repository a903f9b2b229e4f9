/** Five of the page's samples with their eyes and noses marked: the creature's own right and left. */

/** @import { Sides } from './boxes.js' */

export const PARTS_OF_EXAMPLE = ['right eye', 'left eye', 'nose'];

/** Pixels of the photographs, of which the network sees seven as eight: all boxes are as large as each other there, so that the parts share their random boxes. */
const [WIDTH, HEIGHT] = [42, 35];

/** @param {[number, number][]} middles @returns {Sides[]} */
const around = (middles) => middles.map(([x, y]) => [x - WIDTH / 2, y - HEIGHT / 2, x + WIDTH / 2, y + HEIGHT / 2]);

/** @type {{ sample: string, boxes: Sides[] }[]} */
export const EXAMPLE = [
  {
    sample: 'cougar-1',
    boxes: around([
      [66, 132],
      [140, 140],
      [94, 205],
    ]),
  },
  {
    sample: 'cougar-2',
    boxes: around([
      [135, 110],
      [186, 106],
      [185, 153],
    ]),
  },
  {
    sample: 'cougar-3',
    boxes: around([
      [82, 112],
      [136, 106],
      [113, 158],
    ]),
  },
  {
    sample: 'cougar-4',
    boxes: around([
      [103, 105],
      [172, 106],
      [141, 162],
    ]),
  },
  {
    sample: 'cougar-5',
    boxes: around([
      [93, 109],
      [150, 111],
      [122, 152],
    ]),
  },
];
