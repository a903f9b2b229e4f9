//! Pictures of a step mixed with each other: the first with the last, the second with the last but one.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How often pictures are mixed, and how. A step does at most one of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixing {
    /// Share of the steps that lay one picture over the other (Zhang et al. 2018, mixup).
    pub mixup: f64,
    /// Share of the steps that swap a rectangle of two pictures (Yun et al. 2019, CutMix).
    pub cutmix: f64,
    /// What a picture keeps of itself is drawn from Beta(alpha, alpha): 1 is any share alike, less is nearly all or nearly nothing.
    pub alpha: f64,
}

impl Default for Mixing {
    fn default() -> Self {
        Self {
            mixup: 0.0,
            cutmix: 0.0,
            alpha: 1.0,
        }
    }
}

impl Mixing {
    /// Whether any step mixes.
    pub fn is_none(&self) -> bool {
        self.mixup + self.cutmix <= 0.0
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |what: &str, expected: &str, found: String| {
            Err(Error::input(
                format!("augmentation: {what}"),
                expected,
                found,
            ))
        };
        let shares = [self.mixup, self.cutmix];
        let right = shares.iter().all(|share| (0.0..=1.0).contains(share));
        if !right || shares.iter().sum::<f64>() > 1.0 {
            let expected = "shares of the steps, from 0 to 1 together";
            return wrong("mixing", expected, format!("{shares:?}"));
        }
        match self.alpha > 0.0 && self.alpha.is_finite() {
            true => Ok(()),
            false => wrong("mixing.alpha", "a number above 0", self.alpha.to_string()),
        }
    }

    /// Mixes the pictures of a step, `[pictures, 3, size, size]`, and tells what each keeps of itself; the rest is of the
    /// picture at its place from the end. Whatever is switched off draws no random number.
    pub(super) fn mix(&self, pixels: &mut [f32], size: usize, random: &mut ChaCha8Rng) -> f32 {
        if self.is_none() {
            return 1.0;
        }
        let kind = random.random_range(0.0..1.0);
        let Ok(shares) = Beta::new(self.alpha, self.alpha) else {
            return 1.0;
        };
        let share: f64 = shares.sample(random);
        if kind < self.mixup {
            for_pairs(pixels, size, |one, other| {
                lay_over(one, other, share as f32);
            });
            share as f32
        } else if kind < self.mixup + self.cutmix {
            let part = rectangle(size, share, random);
            for_pairs(pixels, size, |one, other| swap(one, other, size, &part));
            let swapped: usize = part.iter().map(ExactSizeIterator::len).product();
            1.0 - swapped as f32 / (size * size) as f32
        } else {
            1.0
        }
    }
}

/// Each picture of the first half with its partner; the one in the middle has none but itself.
fn for_pairs(pixels: &mut [f32], size: usize, mut each: impl FnMut(&mut [f32], &mut [f32])) {
    let picture = 3 * size * size;
    let half = pixels.len() / picture / 2;
    let (front, back) = pixels.split_at_mut(half * picture);
    let partners = back.chunks_exact_mut(picture).rev();
    for (one, other) in front.chunks_exact_mut(picture).zip(partners) {
        each(one, other);
    }
}

fn lay_over(one: &mut [f32], other: &mut [f32], share: f32) {
    for (a, b) in one.iter_mut().zip(other) {
        (*a, *b) = (
            share * *a + (1.0 - share) * *b,
            share * *b + (1.0 - share) * *a,
        );
    }
}

fn swap(one: &mut [f32], other: &mut [f32], size: usize, [rows, cols]: &[Range; 2]) {
    for plane in 0..3 {
        for row in rows.clone() {
            let first = (plane * size + row) * size;
            let place = first + cols.start..first + cols.end;
            one[place.clone()].swap_with_slice(&mut other[place]);
        }
    }
}

type Range = std::ops::Range<usize>;

/// Rows and columns of a square with 1 − `share` of the picture's area, its middle anywhere, cut at the picture's borders.
fn rectangle(size: usize, share: f64, random: &mut ChaCha8Rng) -> [Range; 2] {
    let side = (size as f64 * (1.0 - share).sqrt()).round() as usize;
    [(); 2].map(|()| {
        let middle = random.random_range(0..size);
        let from = middle.saturating_sub(side / 2);
        from..(middle + side.div_ceil(2)).min(size).max(from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::order::{Purpose, generator};

    const SIZE: usize = 12;

    /// Five pictures of one value each.
    fn pictures() -> Vec<f32> {
        let each = |value| [value as f32; 3 * SIZE * SIZE];
        (0..5).flat_map(each).collect()
    }

    fn mean(pixels: &[f32], at: usize) -> f32 {
        let picture = 3 * SIZE * SIZE;
        pixels[at * picture..][..picture].iter().sum::<f32>() / picture as f32
    }

    #[test]
    fn each_picture_keeps_its_share_and_has_the_rest_of_its_partner() {
        let both = [(1.0, 0.0), (0.0, 1.0)];
        for (mixup, cutmix) in both {
            let mixing = Mixing {
                mixup,
                cutmix,
                alpha: 1.0,
            };
            let mut shares = Vec::new();
            for step in 0..200 {
                let mut pixels = pictures();
                let mut random = generator(3, step, 0, Purpose::Mixing);
                let share = mixing.mix(&mut pixels, SIZE, &mut random);
                for at in 0..5 {
                    let (own, other) = (at as f32, 4.0 - at as f32);
                    let expected = share * own + (1.0 - share) * other;
                    assert!((mean(&pixels, at) - expected).abs() < 1e-4, "{at} {share}");
                    let whole = |v: &f32| [own, other].contains(v);
                    let picture = &pixels[at * 3 * SIZE * SIZE..][..3 * SIZE * SIZE];
                    assert!(cutmix == 0.0 || picture.iter().all(whole));
                }
                shares.push(share);
            }
            let (low, high) = { shares.iter() }.fold((1.0f32, 0.0f32), |(low, high), s| {
                (low.min(*s), high.max(*s))
            });
            assert!(low < 0.1 && high > 0.9, "{low} to {high}");
        }
    }

    #[test]
    fn as_many_steps_mix_as_were_asked_for() {
        let mixing = Mixing {
            mixup: 0.2,
            cutmix: 0.3,
            alpha: 0.8,
        };
        mixing.check().expect("half of the steps");
        let mut counts = [0; 3];
        for step in 0..2000 {
            let mut pixels = pictures();
            let mut random = generator(1, step, 0, Purpose::Mixing);
            mixing.mix(&mut pixels, SIZE, &mut random);
            let first = &pixels[..3 * SIZE * SIZE];
            counts[match first {
                same if same.iter().all(|v| *v == 0.0) => 0,
                swapped if swapped.iter().all(|v| [0.0, 4.0].contains(v)) => 1,
                _ => 2,
            }] += 1;
        }
        assert!((340..460).contains(&counts[2]), "{counts:?}");
        // A rectangle of no pixel leaves pictures as they are.
        assert!((500..660).contains(&counts[1]), "{counts:?}");
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        let wrong = |mixup, cutmix, alpha| Mixing {
            mixup,
            cutmix,
            alpha,
        };
        for mixing in [
            wrong(0.6, 0.5, 1.0),
            wrong(-0.1, 0.5, 1.0),
            wrong(f64::NAN, 0.0, 1.0),
            wrong(0.1, 0.1, 0.0),
            wrong(0.1, 0.1, f64::NAN),
        ] {
            assert!(mixing.check().is_err(), "{mixing:?}");
        }
        let mut pixels = pictures();
        let mut random = generator(1, 0, 0, Purpose::Mixing);
        assert_eq!(Mixing::default().mix(&mut pixels, SIZE, &mut random), 1.0);
        assert_eq!(pixels, pictures());
    }
}
