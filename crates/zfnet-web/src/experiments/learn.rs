//! The derivation in small (`zfnet::experiments::arithmetic`) for the Learn tab; needs no picture and no network.

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::arithmetic::{self, Convolution, Grid, Pooling, Rectifier};
use zfnet_typescript::{TypeScript, declare};

use super::{answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::plain;

declare![
    Grid,
    LearnConvAsk,
    Convolution,
    LearnPoolAsk,
    Pooling,
    LearnReluAsk,
    Rectifier,
];

#[derive(Deserialize, TypeScript)]
struct LearnConvAsk {
    picture: Grid,
    kernel: Grid,
}

/// Square windows.
#[derive(Deserialize, TypeScript)]
struct LearnPoolAsk {
    picture: Grid,
    size: usize,
    every: usize,
    /// Null: the maxima themselves.
    signal: Option<Grid>,
}

#[derive(Deserialize, TypeScript)]
struct LearnReluAsk {
    x: Grid,
    signal: Grid,
}

#[wasm_bindgen]
impl Engine {
    /// A convolution as its matrix, and the way back.
    ///
    /// # Errors
    /// Codes `out-of-range`, `execution`.
    #[wasm_bindgen(js_name = learnConv, unchecked_return_type = "Promise<LearnConvResult>")]
    pub fn learn_conv(
        &self,
        #[wasm_bindgen(unchecked_param_type = "LearnConvAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let LearnConvAsk { picture, kernel } = asked("convolution", ask)?;
        let device = self.device.clone();
        Ok(answer(async move {
            let found = arithmetic::convolve(&picture, &kernel, &device).await;
            plain(&found.map_err(to_js)?)
        }))
    }

    /// Max pooling, its switches, and what they put back.
    ///
    /// # Errors
    /// Codes `out-of-range`, `execution`.
    #[wasm_bindgen(js_name = learnPool, unchecked_return_type = "Promise<LearnPoolResult>")]
    pub fn learn_pool(
        &self,
        #[wasm_bindgen(unchecked_param_type = "LearnPoolAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let LearnPoolAsk {
            picture,
            size,
            every,
            signal,
        } = asked("pooling", ask)?;
        let device = self.device.clone();
        Ok(answer(async move {
            let found = arithmetic::pool(&picture, size, every, signal.as_ref(), &device).await;
            plain(&found.map_err(to_js)?)
        }))
    }

    /// A rectifier, and the three ways back through it.
    ///
    /// # Errors
    /// Codes `out-of-range`, `execution`.
    #[wasm_bindgen(js_name = learnRelu, unchecked_return_type = "Promise<LearnReluResult>")]
    pub fn learn_relu(
        &self,
        #[wasm_bindgen(unchecked_param_type = "LearnReluAsk")] ask: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Further[]")] _pictures: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Tell")] _tell: Function,
    ) -> Result<Promise, JsValue> {
        let LearnReluAsk { x, signal } = asked("rectifier", ask)?;
        let device = self.device.clone();
        Ok(answer(async move {
            let found = arithmetic::rectify(&x, &signal, &device).await;
            plain(&found.map_err(to_js)?)
        }))
    }
}
