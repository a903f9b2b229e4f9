//! A picture made of waves, and which numbers of them are climbed along.

use burn::tensor::{Device, Tensor, TensorData};

use super::photographs;
use crate::experiments::shared::fourier::Fourier;
use crate::experiments::shared::noise::Sequence;
use crate::network::Network;

/// The steepest slope of a logistic curve is a quarter: so much larger what goes into it is, so that small changes come out as
/// they are.
const STEEP: f64 = 4.0;
/// How near to black and white a picture may begin, whose logarithm of odds would be infinite.
const NEAREST: f64 = 1.0 / 512.0;

/// What is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Free {
    /// The phases of waves whose magnitudes are those of photographs (MACO, Fel et al. 2023). Numbers are radians
    /// `[1, 3, rows, half]`.
    Phases,
    /// Real and imaginary parts, in shares of those magnitudes. Numbers are `[1, 3, 2 · rows, half]`, and at zero the picture is
    /// the ground.
    Parts,
}

/// Waves on a ground, kept between black and white by a logistic curve.
#[derive(Debug, Clone)]
pub struct Parametrisation {
    free: Free,
    fourier: Fourier,
    /// `[1, 3, rows, half]`.
    magnitudes: Tensor<4>,
    /// `[channels, 3]`.
    colours: Tensor<2>,
    /// The ground's logarithms of odds, `[1, channels, rows, cols]`.
    ground: Tensor<4>,
    /// 1 in the columns of the half whose waves are their own mirror images, `[1, 1, 1, half]`.
    mirrored: Tensor<4>,
}

impl Parametrisation {
    /// Of pictures as large as `ground`, `[1, channels, rows, cols]` in shares from 0, black, to 1, white, for the input of a
    /// network.
    pub fn new(network: &Network, ground: Tensor<4>, free: Free) -> Self {
        let device = network.device();
        let [_, channels, rows, cols] = ground.dims();
        let fourier = Fourier::new([rows, cols], device);
        let share = ground.clamp(NEAREST, 1.0 - NEAREST);
        let odds = share.clone() / (share.neg() + 1.0);
        let mirrored = fourier.counts().neg() + 2.0;
        Self {
            free,
            magnitudes: photographs::magnitudes(&fourier, [rows, cols], device),
            colours: photographs::colours(channels, network.model.input.channels, device),
            ground: odds.log(),
            mirrored,
            fourier,
        }
    }

    /// Where a climb begins: at phases that follow from a seed, or at the ground.
    pub fn start(&self, seed: u64, device: &Device) -> Tensor<4> {
        let [rows, half] = self.fourier.half();
        match self.free {
            Free::Phases => {
                let mut phases = Sequence::new(seed, 0);
                let drawn = (0..3 * rows * half)
                    .map(|_| (phases.uniform() * std::f64::consts::TAU) as f32)
                    .collect::<Vec<_>>();
                Tensor::from_data(TensorData::new(drawn, [1, 3, rows, half]), device)
            }
            Free::Parts => Tensor::zeros([1, 3, 2 * rows, half], device),
        }
    }

    /// The picture that numbers make: `[1, channels, rows, cols]`, from 0 to 1.
    pub fn picture(&self, numbers: Tensor<4>) -> Tensor<4> {
        let spectrum = match self.free {
            Free::Phases => {
                let phases = self.odd(numbers);
                let parts = [phases.clone().cos(), phases.sin()];
                Tensor::cat(parts.map(|part| part * self.magnitudes.clone()).into(), 2)
            }
            Free::Parts => numbers * self.doubled(),
        };
        let waves = self.fourier.inverse(spectrum);
        let [_, channels, rows, cols] = self.ground.dims();
        let mixed = self.colours.clone().matmul(waves.reshape([3, rows * cols]));
        let mixed = mixed.reshape([1, channels, rows, cols]);
        ((mixed * STEEP + self.ground.clone()).neg().exp() + 1.0).recip()
    }

    /// What a slope at the picture is at the numbers that made it.
    pub fn slope(&self, numbers: Tensor<4>, picture: Tensor<4>, slope: Tensor<4>) -> Tensor<4> {
        let [_, channels, rows, cols] = picture.dims();
        let curve = picture.clone() * (picture.neg() + 1.0) * STEEP;
        let mixed = (slope * curve).reshape([channels, rows * cols]);
        let waves = self.colours.clone().transpose().matmul(mixed);
        let parts = self.fourier.transposed(waves.reshape([1, 3, rows, cols])) * self.doubled();
        match self.free {
            Free::Phases => {
                let phases = self.odd(numbers);
                let [real, imaginary] = [0, rows].map(|first| parts.clone().narrow(2, first, rows));
                self.odd(imaginary * phases.clone().cos() - real * phases.sin())
            }
            Free::Parts => parts,
        }
    }

    /// The magnitudes of real and of imaginary parts, `[1, 3, 2 · rows, half]`.
    fn doubled(&self) -> Tensor<4> {
        Tensor::cat(vec![self.magnitudes.clone(); 2], 2)
    }

    /// Where a column of waves is its own mirror image, phases less those of their images: only so are the waves those of a real
    /// picture, and their magnitudes what they are said to be. It is its own transpose.
    fn odd(&self, phases: Tensor<4>) -> Tensor<4> {
        let rows = phases.dims()[2];
        let first = phases.clone().narrow(2, 0, 1);
        let image = match rows {
            1 => first,
            _ => Tensor::cat(
                vec![first, phases.clone().narrow(2, 1, rows - 1).flip([2])],
                2,
            ),
        };
        phases - image * self.mirrored.clone()
    }
}
