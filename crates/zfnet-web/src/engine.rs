//! The one handle that JavaScript holds: a device, a network, a photograph and the trace it left.

use std::rc::Rc;

use burn::tensor::Device;
use js_sys::{Float32Array, Reflect, Uint32Array};
use wasm_bindgen::prelude::*;
use zfnet::files::weights::Shard;
use zfnet::network::kernels::{Kernels, warm_up};
use zfnet::network::model::{Input, Scores};
use zfnet::pictures::rendering::Picture;
use zfnet::{Crop, Error, Network, Photo, Prepared, Trace, Unit, readback};

use crate::assembly::Assembly;
use crate::error::{coded, to_js};
use crate::evolution::Before;
use crate::results::{self, Fields, list, picture, plain};

/// A small network with the numbers that PyTorch and captum found for it; what a device must reproduce before it is trusted.
static REFERENCE: &[u8] = include_bytes!("../../../tests/golden/selftest.safetensors");

/// Network, photograph and trace on this module's device. One call at a time.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) device: Device,
    adapter: String,
    /// With which operations networks compute.
    kernels: Kernels,
    /// Shared with the experiments that are under way, as is what the last look left behind.
    network: Option<Rc<Network>>,
    photo: Option<Photo>,
    seen: Option<Rc<Seen>>,
    /// What the checkpoint before left behind, while a training is gone through.
    pub(crate) before: Option<Before>,
}

/// What the last look left behind.
pub(crate) struct Seen {
    pub(crate) prepared: Prepared,
    pub(crate) trace: Trace,
}

/// What a page that asks for plain operations, or says nothing, is given.
pub(crate) fn chosen(plain: Option<bool>) -> Kernels {
    match plain {
        Some(true) => Kernels::Plain,
        _ => Kernels::Own,
    }
}

#[wasm_bindgen]
impl Engine {
    /// Opens the device. `plain`: whether networks compute with burn's operations alone, which is slower.
    ///
    /// # Errors
    /// Code `no-adapter` when there is none.
    pub async fn create(plain: Option<bool>) -> Result<Self, JsValue> {
        let (device, adapter) = crate::device::open().await?;
        let kernels = chosen(plain);
        if cfg!(feature = "cpu") && kernels == Kernels::Own {
            // While weights are still on their way.
            warm_up();
        }
        Ok(Self {
            device,
            adapter,
            kernels,
            network: None,
            photo: None,
            seen: None,
            before: None,
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
        let replay = zfnet::files::replay::replay(REFERENCE, &self.device, self.kernels)
            .await
            .map_err(to_js)?;
        results::self_test(&replay)
    }

    /// Reads a shard of weights. What carries the first layers starts a new network; other shards add to it.
    ///
    /// # Errors
    /// Code `weights`; what was loaded before stays.
    #[wasm_bindgen(js_name = loadShard, unchecked_return_type = "NetworkInfo")]
    pub async fn load_shard(&mut self, shard: Vec<u8>) -> Result<JsValue, JsValue> {
        if let Some(network) = &mut self.network
            && Shard::of(&shard).map_err(to_js)? == Shard::Classifier
        {
            Rc::make_mut(network).add_shard(&shard).map_err(to_js)?;
            return self.taken();
        }
        let read = self.read(&shard)?;
        self.replace(read)
    }

    /// Takes a network that was put together, in place of the one before, or what was still missing of that.
    ///
    /// # Errors
    /// Code `weights`; what was loaded before stays.
    #[wasm_bindgen(js_name = takeNetwork, unchecked_return_type = "NetworkInfo")]
    pub fn take_network(&mut self, made: Assembly) -> Result<JsValue, JsValue> {
        if let Some(network) = &mut self.network
            && made.completes()
        {
            made.complete(Rc::make_mut(network)).map_err(to_js)?;
            return self.taken();
        }
        let network = made.network(&self.device).map_err(to_js)?;
        self.replace(network.with_kernels(self.kernels))
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

    pub(crate) fn read(&self, shard: &[u8]) -> Result<Network, JsValue> {
        let network = Network::read(shard, &self.device).map_err(to_js)?;
        Ok(network.with_kernels(self.kernels))
    }

    /// Takes a network in place of the one before.
    pub(crate) fn replace(&mut self, network: Network) -> Result<JsValue, JsValue> {
        self.network = Some(Rc::new(network));
        self.before = None;
        self.taken()
    }

    fn taken(&mut self) -> Result<JsValue, JsValue> {
        self.seen = None;
        self.network()?.prepare();
        results::network(self.network()?)
    }

    fn open(&mut self, photo: Photo) -> JsValue {
        let (width, height) = photo.rgb.dimensions();
        let crop = match &self.network {
            Some(network) => photo.centre(&network.model.input),
            // Before a network says which part it wants, the largest square in the middle.
            None => {
                let side = width.min(height);
                [(width - side) / 2, (height - side) / 2, side, side]
            }
        };
        let blank = photo.is_blank();
        self.photo = Some(photo);
        self.seen = None;
        Fields::new()
            .with("width", width)
            .with("height", height)
            .with("blank", blank)
            .with("crop", results::crop(crop))
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
    #[wasm_bindgen(unchecked_return_type = "LookNumbers")]
    pub async fn look(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Crop | null")] crop: JsValue,
    ) -> Result<JsValue, JsValue> {
        let network = &*Rc::clone(self.network()?);
        let (photo, input) = (self.photo()?, &network.model.input);
        let prepared = photo
            .prepare(input, crop_of(&crop, photo, input)?)
            .map_err(to_js)?;
        // It takes as much room as what comes.
        self.seen = None;
        let trace = network
            .forward(prepared.tensor(network).map_err(to_js)?)
            .map_err(to_js)?;
        let layers = network.looked_at();
        let strongest = trace.strongest(0, &layers).await.map_err(to_js)?;
        let summaries = layers.iter().zip(&strongest).map(|(layer, answers)| {
            let units = answers.iter().flat_map(|answer| {
                let Unit { row, col, .. } = answer.unit;
                [row as u32, col as u32]
            });
            let activations = answers.iter().map(|answer| answer.activation);
            Fields::new()
                .with("layer", *layer)
                .with("units", Uint32Array::from(&*units.collect::<Vec<_>>()))
                .with(
                    "activations",
                    Float32Array::from(&*activations.collect::<Vec<_>>()),
                )
                .done()
        });
        let summaries = list(summaries);
        let logits = trace
            .logits()
            .filter(|_| network.missing_in(&trace).is_none());
        let (scores, fit) = match logits {
            Some(logits) => {
                let logits = readback::floats(logits).await.map_err(to_js)?;
                let fit = network.known(&trace, 0, &logits).await.map_err(to_js)?;
                (class_scores(&logits, network.model.scores), plain(&fit)?)
            }
            None => (JsValue::NULL, JsValue::NULL),
        };
        let look = Fields::new()
            .with("crop", results::crop(prepared.part))
            .with("input", picture(&Picture::from_rgb(&prepared.rgb)))
            .with("layers", summaries)
            .with("scores", scores)
            .with("fit", fit)
            .done();
        self.seen = Some(Rc::new(Seen { prepared, trace }));
        Ok(look)
    }

    /// Bytes of the module's memory.
    pub fn memory(&self) -> f64 {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
        f64::from(buffer.byte_length())
    }
}

impl Engine {
    pub(crate) fn network(&self) -> Result<&Rc<Network>, JsValue> {
        self.network
            .as_ref()
            .ok_or_else(|| coded("no-network", "expected a network, found no weights loaded"))
    }

    pub(crate) fn photo(&self) -> Result<&Photo, JsValue> {
        self.photo
            .as_ref()
            .ok_or_else(|| coded("no-photo", "expected a photograph, found none opened"))
    }

    pub(crate) fn seen(&self) -> Result<&Rc<Seen>, JsValue> {
        self.seen.as_ref().ok_or_else(|| {
            coded(
                "no-photo",
                "expected a look at a photograph first, found none",
            )
        })
    }
}

/// A part of the photograph as the page gives it; `null` and the part that the network would take anyway are its own choice.
pub(crate) fn crop_of(crop: &JsValue, photo: &Photo, input: &Input) -> Result<Crop, JsValue> {
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
    let [left, top, width] = [number("left")?, number("top")?, number("size")?];
    Ok(match photo.centre(input)[..3] == [left, top, width] {
        true => Crop::Centre,
        false => Crop::Part { left, top, width },
    })
}

/// The classes' shares, largest first.
fn class_scores(logits: &[f32], kind: Scores) -> JsValue {
    let ranked = zfnet::network::trace::ranked(logits, kind);
    let order: Vec<u32> = ranked.iter().map(|(index, _)| *index as u32).collect();
    let probabilities: Vec<f32> = ranked.iter().map(|(_, share)| *share).collect();
    Fields::new()
        .with("order", Uint32Array::from(&*order))
        .with("probabilities", Float32Array::from(&*probabilities))
        .with("logits", Float32Array::from(logits))
        .done()
}
