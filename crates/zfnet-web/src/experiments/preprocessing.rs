//! How pictures enter a network of which nobody says, for the page: the usual ways tried, and one of them chosen.

use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use zfnet::experiments::Step;
use zfnet::experiments::since::preprocessing::{Preprocessing, Said, Tried, try_each};
use zfnet_typescript::declare;

use super::{answer, asked, prepared};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::plain;

declare![Preprocessing, Tried, Said];

#[wasm_bindgen]
impl Engine {
    /// Tries every way on the further pictures of the question.
    ///
    /// # Errors
    /// Codes `image-…` for a picture that cannot be read, `no-network` without the classifier, `out-of-range` without a picture,
    /// `weights` for a network that gives no scores, `execution`.
    #[wasm_bindgen(unchecked_return_type = "Promise<PreprocessingTried[]>")]
    pub fn preprocessings(
        &self,
        _ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let network = Rc::clone(self.network()?);
        Ok(answer(async move {
            let pictures = prepared(&network, &pictures)?;
            let heard = async |_: Step<&[Tried]>| ControlFlow::Continue(());
            let tried = try_each(&network, &pictures, heard).await.map_err(to_js)?;
            plain(&tried)
        }))
    }

    /// Has pictures enter in one of the ways from now on.
    ///
    /// # Errors
    /// Codes `no-network`, `out-of-range` for another word.
    #[wasm_bindgen(js_name = setPreprocessing, unchecked_return_type = "NetworkInfo")]
    pub fn set_preprocessing(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Preprocessing")] preprocessing: JsValue,
    ) -> Result<JsValue, JsValue> {
        let preprocessing: Preprocessing = asked("preprocessing", preprocessing)?;
        let network = preprocessing.of(self.network()?);
        self.replace(network)
    }
}
