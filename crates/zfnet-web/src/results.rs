//! What the page gets: plain objects in its own vocabulary. The types below are what `tsc` checks the page against.

use js_sys::{Array, Float32Array, Object, Reflect, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zfnet::Network;
use zfnet::files::replay::Replay;
use zfnet::geometry::view::View;
use zfnet::network::architecture::INPUT;
use zfnet::network::plan::Source;
use zfnet::pictures::rendering::Picture;

use crate::error::coded;
use crate::experiments;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type Rule = 'deconvnet' | 'guided' | 'gradient';
export type Stretch = 'quantile' | 'minmax' | 'sigmoid';
export interface Backend { backend: 'cpu' | 'webgpu'; adapter: string }
export interface SelfTest { passed: boolean; worst: number; worstIn: string; tolerance: number; checks: number }
/** Pixels of the input, rows before columns: unit (r, c) sees the rows from offset[0] + stride[0]·r on, size[0] of them. */
export interface Field { size: [number, number]; stride: [number, number]; offset: [number, number] }
export interface LayerInfo {
  name: string; op: Operation; shape: [number, number, number];
  field: Field; parameters: number; multiplyAdds: number; loaded: boolean;
  /** The layers that it reads; `input` is what enters the network. */ from: string[];
  /** What the makers called the block that it belongs to; empty: it belongs to none. */ block: string;
  /** Whether there is a sum or a batch normalisation in what it rests on. */ sums: boolean;
  /** Whose maps those of a join are, first to last; empty for a layer that joins nothing. */ branches: Branch[];
}
export type Operation =
  | 'conv' | 'relu' | 'activation' | 'prelu' | 'affine' | 'max_pool' | 'avg_pool' | 'lrn' | 'gap' | 'add' | 'concat' | 'scale'
  | 'shuffle' | 'dense' | 'dropout';
/** Maps of a join that come from one layer; `first`: the number that the first of them has among the joined. */
export interface Branch { layer: string; first: number }
export interface ClassName { en: string; zh?: string }
export interface NetworkInfo {
  name: string; inputSize: [number, number]; layers: LayerInfo[]; classes: ClassName[];
  /** The layers that a look begins with: all that are looked at, or the last rectified one of each resolution. */ milestones: string[];
  /** Whether the classifier's weights are loaded. */
  hasClassifier: boolean; provenance: unknown;
  /** Whether there are class activation maps: scores are averages of maps, or averages that are weighed once. */ averages: boolean;
  /** What lengths that are made for an input of 224 are multiplied by. */ lengths: number;
  /** What the experiments usually ask of this network. */ usual: Usual;
}
export interface Picture { width: number; height: number; rgba: Uint8ClampedArray }
/** A part in pixels of the upright photograph: `size` is its width, and its height has the ratio of the input. */
export interface Crop { left: number; top: number; size: number }
/** Blank: nothing is in it, every pixel has the same colour. */
export interface PhotoInfo { width: number; height: number; blank: boolean; crop: Crop }
/** The strongest unit of a map; activation 0 or less: the map is silent. */
export interface Strongest { map: number; row: number; col: number; activation: number }
export interface LayerSummary { layer: string; strongest: Strongest[] }
export interface ClassScore { index: number; probability: number; logit: number }
/** `share`: of pictures of known things, those that fit the network's classes less well; `strange`: nothing that it knows fits. */
export interface Fit { share: number; strange: boolean }
/** `fit` is null where that was not learnt, and without the classifier. */
export interface Look { crop: Crop; input: Picture; layers: LayerSummary[]; classes: ClassScore[] | null; fit: Fit | null }
/** A look as it leaves the module: objects are slow to make from there. `units`: a row and a column for each map; `order`: the likeliest first. */
export interface LookNumbers {
  crop: Crop; input: Picture; fit: Fit | null;
  layers: { layer: string; units: Uint32Array; activations: Float32Array }[];
  scores: { order: Uint32Array; probabilities: Float32Array; logits: Float32Array } | null;
}
/** Values after the rectifier; tiles are RGBA, one after the other. */
export interface Maps {
  layer: string; maps: number; rows: number; cols: number; values: Float32Array; tiles: Uint8ClampedArray;
  low: number; high: number; ranges: Float32Array;
}
/** A part of the input in pixels; it may reach outside. */
export interface Window { top: number; left: number; height: number; width: number }
export interface Projection {
  layer: string; unit: [number, number, number] | null; map: number | null; classIndex: number | null;
  rule: Rule; activation: number; window: Window; projection: Picture; patch: Picture;
  /** The value drawn as full white. */ scale: number;
  /** The largest magnitude of the projection. */ largest: number;
  /** [channels, height, width] of the window, red first; of a projection that is asked for alone. */ values: Float32Array | null;
}
"#;

/// An object under construction.
pub(crate) struct Fields(Object);

impl Fields {
    pub(crate) fn new() -> Self {
        Self(Object::new())
    }

    pub(crate) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    pub(crate) fn done(self) -> JsValue {
        self.0.into()
    }
}

/// Plain data as plain objects; `None` becomes null.
pub(crate) fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value
        .serialize(&serializer)
        .map_err(|e| coded("execution", &e.to_string()))
}

/// A value that may be missing; JavaScript's `null`, not its `undefined`.
pub(crate) fn or_null(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}

pub(crate) fn self_test(replay: &Replay) -> Result<JsValue, JsValue> {
    let fields = Fields::new()
        .with("passed", replay.passed())
        .with("worst", replay.worst)
        .with("worstIn", replay.worst_in.as_str())
        .with("tolerance", replay.tolerance)
        .with("checks", replay.checks as u32);
    Ok(fields.done())
}

pub(crate) fn picture(picture: &Picture) -> JsValue {
    Fields::new()
        .with("width", picture.width as u32)
        .with("height", picture.height as u32)
        .with("rgba", bytes(&picture.rgba))
        .done()
}

pub(crate) fn bytes(values: &[u8]) -> Uint8ClampedArray {
    Uint8ClampedArray::from(values)
}

pub(crate) fn floats(values: &[f32]) -> Float32Array {
    Float32Array::from(values)
}

pub(crate) fn list(values: impl IntoIterator<Item = JsValue>) -> Array {
    values.into_iter().collect()
}

pub(crate) fn crop([left, top, width, _]: [u32; 4]) -> JsValue {
    Fields::new()
        .with("left", left)
        .with("top", top)
        .with("size", width)
        .done()
}

pub(crate) fn window(view: View) -> JsValue {
    Fields::new()
        .with("top", view.top as i32)
        .with("left", view.left as i32)
        .with("height", view.height as u32)
        .with("width", view.width as u32)
        .done()
}

pub(crate) fn network(network: &Network) -> Result<JsValue, JsValue> {
    let pair = |[rows, cols]: [f64; 2]| list([rows.into(), cols.into()]);
    let plan = &network.plan;
    let name_of = |source: Source| match source {
        Source::Input => INPUT,
        Source::Layer(at) => plan[at].layer.name.as_str(),
    };
    let blocks = plan.blocks();
    let layers = plan.iter().enumerate().map(|(at, planned)| {
        let field = planned.field.told(network.frame());
        let field = Fields::new()
            .with("size", pair(field.size.map(|v| v as f64)))
            .with("stride", pair(field.stride.map(|v| v as f64)))
            .with("offset", pair(field.offset.map(|v| v as f64)))
            .done();
        Fields::new()
            .with("name", planned.layer.name.as_str())
            .with("op", planned.layer.op.name())
            .with(
                "shape",
                list(planned.output.map(|v| JsValue::from(v as u32))),
            )
            .with("field", field)
            .with("parameters", planned.parameters as f64)
            .with("multiplyAdds", planned.multiply_adds as f64)
            .with("loaded", network.runs(at))
            .with(
                "from",
                list(plan.sources(at).iter().map(|s| name_of(*s).into())),
            )
            .with("block", blocks[at])
            .with("sums", plan.rests_on_sums(at))
            .with(
                "branches",
                list(plan.branches(at).iter().map(|branch| {
                    Fields::new()
                        .with("layer", name_of(branch.source))
                        .with("first", branch.first as u32)
                        .done()
                })),
            )
            .done()
    });
    Ok(Fields::new()
        .with("name", network.model.name.as_str())
        .with("inputSize", pair(network.frame().map(|v| v as f64)))
        .with("layers", list(layers))
        .with(
            "milestones",
            list(network.milestones().into_iter().map(JsValue::from)),
        )
        .with("classes", plain(&network.model.classes)?)
        .with(
            "hasClassifier",
            network.plan.classes().is_some() && network.missing().is_none(),
        )
        .with("averages", network.averages())
        .with("provenance", plain(&network.model.provenance)?)
        .with("lengths", network.model.input.scale_of_lengths())
        .with("usual", experiments::usual(network)?)
        .done())
}
