//! A unit's favourite (activation maximisation) for the page, frame by frame.

use std::ops::ControlFlow;

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::activation_maximisation::{self, Climb, Settings, Target};

use super::{Listener, Subject, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, picture};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type FavouriteTarget =
  | { unit: { layer: string; unit: [number, number, number] } } | { map: { layer: string; map: number } } | { class: { class: number } };
/** How to climb, as `zfnet::experiments::since::activation_maximisation::Settings`; what is left out has its usual value. */
export interface FavouriteSettings {
  steps?: number; rate?: number; jitter?: number; variation?: number; decay?: number; blur?: number; blur_every?: number;
  noise?: number; seed?: number; every?: number;
}
export interface FavouriteAsk { target: FavouriteTarget; fromPhoto: boolean; settings: FavouriteSettings }
export interface FavouriteFrame { step: number; answer: number; picture: Picture }
/** A frame, what the target answered where the climb began, and all that is known. */
export interface FavouritePart extends FavouriteFrame { before: number; written: Written }
"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    target: Target,
    from_photo: bool,
    settings: Settings,
}

#[wasm_bindgen]
impl Engine {
    /// Climbs from noise, or from the photograph on view, to what a target answers to most. Parts are `FavouritePart`, the
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
            from_photo,
            settings,
        } = asked("favourite", ask)?;
        let subject = self.subject()?;
        let listener = Listener::from(tell);
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
            let climb =
                activation_maximisation::climb(&subject.network, &target, from, &settings, heard)
                    .await
                    .map_err(to_js)?;
            match failure {
                Some(error) => Err(error),
                None => part(&subject, &climb),
            }
        }))
    }
}

/// How the page usually climbs.
pub(super) fn usual() -> Settings {
    Settings::watched()
}

fn part(subject: &Subject, climb: &Climb) -> Result<JsValue, JsValue> {
    Ok(Fields::new()
        .with("step", climb.end.step as u32)
        .with("answer", climb.end.answer)
        .with("picture", picture(&climb.end.picture()))
        .with("before", climb.start.answer)
        .with("written", subject.written(climb)?)
        .done())
}
