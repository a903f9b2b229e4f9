//! Long questions that several engines of one network and picture share: their batches one by one, and what the first of them
//! come to. All of them come to what one engine answers alone, part by part.

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::paper::occlusion::{Classified, Occlusion, Part, Seen, Settings};
use zfnet::experiments::since::attribution::ScoreCam;

use super::occlusion::{occluder, told};
use super::{Subject, Told, answer, asked, attribution};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{floats, list};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Score-CAM of a score of the network's own; `batch`: maps that are masks together. */
export interface ScoreCamAsk { layer: string; class: number; batch: number }
/** How many batches there are: a number. What is found in one: `OcclusionSeen[]`, `Float32Array`. What is told once the first ones are found: `OcclusionPart`, `AttributionPart` of a question at 0. */
export type SharedStep<Found> = 'batches' | { batch: number } | { joined: Found[] };
/** Beside Score-CAM, what is found for another class that it is compared with. */
export type SharedAsk =
  | { occlusion: [OcclusionAsk, SharedStep<OcclusionSeen[]>] }
  | { scoreCam: [ScoreCamAsk, SharedStep<Float32Array>, other: Float32Array[] | null] };
"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Ask {
    Occlusion(Settings, Stage<Vec<Heard>>),
    ScoreCam(Masks, Stage<Vec<f32>>, Option<Vec<Vec<f32>>>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Stage<Found> {
    Batches,
    Batch(usize),
    Joined(Vec<Found>),
}

/// What was seen, as the page was told of it.
#[derive(Deserialize)]
struct Heard {
    activity: f32,
    probability: Option<f32>,
    label: Option<usize>,
}

#[derive(Deserialize)]
struct Masks {
    layer: String,
    class: usize,
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
        let ask: Ask = asked("shared", ask)?;
        let subject = self.subject()?;
        Ok(answer(async move {
            match ask {
                Ask::Occlusion(settings, stage) => occlusion(&subject, &settings, &stage).await,
                Ask::ScoreCam(masks, stage, other) => {
                    score_cam(&subject, &masks, &stage, other).await
                }
            }
        }))
    }
}

async fn occlusion(
    subject: &Subject,
    settings: &Settings,
    stage: &Stage<Vec<Heard>>,
) -> Result<JsValue, JsValue> {
    let occluder = occluder(subject, settings).await?;
    let batches = occluder.batches();
    let mut so_far = occluder.grid();
    let seen = match stage {
        Stage::Batches => return Ok(JsValue::from(batches.len() as u32)),
        Stage::Batch(at) => {
            let places = batches.get(*at).map_or(&[][..], Vec::as_slice);
            let corners: Vec<_> = places.iter().map(|at| so_far.positions[*at]).collect();
            let seen = occluder.covered(&corners).await.map_err(to_js)?;
            return Ok(list(seen.into_iter().map(|seen| told(seen).done())).into());
        }
        Stage::Joined(seen) => seen,
    };
    let first = &batches[..seen.len().min(batches.len())];
    for (at, heard) in first.iter().flatten().zip(seen.iter().flatten()) {
        so_far.seen[*at] = Some(heard.seen());
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
    Masks {
        layer,
        class,
        batch,
    }: &Masks,
    stage: &Stage<Vec<f32>>,
    other: Option<Vec<Vec<f32>>>,
) -> Result<JsValue, JsValue> {
    let (network, trace) = (&subject.network, subject.trace());
    let masks = ScoreCam::new(network, trace, *class, layer, *batch)
        .await
        .map_err(to_js)?;
    let batches = masks.batches();
    let scores = match stage {
        Stage::Batches => return Ok(JsValue::from(batches.len() as u32)),
        Stage::Batch(at) => {
            let maps = batches.get(*at).map_or(&[][..], Vec::as_slice);
            return Ok(floats(&masks.scores(maps).await.map_err(to_js)?).into());
        }
        Stage::Joined(scores) => scores,
    };
    let done = scores.iter().map(Vec::len).sum();
    let of = batches.iter().map(Vec::len).sum();
    let found = (done > 0).then(|| masks.found(scores));
    let whole = found.as_ref().filter(|_| done == of).zip(other);
    let likeness = whole.and_then(|(found, other)| found.likeness(&masks.found(&other)));
    let found = found.map(|found| attribution::described(subject, &found));
    let part = attribution::part(done, of, found.transpose()?, likeness);
    Ok(part.with("at", 0u32).done())
}

impl Heard {
    fn seen(&self) -> Seen {
        let said = self.probability.zip(self.label);
        Seen {
            activity: self.activity,
            class: said.map(|(probability, label)| Classified { probability, label }),
        }
    }
}
