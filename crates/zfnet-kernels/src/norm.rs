//! Local response normalisation across maps, in one pass: y = x / sᵝ with s = k + α Σ x².

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
            let seen = map.saturating_sub(size / 2)..(map + size / 2 + 1).min(maps);
            for x in self.x[seen.start * places..seen.end * places].chunks_exact(places) {
                for (sum, x) in out.iter_mut().zip(x) {
                    *sum += x * x;
                }
            }
            let x = &self.x[map * places..(map + 1) * places];
            if beta == 0.75 {
                for (out, x) in out.iter_mut().zip(x) {
                    let root = (*out * alpha + k).sqrt();
                    *out = x / (root * root.sqrt());
                }
            } else {
                for (out, x) in out.iter_mut().zip(x) {
                    *out = x / (*out * alpha + k).powf(beta);
                }
            }
        }
    }
}
