//! A step: stochastic gradient descent with momentum (paper section 3), and the paper's limit on filters.

use burn::tensor::Tensor;
use zfnet::network::Parameters;

use crate::recipe::Optimiser;

/// Velocities: what is left of the steps before, layer by layer.
pub type Velocities = Vec<Option<Parameters>>;

/// Moves parameters against their derivatives.
///
/// Per layer, with g the derivative and w the weights: `g ← g + decay · w`; with a trust ratio `g ← g · ‖w‖ / ‖g‖`;
/// `v ← momentum · v + g`; `w ← w − rate · v`. Biases take no decay. A layer without a derivative is held still, and
/// keeps its velocity.
pub fn step(
    parameters: &mut [Option<Parameters>],
    velocities: &mut Velocities,
    gradients: Vec<Option<Parameters>>,
    rate: f64,
    optimiser: &Optimiser,
) {
    velocities.resize(parameters.len(), None);
    for ((parameter, velocity), gradient) in parameters.iter_mut().zip(velocities).zip(gradients) {
        let (Some(layer), Some(gradient)) = (parameter.as_ref(), gradient) else {
            continue;
        };
        let (rows, bias) = (layer.rows(), layer.bias());
        let mut rows_step = gradient.rows() + rows.clone() * optimiser.weight_decay;
        let mut bias_step = gradient.bias();
        if optimiser.trust_ratio {
            rows_step = trusted(rows_step, &rows);
            bias_step = trusted(bias_step, &bias);
        }
        if let Some(before) = velocity.as_ref() {
            rows_step = before.rows() * optimiser.momentum + rows_step;
            bias_step = before.bias() * optimiser.momentum + bias_step;
        }
        let moved = layer.with(
            rows - rows_step.clone() * rate,
            bias - bias_step.clone() * rate,
        );
        *velocity = Some(layer.with(rows_step, bias_step));
        *parameter = Some(moved);
    }
}

/// Length that values of zero are taken to have: biases start there, and would never leave.
const SHORTEST: f64 = 1e-2;

/// A derivative scaled to the length of what it is to change.
fn trusted<const D: usize>(gradient: Tensor<D>, values: &Tensor<D>) -> Tensor<D> {
    let length = |x: Tensor<D>| x.square().sum().sqrt();
    let ratio =
        length(values.clone()).clamp_min(SHORTEST) / length(gradient.clone()).add_scalar(1e-12);
    gradient * ratio.unsqueeze()
}

/// Scales every convolution filter whose root mean square exceeds the limit back to it (paper section 3: all
/// convolutional layers; it keeps the first from drowning the others).
pub fn renormalise(parameters: &mut [Option<Parameters>], limit: f64) {
    for parameter in parameters.iter_mut().flatten() {
        if let Parameters::Conv(..) = parameter {
            let rows = parameter.rows();
            let rms = rows.clone().square().mean_dim(1).sqrt();
            let factor = (rms.add_scalar(1e-30).recip() * limit).clamp_max(1.0);
            *parameter = parameter.with(rows * factor, parameter.bias());
        }
    }
}

/// Mixes the weights after a step into their average: `average ← past · average + (1 − past) · parameters`.
pub fn average(average: &mut [Option<Parameters>], parameters: &[Option<Parameters>], past: f64) {
    for (mean, now) in average.iter_mut().zip(parameters) {
        if let (Some(mean), Some(now)) = (mean.as_mut(), now) {
            let rows = mean.rows() * past + now.rows() * (1.0 - past);
            let bias = mean.bias() * past + now.bias() * (1.0 - past);
            *mean = mean.with(rows, bias);
        }
    }
}
