//! Random crops of a picture, each enlarged to what the network is shown of it, with noise: what a target answers to in all of
//! them is no accident of single pixels (Fel et al. 2023, Hamblin et al. 2024).

use burn::tensor::{Device, Tensor, TensorData};

use crate::experiments::shared::blur::along;
use crate::experiments::shared::noise::Sequence;

/// One crop: what every row and column of what is shown takes from those of the picture.
pub(super) struct Crop {
    /// `[shown rows, rows]` and `[shown cols, cols]`.
    matrices: [Tensor<2>; 2],
}

impl Crop {
    /// Where it begins and how long it is along both axes, in pixels of a picture of that size; bilinear between pixels.
    fn new(size: [usize; 2], shown: [usize; 2], place: [[f64; 2]; 2], device: &Device) -> Self {
        let matrix = |axis: usize| {
            let [begin, length] = place[axis];
            let (count, all) = (shown[axis], size[axis]);
            let mut shares = vec![0f32; count * all];
            for new in 0..count {
                let at = begin + (new as f64 + 0.5) * length / count as f64 - 0.5;
                let at = at.clamp(0.0, (all - 1) as f64);
                let first = at as usize;
                let share = (at - first as f64) as f32;
                shares[new * all + first] += 1.0 - share;
                shares[new * all + (first + 1).min(all - 1)] += share;
            }
            Tensor::from_data(TensorData::new(shares, [count, all]), device)
        };
        Self {
            matrices: [matrix(0), matrix(1)],
        }
    }

    /// All of a picture, and around it so many rows and columns of those at its edge.
    pub(super) fn around(size: [usize; 2], margin: [usize; 2], device: &Device) -> Self {
        let larger = [0, 1].map(|axis| size[axis] + 2 * margin[axis]);
        let place = [0, 1].map(|axis| [-(margin[axis] as f64), larger[axis] as f64]);
        Self::new(size, larger, place, device)
    }

    /// `shown` pixels in the middle, moved by up to `jitter` either way, and shorter by a random share down to `least`.
    pub(super) fn random(
        size: [usize; 2],
        shown: [usize; 2],
        (least, jitter): (f64, f64),
        random: &mut Sequence,
        device: &Device,
    ) -> Self {
        let share = 1.0 - (1.0 - least) * random.uniform();
        let place = [0, 1].map(|axis| {
            let length = shown[axis] as f64 * share;
            let middle = (size[axis] as f64 - length) / 2.0;
            let moved = middle + jitter * (2.0 * random.uniform() - 1.0);
            [moved.clamp(0.0, size[axis] as f64 - length), length]
        });
        Self::new(size, shown, place, device)
    }

    /// `[1, channels, rows, cols]` → `[1, channels, shown rows, shown cols]`.
    pub(super) fn of(&self, picture: Tensor<4>) -> Tensor<4> {
        let [down, across] = &self.matrices;
        along(along(picture, across), down)
    }

    /// The transpose: what a slope at the crop is at the picture.
    pub(super) fn transposed(&self, slope: Tensor<4>) -> Tensor<4> {
        let [down, across] = self.matrices.clone().map(Tensor::transpose);
        along(along(slope, &across), &down)
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::readback::floats;

    /// Sums of products of numbers that follow from a seed.
    fn dot(a: Tensor<4>, b: Tensor<4>) -> f32 {
        let product = floats((a * b).sum().reshape([1, 1, 1, 1]));
        block_on(product).expect("the CPU answers")[0]
    }

    #[test]
    fn a_crop_has_its_transpose_and_all_of_a_picture_is_the_picture() {
        let device = Device::flex();
        let mut random = Sequence::new(3, 0);
        let mut tensor = |shape: [usize; 4]| {
            let numbers = random.normal(shape.iter().product());
            Tensor::<4>::from_data(TensorData::new(numbers, shape), &device)
        };
        let (picture, slope) = (tensor([1, 3, 11, 8]), tensor([1, 3, 7, 5]));
        let mut places = Sequence::new(4, 0);
        for _ in 0..8 {
            let crop = Crop::random([11, 8], [7, 5], (0.4, 2.0), &mut places, &device);
            let up = dot(crop.of(picture.clone()), slope.clone());
            let down = dot(picture.clone(), crop.transposed(slope.clone()));
            assert!((up - down).abs() < 1e-4, "{up}, {down}");
        }
        let all = Crop::random([11, 8], [11, 8], (1.0, 0.0), &mut places, &device);
        let off = all.of(picture.clone()) - picture.clone();
        assert!(dot(off.clone(), off) < 1e-10);
        let around = Crop::around([11, 8], [2, 1], &device).of(picture.clone());
        let corner = around.clone().narrow(2, 0, 1).narrow(3, 0, 1)
            - picture.clone().narrow(2, 0, 1).narrow(3, 0, 1);
        assert!(dot(corner.clone(), corner) < 1e-10);
        let off = around.narrow(2, 2, 11).narrow(3, 1, 8) - picture.clone();
        assert!(dot(off.clone(), off) < 1e-10);
        // In the middle, and as large as what is shown, it is what a cut is.
        let picture = tensor([1, 1, 11, 9]);
        let middle = Crop::random([11, 9], [7, 5], (1.0, 0.0), &mut places, &device);
        let cut = picture.clone().narrow(2, 2, 7).narrow(3, 2, 5);
        let off = middle.of(picture) - cut;
        assert!(dot(off.clone(), off) < 1e-10);
    }
}
