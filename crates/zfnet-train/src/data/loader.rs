//! Batches of a training, made ahead of the device.

use std::sync::Arc;

use super::ahead::{Ahead, Stop};
use super::augmentation::Augmentation;
use super::cache::Cache;
use super::folder::Sample;
use super::order::{Order, Purpose, generator};
use crate::{Error, Result};

/// The pictures of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Number of the step.
    pub step: u64,
    /// Rows and columns of a picture.
    pub size: usize,
    /// Augmented pictures `[pictures, 3, size, size]`: planes of red, green and blue, from 0 to 255 (beyond it with noise),
    /// no mean taken off.
    pub pixels: Vec<f32>,
    /// Their classes.
    pub classes: Vec<usize>,
    /// What of each picture is its own; the rest is of the picture at its place from the end. 1 where nothing is mixed.
    pub share: f32,
}

/// The batches of a training in the order of its steps. Dropping it stops and joins its threads.
///
/// What comes depends on the seed and the number of the step alone: not on where the training started, nor on how many
/// threads there are. The next picture of the epoch takes the place of a broken file, which [`Cache::skipped`] names. After
/// an error nothing more comes.
pub struct Loader(Ahead<Batch>);

impl Loader {
    /// Starts `workers` threads at the step `from`. `size_at` is the size of a step's pictures, and `None` after the last
    /// step.
    ///
    /// The first item is an [`Error::Input`] when there are no samples, the batch is empty or the augmentation is none; any
    /// item may be an [`Error::Input`] when no file can be read, or an [`Error::Thread`].
    pub fn start(
        samples: Arc<Vec<Sample>>,
        cache: Cache,
        augmentation: Augmentation,
        order: Order,
        size_at: impl Fn(u64) -> Option<usize> + Send + Sync + 'static,
        from: u64,
        workers: usize,
    ) -> Self {
        let size_at = Arc::new(size_at);
        Self(Ahead::start(workers, |stop| {
            let mut maker = Maker {
                samples: samples.clone(),
                cache: cache.clone(),
                augmentation: augmentation.clone(),
                order,
                permutation: (0, Vec::new()),
                stop,
            };
            let size_at = size_at.clone();
            move |number| {
                let step = from + number;
                size_at(step).and_then(|size| maker.batch(step, size))
            }
        }))
    }
}

impl Iterator for Loader {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// What one thread works with.
struct Maker {
    samples: Arc<Vec<Sample>>,
    cache: Cache,
    augmentation: Augmentation,
    order: Order,
    /// The epoch that was needed last; empty before the first.
    permutation: (u64, Vec<usize>),
    stop: Stop,
}

impl Maker {
    /// The batch of a step; `None` when a stop was wanted meanwhile.
    fn batch(&mut self, step: u64, size: usize) -> Option<Result<Batch>> {
        if let Err(error) = self.check(size) {
            return Some(Err(error));
        }
        let (epoch, first) = self.order.place(step, self.samples.len());
        if self.permutation.0 != epoch || self.permutation.1.is_empty() {
            self.permutation = (epoch, self.order.permutation(epoch, self.samples.len()));
        }
        let picture = 3 * size * size;
        let mut batch = Batch {
            step,
            size,
            pixels: vec![0.0; self.order.batch * picture],
            classes: Vec::with_capacity(self.order.batch),
            share: 1.0,
        };
        for (place, planes) in batch.pixels.chunks_exact_mut(picture).enumerate() {
            if self.stop.wanted() {
                return None;
            }
            match self.write(step, place, first + place, size, planes) {
                Ok(class) => batch.classes.push(class),
                Err(error) => return Some(Err(error)),
            }
        }
        let mut random = generator(self.order.seed, step, 0, Purpose::Mixing);
        let mixing = self.augmentation.mixing;
        batch.share = mixing.mix(&mut batch.pixels, size, &mut random);
        Some(Ok(batch))
    }

    fn check(&self, size: usize) -> Result<()> {
        for (what, number) in [
            ("training pictures", self.samples.len()),
            ("pictures in a batch", self.order.batch),
            ("size of a picture", size),
        ] {
            if number == 0 {
                return Err(Error::input(what, "at least one", "none"));
            }
        }
        self.augmentation.check()
    }

    /// Writes the picture at a place of the permutation, or the next one that can be read, and tells its class.
    fn write(
        &mut self,
        step: u64,
        place: usize,
        from: usize,
        size: usize,
        planes: &mut [f32],
    ) -> Result<usize> {
        let permutation = &self.permutation.1;
        let following = permutation.iter().cycle().skip(from % permutation.len());
        let mut last = None;
        for &index in following.take(permutation.len()) {
            let sample = &self.samples[index];
            match self.cache.get(&sample.path) {
                Ok(picture) => {
                    let seed = self.order.seed;
                    let mut random = generator(seed, step, place as u64, Purpose::Augmentation);
                    self.augmentation.write(&picture, size, &mut random, planes);
                    return Ok(sample.class);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(no_picture(permutation.len(), last))
    }
}

/// The complaint that not one file of a set can be read.
pub(super) fn no_picture(files: usize, last: Option<Error>) -> Error {
    let last = last.map(|error| format!(", the last: {error}"));
    Error::input(
        "the set of pictures",
        "at least one that can be read",
        format!("{files} broken files{}", last.unwrap_or_default()),
    )
}
