//! A unit's favourite (activation maximisation) for the page, frame by frame.

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::analysis::favourite::{self, Favourite, Settings, Target};

use super::{Listener, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, floats, picture};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type FavouriteTarget =
  | { unit: { layer: string; unit: [number, number, number] } } | { map: { layer: string; map: number } } | { class: { class: number } };
/** How to climb, as `zfnet::analysis::favourite::Settings`; what is left out has its usual value. */
export interface FavouriteSettings {
  steps?: number; rate?: number; jitter?: number; variation?: number; decay?: number; blur?: number; blur_every?: number;
  noise?: number; seed?: number; every?: number;
}
export interface FavouriteAsk { target: FavouriteTarget; fromPhoto: boolean; settings: FavouriteSettings }
export interface FavouriteFrame { step: number; answer: number; picture: Picture }
export interface FavouriteResult { start: FavouriteFrame; end: FavouriteFrame; answers: Float32Array }
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
    /// Climbs from noise, or from the photograph on view, to what a target answers to most. Parts are `FavouriteFrame`, the
    /// answer `FavouriteResult`.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `unknown-layer`, `out-of-range`, `no-network`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<FavouriteResult>")]
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
            let climb =
                favourite::climb(&subject.network, &target, from, &settings, async |step| {
                    listener.tell(drawn(step.part)).await
                })
                .await
                .map_err(to_js)?;
            Ok(Fields::new()
                .with("start", drawn(&climb.start))
                .with("end", drawn(&climb.end))
                .with("answers", floats(&climb.answers))
                .done())
        }))
    }
}

fn drawn(favourite: &Favourite) -> JsValue {
    Fields::new()
        .with("step", favourite.step as u32)
        .with("answer", favourite.answer)
        .with("picture", picture(&favourite.picture()))
        .done()
}
