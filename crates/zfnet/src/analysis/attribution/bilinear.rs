//! Enlarging a map to the picture's size.

/// Bilinear interpolation between the centres of units; beyond the outermost centres the border's value.
///
/// This is what PyTorch calls bilinear without aligned corners.
pub(super) fn enlarged(
    map: &[f32],
    [rows, cols]: [usize; 2],
    [height, width]: [usize; 2],
) -> Vec<f32> {
    let (down, across) = (stops(rows, height), stops(cols, width));
    let mut large = Vec::with_capacity(height * width);
    for &(above, below, low) in &down {
        large.extend(across.iter().map(|&(left, right, near)| {
            let along =
                |row: usize| map[row * cols + left] * (1.0 - near) + map[row * cols + right] * near;
            along(above) * (1.0 - low) + along(below) * low
        }));
    }
    large
}

/// For each new place its two old neighbours and the second one's share.
fn stops(from: usize, to: usize) -> Vec<(usize, usize, f32)> {
    let scale = from as f64 / to as f64;
    (0..to)
        .map(|at| {
            let place = ((at as f64 + 0.5) * scale - 0.5).clamp(0.0, (from - 1) as f64);
            let first = place as usize;
            let share = (place - first as f64) as f32;
            (first, (first + 1).min(from - 1), share)
        })
        .collect()
}
