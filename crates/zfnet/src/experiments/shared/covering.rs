//! Covering rectangles of a picture, which is all that some analyses do to it.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::error::demand;
use crate::{Network, Result};

/// What a covered pixel becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "lowercase")]
pub enum Fill {
    /// The mean that the network subtracts, so that nothing is left: zero.
    Mean,
    /// A colour: red, green, blue.
    Colour([u8; 3]),
}

impl Default for Fill {
    /// Mid grey.
    fn default() -> Self {
        Self::Colour([128; 3])
    }
}

impl Fill {
    /// A picture of nothing but this, as it enters the network: `[1, channels, rows, cols]`.
    ///
    /// # Errors
    /// [`Error::Architecture`] for a colour in a network that takes no photographs.
    pub fn ground(self, network: &Network) -> Result<Tensor<4>> {
        let [channels, rows, cols] = network.model.input_shape();
        match self {
            Self::Mean => Ok(Tensor::zeros([1, channels, rows, cols], network.device())),
            Self::Colour(colour) => {
                let plane = |value: u8| std::iter::repeat_n(f32::from(value), rows * cols);
                network.input_of(colour.into_iter().flat_map(plane).collect())
            }
        }
    }
}

/// A rectangle of the input, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
pub struct Rectangle {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Rectangle {
    /// Whether it holds a pixel and lies inside a frame of these rows and columns.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] naming `subject` where it does not.
    pub fn check(self, subject: &str, [rows, cols]: [usize; 2]) -> Result<()> {
        let fits = |from: usize, length: usize, frame: usize| {
            length > 0 && from.checked_add(length).is_some_and(|end| end <= frame)
        };
        demand(
            fits(self.top, self.rows, rows) && fits(self.left, self.cols, cols),
            subject,
            format!("a rectangle of the input, {rows} rows and {cols} columns"),
            format!(
                "row {}, column {}, {} rows and {} columns",
                self.top, self.left, self.rows, self.cols
            ),
        )
    }
}

/// The inputs with one rectangle each covered by `ground`; an input outside its rectangle keeps its exact numbers.
///
/// # Shapes
/// `input` `[1 or rectangles, channels, rows, cols]`, `ground` `[1, channels, rows, cols]` → `[rectangles, channels, rows, cols]`.
pub fn cover(input: Tensor<4>, ground: Tensor<4>, rectangles: &[Rectangle]) -> Tensor<4> {
    let [_, _, rows, cols] = input.dims();
    let count = rectangles.len();
    let stripes = |length: usize, span: fn(&Rectangle) -> std::ops::Range<usize>| -> Vec<f32> {
        let stripe = |rectangle| {
            let span = span(rectangle);
            (0..length).map(move |at| f32::from(span.contains(&at)))
        };
        rectangles.iter().flat_map(stripe).collect()
    };
    let down = stripes(rows, |r| r.top..r.top + r.rows);
    let across = stripes(cols, |r| r.left..r.left + r.cols);
    let device = input.device();
    let down = Tensor::<4>::from_data(TensorData::new(down, [count, 1, rows, 1]), &device);
    let across = Tensor::<4>::from_data(TensorData::new(across, [count, 1, 1, cols]), &device);
    let covered = down * across; // 1 inside, 0 outside: [rectangles, 1, rows, cols]
    let kept = covered.clone().mul_scalar(-1.0).add_scalar(1.0);
    input * kept + ground * covered
}
