//! Whether a class's probability rests on the pixels that a map calls relevant, for the page: both curves, as they come.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use zfnet::experiments::shared::{Record, Step};
use zfnet::experiments::since::deletion_insertion::DeletionInsertion;

use super::{Subject, Told, put};
use crate::engine::Engine;
use crate::results::{Fields, plain};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What stands where a pixel of the picture does not: the mean colour, or the picture blurred. */
export type RemovedFill = 'mean' | 'blur';
/** How finely, as `zfnet::experiments::since::deletion_insertion::Settings`; `class` null: the most probable. */
export interface RemovalSettings {
  class: number | null; steps: number; deletion: RemovedFill; insertion: RemovedFill; seed: number; batch: number;
}
/** `relevance`: how much each pixel counts, row by row; null: by chance. */
export interface DeletionInsertionAsk { relevance: Float32Array | null; settings: RemovalSettings }
/** The class's probability, and the area below it: null before the last point. */
export interface RemovalCurve { probability: number[]; area: number | null }
/** Both curves as they are written down, as far as they are known; `share` of the pixels at each point, from 0 to 1. */
export interface DeletionInsertion { share: number[]; deletion: RemovalCurve; insertion: RemovalCurve }
/** Counted in points of both curves, a forward pass each. */
export interface DeletionInsertionPart { done: number; total: number; found: DeletionInsertion }
"#;

#[wasm_bindgen]
impl Engine {
    /// Takes the pixels of the photograph on view out, and brings them in, the most relevant first. Parts are
    /// `DeletionInsertionPart`, the answer is `DeletionInsertion`.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `no-network` without the classifier, `out-of-range`, `weights`, `execution`.
    #[wasm_bindgen(js_name = deletionInsertion, unchecked_return_type = "Promise<DeletionInsertion>")]
    pub fn deletion_insertion(
        &self,
        #[wasm_bindgen(unchecked_param_type = "DeletionInsertionAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        put::<DeletionInsertion>(self, ask, tell)
    }
}

impl Told for DeletionInsertion {
    fn part(subject: &Subject, step: &Step<&Self>) -> Result<JsValue, JsValue> {
        Ok(Fields::new()
            .with("done", step.done as u32)
            .with("total", step.total as u32)
            .with("found", step.part.whole(subject)?)
            .done())
    }

    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue> {
        plain(&self.numbers(&subject.network.model.classes))
    }
}
