//! The derivation in small (`zfnet::experiments::arithmetic`) for the Learn tab; needs no picture and no network.

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use zfnet::experiments::arithmetic::{self, Grid};

use super::{answer, asked};
use crate::engine::Engine;
use crate::error::to_js;
use crate::results::plain;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Numbers row by row. */
export interface Grid { rows: number; cols: number; values: number[] }
export interface LearnConvAsk { picture: Grid; kernel: Grid }
/** y = Cx, C, Cᵀ, what each number of y alone puts back, and Cᵀy. */
export interface LearnConvResult { answer: Grid; matrix: Grid; transposed: Grid; spread: Grid[]; back: Grid }
/** Square windows; a signal that is null is the maxima themselves. */
export interface LearnPoolAsk { picture: Grid; size: number; every: number; signal: Grid | null }
export interface LearnPoolResult { pooled: Grid; switches: number[]; signal: Grid; unpooled: Grid }
export interface LearnReluAsk { x: Grid; signal: Grid }
export interface LearnReluResult { answer: Grid; gradient: Grid; deconvnet: Grid; guided: Grid }
"#;

#[derive(Deserialize)]
struct ConvAsk {
    picture: Grid,
    kernel: Grid,
}

#[derive(Deserialize)]
struct PoolAsk {
    picture: Grid,
    size: usize,
    every: usize,
    signal: Option<Grid>,
}

#[derive(Deserialize)]
struct ReluAsk {
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
        let ConvAsk { picture, kernel } = asked("convolution", ask)?;
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
        let PoolAsk {
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
        let ReluAsk { x, signal } = asked("rectifier", ask)?;
        let device = self.device.clone();
        Ok(answer(async move {
            let found = arithmetic::rectify(&x, &signal, &device).await;
            plain(&found.map_err(to_js)?)
        }))
    }
}
