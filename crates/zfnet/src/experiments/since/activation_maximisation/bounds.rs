//! The inputs that pictures can have: from black to white, of which a climb takes shares from 0 to 1.

use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;

use crate::Result;
use crate::geometry::view::View;
use crate::network::Network;

/// Of every pixel of the input, or of a part of it, `[1, channels, rows, cols]`.
pub(super) struct Bounds {
    pub(super) black: Tensor<4>,
    pub(super) span: Tensor<4>,
    /// The share at which the input is zero: the mean picture.
    pub(super) middle: Tensor<4>,
}

impl Bounds {
    pub(super) fn of(network: &Network) -> Result<Self> {
        let plane = network.frame().iter().product::<usize>();
        let even = |value: f32| network.input_of(vec![value; 3 * plane]);
        let black = even(0.0)?;
        let span = even(255.0)? - black.clone();
        let middle = (black.clone().neg() / span.clone()).clamp(0.0, 1.0);
        Ok(Self {
            black,
            span,
            middle,
        })
    }

    /// Those of a part.
    pub(super) fn part(&self, view: View) -> Self {
        let part = |all: &Tensor<4>| cut(all.clone(), view);
        Self {
            black: part(&self.black),
            span: part(&self.span),
            middle: part(&self.middle),
        }
    }

    pub(super) fn input(&self, z: Tensor<4>) -> Tensor<4> {
        z * self.span.clone() + self.black.clone()
    }

    pub(super) fn shares(&self, input: Tensor<4>) -> Tensor<4> {
        ((input - self.black.clone()) / self.span.clone()).clamp(0.0, 1.0)
    }
}

/// A part of pictures `[pictures, channels, rows, cols]` that lies inside them.
pub(super) fn cut(pictures: Tensor<4>, view: View) -> Tensor<4> {
    pictures
        .narrow(2, view.top as usize, view.height)
        .narrow(3, view.left as usize, view.width)
}

/// The same part, in pictures of this size that are zero elsewhere.
pub(super) fn placed(part: Tensor<4>, view: View, [rows, cols]: [usize; 2]) -> Tensor<4> {
    let margins = [
        (view.top as usize, rows - view.bottom() as usize),
        (view.left as usize, cols - view.right() as usize),
    ];
    part.pad(margins, PadMode::Constant(0.0))
}
