//! The one handle that JavaScript holds: a device, a network, a photograph and the trace it left.

use burn::tensor::Device;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use zfnet::rendering::{self, Picture, Stretch};
use zfnet::{
    Crop, Error, Network, Photo, Prepared, Projections, ReluRule, Targets, Trace, project, readback,
};

use crate::error::{coded, to_js};
use crate::results::{self, Fields, bytes, floats, list, picture};

/// A small network with the numbers that PyTorch and captum found for it; what a device must reproduce before it is trusted.
const REFERENCE: &[u8] = include_bytes!("../../../tests/golden/selftest.safetensors");

/// Network, photograph and trace on this module's device. One call at a time.
#[wasm_bindgen]
pub struct Engine {
    device: Device,
    adapter: String,
    network: Option<Network>,
    photo: Option<Photo>,
    seen: Option<Seen>,
}

/// What the last look left behind.
struct Seen {
    prepared: Prepared,
    trace: Trace,
}

#[wasm_bindgen]
impl Engine {
    /// Opens the device.
    ///
    /// # Errors
    /// Code `no-adapter` when there is none.
    pub async fn create() -> Result<Self, JsValue> {
        let (device, adapter) = crate::device::open().await?;
        Ok(Self {
            device,
            adapter,
            network: None,
            photo: None,
            seen: None,
        })
    }

    /// Which backend runs, and on what.
    #[wasm_bindgen(unchecked_return_type = "Backend")]
    pub fn backend(&self) -> JsValue {
        Fields::new()
            .with("backend", crate::device::BACKEND)
            .with("adapter", self.adapter.as_str())
            .done()
    }

    /// Replays the built-in reference case.
    ///
    /// # Errors
    /// Code `execution` when the device fails altogether.
    #[wasm_bindgen(js_name = selfTest, unchecked_return_type = "SelfTest")]
    pub async fn self_test(&self) -> Result<JsValue, JsValue> {
        let replay = zfnet::replay::replay(REFERENCE, &self.device)
            .await
            .map_err(to_js)?;
        results::self_test(&replay)
    }

    /// Reads a shard of weights. One that carries the first layers starts a new network; others add to it.
    ///
    /// # Errors
    /// Code `weights`; what was loaded before stays.
    #[wasm_bindgen(js_name = loadShard, unchecked_return_type = "NetworkInfo")]
    pub async fn load_shard(&mut self, shard: Vec<u8>) -> Result<JsValue, JsValue> {
        let read = Network::read(&shard, &self.device).map_err(to_js)?;
        match &mut self.network {
            Some(network) if read.runnable() == 0 => network.add_shard(&shard).map_err(to_js)?,
            slot => *slot = Some(read),
        }
        self.seen = None;
        results::network(self.network()?)
    }

    /// Decodes a photograph.
    ///
    /// # Errors
    /// Codes `image-…`; the photograph before stays.
    #[wasm_bindgen(js_name = openPhoto, unchecked_return_type = "PhotoInfo")]
    pub fn open_photo(&mut self, file: Vec<u8>) -> Result<JsValue, JsValue> {
        let photo = Photo::decode(&file).map_err(to_js)?;
        Ok(self.open(photo))
    }

    /// Takes a photograph that the browser decoded.
    ///
    /// # Errors
    /// Codes `image-…`; the photograph before stays.
    #[wasm_bindgen(js_name = openPixels, unchecked_return_type = "PhotoInfo")]
    pub fn open_pixels(
        &mut self,
        width: u32,
        height: u32,
        rgba: Vec<u8>,
    ) -> Result<JsValue, JsValue> {
        let photo = Photo::from_rgba(width, height, &rgba).map_err(to_js)?;
        Ok(self.open(photo))
    }

    fn open(&mut self, photo: Photo) -> JsValue {
        let (width, height) = photo.rgb.dimensions();
        let side = width.min(height);
        self.photo = Some(photo);
        self.seen = None;
        Fields::new()
            .with("width", width)
            .with("height", height)
            .with(
                "crop",
                results::crop([(width - side) / 2, (height - side) / 2, side]),
            )
            .done()
    }

    /// The upright photograph, its longer side at most `long_side` pixels.
    ///
    /// # Errors
    /// Code `no-photo`.
    #[wasm_bindgen(unchecked_return_type = "Picture")]
    pub fn preview(&self, long_side: u32) -> Result<JsValue, JsValue> {
        Ok(picture(&Picture::from_rgb(
            &self.photo()?.preview(long_side),
        )))
    }

    /// Runs the network on a square of the photograph, or on its centre.
    ///
    /// # Errors
    /// Codes `no-photo`, `no-network`, `out-of-range`, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Look")]
    pub async fn look(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Crop | null")] crop: JsValue,
    ) -> Result<JsValue, JsValue> {
        let network = self.network()?;
        let prepared = self
            .photo()?
            .prepare(&network.model.input, crop_of(&crop)?)
            .map_err(to_js)?;
        let trace = network
            .forward(prepared.tensor(network).map_err(to_js)?)
            .map_err(to_js)?;
        let layers = network.convolutions();
        let strongest = trace.strongest(0, &layers).await.map_err(to_js)?;
        let summaries = layers.iter().zip(&strongest).map(|(layer, answers)| {
            let answers = answers.iter().map(|answer| {
                Fields::new()
                    .with("map", answer.unit.map as u32)
                    .with("row", answer.unit.row as u32)
                    .with("col", answer.unit.col as u32)
                    .with("activation", answer.activation)
                    .done()
            });
            Fields::new()
                .with("layer", *layer)
                .with("strongest", list(answers))
                .done()
        });
        let summaries = list(summaries);
        let classes = match trace
            .logits()
            .filter(|_| trace.layers.len() == network.plan.len())
        {
            Some(logits) => class_scores(&readback::floats(logits).await.map_err(to_js)?),
            None => JsValue::NULL,
        };
        let look = Fields::new()
            .with("crop", results::crop(prepared.square))
            .with("input", picture(&Picture::from_rgb(&prepared.rgb)))
            .with("layers", summaries)
            .with("classes", classes)
            .done();
        self.seen = Some(Seen { prepared, trace });
        Ok(look)
    }

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
        Ok(Fields::new()
            .with("layer", layer)
            .with("maps", maps as u32)
            .with("rows", rows as u32)
            .with("cols", cols as u32)
            .with("values", floats(&values))
            .with("tiles", bytes(&tiles))
            .with("low", low)
            .with("high", high)
            .with("ranges", floats(&ranges))
            .done())
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
        Ok(self
            .project(&targets, layer, rule, stretch, shared_scale)
            .await?
            .into())
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
        Ok(self
            .project(&targets, layer, rule, stretch, shared_scale)
            .await?
            .get(0))
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
        let last = self
            .network()?
            .plan
            .last()
            .map_or("", |last| &last.layer.name)
            .to_string();
        Ok(self
            .project(&targets, &last, rule, stretch, shared_scale)
            .await?
            .get(0))
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
        let values = readback::floats(filters).await.map_err(to_js)?;
        Ok(picture(&rendering::filters(&values, shape, 4)))
    }

    /// Bytes of the module's memory.
    pub fn memory(&self) -> f64 {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
        f64::from(buffer.byte_length())
    }
}

impl Engine {
    fn network(&self) -> Result<&Network, JsValue> {
        self.network
            .as_ref()
            .ok_or_else(|| coded("no-network", "expected a network, found no weights loaded"))
    }

    fn photo(&self) -> Result<&Photo, JsValue> {
        self.photo
            .as_ref()
            .ok_or_else(|| coded("no-photo", "expected a photograph, found none opened"))
    }

    fn seen(&self) -> Result<&Seen, JsValue> {
        self.seen.as_ref().ok_or_else(|| {
            coded(
                "no-photo",
                "expected a look at a photograph first, found none",
            )
        })
    }

    async fn project(
        &self,
        targets: &Targets,
        layer: &str,
        rule: &str,
        stretch: &str,
        shared: Option<f32>,
    ) -> Result<js_sys::Array, JsValue> {
        let rule: ReluRule = chosen("rule", rule)?;
        let stretch: Stretch = chosen("stretch", stretch)?;
        let network = self.network()?;
        let Seen { prepared, trace } = self.seen()?;
        let Projections {
            pixels,
            windows,
            activations,
        } = project(network, trace, 0, targets, rule).map_err(to_js)?;
        let [_, channels, height, width] = pixels.dims();
        let mut answers = readback::Readback::default()
            .floats(pixels)
            .floats(activations)
            .read()
            .await
            .map_err(to_js)?;
        let pixels = answers.floats().map_err(to_js)?;
        let activations = answers.floats().map_err(to_js)?;
        let drawn = pixels
            .chunks(channels * height * width)
            .zip(activations)
            .enumerate()
            .map(|(at, (values, activation))| {
                let (projection, scale) =
                    rendering::projection(values, [height, width], stretch, shared);
                let largest = values.iter().fold(0f32, |most, v| most.max(v.abs()));
                let patch = Picture::from_rgb(&prepared.patch(&windows, at, &network.model.input));
                let (unit, map, class) = match targets {
                    Targets::Units(_, units) => (
                        list(units[at].map(|v| JsValue::from(v as u32))).into(),
                        JsValue::NULL,
                        JsValue::NULL,
                    ),
                    Targets::Maps(_, maps) => {
                        (JsValue::NULL, JsValue::from(maps[at] as u32), JsValue::NULL)
                    }
                    Targets::Classes(classes) => (
                        JsValue::NULL,
                        JsValue::NULL,
                        JsValue::from(classes[at] as u32),
                    ),
                };
                Fields::new()
                    .with("layer", layer)
                    .with("unit", unit)
                    .with("map", map)
                    .with("classIndex", class)
                    .with("rule", name_of(rule))
                    .with("activation", activation)
                    .with("window", results::window(&windows, at))
                    .with("projection", picture(&projection))
                    .with("patch", picture(&patch))
                    .with("scale", scale)
                    .with("largest", largest)
                    .done()
            });
        Ok(list(drawn))
    }
}

fn name_of(rule: ReluRule) -> &'static str {
    match rule {
        ReluRule::Deconvnet => "deconvnet",
        ReluRule::Guided => "guided",
        ReluRule::Gradient => "gradient",
    }
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

fn crop_of(crop: &JsValue) -> Result<Crop, JsValue> {
    if crop.is_null() || crop.is_undefined() {
        return Ok(Crop::Centre);
    }
    let number = |name: &str| -> Result<u32, JsValue> {
        let value = Reflect::get(crop, &name.into())?
            .as_f64()
            .filter(|v| *v >= 0.0 && *v <= f64::from(u32::MAX));
        let wrong = || {
            let expected = format!("crop.{name}: a number of pixels");
            to_js(Error::OutOfRange {
                subject: "crop".into(),
                expected,
                found: "none".into(),
            })
        };
        value.map(|v| v.round() as u32).ok_or_else(wrong)
    };
    Ok(Crop::Square {
        left: number("left")?,
        top: number("top")?,
        size: number("size")?,
    })
}

/// Softmax of the scores, largest first.
fn class_scores(logits: &[f32]) -> JsValue {
    let scores = zfnet::trace::ranked(logits);
    list(scores.into_iter().map(|(index, probability)| {
        Fields::new()
            .with("index", index as u32)
            .with("probability", probability)
            .with("logit", logits[index])
            .done()
    }))
    .into()
}
