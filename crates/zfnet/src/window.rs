//! Windows: the part of each layer that a target can reach, for many targets at once.
//!
//! A projection of one unit touches only its cone. All cones of a batch have one size per layer and differ in where
//! they lie, so that a batch of them is one tensor `[targets, maps, rows, cols]`.

use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Int, Tensor, TensorData};

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

    fn covers_frame(&self) -> bool {
        self.size == self.frame && self.origins.iter().all(|origin| *origin == [0, 0])
    }

    fn inside_frame(&self) -> bool {
        self.origins.iter().all(|origin| {
            (0..2).all(|a| origin[a] >= 0 && origin[a] as usize + self.size[a] <= self.frame[a])
        })
    }

    fn in_one_place(&self) -> bool {
        self.origins.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// Cuts the windows out of a layer's maps `[1, maps, rows, cols]`: `[targets, maps, window rows, window cols]`.
    ///
    /// Windows that all lie in one place may also each have maps of their own, `[targets, maps, rows, cols]`.
    ///
    /// Positions outside the frame repeat the nearest position inside; whoever needs zeros there uses [`Self::keep_inside`].
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

    /// Drops or zeroes what lies outside the frame, where no unit is that could pass a signal on.
    ///
    /// Windows that all lie in one place are clipped; others keep their common size and get zeros.
    pub fn keep_inside(self, signal: Tensor<4>) -> (Self, Tensor<4>) {
        if self.inside_frame() {
            return (self, signal);
        }
        let [targets, maps, height, width] = signal.dims();
        if self.in_one_place() {
            let origin = self.origins[0];
            let from = [0, 1].map(|a| (-origin[a]).clamp(0, self.size[a] as isize) as usize);
            let to = [0, 1].map(|a| {
                (self.frame[a] as isize - origin[a]).clamp(from[a] as isize, self.size[a] as isize)
                    as usize
            });
            if from[0] < to[0] && from[1] < to[1] {
                let clipped = Self {
                    size: [0, 1].map(|a| to[a] - from[a]),
                    origins: vec![[0, 1].map(|a| origin[a] + from[a] as isize); targets],
                    frame: self.frame,
                };
                return (
                    clipped,
                    signal.slice([0..targets, 0..maps, from[0]..to[0], from[1]..to[1]]),
                );
            }
            // Nothing but padding was seen; one place without signal says so.
            let nothing = Self {
                size: [1, 1],
                origins: vec![[0, 0]; targets],
                frame: self.frame,
            };
            return (
                nothing,
                Tensor::zeros([targets, maps, 1, 1], &signal.device()),
            );
        }
        let device = signal.device();
        let is_inside = |at: isize, axis: usize| at >= 0 && (at as usize) < self.frame[axis];
        let mask: Vec<f32> = self
            .origins
            .iter()
            .flat_map(|[top, left]| {
                (0..height as isize).flat_map(move |row| {
                    (0..width as isize).map(move |col| {
                        f32::from(is_inside(top + row, 0) && is_inside(left + col, 1))
                    })
                })
            })
            .collect();
        let mask =
            Tensor::<4>::from_data(TensorData::new(mask, [targets, 1, height, width]), &device);
        (self, signal * mask)
    }

    /// Puts zeros where windows that lie at the frame's top left do not reach its bottom and right: a stride that does
    /// not come out even leaves rows and columns that no unit looks at.
    pub(crate) fn spread_over_frame(self, signal: Tensor<4>) -> (Self, Tensor<4>) {
        if self.covers_frame() {
            return (self, signal);
        }
        debug_assert!(self.origins.iter().all(|origin| *origin == [0, 0]));
        let missing = [0, 1].map(|a| self.frame[a] - self.size[a]);
        let signal = signal.pad([(0, missing[0]), (0, missing[1])], PadMode::Constant(0.0));
        (Self::whole(self.frame, self.origins.len()), signal)
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
