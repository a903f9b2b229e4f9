//! One operation per file, forward and reverse side by side: the paper's figure 1 as a folder.
//!
//! A forward takes maps `[pictures, maps, rows, cols]`.
//! A reverse takes the [`Signal`](crate::geometry::signal::Signal) at the operation's output and returns that at its input, or one for
//! each of its inputs.

pub mod activation;
pub mod add;
pub mod affine;
pub mod average;
pub mod concat;
pub mod conv;
pub mod dense;
pub mod dropout;
pub mod gap;
pub mod norm;
pub mod pool;
pub mod prelu;
pub mod relu;
pub mod scale;
pub mod shuffle;

pub use activation::Curve;
pub use average::AvgPool;
pub use conv::Conv;
pub use dense::Dense;
pub use dropout::Dropout;
pub use norm::{Lrn, Region};
pub use pool::MaxPool;
pub use shuffle::Shuffle;
