//! Which maps answer in a region, for the page: layer by layer.

use js_sys::{Function, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::since::region::{Answering, Ask, LayerFound, MapFound};
use zfnet::experiments::{Experiment, Step};
use zfnet_typescript::{TypeScript, declare};

use super::{Subject, Told, Written, asked, put};
use crate::engine::Engine;
use crate::results::plain;

declare![Ask, RegionPart, Found, LayerFound, MapFound];

/// Counted in layers.
#[derive(Serialize, TypeScript)]
struct RegionPart<'a> {
    done: usize,
    total: usize,
    found: Found<'a>,
}

/// The layers as far as they are known, and all that is written down of them.
#[derive(Serialize, TypeScript)]
#[serde(rename = "RegionAnswer")]
struct Found<'a> {
    layers: Vec<LayerFound<'a>>,
    written: Written,
}

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
        put::<Answering>(self, asked(Answering::NAME, ask)?, tell)
    }
}

impl Told for Answering {
    fn part(subject: &Subject, step: &Step<&Self>) -> Result<JsValue, JsValue> {
        plain(&RegionPart {
            done: step.done,
            total: step.total,
            found: Found::of(step.part, subject),
        })
    }

    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue> {
        plain(&Found::of(self, subject))
    }
}

impl<'a> Found<'a> {
    fn of(found: &'a Answering, subject: &Subject) -> Self {
        Self {
            layers: found.found(),
            written: subject.written(found),
        }
    }
}
