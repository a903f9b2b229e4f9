//! Windows: the part of each layer that a target can reach, for many targets at once.
//!
//! A projection of one unit touches only its cone. All cones of a batch have one size per layer and differ in where
//! they lie, so that a batch of them is one tensor `[targets, maps, rows, cols]`.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};
use zfnet_kernels::tensors::Places;

/// Padding in pixels: top, left, bottom, right.
pub type Pad = [usize; 4];

/// Equally large windows on one layer's maps, one for each target.
///
/// A window may reach outside the frame (into padding); what lies there is not part of the layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Rows and columns of the maps that the windows lie on.
    pub frame: [usize; 2],
    /// Rows and columns of each window.
    pub size: [usize; 2],
    /// Top and left of each window.
    pub origins: Vec<[isize; 2]>,
}

impl Windows {
    /// `count` windows that each cover the whole frame.
    pub fn whole(frame: [usize; 2], count: usize) -> Self {
        Self {
            frame,
            size: frame,
            origins: vec![[0, 0]; count],
        }
    }

    /// One place each: that of units `[map, row, column]`.
    pub(crate) fn of_units(frame: [usize; 2], units: &[[usize; 3]]) -> Self {
        let place = |[_, row, col]: &[usize; 3]| [*row as isize, *col as isize];
        Self {
            frame,
            size: [1, 1],
            origins: units.iter().map(place).collect(),
        }
    }

    /// The windows of the layer below that these can reach through `kernel`, `stride` and padding `before`.
    pub fn below(
        &self,
        frame: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        before: [usize; 2],
    ) -> Self {
        Self {
            frame,
            size: [0, 1].map(|a| (self.size[a] - 1) * stride[a] + kernel[a]),
            origins: self
                .origins
                .iter()
                .map(|origin| [0, 1].map(|a| origin[a] * stride[a] as isize - before[a] as isize))
                .collect(),
        }
    }

    /// The same windows, larger by `margin` on every side.
    pub fn grown(&self, margin: usize) -> Self {
        self.below(self.frame, [2 * margin + 1; 2], [1, 1], [margin; 2])
    }

    /// As `zfnet-kernels` take them.
    pub(crate) fn places(&self) -> Places<'_> {
        Places {
            frame: self.frame,
            size: self.size,
            origins: &self.origins,
        }
    }

    pub(crate) fn covers_frame(&self) -> bool {
        self.size == self.frame && self.origins.iter().all(|origin| *origin == [0, 0])
    }

    pub(crate) fn inside_frame(&self) -> bool {
        self.origins.iter().all(|origin| {
            (0..2).all(|a| origin[a] >= 0 && origin[a] as usize + self.size[a] <= self.frame[a])
        })
    }

    pub(crate) fn in_one_place(&self) -> bool {
        self.origins.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// The rows and columns of a target's window that lie inside the frame, counted in the window.
    pub(crate) fn inside(&self, target: usize) -> [Range<usize>; 2] {
        [0, 1].map(|axis| {
            let (origin, size) = (self.origins[target][axis], self.size[axis] as isize);
            let from = (-origin).clamp(0, size);
            let to = (self.frame[axis] as isize - origin).clamp(from, size);
            from as usize..to as usize
        })
    }

    /// What of them lies in the frame, along each axis on which they all lie in one place; along others they stay as they are.
    /// `None` where nothing does.
    pub(crate) fn clipped(&self) -> Option<Self> {
        let mut clipped = self.clone();
        let inside = self.inside(0);
        for (axis, inside) in inside.into_iter().enumerate() {
            let same = |pair: &[[isize; 2]]| pair[0][axis] == pair[1][axis];
            if !self.origins.windows(2).all(same) {
                continue;
            }
            clipped.size[axis] = inside.len();
            for origin in &mut clipped.origins {
                origin[axis] += inside.start as isize;
            }
        }
        clipped.size.iter().all(|size| *size > 0).then_some(clipped)
    }

    /// The smallest windows of one size that hold these and others, target by target.
    pub(crate) fn union(&self, other: &Self) -> Self {
        let pairs = || self.origins.iter().zip(&other.origins);
        let first = |(a, b): (&[isize; 2], &[isize; 2])| [0, 1].map(|axis| a[axis].min(b[axis]));
        let size = [0, 1].map(|axis| {
            let end = |(a, b): (&[isize; 2], &[isize; 2])| {
                let ends = [
                    a[axis] + self.size[axis] as isize,
                    b[axis] + other.size[axis] as isize,
                ];
                ends[0].max(ends[1])
            };
            let sizes = pairs().map(|pair| (end(pair) - first(pair)[axis]) as usize);
            sizes.max().unwrap_or(0)
        });
        Self {
            frame: self.frame,
            size,
            origins: pairs().map(first).collect(),
        }
    }

    /// Cuts the windows out of a layer's maps `[1, maps, rows, cols]`: `[targets, maps, window rows, window cols]`.
    ///
    /// Windows that all lie in one place may also each have maps of their own, `[targets, maps, rows, cols]`.
    ///
    /// Positions outside the frame repeat the nearest position inside; no signal comes from there.
    pub fn cut<K: burn::tensor::kind::Basic>(&self, maps: Tensor<4, K>) -> Tensor<4, K> {
        let [_, n_maps, rows, cols] = maps.dims();
        debug_assert_eq!([rows, cols], self.frame);
        let targets = self.origins.len();
        if self.covers_frame() {
            return maps.expand([targets, n_maps, rows, cols]);
        }
        let [height, width] = self.size;
        if self.in_one_place() && self.inside_frame() {
            let [top, left] = self.origins[0].map(|at| at as usize);
            let [pictures, ..] = maps.dims();
            let cut = maps.slice([
                0..pictures,
                0..n_maps,
                top..top + height,
                left..left + width,
            ]);
            return cut.expand([targets, n_maps, height, width]);
        }
        let nearest = |at: isize, length: usize| at.clamp(0, length as isize - 1) as usize;
        let mut positions = Vec::with_capacity(targets * height * width);
        for [top, left] in &self.origins {
            for row in 0..height as isize {
                let start = nearest(top + row, rows) * cols;
                positions.extend(
                    (0..width as isize).map(|col| (start + nearest(left + col, cols)) as i32),
                );
            }
        }
        let positions = integers(positions, &maps.device());
        maps.reshape([n_maps, rows * cols]) // [maps, positions of the frame]
            .select(1, positions) // [maps, targets × positions of a window]
            .reshape([n_maps, targets, height * width])
            .swap_dims(0, 1)
            .reshape([targets, n_maps, height, width])
    }

    /// Row-major index of each window's corner if the frame went on forever; what turns switches, which count in the
    /// whole frame, into positions of the window. `[targets, 1, 1, 1]`.
    pub(crate) fn corners(&self, device: &Device) -> Tensor<4, Int> {
        let corners: Vec<i32> = self
            .origins
            .iter()
            .map(|[top, left]| (*top * self.size[1] as isize + *left) as i32)
            .collect();
        integers(corners, device).reshape([self.origins.len(), 1, 1, 1])
    }
}

fn integers(values: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
