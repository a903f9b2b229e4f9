//! What the network, or another head on its features, attends to, and what is left of the score without that (GAIN).

use std::ops::ControlFlow;

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::attention_mining::{self, Attended, Threshold};
use zfnet::files::head::mined;
use zfnet::pictures::rendering::Picture;
use zfnet::{Network, readback};

use super::attribution::{HeadFile, headed};
use super::{Listener, Subject, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, floats, list, or_null, picture, plain};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What is taken out: the share `1 / (1 + exp(-omega (map - sigma)))` of each pixel. */
export interface AttentionThreshold { omega: number; sigma: number }
/** The network itself, then each of the heads. */
export interface AttentionAsk { class: number; heads: HeadFile[]; threshold: AttentionThreshold }
export interface AttentionSaid { score: number; probability: number }
export interface Attention {
  rows: number; cols: number;
  /** From 0 to 1, row by row. */ map: Float32Array;
  /** Row and column of its largest number, the first of equals. */ strongest: [number, number];
  /** Share of the picture that is taken out. */ removed: number;
  /** The photograph without it; the mean colour is in its place. */ left: Picture;
  before: AttentionSaid; /** Null before the second pass. */ after: AttentionSaid | null;
  /** All numbers of it. */ written: Written;
}
/** `head`: its name; null: the network itself. `mined`: trained with attention mining. */
export interface AttentionPart { at: number; head: string | null; mined: boolean; done: number; of: number; found: Attention }
"#;

#[derive(Deserialize)]
struct Ask {
    class: usize,
    heads: Vec<HeadFile>,
    threshold: Threshold,
}

#[wasm_bindgen]
impl Engine {
    /// Asks what is attended to in the photograph on view when a class is named. Parts are `AttentionPart`, the answer is of
    /// how many ends of the network it is known.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `no-network` without the classifier, `weights` for a head of another network
    /// or a network without convolutions, `out-of-range`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<number>")]
    pub fn attention(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AttentionAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let ask: Ask = asked("attention", ask)?;
        let subject = self.subject()?;
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let heads = headed(&subject, &ask.heads).await?;
            let itself = (None, &*subject.network, subject.trace());
            let named = ask.heads.iter().map(|head| Some(head.name.as_str()));
            let others = named
                .zip(&heads)
                .map(|(name, (network, trace))| (name, network, trace));
            let mut answered = 0u32;
            for (at, (name, network, trace)) in [itself].into_iter().chain(others).enumerate() {
                let paper = Paper::of(network).await?;
                let heard = async |state: Step<&Attended>| {
                    // What cannot be handed over ends the question as if nobody listened.
                    let Ok(found) = described(&subject, network, &paper, state.part) else {
                        return ControlFlow::Break(());
                    };
                    let part = Fields::new()
                        .with("at", at as u32)
                        .with("head", or_null(name))
                        .with("mined", mined(&network.model))
                        .with("done", state.done as u32)
                        .with("of", state.total as u32)
                        .with("found", found);
                    listener.tell(part.done()).await
                };
                let found =
                    attention_mining::attend(network, trace, ask.class, &ask.threshold, heard)
                        .await
                        .map_err(to_js)?;
                if found.is_none() {
                    break;
                }
                answered += 1;
            }
            Ok(JsValue::from(answered))
        }))
    }
}

/// The inputs that black and white make, planes in the order red, green, blue: what a colour of the input is on paper.
struct Paper {
    black: Vec<f32>,
    white: Vec<f32>,
}

impl Paper {
    async fn of(network: &Network) -> Result<Self, JsValue> {
        let plane = network.frame().iter().product::<usize>();
        let even = async |value: f32| {
            let input = network.input_of(vec![value; 3 * plane]).map_err(to_js)?;
            let values = readback::floats(input).await.map_err(to_js)?;
            Ok::<_, JsValue>(network.model.input.in_colours(values))
        };
        Ok(Self {
            black: even(0.0).await?,
            white: even(255.0).await?,
        })
    }

    /// An input as a picture.
    fn picture(&self, values: &[f32], [height, width]: [usize; 2]) -> Picture {
        let plane = height * width;
        let byte = |at: usize| {
            let share = (values[at] - self.black[at]) / (self.white[at] - self.black[at]);
            (share.clamp(0.0, 1.0) * 255.0).round() as u8
        };
        let pixel = |at: usize| [byte(at), byte(plane + at), byte(2 * plane + at), 255];
        Picture {
            width,
            height,
            rgba: (0..plane).flat_map(pixel).collect(),
        }
    }
}

fn described(
    subject: &Subject,
    network: &Network,
    paper: &Paper,
    found: &Attended,
) -> Result<JsValue, JsValue> {
    let [rows, cols] = found.size;
    let left = network.model.input.in_colours(found.removed.clone());
    let place = found.strongest().map(|v| JsValue::from(v as u32));
    let said = |said: &attention_mining::Said| plain(said).unwrap_or_default();
    Ok(Fields::new()
        .with("rows", rows as u32)
        .with("cols", cols as u32)
        .with("map", floats(&found.map))
        .with("strongest", list(place))
        .with("removed", found.removed_share())
        .with("left", picture(&paper.picture(&left, found.size)))
        .with("before", said(&found.before))
        .with("after", or_null(found.after.as_ref().map(said)))
        .with("written", subject.written(found)?)
        .done())
}
