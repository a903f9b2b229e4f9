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
pub(crate) mod usual;

use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::{Function, Promise, Uint8Array};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use zfnet::experiments::{self, Experiment, Record, Step};
use zfnet::pictures::rendering;
use zfnet::{Network, Photo, Prepared, Trace};
use zfnet_typescript::{TypeScript, declare};

use crate::engine::{Engine, Seen};
use crate::error::{coded, to_js};
use crate::results::{Crop, Picture, Typed, picture, plain};

declare![Further, Pixels, Square, Written];

#[wasm_bindgen(typescript_custom_section)]
const TELL: &str = r#"
/** Called with each part of an answer; whether to go on. */
export type Tell = (part: any) => Promise<boolean>;
"#;

/// A picture of a question about several.
#[derive(Deserialize, TypeScript)]
struct Further {
    bytes: Typed<Uint8Array>,
    /// Where these are pixels, and not a file.
    pixels: Option<Pixels>,
    crop: Option<Crop>,
}

#[derive(Deserialize, TypeScript)]
struct Pixels {
    width: u32,
    height: u32,
}

/// A picture as it would enter the network.
#[derive(Serialize, TypeScript)]
struct Square {
    crop: Crop,
    picture: Picture,
}

/// What was found as it is written down, by the command line too: numbers by name, and a table.
#[derive(Serialize, TypeScript)]
pub(crate) struct Written {
    numbers: Map<String, Value>,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Who hears the parts of an answer.
pub(crate) struct Listener(Function);

impl Listener {
    /// Hands over a part, and waits until the page wants more or no more.
    pub(crate) fn tell(&self, part: &impl Serialize) -> impl Future<Output = ControlFlow<()>> {
        self.hand_over(plain(part))
    }

    async fn hand_over(&self, part: Result<JsValue, JsValue>) -> ControlFlow<()> {
        // A listener that fails has stopped listening.
        let called = part.and_then(|part| self.0.call1(&JsValue::NULL, &part));
        let Ok(answer) = called else {
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
    pub(crate) fn written(&self, found: &impl Record) -> Written {
        written(&self.network, found)
    }
}

/// What an experiment found in a network, as it is written down.
pub(crate) fn written(network: &Network, found: &impl Record) -> Written {
    let classes = &network.model.classes;
    let table = found.table(classes);
    Written {
        numbers: found.numbers(classes),
        head: table.head,
        rows: table.rows,
    }
}

/// An experiment as the page asks it.
pub(crate) trait Told: Experiment {
    /// What is handed over on the way.
    fn part(subject: &Subject, step: &Step<Self::Part<'_>>) -> Result<JsValue, JsValue>;

    /// What is handed over in the end.
    fn whole(&self, subject: &Subject) -> Result<JsValue, JsValue>;
}

/// Puts an experiment's question about the picture on view.
pub(crate) fn put<E: Told<Ask: 'static> + 'static>(
    engine: &Engine,
    ask: E::Ask,
    tell: Function,
) -> Result<Promise, JsValue> {
    let subject = engine.subject()?;
    let listener = Listener::from(tell);
    Ok(answer(async move {
        let heard =
            async |step: Step<E::Part<'_>>| listener.hand_over(E::part(&subject, &step)).await;
        let found = E::ask(subject.on(), &ask, heard).await.map_err(to_js)?;
        found.whole(&subject)
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
    let Further {
        bytes,
        pixels,
        crop,
    } = asked("picture", further.clone())?;
    let bytes = bytes.0.to_vec();
    let photo = match pixels {
        Some(Pixels { width, height }) => Photo::from_rgba(width, height, &bytes),
        None => Photo::decode(&bytes),
    };
    let photo = photo.map_err(to_js)?;
    let input = &network.model.input;
    let crop = Crop::of(crop, &photo, input);
    crop.and_then(|crop| photo.prepare(input, crop))
        .map_err(to_js)
}

#[wasm_bindgen]
impl Engine {
    /// The squares of further pictures, as they would enter the network.
    ///
    /// # Errors
    /// Codes `image-…` for a picture that cannot be read, `no-network`, `out-of-range` for a square outside its picture.
    #[wasm_bindgen(unchecked_return_type = "Promise<Square[]>")]
    pub fn squares(
        &self,
        _ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let network = Rc::clone(self.network()?);
        Ok(answer(async move {
            let squares = prepared(&network, &pictures)?;
            let drawn = squares.iter().map(|prepared| Square {
                crop: prepared.part.into(),
                picture: picture(&rendering::Picture::from_rgb(&prepared.rgb)),
            });
            plain(&drawn.collect::<Vec<_>>())
        }))
    }
}
