//! A signal on its way down: what comes back to a layer from above, for many targets at once.

use burn::tensor::ops::PadMode;
use burn::tensor::{Tensor, TensorData};

use crate::geometry::window::Windows;

/// Values on windows of a layer's maps, a window for each target; zero everywhere else.
#[derive(Debug, Clone)]
pub struct Signal {
    values: Tensor<4>,
    windows: Windows,
}

impl Signal {
    /// Values `[targets, maps, window rows, window cols]` on these windows.
    pub fn new(values: Tensor<4>, windows: Windows) -> Self {
        debug_assert_eq!(values.dims()[0], windows.origins.len());
        debug_assert_eq!(values.dims()[2..], windows.size);
        Self { values, windows }
    }

    /// Values `[targets, maps, rows, cols]` on whole maps.
    pub fn whole(values: Tensor<4>) -> Self {
        let [targets, _, rows, cols] = values.dims();
        Self::new(values, Windows::whole([rows, cols], targets))
    }

    /// The values, `[targets, maps, window rows, window cols]`.
    pub fn values(&self) -> Tensor<4> {
        self.values.clone()
    }

    /// Where they lie.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// The values, and where they lie.
    pub fn into_parts(self) -> (Tensor<4>, Windows) {
        (self.values, self.windows)
    }

    /// Other values in the same places.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Tensor<4>, &Windows) -> Tensor<4>) -> Self {
        let values = change(self.values, &self.windows);
        Self::new(values, self.windows)
    }

    /// The sum of two signals that came to one layer by different ways, on windows that hold both.
    ///
    /// # Panics
    /// In debug builds, when they are not signals of the same targets on the same layer.
    #[must_use]
    #[allow(
        clippy::should_implement_trait,
        reason = "the sum of an operator would hide how much is moved"
    )]
    pub fn add(self, other: Self) -> Self {
        debug_assert_eq!(self.windows.frame, other.windows.frame);
        debug_assert_eq!(self.windows.origins.len(), other.windows.origins.len());
        if self.windows == other.windows {
            return Self::new(self.values + other.values, self.windows);
        }
        let union = self.windows.union(&other.windows);
        Self::new(self.placed(&union) + other.placed(&union), union)
    }

    /// The values on larger windows that hold these.
    pub(crate) fn placed(self, union: &Windows) -> Tensor<4> {
        let [targets, maps, ..] = self.values.dims();
        let margins = |target: usize| {
            [0, 1].map(|axis| {
                let before = self.windows.origins[target][axis] - union.origins[target][axis];
                let before = before as usize;
                (before, union.size[axis] - before - self.windows.size[axis])
            })
        };
        let padded = |values: Tensor<4>, margins| values.pad(margins, PadMode::Constant(0.0));
        if (1..targets).all(|target| margins(target) == margins(0)) {
            return padded(self.values.clone(), margins(0));
        }
        let [rows, cols] = self.windows.size;
        let own = |target| {
            let own = [target..target + 1, 0..maps, 0..rows, 0..cols];
            padded(self.values.clone().slice(own), margins(target))
        };
        Tensor::cat((0..targets).map(own).collect(), 0)
    }

    /// What of the values lies on smaller windows, which have the same place in each of these.
    pub(crate) fn cut(self, smaller: Windows) -> Self {
        let [targets, maps, ..] = self.values.dims();
        let [rows, cols] = [0, 1].map(|axis| {
            let from = (smaller.origins[0][axis] - self.windows.origins[0][axis]) as usize;
            from..from + smaller.size[axis]
        });
        let values = self.values.slice([0..targets, 0..maps, rows, cols]);
        Self::new(values, smaller)
    }

    /// Drops or zeroes what lies outside the frame, where no unit is that could pass a signal on.
    ///
    /// Along an axis on which they all lie in one place windows are clipped; along others they keep their common size and get
    /// zeros.
    #[must_use]
    pub(crate) fn kept_inside(self) -> Self {
        let Self { values, windows } = self;
        if windows.inside_frame() {
            return Self::new(values, windows);
        }
        let [targets, maps, ..] = values.dims();
        let device = values.device();
        let Some(clipped) = windows.clipped() else {
            // Nothing but padding was seen; one place without signal says so.
            let nothing = Windows {
                size: [1, 1],
                origins: vec![[0, 0]; targets],
                frame: windows.frame,
            };
            return Self::new(Tensor::zeros([targets, maps, 1, 1], &device), nothing);
        };
        let Self { values, .. } = Self::new(values, windows).cut(clipped.clone());
        if clipped.inside_frame() {
            return Self::new(values, clipped);
        }
        let [height, width] = clipped.size;
        let mask = (0..targets).flat_map(|target| {
            let [rows, cols] = clipped.inside(target);
            (0..height).flat_map(move |row| {
                let (rows, cols) = (rows.clone(), cols.clone());
                (0..width).map(move |col| f32::from(rows.contains(&row) && cols.contains(&col)))
            })
        });
        let mask = TensorData::new(mask.collect::<Vec<f32>>(), [targets, 1, height, width]);
        let mask = Tensor::<4>::from_data(mask, &device);
        Self::new(values * mask, clipped)
    }

    /// Puts zeros where windows that lie at the frame's top left do not reach its bottom and right: a stride that does
    /// not come out even leaves rows and columns that no unit looks at.
    #[must_use]
    pub(crate) fn spread_over_frame(self) -> Self {
        let Self { values, windows } = self;
        if windows.covers_frame() {
            return Self::new(values, windows);
        }
        debug_assert!(windows.origins.iter().all(|origin| *origin == [0, 0]));
        let missing = [0, 1].map(|axis| windows.frame[axis] - windows.size[axis]);
        let values = values.pad([(0, missing[0]), (0, missing[1])], PadMode::Constant(0.0));
        Self::new(values, Windows::whole(windows.frame, windows.origins.len()))
    }
}
