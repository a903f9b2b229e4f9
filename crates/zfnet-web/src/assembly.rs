//! A network that comes in pieces: what reads other people's files lies in another module's memory.

use std::collections::HashMap;

use burn::tensor::Device;
use wasm_bindgen::prelude::*;
use zfnet::files::weights::Shard;
use zfnet::network::model::Model;
use zfnet::{Error, Network};

use crate::error::to_js;

/// A description, which part of the network comes, and the numbers that have come so far.
#[wasm_bindgen]
pub struct Assembly {
    model: Model,
    shard: Shard,
    numbers: HashMap<String, Vec<f32>>,
}

#[wasm_bindgen]
impl Assembly {
    /// `model`: the JSON of a weights file; `shard`: what comes of it, `features`, `classifier` or `all`.
    ///
    /// # Errors
    /// Code `weights` for what is no description or no shard.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &str, shard: &str) -> Result<Self, JsValue> {
        let wrong = |error: serde_json::Error| Error::Weights {
            subject: "metadata".into(),
            expected: "the JSON of a network's description".into(),
            found: error.to_string(),
        };
        let wrong = |error| to_js(wrong(error));
        Ok(Self {
            model: serde_json::from_str(model).map_err(wrong)?,
            shard: serde_json::from_value(shard.into()).map_err(wrong)?,
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
    /// Whether it is the end of a network whose features are there.
    pub(crate) fn completes(&self) -> bool {
        self.shard == Shard::Classifier
    }

    pub(crate) fn network(self, device: &Device) -> zfnet::Result<Network> {
        let mut network = Network::described(self.model.clone(), device)?;
        self.fill(&mut network)?;
        Ok(network)
    }

    pub(crate) fn complete(self, network: &mut Network) -> zfnet::Result<()> {
        network.must_be_of(&self.model)?;
        self.fill(network)
    }

    fn fill(mut self, network: &mut Network) -> zfnet::Result<()> {
        network.fill(self.shard, |name, _| {
            self.numbers.remove(name).unwrap_or_default()
        })
    }
}
