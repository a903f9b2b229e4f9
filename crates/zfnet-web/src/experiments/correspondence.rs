//! Correspondence (section 4.3, table 1) for the page: the table of scores as it fills.

use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::Network;
use zfnet::experiments::Step;
use zfnet::experiments::paper::correspondence::{
    self, Correspondence, LayerScores, Part, Score, Settings, Verdict,
};
use zfnet::experiments::shared::covering::{Fill, Rectangle};
use zfnet_typescript::{TypeScript, declare};

use super::{Listener, Written, answer, asked, prepared, written};
use crate::engine::Engine;
use crate::error::{coded, to_js};
use crate::results::plain;

declare![
    Rectangle,
    Part,
    Score,
    Verdict,
    LayerScores,
    CorrespondenceAsk,
    CorrespondencePart,
    Found,
];

/// About the further pictures of the question alone.
#[derive(Deserialize, TypeScript)]
struct CorrespondenceAsk {
    /// Each with its boxes, in the order of the pictures.
    parts: Vec<Part>,
    /// Null: the table's own, the last convolution and the last hidden dense layer.
    layers: Option<Vec<String>>,
    fill: Fill,
    random: usize,
    seed: u64,
    batch: usize,
}

#[derive(Serialize, TypeScript)]
struct CorrespondencePart<'a> {
    done: usize,
    total: usize,
    found: Found<'a>,
}

#[derive(Serialize, TypeScript)]
#[serde(rename = "CorrespondenceResult")]
struct Found<'a> {
    layers: &'a [LayerScores],
    /// Boxes at random places, for each part, for each position, for each picture.
    random: &'a [Vec<Vec<Rectangle>>],
    /// Pairs of pictures, and whether they allow a conclusion.
    pairs: usize,
    conclusive: bool,
    /// What each layer says of each part; null until all is known, and of too few pairs.
    verdicts: Vec<Option<Vec<Verdict>>>,
    written: Written,
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
        let ask: CorrespondenceAsk = asked("correspondence", ask)?;
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
            let count = inputs.len();
            let pictures = burn::tensor::Tensor::cat(inputs, 0);
            let heard = async |step: Step<&Correspondence>| {
                let part = CorrespondencePart {
                    done: step.done,
                    total: step.total,
                    found: Found::of(step.part, count, &network),
                };
                listener.tell(&part).await
            };
            let found =
                correspondence::correspond(&network, pictures, &ask.parts, &settings, heard)
                    .await
                    .map_err(to_js)?;
            plain(&Found::of(&found, count, &network))
        }))
    }
}

impl<'a> Found<'a> {
    fn of(found: &'a Correspondence, pictures: usize, network: &Network) -> Self {
        Self {
            layers: &found.layers,
            random: &found.random,
            pairs: correspondence::pairs(pictures),
            conclusive: correspondence::is_conclusive(pictures),
            verdicts: { found.layers.iter() }
                .map(|layer| layer.verdicts(pictures))
                .collect(),
            written: written(network, found),
        }
    }
}
