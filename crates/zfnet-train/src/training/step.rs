//! One step: forward, the loss, the way down to the layers that are trained, and what follows for their weights.

use burn::tensor::{Tensor, TensorData};
use zfnet::Network;
use zfnet::deconvnet::gradients::{cross_entropy, resample};
use zfnet::network::Parameters;
use zfnet::network::architecture::Op;
use zfnet::network::plan::PlannedLayer;

use super::{Training, dropout};
use crate::checkpoint::Progress;
use crate::{Error, Result, data, optimiser};

impl Training {
    /// One step; gives the batch's loss and how many of it were named right, `[2]`.
    pub(super) fn step(&mut self, batch: &data::Batch) -> Result<Tensor<1>> {
        let progress = &self.state.progress;
        let Progress { recipe, step, .. } = progress;
        let network = &self.state.network;
        let rate = progress.rate();
        let masks = dropout::masks(network, recipe.seed, *step, batch.classes.len());
        let input = network.input_of(batch.pixels.clone())?;
        let trace = network.forward_training(input, &masks)?;
        let scores = scores(&trace)?;
        let (loss, signal) = loss(&scores, batch, recipe.label_smoothing);
        let (lowest, since) = if progress.finishes() {
            (first_dense(network), progress.whole_steps())
        } else if progress.epoch() < recipe.hold_first {
            (second(network), 0)
        } else {
            (0, 0)
        };
        let gradients = network.gradients(&trace, &masks, signal, lowest);
        let mut parameters = network.parameters().to_vec();
        optimiser::step(
            &mut parameters,
            &mut self.state.velocities,
            gradients,
            rate,
            &recipe.optimiser,
        );
        // What is held still stays as it is to the last bit.
        if let Some(limit) = recipe.filter_rms {
            optimiser::renormalise(&mut parameters[lowest..], limit);
        }
        if let (Some(average), Some(past)) = (self.state.average.as_mut(), recipe.average) {
            // The first steps are no part of a past worth keeping.
            let done = *step - since;
            let young = (done + 1) as f64 / (done + 10) as f64;
            optimiser::average(
                &mut average[lowest..],
                &parameters[lowest..],
                past.min(young),
            );
        }
        let classes: Vec<i32> = batch.classes.iter().map(|class| *class as i32).collect();
        let count = classes.len();
        let classes = Tensor::<1, burn::tensor::Int>::from_data(
            TensorData::new(classes, [count]),
            network.device(),
        );
        let right = scores
            .argmax(1)
            .reshape([count])
            .equal(classes)
            .float()
            .mean();
        self.state.network = network.with_parameters(parameters)?;
        self.state.progress.step += 1;
        Ok(Tensor::cat(vec![loss.reshape([1]), right.reshape([1])], 0))
    }

    /// Changes the size of the pictures when its time has come.
    pub(super) fn grow(&mut self) -> Result<()> {
        let progress = &self.state.progress;
        let size = progress.recipe.size_at(progress.share());
        if [size; 2] == self.state.network.model.input.size {
            return Ok(());
        }
        let network = progress.sized(&self.state.network, size)?;
        let moved = |list: &[Option<Parameters>]| -> Vec<Option<Parameters>> {
            let plans = self.state.network.plan.iter().zip(&network.plan);
            plans
                .zip(list)
                .map(|((old, new), parameters)| match parameters {
                    Some(Parameters::Dense(weight, bias)) if old.input != new.input => {
                        let weight = resample(weight.clone(), old.input, new.input);
                        Some(Parameters::Dense(weight, bias.clone()))
                    }
                    other => other.clone(),
                })
                .collect()
        };
        self.state.velocities = moved(&self.state.velocities);
        self.state.anchor = moved(&self.state.anchor);
        self.state.average = self.state.average.as_deref().map(moved);
        self.state.network = network;
        Ok(())
    }
}

/// The loss of a batch and its derivative by the scores. Of mixed pictures each class counts with its share (Zhang et al. 2018).
fn loss(scores: &Tensor<2>, batch: &data::Batch, smoothing: f32) -> (Tensor<1>, Tensor<2>) {
    let (own, signal) = cross_entropy(scores.clone(), &batch.classes, smoothing);
    if batch.share == 1.0 {
        return (own, signal);
    }
    let partners: Vec<usize> = batch.classes.iter().rev().copied().collect();
    let (other, towards) = cross_entropy(scores.clone(), &partners, smoothing);
    let mixed = 1.0 - batch.share;
    (
        own * batch.share + other * mixed,
        signal * batch.share + towards * mixed,
    )
}

/// Where the dense layers after the last convolution begin; the end of the plan of a network without any.
pub(crate) fn first_dense(network: &Network) -> usize {
    let is = |wanted: fn(&Op) -> bool| move |planned: &PlannedLayer| wanted(&planned.layer.op);
    let layers = || network.plan.iter();
    let convolutions = layers().rposition(is(|op| matches!(op, Op::Conv(_))));
    let above = convolutions.map_or(0, |last| last + 1);
    let dense = layers()
        .skip(above)
        .position(is(|op| matches!(op, Op::Dense(_))));
    dense.map_or(network.plan.len(), |dense| above + dense)
}

/// Where the second convolution lies: layers below it are the first layer's own.
fn second(network: &Network) -> usize {
    let convolutions = network.plan.iter().enumerate();
    let mut convolutions = convolutions.filter(|(_, l)| l.layer.op.has_parameters());
    convolutions.nth(1).map_or(0, |(at, _)| at)
}

pub(crate) fn scores(trace: &zfnet::Trace) -> Result<Tensor<2>> {
    trace.logits().ok_or_else(|| {
        Error::input(
            "architecture",
            "a last layer with one unit for each class",
            "maps",
        )
    })
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn mixed_pictures_want_the_classes_of_both() {
        let scores = [[0.5_f32, -1.0, 2.0], [1.0, 0.0, 0.25]];
        let batch = data::Batch {
            step: 0,
            size: 1,
            pixels: Vec::new(),
            classes: vec![0, 2],
            share: 0.7,
        };
        let tensor = Tensor::<2>::from_data(TensorData::from(scores), &Device::flex());
        let (found, signal) = loss(&tensor, &batch, 0.1);
        let smooth = |probability: f32| 0.9 * probability + 0.1 / 3.0;
        let wanted = [[0.7, 0.0, 0.3], [0.3, 0.0, 0.7]].map(|row| row.map(smooth));
        let mut expected = (0.0, Vec::new());
        for (row, wanted) in scores.iter().zip(&wanted) {
            let sum: f32 = row.iter().map(|score| score.exp()).sum();
            for (score, wanted) in row.iter().zip(wanted) {
                let said = score.exp() / sum;
                expected.0 -= wanted * said.ln() / 2.0;
                expected.1.push((said - wanted) / 2.0);
            }
        }
        let values = |tensor: Tensor<1>| {
            pollster::block_on(zfnet::readback::floats(tensor)).expect("the CPU answers")
        };
        assert!((values(found)[0] - expected.0).abs() < 1e-5);
        for (found, expected) in values(signal.reshape([6])).iter().zip(expected.1) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}
