//! Batches of a validation set, made ahead of the device.

use std::sync::Arc;

use zfnet::network::model::Input;

use super::ahead::Ahead;
use super::cache::Cache;
use super::crops::{Crops, write_ten};
use super::folder::Sample;
use super::scaling::{Part, write_planes};
use crate::Result;

/// Some pictures of a validation set.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluationBatch {
    /// Pictures `[samples × crops, 3, size, size]`, the crops of a sample in a row: planes of red, green and blue, from 0 to
    /// 255, no mean taken off.
    pub pixels: Vec<f32>,
    /// Class of each sample.
    pub classes: Vec<usize>,
    /// Index of the first sample that was looked at for this batch, readable or not.
    pub first: usize,
    /// Index of each sample.
    pub samples: Vec<usize>,
}

/// The batches of a validation set in its order. Dropping it stops and joins its threads.
///
/// Broken files are left out and named by [`Cache::skipped`]; a batch that would be empty does not come.
pub struct Evaluation(Ahead<EvaluationBatch>);

impl Evaluation {
    /// Starts `workers` threads over batches of `batch` samples.
    ///
    /// One crop is the engine's own square, to the last bit, whatever the short side of the cache. Ten crops are cut from the
    /// pictures of the cache, whose short side should be 256 for a size of 224, and in proportion.
    pub fn start(
        samples: Arc<Vec<Sample>>,
        input: Input,
        crops: Crops,
        batch: usize,
        cache: Cache,
        workers: usize,
    ) -> Self {
        let batch = batch.max(1);
        Self(Ahead::start(workers, |stop| {
            let (samples, input, cache) = (samples.clone(), input.clone(), cache.clone());
            move |number| {
                let first = usize::try_from(number).ok()?.checked_mul(batch)?;
                let wanted = samples.get(first..)?;
                let wanted = &wanted[..batch.min(wanted.len())];
                if wanted.is_empty() {
                    return None;
                }
                let length = crops.count() * 3 * input.size[0] * input.size[1];
                let mut made = EvaluationBatch {
                    pixels: Vec::with_capacity(wanted.len() * length),
                    classes: Vec::new(),
                    first,
                    samples: Vec::new(),
                };
                for (index, sample) in wanted.iter().enumerate() {
                    if stop.wanted() {
                        return None;
                    }
                    let picture = match crops {
                        Crops::One => cache.prepared(&sample.path, &input),
                        Crops::Ten => cache.get(&sample.path),
                    };
                    let Ok(picture) = picture else {
                        continue; // the cache keeps the reason
                    };
                    let begin = made.pixels.len();
                    made.pixels.resize(begin + length, 0.0);
                    let planes = &mut made.pixels[begin..];
                    match crops {
                        Crops::One => {
                            write_planes(&picture, Part::whole(&picture), false, planes);
                        }
                        Crops::Ten => write_ten(&picture, input.short_side(), planes),
                    }
                    made.classes.push(sample.class);
                    made.samples.push(first + index);
                }
                Some(Ok(made))
            }
        }))
    }
}

impl Iterator for Evaluation {
    type Item = Result<EvaluationBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0
            .find(|batch| !batch.as_ref().is_ok_and(|batch| batch.samples.is_empty()))
    }
}
