//! Which picture comes when, and the random numbers of each.
//!
//! Nothing here has a memory: everything follows from the seed and the number of the step, so that a resumed training sees
//! what an unbroken one would have seen.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The order of a training's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Where all randomness comes from.
    pub seed: u64,
    /// Pictures in a batch.
    pub batch: usize,
}

impl Order {
    /// Steps until every picture was seen: the last batch of an epoch is filled up with the epoch's first pictures.
    pub fn steps_per_epoch(&self, samples: usize) -> u64 {
        samples.div_ceil(self.batch.max(1)) as u64
    }

    /// The epoch that a step is in, and the place of its first picture in the epoch's permutation.
    pub(super) fn place(&self, step: u64, samples: usize) -> (u64, usize) {
        let steps = self.steps_per_epoch(samples).max(1);
        (step / steps, (step % steps) as usize * self.batch.max(1))
    }

    /// The permutation of an epoch.
    pub(super) fn permutation(&self, epoch: u64, samples: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..samples).collect();
        order.shuffle(&mut generator(self.seed, epoch, 0, Purpose::Permutation));
        order
    }
}

/// What random numbers are for; different purposes never share them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Pictures held out for validation.
    HoldOut,
    /// The order of an epoch.
    Permutation,
    /// What happens to one picture.
    Augmentation,
    /// Which pictures of a step are mixed, and how.
    Mixing,
}

/// The random numbers of one purpose at one place: the numbers are the generator's key, so no two places share a stream.
pub(super) fn generator(seed: u64, step: u64, place: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    let numbers = [seed, step, place, purpose as u64];
    for (bytes, number) in key.chunks_exact_mut(8).zip(numbers) {
        bytes.copy_from_slice(&number.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}
