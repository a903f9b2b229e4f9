//! The numbers of a layer that training changes.

use burn::tensor::Tensor;

/// Weights and biases of one layer; or anything that there is one of for each of them, such as their derivatives.
#[derive(Debug, Clone)]
pub enum Parameters {
    /// Filters `[out, in / groups, kernel rows, kernel cols]`, bias `[out]`.
    Conv(Tensor<4>, Tensor<1>),
    /// Weights `[out, in]`, bias `[out]`.
    Dense(Tensor<2>, Tensor<1>),
}

impl Parameters {
    /// Shape of the weights.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Conv(weight, _) => weight.dims().to_vec(),
            Self::Dense(weight, _) => weight.dims().to_vec(),
        }
    }

    /// Weights as a matrix: a row for each filter or unit, `[out, …]`.
    pub fn rows(&self) -> Tensor<2> {
        match self {
            Self::Conv(weight, _) => weight.clone().flatten(1, 3),
            Self::Dense(weight, _) => weight.clone(),
        }
    }

    /// Biases, `[out]`.
    pub fn bias(&self) -> Tensor<1> {
        match self {
            Self::Conv(_, bias) | Self::Dense(_, bias) => bias.clone(),
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
        }
    }
}
