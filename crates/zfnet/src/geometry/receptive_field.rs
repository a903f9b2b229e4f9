//! Which pixels a unit can see.

use serde::Serialize;

/// Beyond this, absurd tables saturate: such a unit sees everything anyway.
const FAR: usize = 1 << 29;

/// The part of the input that a unit can see, in input pixels; each pair is rows, columns.
///
/// Unit (r, c) sees the rows from `offset[0] + stride[0]·r` on, `size[0]` of them, and likewise the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReceptiveField {
    /// Extent.
    pub size: [usize; 2],
    /// Distance between the fields of neighbouring units.
    pub stride: [usize; 2],
    /// Where the field of unit (0, 0) begins; negative inside the padding.
    pub offset: [isize; 2],
}

impl ReceptiveField {
    /// What a pixel sees: itself.
    pub(crate) const PIXEL: Self = Self {
        size: [1, 1],
        stride: [1, 1],
        offset: [0, 0],
    };

    /// The field one layer further up, after a window of `kernel` moved by `stride` over an input padded by `before`
    /// at its top and left.
    pub(crate) fn through(
        self,
        kernel: [usize; 2],
        stride: [usize; 2],
        before: [usize; 2],
    ) -> Self {
        Self {
            size: [0, 1].map(|a| {
                let reach = (kernel[a] - 1).saturating_mul(self.stride[a]);
                self.size[a].saturating_add(reach).min(FAR)
            }),
            stride: [0, 1].map(|a| self.stride[a].saturating_mul(stride[a]).min(FAR)),
            offset: [0, 1].map(|a| {
                let shift = before[a].saturating_mul(self.stride[a]).min(FAR);
                self.offset[a]
                    .saturating_sub(shift as isize)
                    .max(-(FAR as isize))
            }),
        }
    }
}
