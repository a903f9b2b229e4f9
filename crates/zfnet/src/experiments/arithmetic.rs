//! Figure 1 of the paper in small: what each operation of the deconvnet does to a handful of numbers, up and back down.
//!
//! Everything comes out of [`crate::ops`], the operations that run the network: the matrix of a convolution is what the
//! convolution makes of each unit picture, and nothing is worked out a second time here. Dumoulin & Visin (2016), *A guide
//! to convolution arithmetic*, section 4, derive the transposed convolution from the same matrix.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::deconvnet::projection::ReluRule;
use crate::geometry::signal::Signal;
use crate::ops::{Conv, MaxPool, conv, pool, relu};
use crate::readback::Readback;
use crate::{Error, Result};

/// Numbers of one grid: a lesson is for the eye, and its matrix has the square of them.
const MOST: usize = 256;

/// A few numbers in rows and columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
pub struct Grid {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Row by row.
    pub values: Vec<f32>,
}

impl Grid {
    fn new([rows, cols]: [usize; 2], values: Vec<f32>) -> Self {
        Self { rows, cols, values }
    }

    /// Rows and columns.
    pub fn size(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// `[1, 1, rows, cols]`, once it is known to be what it says.
    fn tensor(&self, what: &str, device: &Device) -> Result<Tensor<4>> {
        let cells = self.rows.saturating_mul(self.cols);
        if !(1..=MOST).contains(&cells) || self.values.len() != cells {
            return Err(Error::refused(
                what,
                format!("1 to {MOST} numbers, one for each of its cells"),
                format!("{} for {} by {}", self.values.len(), self.rows, self.cols),
            ));
        }
        if let Some(odd) = self.values.iter().find(|value| !value.is_finite()) {
            return Err(Error::refused(what, "finite numbers", odd));
        }
        let data = TensorData::new(self.values.clone(), [1, 1, self.rows, self.cols]);
        Ok(Tensor::from_data(data, device))
    }
}

/// A convolution without padding, one step at a time, as the matrix that it is; and its way back.
#[derive(Debug, Clone, PartialEq, Serialize, TypeScript)]
#[serde(rename = "LearnConvResult")]
pub struct Convolution {
    /// y = Cx, a number for each position of the kernel.
    pub answer: Grid,
    /// C: a row for each position, a column for each number of the picture.
    pub matrix: Grid,
    /// Cᵀ: a row for each number of the picture, a column for each position.
    pub transposed: Grid,
    /// What each number of y alone puts back, as pictures: the kernel at its position, as strong as that number.
    pub spread: Vec<Grid>,
    /// Cᵀy, as a picture: all of them together.
    pub back: Grid,
}

/// Filters a picture with one kernel, and sends the answer back through the transpose.
///
/// # Errors
/// [`Error::OutOfRange`] for a grid that is not full, holds what is no number, or a kernel larger than the picture;
/// [`Error::Execution`] when the device fails.
pub async fn convolve(picture: &Grid, kernel: &Grid, device: &Device) -> Result<Convolution> {
    let x = picture.tensor("picture", device)?;
    let weight = kernel.tensor("kernel", device)?;
    if kernel.rows > picture.rows || kernel.cols > picture.cols {
        return Err(Error::refused(
            "kernel",
            format!("at most {} by {}", picture.rows, picture.cols),
            format!("{} by {}", kernel.rows, kernel.cols),
        ));
    }
    let geometry = Conv::new(1, kernel.size());
    let up = |x| conv::forward(x, weight.clone(), Tensor::zeros([1], device), geometry);
    let frame = picture.size();
    let places = [0, 1].map(|axis| frame[axis] - kernel.size()[axis] + 1);
    let down = |signal: Tensor<4>| {
        conv::reverse(Signal::whole(signal), weight.clone(), geometry, frame).values()
    };
    let [cells, positions] = [frame, places].map(|[rows, cols]| rows * cols);
    let y = up(x);
    let matrix: Tensor<2> = up(units(frame, device))
        .reshape([cells, positions])
        .transpose();
    let transposed: Tensor<2> = down(units(places, device))
        .reshape([positions, cells])
        .transpose();
    // Each number of y in its place, and nothing beside it.
    let alone = units(places, device) * y.clone();
    let mut answers = Readback::default()
        .floats(y.clone())
        .floats(matrix)
        .floats(transposed)
        .floats(down(alone))
        .floats(down(y))
        .read()
        .await?;
    Ok(Convolution {
        answer: Grid::new(places, answers.floats()?),
        matrix: Grid::new([positions, cells], answers.floats()?),
        transposed: Grid::new([cells, positions], answers.floats()?),
        spread: answers
            .floats()?
            .chunks(cells)
            .map(|values| Grid::new(frame, values.to_vec()))
            .collect(),
        back: Grid::new(frame, answers.floats()?),
    })
}

/// Max pooling, and the signal that its switches put back.
#[derive(Debug, Clone, PartialEq, Serialize, TypeScript)]
#[serde(rename = "LearnPoolResult")]
pub struct Pooling {
    /// The largest number of every window.
    pub pooled: Grid,
    /// Where each of them was: its place in the picture, counted row by row.
    pub switches: Vec<i32>,
    /// What came back from above.
    pub signal: Grid,
    /// The signal at the places of the switches, and zeros elsewhere.
    pub unpooled: Grid,
}

/// Pools a picture with square windows of `size`, one `every` so many rows and columns, and unpools a signal; `None`: the
/// maxima themselves.
///
/// The last windows may reach over the bottom and the right edge, as the paper's do (see [`crate::network::architectures`]).
///
/// # Errors
/// [`Error::OutOfRange`] for a grid that is not full, windows that do not fit or leave gaps, or a signal of another shape;
/// [`Error::Execution`] when the device fails.
pub async fn pool(
    picture: &Grid,
    size: usize,
    every: usize,
    signal: Option<&Grid>,
    device: &Device,
) -> Result<Pooling> {
    let x = picture.tensor("picture", device)?;
    let frame = picture.size();
    let least = frame[0].min(frame[1]);
    if size > least || every == 0 || every > size {
        return Err(Error::refused(
            "window",
            format!("windows of at most {least} without gaps between them"),
            format!("{size} every {every}"),
        ));
    }
    let windows = frame.map(|length| (length - size).div_ceil(every) + 1);
    let over = [0, 1].map(|axis| (windows[axis] - 1) * every + size - frame[axis]);
    let geometry = MaxPool {
        kernel: [size; 2],
        stride: [every; 2],
        pad: [0, 0, over[0], over[1]],
    };
    let (pooled, switches) = pool::forward(x, geometry);
    let from_above = match signal {
        Some(signal) if signal.size() != windows => {
            return Err(Error::refused(
                "signal",
                format!("{} by {}", windows[0], windows[1]),
                format!("{} by {}", signal.rows, signal.cols),
            ));
        }
        Some(signal) => signal.tensor("signal", device)?,
        None => pooled.clone(),
    };
    let back = Signal::whole(from_above.clone());
    let unpooled = pool::reverse(back, switches.clone(), geometry, frame);
    let unpooled = unpooled.spread_over_frame().values();
    let mut answers = Readback::default()
        .floats(pooled)
        .floats(from_above)
        .floats(unpooled)
        .integers(switches)
        .read()
        .await?;
    Ok(Pooling {
        pooled: Grid::new(windows, answers.floats()?),
        signal: Grid::new(windows, answers.floats()?),
        unpooled: Grid::new(frame, answers.floats()?),
        switches: answers.integers()?,
    })
}

/// A rectifier's way up, and the three ways back through it.
#[derive(Debug, Clone, PartialEq, Serialize, TypeScript)]
#[serde(rename = "LearnReluResult")]
pub struct Rectifier {
    /// max(x, 0).
    pub answer: Grid,
    /// Under [`ReluRule::Gradient`].
    pub gradient: Grid,
    /// Under [`ReluRule::Deconvnet`].
    pub deconvnet: Grid,
    /// Under [`ReluRule::Guided`].
    pub guided: Grid,
}

/// Rectifies x, and a signal on its way back under each rule.
///
/// # Errors
/// [`Error::OutOfRange`] for a grid that is not full or a signal of another shape, [`Error::Execution`] when the device fails.
pub async fn rectify(x: &Grid, signal: &Grid, device: &Device) -> Result<Rectifier> {
    let forward = x.tensor("x", device)?;
    let back = signal.tensor("signal", device)?;
    if signal.size() != x.size() {
        return Err(Error::refused(
            "signal",
            format!("{} by {}", x.rows, x.cols),
            format!("{} by {}", signal.rows, signal.cols),
        ));
    }
    let answer = relu::forward(forward);
    let back = Signal::whole(back);
    let under = |rule| relu::reverse(back.clone(), answer.clone(), rule).values();
    let mut answers = Readback::default()
        .floats(answer.clone())
        .floats(under(ReluRule::Gradient))
        .floats(under(ReluRule::Deconvnet))
        .floats(under(ReluRule::Guided))
        .read()
        .await?;
    let mut next = || Ok::<_, Error>(Grid::new(x.size(), answers.floats()?));
    Ok(Rectifier {
        answer: next()?,
        gradient: next()?,
        deconvnet: next()?,
        guided: next()?,
    })
}

/// Every picture with a one in one place: `[rows · cols, 1, rows, cols]`.
fn units([rows, cols]: [usize; 2], device: &Device) -> Tensor<4> {
    let cells = rows * cols;
    Tensor::<2>::eye(cells, device).reshape([cells, 1, rows, cols])
}
