//! What the page gets: plain objects in its own vocabulary, as serde writes them and TypeScript declares them.

use js_sys::{Float32Array, Uint8ClampedArray, Uint32Array};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use zfnet::files::replay::Replay;
use zfnet::geometry::receptive_field::ReceptiveField;
use zfnet::geometry::view::View;
use zfnet::network::architecture::{INPUT, Op};
use zfnet::network::familiarity::Fit;
use zfnet::network::model::{ClassName, Input};
use zfnet::network::plan::Source;
use zfnet::pictures::rendering::{self, Stretch};
use zfnet::{Error, Network, Photo, ReluRule};
use zfnet_typescript::{TypeScript, declare};

use crate::error::coded;
use crate::experiments::usual::Usual;

declare![
    ReluRule,
    Stretch,
    SelfTest,
    ReceptiveField,
    LayerInfo,
    Operation,
    Branch,
    ClassName,
    NetworkInfo,
    Picture,
    Crop,
    Fit,
    View,
];

/// A value of JavaScript's own, such as a typed array, that crosses as it is, and not number by number.
pub(crate) struct Typed<T>(pub(crate) T);

impl<T: JsCast> Serialize for Typed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_wasm_bindgen::preserve::serialize(&self.0, serializer)
    }
}

impl<'de, T: JsCast> Deserialize<'de> for Typed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_wasm_bindgen::preserve::deserialize(deserializer).map(Self)
    }
}

/// Plain data as plain objects; `None` becomes null.
pub(crate) fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value
        .serialize(&serializer)
        .map_err(|e| coded("execution", &e.to_string()))
}

pub(crate) fn bytes(values: &[u8]) -> Typed<Uint8ClampedArray> {
    Typed(Uint8ClampedArray::from(values))
}

pub(crate) fn floats(values: &[f32]) -> Typed<Float32Array> {
    Typed(Float32Array::from(values))
}

pub(crate) fn indices(values: impl Iterator<Item = usize>) -> Typed<Uint32Array> {
    let values: Vec<u32> = values.map(|value| value as u32).collect();
    Typed(Uint32Array::from(values.as_slice()))
}

#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SelfTest<'a> {
    passed: bool,
    worst: f32,
    worst_in: &'a str,
    tolerance: f32,
    checks: usize,
}

impl<'a> From<&'a Replay> for SelfTest<'a> {
    fn from(replay: &'a Replay) -> Self {
        Self {
            passed: replay.passed(),
            worst: replay.worst,
            worst_in: &replay.worst_in,
            tolerance: replay.tolerance,
            checks: replay.checks,
        }
    }
}

/// RGBA, row by row.
#[derive(Serialize, TypeScript)]
pub(crate) struct Picture {
    width: usize,
    height: usize,
    rgba: Typed<Uint8ClampedArray>,
}

pub(crate) fn picture(picture: &rendering::Picture) -> Picture {
    Picture {
        width: picture.width,
        height: picture.height,
        rgba: bytes(&picture.rgba),
    }
}

/// A part in pixels of the upright photograph: `size` is its width, and its height has the ratio of the input.
#[derive(Serialize, Deserialize, TypeScript)]
pub(crate) struct Crop {
    left: f64,
    top: f64,
    size: f64,
}

impl From<[u32; 4]> for Crop {
    fn from(part: [u32; 4]) -> Self {
        let [left, top, size, _] = part.map(f64::from);
        Self { left, top, size }
    }
}

impl Crop {
    /// To whole pixels; none, and the part that the network would take anyway, are its own choice.
    pub(crate) fn of(
        crop: Option<Self>,
        photo: &Photo,
        input: &Input,
    ) -> zfnet::Result<zfnet::Crop> {
        let Some(Self { left, top, size }) = crop else {
            return Ok(zfnet::Crop::Centre);
        };
        let pixels = |name: &str, side: f64| {
            let whole = side.round();
            match (0.0..=f64::from(u32::MAX)).contains(&whole) {
                true => Ok(whole as u32),
                false => Err(Error::OutOfRange {
                    subject: "crop".into(),
                    expected: format!("crop.{name}: a number of pixels"),
                    found: side.to_string(),
                }),
            }
        };
        let [left, top, width] = [
            pixels("left", left)?,
            pixels("top", top)?,
            pixels("size", size)?,
        ];
        Ok(match photo.centre(input)[..3] == [left, top, width] {
            true => zfnet::Crop::Centre,
            false => zfnet::Crop::Part { left, top, width },
        })
    }
}

#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkInfo<'a> {
    name: &'a str,
    input_size: [usize; 2],
    layers: Vec<LayerInfo<'a>>,
    /// The layers that a look begins with: all that are looked at, or the last rectified one of each resolution.
    milestones: Vec<&'a str>,
    classes: &'a [ClassName],
    /// Whether the classifier's weights are loaded.
    has_classifier: bool,
    /// Whether there are class activation maps: scores are averages of maps, or averages that are weighed once.
    averages: bool,
    provenance: &'a Value,
    /// What lengths that are made for an input of 224 are multiplied by.
    lengths: f64,
    /// What the experiments usually ask of this network.
    usual: Usual,
}

#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayerInfo<'a> {
    name: &'a str,
    op: Operation,
    shape: [usize; 3],
    field: ReceptiveField,
    parameters: f64,
    multiply_adds: f64,
    loaded: bool,
    /// The layers that it reads; `input` is what enters the network.
    from: Vec<&'a str>,
    /// What the makers called the block that it belongs to; empty: it belongs to none.
    block: &'a str,
    /// Whether there is a sum or a batch normalisation in what it rests on.
    sums: bool,
    /// Whose maps those of a join are, first to last; empty for a layer that joins nothing.
    branches: Vec<Branch<'a>>,
}

/// What a layer does, by the name that it has in the table of a weights file.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "snake_case")]
enum Operation {
    Conv,
    Relu,
    Activation,
    Prelu,
    Affine,
    MaxPool,
    AvgPool,
    Lrn,
    Gap,
    Add,
    Concat,
    Scale,
    Shuffle,
    Dense,
    Dropout,
}

impl From<&Op> for Operation {
    fn from(op: &Op) -> Self {
        match op {
            Op::Conv(_) => Self::Conv,
            Op::Relu => Self::Relu,
            Op::Activation(_) => Self::Activation,
            Op::Prelu => Self::Prelu,
            Op::Affine => Self::Affine,
            Op::MaxPool(_) => Self::MaxPool,
            Op::AvgPool(_) => Self::AvgPool,
            Op::Lrn(_) => Self::Lrn,
            Op::Gap => Self::Gap,
            Op::Add => Self::Add,
            Op::Concat => Self::Concat,
            Op::Scale => Self::Scale,
            Op::Shuffle(_) => Self::Shuffle,
            Op::Dense(_) => Self::Dense,
            Op::Dropout(_) => Self::Dropout,
        }
    }
}

/// Maps of a join that come from one layer.
#[derive(Serialize, TypeScript)]
pub(crate) struct Branch<'a> {
    layer: &'a str,
    /// The number that the first of them has among the joined.
    first: usize,
}

impl<'a> From<&'a Network> for NetworkInfo<'a> {
    fn from(network: &'a Network) -> Self {
        let Network { model, plan, .. } = network;
        let name_of = |source: Source| match source {
            Source::Input => INPUT,
            Source::Layer(at) => plan[at].layer.name.as_str(),
        };
        let blocks = plan.blocks();
        let layers = plan.iter().enumerate().map(|(at, planned)| LayerInfo {
            name: &planned.layer.name,
            op: Operation::from(&planned.layer.op),
            shape: planned.output,
            field: planned.field.told(network.frame()),
            parameters: planned.parameters as f64,
            multiply_adds: planned.multiply_adds as f64,
            loaded: network.runs(at),
            from: plan.sources(at).iter().map(|s| name_of(*s)).collect(),
            block: blocks[at],
            sums: plan.rests_on_sums(at),
            branches: plan
                .branches(at)
                .iter()
                .map(|branch| Branch {
                    layer: name_of(branch.source),
                    first: branch.first,
                })
                .collect(),
        });
        Self {
            name: &model.name,
            input_size: network.frame(),
            layers: layers.collect(),
            milestones: network.milestones(),
            classes: &model.classes,
            has_classifier: plan.classes().is_some() && network.missing().is_none(),
            averages: network.averages(),
            provenance: &model.provenance,
            lengths: model.input.scale_of_lengths(),
            usual: Usual::of(network),
        }
    }
}
