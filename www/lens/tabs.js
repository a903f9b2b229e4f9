/** The tabs, in the order of their row: all that is known of one from outside, and where it is fetched from when it is first opened. */

/** @import { Place, TabPart } from './tab.js' */
/**
 * @typedef {object} Described
 * @property {'look' | 'ask' | 'maps' | 'keep' | 'learn'} [group] where it stands in the row; without one an address alone leads to it
 * @property {true} [compares] it asks about several pictures at once: what else is compared stands in its address
 * @property {true} [alone] it has something to show without a photograph
 * @property {string[]} [styles]
 * @property {(place: Place) => Promise<TabPart>} [load] not of the first, which is there from the beginning
 */

const EXPERIMENT = 'experiments/experiment.css';
const PARTS = 'experiments/correspondence/correspondence.css';
const NINE = 'experiments/top/nine.css';

const ALL = /** @satisfies {Record<string, Described>} */ ({
  explore: { group: 'look' },
  occlusion: {
    group: 'ask',
    compares: true,
    styles: [EXPERIMENT, 'experiments/occlusion/occlusion.css'],
    load: async (place) => (await import('./experiments/occlusion/tab.js')).createOcclusion(place),
  },
  attribution: {
    group: 'ask',
    styles: [EXPERIMENT, 'experiments/attribution/attribution.css'],
    load: async (place) => (await import('./experiments/attribution/tab.js')).createAttribution(place),
  },
  invariance: {
    group: 'ask',
    compares: true,
    styles: [EXPERIMENT, 'experiments/invariance/invariance.css'],
    load: async (place) => (await import('./experiments/invariance/tab.js')).createInvariance(place),
  },
  correspondence: {
    group: 'ask',
    compares: true,
    styles: [EXPERIMENT, PARTS],
    load: async (place) => (await import('./experiments/correspondence/tab.js')).createCorrespondence(place),
  },
  region: {
    group: 'ask',
    styles: [EXPERIMENT, PARTS, 'experiments/region/region.css'],
    load: async (place) => (await import('./experiments/region/tab.js')).createRegion(place),
  },
  top: {
    group: 'maps',
    styles: [EXPERIMENT, NINE, 'experiments/top/top.css'],
    load: async (place) => (await import('./experiments/top/tab.js')).createTop(place),
  },
  favourite: {
    group: 'maps',
    styles: [EXPERIMENT, NINE, 'experiments/favourite/favourite.css'],
    load: async (place) => (await import('./experiments/favourite/tab.js')).createFavourite(place),
  },
  filters: {
    group: 'maps',
    styles: [EXPERIMENT, 'experiments/filters/filters.css'],
    load: async (place) => (await import('./experiments/filters/tab.js')).createFilters(place),
  },
  training: {
    group: 'maps',
    styles: ['experiments/evolution/evolution.css'],
    load: async (place) => (await import('./experiments/evolution/tab.js')).createEvolution(place),
  },
  hierarchy: {
    group: 'keep',
    styles: [EXPERIMENT, 'experiments/hierarchy/hierarchy.css'],
    load: async (place) => (await import('./experiments/hierarchy/tab.js')).createHierarchy(place),
  },
  learn: {
    group: 'learn',
    alone: true,
    styles: [EXPERIMENT, 'experiments/learn/learn.css', 'experiments/learn/grids.css'],
    load: async (place) => (await import('./experiments/learn/tab.js')).createLearn(place),
  },
  // The page of one map.
  unit: {
    alone: true,
    styles: [EXPERIMENT, NINE, 'experiments/unit/unit.css'],
    load: async (place) => (await import('./experiments/unit/tab.js')).createUnit(place),
  },
});
/** @typedef {keyof typeof ALL} Tab */
/** @typedef {Exclude<Tab, 'unit'>} Listed */

/** @type {Readonly<Record<Tab, Described>>} */
export const TABS = ALL;
/** Those of the row. */
export const LISTED = /** @type {Listed[]} */ (Object.keys(TABS)).filter((tab) => TABS[tab].group);
