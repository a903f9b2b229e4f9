//! What the network, or another head on its features, attends to, and what is left of the score without that (GAIN).

use js_sys::{Float32Array, Function, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::attention_mining::{self, Attended, Said, Threshold};
use zfnet::files::head::mined;
use zfnet::pictures::rendering;
use zfnet::{Network, readback};
use zfnet_typescript::{TypeScript, declare};

use super::attribution::{HeadFile, headed};
use super::{Listener, Subject, Written, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Picture, Typed, floats, picture};

declare![Threshold, Said, AttentionAsk, AttentionPart, Found];

/// Of the network itself, then of each of the heads.
#[derive(Deserialize, TypeScript)]
struct AttentionAsk {
    class: usize,
    heads: Vec<HeadFile>,
    threshold: Threshold,
}

#[derive(Serialize, TypeScript)]
struct AttentionPart<'a> {
    at: usize,
    /// Its name; null: the network itself.
    head: Option<&'a str>,
    /// Whether it was trained with attention mining.
    mined: bool,
    done: usize,
    of: usize,
    found: Found,
}

#[derive(Serialize, TypeScript)]
#[serde(rename = "Attention")]
struct Found {
    rows: usize,
    cols: usize,
    /// From 0 to 1, row by row.
    map: Typed<Float32Array>,
    /// Row and column of its largest number, the first of equals.
    strongest: [usize; 2],
    /// Share of the picture that is taken out.
    removed: f64,
    /// The photograph without it; the mean colour is in its place.
    left: Picture,
    before: Said,
    /// Null before the second pass.
    after: Option<Said>,
    /// All numbers of it.
    written: Written,
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
        let ask: AttentionAsk = asked("attention", ask)?;
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
                    let part = AttentionPart {
                        at,
                        head: name,
                        mined: mined(&network.model),
                        done: state.done,
                        of: state.total,
                        found: described(&subject, network, &paper, state.part),
                    };
                    listener.tell(&part).await
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
    fn picture(&self, values: &[f32], [height, width]: [usize; 2]) -> rendering::Picture {
        let plane = height * width;
        let byte = |at: usize| {
            let share = (values[at] - self.black[at]) / (self.white[at] - self.black[at]);
            (share.clamp(0.0, 1.0) * 255.0).round() as u8
        };
        let pixel = |at: usize| [byte(at), byte(plane + at), byte(2 * plane + at), 255];
        rendering::Picture {
            width,
            height,
            rgba: (0..plane).flat_map(pixel).collect(),
        }
    }
}

fn described(subject: &Subject, network: &Network, paper: &Paper, found: &Attended) -> Found {
    let [rows, cols] = found.size;
    let left = network.model.input.in_colours(found.removed.clone());
    Found {
        rows,
        cols,
        map: floats(&found.map),
        strongest: found.strongest(),
        removed: found.removed_share(),
        left: picture(&paper.picture(&left, found.size)),
        before: found.before,
        after: found.after,
        written: subject.written(found),
    }
}
