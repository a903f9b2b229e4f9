//! A network that comes in pieces: what reads other people's files lies in another module's memory.

use std::collections::HashMap;

use burn::tensor::Device;
use wasm_bindgen::prelude::*;
use zfnet::network::model::Model;
use zfnet::{Error, Network};

use crate::error::to_js;

/// A description, and the numbers that have come so far.
#[wasm_bindgen]
pub struct Assembly {
    model: Model,
    numbers: HashMap<String, Vec<f32>>,
}

#[wasm_bindgen]
impl Assembly {
    /// `model`: the JSON of a weights file.
    ///
    /// # Errors
    /// Code `weights` for what is no description.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &str) -> Result<Self, JsValue> {
        let wrong = |error: serde_json::Error| Error::Weights {
            subject: "metadata".into(),
            expected: "the JSON of a network's description".into(),
            found: error.to_string(),
        };
        let model = serde_json::from_str(model).map_err(|error| to_js(wrong(error)))?;
        Ok(Self {
            model,
            numbers: HashMap::new(),
        })
    }

    /// The next numbers of a tensor, of which there will be `count`.
    pub fn add(&mut self, name: String, count: usize, part: &[f32]) {
        let room = || Vec::with_capacity(count);
        self.numbers
            .entry(name)
            .or_insert_with(room)
            .extend_from_slice(part);
    }
}

impl Assembly {
    pub(crate) fn network(mut self, device: &Device) -> zfnet::Result<Network> {
        Network::build(self.model, device, |name, _| {
            self.numbers.remove(name).unwrap_or_default()
        })
    }
}
