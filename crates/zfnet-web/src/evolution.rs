//! The picture on view as an earlier state of the training saw it: one checkpoint after the other, each gone before the
//! next one comes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::paper::evolution;
use zfnet::pictures::rendering::Stretch;
use zfnet::{Error, ReluRule, Targets, Trace};
use zfnet_typescript::{TypeScript, declare};

use crate::engine::Engine;
use crate::error::to_js;
use crate::experiments::asked;
use crate::results::plain;
use crate::views::{Manner, Projection, draw};

declare![CheckpointAsk, CheckpointFrame];

/// The answers of the checkpoint before; its weights are gone.
pub(crate) struct Before {
    picture: String,
    at: u32,
    trace: Trace,
}

/// Which checkpoint this is, and what is asked of it.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
struct CheckpointAsk {
    /// Tells the picture on view from every other: answers are compared only where the picture is the same.
    picture: String,
    /// Its place in the training, from 0.
    at: u32,
    /// How many checkpoints there are.
    of: u32,
    layer: String,
    map: usize,
    rule: ReluRule,
    stretch: Stretch,
    shared_scale: Option<f32>,
}

#[derive(Serialize, TypeScript)]
struct CheckpointFrame<'a> {
    /// Of the map's strongest unit in this checkpoint.
    projection: &'a Projection,
    /// How far the answers of each layer are from those of the checkpoint before, as a share; null when that one was not there.
    moved: Option<BTreeMap<&'a str, f32>>,
}

#[wasm_bindgen]
impl Engine {
    /// Shows the picture of the last look to a checkpoint, and projects the strongest unit of one of its maps.
    ///
    /// The checkpoint's weights live as long as this call; its answers stay until the next checkpoint has been compared
    /// with them.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `weights` when the file is none or of another kind of network,
    /// `unknown-layer`, `out-of-range`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "CheckpointFrame")]
    pub async fn checkpoint(
        &mut self,
        shard: Vec<u8>,
        #[wasm_bindgen(unchecked_param_type = "CheckpointAsk")] ask: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: CheckpointAsk = asked("checkpoint", ask)?;
        let prepared = &self.seen()?.prepared;
        let checkpoint = self.read(&shard)?;
        // The numbers are on the device now.
        drop(shard);
        let (size, expected) = (
            checkpoint.model.input.size,
            self.network()?.model.input.size,
        );
        if size != expected {
            return Err(to_js(Error::Weights {
                subject: "checkpoint".into(),
                expected: format!(
                    "an input of {}×{} pixels, as the network on view",
                    expected[0], expected[1]
                ),
                found: format!("{}×{} pixels", size[0], size[1]),
            }));
        }
        let trace = checkpoint
            .forward(prepared.tensor(&checkpoint).map_err(to_js)?)
            .map_err(to_js)?;
        let frame = evolution::frame(&checkpoint, &trace, &ask.layer, ask.map, ask.rule)
            .await
            .map_err(to_js)?;
        let manner = Manner {
            rule: ask.rule,
            stretch: ask.stretch,
            shared: ask.shared_scale,
        };
        let targets = Targets::Units(ask.layer.clone(), vec![frame.unit.into()]);
        let drawn = draw(
            frame.projections,
            &targets,
            &ask.layer,
            &manner,
            &checkpoint,
            prepared,
        )
        .await?;
        let follows = |before: &&Before| {
            before.picture == ask.picture && before.at.checked_add(1) == Some(ask.at)
        };
        let moved = match self.before.as_ref().filter(follows) {
            None => None,
            Some(before) => {
                let layers = checkpoint.convolutions();
                let moved = evolution::moved(&before.trace, &trace, &layers)
                    .await
                    .map_err(to_js)?;
                Some(layers.into_iter().zip(moved).collect())
            }
        };
        self.before = (ask.at.saturating_add(1) < ask.of).then_some(Before {
            picture: ask.picture,
            at: ask.at,
            trace,
        });
        plain(&CheckpointFrame {
            projection: &drawn[0],
            moved,
        })
    }
}
