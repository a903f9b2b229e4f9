//! The experiments of `zfnet`, one file each, as the page asks them.
//!
//! Every experiment is a method `name(ask, pictures, tell)` of the engine with the same bargain: `ask` is plain data,
//! `pictures` are those of the question besides the one on view, and `tell` is called with each part of the answer as it
//! comes; it answers with a promise of whether to go on. Between parts the engine is free for other questions: an
//! experiment holds network and trace of its own and lends nothing from the engine. A listener that says no ends it, and
//! what was found until then is the answer.

mod attention;
mod attribution;
mod correspondence;
mod deletion_insertion;
mod favourite;
mod filters;
mod hierarchy;
mod invariance;
mod learn;
mod occlusion;
mod preprocessing;
mod region;
mod shared;
mod top;

use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use zfnet::experiments::paper::occlusion::Occlusion;
use zfnet::experiments::since::deletion_insertion::DeletionInsertion;
use zfnet::experiments::since::region::Answering;
use zfnet::experiments::{self, Experiment, Record, Step};
use zfnet::pictures::rendering::Picture;
use zfnet::{Network, Photo, Prepared, Trace};

use crate::engine::{Engine, Seen};
use crate::error::{coded, to_js};
use crate::results::{self, list, picture, plain};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A picture of a question about several. */
export interface Further { bytes: Uint8Array; pixels: { width: number; height: number } | null; crop: Crop | null }
/** Called with each part of an answer; whether to go on. */
export type Tell = (part: any) => Promise<boolean>;
/** The usual question of each experiment. */
export interface Usual { occlusion: OcclusionAsk; deletion_insertion: RemovalSettings; favourite: Record<FavouriteMethod, Required<FavouriteSettings>>; region: RegionAsk }
/** What was found as it is written down, by the command line too: numbers by name, and a table. */
export interface Written { numbers: Record<string, unknown>; head: string[]; rows: string[][] }
"#;

/// Who hears the parts of an answer.
pub(crate) struct Listener(Function);

impl Listener {
    /// Hands over a part, and waits until the page wants more or no more.
    pub(crate) async fn tell(&self, part: JsValue) -> ControlFlow<()> {
        // A listener that fails has stopped listening.
        let Ok(answer) = self.0.call1(&JsValue::NULL, &part) else {
            return ControlFlow::Break(());
        };
        match JsFuture::from(Promise::resolve(&answer)).await {
            Ok(wanted) if wanted.is_truthy() => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

impl From<Function> for Listener {
    fn from(tell: Function) -> Self {
        Self(tell)
    }
}

/// What an experiment holds: the network, and the picture on view with its trace.
pub(crate) struct Subject {
    pub(crate) network: Rc<Network>,
    pub(crate) seen: Rc<Seen>,
}

impl Subject {
    pub(crate) fn trace(&self) -> &Trace {
        &self.seen.trace
    }

    /// The same as an experiment takes it.
    fn on(&self) -> experiments::Subject<'_> {
        experiments::Subject {
            network: &self.network,
            prepared: &self.seen.prepared,
            trace: &self.seen.trace,
        }
    }

    /// What an experiment found, as it is written down.
    pub(crate) fn written(&self, found: &impl Record) -> Result<JsValue, JsValue> {
        written(&self.network, found)
    }
}

/// What an experiment found in a network, as it is written down.
pub(crate) fn written(network: &Network, found: &impl Record) -> Result<JsValue, JsValue> {
    let classes = &network.model.classes;
    let table = found.table(classes);
    Ok(results::Fields::new()
        .with("numbers", plain(&found.numbers(classes))?)
        .with("head", plain(&table.head)?)
        .with("rows", plain(&table.rows)?)
        .done())
}

/// An experiment as the page asks it.
pub(crate) trait Told: Experiment {
    /// What is handed over on the way.
    fn part(subject: &Subject, step: &Step<Self::Part<'_>>) -> Result<JsValue, JsValue>;

    /// What is handed over in the end.
    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue>;
}

/// What the experiments usually ask of a network.
pub(crate) fn usual(network: &Network) -> Result<JsValue, JsValue> {
    Ok(results::Fields::new()
        .with(Occlusion::NAME, plain(&Occlusion::usual(network))?)
        .with(
            DeletionInsertion::NAME,
            plain(&DeletionInsertion::usual(network).settings)?,
        )
        .with("favourite", plain(&favourite::usual())?)
        .with(Answering::NAME, plain(&Answering::usual(network))?)
        .done())
}

/// Puts an experiment's question about the picture on view.
pub(crate) fn put<E: Told<Ask: 'static> + 'static>(
    engine: &Engine,
    ask: JsValue,
    tell: Function,
) -> Result<Promise, JsValue> {
    let ask: E::Ask = asked(E::NAME, ask)?;
    let subject = engine.subject()?;
    let listener = Listener::from(tell);
    Ok(answer(async move {
        let mut failure = None;
        let heard = async |step: Step<E::Part<'_>>| match E::part(&subject, &step) {
            Ok(part) => listener.tell(part).await,
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        };
        let found = E::ask(subject.on(), &ask, heard).await.map_err(to_js)?;
        match failure {
            Some(error) => Err(error),
            None => found.whole(&subject),
        }
    }))
}

impl Engine {
    /// What an experiment on the picture on view holds.
    pub(crate) fn subject(&self) -> Result<Subject, JsValue> {
        Ok(Subject {
            network: Rc::clone(self.network()?),
            seen: Rc::clone(self.seen()?),
        })
    }
}

/// An answer that is computed while the engine serves others.
pub(crate) fn answer(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    future_to_promise(future)
}

/// The question as the analysis knows it.
pub(crate) fn asked<T: DeserializeOwned>(what: &str, ask: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(ask).map_err(|e| coded("out-of-range", &format!("{what}: {e}")))
}

/// Decodes further pictures and takes from each the square that was chosen, or its middle.
pub(crate) fn prepared(network: &Network, pictures: &[JsValue]) -> Result<Vec<Prepared>, JsValue> {
    pictures
        .iter()
        .map(|further| prepare(network, further))
        .collect()
}

fn prepare(network: &Network, further: &JsValue) -> Result<Prepared, JsValue> {
    let field = |name: &str| Reflect::get(further, &name.into());
    let bytes = Uint8Array::new(&field("bytes")?).to_vec();
    let pixels = field("pixels")?;
    let photo = if pixels.is_object() {
        let side = |name: &str| -> Result<u32, JsValue> {
            let value = Reflect::get(&pixels, &name.into())?.as_f64();
            Ok(value.unwrap_or_default() as u32)
        };
        Photo::from_rgba(side("width")?, side("height")?, &bytes)
    } else {
        Photo::decode(&bytes)
    };
    let photo = photo.map_err(to_js)?;
    let input = &network.model.input;
    let crop = crate::engine::crop_of(&field("crop")?, &photo, input)?;
    photo.prepare(input, crop).map_err(to_js)
}

#[wasm_bindgen]
impl Engine {
    /// The squares of further pictures, as they would enter the network.
    ///
    /// # Errors
    /// Codes `image-…` for a picture that cannot be read, `no-network`, `out-of-range` for a square outside its picture.
    #[wasm_bindgen(unchecked_return_type = "Promise<{ crop: Crop, picture: Picture }[]>")]
    pub fn squares(
        &self,
        _ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let network = Rc::clone(self.network()?);
        Ok(answer(async move {
            let squares = prepared(&network, &pictures)?;
            let drawn = squares.iter().map(|prepared| {
                results::Fields::new()
                    .with("crop", results::crop(prepared.part))
                    .with("picture", picture(&Picture::from_rgb(&prepared.rgb)))
                    .done()
            });
            Ok(Array::into(list(drawn)))
        }))
    }
}
