//! Which pixels a unit can see.

use serde::Serialize;
use zfnet_typescript::TypeScript;

/// Beyond this, absurd tables saturate: such a unit sees everything anyway.
const FAR: usize = 1 << 29;

/// The part of the input that a unit can see, in input pixels; each pair is rows, columns.
///
/// Unit (r, c) sees the rows from `offset[0] + stride[0]·r` on, `size[0]` of them, and likewise the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TypeScript)]
#[serde(rename = "Field")]
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

    /// What units that see both fields see: the smallest field that holds them. Where the two move by different distances, they are
    /// taken to see everything.
    pub(crate) fn hull(self, other: Self) -> Self {
        if self.stride != other.stride {
            return self.everything();
        }
        let first = [0, 1].map(|axis| self.offset[axis].min(other.offset[axis]));
        let end = |field: Self, axis: usize| field.offset[axis] + field.size[axis] as isize;
        let size = |axis: usize| (end(self, axis).max(end(other, axis)) - first[axis]) as usize;
        Self {
            size: [size(0).min(FAR), size(1).min(FAR)],
            stride: self.stride,
            offset: first,
        }
    }

    /// A field that holds the whole input, wherever the unit is.
    pub(crate) fn everything(self) -> Self {
        Self {
            size: [FAR; 2],
            stride: self.stride,
            offset: [-(FAR as isize / 2); 2],
        }
    }

    /// Whether it holds the whole input, wherever the unit is.
    pub fn is_everything(self) -> bool {
        self.size == [FAR; 2]
    }

    /// As a reader is told of it, on an input of so many rows and columns: what holds everything, wherever the unit is, is the input.
    pub fn told(self, input: [usize; 2]) -> Self {
        match self.is_everything() {
            true => Self {
                size: input,
                stride: self.stride,
                offset: [0, 0],
            },
            false => self,
        }
    }

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
