//! A unit's favourite (activation maximisation) for the page, frame by frame.

use std::ops::ControlFlow;

use js_sys::{Function, Promise};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::activation_maximisation::{
    self, Climb, Method, Objective, Second, Settings, Target,
};

use super::{Listener, Subject, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, picture};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type FavouriteTarget =
  | { unit: { layer: string; unit: [number, number, number] } } | { map: { layer: string; map: number } } | { class: { class: number } };
/** The keys of `zfnet::experiments::since::activation_maximisation::Method`. */
export type FavouriteMethod = 'pixels' | 'maco' | 'accentuate';
/** How to climb, as `zfnet::experiments::since::activation_maximisation::Settings`; what is left out has its usual value for the method, which is pixels where none is named. */
export interface FavouriteSettings {
  method?: FavouriteMethod;
  steps?: number; rate?: number; jitter?: number; variation?: number; decay?: number; blur?: number; blur_every?: number;
  noise?: number; seed?: number; every?: number; crop?: number; crops?: number; grain?: number; near?: number;
}
/** `and`: a second target, and what it weighs beside the first. */
export interface FavouriteAsk { target: FavouriteTarget; and?: { target: FavouriteTarget; weight: number } | null; fromPhoto: boolean; settings: FavouriteSettings }
/** `and`: what the second target answers. `picture`: the part that the targets see. */
export interface FavouriteFrame { step: number; answer: number; and: number | null; picture: Picture }
/** A frame, what the targets answered where the climb began, the photograph's own part where that is accentuated, and all that is known. */
export interface FavouritePart extends FavouriteFrame { before: number; andBefore: number | null; photograph: Picture | null; written: Written }
"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    target: Target,
    and: Option<Second>,
    from_photo: bool,
    settings: Settings,
}

#[wasm_bindgen]
impl Engine {
    /// Climbs from noise, or from the photograph on view, to what a target, or two at once, answer to most. Parts are `FavouritePart`, the
    /// answer is the last of them.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `unknown-layer`, `out-of-range`, `no-network`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<FavouritePart>")]
    pub fn favourite(
        &self,
        #[wasm_bindgen(unchecked_param_type = "FavouriteAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let Ask {
            target,
            and,
            from_photo,
            settings,
        } = asked("favourite", ask)?;
        let subject = self.subject()?;
        let listener = Listener::from(tell);
        let objective = Objective { target, and };
        Ok(answer(async move {
            let from = match from_photo {
                true => {
                    let input = subject.seen.prepared.tensor(&subject.network);
                    Some(input.map_err(to_js)?)
                }
                false => None,
            };
            let mut failure = None;
            let heard = async |step: Step<&Climb>| match part(&subject, step.part) {
                Ok(part) => listener.tell(part).await,
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            };
            let climb = activation_maximisation::climb(
                &subject.network,
                &objective,
                from,
                &settings,
                heard,
            )
            .await
            .map_err(to_js)?;
            match failure {
                Some(error) => Err(error),
                None => part(&subject, &climb),
            }
        }))
    }
}

/// How the page usually climbs, by each method.
pub(super) fn usual() -> Map<String, Value> {
    let of = |method: Method| (method.name().to_owned(), json!(Settings::watched(method)));
    Method::ALL.map(of).into_iter().collect()
}

fn part(subject: &Subject, climb: &Climb) -> Result<JsValue, JsValue> {
    let (start, end) = (&climb.start, &climb.end);
    let photograph = match climb.settings.method {
        Method::Accentuate => picture(&start.picture(climb.view)),
        _ => JsValue::NULL,
    };
    let answer = |answer: Option<f32>| answer.map_or(JsValue::NULL, JsValue::from);
    Ok(Fields::new()
        .with("step", end.step as u32)
        .with("answer", end.answer)
        .with("and", answer(end.and))
        .with("picture", picture(&end.picture(climb.view)))
        .with("before", start.answer)
        .with("andBefore", answer(start.and))
        .with("photograph", photograph)
        .with("written", subject.written(climb)?)
        .done())
}
