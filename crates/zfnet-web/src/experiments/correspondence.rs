//! Correspondence (section 4.3, table 1) for the page: the table of scores as it fills.

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::Network;
use zfnet::experiments::Step;
use zfnet::experiments::paper::correspondence::{self, Correspondence, Part, Settings};
use zfnet::experiments::shared::covering::Fill;

use super::{Listener, answer, asked, prepared, written};
use crate::engine::Engine;
use crate::error::{coded, to_js};
use crate::results::{Fields, plain};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Pixels of the input. */
export interface Rectangle { top: number; left: number; rows: number; cols: number }
/** A part's boxes, in the order of the pictures of the question. */
export interface CorrespondencePartAsk { name: string; boxes: Rectangle[] }
/** About the further pictures of the question alone; layers that are null are the table's own, the last convolution and the last hidden dense layer. */
export interface CorrespondenceAsk {
  parts: CorrespondencePartAsk[]; layers: string[] | null; fill: Fill; random: number; seed: number; batch: number;
}
/** Share of units whose signs differ: mean and standard deviation over pairs of pictures; a single pair has no spread. */
export interface CorrespondenceScore { mean: number; spread: number | null }
/** Scores in the order of the parts; null where they have not come. */
export interface CorrespondenceLayer { layer: string; parts: (CorrespondenceScore | null)[]; random: (CorrespondenceScore | null)[] }
/** `random`: boxes at random places, for each part, for each position, for each picture. */
export interface CorrespondenceResult { layers: CorrespondenceLayer[]; random: Rectangle[][][]; written: Written }
export interface CorrespondencePart extends CorrespondenceResult { done: number; total: number }
"#;

#[derive(Deserialize)]
struct Ask {
    parts: Vec<Part>,
    layers: Option<Vec<String>>,
    fill: Fill,
    random: usize,
    seed: u64,
    batch: usize,
}

#[wasm_bindgen]
impl Engine {
    /// Covers the same parts of several pictures, and random boxes of their sizes, and compares what that changes. Parts are
    /// `CorrespondencePart`, the answer `CorrespondenceResult`.
    ///
    /// # Errors
    /// Codes `out-of-range` for fewer than two pictures, no part or a box outside the input, `unknown-layer`, `no-network`,
    /// `image-…` for a picture that cannot be read, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<CorrespondenceResult>")]
    pub fn correspondence(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CorrespondenceAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let ask: Ask = asked("correspondence", ask)?;
        let network = std::rc::Rc::clone(self.network()?);
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let inputs = prepared(&network, &pictures)?
                .iter()
                .map(|picture| picture.tensor(&network))
                .collect::<zfnet::Result<Vec<_>>>()
                .map_err(to_js)?;
            if inputs.is_empty() {
                return Err(coded(
                    "out-of-range",
                    "pictures to compare: expected at least 2, found 0",
                ));
            }
            let settings = Settings {
                layers: ask
                    .layers
                    .unwrap_or_else(|| Settings::table(&network).layers),
                fill: ask.fill,
                random: ask.random,
                seed: ask.seed,
                batch: ask.batch,
            };
            let pictures = burn::tensor::Tensor::cat(inputs, 0);
            let heard = async |step: Step<&Correspondence>| match described(&network, step.part) {
                Ok(part) => {
                    let part = part
                        .with("done", step.done as u32)
                        .with("total", step.total as u32);
                    listener.tell(part.done()).await
                }
                Err(_) => std::ops::ControlFlow::Break(()),
            };
            let found =
                correspondence::correspond(&network, pictures, &ask.parts, &settings, heard)
                    .await
                    .map_err(to_js)?;
            Ok(described(&network, &found)?.done())
        }))
    }
}

fn described(network: &Network, found: &Correspondence) -> Result<Fields, JsValue> {
    Ok(Fields::new()
        .with("layers", plain(&found.layers)?)
        .with("random", plain(&found.random)?)
        .with("written", written(network, found)?))
}
