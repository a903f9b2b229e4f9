//! A training from its first step to its last, over as many sittings as it takes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Tensor, TensorData};
use zfnet::Network;
use zfnet::learning::{cross_entropy, resample};
use zfnet::network::Parameters;

use crate::checkpoint::{Progress, Running, State};
use crate::clock::Clock;
use crate::data::{self, Crops, Loader, Order};
use crate::evaluation::{Evaluated, evaluate};
use crate::history::History;
use crate::metrics::{Row, Validation};
use crate::optimiser;
use crate::setup::provenance;
use crate::workshop::Workshop;
use crate::{Error, Result, dropout};

/// Steps between two looks at the loss: each is a wait for the device.
const LOOK: u64 = 10;
/// Seconds between two saves within an epoch.
const SAVE: f64 = 300.0;
/// Pictures that are evaluated at once.
const EVALUATED_AT_ONCE: usize = 64;

/// Whoever looks on while a network is trained.
pub trait Watch {
    /// Something other than steps is being done.
    fn doing(&mut self, what: &str);
    /// Steps were done, of so many.
    fn stepped(&mut self, row: &Row, steps: u64);
    /// An epoch is over.
    fn epoch(&mut self, row: &Row);
    /// Whether to stop after this step.
    fn stop(&self) -> bool;
}

/// How a sitting ended.
#[derive(Debug)]
pub enum End {
    /// All steps are done; the last evaluation of the finished network.
    Finished(Box<Evaluated>),
    /// It was told to stop; the state is saved.
    Stopped,
}

/// A training and its state.
#[derive(Debug)]
pub struct Training {
    pub(crate) state: State,
    pub(crate) workshop: Workshop,
    pub(crate) history: History,
}

impl Training {
    /// Files that could not be read so far, with the reason.
    pub fn skipped(&self) -> Vec<(PathBuf, String)> {
        self.workshop.skipped()
    }

    /// How far it is.
    pub fn progress(&self) -> &Progress {
        &self.state.progress
    }

    /// The network that a training is for: averaged weights if there are, at the present size.
    ///
    /// # Errors
    /// [`Error::Engine`] never in practice: the weights are the network's own.
    pub fn network(&self) -> Result<Network> {
        match &self.state.average {
            Some(average) => Ok(self.state.network.with_parameters(average.clone())?),
            None => Ok(self.state.network.clone()),
        }
    }

    /// Steps until the end, or until told to stop.
    ///
    /// # Errors
    /// [`Error::Diverged`] for a loss that is no number, [`Error::File`], [`Error::Thread`], [`Error::Engine`]; the last
    /// state saved is intact.
    pub fn run(&mut self, watch: &mut dyn Watch) -> Result<End> {
        let steps = self.state.progress.steps();
        let per_epoch = self.state.progress.steps_per_epoch();
        let recipe = self.state.progress.recipe.clone();
        let sizes = recipe.clone();
        let loader = Loader::start(
            Arc::new(self.workshop.dataset.training.clone()),
            self.workshop.cache.clone(),
            recipe.augmentation.clone(),
            Order {
                seed: recipe.seed,
                batch: recipe.batch,
            },
            move |step| (step < steps).then(|| sizes.size_at(step as f64 / steps as f64)),
            self.state.progress.step,
            self.workshop.workers,
        );
        let mut clock = Clock::start();
        let mut pending: Vec<Tensor<1>> = Vec::new();
        let report_every = (per_epoch / 10).max(1);
        for batch in loader {
            let batch = batch?;
            pending.push(self.step(&batch, steps)?);
            self.grow(steps)?;
            let step = self.state.progress.step;
            let at_epoch = step.is_multiple_of(per_epoch) || step == steps;
            let stop = watch.stop();
            let at_row = step.is_multiple_of(report_every) || at_epoch;
            let keeps = self.state.progress.keeps();
            let save = clock.saved.elapsed().as_secs_f64() > SAVE;
            if pending.len() as u64 >= LOOK || at_row || stop || keeps || save {
                let looked_at = pending.len() as u64;
                self.look(&mut pending)?;
                self.state.progress.seconds += clock.lap(looked_at);
                watch.stepped(&self.row(clock.rate(), None), steps);
            }
            if keeps {
                watch.doing("a checkpoint of the features");
                self.keep()?;
            }
            if at_row {
                let validation = match at_epoch {
                    true => {
                        watch.doing("validation");
                        let network = self.network()?;
                        Some(self.validate(&network, Crops::One)?)
                    }
                    false => None,
                };
                let said = validation.as_ref().map(|said| Validation {
                    loss: said.loss,
                    top_1: said.top_1,
                    top_5: said.top_5,
                });
                let row = self.row(clock.rate(), said);
                self.history.append(&row)?;
                self.state.progress.running = Running::default();
                (clock.seconds, clock.steps) = (0.0, 0);
                if let Some(evaluated) = validation {
                    self.state.progress.annealing.observe(1.0 - evaluated.top_1);
                    watch.epoch(&row);
                    self.write(&evaluated, &row)?;
                    self.state.save(&self.workshop.folder)?;
                    clock.saved = Instant::now();
                }
            }
            if keeps || at_row {
                self.state.progress.seconds += clock.lap(0);
            }
            if stop || save {
                self.state.save(&self.workshop.folder)?;
                clock.saved = Instant::now();
            }
            if stop && step < steps {
                return Ok(End::Stopped);
            }
        }
        watch.doing("the last evaluation");
        let network = self.network()?;
        let crops = match self.state.progress.recipe.preset.as_str() {
            "paper" => Crops::Ten,
            _ => Crops::One,
        };
        let evaluated = self.validate(&network, crops)?;
        let row = self.row(0.0, None);
        self.write(&evaluated, &row)?;
        Ok(End::Finished(Box::new(evaluated)))
    }

    /// One step; gives the batch's loss and how many of it were named right, `[2]`.
    fn step(&mut self, batch: &data::Batch, steps: u64) -> Result<Tensor<1>> {
        let Progress {
            recipe,
            step,
            annealing,
            ..
        } = &self.state.progress;
        let network = &self.state.network;
        let rate = annealing.rate(*step, steps);
        let masks = dropout::masks(network, recipe.seed, *step, batch.classes.len());
        let input = network.input_of(batch.pixels.clone())?;
        let trace = network.forward_training(input, &masks)?;
        let scores = scores(&trace)?;
        let (loss, signal) = cross_entropy(scores.clone(), &batch.classes, recipe.label_smoothing);
        let held = self.state.progress.epoch() < recipe.hold_first;
        let gradients = network.gradients(
            &trace,
            &masks,
            signal,
            if held { second(network) } else { 0 },
        );
        let mut parameters = network.parameters().to_vec();
        optimiser::step(
            &mut parameters,
            &mut self.state.velocities,
            gradients,
            rate,
            &recipe.optimiser,
        );
        if let Some(limit) = recipe.filter_rms {
            optimiser::renormalise(&mut parameters, limit);
        }
        if let (Some(average), Some(past)) = (self.state.average.as_mut(), recipe.average) {
            // The first steps are no part of a past worth keeping.
            let young = (*step + 1) as f64 / (*step + 10) as f64;
            optimiser::average(average, &parameters, past.min(young));
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
    fn grow(&mut self, steps: u64) -> Result<()> {
        let progress = &self.state.progress;
        let size = progress.recipe.size_at(progress.step as f64 / steps as f64);
        if size == self.state.network.model.input.size {
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

    /// Reads the losses of the steps since the last look.
    fn look(&mut self, pending: &mut Vec<Tensor<1>>) -> Result<()> {
        if pending.is_empty() {
            return Ok(());
        }
        let values = zfnet::readback::floats(Tensor::cat(std::mem::take(pending), 0));
        for pair in pollster::block_on(values)?.chunks(2) {
            let running = &mut self.state.progress.running;
            running.steps += 1;
            running.loss += f64::from(pair[0]);
            running.right += f64::from(pair[1]);
            if !pair[0].is_finite() {
                return Err(self.diverged(pair[0]));
            }
        }
        Ok(())
    }

    fn diverged(&self, loss: f32) -> Error {
        Error::Diverged {
            step: self.state.progress.step,
            loss,
            hint: "a lower --rate may help; the last good state is in the training's folder".into(),
        }
    }

    fn row(&self, rate: f64, validation: Option<Validation>) -> Row {
        let progress = &self.state.progress;
        let steps = progress.running.steps.max(1) as f64;
        Row {
            step: progress.step,
            epoch: progress.epoch(),
            pictures: progress.step * progress.recipe.batch as u64,
            seconds: progress.seconds,
            size: self.state.network.model.input.size,
            learning_rate: progress.annealing.rate(progress.step, progress.steps()),
            loss: progress.running.loss / steps,
            accuracy: progress.running.right / steps,
            validation,
            pictures_per_second: rate * progress.recipe.batch as f64,
        }
    }

    fn validate(&self, network: &Network, crops: Crops) -> Result<Evaluated> {
        let batches = data::Evaluation::start(
            Arc::new(self.workshop.dataset.validation.clone()),
            network.model.input.clone(),
            crops,
            EVALUATED_AT_ONCE,
            self.workshop.validation_cache.clone(),
            self.workshop.workers,
        );
        match evaluate(network, batches, crops, &mut |_| ()) {
            // A step may blow the weights up after its loss was still a number.
            Err(Error::Scores(score)) => Err(self.diverged(score)),
            other => other,
        }
    }

    /// Keeps the features as they are now, for the history of their evolution.
    fn keep(&mut self) -> Result<()> {
        let network = self.network()?;
        let anchor = network.with_parameters(self.state.anchor.clone())?;
        let finished = self.finished(&network)?;
        let top_1 = self.validate(&network, Crops::One)?.top_1;
        let (progress, workshop) = (&self.state.progress, &self.workshop);
        self.history
            .keep(&anchor, &network, &finished, top_1, progress, workshop)?;
        self.state.anchor = network.parameters().to_vec();
        Ok(())
    }

    /// The network at its finished size.
    fn finished(&self, network: &Network) -> Result<Network> {
        let progress = &self.state.progress;
        progress.sized(network, progress.recipe.size())
    }

    /// Writes the weights as they are now, and the report.
    fn write(&mut self, evaluated: &Evaluated, row: &Row) -> Result<()> {
        let network = self.network()?;
        let mut finished = self.finished(&network)?;
        finished.model.provenance =
            provenance(&self.state.progress, &self.workshop, evaluated, row);
        self.history
            .write(&finished, evaluated, &self.state.progress, &self.workshop)
    }
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
