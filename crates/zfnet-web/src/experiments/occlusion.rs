//! Occlusion sensitivity (figure 7) for the page: a whole grid as it fills, or one square that a hand drags.

use std::rc::Rc;

use js_sys::{Float32Array, Function, Promise, Uint32Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zfnet::experiments::paper::occlusion::{
    Classified, Entry, Occluder, Occlusion, Part, Seen, Settings, Strongest,
};
use zfnet::experiments::shared::covering::Fill;
use zfnet::experiments::{Experiment, Step};
use zfnet::pictures::rendering::Stretch;
use zfnet::{Error, ReluRule, Targets, project};
use zfnet_typescript::{TypeScript, declare};

use super::{Subject, Told, Written, answer, asked, prepared, put};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Typed, floats, indices, plain};
use crate::views::{Manner, draw};

/// How many of the classes are told for a square that is dragged.
const CLASSES: usize = 5;

declare![
    Settings,
    Fill,
    Strongest,
    Entry,
    OcclusionSeen,
    OcclusionPart,
    SquareAsk,
    SquareSeen,
    ClassShare,
    ElsewhereAsk,
];

/// What is seen of a picture; no probability and label without a classifier.
#[derive(Serialize, Deserialize, TypeScript)]
pub(super) struct OcclusionSeen {
    activity: f32,
    probability: Option<f32>,
    label: Option<usize>,
}

impl From<Seen> for OcclusionSeen {
    fn from(Seen { activity, class }: Seen) -> Self {
        Self {
            activity,
            probability: class.map(|class| class.probability),
            label: class.map(|class| class.label),
        }
    }
}

impl From<OcclusionSeen> for Seen {
    fn from(seen: OcclusionSeen) -> Self {
        let said = seen.probability.zip(seen.label);
        Self {
            activity: seen.activity,
            class: said.map(|(probability, label)| Classified { probability, label }),
        }
    }
}

/// What is watched, and what has come.
#[derive(Serialize, TypeScript)]
pub(super) struct OcclusionPart<'a> {
    layer: &'a str,
    map: usize,
    class: Option<usize>,
    grid: [usize; 2],
    positions: Typed<Uint32Array>,
    /// Of the picture without a square.
    uncovered: OcclusionSeen,
    done: usize,
    total: usize,
    /// Places in the grid, row-major, that have come.
    fresh: Typed<Uint32Array>,
    /// What is seen at each of them.
    seen: Vec<OcclusionSeen>,
    /// Classes that are the most probable somewhere, the most frequent first.
    legend: Vec<Entry>,
    /// All that is known.
    written: Written,
}

#[derive(Deserialize, TypeScript)]
struct SquareAsk {
    top: usize,
    left: usize,
    settings: Settings,
}

/// All that is seen with the square at one place.
#[derive(Serialize, TypeScript)]
struct SquareSeen {
    activity: f32,
    probability: Option<f32>,
    label: Option<usize>,
    /// The five most probable; none without a classifier.
    classes: Vec<ClassShare>,
    rows: usize,
    cols: usize,
    /// The watched map, row by row, with the square.
    answers: Typed<Float32Array>,
    /// The same without.
    uncovered: Typed<Float32Array>,
}

#[derive(Serialize, TypeScript)]
struct ClassShare {
    index: usize,
    probability: f32,
}

/// A map of a layer, to be found again in other pictures.
#[derive(Deserialize, TypeScript)]
struct ElsewhereAsk {
    layer: String,
    map: usize,
    rule: ReluRule,
    stretch: Stretch,
}

#[wasm_bindgen]
impl Engine {
    /// Covers every position of a grid, coarse first. Parts are `OcclusionPart`, the answer is `Written`.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `out-of-range`, `unknown-layer`, `no-network`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Written>")]
    pub fn occlusion(
        &self,
        #[wasm_bindgen(unchecked_param_type = "OcclusionAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] tell: Function,
    ) -> Result<Promise, JsValue> {
        put::<Occlusion>(self, asked(Occlusion::NAME, ask)?, tell)
    }

    /// What is seen with the square at one place. The answer is `SquareSeen`.
    ///
    /// # Errors
    /// As [`Self::occlusion`].
    #[wasm_bindgen(js_name = occlusionAt, unchecked_return_type = "Promise<SquareSeen>")]
    pub fn occlusion_at(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SquareAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let SquareAsk {
            top,
            left,
            settings,
        } = asked("square", ask)?;
        let subject = self.subject()?;
        Ok(answer(async move {
            let occluder = occluder(&subject, &settings).await?;
            let found = occluder.at([top, left]).await.map_err(to_js)?;
            let [rows, cols] = found.shape;
            let class = |&(index, probability): &(usize, f32)| ClassShare { index, probability };
            let OcclusionSeen {
                activity,
                probability,
                label,
            } = found.seen.into();
            plain(&SquareSeen {
                activity,
                probability,
                label,
                classes: found.classes.iter().take(CLASSES).map(class).collect(),
                rows,
                cols,
                answers: floats(&found.answers),
                uncovered: floats(&found.uncovered),
            })
        }))
    }

    /// What a map answers to in further pictures: its strongest unit in each, projected. The answer is a `Projection` for
    /// each picture, in their order.
    ///
    /// # Errors
    /// Codes `image-…` for a picture that cannot be read, `no-network`, `unknown-layer`, `out-of-range`, `execution`.
    #[wasm_bindgen(js_name = occlusionElsewhere, unchecked_return_type = "Promise<Projection[]>")]
    pub fn occlusion_elsewhere(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ElsewhereAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let ask: ElsewhereAsk = asked("map", ask)?;
        let network = Rc::clone(self.network()?);
        Ok(answer(async move {
            let manner = Manner {
                rule: ask.rule,
                stretch: ask.stretch,
                shared: None,
            };
            let mut found = Vec::new();
            for prepared in prepared(&network, &pictures)? {
                let input = prepared.tensor(&network).map_err(to_js)?;
                let trace = network.forward(input).map_err(to_js)?;
                let strongest = trace
                    .strongest(0, &[ask.layer.as_str()])
                    .await
                    .map_err(to_js)?;
                let maps = &strongest[0];
                let unit = maps.get(ask.map).map(|answer| answer.unit);
                let unit = unit.ok_or_else(|| {
                    to_js(Error::OutOfRange {
                        subject: format!("map of {}", ask.layer),
                        expected: format!("0 to {}", maps.len().saturating_sub(1)),
                        found: ask.map.to_string(),
                    })
                })?;
                let units = vec![[unit.map, unit.row, unit.col]];
                let targets = Targets::Units(ask.layer.clone(), units);
                let projected =
                    project(&network, &trace, 0, &targets, manner.rule).map_err(to_js)?;
                let drawn = draw(
                    projected, &targets, &ask.layer, &manner, &network, &prepared,
                )
                .await?;
                found.extend(drawn);
            }
            plain(&found)
        }))
    }
}

/// The picture on view under a square.
pub(super) async fn occluder<'a>(
    subject: &'a Subject,
    settings: &Settings,
) -> Result<Occluder<'a>, JsValue> {
    let occluder = Occluder::new(&subject.network, subject.trace(), settings).await;
    occluder.map_err(to_js)
}

impl Told for Occlusion {
    fn part(subject: &Subject, step: &Step<Part<'_>>) -> Result<JsValue, JsValue> {
        let Part { fresh, so_far } = step.part;
        let seen = fresh.iter().filter_map(|at| so_far.seen[*at]);
        plain(&OcclusionPart {
            layer: &so_far.layer,
            map: so_far.map,
            class: so_far.class,
            grid: so_far.grid,
            positions: indices(so_far.positions.iter().flatten().copied()),
            uncovered: so_far.uncovered.into(),
            done: step.done,
            total: step.total,
            fresh: indices(fresh.iter().copied()),
            seen: seen.map(OcclusionSeen::from).collect(),
            legend: so_far.legend(),
            written: subject.written(so_far),
        })
    }

    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue> {
        plain(&subject.written(self))
    }
}
