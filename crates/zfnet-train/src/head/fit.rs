//! The steps: first on the averages alone, then, on demand, on pictures with what the head attends to taken out.

use std::sync::Arc;

use burn::tensor::{Int, Tensor, TensorData};
use zfnet::Network;
use zfnet::deconvnet::gradients::cross_entropy;
use zfnet::experiments::shared::noise::Sequence;
use zfnet::experiments::since::attention_mining::mine;
use zfnet::network::Parameters;
use zfnet::ops::dense;

use super::recipe::HeadRecipe;
use super::standard::Standard;
use super::views::Views;
use crate::clock::Clock;
use crate::data::{Loader, Order};
use crate::metrics::{Metrics, Row};
use crate::optimiser::{self, Velocities};
use crate::recipe::{Optimiser, Schedule};
use crate::schedule::Annealing;
use crate::training::Watch;
use crate::workshop::Workshop;
use crate::{Error, Result};

/// Steps over which the learning rate rises.
const WARM_UP: u64 = 10;
/// Rows of the metrics that a stage leaves.
const ROWS: u64 = 20;

/// A head on its way.
pub(super) struct Course<'a> {
    recipe: &'a HeadRecipe,
    network: Network,
    dense: usize,
    standard: Standard,
    /// Weights on averages in the standard's terms.
    weights: Parameters,
    velocities: Velocities,
    metrics: Metrics,
    clock: Clock,
    pending: Vec<Tensor<1>>,
    row: Row,
    /// Steps of the stages begun so far.
    steps: u64,
}

impl<'a> Course<'a> {
    pub(super) fn new(
        recipe: &'a HeadRecipe,
        blank: &Network,
        metrics: Metrics,
        views: &Views,
    ) -> Result<Self> {
        let dense = super::dense(blank)?;
        let [classes, maps] = [blank.plan[dense].output[0], views.maps];
        Ok(Self {
            recipe,
            dense,
            standard: Standard::of(views, blank.device()),
            weights: super::nothing(&[classes, maps], blank.device()),
            network: blank.clone(),
            velocities: Vec::new(),
            metrics,
            clock: Clock::start(),
            pending: Vec::new(),
            row: Row {
                step: 0,
                epoch: 0.0,
                pictures: 0,
                seconds: 0.0,
                size: blank.model.input.short_side(),
                learning_rate: 0.0,
                loss: 0.0,
                accuracy: 0.0,
                validation: None,
                pictures_per_second: 0.0,
            },
            steps: 0,
        })
    }

    /// The features with the head as it is now.
    pub(super) fn network(&self) -> Result<Network> {
        let mut parameters = self.network.parameters().to_vec();
        parameters[self.dense] = Some(self.standard.plain(&self.weights));
        Ok(self.network.with_parameters(parameters)?)
    }

    /// Where it stands.
    pub(super) fn last(&self) -> &Row {
        &self.row
    }

    /// Steps done, and steps that there were to do.
    pub(super) fn steps(&self) -> [u64; 2] {
        [self.row.step, self.steps]
    }

    /// Fits the dense layer to the averages of all views.
    pub(super) fn linear(&mut self, views: &Views, watch: &mut dyn Watch) -> Result<()> {
        let recipe = self.recipe;
        let device = self.network.device().clone();
        let averages = self.standard.applied(views.tensor(&self.network));
        let batch = recipe.batch.min(views.count());
        let steps = stage(recipe.epochs, views.count(), batch);
        let annealing = annealing(recipe.rate);
        self.begin(steps);
        let mut order = Vec::new();
        for step in 0..steps {
            if order.len() < batch {
                order.extend(permutation(recipe.seed, step, views.count()));
            }
            let chosen: Vec<usize> = order.drain(..batch).collect();
            let classes: Vec<usize> = chosen.iter().map(|view| views.classes[*view]).collect();
            let indices = chosen.iter().map(|view| *view as i32).collect::<Vec<_>>();
            let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [batch]), &device);
            let x = averages.clone().select(0, indices);
            let x = x.reshape([batch, views.maps, 1, 1]);
            let said = dense::forward(x.clone(), self.weights.rows(), self.weights.bias());
            let [_, width, _, _] = said.dims();
            let said = said.reshape([batch, width]);
            let (loss, signal) = cross_entropy(said.clone(), &classes, 0.0);
            let (rows, bias) = dense::gradient(x, signal.reshape([batch, width, 1, 1]));
            let rate = annealing.rate(step, steps);
            self.step(Parameters::Dense(rows, bias), rate);
            self.pending.push(told(loss, said, &classes));
            let pictures = (step + 1) as f64 * batch as f64 * views.pictures as f64;
            let pictures = (pictures / views.count() as f64) as u64;
            if !self.look(step, steps, [rate, recipe.epochs], pictures, batch, watch)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Trains the fitted head on with the attention's term in its loss.
    pub(super) fn mined(&mut self, workshop: &Workshop, watch: &mut dyn Watch) -> Result<()> {
        let Some(gain) = self.recipe.gain.clone() else {
            return Ok(());
        };
        let done = self.row.step;
        if done < self.steps {
            return Ok(()); // it was told to stop before
        }
        let samples = workshop.dataset.training.clone();
        let batch = gain.batch.min(samples.len().max(1));
        let steps = stage(gain.epochs, samples.len(), batch);
        let annealing = annealing(gain.rate);
        let (mining, size) = (gain.mining(), self.network.model.input.side()?);
        let before = self.row.pictures;
        self.begin(steps);
        let loader = Loader::start(
            Arc::new(samples),
            workshop.cache.clone(),
            self.recipe.augmentation.clone(),
            Order {
                // Another seed: other versions of the pictures than the linear fit has seen.
                seed: self.recipe.seed ^ 0x6A11,
                batch,
            },
            move |step| (step < steps).then_some(size),
            0,
            workshop.workers,
        );
        for (step, made) in (0..steps).zip(loader) {
            let made = made?;
            let network = self.network()?;
            let input = network.input_of(made.pixels)?;
            let mined = mine(&network, input, &made.classes, &mining)?;
            let rate = annealing.rate(step, steps);
            let gradients = self.standard.derivative(&mined.gradients);
            self.step(gradients, rate);
            let loss = mined.classification + mined.attention * mining.alpha;
            self.pending.push(told(loss, mined.scores, &made.classes));
            let pictures = before + (step + 1) * batch as u64;
            if !self.look(step, steps, [rate, gain.epochs], pictures, batch, watch)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A stage begins: nothing of the steps before pulls on.
    fn begin(&mut self, steps: u64) {
        self.velocities.clear();
        self.steps += steps;
        self.clock = Clock::start();
    }

    fn step(&mut self, gradients: Parameters, rate: f64) {
        let optimiser = Optimiser {
            momentum: self.recipe.momentum,
            weight_decay: self.recipe.weight_decay,
            trust_ratio: false,
        };
        let mut list = [Some(self.weights.clone())];
        let gradients = vec![Some(gradients)];
        optimiser::step(&mut list, &mut self.velocities, gradients, rate, &optimiser);
        if let [Some(moved)] = list {
            self.weights = moved;
        }
    }

    /// After a step: a row of the metrics now and then; says whether to go on.
    fn look(
        &mut self,
        step: u64,
        steps: u64,
        [rate, epochs]: [f64; 2],
        pictures: u64,
        batch: usize,
        watch: &mut dyn Watch,
    ) -> Result<bool> {
        self.row.step += 1;
        let done = step + 1;
        let stop = watch.stop();
        let at_row = done.is_multiple_of((steps / ROWS).max(1)) || done == steps || stop;
        if !at_row {
            return Ok(true);
        }
        let values = zfnet::readback::floats(Tensor::cat(std::mem::take(&mut self.pending), 0));
        let values = pollster::block_on(values)?;
        let count = (values.len() / 2).max(1) as f64;
        let mean = |at: usize| {
            let values = values.iter().skip(at).step_by(2).copied();
            values.map(f64::from).sum::<f64>() / count
        };
        self.row.seconds += self.clock.lap(count as u64);
        self.row.epoch = epochs * done as f64 / steps as f64;
        self.row.learning_rate = rate;
        (self.row.loss, self.row.accuracy) = (mean(0), mean(1));
        self.row.pictures = pictures;
        self.row.pictures_per_second = self.clock.rate() * batch as f64;
        if !self.row.loss.is_finite() {
            return Err(Error::Diverged {
                step: self.row.step,
                loss: self.row.loss as f32,
                hint: "a lower --rate may help".into(),
            });
        }
        self.metrics.append(&self.row)?;
        watch.stepped(&self.row, self.steps);
        if done == steps {
            watch.epoch(&self.row);
        }
        (self.clock.seconds, self.clock.steps) = (0.0, 0);
        Ok(!stop)
    }
}

/// Steps of a stage.
fn stage(epochs: f64, count: usize, batch: usize) -> u64 {
    ((epochs * count as f64 / batch.max(1) as f64).ceil() as u64).max(1)
}

fn annealing(rate: f64) -> Annealing {
    Annealing::new(Schedule::Cosine {
        rate,
        warm_up: WARM_UP,
    })
}

/// All views in an order of chance (Fisher & Yates).
fn permutation(seed: u64, step: u64, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut chance = Sequence::new(seed, step);
    for at in (1..count).rev() {
        order.swap(at, chance.below(at + 1));
    }
    order
}

/// A step's loss and how many of its pictures were named right, `[2]`.
fn told(loss: Tensor<1>, scores: Tensor<2>, classes: &[usize]) -> Tensor<1> {
    let count = classes.len();
    let classes: Vec<i32> = classes.iter().map(|class| *class as i32).collect();
    let classes = TensorData::new(classes, [count]);
    let classes = Tensor::<1, Int>::from_data(classes, &scores.device());
    let right = scores.argmax(1).reshape([count]).equal(classes);
    Tensor::cat(
        vec![loss.reshape([1]), right.float().mean().reshape([1])],
        0,
    )
}
