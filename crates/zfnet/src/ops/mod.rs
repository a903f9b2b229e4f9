//! One operation per file, forward and reverse side by side: the paper's figure 1 as a folder.
//!
//! A forward takes maps `[pictures, maps, rows, cols]`.
//! A reverse takes the signal at the operation's output, on [`Windows`](crate::window::Windows), and returns the signal at
//! its input and the windows that it lies on.

pub mod conv;
pub mod dense;
pub mod gap;
pub mod norm;
pub mod pool;
pub mod relu;
