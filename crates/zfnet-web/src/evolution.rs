//! The picture on view as an earlier state of the training saw it: one checkpoint after the other, each gone before the
//! next one comes.

use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::paper::evolution;
use zfnet::pictures::rendering::Stretch;
use zfnet::{Error, ReluRule, Targets, Trace};

use crate::engine::Engine;
use crate::error::{coded, to_js};
use crate::results::Fields;
use crate::views::{Manner, draw};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Which checkpoint this is, and what is asked of it. */
export interface CheckpointAsk {
  /** Tells the picture on view from every other: answers are compared only where the picture is the same. */
  picture: string;
  /** Its place in the training, from 0. */ at: number;
  /** How many checkpoints there are. */ of: number;
  layer: string; map: number; rule: Rule; stretch: Stretch; sharedScale: number | null;
}
export interface CheckpointFrame {
  /** Of the map's strongest unit in this checkpoint. */ projection: Projection;
  /** How far the answers of each layer are from those of the checkpoint before, as a share; null when that one was not there. */
  moved: Record<string, number> | null;
}
"#;

/// The answers of the checkpoint before; its weights are gone.
pub(crate) struct Before {
    picture: String,
    at: u32,
    trace: Trace,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    picture: String,
    at: u32,
    of: u32,
    layer: String,
    map: usize,
    rule: ReluRule,
    stretch: Stretch,
    shared_scale: Option<f32>,
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
        let ask: Ask = serde_wasm_bindgen::from_value(ask)
            .map_err(|e| coded("out-of-range", &format!("checkpoint: {e}")))?;
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
            None => JsValue::NULL,
            Some(before) => {
                let layers = checkpoint.convolutions();
                let moved = evolution::moved(&before.trace, &trace, &layers)
                    .await
                    .map_err(to_js)?;
                layers
                    .iter()
                    .zip(moved)
                    .fold(Fields::new(), |all, (layer, share)| all.with(layer, share))
                    .done()
            }
        };
        self.before = (ask.at.saturating_add(1) < ask.of).then_some(Before {
            picture: ask.picture,
            at: ask.at,
            trace,
        });
        Ok(Fields::new()
            .with("projection", drawn.get(0))
            .with("moved", moved)
            .done())
    }
}
