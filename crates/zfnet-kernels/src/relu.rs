//! Rectification, in one pass: max(x, 0); what is no number stays.

use rten_simd::{Isa, SimdOp};

use crate::threads;

/// Numbers that a thread takes at a time.
const NUMBERS: usize = 1 << 16;

/// Rectifies every number.
pub fn forward(x: &[f32]) -> Vec<f32> {
    if threads::count() == 1 {
        // In one pass over the room for the answer.
        return x.iter().copied().map(rectified).collect();
    }
    let mut out = vec![0.0; x.len()];
    let parts = x.chunks(NUMBERS).zip(out.chunks_mut(NUMBERS));
    threads::each(parts.collect(), |(x, out)| Part { x, out }.dispatch());
    out
}

#[inline(always)]
fn rectified(x: f32) -> f32 {
    if x <= 0.0 { 0.0 } else { x }
}

struct Part<'a> {
    x: &'a [f32],
    out: &'a mut [f32],
}

impl SimdOp for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        for (out, x) in self.out.iter_mut().zip(self.x) {
            *out = rectified(*x);
        }
    }
}
