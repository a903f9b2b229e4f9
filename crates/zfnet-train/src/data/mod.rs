//! From a folder of pictures to the batches of a training or an evaluation.
//!
//! | file | purpose |
//! |---|---|
//! | `gathering` | which files below a folder are its pictures |
//! | `folder` | which pictures there are, and of which class |
//! | `cache` | decoded pictures within a bound of memory |
//! | `scaling` | cutting and scaling 8-bit pictures, and their planes |
//! | `crops` | the paper's geometry: a square inside, its corners and its centre |
//! | `augmentation` | what happens to a training picture before the network sees it |
//! | `mixing` | two pictures of a step mixed with each other |
//! | `order` | which picture comes when, and the random numbers of each |
//! | `ahead` | threads that make items before they are asked for, in order |
//! | `loader`, `evaluation` | batches of a training, batches of a validation set |
//! | `mean` | the mean picture |

mod ahead;
mod augmentation;
mod cache;
mod crops;
mod evaluation;
pub(crate) mod folder;
mod gathering;
mod loader;
mod mean;
mod mixing;
mod order;
mod scaling;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;

pub use augmentation::{Augmentation, Colour, Cropping};
pub use cache::Cache;
pub use crops::Crops;
pub use evaluation::{Evaluation, EvaluationBatch};
pub use folder::{Dataset, LeftOut, Sample};
pub use gathering::{EXTENSIONS, Gathered, gather};
pub use loader::{Batch, Loader};
pub use mean::mean;
pub use mixing::Mixing;
pub use order::Order;
