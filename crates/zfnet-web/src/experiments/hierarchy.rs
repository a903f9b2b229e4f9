//! The hierarchy of features for the page: the poster's tiles as they come.

use std::ops::ControlFlow;

use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::paper::hierarchy::{
    self, Band, Chosen, Found, Level, Part, Settings, columns, photograph,
};
use zfnet::geometry::view::View;
use zfnet::network::model::Input;
use zfnet::{Network, ReluRule, Trace, Unit};
use zfnet_typescript::{TypeScript, declare};

use super::{Listener, Written, answer, asked, written};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Picture, picture, plain};

declare![
    HierarchyAsk,
    HierarchyBand,
    HierarchyLevel,
    StrongTile,
    HierarchyPart,
    HierarchyResult,
];

#[derive(Default, Serialize, Deserialize, TypeScript)]
pub(super) struct HierarchyAsk {
    /// Of each layer at most; null: as many as its band has room for.
    maps: Option<usize>,
    rule: ReluRule,
}

/// A layer's tiles on the poster.
#[derive(Serialize, TypeScript)]
struct HierarchyBand<'a> {
    layer: &'a str,
    /// The number of the map of each.
    maps: &'a [usize],
    /// How many lie in a row.
    columns: usize,
}

#[derive(Serialize, TypeScript)]
struct HierarchyLevel<'a> {
    layer: &'a str,
    /// Rows and columns of what its tiles show.
    field: [usize; 2],
    /// How many it has.
    maps: usize,
}

/// A map's strongest unit and what made it fire.
#[derive(Serialize, TypeScript)]
struct StrongTile<'a> {
    layer: &'a str,
    map: usize,
    row: usize,
    col: usize,
    activation: f32,
    window: View,
    /// The value drawn as full white.
    scale: f32,
    projection: Picture,
}

#[derive(Serialize, TypeScript)]
pub(super) struct HierarchyPart<'a> {
    done: usize,
    total: usize,
    /// Those of the whole poster.
    bands: Vec<HierarchyBand<'a>>,
    levels: Vec<HierarchyLevel<'a>>,
    /// Those that are new, band by band from the first layer.
    tiles: Vec<StrongTile<'a>>,
    written: Written,
}

#[derive(Serialize, TypeScript)]
struct HierarchyResult<'a> {
    bands: Vec<HierarchyBand<'a>>,
    /// Its square as fine as it is printed.
    photograph: Picture,
}

#[wasm_bindgen]
impl Engine {
    /// Projects the strongest maps of the layers, from the first to the last. Parts are `HierarchyPart`, the answer
    /// `HierarchyResult`.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `no-network`, `out-of-range`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<HierarchyResult>")]
    pub fn hierarchy(
        &self,
        #[wasm_bindgen(unchecked_param_type = "HierarchyAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let HierarchyAsk { maps, rule } = asked("hierarchy", ask)?;
        let subject = self.subject()?;
        let part = subject.seen.prepared.part;
        let photograph = picture(&photograph(self.photo()?, part));
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let network = &*subject.network;
            let settings = Settings {
                rule,
                ..Settings::poster(network, maps)
            };
            let tell = async |part: HierarchyPart<'_>| listener.tell(&part).await;
            let bands = grown(network, subject.trace(), &settings, tell).await?;
            plain(&HierarchyResult {
                bands: columned(&bands),
                photograph,
            })
        }))
    }
}

/// Projects the strongest maps of the layers that are named, and tells the page of each part; the bands that came of it.
pub(super) async fn grown(
    network: &Network,
    trace: &Trace,
    settings: &Settings,
    tell: impl AsyncFn(HierarchyPart<'_>) -> ControlFlow<()>,
) -> Result<Vec<Band>, JsValue> {
    let mut before = 0;
    let found = hierarchy::grow(network, trace, settings, async |step| {
        let part = told(&step, before, network);
        before = step.done;
        tell(part).await
    });
    Ok(found.await.map_err(to_js)?.bands())
}

/// The first convolutions, with so many maps of each.
pub(super) fn first_layers(network: &Network, layers: usize, maps: usize) -> Vec<Chosen> {
    let maps_of = |layer: &&str| {
        let planned = network.layer(layer);
        planned.is_ok_and(|planned| planned.output[1] * planned.output[2] > 1)
    };
    let chosen = network.convolutions().into_iter().filter(maps_of);
    let chosen = chosen.take(layers).map(|layer| Chosen {
        layer: layer.to_owned(),
        maps,
    });
    chosen.collect()
}

fn told<'a>(step: &Step<Part<'a>>, before: usize, network: &Network) -> HierarchyPart<'a> {
    let input = &network.model.input;
    let levels = &step.part.so_far.levels;
    let all = levels
        .iter()
        .flat_map(|level| level.found.iter().map(move |found| (level, found)));
    let tiles = all
        .skip(before)
        .map(|(level, found)| tile(&level.layer, found, input));
    HierarchyPart {
        done: step.done,
        total: step.total,
        bands: columned(step.part.bands),
        levels: levels.iter().map(HierarchyLevel::from).collect(),
        tiles: tiles.collect(),
        written: written(network, step.part.so_far),
    }
}

fn columned(bands: &[Band]) -> Vec<HierarchyBand<'_>> {
    let each = bands.iter().enumerate().map(|(at, band)| HierarchyBand {
        layer: &band.layer,
        maps: &band.maps,
        columns: columns(at, bands.len()),
    });
    each.collect()
}

impl<'a> From<&'a Level> for HierarchyLevel<'a> {
    fn from(level: &'a Level) -> Self {
        Self {
            layer: &level.layer,
            field: level.field,
            maps: level.maps,
        }
    }
}

fn tile<'a>(layer: &'a str, found: &Found, input: &Input) -> StrongTile<'a> {
    let Unit { map, row, col } = found.answer.unit;
    StrongTile {
        layer,
        map,
        row,
        col,
        activation: found.answer.activation,
        window: found.tile.view,
        scale: found.tile.scale(),
        projection: picture(&found.tile.picture(input)),
    }
}
