//! Local response normalisation across maps, in one pass: y = x / sᵝ with s = k + α Σ x²; and its derivative.

use std::ops::Range;

use rten_simd::{Isa, SimdOp};

use crate::threads;

/// The constants of a normalisation.
#[derive(Debug, Clone, Copy)]
pub struct Constants {
    /// Maps that are summed over, an odd number.
    pub size: usize,
    /// Multiplies the sum of squares.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// Constant.
    pub k: f32,
}

/// Maps that a thread takes at a time.
const MAPS: usize = 8;

/// Normalises pictures of `maps` maps of `places` numbers.
///
/// # Panics
/// When the numbers are not as many as that.
pub fn forward(x: &[f32], maps: usize, places: usize, constants: &Constants) -> Vec<f32> {
    assert_eq!(x.len() % (maps * places), 0, "whole pictures");
    let mut out = vec![0.0; x.len()];
    let pictures = x
        .chunks_exact(maps * places)
        .zip(out.chunks_exact_mut(maps * places));
    let parts = pictures.flat_map(|(x, out)| {
        let parts = out.chunks_mut(MAPS * places).enumerate();
        parts.map(move |(at, out)| Part {
            x,
            first: at * MAPS,
            out,
            places,
            constants,
        })
    });
    threads::each(parts.collect(), |part| part.dispatch());
    out
}

struct Part<'a> {
    /// A whole picture.
    x: &'a [f32],
    /// The first map that is made.
    first: usize,
    out: &'a mut [f32],
    places: usize,
    constants: &'a Constants,
}

impl SimdOp for Part<'_> {
    type Output = ();

    /// In the order of burn's operations, so that the sums are rounded alike; compiled for what the processor has.
    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let Constants {
            size,
            alpha,
            beta,
            k,
        } = *self.constants;
        let (places, maps) = (self.places, self.x.len() / self.places);
        for (at, out) in self.out.chunks_exact_mut(places).enumerate() {
            let map = self.first + at;
            let seen = near(map, size, maps);
            for x in self.x[seen.start * places..seen.end * places].chunks_exact(places) {
                for (sum, x) in out.iter_mut().zip(x) {
                    *sum += x * x;
                }
            }
            for sum in out.iter_mut() {
                *sum = *sum * alpha + k;
            }
            raise(out, beta);
            for (out, x) in out.iter_mut().zip(&self.x[map * places..]) {
                *out = x / *out;
            }
        }
    }
}

/// The maps that are summed over for one of them.
fn near(map: usize, size: usize, maps: usize) -> Range<usize> {
    map.saturating_sub(size / 2)..(map + size / 2 + 1).min(maps)
}

/// sᵝ in the place of every s. What is asked once for all stays out of the loops, which so run on vectors.
#[inline(always)]
fn raise(s: &mut [f32], beta: f32) {
    if beta == 0.75 {
        for s in s {
            let root = s.sqrt();
            *s = root * root.sqrt();
        }
    } else {
        for s in s {
            *s = s.powf(beta);
        }
    }
}

/// Places that are taken at a time on the way down: what is kept of all maps at them stays in the first caches.
const PLACES: usize = 64;

/// Sends signals `[targets, maps, places]` down through the derivative, `g / sᵝ − 2αβ · x · Σ g x / sᵝ⁺¹`; x is as many, or one
/// picture's that all targets share.
///
/// # Panics
/// When the numbers are not as many as that.
pub fn reverse(
    signal: &[f32],
    x: &[f32],
    maps: usize,
    places: usize,
    constants: &Constants,
) -> Vec<f32> {
    let picture = maps * places;
    assert_eq!(signal.len() % picture, 0, "whole signals");
    assert!(
        x.len() == signal.len() || x.len() == picture,
        "numbers of the maps"
    );
    let mut out = vec![0.0; signal.len()];
    let signals = signal.chunks_exact(picture);
    let targets = signals.zip(out.chunks_exact_mut(picture)).enumerate();
    let parts = targets.map(|(target, (signal, out))| Reverse {
        signal,
        x: &x[target * picture % x.len()..][..picture],
        out,
        places,
        constants,
    });
    threads::each(parts.collect(), |part| part.dispatch());
    out
}

struct Reverse<'a> {
    signal: &'a [f32],
    x: &'a [f32],
    out: &'a mut [f32],
    places: usize,
    constants: &'a Constants,
}

impl SimdOp for Reverse<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let Constants {
            size,
            alpha,
            beta,
            k,
        } = *self.constants;
        let maps = self.x.len() / self.places;
        // Every map's g x / sᵝ⁺¹ at the places at hand.
        let mut falling = vec![[0.0; PLACES]; maps];
        for from in (0..self.places).step_by(PLACES) {
            let count = PLACES.min(self.places - from);
            let at = |map: usize| map * self.places + from..map * self.places + from + count;
            for (map, falling) in falling.iter_mut().enumerate() {
                let mut sums = [0.0; PLACES];
                for seen in near(map, size, maps) {
                    for (sum, x) in sums.iter_mut().zip(&self.x[at(seen)]) {
                        *sum += x * x;
                    }
                }
                let s = sums.map(|sum| sum * alpha + k);
                let mut powers = s;
                raise(&mut powers, beta);
                let (signal, x) = (&self.signal[at(map)], &self.x[at(map)]);
                let out = self.out[at(map)].iter_mut().zip(falling);
                let constants = s.iter().zip(powers);
                for (((out, falling), (s, power)), (g, x)) in
                    out.zip(constants).zip(signal.iter().zip(x))
                {
                    *out = g / power;
                    *falling = *out * x / s;
                }
            }
            for map in 0..maps {
                let mut spread = [0.0; PLACES];
                for falling in &falling[near(map, size, maps)] {
                    for (spread, falling) in spread.iter_mut().zip(falling) {
                        *spread += falling;
                    }
                }
                let x = &self.x[at(map)];
                for ((out, x), spread) in self.out[at(map)].iter_mut().zip(x).zip(spread) {
                    *out -= x * spread * (2.0 * alpha * beta);
                }
            }
        }
    }
}
