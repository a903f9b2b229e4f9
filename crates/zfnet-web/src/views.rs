//! What the page draws of a look: maps, projections, filters.

use js_sys::{Float32Array, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::{self, Stretch};
use zfnet::{Network, Prepared, Projections, ReluRule, Targets, Trace, project, readback};
use zfnet_typescript::{TypeScript, declare};

use crate::engine::{Engine, Seen};
use crate::error::{coded, to_js};
use crate::results::{Picture, Typed, bytes, floats, picture, plain};

declare![Maps, Projection];

/// A layer's maps after the rectifier.
#[derive(Serialize, TypeScript)]
struct Maps<'a> {
    layer: &'a str,
    maps: usize,
    rows: usize,
    cols: usize,
    values: Typed<Float32Array>,
    /// RGBA, one tile after the other.
    tiles: Typed<Uint8ClampedArray>,
    low: f32,
    high: f32,
    /// The smallest and the largest value of each map.
    ranges: Typed<Float32Array>,
}

/// What excited a unit, a map or a class.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Projection {
    layer: String,
    unit: Option<[usize; 3]>,
    map: Option<usize>,
    class_index: Option<usize>,
    rule: ReluRule,
    activation: f32,
    window: View,
    projection: Picture,
    patch: Picture,
    /// The value drawn as full white.
    scale: f32,
    /// The largest magnitude of the projection.
    largest: f32,
    /// Channels, height and width of the window, red first; of a projection that is asked for alone.
    values: Option<Typed<Float32Array>>,
}

#[wasm_bindgen]
impl Engine {
    /// All maps of a layer after its rectifier, drawn each on its `own` scale or on one `shared` by the layer.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `unknown-layer`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Maps")]
    pub async fn maps(
        &self,
        layer: &str,
        #[wasm_bindgen(unchecked_param_type = "'own' | 'shared'")] scale: &str,
    ) -> Result<JsValue, JsValue> {
        let answer = self.seen()?.trace.layer(layer).map_err(to_js)?.answer();
        let [_, maps, rows, cols] = answer.dims();
        let values = readback::floats(answer).await.map_err(to_js)?;
        let range = |values: &[f32]| {
            values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| {
                (low.min(*v), high.max(*v))
            })
        };
        let (low, high) = range(&values);
        let ranges: Vec<(f32, f32)> = values.chunks(rows * cols).map(range).collect();
        let tiles: Vec<u8> = values
            .chunks(rows * cols)
            .zip(&ranges)
            .flat_map(|(map, own)| {
                let (low, high) = if scale == "own" { *own } else { (low, high) };
                rendering::feature_map(map, [rows, cols], low, high).rgba
            })
            .collect();
        let ranges: Vec<f32> = ranges
            .into_iter()
            .flat_map(|(low, high)| [low, high])
            .collect();
        plain(&Maps {
            layer,
            maps,
            rows,
            cols,
            values: floats(&values),
            tiles: bytes(&tiles),
            low,
            high,
            ranges: floats(&ranges),
        })
    }

    /// Projects units of a layer, given as triples of map, row, column, in one pass.
    ///
    /// # Errors
    /// Codes `no-photo` before the first look, `unknown-layer`, `out-of-range`, `execution`.
    #[wasm_bindgen(js_name = projectUnits, unchecked_return_type = "Projection[]")]
    pub async fn project_units(
        &self,
        layer: &str,
        units: &[u32],
        #[wasm_bindgen(unchecked_param_type = "Rule")] rule: &str,
        #[wasm_bindgen(unchecked_param_type = "Stretch")] stretch: &str,
        #[wasm_bindgen(js_name = sharedScale)] shared_scale: Option<f32>,
    ) -> Result<JsValue, JsValue> {
        let units: Vec<[usize; 3]> = units
            .as_chunks()
            .0
            .iter()
            .map(|unit| unit.map(|v| v as usize))
            .collect();
        let targets = Targets::Units(layer.into(), units);
        let manner = Manner::of(rule, stretch, shared_scale)?;
        plain(&self.project(&targets, layer, &manner).await?)
    }

    /// Projects a whole map.
    ///
    /// # Errors
    /// As [`Self::project_units`].
    #[wasm_bindgen(js_name = projectMap, unchecked_return_type = "Projection")]
    pub async fn project_map(
        &self,
        layer: &str,
        map: u32,
        #[wasm_bindgen(unchecked_param_type = "Rule")] rule: &str,
        #[wasm_bindgen(unchecked_param_type = "Stretch")] stretch: &str,
        #[wasm_bindgen(js_name = sharedScale)] shared_scale: Option<f32>,
    ) -> Result<JsValue, JsValue> {
        let targets = Targets::Maps(layer.into(), vec![map as usize]);
        let manner = Manner::of(rule, stretch, shared_scale)?;
        plain(&self.project(&targets, layer, &manner).await?.first())
    }

    /// Projects a whole map as if the switches were lost: every maximum returns to the first place of its window.
    ///
    /// # Errors
    /// As [`Self::project_units`].
    #[wasm_bindgen(js_name = projectMapWithoutSwitches, unchecked_return_type = "Projection")]
    pub async fn project_map_without_switches(
        &self,
        layer: &str,
        map: u32,
        #[wasm_bindgen(unchecked_param_type = "Rule")] rule: &str,
        #[wasm_bindgen(unchecked_param_type = "Stretch")] stretch: &str,
        #[wasm_bindgen(js_name = sharedScale)] shared_scale: Option<f32>,
    ) -> Result<JsValue, JsValue> {
        let targets = Targets::Maps(layer.into(), vec![map as usize]);
        let manner = Manner::of(rule, stretch, shared_scale)?;
        let lost = self.network()?.without_switches(&self.seen()?.trace);
        let found = self.project_trace(&lost, &targets, layer, &manner).await?;
        plain(&found.first())
    }

    /// Projects the score of a class.
    ///
    /// # Errors
    /// As [`Self::project_units`]; `no-network` without the classifier.
    #[wasm_bindgen(js_name = projectClass, unchecked_return_type = "Projection")]
    pub async fn project_class(
        &self,
        index: u32,
        #[wasm_bindgen(unchecked_param_type = "Rule")] rule: &str,
        #[wasm_bindgen(unchecked_param_type = "Stretch")] stretch: &str,
        #[wasm_bindgen(js_name = sharedScale)] shared_scale: Option<f32>,
    ) -> Result<JsValue, JsValue> {
        let targets = Targets::Classes(vec![index as usize]);
        let last = self.network()?.plan.output().layer.name.clone();
        let manner = Manner::of(rule, stretch, shared_scale)?;
        plain(&self.project(&targets, &last, &manner).await?.first())
    }

    /// The first layer's filters as one picture.
    ///
    /// # Errors
    /// Codes `no-network`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Picture")]
    pub async fn filters(&self) -> Result<JsValue, JsValue> {
        let network = self.network()?;
        let first = network
            .convolutions()
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let filters = network.filters(&first).map_err(to_js)?;
        let shape = filters.dims();
        let [_, channels, rows, cols] = shape;
        let values: Vec<f32> = readback::floats(filters)
            .await
            .map_err(to_js)?
            .chunks(channels * rows * cols)
            .flat_map(|filter| network.model.input.in_rgb_order(filter.to_vec()))
            .collect();
        plain(&picture(&rendering::filters(&values, shape, 4)))
    }
}

impl Engine {
    async fn project(
        &self,
        targets: &Targets,
        layer: &str,
        manner: &Manner,
    ) -> Result<Vec<Projection>, JsValue> {
        let Seen { trace, .. } = &**self.seen()?;
        self.project_trace(trace, targets, layer, manner).await
    }

    async fn project_trace(
        &self,
        trace: &Trace,
        targets: &Targets,
        layer: &str,
        manner: &Manner,
    ) -> Result<Vec<Projection>, JsValue> {
        let network = self.network()?;
        let found = project(network, trace, 0, targets, manner.rule).map_err(to_js)?;
        let Seen { prepared, .. } = &**self.seen()?;
        draw(found, targets, layer, manner, network, prepared).await
    }
}

/// How projections are made and drawn.
pub(crate) struct Manner {
    pub(crate) rule: ReluRule,
    pub(crate) stretch: Stretch,
    /// The value drawn as full white; `None`: each projection its own.
    pub(crate) shared: Option<f32>,
}

impl Manner {
    /// By the names that the page uses.
    fn of(rule: &str, stretch: &str, shared: Option<f32>) -> Result<Self, JsValue> {
        Ok(Self {
            rule: chosen("rule", rule)?,
            stretch: chosen("stretch", stretch)?,
            shared,
        })
    }
}

/// Projections as the page gets them, each with the patch that caused it.
pub(crate) async fn draw(
    found: Projections,
    targets: &Targets,
    layer: &str,
    manner: &Manner,
    network: &Network,
    prepared: &Prepared,
) -> Result<Vec<Projection>, JsValue> {
    let tiles = found.tiles(&found.views()).await.map_err(to_js)?;
    // A sheet of hundreds is to be seen; one is to be taken away as well.
    let is_single = tiles.len() == 1;
    let input = &network.model.input;
    let drawn = tiles.iter().enumerate().map(|(at, tile)| {
        let (projection, scale) = tile.draw(input, manner.stretch, manner.shared);
        let (unit, map, class_index) = match targets {
            Targets::Units(_, units) => (Some(units[at]), None, None),
            Targets::Maps(_, maps) => (None, Some(maps[at]), None),
            Targets::Classes(classes) => (None, None, Some(classes[at])),
        };
        Projection {
            layer: layer.into(),
            unit,
            map,
            class_index,
            rule: manner.rule,
            activation: tile.activation,
            window: tile.view,
            projection: picture(&projection),
            patch: picture(&tile.patch(prepared, input)),
            scale,
            largest: tile.values.iter().fold(0f32, |most, v| most.max(v.abs())),
            values: is_single.then(|| floats(&tile.in_rgb_order(input))),
        }
    });
    Ok(drawn.collect())
}

/// A value of a closed set by the name that the page uses.
fn chosen<T: serde::de::DeserializeOwned>(what: &str, name: &str) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(JsValue::from_str(name)).map_err(|_| {
        coded(
            "out-of-range",
            &format!("{what}: expected one of its names, found {name}"),
        )
    })
}
