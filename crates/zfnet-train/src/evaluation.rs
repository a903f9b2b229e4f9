//! How often a network is right about pictures it was not trained on (paper sections 3 and 5).

mod folder;

use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use zfnet::network::familiarity::Seen;
use zfnet::network::model::Input;
use zfnet::{Network, Trace, readback};

use crate::data::{Cache, Crops, Evaluation, EvaluationBatch, Sample};
use crate::{Error, Result};

pub(crate) use folder::plain;
pub use folder::samples;

/// How many guesses count for top-5.
const GUESSES: usize = 5;
/// Pictures, crops included, that go through the network together.
const TOGETHER: usize = 20;

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Pictures that were looked at; ten crops of one picture count once.
    pub pictures: usize,
    /// Share of the pictures whose class was the first guess.
    pub top_1: f64,
    /// Share of the pictures whose class was among the first five guesses.
    pub top_5: f64,
    /// Mean cross entropy in nats, of the probabilities averaged over the crops.
    pub loss: f64,
    /// Pictures by their class and the first guess, `[true][predicted]`.
    pub confusion: Vec<Vec<u32>>,
    /// Files that could not be read, with the reason; not counted above. Filled in by [`ValidationSet::evaluate`].
    pub skipped: Vec<(PathBuf, String)>,
}

impl Evaluated {
    /// Share of each class's pictures whose class was the first guess; `None` for a class without pictures.
    pub fn class_accuracy(&self) -> Vec<Option<f64>> {
        let share = |(class, row): (usize, &Vec<u32>)| {
            let pictures: u32 = row.iter().sum();
            (pictures > 0).then(|| f64::from(row[class]) / f64::from(pictures))
        };
        self.confusion.iter().enumerate().map(share).collect()
    }

    /// Pictures of each class.
    pub fn class_pictures(&self) -> Vec<u32> {
        self.confusion.iter().map(|row| row.iter().sum()).collect()
    }
}

/// Runs a validation set through a network; over ten crops, their probabilities (after the softmax) are averaged.
///
/// `batches` is an [`Evaluation`], or anything that yields the same. `progress` is told how many pictures are done. Broken
/// files are left out by the loader; [`Evaluated::skipped`] stays empty, since the loader's cache knows them.
///
/// # Errors
/// [`Error::Scores`] when the network's scores are no numbers, [`Error::Input`] when it has no classifier, when a class is unknown to it, or when
/// there is no picture at all; otherwise the errors of the loader and the engine.
pub fn evaluate(
    network: &Network,
    batches: impl IntoIterator<Item = Result<EvaluationBatch>>,
    crops: Crops,
    progress: &mut dyn FnMut(usize),
) -> Result<Evaluated> {
    let crops = crops.count();
    let mut tally: Option<Tally> = None;
    for batch in batches {
        let batch = batch?;
        if batch.classes.is_empty() {
            continue;
        }
        let trace = network.forward(network.input_of(batch.pixels)?)?;
        let scores = scores(network, &trace)?;
        let [pictures, classes] = scores.dims();
        if pictures != crops * batch.classes.len() {
            return Err(Error::input(
                "a batch of the validation set",
                format!("{crops} crops of {} pictures", batch.classes.len()),
                format!("{pictures} crops"),
            ));
        }
        let scores = pollster::block_on(readback::floats(scores))?;
        let tally = tally.get_or_insert_with(|| Tally::new(classes));
        for (scores, class) in scores.chunks(crops * classes).zip(batch.classes) {
            tally.add(scores, class)?;
        }
        progress(tally.pictures);
    }
    match tally {
        Some(tally) => Ok(tally.evaluated()),
        None => Err(Error::input(
            "validation set",
            "at least one picture that can be read",
            "none",
        )),
    }
}

/// The scores of a batch, `[pictures, classes]`.
fn scores(network: &Network, trace: &Trace) -> Result<Tensor<2>> {
    match trace.logits() {
        Some(scores) if network.missing_in(trace).is_none() => Ok(scores),
        _ => Err(Error::input(
            format!("network {}", network.model.name),
            "one with its classifier, which gives a score for each class",
            "feature maps only",
        )),
    }
}

/// A validation set that networks can be evaluated on, one after the other; decoded pictures are kept between them.
#[derive(Debug, Clone)]
pub struct ValidationSet {
    samples: Arc<Vec<Sample>>,
    input: Input,
    crops: Crops,
    cache: Cache,
    workers: usize,
}

impl ValidationSet {
    /// Samples as a network wants to be fed: decoded by `workers` threads, kept within `memory` bytes.
    pub fn new(
        samples: Vec<Sample>,
        input: &Input,
        crops: Crops,
        memory: usize,
        workers: usize,
    ) -> Self {
        // The square that ten crops are cut from is the paper's 256 for 224; one crop is the engine's own.
        let short_side = match crops {
            Crops::One => input.resize_short_side,
            Crops::Ten => (input.short_side() * 256 + 112) / 224,
        };
        Self {
            samples: Arc::new(samples),
            input: input.clone(),
            crops,
            cache: Cache::new(memory, short_side as u32),
            workers,
        }
    }

    /// Number of pictures, readable or not.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there is no picture.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// What every picture that can be read leaves in a network, with its class: the maps of `layer`, and the scores.
    ///
    /// # Errors
    /// As [`evaluate`], and [`Error::Engine`] for a layer that is not there.
    pub fn seen(
        &self,
        network: &Network,
        layer: &str,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<(Seen, usize)>> {
        let mut all = Vec::with_capacity(self.len());
        for batch in self.batches() {
            let batch = batch?;
            if batch.classes.is_empty() {
                continue;
            }
            let trace = network.forward(network.input_of(batch.pixels)?)?;
            let scores = scores(network, &trace)?;
            let classes = scores.dims()[1];
            let scores = pollster::block_on(readback::floats(scores))?;
            let pictures = scores.chunks(classes).zip(batch.classes).enumerate();
            for (picture, (logits, class)) in pictures {
                let seen = pollster::block_on(Seen::of(&trace, picture, layer, logits))?;
                all.push((seen, class));
            }
            progress(all.len());
        }
        Ok(all)
    }

    fn batches(&self) -> Evaluation {
        Evaluation::start(
            self.samples.clone(),
            self.input.clone(),
            self.crops,
            (TOGETHER / self.crops.count()).max(1),
            self.cache.clone(),
            self.workers,
        )
    }

    /// Evaluates a network, as [`evaluate`], and names the files that could not be read.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn evaluate(
        &self,
        network: &Network,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Evaluated> {
        let mut evaluated = evaluate(network, self.batches(), self.crops, progress)?;
        evaluated.skipped = self.cache.skipped();
        Ok(evaluated)
    }
}

/// Counts on the way through a set.
struct Tally {
    pictures: usize,
    first: usize,
    among_five: usize,
    loss: f64,
    confusion: Vec<Vec<u32>>,
}

impl Tally {
    fn new(classes: usize) -> Self {
        Self {
            pictures: 0,
            first: 0,
            among_five: 0,
            loss: 0.0,
            confusion: vec![vec![0; classes]; classes],
        }
    }

    /// Adds a picture by the scores of its crops, `[crops, classes]`.
    fn add(&mut self, scores: &[f32], class: usize) -> Result<()> {
        let classes = self.confusion.len();
        if class >= classes {
            return Err(Error::input(
                "class of a picture",
                format!("one of the network's {classes}"),
                format!("class {class}"),
            ));
        }
        if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
            return Err(Error::Scores(*score));
        }
        let probabilities = mean_probabilities(scores, classes);
        // As in a ranking by `zf-lens classify`, equal ones keep the order of the classes.
        let before = |other: usize| {
            let (a, b) = (probabilities[other], probabilities[class]);
            a > b || a == b && other < class
        };
        let rank = (0..classes).filter(|other| before(*other)).count();
        let guess = (0..classes).fold(0, |best, other| {
            if probabilities[other] > probabilities[best] {
                other
            } else {
                best
            }
        });
        self.pictures += 1;
        self.first += usize::from(rank == 0);
        self.among_five += usize::from(rank < GUESSES);
        self.loss -= probabilities[class].max(f64::MIN_POSITIVE).ln();
        self.confusion[class][guess] += 1;
        Ok(())
    }

    fn evaluated(self) -> Evaluated {
        let pictures = self.pictures.max(1) as f64;
        Evaluated {
            pictures: self.pictures,
            top_1: self.first as f64 / pictures,
            top_5: self.among_five as f64 / pictures,
            loss: self.loss / pictures,
            confusion: self.confusion,
            skipped: Vec::new(),
        }
    }
}

/// Softmax of each row of `[crops, classes]`, averaged over the rows; in double precision, so that the loss of a sure
/// answer is not rounded away.
fn mean_probabilities(scores: &[f32], classes: usize) -> Vec<f64> {
    let mut mean = vec![0f64; classes];
    let crops = scores.len() / classes.max(1);
    for scores in scores.chunks(classes.max(1)) {
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights = scores.iter().map(|score| f64::from(score - highest).exp());
        let total: f64 = weights.clone().sum();
        for (mean, weight) in mean.iter_mut().zip(weights) {
            *mean += weight / total / crops as f64;
        }
    }
    mean
}

#[cfg(test)]
pub(crate) mod tests;
