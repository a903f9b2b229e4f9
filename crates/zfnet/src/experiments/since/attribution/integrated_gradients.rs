//! Integrated gradients: what each pixel adds to the score on the way from an empty picture to this one.

use burn::tensor::{Tensor, TensorData};

use super::{Attribution, Baseline, Completeness, Question};
use crate::Result;
use crate::deconvnet::projection::ReluRule;
use crate::experiments::shared::Listener;
use crate::readback::Readback;

pub(super) async fn attribute(
    question: &Question<'_>,
    steps: usize,
    baseline: Baseline,
    tell: &mut impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    if !tell.goes_on(0, steps, None).await {
        return Ok(None);
    }
    let input = question.trace.input.clone();
    let [channels, rows, cols] = question.input();
    let empty = empty(question, baseline)?;
    let way = input.clone() - empty.clone();
    let start = question.scores(&question.network.forward(empty.clone())?);
    let mut sum = Tensor::zeros([1, channels, rows, cols], &input.device());
    let mut done = 0;
    for chunk in spread(steps).chunks(question.batch) {
        let shares: Vec<f32> = chunk
            .iter()
            .map(|step| ((*step as f64 + 0.5) / steps as f64) as f32)
            .collect();
        let shares = TensorData::new(shares, [chunk.len(), 1, 1, 1]);
        let shares = Tensor::<4>::from_data(shares, &input.device());
        let trace = question
            .network
            .forward(empty.clone() + way.clone() * shares)?;
        sum = sum + question.down(&trace, ReluRule::Gradient).sum_dim(0);
        done += chunk.len();
        let mut answers = Readback::default()
            .floats(way.clone() * sum.clone() / done as f64)
            .floats(start.clone())
            .read()
            .await?;
        let mut found = question.answer(answers.floats()?, None);
        let before: f64 = answers.floats()?.iter().copied().map(f64::from).sum();
        found.completeness = Some(Completeness {
            sum: found.values.iter().copied().map(f64::from).sum(),
            difference: f64::from(question.score) - before,
        });
        if !tell.goes_on(done, steps, Some(&found)).await {
            return Ok(None);
        }
        if done == steps {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The input that a baseline makes, `[1, channels, rows, cols]`.
fn empty(question: &Question<'_>, baseline: Baseline) -> Result<Tensor<4>> {
    let [channels, rows, cols] = question.input();
    let even = |value: f32| {
        let planes = vec![value; channels * rows * cols];
        question.network.input_of(planes)
    };
    match baseline {
        Baseline::Mean => {
            let device = question.trace.input.device();
            Ok(Tensor::zeros([1, channels, rows, cols], &device))
        }
        Baseline::Black => even(0.0),
        Baseline::White => even(255.0),
    }
}

/// All steps, in an order whose every beginning is spread over the whole line (van der Corput's), so that the first few
/// already show the whole.
fn spread(steps: usize) -> Vec<usize> {
    let all = steps.next_power_of_two();
    let unused = usize::BITS - all.trailing_zeros();
    (0..all)
        .map(|at| at.reverse_bits().checked_shr(unused).unwrap_or(0))
        .filter(|step| *step < steps)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn every_step_comes_once_and_the_first_few_reach_far() {
        for steps in [1, 2, 3, 8, 50, 64] {
            let mut order = spread(steps);
            if steps >= 8 {
                let reach = order[..4].iter().max().expect("four");
                assert!(*reach >= steps / 2, "{steps}: {order:?}");
            }
            order.sort_unstable();
            assert_eq!(order, (0..steps).collect::<Vec<_>>());
        }
    }
}
