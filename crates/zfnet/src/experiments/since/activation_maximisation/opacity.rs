//! Where a picture was asked for, as MACO shows it (Fel et al. 2023): the magnitudes of all slopes become what is seen.

use crate::geometry::view::View;

/// How wide the magnitudes are smoothed, as a share of what is shown.
const WIDTH: f64 = 0.04;
/// The share of pixels that are seen as strong as can be.
const FULL: f64 = 0.4;

/// From magnitudes on a frame, row by row, to shares from 0 to 1, of which those outside the view are zero.
///
/// The square root keeps what was asked for less often in sight.
pub(super) fn opacity(magnitudes: Vec<f32>, frame: [usize; 2], view: View) -> Vec<f32> {
    let whole = View::whole(frame);
    let [rows, cols] = view.shape();
    let mut part = whole.carry(&magnitudes, view);
    part = smoothed(&part, [rows, cols], rows as f64 * WIDTH);
    part = smoothed(&part, [cols, rows], cols as f64 * WIDTH);
    let mut sorted = part.clone();
    let at = ((1.0 - FULL) * sorted.len().saturating_sub(1) as f64) as usize;
    let full = match sorted.is_empty() {
        true => 0.0,
        false => *sorted.select_nth_unstable_by(at, f32::total_cmp).1,
    };
    let share = |value: &f32| match full > 0.0 {
        true => (value / full).min(1.0).sqrt(),
        // Nothing was asked for yet: all of it is seen.
        false => 1.0,
    };
    let shares: Vec<f32> = part.iter().map(share).collect();
    view.carry(&shares, whole)
}

/// A plane blurred down its columns by a Gaussian, and turned over its diagonal.
fn smoothed(plane: &[f32], [rows, cols]: [usize; 2], sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as usize;
    let weight = |away: usize| (-0.5 * (away as f64 / sigma.max(1e-6)).powi(2)).exp() as f32;
    let mut turned = Vec::with_capacity(plane.len());
    for col in 0..cols {
        for row in 0..rows {
            let near = row.saturating_sub(reach)..(row + reach + 1).min(rows);
            let [mut sum, mut total] = [0f32; 2];
            for other in near {
                let weight = weight(row.abs_diff(other));
                sum += weight * plane[other * cols + col];
                total += weight;
            }
            turned.push(sum / total);
        }
    }
    turned
}
