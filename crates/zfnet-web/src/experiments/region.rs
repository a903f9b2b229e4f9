//! Which maps answer in a region, for the page: layer by layer.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use zfnet::experiments::since::region::Answering;
use zfnet::experiments::{Record, Step};

use super::{Subject, Told, put};
use crate::engine::Engine;
use crate::results::{Fields, plain};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** `region` in pixels of the input; `layers` null: every convolution; `maps` of each at most. */
export interface RegionAsk { region: Rectangle; layers: string[] | null; maps: number }
/** A map that answers more inside: how its answers correlate with the region, their means, and its strongest unit there. */
export interface RegionFound {
  map: number; correlation: number; inside: number; outside: number; row: number; col: number; activation: number;
}
/** A layer, how many maps it has, and those that answer more inside, the highest correlation first. */
export interface RegionLayer { layer: string; maps: number; found: RegionFound[] }
/** The layers as far as they are known, and all that is written down of them. */
export interface RegionAnswer { layers: RegionLayer[]; written: Written }
/** Counted in layers. */
export interface RegionPart extends RegionAnswer { done: number; total: number }
"#;

#[wasm_bindgen]
impl Engine {
    /// Finds the maps of every layer that answer more in a region of the photograph on view than in the rest of it. Parts are
    /// `RegionPart`, the answer is `RegionAnswer`.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `no-network`, `out-of-range` for a region outside the input or all of it,
    /// `unknown-layer`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<RegionAnswer>")]
    pub fn region(
        &self,
        #[wasm_bindgen(unchecked_param_type = "RegionAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        put::<Answering>(self, ask, tell)
    }
}

impl Told for Answering {
    fn part(subject: &Subject, step: &Step<&Self>) -> Result<JsValue, JsValue> {
        Ok(told(step.part, subject)?
            .with("done", step.done as u32)
            .with("total", step.total as u32)
            .done())
    }

    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue> {
        Ok(told(self, subject)?.done())
    }
}

fn told(found: &Answering, subject: &Subject) -> Result<Fields, JsValue> {
    Ok(Fields::new()
        .with("layers", plain(&found.about()["layers"])?)
        .with("written", subject.written(found)?))
}
