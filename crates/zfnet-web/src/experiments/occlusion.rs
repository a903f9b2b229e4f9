//! Occlusion sensitivity (figure 7) for the page: a whole grid as it fills, or one square that a hand drags.

use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::paper::occlusion::{Entry, Occluder, Occlusion, Part, Seen, Settings};
use zfnet::pictures::rendering::Stretch;
use zfnet::{Error, ReluRule, Targets, project};

use super::{Subject, Told, answer, asked, prepared, put};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::{Fields, floats, list, or_null};
use crate::views::{Manner, draw};

/// How many of the classes are told for a square that is dragged.
const CLASSES: usize = 5;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Pixels of the input; a layer, map or class that is null is the strongest, or the most probable. */
export interface OcclusionAsk {
  size: number; stride: number; fill: Fill; layer: string | null; map: number | null; class: number | null; batch: number;
}
export type Fill = 'mean' | { colour: [number, number, number] };
/** What is watched, and what is seen of the picture without a square; no probability and label without a classifier. */
export interface OcclusionSubject {
  layer: string; map: number; class: number | null; grid: [number, number]; positions: Uint32Array;
  uncovered: OcclusionSeen;
}
export interface OcclusionSeen { activity: number; probability: number | null; label: number | null }
/** Classes that are the most probable somewhere, the most frequent first. */
export interface OcclusionEntry { class: number; positions: number; colour: [number, number, number] }
/** Places in the grid, row-major, that have come, each with what is seen there; and all that is known, written down. */
export interface OcclusionPart extends OcclusionSubject {
  done: number; total: number; fresh: Uint32Array; seen: OcclusionSeen[]; legend: OcclusionEntry[]; written: Written;
}
export interface SquareAsk { top: number; left: number; settings: OcclusionAsk }
/** All that is seen with the square at one place. */
export interface SquareSeen extends OcclusionSeen {
  /** The five most probable; none without a classifier. */ classes: { index: number; probability: number }[];
  /** The watched map, row by row: with the square, and without. */
  rows: number; cols: number; answers: Float32Array; uncovered: Float32Array;
}
/** A map of a layer, to be found again in other pictures. */
export interface ElsewhereAsk { layer: string; map: number; rule: Rule; stretch: Stretch }
"#;

#[derive(Deserialize)]
struct Square {
    top: usize,
    left: usize,
    settings: Settings,
}

#[derive(Deserialize)]
struct Elsewhere {
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
        put::<Occlusion>(self, ask, tell)
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
        let Square {
            top,
            left,
            settings,
        } = asked("square", ask)?;
        let subject = self.subject()?;
        Ok(answer(async move {
            let occluder = occluder(&subject, &settings).await?;
            let found = occluder.at([top, left]).await.map_err(to_js)?;
            let classes = found.classes.iter().take(CLASSES);
            let classes = classes.map(|(index, probability)| {
                Fields::new()
                    .with("index", *index as u32)
                    .with("probability", *probability)
                    .done()
            });
            let [rows, cols] = found.shape;
            Ok(told(found.seen)
                .with("classes", list(classes))
                .with("rows", rows as u32)
                .with("cols", cols as u32)
                .with("answers", floats(&found.answers))
                .with("uncovered", floats(&found.uncovered))
                .done())
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
        let ask: Elsewhere = asked("map", ask)?;
        let network = Rc::clone(self.network()?);
        Ok(answer(async move {
            let manner = Manner {
                rule: ask.rule,
                stretch: ask.stretch,
                shared: None,
            };
            let found = js_sys::Array::new();
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
                found.push(&drawn.get(0));
            }
            Ok(found.into())
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
        Ok(Fields::new()
            .with("layer", so_far.layer.as_str())
            .with("map", so_far.map as u32)
            .with("class", or_null(so_far.class.map(|class| class as u32)))
            .with("grid", list(so_far.grid.map(|v| JsValue::from(v as u32))))
            .with(
                "positions",
                indices(so_far.positions.iter().flatten().copied()),
            )
            .with("uncovered", told(so_far.uncovered).done())
            .with("done", step.done as u32)
            .with("total", step.total as u32)
            .with("fresh", indices(fresh.iter().copied()))
            .with("seen", list(seen.map(|seen| told(seen).done())))
            .with("legend", list(so_far.legend().iter().map(entry)))
            .with("written", subject.written(so_far)?)
            .done())
    }

    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue> {
        subject.written(self)
    }
}

fn entry(entry: &Entry) -> JsValue {
    Fields::new()
        .with("class", entry.class as u32)
        .with("positions", entry.positions as u32)
        .with("colour", list(entry.colour.map(JsValue::from)))
        .done()
}

pub(super) fn told(seen: Seen) -> Fields {
    Fields::new()
        .with("activity", seen.activity)
        .with(
            "probability",
            or_null(seen.class.map(|class| class.probability)),
        )
        .with("label", or_null(seen.class.map(|class| class.label as u32)))
}

fn indices(values: impl Iterator<Item = usize>) -> js_sys::Uint32Array {
    let values: Vec<u32> = values.map(|value| value as u32).collect();
    js_sys::Uint32Array::from(values.as_slice())
}
