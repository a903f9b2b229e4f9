/** Numbers to begin with. */

/** Pictures of 4 × 4 with their names. */
export const PICTURES = /** @type {const} */ ([
  ['learnStops', [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]],
  ['learnBar', [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]],
  ['learnDot', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0]],
  ['learnRamp', [0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6]],
]);

/** Kernels of 3 × 3. */
export const KERNELS = /** @type {const} */ ([
  ['learnUpright', [-1, 0, 1, -2, 0, 2, -1, 0, 1]],
  ['learnLevel', [-1, -2, -1, 0, 0, 0, 1, 2, 1]],
  ['learnBlur', [0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1]],
  ['learnSharpen', [0, -1, 0, -1, 5, -1, 0, -1, 0]],
]);

/** Maps of 6 × 6: a maximum for each window, equal ones, and one that overlapping windows share. */
export const MAPS = /** @type {const} */ ([
  [
    'learnPeaks',
    [1, 0, 2, 1, 0, 1, 3, 5, 0, 1, 4, 0, 0, 2, 1, 7, 2, 1, 2, 1, 0, 3, 1, 0, 0, 6, 2, 1, 0, 5, 1, 2, 0, 4, 1, 2],
  ],
  [
    'learnTies',
    [2, 2, 0, 0, 1, 0, 2, 2, 0, 0, 0, 1, 3, 1, 4, 4, 5, 2, 1, 3, 4, 4, 2, 5, 0, 1, 0, 0, 6, 6, 1, 0, 0, 0, 6, 6],
  ],
  [
    'learnShared',
    [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0],
  ],
]);
