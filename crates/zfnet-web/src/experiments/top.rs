//! The strongest pictures of a set (figure 2) for the page: some pictures compete at a time, and winners are drawn on demand.
//!
//! The winners so far travel with every question and come back with its answer, so the engine has nothing to remember: a
//! question that is cancelled, or an engine that is started again, loses no more than the pictures of that question.

use std::rc::Rc;

use burn::tensor::Tensor;
use js_sys::{Array, Float32Array, Function, Int32Array, Promise, Reflect};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::deconvnet::tile::{Tile, tiles};
use zfnet::experiments::paper::top::{Top, Watched, Winner};
use zfnet::{Error, Network, Prepared, ReluRule};

use super::{Listener, answer, asked, prepare};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, floats, list, picture, window};

/// Units that are projected before the page hears of them, and others get their turn.
const TOGETHER: usize = 8;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A layer's winners as tables, a row for each map and the strongest first: [maps, count] and, as picture, row, column, [maps, count, 3]; 0 and -1 where nobody has won. */
export interface TopLayer { layer: string; activation: Float32Array; unit: Int32Array }
/** What is known: `null` at first, when all layers that are looked at are to be watched; the pictures' numbers in their set; how many go through the network together; and who won among pictures that were looked at elsewhere. */
export interface TopAsk { state: TopLayer[] | null; count: number; numbers: number[]; together: number; others?: TopLayer[][] }
export interface TopSeen { state: TopLayer[]; unread: { number: number; code: string; message: string; kind: string | null }[] }
/** For each picture the units (map, row, column) to be drawn. */
export interface TopTilesAsk { layer: string; rule: Rule; units: [number, number, number][][] }
/** What a unit saw: its projection, drawn white at `scale`, and the patch. */
export interface TopTile { unit: [number, number, number]; window: Window; scale: number; projection: Picture; patch: Picture }
export interface TopTilesPart { picture: number; tiles: TopTile[] }
"#;

#[derive(Deserialize)]
struct Ask {
    count: usize,
    numbers: Vec<usize>,
    together: usize,
}

#[derive(Deserialize)]
struct TilesAsk {
    layer: String,
    rule: ReluRule,
    units: Vec<Vec<[usize; 3]>>,
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
        let state = Reflect::get(&ask, &"state".into())?;
        let others = Reflect::get(&ask, &"others".into())?;
        let Ask {
            count,
            numbers,
            together,
        } = asked("top", ask)?;
        let network = Rc::clone(self.network()?);
        let mut top = match state.is_object() {
            true => known(&network, &state, count)?,
            false => Top::new(&network, &network.looked_at(), count).map_err(to_js)?,
        };
        if others.is_object() {
            for other in Array::from(&others) {
                top.join(&known(&network, &other, count)?).map_err(to_js)?;
            }
        }
        equal("numbers of pictures", pictures.len(), numbers.len())?;
        Ok(answer(async move {
            let together = together.max(1);
            let unread = Array::new();
            let batches = numbers.chunks(together).zip(pictures.chunks(together));
            for (numbers, pictures) in batches {
                let (mut read, mut inputs) = (Vec::new(), Vec::new());
                for (number, picture) in numbers.iter().zip(pictures) {
                    match prepare(&network, picture) {
                        Ok(prepared) => {
                            read.push(*number);
                            inputs.push(prepared.tensor(&network).map_err(to_js)?);
                        }
                        Err(error) => {
                            unread.push(&unreadable(*number, error)?);
                        }
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
            Ok(Fields::new()
                .with("state", list(layers.map(|own| table(own, count))))
                .with("unread", unread)
                .done())
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
        let TilesAsk { layer, rule, units } = asked("tiles", ask)?;
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
                    let part = Fields::new()
                        .with("picture", at as u32)
                        .with("tiles", list(drawn));
                    if listener.tell(part.done()).await.is_break() {
                        return Ok(JsValue::NULL);
                    }
                }
            }
            Ok(JsValue::NULL)
        }))
    }
}

fn told(unit: [usize; 3], tile: &Tile, prepared: &Prepared, network: &Network) -> JsValue {
    let input = &network.model.input;
    Fields::new()
        .with("unit", list(unit.map(|at| JsValue::from(at as u32))))
        .with("window", window(tile.view))
        .with("scale", tile.scale())
        .with("projection", picture(&tile.picture(input)))
        .with("patch", picture(&tile.patch(prepared, input)))
        .done()
}

/// What is said of a picture that cannot be read; any other failure is one of the question.
fn unreadable(number: usize, error: JsValue) -> Result<JsValue, JsValue> {
    let said = |field: &str| match Reflect::get(&error, &field.into()) {
        Ok(value) if !value.is_undefined() => value,
        _ => JsValue::NULL,
    };
    let code = said("code");
    match code.as_string() {
        Some(name) if name.starts_with("image-") => Ok(Fields::new()
            .with("number", number as u32)
            .with("code", code)
            .with("message", said("message"))
            .with("kind", said("kind"))
            .done()),
        _ => Err(error),
    }
}

/// The winners of a layer as tables.
fn table(watched: &Watched, count: usize) -> JsValue {
    let (activation, unit) = watched.places(count);
    Fields::new()
        .with("layer", watched.layer.as_str())
        .with("activation", floats(&activation))
        .with("unit", Int32Array::from(unit.as_slice()))
        .done()
}

/// The winners from their tables, which may come from a browser's storage.
fn known(network: &Network, state: &JsValue, count: usize) -> Result<Top, JsValue> {
    let (mut names, mut tables) = (Vec::new(), Vec::new());
    for layer in Array::from(state) {
        let field = |name: &str| Reflect::get(&layer, &name.into());
        names.push(field("layer")?.as_string().unwrap_or_default());
        tables.push((
            Float32Array::new(&field("activation")?).to_vec(),
            Int32Array::new(&field("unit")?).to_vec(),
        ));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut top = Top::new(network, &names, count).map_err(to_js)?;
    // The watched layers stand in the order of the network.
    for (name, (activation, unit)) in names.iter().zip(tables) {
        let Some(own) = top.layers.iter_mut().find(|own| own.layer == *name) else {
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
