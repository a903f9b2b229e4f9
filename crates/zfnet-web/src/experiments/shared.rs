//! Long questions that several engines of one network and picture share: their batches one by one, and what the first of them
//! come to. All of them come to what one engine answers alone, part by part.

use js_sys::{Float32Array, Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::paper::occlusion::{Occlusion, Part, Settings};
use zfnet::experiments::since::attribution::ScoreCam;
use zfnet_typescript::{TypeScript, declare};

use super::attribution::{AttributionPart, described};
use super::occlusion::{OcclusionSeen, occluder};
use super::{Subject, Told, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Typed, floats, plain};

declare![Shared, Stage<()>, ScoreCamAsk];

/// A question, and a step of it.
#[derive(Deserialize, TypeScript)]
#[serde(rename = "SharedAsk", rename_all = "camelCase")]
enum Shared {
    Occlusion(Settings, Stage<Vec<OcclusionSeen>>),
    /// Also what is found for another class that it is compared with.
    ScoreCam(
        ScoreCamAsk,
        Stage<Typed<Float32Array>>,
        Option<Vec<Typed<Float32Array>>>,
    ),
}

/// How many batches there are: a number; what is found in one; what is told once the first ones are found: `OcclusionPart`, or
/// `AttributionPart` of a question at 0.
#[derive(Deserialize, TypeScript)]
#[serde(rename = "SharedStep", rename_all = "camelCase")]
enum Stage<Found> {
    Batches,
    Batch(usize),
    Joined(Vec<Found>),
}

/// Score-CAM of a score of the network's own.
#[derive(Deserialize, TypeScript)]
struct ScoreCamAsk {
    layer: String,
    class: usize,
    /// Maps that are masks together.
    batch: usize,
}

#[wasm_bindgen]
impl Engine {
    /// A step of a shared question.
    ///
    /// # Errors
    /// Those of the question.
    #[wasm_bindgen(unchecked_return_type = "Promise<any>")]
    pub fn shared(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SharedAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let ask: Shared = asked("shared", ask)?;
        let subject = self.subject()?;
        Ok(answer(async move {
            match ask {
                Shared::Occlusion(settings, stage) => occlusion(&subject, &settings, stage).await,
                Shared::ScoreCam(masks, stage, other) => {
                    score_cam(&subject, &masks, stage, other).await
                }
            }
        }))
    }
}

async fn occlusion(
    subject: &Subject,
    settings: &Settings,
    stage: Stage<Vec<OcclusionSeen>>,
) -> Result<JsValue, JsValue> {
    let occluder = occluder(subject, settings).await?;
    let batches = occluder.batches();
    let mut so_far = occluder.grid();
    let seen = match stage {
        Stage::Batches => return Ok(JsValue::from(batches.len() as u32)),
        Stage::Batch(at) => {
            let places = batches.get(at).map_or(&[][..], Vec::as_slice);
            let corners: Vec<_> = places.iter().map(|at| so_far.positions[*at]).collect();
            let seen = occluder.covered(&corners).await.map_err(to_js)?;
            let seen: Vec<_> = seen.into_iter().map(OcclusionSeen::from).collect();
            return plain(&seen);
        }
        Stage::Joined(seen) => seen,
    };
    let first = &batches[..seen.len().min(batches.len())];
    for (at, seen) in first.iter().flatten().zip(seen.into_iter().flatten()) {
        so_far.seen[*at] = Some(seen.into());
    }
    let step = Step {
        done: first.iter().map(Vec::len).sum(),
        total: so_far.positions.len(),
        part: Part {
            fresh: first.last().map_or(&[][..], Vec::as_slice),
            so_far: &so_far,
        },
    };
    <Occlusion as Told>::part(subject, &step)
}

async fn score_cam(
    subject: &Subject,
    ask: &ScoreCamAsk,
    stage: Stage<Typed<Float32Array>>,
    other: Option<Vec<Typed<Float32Array>>>,
) -> Result<JsValue, JsValue> {
    let (network, trace) = (&subject.network, subject.trace());
    let masks = ScoreCam::new(network, trace, ask.class, &ask.layer, ask.batch)
        .await
        .map_err(to_js)?;
    let batches = masks.batches();
    let numbers = |scores: Vec<Typed<Float32Array>>| -> Vec<Vec<f32>> {
        scores.iter().map(|scores| scores.0.to_vec()).collect()
    };
    let scores = match stage {
        Stage::Batches => return Ok(JsValue::from(batches.len() as u32)),
        Stage::Batch(at) => {
            let maps = batches.get(at).map_or(&[][..], Vec::as_slice);
            return plain(&floats(&masks.scores(maps).await.map_err(to_js)?));
        }
        Stage::Joined(scores) => numbers(scores),
    };
    let done = scores.iter().map(Vec::len).sum();
    let of = batches.iter().map(Vec::len).sum();
    let found = masks.so_far(&scores);
    let whole = found.as_ref().filter(|_| done == of).zip(other);
    let likeness = whole.and_then(|(found, other)| found.likeness(&masks.found(&numbers(other))));
    plain(&AttributionPart {
        at: 0,
        done,
        of,
        found: found.map(|found| described(subject, &found)),
        likeness,
    })
}
