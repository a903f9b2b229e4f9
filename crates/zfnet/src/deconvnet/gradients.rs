//! What a training step needs: the loss, and the same way down as a projection's, stopping at the filters
//! (paper section 3).

use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Tensor, TensorData, activation};

use crate::deconvnet::projection::Descent;
use crate::geometry::signal::Signal;
use crate::network::architecture::Op;
use crate::network::plan::Source;
use crate::network::trace::Trace;
use crate::network::{Network, Parameters};
use crate::ops::relu::ReluRule;
use crate::ops::{affine, conv, dense, prelu};
use crate::{Error, Result};

/// What dropout does to a batch: a factor for every unit, 0 or 1 / (1 − p), for each dropout layer.
pub type Masks = Vec<(usize, Tensor<4>)>;

impl Network {
    /// Runs a batch forward for training: as [`Network::forward`], with units dropped out.
    ///
    /// # Shapes
    /// `input` is `[pictures, channels, rows, cols]`; a mask `[pictures, maps, rows, cols]` of its layer's output, with the layer's
    /// place in [`Network::plan`].
    ///
    /// # Errors
    /// [`Error::NotLoaded`] when a layer has no weights.
    pub fn forward_training(&self, input: Tensor<4>, masks: &Masks) -> Result<Trace> {
        match self.missing() {
            Some(missing) => Err(self.not_loaded(&missing.layer.name)),
            None => Ok(self.run(input, self.plan.len(), |at, x| masked(masks, at, x))),
        }
    }

    /// What enters a layer, given by its place in [`Network::plan`], when a batch passes through those below it.
    ///
    /// # Panics
    /// When one of them has no weights.
    pub fn forward_below(&self, input: Tensor<4>, layer: usize) -> Tensor<4> {
        let trace = self.run(input, layer, |_, x| x);
        self.entering(&trace, layer).clone()
    }

    /// Derivatives of Σ signal · scores by every layer's weights and biases, summed over the pictures of a trace that
    /// [`Network::forward_training`] left.
    ///
    /// # Shapes
    /// `signal` is `[pictures, classes]`; each layer's derivatives are shaped as its parameters. Layers below `lowest` are left
    /// out: they are held still.
    pub fn gradients(
        &self,
        trace: &Trace,
        masks: &Masks,
        signal: Tensor<2>,
        lowest: usize,
    ) -> Vec<Option<Parameters>> {
        let [pictures, classes] = signal.dims();
        let seed = Signal::whole(signal.reshape([pictures, classes, 1, 1]));
        let descent = Descent {
            network: self,
            trace,
            picture: None,
            rule: ReluRule::Gradient,
        };
        let mut gradients = vec![None; self.plan.len()];
        descent.fold(seed, self.plan.top(), Source::Input, |at, signal| {
            if at < lowest {
                return None;
            }
            let learnt = descent.learn(at, &signal, |convolution| convolution > lowest);
            if let Some((convolution, gradient, below)) = learnt.filter(|(at, ..)| *at >= lowest) {
                gradients[convolution] = Some(gradient);
                return below.map(|signal| (convolution, vec![signal]));
            }
            let signal = signal.map(|values, _| masked(masks, at, values));
            let below = || self.entering(trace, at).clone();
            gradients[at] = match &self.plan[at].layer.op {
                Op::Conv(filters) => {
                    let (weight, bias) = conv::gradient(below(), signal.values(), *filters);
                    Some(Parameters::Conv(weight, bias))
                }
                Op::Dense(_) => {
                    let (weight, bias) = dense::gradient(below(), signal.values());
                    Some(Parameters::Dense(weight, bias))
                }
                Op::Affine => {
                    let (weight, bias) = affine::gradient(below(), signal.values());
                    Some(Parameters::Maps(weight, bias))
                }
                Op::Prelu => {
                    let slopes = prelu::gradient(below(), signal.values());
                    Some(Parameters::Maps(slopes.clone(), slopes.zeros_like()))
                }
                _ => None,
            };
            (at > lowest).then(|| (at, descent.step(at, signal)))
        });
        gradients
    }

    /// The same network for pictures of another size.
    ///
    /// Filters stay as they are. The first dense layer sees more or fewer places: its weights are resampled over them,
    /// and scaled so that an even map gives the same sum.
    ///
    /// # Errors
    /// [`Error::Architecture`] when the table has no room for pictures of that size.
    pub fn at_size(&self, size: [usize; 2]) -> Result<Self> {
        let mut model = self.model.clone();
        let before = model.input.short_side();
        model.input.size = size;
        let side = model.input.resize_short_side * model.input.short_side();
        model.input.resize_short_side = side.div_ceil(before);
        if self.mean.is_some() {
            return Err(Error::Architecture {
                layer: self.plan.first().layer.name.clone(),
                expected: "one size, with a mean for every pixel".into(),
                found: format!("{}×{}", size[0], size[1]),
            });
        }
        let plan = model.plan()?;
        let parameters = self.plan.iter().zip(&plan).zip(&self.parameters);
        let parameters = parameters
            .map(|((old, new), parameters)| match parameters {
                Some(Parameters::Dense(weight, bias)) if old.input != new.input => {
                    let weight = resample(weight.clone(), old.input, new.input);
                    Some(Parameters::Dense(weight, bias.clone()))
                }
                other => other.clone(),
            })
            .collect();
        Ok(Self {
            model,
            plan,
            parameters,
            ..self.clone()
        })
    }
}

/// Resamples dense weights `[out, maps·rows·cols]` over the places of their input.
pub fn resample(weight: Tensor<2>, from: [usize; 3], to: [usize; 3]) -> Tensor<2> {
    if from == to {
        return weight;
    }
    let [out, _] = weight.dims();
    let [maps, rows, cols] = from;
    let [_, new_rows, new_cols] = to;
    let options = InterpolateOptions::new(InterpolateMode::Bilinear)
        .with_align_corners(false)
        .with_output_size([new_rows, new_cols]);
    let places = interpolate(weight.reshape([out, maps, rows, cols]), options);
    let share = (rows * cols) as f64 / (new_rows * new_cols) as f64;
    places.reshape([out, maps * new_rows * new_cols]) * share
}

fn masked(masks: &Masks, at: usize, x: Tensor<4>) -> Tensor<4> {
    match masks.iter().find(|(layer, _)| *layer == at) {
        Some((_, mask)) => x * mask.clone(),
        None => x,
    }
}

/// Mean cross entropy of scores against classes, and its derivative by the scores.
///
/// `smoothing` spreads that share of the wanted probability evenly over all classes (Szegedy et al. 2015).
///
/// # Shapes
/// `scores` is `[pictures, classes]`, `classes` one index for each picture → `[1]` and `[pictures, classes]`.
pub fn cross_entropy(
    scores: Tensor<2>,
    classes: &[usize],
    smoothing: f32,
) -> (Tensor<1>, Tensor<2>) {
    let [pictures, width] = scores.dims();
    let mut wanted = vec![smoothing / width as f32; pictures * width];
    for (picture, class) in classes.iter().enumerate() {
        wanted[picture * width + class] += 1.0 - smoothing;
    }
    let wanted =
        Tensor::<2>::from_data(TensorData::new(wanted, [pictures, width]), &scores.device());
    let logarithms = activation::log_softmax(scores, 1);
    let loss = (wanted.clone() * logarithms.clone()).sum() * (-1.0 / pictures as f64);
    let signal = (logarithms.exp() - wanted) / pictures as f64;
    (loss, signal)
}
