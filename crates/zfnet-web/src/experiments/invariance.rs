//! Feature invariance (figure 5) for the page: the curves of one picture as they fill, and the picture as it moves.

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::Prepared;
use zfnet::experiments::Step;
use zfnet::experiments::paper::invariance::{
    self, Curve, Invariance, Part, Settings, Transformation,
};
use zfnet::pictures::rendering::Picture;

use super::{Listener, Subject, answer, asked, prepared};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, floats, list, or_null, picture};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type Transformation = 'translation' | 'scale' | 'rotation';
/** What to do and where to look: pixels down, times, degrees counter-clockwise; a class that is null is the most probable. */
export interface InvarianceSweep {
  transformation: Transformation; parameters: number[]; layers: string[]; class: number | null; batch: number;
}
/** About the one further picture of the question, or, where there is none, about the picture on view. */
export interface InvarianceAsk { sweeps: InvarianceSweep[] }
/** Length of the original's features, and the distance of each point's from them, in the order of the parameters or of what is fresh. */
export interface InvarianceCurve { layer: string; norm: number; distance: Float32Array }
/** Places among the parameters that have come, each with its picture; no class and probability without a classifier. */
export interface InvariancePart {
  transformation: Transformation; done: number; total: number; fresh: Uint32Array; layers: InvarianceCurve[];
  class: number | null; probability: Float32Array | null; pictures: Picture[];
  /** All that is known of this transformation. */ written: Written;
}
/** What is not known is not a number. */
export interface InvarianceFound {
  transformation: Transformation; layers: InvarianceCurve[]; class: number | null; probability: Float32Array | null;
}
export interface TransformedAsk { transformation: Transformation; parameter: number }
"#;

#[derive(Deserialize)]
struct Ask {
    sweeps: Vec<Settings>,
}

#[derive(Deserialize)]
struct Moved {
    transformation: Transformation,
    parameter: f32,
}

#[wasm_bindgen]
impl Engine {
    /// Moves, enlarges and turns a picture, all of it coarse first. Parts are `InvariancePart`, the answer is a list of
    /// `InvarianceFound`, one for each sweep.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `out-of-range`, `unknown-layer`, `not-loaded` for a class without a
    /// classifier, `no-network`, `image-…` for a further picture that cannot be read, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<InvarianceFound[]>")]
    pub fn invariance(
        &self,
        #[wasm_bindgen(unchecked_param_type = "InvarianceAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        let Ask { sweeps } = asked("invariance", ask)?;
        let subject = self.subject()?;
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let network = &subject.network;
            let further = prepared(network, &pictures)?;
            let picture = further.first().unwrap_or(&subject.seen.prepared);
            let mut failure = None;
            let found = invariance::sweeps(network, picture, &sweeps, async |step| {
                match part(&step, &subject, picture) {
                    Ok(part) => listener.tell(part).await,
                    Err(error) => {
                        failure = Some(error);
                        std::ops::ControlFlow::Break(())
                    }
                }
            })
            .await
            .map_err(to_js)?;
            if let Some(error) = failure {
                return Err(error);
            }
            Ok(list(found.iter().map(whole)).into())
        }))
    }

    /// The picture on view, transformed. The answer is a `Picture`.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `out-of-range`, `no-network`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Picture>")]
    pub fn transformed(
        &self,
        #[wasm_bindgen(unchecked_param_type = "TransformedAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let Moved {
            transformation,
            parameter,
        } = asked("transformed", ask)?;
        let subject = self.subject()?;
        Ok(answer(async move {
            let input = &subject.network.model.input;
            transformation
                .drawn(parameter, &subject.seen.prepared, input)
                .map(|rgb| picture(&Picture::from_rgb(&rgb)))
                .map_err(to_js)
        }))
    }
}

fn part(step: &Step<Part<'_>>, subject: &Subject, original: &Prepared) -> Result<JsValue, JsValue> {
    let Part { fresh, so_far, .. } = step.part;
    let of_fresh = |values: &[f32]| {
        let values: Vec<f32> = fresh.iter().map(|at| values[*at]).collect();
        floats(&values)
    };
    let pictures = fresh
        .iter()
        .map(|at| {
            let parameter = so_far.parameters[*at];
            let input = &subject.network.model.input;
            let rgb = so_far.transformation.drawn(parameter, original, input)?;
            Ok(picture(&Picture::from_rgb(&rgb)))
        })
        .collect::<zfnet::Result<Vec<_>>>()
        .map_err(to_js)?;
    let places: Vec<u32> = fresh.iter().map(|at| *at as u32).collect();
    Ok(described(so_far, of_fresh)
        .with("done", step.done as u32)
        .with("total", step.total as u32)
        .with("fresh", js_sys::Uint32Array::from(places.as_slice()))
        .with("pictures", list(pictures))
        .with("written", subject.written(so_far)?)
        .done())
}

fn whole(found: &Invariance) -> JsValue {
    described(found, floats).done()
}

fn described(found: &Invariance, values: impl Fn(&[f32]) -> js_sys::Float32Array) -> Fields {
    let curve = |curve: &Curve| {
        Fields::new()
            .with("layer", curve.layer.as_str())
            .with("norm", curve.norm)
            .with("distance", values(&curve.distance))
            .done()
    };
    Fields::new()
        .with("transformation", found.transformation.name())
        .with("layers", list(found.layers.iter().map(curve)))
        .with("class", or_null(found.class.map(|class| class as u32)))
        .with(
            "probability",
            or_null(found.probability.as_deref().map(&values)),
        )
}
