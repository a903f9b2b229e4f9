//! How long a training may take.

use std::time::Instant;

use zfnet::deconvnet::gradients::cross_entropy;
use zfnet::readback::Readback;

use crate::Result;
use crate::recipe::Stage;
use crate::training::{Training, first_dense, scores};

impl Training {
    /// Shortens or lengthens the training so that it takes about so long here; only before its first step.
    ///
    /// # Errors
    /// [`Error::Engine`] when the device fails.
    pub fn fit_to(&mut self, seconds: f64) -> Result<()> {
        let recipe = &self.state.progress.recipe;
        let of_an_epoch = self.state.progress.steps_per_epoch() as f64;
        let mut from = 0.0;
        let mut step = 0.0; // mean seconds of a step
        for &Stage { until, size } in &recipe.sizes {
            step += (until - from) * self.seconds_of_a_step(size, 0)?;
            from = until;
        }
        let mut planned = recipe.epochs * of_an_epoch * step;
        if let Some(finish) = &recipe.finish {
            let dense = first_dense(&self.state.network);
            let step = self.seconds_of_a_step(recipe.size(), dense)?;
            planned += finish.epochs * of_an_epoch * step;
        }
        // Few digits can be repeated by hand, and come back from JSON to the last bit.
        let fitted = |epochs: f64| {
            let thousandths = (1000.0 * epochs * seconds / planned).round();
            thousandths.max((1000.0 / of_an_epoch).ceil()) / 1000.0
        };
        let recipe = &mut self.state.progress.recipe;
        if recipe.epochs > 0.0 {
            recipe.epochs = fitted(recipe.epochs);
        }
        if let Some(finish) = &mut recipe.finish {
            finish.epochs = fitted(finish.epochs);
        }
        self.state.save(&self.workshop.folder)
    }

    /// Seconds of a step in which the layers from `lowest` on are trained.
    fn seconds_of_a_step(&self, size: usize, lowest: usize) -> Result<f64> {
        let network = match [size; 2] == self.state.network.model.input.size {
            true => self.state.network.clone(),
            false => self.state.progress.sized(&self.state.network, size)?,
        };
        let batch = self.state.progress.recipe.batch;
        let mut fastest = f64::MAX;
        for _ in 0..3 {
            let start = Instant::now();
            let input = network.input_of(vec![100.0; batch * 3 * size * size])?;
            let trace = network.forward_training(input, &Vec::new())?;
            let (loss, signal) = cross_entropy(scores(&trace)?, &vec![0; batch], 0.0);
            let gradients = network.gradients(&trace, &Vec::new(), signal, lowest);
            let mut readback = Readback::default().floats(loss);
            for gradient in gradients.iter().flatten() {
                readback = readback.floats(gradient.bias());
            }
            pollster::block_on(readback.read())?;
            fastest = fastest.min(start.elapsed().as_secs_f64());
        }
        Ok(fastest)
    }
}
