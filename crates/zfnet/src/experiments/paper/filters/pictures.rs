//! The spectrum of pictures, and with it that of any filter's answers to them, without the answers themselves.
//!
//! Blocks of the pictures, half of each overlapping the next, lose their mean colour, fade out towards their borders, and go
//! through the transform; products of the channels are added up (Welch's method). A filter adds its channels' answers, so
//! the products of different channels are needed too.

use super::GRID;
use crate::experiments::shared::spectrum::transform;

/// Products of every two channels' transforms, added up over all blocks of all pictures.
#[derive(Debug, Clone)]
pub(super) struct Spectra {
    frame: [usize; 2],
    channels: usize,
    /// Rows and columns of a block.
    block: [usize; 2],
    /// How much a block's rows and columns count.
    fade: [Vec<f32>; 2],
    /// [channels, channels, frequencies], complex: the first channel times the conjugate of the second.
    products: Vec<Vec<[f64; 2]>>,
}

impl Spectra {
    pub(super) fn new(frame: [usize; 2], channels: usize) -> Self {
        let block = frame.map(|length| length.min(GRID));
        Self {
            frame,
            channels,
            block,
            fade: block.map(hann),
            products: vec![vec![[0.0; 2]; GRID * GRID]; channels * channels],
        }
    }

    /// Adds a picture, planar `[channels, rows, cols]`.
    pub(super) fn add(&mut self, picture: &[f32]) {
        let starts = [0, 1].map(|axis| {
            let last = self.frame[axis] - self.block[axis];
            (0..=last)
                .step_by((self.block[axis] / 2).max(1))
                .collect::<Vec<_>>()
        });
        for top in &starts[0] {
            for left in &starts[1] {
                let transforms: Vec<_> = picture
                    .chunks(self.frame[0] * self.frame[1])
                    .map(|plane| transform(&self.cut(plane, [*top, *left]), self.block, [GRID; 2]))
                    .collect();
                self.multiply(&transforms);
            }
        }
    }

    /// A block without its mean, fading out.
    fn cut(&self, plane: &[f32], [top, left]: [usize; 2]) -> Vec<f32> {
        let [rows, cols] = self.block;
        let lines = (top..top + rows).map(|row| &plane[row * self.frame[1] + left..][..cols]);
        let mut block: Vec<f32> = lines.flatten().copied().collect();
        let mean = block.iter().sum::<f32>() / block.len() as f32;
        for (line, row) in block.chunks_mut(cols).zip(&self.fade[0]) {
            for (value, col) in line.iter_mut().zip(&self.fade[1]) {
                *value = (*value - mean) * row * col;
            }
        }
        block
    }

    fn multiply(&mut self, transforms: &[Vec<[f64; 2]>]) {
        for (first, a) in transforms.iter().enumerate() {
            for (second, b) in transforms.iter().enumerate() {
                let products = &mut self.products[first * self.channels + second];
                for ((sum, a), b) in products.iter_mut().zip(a).zip(b) {
                    let [real, imaginary] = times(*a, conjugate(*b));
                    *sum = [sum[0] + real, sum[1] + imaginary];
                }
            }
        }
    }

    /// At each frequency the energy of a filter's answers, up to a factor; the filter is given by its channels' transforms.
    ///
    /// The layer correlates and does not convolve, so its answers have the conjugate of the filter's transform in them.
    pub(super) fn answered(&self, filter: &[Vec<[f64; 2]>]) -> Vec<f64> {
        let mut energy = vec![0.0; GRID * GRID];
        for (first, a) in filter.iter().enumerate() {
            for (second, b) in filter.iter().enumerate() {
                let products = &self.products[first * self.channels + second];
                for (((energy, a), b), product) in energy.iter_mut().zip(a).zip(b).zip(products) {
                    *energy += times(times(conjugate(*a), *b), *product)[0];
                }
            }
        }
        // Nothing is negative but by rounding.
        energy
            .iter_mut()
            .for_each(|energy| *energy = energy.max(0.0));
        energy
    }
}

/// A block's window (Hann), 0 just outside the block.
fn hann(length: usize) -> Vec<f32> {
    let at = |at: usize| std::f64::consts::PI * (at as f64 + 0.5) / length as f64;
    (0..length)
        .map(|place| at(place).sin().powi(2) as f32)
        .collect()
}

fn times(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

fn conjugate([real, imaginary]: [f64; 2]) -> [f64; 2] {
    [real, -imaginary]
}
