//! SmoothGrad: a derivative that flickers from pixel to pixel is averaged over noisy copies of the picture.

use burn::tensor::{Tensor, TensorData};

use super::{Attribution, Question};
use crate::deconvnet::projection::ReluRule;
use crate::experiments::shared::Listener;
use crate::experiments::shared::noise::Sequence;
use crate::readback::{self, Readback};
use crate::{Error, Result};

/// What is added to the input in one of SmoothGrad's samples: `count` numbers in the order of the input, of the standard
/// deviation `sigma` in the numbers of the input.
pub fn noise(seed: u64, sample: usize, sigma: f32, count: usize) -> Vec<f32> {
    let mut values = Sequence::new(seed, sample as u64).normal(count);
    values.iter_mut().for_each(|value| *value *= sigma);
    values
}

pub(super) async fn attribute(
    question: &Question<'_>,
    samples: usize,
    share: f64,
    seed: u64,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    if !tell.goes_on(0, samples, None).await {
        return Ok(None);
    }
    let input = question.trace.input.clone();
    let [channels, rows, cols] = question.input();
    let count = channels * rows * cols;
    let sigma = share as f32 * range(&input).await?;
    let mut sum = Tensor::zeros([1, channels, rows, cols], &input.device());
    let mut done = 0;
    while done < samples {
        let batch = question.batch.min(samples - done);
        let added = (done..done + batch).flat_map(|sample| noise(seed, sample, sigma, count));
        let added = TensorData::new(added.collect::<Vec<f32>>(), [batch, channels, rows, cols]);
        let noisy = input.clone() + Tensor::from_data(added, &input.device());
        let trace = question.network.forward(noisy)?;
        sum = sum + question.down(&trace, ReluRule::Gradient).sum_dim(0);
        done += batch;
        let mean = readback::floats(sum.clone() / done as f64).await?;
        let mut found = question.answer(mean, None);
        found.sigma = Some(sigma);
        if !tell.goes_on(done, samples, Some(&found)).await {
            return Ok(None);
        }
        if done == samples {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The largest number of the input less the smallest.
async fn range(input: &Tensor<4>) -> Result<f32> {
    let mut answers = Readback::default()
        .floats(input.clone().max())
        .floats(input.clone().min())
        .read()
        .await?;
    let mut only = || -> Result<f32> {
        let value = answers.floats()?.first().copied();
        value.ok_or_else(|| Error::Execution("a maximum of no numbers".into()))
    };
    Ok(only()? - only()?)
}
