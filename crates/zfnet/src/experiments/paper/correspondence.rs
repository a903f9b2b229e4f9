//! Correspondence (paper section 4.3, figure 8, table 1): whether covering the same part of different pictures changes the
//! features in the same direction, compared with covering something at random.
//!
//! With ε = x − x̃ the change of a picture's features when a part is covered, Δ is the mean over all pairs of pictures of
//! the share of units where sign(εᵢ) and sign(εⱼ) differ. Lower than at random means that the network has a notion of the
//! part. Signs have three values, so that units which neither picture's part reaches agree.

mod record;
mod scores;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::scores::{Correspondence, LayerScores, Score, Verdict, is_conclusive, pairs};
use self::scores::{differences, score};
use crate::error::demand;
use crate::experiments::shared::Listener;
use crate::experiments::shared::covering::{Fill, Rectangle, cover};
use crate::experiments::shared::noise::Sequence;
use crate::network::trace::Trace;
use crate::readback::{self, Readback};
use crate::{Network, Result};

/// A change below this share of a layer's largest answer to the picture is none: it is how devices round.
pub const STILL: f32 = 1e-5;

/// Where to look, and what to compare with. The paper states neither the fill nor the number of random positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "CorrespondenceSettings")]
pub struct Settings {
    /// Layers whose answers, after the rectifier that follows, are compared.
    pub layers: Vec<String>,
    /// What parts are covered with.
    pub fill: Fill,
    /// Random positions for each picture and size of parts.
    pub random: usize,
    /// Where the random positions come from.
    pub seed: u64,
    /// Pictures that go through the network together.
    pub batch: usize,
}

impl Settings {
    /// Random positions that are usually compared with.
    pub const RANDOM: usize = 10;
    /// Where they usually come from.
    pub const SEED: u64 = 1;
    /// Pictures that usually go through the network together.
    pub const BATCH: usize = 16;

    /// The table's own layers: the last convolution, and the last hidden dense layer if it is loaded.
    pub fn table(network: &Network) -> Self {
        let convolutions = network.convolutions();
        let layers = convolutions.last().copied().into_iter();
        Self {
            layers: layers
                .chain(network.last_hidden_dense())
                .map(String::from)
                .collect(),
            fill: Fill::default(),
            random: Self::RANDOM,
            seed: Self::SEED,
            batch: Self::BATCH,
        }
    }
}

/// The same part of every picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "CorrespondencePartAsk")]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// Where it is, in the order of the pictures.
    pub boxes: Vec<Rectangle>,
}

/// Covers each part and random boxes of its size on every picture, parts first, and tells `listener` of every batch,
/// counted in pictures that go through the network.
///
/// # Shapes
/// `pictures` `[pictures, channels, rows, cols]`, as they enter the network.
///
/// # Errors
/// [`Error::OutOfRange`] for fewer than two pictures, no part, a box outside the input, another number of boxes than of
/// pictures, or a batch of 0; [`Error::UnknownLayer`] for a layer that does not run, or [`Error::Execution`].
pub async fn correspond(
    network: &Network,
    pictures: Tensor<4>,
    parts: &[Part],
    settings: &Settings,
    mut listener: impl for<'a> Listener<&'a Correspondence>,
) -> Result<Correspondence> {
    let [count, channels, rows, cols] = pictures.dims();
    check(count, [rows, cols], parts, settings)?;
    let ground = settings.fill.ground(network)?;
    let (groups, random) = random_boxes(parts, [rows, cols], settings);
    let trials = random.iter().map(Vec::len).sum::<usize>();
    let total = count * (1 + parts.len() + trials);
    let mut done = 0;
    let layer = |layer: &String| LayerScores {
        layer: layer.clone(),
        parts: vec![None; parts.len()],
        random: vec![None; parts.len()],
        signs: vec![Vec::new(); parts.len()],
    };
    let mut found = Correspondence {
        names: parts.iter().map(|part| part.name.clone()).collect(),
        layers: settings.layers.iter().map(layer).collect(),
        random: groups.iter().map(|group| random[*group].clone()).collect(),
    };
    let spans = || {
        (0..count)
            .step_by(settings.batch)
            .map(|from| from..(from + settings.batch).min(count))
    };
    let chosen = |span: &std::ops::Range<usize>| {
        pictures
            .clone()
            .slice([span.clone(), 0..channels, 0..rows, 0..cols])
    };
    let mut originals = Vec::new();
    for span in spans() {
        let trace = network.forward(chosen(&span))?;
        originals.push(features(&trace, &settings.layers)?);
        done += span.len();
        if !listener.goes_on(done, total, &found).await {
            return Ok(found);
        }
    }
    let own = parts
        .iter()
        .enumerate()
        .map(|(at, part)| (Covering::Part(at), &part.boxes));
    let others = random.iter().enumerate().flat_map(|(group, trials)| {
        trials
            .iter()
            .map(move |boxes| (Covering::Random(group), boxes))
    });
    let mut pairs = vec![vec![Vec::new(); random.len()]; settings.layers.len()];
    for (covering, boxes) in own.chain(others) {
        let mut signs = vec![Vec::with_capacity(count); settings.layers.len()];
        for (span, originals) in spans().zip(&originals) {
            let covered = cover(chosen(&span), ground.clone(), &boxes[span.clone()]);
            let covered = features(&network.forward(covered)?, &settings.layers)?;
            for (signs, change) in signs.iter_mut().zip(changes(originals, covered).await?) {
                signs.extend(change);
            }
            done += span.len();
            if span.end == count {
                enter(
                    &mut found,
                    covering,
                    std::mem::take(&mut signs),
                    &mut pairs,
                    &groups,
                );
            }
            if !listener.goes_on(done, total, &found).await {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// What is covered: a part, or something of the size of a group of parts.
#[derive(Debug, Clone, Copy)]
enum Covering {
    Part(usize),
    Random(usize),
}

/// Puts the signs of one covering, for each layer of each picture, to the result.
fn enter(
    found: &mut Correspondence,
    covering: Covering,
    signs: Vec<Vec<Vec<i8>>>,
    pairs: &mut [Vec<Vec<f32>>],
    groups: &[usize],
) {
    for ((layer, signs), pairs) in found.layers.iter_mut().zip(signs).zip(pairs) {
        match covering {
            Covering::Part(part) => {
                layer.parts[part] = score(&differences(&signs), signs.len());
                layer.signs[part] = signs;
            }
            Covering::Random(group) => {
                pairs[group].extend(differences(&signs));
                let score = score(&pairs[group], signs.len());
                let own = groups.iter().zip(&mut layer.random);
                own.filter(|(of, _)| **of == group)
                    .for_each(|(_, random)| *random = score);
            }
        }
    }
}

fn check(count: usize, frame: [usize; 2], parts: &[Part], settings: &Settings) -> Result<()> {
    demand(count > 1, "pictures to compare", "at least 2", count)?;
    demand(!parts.is_empty(), "parts to compare", "at least 1", 0)?;
    demand(settings.batch > 0, "pictures of a batch", "at least 1", 0)?;
    for part in parts {
        let (boxes, subject) = (&part.boxes, format!("boxes of {}", part.name));
        demand(
            boxes.len() == count,
            subject,
            format!("{count}, one a picture"),
            boxes.len(),
        )?;
        boxes
            .iter()
            .try_for_each(|own| own.check(&format!("box of {}", part.name), frame))?;
    }
    Ok(())
}

/// Which group of equal sizes each part belongs to, and each group's random boxes: position by position, for each picture.
fn random_boxes(
    parts: &[Part],
    [rows, cols]: [usize; 2],
    settings: &Settings,
) -> (Vec<usize>, Vec<Vec<Vec<Rectangle>>>) {
    let sizes = |part: &Part| {
        part.boxes
            .iter()
            .map(|own| [own.rows, own.cols])
            .collect::<Vec<_>>()
    };
    let mut distinct: Vec<Vec<[usize; 2]>> = Vec::new();
    let groups = parts
        .iter()
        .map(|part| {
            let own = sizes(part);
            distinct
                .iter()
                .position(|other| *other == own)
                .unwrap_or_else(|| {
                    distinct.push(own);
                    distinct.len() - 1
                })
        })
        .collect();
    let trial = |sizes: &[[usize; 2]], sequence: u64| -> Vec<Rectangle> {
        let mut sequence = Sequence::new(settings.seed, sequence);
        let mut place = |size: &[usize; 2]| Rectangle {
            top: sequence.below(rows - size[0] + 1),
            left: sequence.below(cols - size[1] + 1),
            rows: size[0],
            cols: size[1],
        };
        sizes.iter().map(&mut place).collect()
    };
    let random = distinct.iter().enumerate().map(|(group, sizes)| {
        let sequence = |position: usize| (group * settings.random + position) as u64;
        (0..settings.random)
            .map(|position| trial(sizes, sequence(position)))
            .collect()
    });
    (groups, random.collect())
}

/// Each layer's answers, a row a picture.
fn features(trace: &Trace, layers: &[String]) -> Result<Vec<Tensor<2>>> {
    let features = |layer: &String| {
        let answer = trace.layer(layer)?.answer();
        let [pictures, maps, rows, cols] = answer.dims();
        Ok(answer.reshape([pictures, maps * rows * cols]))
    };
    layers.iter().map(features).collect()
}

/// The signs of what covering changed: for each layer, for each picture, for each unit.
async fn changes(originals: &[Tensor<2>], covered: Vec<Tensor<2>>) -> Result<Vec<Vec<Vec<i8>>>> {
    let mut questions = Readback::default();
    for (original, covered) in originals.iter().zip(covered) {
        questions = questions
            .floats(original.clone().abs().max_dim(1))
            .floats(original.clone() - covered);
    }
    let mut answers: readback::Answers = questions.read().await?;
    let layer = |_| -> Result<Vec<Vec<i8>>> {
        let (largest, change) = (answers.floats()?, answers.floats()?);
        let units = (change.len() / largest.len().max(1)).max(1);
        let sign = |change: f32, still: f32| match change {
            change if change > still => 1,
            change if change < -still => -1,
            _ => 0,
        };
        let picture = |(change, largest): (&[f32], &f32)| {
            change
                .iter()
                .map(|change| sign(*change, STILL * largest))
                .collect()
        };
        Ok(change.chunks(units).zip(&largest).map(picture).collect())
    };
    (0..originals.len()).map(layer).collect()
}
