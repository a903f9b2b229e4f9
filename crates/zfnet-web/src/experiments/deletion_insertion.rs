//! Whether a class's probability rests on the pixels that a map calls relevant, for the page: both curves, as they come.

use js_sys::{Float32Array, Function, Promise};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use zfnet::experiments::shared::record;
use zfnet::experiments::since::deletion_insertion::{
    Ask, Curve, DeletionInsertion, Fill, Settings,
};
use zfnet::experiments::{Experiment, Step};
use zfnet_typescript::{TypeScript, declare};

use super::{Subject, Told, asked, put};
use crate::engine::Engine;
use crate::results::{Typed, plain};

declare![
    Settings,
    Fill,
    Curve,
    DeletionInsertionAsk,
    DeletionInsertionPart,
    Found,
];

#[derive(Deserialize, TypeScript)]
struct DeletionInsertionAsk {
    /// How much each pixel counts, row by row; null: by chance.
    relevance: Option<Typed<Float32Array>>,
    settings: Settings,
}

/// Counted in points of both curves, a forward pass each.
#[derive(Serialize, TypeScript)]
struct DeletionInsertionPart<'a> {
    done: usize,
    total: usize,
    found: Found<'a>,
}

/// Both curves as they are written down, as far as they are known.
#[derive(Serialize, TypeScript)]
#[serde(rename = "DeletionInsertion")]
struct Found<'a> {
    class: Value,
    /// Of the pixels at each point, from 0 to 1.
    share: &'a [f64],
    deletion: &'a Curve,
    insertion: &'a Curve,
}

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
        let ask: DeletionInsertionAsk = asked(DeletionInsertion::NAME, ask)?;
        let ask = Ask {
            relevance: ask.relevance.map(|each| each.0.to_vec()),
            settings: ask.settings,
        };
        put::<DeletionInsertion>(self, ask, tell)
    }
}

impl Told for DeletionInsertion {
    fn part(subject: &Subject, step: &Step<&Self>) -> Result<JsValue, JsValue> {
        plain(&DeletionInsertionPart {
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
    fn of(found: &'a DeletionInsertion, subject: &Subject) -> Self {
        Self {
            class: record::class(&subject.network.model.classes, found.class),
            share: &found.share,
            deletion: &found.deletion,
            insertion: &found.insertion,
        }
    }
}
