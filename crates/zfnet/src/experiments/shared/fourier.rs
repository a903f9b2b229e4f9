//! The discrete Fourier transform of pictures on a device, and back, as products with matrices of cosines and sines: exact, of
//! any size, and with a transpose that is two products again.

use std::f64::consts::TAU;

use burn::tensor::{Device, Tensor, TensorData};

use super::blur::along;

/// Cosines and sines for planes of one size.
///
/// A real plane's spectrum is the mirror image of itself, so that its left half, columns 0 to `cols / 2`, is all of it. It is kept
/// as real numbers, the real parts above the imaginary ones: `[1, planes, 2 · rows, half]`. The transform is unitary: a wave's
/// magnitude does not depend on how many pixels there are, but on its strength.
#[derive(Debug, Clone)]
pub struct Fourier {
    size: [usize; 2],
    /// From real over imaginary parts to the same, along the rows' axis: `[2 · rows, 2 · rows]`.
    down: Tensor<2>,
    /// From real beside imaginary parts to pixels, along the columns: `[2 · half, cols]`.
    across: Tensor<2>,
    /// How often a column of the half stands in the whole, `[1, 1, 1, half]`.
    counts: Tensor<4>,
}

impl Fourier {
    /// For planes of so many rows and columns.
    pub fn new(size: [usize; 2], device: &Device) -> Self {
        let [rows, cols] = size;
        let half = cols / 2 + 1;
        let wave = |frequency: usize, at: usize, length: usize| {
            let turns = (frequency * at % length) as f64 / length as f64;
            let (sine, cosine) = (TAU * turns).sin_cos();
            let share = 1.0 / (length as f64).sqrt();
            [cosine * share, sine * share]
        };
        let mut down = vec![0f32; 4 * rows * rows];
        for at in 0..rows {
            for frequency in 0..rows {
                let [cosine, sine] = wave(frequency, at, rows).map(|value| value as f32);
                let mut put = |row: usize, col: usize, value| down[row * 2 * rows + col] = value;
                put(at, frequency, cosine);
                put(at, rows + frequency, -sine);
                put(rows + at, frequency, sine);
                put(rows + at, rows + frequency, cosine);
            }
        }
        let counts: Vec<f32> = (0..half)
            .map(|frequency| match 2 * frequency % cols {
                0 => 1.0,
                _ => 2.0,
            })
            .collect();
        let mut across = Vec::with_capacity(2 * half * cols);
        for part in [0, 1] {
            for (frequency, count) in counts.iter().enumerate() {
                let sign = [1.0, -1.0][part] * count;
                across.extend((0..cols).map(|at| wave(frequency, at, cols)[part] as f32 * sign));
            }
        }
        Self {
            size,
            down: Tensor::from_data(TensorData::new(down, [2 * rows; 2]), device),
            across: Tensor::from_data(TensorData::new(across, [2 * half, cols]), device),
            counts: Tensor::from_data(TensorData::new(counts, [1, 1, 1, half]), device),
        }
    }

    /// Rows, and columns of the half, of a spectrum.
    pub fn half(&self) -> [usize; 2] {
        [self.size[0], self.size[1] / 2 + 1]
    }

    /// How often each column of the half stands in the whole, `[1, 1, 1, half]`: the energy of a plane is the sum of these times
    /// the squared magnitudes.
    pub fn counts(&self) -> Tensor<4> {
        self.counts.clone()
    }

    /// The planes that a spectrum makes; of numbers that are no real plane's spectrum, the real part.
    ///
    /// # Shapes
    /// `[1, planes, 2 · rows, half]` → `[1, planes, rows, cols]`.
    pub fn inverse(&self, spectrum: Tensor<4>) -> Tensor<4> {
        let rows = self.size[0];
        let turned = along(spectrum.swap_dims(2, 3), &self.down);
        let part = |first: usize| turned.clone().narrow(2, first, rows);
        let beside = Tensor::cat(vec![part(0), part(rows)], 3);
        along(beside, &self.across.clone().transpose()).swap_dims(2, 3)
    }

    /// The transpose of [`Self::inverse`]: what a slope at the planes is at the spectrum.
    ///
    /// # Shapes
    /// `[1, planes, rows, cols]` → `[1, planes, 2 · rows, half]`.
    pub fn transposed(&self, planes: Tensor<4>) -> Tensor<4> {
        let half = self.half()[1];
        // `along` leaves its axis before the other: [1, planes, 2 · half, rows].
        let beside = along(planes, &self.across);
        let part = |first: usize| beside.clone().narrow(2, first, half);
        let over = Tensor::cat(vec![part(0), part(half)], 3);
        along(over, &self.down.clone().transpose())
    }

    /// The spectrum of planes, of which [`Self::inverse`] makes the same planes.
    ///
    /// # Shapes
    /// `[1, planes, rows, cols]` → `[1, planes, 2 · rows, half]`.
    pub fn transform(&self, planes: Tensor<4>) -> Tensor<4> {
        // The matrix without the counts is orthogonal on spectra of real planes.
        self.transposed(planes) / self.counts.clone()
    }
}
