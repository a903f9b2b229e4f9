//! Fully connected layers: each weight is read once for all pictures.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

use crate::threads;

/// Units that a thread takes at a time.
const UNITS: usize = 8;
/// Units whose sums stay in registers.
const TILE: usize = 4;

/// Weighs every input for every unit: x `[pictures, inputs]`, weights `[units, inputs]` and biases to `[pictures, units]`.
///
/// # Panics
/// When the numbers are not as many as that.
pub fn forward(x: &[f32], weights: &[f32], bias: &[f32], inputs: usize) -> Vec<f32> {
    let (pictures, units) = (x.len() / inputs, bias.len());
    assert_eq!(x.len(), pictures * inputs, "whole pictures");
    assert_eq!(
        weights.len(),
        units * inputs,
        "a row of weights for every unit"
    );
    let mut out = vec![0.0; pictures * units];
    // A part's numbers in every picture.
    let mut parts: Vec<Vec<&mut [f32]>> = (0..units.div_ceil(UNITS)).map(|_| Vec::new()).collect();
    for out in out.chunks_exact_mut(units) {
        for (part, out) in parts.iter_mut().zip(out.chunks_mut(UNITS)) {
            part.push(out);
        }
    }
    let parts = parts.into_iter().enumerate().map(|(at, out)| {
        let units = at * UNITS..at * UNITS + out[0].len();
        Part {
            x,
            weights: &weights[units.start * inputs..units.end * inputs],
            bias: &bias[units],
            inputs,
            out,
        }
    });
    threads::each(parts.collect(), |part| part.dispatch());
    out
}

struct Part<'a, 'b> {
    x: &'a [f32],
    weights: &'a [f32],
    bias: &'a [f32],
    inputs: usize,
    /// A row for each picture.
    out: Vec<&'b mut [f32]>,
}

impl SimdOp for Part<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let inputs = self.inputs;
        let (mut unit, units) = (0, self.bias.len());
        while unit < units {
            let rows = (units - unit).min(TILE);
            // Rows that are missing in the last tile are computed twice.
            let row = |at: usize| &self.weights[(unit + at.min(rows - 1)) * inputs..][..inputs];
            let weights = [row(0), row(1), row(2), row(3)];
            for (out, x) in self.out.iter_mut().zip(self.x.chunks_exact(inputs)) {
                let sums = sums(isa, weights, x);
                let bias = &self.bias[unit..unit + rows];
                for ((out, sum), bias) in out[unit..].iter_mut().zip(sums).zip(bias) {
                    *out = sum + bias;
                }
            }
            unit += rows;
        }
    }
}

/// Products of some rows of weights with one picture's inputs.
#[inline(always)]
fn sums<I: Isa>(isa: I, rows: [&[f32]; TILE], x: &[f32]) -> [f32; TILE] {
    let ops = isa.f32();
    let lanes = ops.len();
    // Two sums for each row, so that none waits for the last addition.
    let step = 2 * lanes;
    let whole = x.len() / step * step;
    let mut sums = [[ops.zero(); 2]; TILE];
    for from in (0..whole).step_by(step) {
        let x: [I::F32; 2] = ops.load_many(&x[from..from + step]);
        for (row, sums) in rows.iter().zip(&mut sums) {
            let weights: [I::F32; 2] = ops.load_many(&row[from..from + step]);
            for half in 0..2 {
                sums[half] = ops.mul_add(weights[half], x[half], sums[half]);
            }
        }
    }
    let mut found = [0.0; TILE];
    for ((row, sums), found) in rows.iter().zip(sums).zip(&mut found) {
        *found = ops.sum(ops.add(sums[0], sums[1]));
        for (weight, x) in row[whole..].iter().zip(&x[whole..]) {
            *found += weight * x;
        }
    }
    found
}
