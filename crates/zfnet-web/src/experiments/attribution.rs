//! Where a class's score comes from, by the family of methods, for the page: each answer as it comes, coarse first.

use std::ops::ControlFlow;

use js_sys::{Float32Array, Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::attribution::{self, Attribution, Method};
use zfnet::pictures::rendering::magnitude;
use zfnet::{Network, Trace};

use super::{Listener, Subject, answer, asked};
use crate::engine::Engine;
use crate::error::{coded, to_js};
use crate::results::{Fields, floats, list, or_null, plain};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A method with its numbers, as `zfnet::experiments::since::attribution::Method`. */
export type AttributionMethod =
  | { method: 'saliency' | 'input_x_gradient' | 'guided_backprop' | 'cam' }
  | { method: 'smooth_grad'; samples: number; noise: number; seed: number }
  | { method: 'integrated_gradients'; steps: number; baseline: 'mean' | 'black' | 'white' }
  | { method: 'grad_cam' | 'guided_grad_cam' | 'score_cam'; layer: string };
/** Another end on the network's features: the bytes of its file. */
export interface HeadFile { name: string; bytes: Uint8Array }
/** `head`: its place among the heads; null: the network itself. */
export interface AttributionQuestion { method: AttributionMethod; class: number; head: number | null }
/** Questions are answered in their order; `batch`: pictures that go through the network at once. */
export interface AttributionAsk { questions: AttributionQuestion[]; heads: HeadFile[]; batch: number }
export interface Attribution {
  class: number; /** Of the class, before the softmax. */ score: number;
  /** Channels (red, green and blue, or one of a map), rows and columns. */ shape: [number, number, number];
  /** Planar, signed. */ values: Float32Array;
  /** How much each place counts, never negative, row by row. */ relevance: Float32Array;
  /** What 99.5 % of all places do not exceed: of the relevance, and of the magnitude of the values. */
  scale: number; signedScale: number;
  /** The smallest share of all places that holds half of the energy. */ half: number;
  /** Row and column, the first of equals. */ strongest: [number, number];
  /** The sum of all values, and the score less the baseline's: of integrated gradients. */
  completeness: { sum: number; difference: number } | null;
  /** All numbers of it. */ written: Written;
  /** Standard deviation of SmoothGrad's noise, in the numbers of the input. */ sigma: number | null;
}
export interface AttributionPart {
  /** Which question. */ at: number; /** Passes. */ done: number; of: number;
  /** What they amount to so far; null before the first. */ found: Attribution | null;
  /** How alike the whole answer is to that of the same method for an earlier class, from -1 to 1. */ likeness: number | null;
}
"#;

#[derive(Deserialize)]
struct Ask {
    questions: Vec<Question>,
    heads: Vec<HeadFile>,
    batch: usize,
}

#[derive(Deserialize)]
struct Question {
    method: Method,
    class: usize,
    head: Option<usize>,
}

/// Another end on the network's features, as the page fetched it.
#[derive(Deserialize)]
pub(super) struct HeadFile {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
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
        let ask: Ask = asked("attribution", ask)?;
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
                let Question { method, class, .. } = question;
                let before = answered
                    .iter()
                    .find(|one| one.method == *method && one.class != *class);
                let heard = async |state: Step<Option<&Attribution>>| {
                    let whole = state.part.filter(|_| state.done == state.total);
                    let likeness = whole.zip(before).and_then(|(a, b)| a.likeness(b));
                    let found = state.part.map(|found| described(&subject, found));
                    // What cannot be handed over ends the question as if nobody listened.
                    let Ok(found) = found.transpose() else {
                        return ControlFlow::Break(());
                    };
                    let part = part(state.done, state.total, found, likeness);
                    listener.tell(part.with("at", at as u32).done()).await
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

pub(super) fn part(
    done: usize,
    of: usize,
    found: Option<JsValue>,
    likeness: Option<f64>,
) -> Fields {
    Fields::new()
        .with("done", done as u32)
        .with("of", of as u32)
        .with("found", or_null(found))
        .with("likeness", or_null(likeness))
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
            .with_head(&head.bytes)
            .await
            .map_err(to_js)?;
        let input = subject.seen.prepared.tensor(&network).map_err(to_js)?;
        let trace = network.forward(input).map_err(to_js)?;
        headed.push((network, trace));
    }
    Ok(headed)
}

pub(super) fn described(subject: &Subject, found: &Attribution) -> Result<JsValue, JsValue> {
    let network = &subject.network;
    let [channels, ..] = found.shape;
    let values = match channels {
        3 => network.model.input.in_rgb_order(found.values.clone()),
        _ => found.values.clone(),
    };
    let relevance = found.relevance();
    let completeness = found.completeness.map(|whole| plain(&whole));
    let place = found.strongest().map(|v| JsValue::from(v as u32));
    Ok(Fields::new()
        .with("class", found.class as u32)
        .with("score", found.score)
        .with("shape", list(found.shape.map(|v| JsValue::from(v as u32))))
        .with("values", floats(&values))
        .with("scale", magnitude(&relevance))
        .with("signedScale", magnitude(&values))
        .with("half", found.half_of_the_energy())
        .with("strongest", list(place))
        .with("relevance", Float32Array::from(relevance.as_slice()))
        .with("completeness", or_null(completeness.and_then(Result::ok)))
        .with("sigma", or_null(found.sigma))
        .with("written", subject.written(found)?)
        .done())
}
