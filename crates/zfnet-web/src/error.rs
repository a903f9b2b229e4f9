//! The engine's errors as JavaScript errors with a stable `code`, which the page turns into sentences.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use zfnet::Error;

/// A JavaScript `Error` with a `code`.
pub(crate) fn coded(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

/// The code and sentence of an engine error; and, for what is no picture or none that is decoded here, what it is.
pub(crate) fn to_js(error: Error) -> JsValue {
    let code = match &error {
        Error::Weights { .. } | Error::Architecture { .. } => "weights",
        Error::UnknownLayer { .. } => "unknown-layer",
        Error::OutOfRange { .. } => "out-of-range",
        Error::NotLoaded { .. } => "no-network",
        Error::ImageDecode { .. } => "image-decode",
        Error::ImageCutOff { .. } => "image-cut-off",
        Error::NotAnImage { .. } => "image-not-a-picture",
        Error::ImageUnsupported { .. } => "image-unsupported",
        Error::ImageTooLarge { .. } => "image-too-large",
        Error::ImageEmpty { .. } => "image-empty",
        // The enum may grow; what this program does not know about is a failure to execute.
        _ => "execution",
    };
    let js = coded(code, &error.to_string());
    if let Error::ImageUnsupported { kind, .. } | Error::NotAnImage { kind } = &error {
        // As above, this cannot fail.
        let _ = Reflect::set(&js, &"kind".into(), &kind.id().into());
    }
    js
}
