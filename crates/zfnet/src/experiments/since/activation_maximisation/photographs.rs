//! How strong the waves are that photographs are made of: the law that stands in for a measured average spectrum.
//!
//! Measured on 1,500 of the bundled network's training photographs, their middles scaled to 224 by 224, under a Hann window: the
//! mean magnitude of the unitary Fourier transform, in the three colours of [`COLOURS`]. Over two orders of magnitude in frequency
//! it falls as a power of it: the fit is off by at most a fifth in lightness, and by less than half in colour, which levels off at
//! the highest frequencies, where JPEG has left little. Field (1987) found the same of lightness, about 1 / f; of opponent colours
//! Párraga et al. (1998).

use burn::tensor::{Device, Tensor, TensorData};

use crate::experiments::shared::fourier::Fourier;
use crate::network::model::Channels;

/// Magnitude at one cycle per pixel, and the power of the frequency by which it falls, of lightness, red against blue, and
/// green against both.
const LAWS: [[f64; 2]; 3] = [[0.0215, 1.267], [0.0011, 1.73], [0.0009, 1.617]];

/// The directions of the three colours in red, green and blue, at right angles: near the principal axes of the photographs'
/// colours, so that they are changed one without the other.
const COLOURS: [[f64; 3]; 3] = [[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 2.0, -1.0]];

/// The magnitudes of a natural picture's waves, `[1, 3, rows, half]`; none at frequency 0, which is the mean colour.
pub(super) fn magnitudes(
    fourier: &Fourier,
    [rows, cols]: [usize; 2],
    device: &Device,
) -> Tensor<4> {
    let [_, half] = fourier.half();
    let cycles =
        |frequency: usize, length: usize| frequency.min(length - frequency) as f64 / length as f64;
    let mut found = Vec::with_capacity(3 * rows * half);
    for [strength, power] in LAWS {
        for row in 0..rows {
            for col in 0..half {
                let frequency = cycles(row, rows).hypot(cycles(col, cols));
                found.push(match frequency > 0.0 {
                    true => (strength * frequency.powf(-power)) as f32,
                    false => 0.0,
                });
            }
        }
    }
    Tensor::from_data(TensorData::new(found, [1, 3, rows, half]), device)
}

/// What each channel of the input takes from the three colours, `[channels, 3]`: a grey input the lightness, as much as each of
/// the three channels would.
pub(super) fn colours(channels: usize, order: Channels, device: &Device) -> Tensor<2> {
    let row = |channel: usize| {
        COLOURS.map(|colour| {
            let length = colour.iter().map(|share| share * share).sum::<f64>().sqrt();
            let share = match (channels, order) {
                (1, _) => colour.iter().sum::<f64>() / 3.0,
                (_, Channels::Rgb) => colour[channel],
                (_, Channels::Bgr) => colour[2 - channel],
            };
            share / length
        })
    };
    let rows = (0..channels).flat_map(row).map(|share| share as f32);
    Tensor::from_data(
        TensorData::new(rows.collect::<Vec<_>>(), [channels, 3]),
        device,
    )
}
