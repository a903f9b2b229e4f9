//! The numbers of a layer that training changes.

use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::network::architecture::{Conv, Dense, Op};
use crate::network::plan::PlannedLayer;

/// Weights and biases of one layer; or anything that there is one of for each of them, such as their derivatives.
#[derive(Debug, Clone)]
pub enum Parameters {
    /// Filters `[out, in / groups, kernel rows, kernel cols]`, bias `[out]`.
    Conv(Tensor<4>, Tensor<1>),
    /// Weights `[out, in]`, bias `[out]`.
    Dense(Tensor<2>, Tensor<1>),
    /// A number for each map, `[maps]`, and bias `[maps]`: the factors and shifts of [`Op::Affine`],
    /// or the slopes of [`Op::Prelu`], which shifts nothing.
    Maps(Tensor<1>, Tensor<1>),
}

impl Parameters {
    /// A layer's, if it has any, from a source of numbers: `numbers(name, shape)` gives each tensor row-major, named as in a file
    /// (`conv1.weight`).
    pub(crate) fn gather(
        planned: &PlannedLayer,
        device: &Device,
        mut numbers: impl FnMut(String, &[usize]) -> Result<Vec<f32>>,
    ) -> Result<Option<Self>> {
        fn tensor<const D: usize>(
            numbers: &mut impl FnMut(String, &[usize]) -> Result<Vec<f32>>,
            name: String,
            shape: [usize; D],
            device: &Device,
        ) -> Result<Tensor<D>> {
            let values = numbers(name, &shape)?;
            Ok(Tensor::from_data(TensorData::new(values, shape), device))
        }
        let [maps, rows, cols] = planned.input;
        let weight = format!("{}.weight", planned.layer.name);
        let bias = format!("{}.bias", planned.layer.name);
        let numbers = &mut numbers;
        Ok(Some(match &planned.layer.op {
            Op::Conv(Conv {
                out,
                kernel,
                groups,
                ..
            }) => Self::Conv(
                tensor(
                    numbers,
                    weight,
                    [*out, maps / groups, kernel[0], kernel[1]],
                    device,
                )?,
                tensor(numbers, bias, [*out], device)?,
            ),
            Op::Dense(Dense { out }) => Self::Dense(
                tensor(numbers, weight, [*out, maps * rows * cols], device)?,
                tensor(numbers, bias, [*out], device)?,
            ),
            Op::Affine => Self::Maps(
                tensor(numbers, weight, [maps], device)?,
                tensor(numbers, bias, [maps], device)?,
            ),
            Op::Prelu => {
                let slopes = tensor(numbers, weight, [maps], device)?;
                Self::Maps(slopes, Tensor::zeros([maps], device))
            }
            _ => return Ok(None),
        }))
    }

    /// Shape of the weights.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Conv(weight, _) => weight.dims().to_vec(),
            Self::Dense(weight, _) => weight.dims().to_vec(),
            Self::Maps(weight, _) => weight.dims().to_vec(),
        }
    }

    /// Weights as a matrix: a row for each filter or unit, `[out, …]`.
    pub fn rows(&self) -> Tensor<2> {
        match self {
            Self::Conv(weight, _) => weight.clone().flatten(1, 3),
            Self::Dense(weight, _) => weight.clone(),
            Self::Maps(weight, _) => weight.clone().reshape([-1, 1]),
        }
    }

    /// Biases, `[out]`.
    pub fn bias(&self) -> Tensor<1> {
        match self {
            Self::Conv(_, bias) | Self::Dense(_, bias) | Self::Maps(_, bias) => bias.clone(),
        }
    }

    /// Parameters of the same shape from a matrix of [`Self::rows`] and biases.
    ///
    /// # Panics
    /// When the matrix has not as many numbers.
    #[must_use]
    pub fn with(&self, rows: Tensor<2>, bias: Tensor<1>) -> Self {
        match self {
            Self::Conv(weight, _) => Self::Conv(rows.reshape(weight.dims()), bias),
            Self::Dense(..) => Self::Dense(rows, bias),
            Self::Maps(weight, _) => Self::Maps(rows.reshape(weight.dims()), bias),
        }
    }
}
