//! `zfnet` spoken to JavaScript: bytes in; pictures, numbers and labels out. Tensors never cross.
//!
//! Compiled once for each backend (features `cpu` and `webgpu`), with the same exports.

mod assembly;
mod device;
mod engine;
mod error;
mod evolution;
mod experiments;
mod results;
mod views;

use wasm_bindgen::prelude::*;

pub use assembly::Assembly;
pub use engine::Engine;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Replays a golden case (`tests/golden/*.safetensors`) on this module's device.
///
/// # Errors
/// An `Error` with a `code` when the file is no golden case or the device fails.
#[wasm_bindgen(unchecked_return_type = "SelfTest")]
pub async fn replay(golden: Vec<u8>, plain: Option<bool>) -> Result<JsValue, JsValue> {
    let (device, _) = device::open().await?;
    let replay = zfnet::files::replay::replay(&golden, &device, engine::chosen(plain))
        .await
        .map_err(error::to_js)?;
    results::plain(&results::SelfTest::from(&replay))
}
