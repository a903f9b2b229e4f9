//! ZFNet and its deconvnet: a convolutional network, the trace that a picture leaves in it, and the way back from any of
//! its units to the pixels that made it fire (Zeiler & Fergus, *Visualizing and Understanding Convolutional Networks*).
//!
//! Bytes and a [device](burn::tensor::Device) go in, values come out; no backend, browser, file or clock is named here.
//!
//! ```no_run
//! # async fn example(weights: &[u8], photograph: &[u8], device: burn::tensor::Device) -> zfnet::Result<()> {
//! use zfnet::{Crop, Network, Photo, ReluRule, Targets, project};
//!
//! let network = Network::read(weights, &device)?;
//! let picture = Photo::decode(photograph)?.prepare(&network.model.input, Crop::Centre)?;
//! let trace = network.forward(picture.tensor(&network)?)?;
//! let strongest = trace.strongest(0, &["conv5"]).await?[0][118];
//! let target = Targets::Units("conv5".into(), vec![strongest.unit.into()]);
//! let projections = project(&network, &trace, 0, &target, ReluRule::Deconvnet)?;
//! # Ok(())
//! # }
//! ```

pub mod deconvnet;
mod error;
pub mod experiments;
pub mod files;
pub mod foreign;
pub mod geometry;
mod kind;
pub mod network;
pub mod ops;
pub mod pictures;
pub mod readback;
pub mod text;

// The front door: what leads from a photograph's bytes to a projection, as in the example above, and what is met on the way.
// Everything else is named where it lies, so that a path says what belongs together and what comes from which publication.
pub use crate::deconvnet::projection::{Projections, ReluRule, Targets, project};
pub use crate::error::{Error, Result};
pub use crate::network::Network;
pub use crate::network::model::Model;
pub use crate::network::trace::{Answer, Trace, Unit};
pub use crate::pictures::image::{Crop, Photo, Prepared};
