//! Feature invariance (figure 5) for the page: the curves of one picture as they fill, and the picture as it moves.

use std::ops::ControlFlow;

use js_sys::{Float32Array, Function, Promise, Uint32Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::Prepared;
use zfnet::experiments::Step;
use zfnet::experiments::paper::invariance::{self, Invariance, Part, Settings, Transformation};
use zfnet::pictures::rendering;
use zfnet_typescript::{TypeScript, declare};

use super::{Listener, Subject, Written, answer, asked, prepared};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Picture, Typed, floats, indices, picture, plain};

declare![
    Transformation,
    Settings,
    InvarianceAsk,
    InvarianceCurve,
    InvariancePart,
    InvarianceFound,
    TransformedAsk,
];

/// About the one further picture of the question, or, where there is none, about the picture on view.
#[derive(Deserialize, TypeScript)]
struct InvarianceAsk {
    sweeps: Vec<Settings>,
}

/// How far one layer's features moved.
#[derive(Serialize, TypeScript)]
struct InvarianceCurve<'a> {
    layer: &'a str,
    /// Length of the original's features.
    norm: f32,
    /// Of each point's from them, in the order of the parameters or of what is fresh.
    distance: Typed<Float32Array>,
}

#[derive(Serialize, TypeScript)]
struct InvariancePart<'a> {
    transformation: Transformation,
    done: usize,
    total: usize,
    /// Places among the parameters that have come.
    fresh: Typed<Uint32Array>,
    /// Of what is fresh, as the two below.
    layers: Vec<InvarianceCurve<'a>>,
    /// No class and probability without a classifier.
    class: Option<usize>,
    probability: Option<Typed<Float32Array>>,
    pictures: Vec<Picture>,
    /// All that is known of this transformation.
    written: Written,
}

/// What is not known is not a number.
#[derive(Serialize, TypeScript)]
struct InvarianceFound<'a> {
    transformation: Transformation,
    layers: Vec<InvarianceCurve<'a>>,
    class: Option<usize>,
    probability: Option<Typed<Float32Array>>,
}

#[derive(Deserialize, TypeScript)]
struct TransformedAsk {
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
        let InvarianceAsk { sweeps } = asked("invariance", ask)?;
        let subject = self.subject()?;
        let listener = Listener::from(tell);
        Ok(answer(async move {
            let network = &subject.network;
            let further = prepared(network, &pictures)?;
            let picture = further.first().unwrap_or(&subject.seen.prepared);
            let found = invariance::sweeps(network, picture, &sweeps, async |step| {
                match part(&step, &subject, picture) {
                    Ok(part) => listener.tell(&part).await,
                    // It was moved once already.
                    Err(_) => ControlFlow::Break(()),
                }
            })
            .await
            .map_err(to_js)?;
            let found = found.iter().map(|found| InvarianceFound {
                transformation: found.transformation,
                layers: curves(found, floats),
                class: found.class,
                probability: found.probability.as_deref().map(floats),
            });
            plain(&found.collect::<Vec<_>>())
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
        let TransformedAsk {
            transformation,
            parameter,
        } = asked("transformed", ask)?;
        let subject = self.subject()?;
        Ok(answer(async move {
            let input = &subject.network.model.input;
            let rgb = transformation
                .drawn(parameter, &subject.seen.prepared, input)
                .map_err(to_js)?;
            plain(&picture(&rendering::Picture::from_rgb(&rgb)))
        }))
    }
}

fn part<'a>(
    step: &Step<Part<'a>>,
    subject: &Subject,
    original: &Prepared,
) -> zfnet::Result<InvariancePart<'a>> {
    let Part { fresh, so_far, .. } = step.part;
    let of_fresh = |values: &[f32]| {
        let values: Vec<f32> = fresh.iter().map(|at| values[*at]).collect();
        floats(&values)
    };
    let pictures = fresh.iter().map(|at| {
        let parameter = so_far.parameters[*at];
        let input = &subject.network.model.input;
        let rgb = so_far.transformation.drawn(parameter, original, input)?;
        Ok(picture(&rendering::Picture::from_rgb(&rgb)))
    });
    Ok(InvariancePart {
        transformation: so_far.transformation,
        done: step.done,
        total: step.total,
        fresh: indices(fresh.iter().copied()),
        layers: curves(so_far, of_fresh),
        class: so_far.class,
        probability: so_far.probability.as_deref().map(of_fresh),
        pictures: pictures.collect::<zfnet::Result<_>>()?,
        written: subject.written(so_far),
    })
}

fn curves(
    found: &Invariance,
    values: impl Fn(&[f32]) -> Typed<Float32Array>,
) -> Vec<InvarianceCurve<'_>> {
    let each = found.layers.iter().map(|curve| InvarianceCurve {
        layer: &curve.layer,
        norm: curve.norm,
        distance: values(&curve.distance),
    });
    each.collect()
}
