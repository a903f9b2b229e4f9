//! What keeps a climb near natural pictures.

use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;

/// Rounds the corner of |d| at 0, in shares of the way from black to white: less than what 8 bits can tell apart.
const CORNER: f64 = 1e-3;

/// The derivative of total variation Σ √(d² + ε²), over the differences d of all neighbours in rows and in columns, each on
/// its own; Mahendran & Vedaldi (2015) take the length of both together.
///
/// # Shapes
/// z `[pictures, channels, rows, cols]` → the same.
pub(super) fn variation_slope(z: Tensor<4>) -> Tensor<4> {
    let [_, _, rows, cols] = z.dims();
    let along = |z: &Tensor<4>, axis: usize, length: usize| {
        let before = z.clone().narrow(axis, 0, length - 1);
        let difference = z.clone().narrow(axis, 1, length - 1) - before;
        let size = (difference.clone() * difference.clone() + CORNER * CORNER).sqrt();
        let sign = difference / size;
        let padded = |first: usize, last: usize| {
            let pad = match axis {
                2 => [(first, last), (0, 0)],
                _ => [(0, 0), (first, last)],
            };
            sign.clone().pad(pad, PadMode::Constant(0.0))
        };
        padded(1, 0) - padded(0, 1)
    };
    let mut slope = z.zeros_like();
    for (axis, length) in [(2, rows), (3, cols)] {
        if length > 1 {
            slope = slope + along(&z, axis, length);
        }
    }
    slope
}
