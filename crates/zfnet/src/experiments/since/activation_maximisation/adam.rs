//! Adam (Kingma & Ba 2015), climbing.

use burn::tensor::Tensor;

/// Shares of the old in the two running means (the second shorter than usual, as the climb is short).
const MOMENTUM: [f64; 2] = [0.9, 0.99];
/// Keeps it from dividing by zero.
const EPSILON: f64 = 1e-8;

/// The two running means, of the slope and of its square.
pub(super) struct Adam {
    first: Tensor<4>,
    second: Tensor<4>,
    steps: i32,
}

impl Adam {
    /// For numbers of this shape.
    pub(super) fn new(like: &Tensor<4>) -> Self {
        Self {
            first: like.zeros_like(),
            second: like.zeros_like(),
            steps: 0,
        }
    }

    /// Which way to go next, about 1 for each number.
    pub(super) fn towards(&mut self, slope: Tensor<4>) -> Tensor<4> {
        // Beyond this the means have long been full.
        self.steps = (self.steps + 1).min(10_000);
        let [kept, kept_square] = MOMENTUM;
        self.first = self.first.clone() * kept + slope.clone() * (1.0 - kept);
        self.second =
            self.second.clone() * kept_square + slope.clone() * slope * (1.0 - kept_square);
        let rising = |kept: f64| 1.0 - kept.powi(self.steps);
        let towards = self.first.clone() / rising(kept);
        let spread = (self.second.clone() / rising(kept_square)).sqrt() + EPSILON;
        towards / spread
    }
}
