//! The climb along pixels, kept near natural pictures by what Yosinski et al. (2015), Mahendran & Vedaldi (2015) and Mordvintsev
//! et al. (2015) do to them.

use burn::tensor::{Tensor, TensorData};

use super::adam::Adam;
use super::bounds::Bounds;
use super::regulariser::variation_slope;
use super::settings::Settings;
use super::target::Goal;
use super::unit_length;
use crate::Result;
use crate::experiments::shared::blur::Blur;
use crate::experiments::shared::noise::Sequence;
use crate::network::Network;
use crate::network::trace::Trace;

/// Where it is.
pub(super) struct Pixels {
    /// Shares from black to white, `[1, channels, rows, cols]`.
    z: Tensor<4>,
    adam: Adam,
    blur: Option<Blur>,
    jitter: Sequence,
}

impl Pixels {
    /// From a photograph's shares, or from noise about the mean picture.
    pub(super) fn new(
        network: &Network,
        bounds: &Bounds,
        from: Option<Tensor<4>>,
        settings: &Settings,
    ) -> Self {
        let device = network.device();
        let [channels, rows, cols] = network.model.input_shape();
        let z = from.unwrap_or_else(|| {
            let noise = Sequence::new(settings.seed, 0).normal(channels * rows * cols);
            let noise = TensorData::new(noise, [1, channels, rows, cols]);
            let noise = Tensor::<4>::from_data(noise, device);
            (bounds.middle.clone() + noise * settings.noise).clamp(0.0, 1.0)
        });
        Self {
            adam: Adam::new(&z),
            blur: (settings.blur > 0.0)
                .then(|| Blur::gaussian([rows, cols], settings.blur, device)),
            jitter: Sequence::new(settings.seed, 1),
            z,
        }
    }

    pub(super) fn picture(&self) -> Tensor<4> {
        self.z.clone()
    }

    /// A step up, and what the network made of the picture before it, as it was then shifted.
    pub(super) fn step(
        &mut self,
        network: &Network,
        goal: &Goal,
        bounds: &Bounds,
        settings: &Settings,
        step: usize,
    ) -> Result<Trace> {
        let z = self.z.clone();
        let shift = [0, 1].map(|_| self.jitter.below(2 * settings.jitter + 1) as isize);
        let shift = shift.map(|by| by - settings.jitter as isize);
        let shifted = bounds.input(z.clone().roll(&shift, &[2, 3]));
        let trace = network.run(shifted, goal.depth(), |_, activation| activation);
        let slopes = goal.places.iter().map(|place| {
            let slope = place.slope(network, &trace) * bounds.span.clone();
            let slope = slope.roll(&shift.map(|by| -by), &[2, 3]);
            // Of unit length for each number, so that one set of weights suits targets whose scores differ by powers of ten.
            let slope = unit_length(slope);
            match place.weight == 1.0 {
                true => slope,
                false => slope * place.weight,
            }
        });
        let slope = slopes.reduce(|sum, slope| sum + slope);
        let slope = slope.unwrap_or_else(|| z.zeros_like())
            - variation_slope(z.clone()) * settings.variation
            - (z.clone() - bounds.middle.clone()) * settings.decay;
        self.z = (z + self.adam.towards(slope) * settings.rate).clamp(0.0, 1.0);
        if let Some(blur) = self
            .blur
            .as_ref()
            .filter(|_| step.is_multiple_of(settings.blur_every))
        {
            self.z = blur.of(self.z.clone());
        }
        Ok(trace)
    }
}
