//! Where in frequency the numbers of a plane lie: the discrete Fourier transform, summed by hand, for planes as small as
//! filters and blocks of a picture.

use std::f64::consts::TAU;

/// The transform of a plane `[rows, cols]`, with zeros below and to the right of it up to `size`.
///
/// A larger `size` samples the same function of frequency more finely, so that planes of different sizes can be compared.
/// The answer is complex, row by row of `size`; [`frequencies`] says which frequency each number belongs to.
///
/// # Panics
/// When the plane is larger than `size`, or has not as many numbers.
pub fn transform(plane: &[f32], [rows, cols]: [usize; 2], size: [usize; 2]) -> Vec<[f64; 2]> {
    assert!(
        rows <= size[0] && cols <= size[1] && plane.len() == rows * cols,
        "a plane of {rows}×{cols} that fits into {size:?}"
    );
    let [vertical, horizontal] = size.map(turns);
    // Along the rows first: [rows, frequencies of columns].
    let mut lines = Vec::with_capacity(rows * size[1]);
    for row in plane.chunks(cols.max(1)) {
        for frequency in 0..size[1] {
            lines.push(row.iter().enumerate().fold([0.0; 2], |sum, (at, value)| {
                let [cosine, sine] = horizontal[frequency * at % size[1]];
                let value = f64::from(*value);
                [sum[0] + value * cosine, sum[1] - value * sine]
            }));
        }
    }
    let mut found = Vec::with_capacity(size[0] * size[1]);
    for frequency in 0..size[0] {
        for col in 0..size[1] {
            found.push((0..rows).fold([0.0; 2], |sum, at| {
                let [cosine, sine] = vertical[frequency * at % size[0]];
                let [real, imaginary] = lines[at * size[1] + col];
                [
                    sum[0] + real * cosine + imaginary * sine,
                    sum[1] + imaginary * cosine - real * sine,
                ]
            }));
        }
    }
    found
}

/// The frequencies of a transform of that size, along the rows' axis and along the columns', in cycles per pixel: never
/// negative and at most a half, since a wave and its mirror image are equally fast.
pub fn frequencies([rows, cols]: [usize; 2]) -> impl Iterator<Item = [f64; 2]> {
    let cycles =
        |frequency: usize, length: usize| frequency.min(length - frequency) as f64 / length as f64;
    (0..rows).flat_map(move |row| (0..cols).map(move |col| [cycles(row, rows), cycles(col, cols)]))
}

/// Cosine and sine of every part of a whole turn.
fn turns(length: usize) -> Vec<[f64; 2]> {
    (0..length)
        .map(|at| {
            let (sine, cosine) = (TAU * at as f64 / length as f64).sin_cos();
            [cosine, sine]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_one_frequency_and_the_energy_is_kept() {
        let wave: Vec<f32> = (0..6 * 8)
            .map(|at| (TAU as f32 * 3.0 * (at % 8) as f32 / 8.0).cos())
            .collect();
        let found = transform(&wave, [6, 8], [6, 8]);
        for ([real, imaginary], frequency) in found.iter().zip(frequencies([6, 8])) {
            // Half of the amplitude for the wave, half for its mirror image, times the number of pixels.
            let expected = if frequency == [0.0, 3.0 / 8.0] {
                24.0
            } else {
                0.0
            };
            assert!((real - expected).abs() < 1e-5, "{frequency:?}: {real}");
            assert!(imaginary.abs() < 1e-5, "{frequency:?}: {imaginary}");
        }
        let plane: Vec<f32> = (0..35).map(|at| ((at * at) % 11) as f32 - 4.0).collect();
        let square: f64 = plane.iter().map(|v| f64::from(*v).powi(2)).sum();
        for size in [[5, 7], [16, 9]] {
            let energy: f64 = transform(&plane, [5, 7], size)
                .iter()
                .map(|[real, imaginary]| real * real + imaginary * imaginary)
                .sum();
            let count = (size[0] * size[1]) as f64;
            assert!((energy / count - square).abs() < 1e-6 * square, "{size:?}");
        }
    }
}
