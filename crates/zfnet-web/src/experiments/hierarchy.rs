//! The hierarchy of features for the page: the poster's tiles as they come, and the poster's file.

use std::ops::ControlFlow;

use js_sys::{Array, Function, Promise, Reflect, Uint8Array, Uint8ClampedArray};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::paper::hierarchy::{
    self, Band, Chosen, Found, Level, Part, Settings, columns,
};
use zfnet::network::model::Input;
use zfnet::pictures::rendering::Picture;
use zfnet::{Error, Network, ReluRule, Trace};
use zfnet_figures::poster::{Words, photograph, poster};
use zfnet_figures::svg;

use super::{Listener, answer, asked, written};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, list, picture, plain, window};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Maps of each layer at most, null: as many as its band has room for. */
export interface HierarchyAsk { maps: number | null; rule: Rule }
/** A layer's tiles on the poster: the number of the map of each, and how many lie in a row. */
export interface HierarchyBand { layer: string; maps: number[]; columns: number }
/** A layer: rows and columns of what its tiles show, and how many maps it has. */
export interface HierarchyLevel { layer: string; field: [number, number]; maps: number }
/** A map's strongest unit and what made it fire, drawn white at `scale`. */
export interface StrongTile {
  layer: string; map: number; row: number; col: number; activation: number; window: Window; scale: number; projection: Picture;
}
/** The bands of the whole poster, and the tiles that are new, band by band from the first layer. */
export interface HierarchyPart { done: number; total: number; bands: HierarchyBand[]; levels: HierarchyLevel[]; tiles: StrongTile[]; written: Written }
/** What the tiles are, and the photograph's square as fine as it is printed. */
export interface HierarchyResult { bands: HierarchyBand[]; photograph: Picture }
/** Bands from the first layer on, a line of words for each; pictures: the photograph, then the tiles, band by band. */
export interface PosterAsk {
  bands: { layer: string; maps: number[] }[]; pictures: Picture[];
  words: { title: string; bands: string[]; caption: string[] };
}
"#;

#[derive(Deserialize)]
struct Ask {
    maps: Option<usize>,
    rule: ReluRule,
}

#[derive(Deserialize)]
struct PosterAsk {
    bands: Vec<Band>,
    words: Words,
}

#[derive(Serialize)]
struct Columned<'a> {
    #[serde(flatten)]
    band: &'a Band,
    columns: usize,
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
        let Ask { maps, rule } = asked("hierarchy", ask)?;
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
            let tell = async |part| listener.tell(part).await;
            let bands = grown(network, subject.trace(), &settings, tell).await?;
            Ok(Fields::new()
                .with("bands", columned(&bands)?)
                .with("photograph", photograph)
                .done())
        }))
    }

    /// The poster as SVG, from tiles that the page holds.
    ///
    /// # Errors
    /// Code `out-of-range` for pictures that are none, or too few of them; `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8Array>")]
    pub fn poster(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PosterAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let pictures = Array::from(&Reflect::get(&ask, &"pictures".into())?);
        let pictures: Vec<Picture> = pictures.iter().map(drawn).collect::<Result<_, _>>()?;
        let PosterAsk { bands, words } = asked("poster", ask)?;
        Ok(answer(async move {
            let scene = poster(&bands, &words, pictures).map_err(to_js)?;
            let file = svg(&scene).map_err(to_js)?;
            Ok(Uint8Array::from(file.as_bytes()).into())
        }))
    }
}

/// Projects the strongest maps of the layers that are named, and tells the page of each part; the bands that came of it.
pub(super) async fn grown(
    network: &Network,
    trace: &Trace,
    settings: &Settings,
    tell: impl AsyncFn(JsValue) -> ControlFlow<()>,
) -> Result<Vec<Band>, JsValue> {
    let mut failure = None;
    let mut before = 0;
    let found = hierarchy::grow(network, trace, settings, async |step| {
        let part = told(&step, before, network);
        before = step.done;
        match part {
            Ok(part) => tell(part).await,
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    let found = found.await.map_err(to_js)?;
    match failure {
        Some(error) => Err(error),
        None => Ok(found.bands()),
    }
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

fn told(step: &Step<Part<'_>>, before: usize, network: &Network) -> Result<JsValue, JsValue> {
    let input = &network.model.input;
    let levels = &step.part.so_far.levels;
    let all = levels
        .iter()
        .flat_map(|level| level.found.iter().map(move |found| (level, found)));
    let tiles = all
        .skip(before)
        .map(|(level, found)| tile(&level.layer, found, input));
    Ok(Fields::new()
        .with("done", step.done as u32)
        .with("total", step.total as u32)
        .with("bands", columned(step.part.bands)?)
        .with("levels", list(levels.iter().map(described)))
        .with("tiles", list(tiles))
        .with("written", written(network, step.part.so_far)?)
        .done())
}

fn columned(bands: &[Band]) -> Result<JsValue, JsValue> {
    let each = bands.iter().enumerate().map(|(at, band)| Columned {
        band,
        columns: columns(at, bands.len()),
    });
    plain(&each.collect::<Vec<_>>())
}

fn described(level: &Level) -> JsValue {
    let field = level.field.map(|side| JsValue::from(side as u32));
    Fields::new()
        .with("layer", level.layer.as_str())
        .with("field", list(field))
        .with("maps", level.maps as u32)
        .done()
}

fn tile(layer: &str, found: &Found, input: &Input) -> JsValue {
    let unit = found.answer.unit;
    Fields::new()
        .with("layer", layer)
        .with("map", unit.map as u32)
        .with("row", unit.row as u32)
        .with("col", unit.col as u32)
        .with("activation", found.answer.activation)
        .with("window", window(found.tile.view))
        .with("scale", found.tile.scale())
        .with("projection", picture(&found.tile.picture(input)))
        .done()
}

/// A picture that the page sends back.
fn drawn(value: JsValue) -> Result<Picture, JsValue> {
    let field = |name: &str| Reflect::get(&value, &name.into());
    let side = |name: &str| -> Result<usize, JsValue> {
        Ok(field(name)?.as_f64().unwrap_or_default() as usize)
    };
    let rgba = bytes_of(&field("rgba")?);
    let [width, height] = [side("width")?, side("height")?];
    match width.checked_mul(height).and_then(|all| all.checked_mul(4)) {
        Some(expected) if expected == rgba.len() => Ok(Picture {
            width,
            height,
            rgba,
        }),
        _ => Err(to_js(Error::OutOfRange {
            subject: "picture of the poster".into(),
            expected: format!("four bytes for each of {width}×{height} pixels"),
            found: format!("{} bytes", rgba.len()),
        })),
    }
}

fn bytes_of(value: &JsValue) -> Vec<u8> {
    match value.dyn_ref::<Uint8ClampedArray>() {
        Some(found) => found.to_vec(),
        None => Uint8Array::new(value).to_vec(),
    }
}
