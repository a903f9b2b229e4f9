//! Where a class's score comes from, by the family of methods, for the page: each answer as it comes, coarse first.

use js_sys::{Float32Array, Function, Promise, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::attribution::{self, Attribution, Baseline, Completeness, Method};
use zfnet::pictures::rendering::magnitude;
use zfnet::{Network, Trace};
use zfnet_typescript::{TypeScript, declare};

use super::{Listener, Subject, Written, answer, asked};
use crate::engine::Engine;
use crate::error::{coded, to_js};
use crate::results::{Typed, floats};

declare![
    Method,
    Baseline,
    Completeness,
    AttributionAsk,
    AttributionQuestion,
    HeadFile,
    AttributionPart,
    Found,
];

/// Questions are answered in their order.
#[derive(Deserialize, TypeScript)]
struct AttributionAsk {
    questions: Vec<AttributionQuestion>,
    heads: Vec<HeadFile>,
    /// Pictures that go through the network at once.
    batch: usize,
}

#[derive(Deserialize, TypeScript)]
struct AttributionQuestion {
    method: Method,
    class: usize,
    /// Its place among the heads; null: the network itself.
    head: Option<usize>,
}

/// Another end on the network's features: the bytes of its file.
#[derive(Deserialize, TypeScript)]
pub(super) struct HeadFile {
    pub(super) name: String,
    bytes: Typed<Uint8Array>,
}

#[derive(Serialize, TypeScript)]
pub(super) struct AttributionPart {
    /// Which question.
    pub(super) at: usize,
    /// Passes.
    pub(super) done: usize,
    pub(super) of: usize,
    /// What they amount to so far; null before the first.
    pub(super) found: Option<Found>,
    /// How alike the whole answer is to that of the same method for an earlier class, from -1 to 1.
    pub(super) likeness: Option<f64>,
}

#[derive(Serialize, TypeScript)]
#[serde(rename = "Attribution", rename_all = "camelCase")]
pub(super) struct Found {
    class: usize,
    /// Of the class, before the softmax.
    score: f32,
    /// Channels (red, green and blue, or one of a map), rows and columns.
    shape: [usize; 3],
    /// Planar, signed.
    values: Typed<Float32Array>,
    /// How much each place counts, never negative, row by row.
    relevance: Typed<Float32Array>,
    /// What 99.5 % of all places do not exceed: of the relevance.
    scale: f32,
    /// Likewise, of the magnitude of the values.
    signed_scale: f32,
    /// The smallest share of all places that holds half of the energy.
    half: f64,
    /// Row and column, the first of equals.
    strongest: [usize; 2],
    /// Of integrated gradients.
    completeness: Option<Completeness>,
    /// Standard deviation of SmoothGrad's noise, in the numbers of the input.
    sigma: Option<f32>,
    /// All numbers of it.
    written: Written,
}

#[wasm_bindgen]
impl Engine {
    /// Attributes scores of classes to the pixels of the photograph on view. Parts are `AttributionPart`, the answer is how
    /// many questions were answered to the end.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `no-network` without the classifier, `weights` for a head of another network
    /// or a method that the network has no answer to, `unknown-layer`, `out-of-range`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<number>")]
    pub fn attribution(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AttributionAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let ask: AttributionAsk = asked("attribution", ask)?;
        let subject = self.subject()?;
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let heads = headed(&subject, &ask.heads).await?;
            let mut answered: Vec<Attribution> = Vec::with_capacity(ask.questions.len());
            for (at, question) in ask.questions.iter().enumerate() {
                let (network, trace) = match question.head {
                    None => (&*subject.network, subject.trace()),
                    Some(head) => {
                        let (network, trace) = heads
                            .get(head)
                            .ok_or_else(|| coded("out-of-range", &format!("no head {head}")))?;
                        (network, trace)
                    }
                };
                let AttributionQuestion { method, class, .. } = question;
                let before = answered
                    .iter()
                    .find(|one| one.method == *method && one.class != *class);
                let heard = async |state: Step<Option<&Attribution>>| {
                    let whole = state.part.filter(|_| state.done == state.total);
                    let likeness = whole.zip(before).and_then(|(a, b)| a.likeness(b));
                    let part = AttributionPart {
                        at,
                        done: state.done,
                        of: state.total,
                        found: state.part.map(|found| described(&subject, found)),
                        likeness,
                    };
                    listener.tell(&part).await
                };
                let found =
                    attribution::attribute(network, trace, *class, method, ask.batch, heard)
                        .await
                        .map_err(to_js)?;
                match found {
                    Some(found) => answered.push(found),
                    None => break,
                }
            }
            Ok(JsValue::from(answered.len() as u32))
        }))
    }
}

/// The network with each of the heads, and what they make of the picture on view.
pub(super) async fn headed(
    subject: &Subject,
    heads: &[HeadFile],
) -> Result<Vec<(Network, Trace)>, JsValue> {
    let mut headed = Vec::with_capacity(heads.len());
    for head in heads {
        let network = subject
            .network
            .with_head(&head.bytes.0.to_vec())
            .await
            .map_err(to_js)?;
        let input = subject.seen.prepared.tensor(&network).map_err(to_js)?;
        let trace = network.forward(input).map_err(to_js)?;
        headed.push((network, trace));
    }
    Ok(headed)
}

pub(super) fn described(subject: &Subject, found: &Attribution) -> Found {
    let [channels, ..] = found.shape;
    let values = match channels {
        3 => subject
            .network
            .model
            .input
            .in_rgb_order(found.values.clone()),
        _ => found.values.clone(),
    };
    let relevance = found.relevance();
    Found {
        class: found.class,
        score: found.score,
        shape: found.shape,
        values: floats(&values),
        relevance: floats(&relevance),
        scale: magnitude(&relevance),
        signed_scale: magnitude(&values),
        half: found.half_of_the_energy(),
        strongest: found.strongest(),
        completeness: found.completeness,
        sigma: found.sigma,
        written: subject.written(found),
    }
}
