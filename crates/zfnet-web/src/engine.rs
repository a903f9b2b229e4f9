//! The one handle that JavaScript holds: a device, a network, a photograph and the trace it left.

use std::rc::Rc;

use burn::tensor::Device;
use js_sys::{Float32Array, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zfnet::files::weights::Shard;
use zfnet::network::familiarity::Fit;
use zfnet::network::kernels::{Kernels, warm_up};
use zfnet::network::model::Scores;
use zfnet::pictures::rendering;
use zfnet::{Network, Photo, Prepared, Trace, Unit, readback};
use zfnet_typescript::{TypeScript, declare};

use crate::assembly::Assembly;
use crate::device::BackendName;
use crate::error::{coded, to_js};
use crate::evolution::Before;
use crate::experiments::asked;
use crate::results::{
    Crop, NetworkInfo, Picture, SelfTest, Typed, floats, indices, picture, plain,
};

declare![
    BackendName,
    Backend,
    PhotoInfo,
    LookNumbers,
    LayerNumbers,
    ScoreNumbers
];

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

/// Which backend runs, and on what.
#[derive(Serialize, TypeScript)]
struct Backend<'a> {
    backend: BackendName,
    adapter: &'a str,
}

#[derive(Serialize, TypeScript)]
struct PhotoInfo {
    width: u32,
    height: u32,
    /// Nothing is in it: every pixel has the same colour.
    blank: bool,
    crop: Crop,
}

/// A look as it leaves the module: objects are slow to make from here.
#[derive(Serialize, TypeScript)]
struct LookNumbers<'a> {
    crop: Crop,
    input: Picture,
    layers: Vec<LayerNumbers<'a>>,
    /// Null without the classifier.
    scores: Option<ScoreNumbers>,
    /// Null where that was not learnt, and without the classifier.
    fit: Option<Fit>,
}

/// The strongest unit of each map.
#[derive(Serialize, TypeScript)]
struct LayerNumbers<'a> {
    layer: &'a str,
    /// A row and a column for each map.
    units: Typed<Uint32Array>,
    /// 0 or less: the map is silent.
    activations: Typed<Float32Array>,
}

#[derive(Serialize, TypeScript)]
struct ScoreNumbers {
    /// The likeliest class first.
    order: Typed<Uint32Array>,
    /// In that order.
    probabilities: Typed<Float32Array>,
    /// By class.
    logits: Typed<Float32Array>,
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
    pub fn backend(&self) -> Result<JsValue, JsValue> {
        plain(&Backend {
            backend: BackendName::own(),
            adapter: &self.adapter,
        })
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
        plain(&SelfTest::from(&replay))
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
        self.open(photo)
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
        self.open(photo)
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
        plain(&NetworkInfo::from(&**self.network()?))
    }

    fn open(&mut self, photo: Photo) -> Result<JsValue, JsValue> {
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
        plain(&PhotoInfo {
            width,
            height,
            blank,
            crop: crop.into(),
        })
    }

    /// The upright photograph, its longer side at most `long_side` pixels.
    ///
    /// # Errors
    /// Code `no-photo`.
    #[wasm_bindgen(unchecked_return_type = "Picture")]
    pub fn preview(&self, long_side: u32) -> Result<JsValue, JsValue> {
        let preview = self.photo()?.preview(long_side);
        plain(&picture(&rendering::Picture::from_rgb(&preview)))
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
        let crop = Crop::of(asked("crop", crop)?, photo, input);
        let prepared = crop.and_then(|crop| photo.prepare(input, crop));
        let prepared = prepared.map_err(to_js)?;
        // It takes as much room as what comes.
        self.seen = None;
        let trace = network
            .forward(prepared.tensor(network).map_err(to_js)?)
            .map_err(to_js)?;
        let layers = network.looked_at();
        let strongest = trace.strongest(0, &layers).await.map_err(to_js)?;
        let layers = layers.into_iter().zip(&strongest).map(|(layer, answers)| {
            let units = answers.iter().flat_map(|answer| {
                let Unit { row, col, .. } = answer.unit;
                [row, col]
            });
            let activations: Vec<f32> = answers.iter().map(|answer| answer.activation).collect();
            LayerNumbers {
                layer,
                units: indices(units),
                activations: floats(&activations),
            }
        });
        let layers = layers.collect();
        let logits = trace
            .logits()
            .filter(|_| network.missing_in(&trace).is_none());
        let (scores, fit) = match logits {
            Some(logits) => {
                let logits = readback::floats(logits).await.map_err(to_js)?;
                let fit = network.known(&trace, 0, &logits).await.map_err(to_js)?;
                (Some(class_scores(&logits, network.model.scores)), fit)
            }
            None => (None, None),
        };
        let look = plain(&LookNumbers {
            crop: prepared.part.into(),
            input: picture(&rendering::Picture::from_rgb(&prepared.rgb)),
            layers,
            scores,
            fit,
        });
        self.seen = Some(Rc::new(Seen { prepared, trace }));
        look
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

/// The classes' shares, largest first.
fn class_scores(logits: &[f32], kind: Scores) -> ScoreNumbers {
    let ranked = zfnet::network::trace::ranked(logits, kind);
    let probabilities: Vec<f32> = ranked.iter().map(|(_, share)| *share).collect();
    ScoreNumbers {
        order: indices(ranked.iter().map(|(index, _)| *index)),
        probabilities: floats(&probabilities),
        logits: floats(logits),
    }
}
