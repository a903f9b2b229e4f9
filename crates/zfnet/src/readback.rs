//! The only place where a tensor becomes numbers; asynchronous, because a browser cannot wait for its GPU.

use burn::tensor::{Int, Tensor, TensorData, Transaction};

use crate::{Error, Result};

/// Tensors to be read in one go: a device answers one batch much faster than many small questions.
#[derive(Default)]
pub struct Readback {
    transaction: Transaction,
}

impl Readback {
    /// Adds a tensor of numbers, read later as `f32` in row-major order.
    pub fn floats<const D: usize>(self, tensor: Tensor<D>) -> Self {
        Self {
            transaction: self.transaction.register(tensor),
        }
    }

    /// Adds a tensor of whole numbers, which [`Answers::integers`] reads.
    pub fn integers<const D: usize>(self, tensor: Tensor<D, Int>) -> Self {
        Self {
            transaction: self.transaction.register(tensor),
        }
    }

    /// Waits for the device.
    ///
    /// # Errors
    /// [`Error::Execution`] when the device is lost or runs out of memory.
    pub async fn read(self) -> Result<Answers> {
        let data = self
            .transaction
            .execute_async()
            .await
            .map_err(|e| Error::Execution(format!("{e:?}")))?;
        Ok(Answers {
            data: data.into_iter(),
        })
    }
}

/// What came back, in the order in which it was added.
pub struct Answers {
    data: std::vec::IntoIter<TensorData>,
}

impl Answers {
    /// The next tensor's numbers.
    ///
    /// # Errors
    /// [`Error::Execution`] when the device answered with another type, or with less than was asked.
    pub fn floats(&mut self) -> Result<Vec<f32>> {
        self.next()?
            .convert::<f32>()
            .try_into_vec()
            .map_err(|e| Error::Execution(format!("{e:?}")))
    }

    /// The next tensor's whole numbers.
    ///
    /// # Errors
    /// As [`Self::floats`].
    pub fn integers(&mut self) -> Result<Vec<i32>> {
        self.next()?
            .convert::<i32>()
            .try_into_vec()
            .map_err(|e| Error::Execution(format!("{e:?}")))
    }

    fn next(&mut self) -> Result<TensorData> {
        self.data
            .next()
            .ok_or_else(|| Error::Execution("fewer answers than questions".into()))
    }
}

/// Reads one tensor.
///
/// # Errors
/// As [`Readback::read`].
pub async fn floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    Readback::default().floats(tensor).read().await?.floats()
}
