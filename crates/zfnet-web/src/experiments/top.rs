//! The strongest pictures of a set (figure 2) for the page: some pictures compete at a time, and winners are drawn on demand.
//!
//! The winners so far travel with every question and come back with its answer, so the engine has nothing to remember: a
//! question that is cancelled, or an engine that is started again, loses no more than the pictures of that question.

use std::rc::Rc;

use burn::tensor::Tensor;
use js_sys::{Float32Array, Function, Int32Array, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::deconvnet::tile::{Tile, tiles};
use zfnet::experiments::paper::top::{Top, Watched, Winner};
use zfnet::geometry::view::View;
use zfnet::{Error, Network, Prepared, ReluRule};
use zfnet_typescript::{TypeScript, declare};

use super::{Listener, answer, asked, prepare};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Picture, Typed, floats, picture, plain};

/// Units that are projected before the page hears of them, and others get their turn.
const TOGETHER: usize = 8;

declare![
    TopLayer,
    TopAsk,
    TopSeen,
    Unread,
    TopTilesAsk,
    TopTile,
    TopTilesPart,
];

/// A layer's winners as tables, a row for each map and the strongest first; 0 and -1 where nobody has won.
#[derive(Serialize, Deserialize, TypeScript)]
struct TopLayer {
    layer: String,
    /// [maps, count].
    activation: Typed<Float32Array>,
    /// Picture, row, column: [maps, count, 3].
    unit: Typed<Int32Array>,
}

#[derive(Deserialize, TypeScript)]
struct TopAsk {
    /// What is known; null at first, when all layers that are looked at are to be watched.
    state: Option<Vec<TopLayer>>,
    count: usize,
    /// The pictures' numbers in their set.
    numbers: Vec<usize>,
    /// Pictures that go through the network together.
    together: usize,
    /// Who won among pictures that were looked at elsewhere.
    #[serde(default)]
    others: Vec<Vec<TopLayer>>,
}

#[derive(Serialize, TypeScript)]
struct TopSeen {
    state: Vec<TopLayer>,
    unread: Vec<Unread>,
}

/// A picture that cannot be read.
#[derive(Serialize, TypeScript)]
struct Unread {
    number: usize,
    code: String,
    message: String,
    kind: Option<String>,
}

#[derive(Deserialize, TypeScript)]
struct TopTilesAsk {
    layer: String,
    rule: ReluRule,
    /// For each picture those (map, row, column) to be drawn.
    units: Vec<Vec<[usize; 3]>>,
}

/// What a unit saw.
#[derive(Serialize, TypeScript)]
struct TopTile {
    unit: [usize; 3],
    window: View,
    /// The value drawn as full white.
    scale: f32,
    projection: Picture,
    patch: Picture,
}

#[derive(Serialize, TypeScript)]
struct TopTilesPart {
    picture: usize,
    tiles: Vec<TopTile>,
}

#[wasm_bindgen]
impl Engine {
    /// Lets pictures compete with the winners so far. The answer is `TopSeen`; a picture that cannot be read is named in it.
    ///
    /// # Errors
    /// Codes `no-network`, `unknown-layer`, `out-of-range` for winners that cannot be this network's, `execution`.
    #[wasm_bindgen(js_name = topObserve, unchecked_return_type = "Promise<TopSeen>")]
    pub fn top_observe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "TopAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let TopAsk {
            state,
            count,
            numbers,
            together,
            others,
        } = asked("top", ask)?;
        let network = Rc::clone(self.network()?);
        let mut top = match state {
            Some(state) => known(&network, &state, count)?,
            None => Top::new(&network, &network.looked_at(), count).map_err(to_js)?,
        };
        for other in others {
            top.join(&known(&network, &other, count)?).map_err(to_js)?;
        }
        equal("numbers of pictures", pictures.len(), numbers.len())?;
        Ok(answer(async move {
            let together = together.max(1);
            let mut unread = Vec::new();
            let batches = numbers.chunks(together).zip(pictures.chunks(together));
            for (numbers, pictures) in batches {
                let (mut read, mut inputs) = (Vec::new(), Vec::new());
                for (number, picture) in numbers.iter().zip(pictures) {
                    match prepare(&network, picture) {
                        Ok(prepared) => {
                            read.push(*number);
                            inputs.push(prepared.tensor(&network).map_err(to_js)?);
                        }
                        Err(error) => unread.push(unreadable(*number, error)?),
                    }
                }
                if inputs.is_empty() {
                    continue;
                }
                let trace = top.forward(&network, Tensor::cat(inputs, 0));
                let trace = trace.map_err(to_js)?;
                top.observe(&read, &trace).await.map_err(to_js)?;
            }
            let layers = top.layers.iter();
            plain(&TopSeen {
                state: layers.map(|own| table(own, count)).collect(),
                unread,
            })
        }))
    }

    /// Draws units of a layer in further pictures. Parts are `TopTilesPart`, in the order of the pictures.
    ///
    /// # Errors
    /// Codes `no-network`, `unknown-layer`, `out-of-range`, `image-…` for a picture that cannot be read, `execution`.
    #[wasm_bindgen(js_name = topTiles, unchecked_return_type = "Promise<null>")]
    pub fn top_tiles(
        &self,
        #[wasm_bindgen(unchecked_param_type = "TopTilesAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let TopTilesAsk { layer, rule, units } = asked("tiles", ask)?;
        let network = Rc::clone(self.network()?);
        equal("pictures to draw units of", units.len(), pictures.len())?;
        // Running as far as the layer needs is what a watch of that layer does.
        let watch = Top::new(&network, &[layer.as_str()], 1).map_err(to_js)?;
        let listener = Listener::from(tell);
        Ok(answer(async move {
            for (at, (units, picture)) in units.iter().zip(&pictures).enumerate() {
                let prepared = prepare(&network, picture)?;
                let input = prepared.tensor(&network).map_err(to_js)?;
                let trace = watch.forward(&network, input).map_err(to_js)?;
                for units in units.chunks(TOGETHER) {
                    let drawn = tiles(&network, &trace, 0, &layer, units, rule);
                    let drawn = drawn.await.map_err(to_js)?;
                    let drawn = units.iter().zip(&drawn);
                    let drawn = drawn.map(|(unit, tile)| told(*unit, tile, &prepared, &network));
                    let part = TopTilesPart {
                        picture: at,
                        tiles: drawn.collect(),
                    };
                    if listener.tell(&part).await.is_break() {
                        return Ok(JsValue::NULL);
                    }
                }
            }
            Ok(JsValue::NULL)
        }))
    }
}

fn told(unit: [usize; 3], tile: &Tile, prepared: &Prepared, network: &Network) -> TopTile {
    let input = &network.model.input;
    TopTile {
        unit,
        window: tile.view,
        scale: tile.scale(),
        projection: picture(&tile.picture(input)),
        patch: picture(&tile.patch(prepared, input)),
    }
}

/// What is said of a picture that cannot be read; any other failure is one of the question.
fn unreadable(number: usize, error: JsValue) -> Result<Unread, JsValue> {
    let said = |field: &str| Reflect::get(&error, &field.into()).ok()?.as_string();
    match said("code").filter(|code| code.starts_with("image-")) {
        Some(code) => Ok(Unread {
            number,
            code,
            message: said("message").unwrap_or_default(),
            kind: said("kind"),
        }),
        None => Err(error),
    }
}

/// The winners of a layer as tables.
fn table(watched: &Watched, count: usize) -> TopLayer {
    let (activation, unit) = watched.places(count);
    TopLayer {
        layer: watched.layer.clone(),
        activation: floats(&activation),
        unit: Typed(Int32Array::from(unit.as_slice())),
    }
}

/// The winners from their tables, which may come from a browser's storage.
fn known(network: &Network, state: &[TopLayer], count: usize) -> Result<Top, JsValue> {
    let names: Vec<&str> = state.iter().map(|one| one.layer.as_str()).collect();
    let mut top = Top::new(network, &names, count).map_err(to_js)?;
    // The watched layers stand in the order of the network.
    for TopLayer {
        layer,
        activation,
        unit,
    } in state
    {
        let (activation, unit) = (activation.0.to_vec(), unit.0.to_vec());
        let Some(own) = top.layers.iter_mut().find(|own| own.layer == *layer) else {
            continue;
        };
        let places = own.maps.len() * count;
        equal("winners' activations", places, activation.len())?;
        equal("winners' units", places * 3, unit.len())?;
        for (at, activation) in activation.into_iter().enumerate() {
            let place = [0, 1, 2].map(|axis| usize::try_from(unit[at * 3 + axis]));
            if let [Ok(picture), Ok(row), Ok(col)] = place {
                own.maps[at / count].push(Winner {
                    picture,
                    row,
                    col,
                    activation,
                });
            }
        }
    }
    top.check(network).map_err(to_js)?;
    Ok(top)
}

fn equal(subject: &str, expected: usize, found: usize) -> Result<(), JsValue> {
    match expected == found {
        true => Ok(()),
        false => Err(to_js(Error::OutOfRange {
            subject: subject.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        })),
    }
}
