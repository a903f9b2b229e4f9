//! Enlarging a map to the picture's size, and the way back.

use burn::tensor::{Device, Tensor, TensorData};

/// The enlargement of maps of one size as two matrices, which has a transpose.
#[derive(Debug, Clone)]
pub struct Enlargement {
    /// `[1, 1, new rows, rows]`.
    down: Tensor<4>,
    /// `[1, 1, cols, new cols]`.
    across: Tensor<4>,
}

impl Enlargement {
    /// From `from` rows and columns to `to`.
    pub fn new(from: [usize; 2], to: [usize; 2], device: &Device) -> Self {
        let matrix = |axis: usize| {
            let mut shares = vec![0f32; to[axis] * from[axis]];
            for (new, (first, second, share)) in stops(from[axis], to[axis]).into_iter().enumerate()
            {
                shares[new * from[axis] + first] += 1.0 - share;
                shares[new * from[axis] + second] += share;
            }
            let data = TensorData::new(shares, [1, 1, to[axis], from[axis]]);
            Tensor::<4>::from_data(data, device)
        };
        Self {
            down: matrix(0),
            across: matrix(1).swap_dims(2, 3),
        }
    }

    /// `[pictures, maps, rows, cols]` → `[pictures, maps, new rows, new cols]`.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let [pictures, count, _, _] = maps.dims();
        let down = self.down.clone().repeat(&[pictures, count, 1, 1]);
        let across = self.across.clone().repeat(&[pictures, count, 1, 1]);
        down.matmul(maps).matmul(across)
    }

    /// The transpose: what a signal on the enlarged maps is on the small ones.
    pub fn reverse(&self, signal: Tensor<4>) -> Tensor<4> {
        let [pictures, count, _, _] = signal.dims();
        let down = self.down.clone().repeat(&[pictures, count, 1, 1]);
        let across = self.across.clone().repeat(&[pictures, count, 1, 1]);
        down.swap_dims(2, 3)
            .matmul(signal)
            .matmul(across.swap_dims(2, 3))
    }
}

/// A map, row by row, of another size: bilinear interpolation between the centres of units, beyond the outermost centres the
/// border's value.
///
/// This is what PyTorch calls bilinear without aligned corners.
pub fn enlarged(map: &[f32], [rows, cols]: [usize; 2], [height, width]: [usize; 2]) -> Vec<f32> {
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
