//! The arithmetic of the measures: spectra, edges, blur, correlation; numbers in, numbers out.

use zfnet::experiments::shared::spectrum;

/// Rows and columns of a map from `[top, left]` up to but not including `[bottom, right]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) from: [usize; 2],
    pub(crate) to: [usize; 2],
}

impl Area {
    /// The values of a map `[rows, cols]` inside, row by row.
    pub(crate) fn of(self, map: &[f32], cols: usize) -> impl Iterator<Item = f32> {
        let ([top, left], [bottom, right]) = (self.from, self.to);
        (top..bottom)
            .flat_map(move |row| map[row * cols + left..row * cols + right].iter().copied())
    }
}

/// Energies of a plane of `shape`, rows and columns, below or at a frequency, and above it.
///
/// The discrete Fourier transform at the plane's own size, nothing removed and nothing padded. `limit` is the distance from
/// zero frequency in cycles per pixel; a pixel's frequencies end at 0.5 along an axis.
pub(crate) fn energies(plane: &[f32], shape: [usize; 2], limit: f64) -> [f64; 2] {
    let numbers = spectrum::transform(plane, shape, shape);
    let mut energies = [0.0; 2];
    for ([real, imaginary], [vertical, horizontal]) in
        numbers.iter().zip(spectrum::frequencies(shape))
    {
        let above = vertical.hypot(horizontal) > limit;
        energies[usize::from(above)] += real * real + imaginary * imaginary;
    }
    energies
}

/// How strongly the channels `[channels, rows, cols]` change from pixel to pixel: root of the sum, over the channels, of the
/// squared Sobel gradients. Beyond the border the nearest pixel repeats.
pub(crate) fn edges(planes: &[f32], [rows, cols]: [usize; 2]) -> Vec<f32> {
    let mut squares = vec![0f32; rows * cols];
    for plane in planes.chunks(rows * cols) {
        for row in 0..rows {
            let around = [row.saturating_sub(1), row, (row + 1).min(rows - 1)];
            for col in 0..cols {
                let beside = [col.saturating_sub(1), col, (col + 1).min(cols - 1)];
                let pixel = |i: usize, j: usize| plane[around[i] * cols + beside[j]];
                let horizontal =
                    pixel(0, 2) - pixel(0, 0) + 2.0 * (pixel(1, 2) - pixel(1, 0)) + pixel(2, 2)
                        - pixel(2, 0);
                let vertical =
                    pixel(2, 0) - pixel(0, 0) + 2.0 * (pixel(2, 1) - pixel(0, 1)) + pixel(2, 2)
                        - pixel(0, 2);
                squares[row * cols + col] += horizontal * horizontal + vertical * vertical;
            }
        }
    }
    squares.into_iter().map(f32::sqrt).collect()
}

/// Length of each pixel's vector of channels: `[channels, rows, cols]` to `[rows, cols]`.
pub(crate) fn magnitude(planes: &[f32], [rows, cols]: [usize; 2]) -> Vec<f32> {
    let mut squares = vec![0f32; rows * cols];
    for plane in planes.chunks(rows * cols) {
        for (sum, value) in squares.iter_mut().zip(plane) {
            *sum += value * value;
        }
    }
    squares.into_iter().map(f32::sqrt).collect()
}

/// A map under a Gaussian of that standard deviation, cut off at three of them; the nearest pixel repeats beyond the border.
pub(crate) fn blurred(map: &[f32], [rows, cols]: [usize; 2], deviation: f32) -> Vec<f32> {
    let reach = (3.0 * deviation).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach)
        .map(|at| (-(at * at) as f32 / (2.0 * deviation * deviation)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    let around = |centre: usize, length: usize| {
        (-reach..=reach)
            .map(move |by| (centre as isize + by).clamp(0, length as isize - 1) as usize)
    };
    let mut lines = vec![0f32; rows * cols];
    for row in 0..rows {
        for col in 0..cols {
            let values = around(col, cols).map(|at| map[row * cols + at]);
            lines[row * cols + col] = values.zip(&weights).map(|(v, w)| v * w).sum::<f32>() / total;
        }
    }
    let mut smooth = vec![0f32; rows * cols];
    for row in 0..rows {
        for col in 0..cols {
            let values = around(row, rows).map(|at| lines[at * cols + col]);
            smooth[row * cols + col] =
                values.zip(&weights).map(|(v, w)| v * w).sum::<f32>() / total;
        }
    }
    smooth
}

/// Pearson's correlation of two maps of `cols` columns inside an area; `None` where one of them does not vary.
pub(crate) fn correlation(a: &[f32], b: &[f32], cols: usize, area: Area) -> Option<f64> {
    let pairs = || {
        area.of(a, cols)
            .zip(area.of(b, cols))
            .map(|(a, b)| (f64::from(a), f64::from(b)))
    };
    let count = pairs().count().max(1) as f64;
    let (sum_a, sum_b) = pairs().fold((0.0, 0.0), |sum, (a, b)| (sum.0 + a, sum.1 + b));
    let (mean_a, mean_b) = (sum_a / count, sum_b / count);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs() {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    let found = ab / (aa.sqrt() * bb.sqrt());
    found.is_finite().then_some(found)
}

/// The smallest share of an area's pixels that together hold `share` of its energy, the sum of the squares of a map;
/// `None` where there is no energy.
pub(crate) fn extent(map: &[f32], cols: usize, area: Area, share: f64) -> Option<f64> {
    let mut energies: Vec<f64> = area.of(map, cols).map(|v| f64::from(v).powi(2)).collect();
    let wanted = energies.iter().sum::<f64>() * share;
    if wanted.is_nan() || wanted <= 0.0 {
        return None;
    }
    energies.sort_by(|a, b| b.total_cmp(a));
    let mut held = 0.0;
    let needed = energies.iter().take_while(|energy| {
        let more = held < wanted;
        held += **energy;
        more
    });
    Some(needed.count() as f64 / energies.len() as f64)
}
