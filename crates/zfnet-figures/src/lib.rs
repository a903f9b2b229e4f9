//! Answers as figures: each is one [`Scene`](scene::Scene), which is written as SVG, or natively as PNG and PDF.
//!
//! In a browser only the scene and its SVG are compiled (without the feature `print`): it has letters and draws by itself.

pub mod axis;
pub mod chart;
mod context;
pub mod experiments;
pub mod letters;
pub mod numbers;
pub mod poster;
#[cfg(feature = "print")]
pub mod print;
pub mod scene;
pub mod sheet;
mod svg;

pub use self::context::Context;
pub use self::scene::Scene;
pub use self::svg::{path, svg};
