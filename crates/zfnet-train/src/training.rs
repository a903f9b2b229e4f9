//! A training from its first step to its last, over as many sittings as it takes.

mod dropout;
mod step;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use burn::tensor::Tensor;
use zfnet::Network;

pub(crate) use self::step::{first_dense, scores};
use crate::checkpoint::{Progress, Running, State};
use crate::clock::Clock;
use crate::data::{self, Augmentation, Crops, Loader};
use crate::evaluation::{Evaluated, evaluate};
use crate::history::History;
use crate::metrics::{Row, Validation};
use crate::setup::provenance;
use crate::workshop::Workshop;
use crate::{Error, Result};

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

/// How a part of a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Done,
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
        let recipe = self.state.progress.recipe.clone();
        if self.state.progress.step < self.state.progress.whole_steps()
            && self.part(&recipe.augmentation, watch)? == Part::Stopped
        {
            return Ok(End::Stopped);
        }
        if let Some(finish) = &recipe.finish
            && self.state.progress.step < self.state.progress.steps()
        {
            self.begin_finish()?;
            if self.part(&finish.augmentation, watch)? == Part::Stopped {
                return Ok(End::Stopped);
            }
        }
        watch.doing("the last evaluation");
        let network = self.network()?;
        let crops = match recipe.preset.as_str() {
            "paper" => Crops::Ten,
            _ => Crops::One,
        };
        let evaluated = self.validate(&network, crops)?;
        let row = self.row(0.0, None);
        self.write(&evaluated, &row)?;
        Ok(End::Finished(Box::new(evaluated)))
    }

    /// Before the first step of the dense layers alone: they go on from the averaged weights, and nothing of the steps before
    /// pulls on.
    fn begin_finish(&mut self) -> Result<()> {
        if self.state.progress.step == self.state.progress.whole_steps() {
            self.grow()?;
            self.state.network = self.network()?;
            self.state.velocities = vec![None; self.state.network.plan.len()];
        }
        Ok(())
    }

    /// Steps until the end of the part that the next step belongs to.
    fn part(&mut self, augmentation: &Augmentation, watch: &mut dyn Watch) -> Result<Part> {
        let progress = &self.state.progress;
        let (all, whole) = (progress.steps(), progress.whole_steps());
        let end = if progress.finishes() { all } else { whole };
        let per_epoch = progress.steps_per_epoch();
        let recipe = progress.recipe.clone();
        let loader = Loader::start(
            Arc::new(self.workshop.dataset.training.clone()),
            self.workshop.cache.clone(),
            augmentation.clone(),
            recipe.order(),
            move |step| (step < end).then(|| recipe.size_at(step as f64 / whole.max(1) as f64)),
            self.state.progress.step,
            self.workshop.workers,
        );
        let mut clock = Clock::start();
        let mut pending: Vec<Tensor<1>> = Vec::new();
        let report_every = (per_epoch / 10).max(1);
        for batch in loader {
            let batch = batch?;
            pending.push(self.step(&batch)?);
            self.grow()?;
            let step = self.state.progress.step;
            let at_epoch = step.is_multiple_of(per_epoch) || step == end;
            let stop = watch.stop();
            let at_row = step.is_multiple_of(report_every) || at_epoch;
            let keeps = self.state.progress.keeps();
            let save = clock.saved.elapsed().as_secs_f64() > SAVE;
            if pending.len() as u64 >= LOOK || at_row || stop || keeps || save {
                let looked_at = pending.len() as u64;
                self.look(&mut pending)?;
                self.state.progress.seconds += clock.lap(looked_at);
                watch.stepped(&self.row(clock.rate(), None), all);
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
            if stop && step < all {
                return Ok(Part::Stopped);
            }
        }
        Ok(Part::Done)
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
            size: self.state.network.model.input.short_side(),
            learning_rate: progress.rate(),
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
