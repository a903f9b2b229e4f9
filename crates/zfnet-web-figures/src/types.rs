//! What figures are made of, in the page's words. The types below are what `tsc` checks it against.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What an experiment found, as it is written down: `Written.numbers` of the engine. */
export type Numbers = Record<string, unknown>;
/** Who was asked, on what, and in which language. */
export interface FigureContext { network: string; classes: { en: string; zh?: string }[]; device: string; language: 'en' | 'zh' }
export interface FigurePicture { width: number; height: number; rgba: Uint8Array | Uint8ClampedArray }
/** A target's projection, and the piece of the picture that it is of: `Projection` of the engine. */
export interface FigureProjection {
  activation: number; window: { top: number; left: number; height: number; width: number };
  projection: FigurePicture; patch: FigurePicture; scale: number;
}
/** A line of words for each band; pictures: the photograph, then the tiles, band by band. */
export interface Poster {
  bands: { layer: string; maps: number[] }[]; pictures: FigurePicture[];
  words: { title: string; bands: string[]; caption: string[] };
}
/** `square`: top and left of the one that stands on the photograph. */
export interface OcclusionShown {
  photograph: FigurePicture; square: [number, number] | null; projection: FigureProjection | null;
  elsewhere: { name: string; found: FigureProjection }[];
}
/** `found`: `Written.numbers` of each transformation. */
export interface InvariancePhotograph { name: string; found: Numbers[] }
/** A row for each transformation, with a parameter that is marked and pictures of the first photograph; a chart for each layer. */
export interface InvarianceShown {
  rows: { transformation: string; cursor: number | null; pictures: { parameter: number; picture: FigurePicture }[] }[];
  layers: string[]; relative: boolean;
}
/** `boxes` in the order of the parts. */
export interface CorrespondenceShown {
  photographs: { name: string; picture: FigurePicture; boxes: { top: number; left: number; rows: number; cols: number }[] }[];
  parts: string[]; random: number; seed: number; fill: 'mean' | { colour: [number, number, number] };
}
/** `Written.numbers` of a method, as it is drawn: how much each place counts, and how. */
export interface AttributionExplained extends Numbers { drawn: number; tiles: [FigurePicture, FigurePicture]; likeness: number | null; curves: unknown }
/** `shared`: methods that measure the same have one scale. */
export interface AttributionShown {
  photograph: FigurePicture; class: number; score: number | null; other: number | null; shared: boolean;
  methods: AttributionExplained[]; removal: { settings: object; chance: unknown } | null;
  attention: { threshold: { omega: number; sigma: number }; heads: AttentionShown[] } | null;
}
/** `head` null: the network itself. */
export interface AttentionShown {
  head: string | null; mined: boolean; map: FigurePicture; left: FigurePicture; removed: number;
  before: { score: number; probability: number }; after: { score: number; probability: number } | null;
}
/** Projections in the order of the layers and of what was found in each; null: not there yet. */
export interface RegionShown { photograph: FigurePicture; projections: (FigurePicture | null)[] }
/** `bank`: the filters as they are drawn, each on its own scale or all on one. */
export interface FiltersShown {
  sides: {
    network: string; found: Numbers; bank: FigurePicture[]; training: { pictures: number; unanswered: boolean[] } | null;
    levels: { layer: string; maps: number; tiles: FigurePicture[] }[];
  }[];
  shared: boolean; weak_below: number; rule: string;
}
/** `rows`: small tiles of several maps; `map`: one map with pieces of photograph; null where a checkpoint has not come. */
export interface TrainingShown {
  epochs: number[]; rows: { layer: string; map: number; tiles: FigurePicture[] }[];
  map: { layer: string; map: number; stages: (FigureProjection | null)[] } | null;
  rule: 'deconvnet' | 'guided' | 'gradient'; stretch: 'quantile' | 'minmax' | 'sigmoid'; shared: boolean;
  moved: { of: 'weights' | 'answers'; layers: { layer: string; values: (number | null)[] }[] }[];
  logarithmic: boolean; held: { layer: string; until: number; found: boolean } | null;
}
/** `count`: pictures that there is room for; `yours`: the strongest unit in the photograph on view. */
export interface TopShown {
  layer: string; map: number; count: number; winners: TopShownWinner[]; has_patches: boolean; pictures: number; network: string;
  rule: 'deconvnet' | 'guided' | 'gradient'; licence: string | null;
  yours: { row: number; col: number; activation: number; found: FigureProjection | null } | null;
}
export interface TopShownWinner {
  picture: number; name: string | null; row: number; col: number; activation: number;
  credit: { title: string; by: string; licence: { name: string } } | null;
  tile: { projection: FigurePicture; patch: FigurePicture | null; scale: number } | null;
}
/** `photograph`: of one that was accentuated, what it was; `beside`: what the unit answers to in the photograph. */
export interface FavouriteShown { picture: FigurePicture; photograph: FigurePicture | null; from_photograph: boolean; beside: FigureProjection | null }
"#;
