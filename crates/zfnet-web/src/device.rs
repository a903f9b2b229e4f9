//! The device of this module: opened once, because a backend can be initialised only once in a page.

use std::cell::RefCell;

use burn::tensor::Device;
use serde::Serialize;
use wasm_bindgen::JsValue;
use zfnet_typescript::TypeScript;

thread_local! {
    static OPENED: RefCell<Option<(Device, String)>> = const { RefCell::new(None) };
}

/// What the page calls a module's backend.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackendName {
    Cpu,
    WebGpu,
}

impl BackendName {
    /// This module's.
    pub(crate) fn own() -> Self {
        match cfg!(feature = "webgpu") {
            true => Self::WebGpu,
            false => Self::Cpu,
        }
    }
}

/// The device and its name for people.
pub(crate) async fn open() -> Result<(Device, String), JsValue> {
    if let Some(opened) = OPENED.with_borrow(Clone::clone) {
        return Ok(opened);
    }
    let opened = acquire().await?;
    OPENED.set(Some(opened.clone()));
    Ok(opened)
}

#[cfg(not(feature = "webgpu"))]
async fn acquire() -> Result<(Device, String), JsValue> {
    #[cfg(feature = "cpu")]
    return Ok((Device::flex(), "CPU".into()));
    #[cfg(not(feature = "cpu"))]
    compile_error!("zfnet-web needs a backend: build it with the feature `cpu` or `webgpu`");
}

#[cfg(feature = "webgpu")]
async fn acquire() -> Result<(Device, String), JsValue> {
    match Device::wgpu_options().init_with_setup_async().await {
        Ok((device, setup)) => {
            let info = setup.adapter.get_info();
            let name = if info.name.is_empty() {
                "WebGPU".into()
            } else {
                info.name
            };
            Ok((device, name))
        }
        Err(e) => Err(crate::error::coded(
            "no-adapter",
            &format!("expected a WebGPU device, found none: {e}"),
        )),
    }
}
