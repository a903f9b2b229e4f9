//! `zfnet-import` spoken to JavaScript: a network's file in; its description and its numbers out, some after the others.
//!
//! A module apart from the engine's: it is fetched when somebody brings a network of another program, and it gives the room that the
//! file took back when its Worker ends.

use js_sys::Reflect;
use self_cell::self_cell;
use wasm_bindgen::prelude::*;
use zfnet::Error;
use zfnet_import::{Format, Imported, Options};

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

self_cell! {
    /// A network, which stays in the bytes of its file.
    struct Open {
        owner: Vec<u8>,
        #[covariant]
        dependent: Imported,
    }
}

/// A file that comes in parts, so that it is nowhere else as a whole.
#[wasm_bindgen]
pub struct Room(Vec<u8>);

#[wasm_bindgen]
impl Room {
    /// For so many bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Self {
        Self(Vec::with_capacity(length))
    }

    /// The next bytes.
    pub fn add(&mut self, part: &[u8]) {
        self.0.extend_from_slice(part);
    }
}

/// A network of another program.
#[wasm_bindgen]
pub struct Foreign(Open);

#[wasm_bindgen]
impl Foreign {
    /// Reads a file. `file`: how it is named, which tells what it was to be; `name`: what the network is called; `classes`: names
    /// for as many classes as JSON, as they stand in a weights file; `size`: rows and columns of the input, where others than the
    /// file's are wanted.
    ///
    /// # Errors
    /// An `Error` with the code `weights` for what is no network, a damaged one, or one that is not computed here.
    #[wasm_bindgen(constructor)]
    pub fn new(
        room: Room,
        file: &str,
        name: Option<String>,
        classes: Option<String>,
        size: Option<Vec<u32>>,
    ) -> Result<Self, JsValue> {
        let classes = classes.as_deref().map(zfnet_import::class_names);
        let options = Options {
            name,
            size: size.and_then(|size| {
                let sides: Vec<usize> = size.into_iter().map(|side| side as usize).collect();
                sides.try_into().ok()
            }),
            classes: classes.transpose().map_err(to_js)?.unwrap_or_default(),
        };
        let open = Open::try_new(room.0, |bytes| {
            match Format::of(bytes).or(Format::named(file)) {
                Some(Format::StateDict) => zfnet_import::read_state_dict(bytes, None, &options),
                _ => zfnet_import::read(bytes, &options),
            }
        });
        open.map(Self).map_err(to_js)
    }

    /// Its description, the JSON of a weights file.
    ///
    /// # Errors
    /// None is expected.
    pub fn model(&self) -> Result<String, JsValue> {
        let model = &self.0.borrow_dependent().model;
        serde_json::to_string(model).map_err(|error| JsValue::from(error.to_string()))
    }

    /// The names of its tensors, in order.
    pub fn names(&self) -> Vec<String> {
        let tensors = self.0.borrow_dependent().tensors().into_iter();
        tensors.map(|(name, _)| name.to_owned()).collect()
    }

    /// How many numbers each of them holds.
    pub fn counts(&self) -> Vec<u32> {
        let tensors = self.0.borrow_dependent().tensors().into_iter();
        tensors.map(|(_, count)| count as u32).collect()
    }

    /// Numbers of a tensor, row-major, from the given one on, at most `most` of them.
    ///
    /// # Errors
    /// An `Error` with the code `weights` for the first that is not finite.
    pub fn numbers(&self, name: &str, from: u32, most: u32) -> Result<Vec<f32>, JsValue> {
        let range = from as usize..from.saturating_add(most) as usize;
        let imported = self.0.borrow_dependent();
        imported.part(name, range).map_err(to_js)
    }
}

/// A JavaScript `Error` with the code by which the page knows what is wrong with a network.
fn to_js(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&js, &"code".into(), &"weights".into());
    js.into()
}
