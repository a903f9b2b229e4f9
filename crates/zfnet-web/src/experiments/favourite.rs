//! A unit's favourite (activation maximisation) for the page, frame by frame.

use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::activation_maximisation::{
    Climb, Method, Objective, Second, Settings, Target, climb,
};
use zfnet_typescript::{TypeScript, declare};

use super::{Listener, Subject, Written, answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Picture, picture, plain};

declare![
    Target,
    Method,
    Settings,
    Second,
    FavouriteAsk,
    FavouritePart
];

#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
struct FavouriteAsk {
    target: Target,
    and: Option<Second>,
    from_photo: bool,
    settings: Settings,
}

/// A frame, and all that is known.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
struct FavouritePart {
    step: usize,
    answer: f32,
    /// What the second target answers.
    and: Option<f32>,
    /// The part that the targets see.
    picture: Picture,
    /// What the target answered where the climb began.
    before: f32,
    /// Likewise, the second.
    and_before: Option<f32>,
    /// The photograph's own part where that is accentuated.
    photograph: Option<Picture>,
    written: Written,
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
        let FavouriteAsk {
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
            let heard = async |step: Step<&Climb>| listener.tell(&part(&subject, step.part)).await;
            let network = &subject.network;
            let climb = climb(network, &objective, from, &settings, heard).await;
            plain(&part(&subject, &climb.map_err(to_js)?))
        }))
    }
}

fn part(subject: &Subject, climb: &Climb) -> FavouritePart {
    let Climb {
        start, end, view, ..
    } = climb;
    let is_photograph = climb.settings.method == Method::Accentuate;
    FavouritePart {
        step: end.step,
        answer: end.answer,
        and: end.and,
        picture: picture(&end.picture(*view)),
        before: start.answer,
        and_before: start.and,
        photograph: is_photograph.then(|| picture(&start.picture(*view))),
        written: subject.written(climb),
    }
}
