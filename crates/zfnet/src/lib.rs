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

pub mod analysis;
pub mod architecture;
pub mod architectures;
mod error;
pub mod familiarity;
pub mod foreign;
pub mod head;
pub mod image;
pub mod learning;
pub mod manifest;
pub mod model;
pub mod network;
pub mod ops;
pub mod plan;
pub mod projection;
pub mod readback;
mod receptive_field;
pub mod rendering;
pub mod replay;
pub mod signal;
pub mod text;
pub mod tile;
pub mod trace;
pub mod view;
pub mod weights;
pub mod window;

pub use crate::error::{Error, Result};
pub use crate::image::{Crop, Photo, Prepared};
pub use crate::model::Model;
pub use crate::network::Network;
pub use crate::projection::{Projections, ReluRule, Targets, project};
pub use crate::trace::{Answer, Trace, Unit};
