//! Top activations (paper section 4, figure 2): for every map of a layer the pictures of a set that it answers to most,
//! the part of each that its strongest unit saw, and that unit's projection.
//!
//! A set is looked at batch by batch and nothing of it stays but the winners; what they look like is drawn in a second
//! pass over the winners alone. The same order everywhere: the higher activation first, of equals the picture with the
//! lower number, and of one picture's equal units the first in row-major order.

mod check;
mod gallery;
mod record;
mod sheet;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

pub use self::gallery::{
    Credit, Credits, Entry, FORMAT, Gallery, Layer, Licence, Shown, Why, Withheld,
};
pub use self::sheet::{Sheet, side_of_tile};
use crate::error::demand;
use crate::network::plan::PlannedLayer;
use crate::network::trace::Trace;
use crate::readback::Readback;
use crate::{Error, Network, Result};

/// The strongest pictures of every map of some layers, among the pictures looked at so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Top {
    /// How many pictures are kept for a map.
    pub count: usize,
    /// The layers that are watched, from the first to the last of the network.
    pub layers: Vec<Watched>,
}

/// One layer's maps and who won them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Name of the layer.
    pub layer: String,
    /// Rows and columns of its maps.
    pub frame: [usize; 2],
    /// For each map the winners, the strongest first: at most [`Top::count`], each another picture. A map that has been
    /// silent so far has none.
    pub maps: Vec<Vec<Winner>>,
}

/// A picture that a map answers to, at its strongest unit there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Winner {
    /// Number of the picture in its set.
    pub picture: usize,
    /// Row of the unit in its map.
    pub row: usize,
    /// Column of the unit in its map.
    pub col: usize,
    /// What the unit answers, after the rectifier that follows; above 0.
    pub activation: f32,
}

/// What one picture has won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Number of the picture in its set.
    pub picture: usize,
    /// By layer, as an index of [`Top::layers`]: the places won, by map. Layers without any are left out.
    pub layers: Vec<(usize, Vec<Place>)>,
}

/// A place that a picture has won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The map's rank of the picture, from 0.
    pub rank: usize,
    /// The unit: map, row, column.
    pub unit: [usize; 3],
}

impl Winner {
    /// The order of the winners of a map: which of the two comes first.
    fn order(&self, other: &Self) -> Ordering {
        let place = |winner: &Self| (winner.picture, winner.row, winner.col);
        other
            .activation
            .total_cmp(&self.activation)
            .then_with(|| place(self).cmp(&place(other)))
    }
}

impl Top {
    /// How many pictures are usually kept for a map, as in the figure.
    pub const COUNT: usize = 9;
    /// Pictures that usually go through the network together.
    pub const BATCH: usize = 16;

    /// Nothing seen yet: the layers named, in the order of the network, and how many pictures to keep for a map.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a count of 0, no layer or one named twice, [`Error::UnknownLayer`], or
    /// [`Error::NotLoaded`] for a layer that cannot run.
    pub fn new(network: &Network, layers: &[&str], count: usize) -> Result<Self> {
        demand(count > 0, "pictures of a map", "at least 1", count)?;
        demand(!layers.is_empty(), "layers to watch", "at least 1", 0)?;
        let mut places = Vec::with_capacity(layers.len());
        for layer in layers {
            places.push(runnable(network, layer)?);
        }
        places.sort_unstable();
        if let Some(twice) = places.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::refused(
                "layers to watch",
                "each once",
                format!("{} twice", network.plan[twice[0]].layer.name),
            ));
        }
        let watched = places.into_iter().map(|at| {
            let PlannedLayer { layer, output, .. } = &network.plan[at];
            Watched {
                layer: layer.name.clone(),
                frame: [output[1], output[2]],
                maps: vec![Vec::new(); output[0]],
            }
        });
        Ok(Self {
            count,
            layers: watched.collect(),
        })
    }

    /// Runs a batch as far as the last watched layer needs, which is all that [`Self::observe`] and a projection of a
    /// winner look at.
    ///
    /// # Shapes
    /// `input` is `[pictures, channels, rows, cols]`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another size, or those of [`Self::check`].
    pub fn forward(&self, network: &Network, input: Tensor<4>) -> Result<Trace> {
        network.check_input(&input)?;
        let mut depth = 0;
        for watched in &self.layers {
            depth = depth.max(runnable(network, &watched.layer)? + 1);
        }
        Ok(network.run(input, depth, |_, activation| activation))
    }

    /// Lets the pictures of a batch compete; `pictures` are their numbers in the set. One read for the whole batch.
    ///
    /// Looking at a picture again changes nothing, and neither does the order or the size of the batches.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there are not as many numbers as pictures or the trace is of another network,
    /// [`Error::UnknownLayer`], or [`Error::Execution`].
    pub async fn observe(&mut self, pictures: &[usize], trace: &Trace) -> Result<()> {
        let (expected, found) = (trace.pictures(), pictures.len());
        demand(expected == found, "numbers of a batch", expected, found)?;
        let mut readback = Readback::default();
        for watched in &self.layers {
            let answer = trace.layer(&watched.layer)?.answer();
            let [_, maps, rows, cols] = answer.dims();
            let shape = [watched.maps.len(), watched.frame[0], watched.frame[1]];
            demand(
                shape == [maps, rows, cols],
                format!("[maps, rows, columns] of {}", watched.layer),
                format!("{shape:?}"),
                format!("{:?}", [maps, rows, cols]),
            )?;
            let flat = answer.reshape([pictures.len() * maps, rows * cols]);
            readback = readback
                .floats(flat.clone().max_dim(1))
                .integers(flat.argmax(1));
        }
        let mut answers = readback.read().await?;
        for watched in &mut self.layers {
            let (activations, places) = (answers.floats()?, answers.integers()?);
            let (maps, width) = (watched.maps.len(), watched.frame[1]);
            for (at, (activation, place)) in activations.into_iter().zip(places).enumerate() {
                let winner = Winner {
                    picture: pictures[at / maps],
                    row: place as usize / width,
                    col: place as usize % width,
                    activation,
                };
                enter(&mut watched.maps[at % maps], winner, self.count);
            }
        }
        Ok(())
    }

    /// Lets the winners of other pictures compete, which were found under the same conditions. Looking at all of them in one go
    /// would have found the same.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when other layers were watched, or another number of pictures was kept.
    pub fn join(&mut self, other: &Self) -> Result<()> {
        let kind = |top: &Self| {
            let layers = top.layers.iter();
            let layers: Vec<_> = layers
                .map(|own| (own.layer.clone(), own.maps.len()))
                .collect();
            (top.count, layers)
        };
        if kind(self) != kind(other) {
            return Err(Error::OutOfRange {
                subject: "pictures of a map, layers with their maps".into(),
                expected: format!("{:?}", kind(self)),
                found: format!("{:?}", kind(other)),
            });
        }
        for (own, other) in self.layers.iter_mut().zip(&other.layers) {
            for (winners, others) in own.maps.iter_mut().zip(&other.maps) {
                others
                    .iter()
                    .for_each(|winner| enter(winners, *winner, self.count));
            }
        }
        Ok(())
    }

    /// What must be projected, picture by picture: whoever draws the winners opens each picture once.
    pub fn wanted(&self) -> Vec<Wanted> {
        let mut pictures: BTreeMap<usize, BTreeMap<usize, Vec<Place>>> = BTreeMap::new();
        for (layer, watched) in self.layers.iter().enumerate() {
            for (map, winners) in watched.maps.iter().enumerate() {
                for (rank, winner) in winners.iter().enumerate() {
                    let won = pictures.entry(winner.picture).or_default();
                    won.entry(layer).or_default().push(Place {
                        rank,
                        unit: [map, winner.row, winner.col],
                    });
                }
            }
        }
        let wanted = pictures.into_iter().map(|(picture, layers)| Wanted {
            picture,
            layers: layers.into_iter().collect(),
        });
        wanted.collect()
    }
}

/// Lets one picture compete for a map.
fn enter(winners: &mut Vec<Winner>, winner: Winner, count: usize) {
    let is_full = winners.len() >= count;
    let comes_last = winners
        .last()
        .is_some_and(|last| last.order(&winner).is_lt());
    if !is_answer(winner.activation) || (is_full && comes_last) {
        return;
    }
    let before = winners.iter().position(|w| w.picture == winner.picture);
    if let Some(before) = before {
        if !winner.order(&winners[before]).is_lt() {
            return;
        }
        winners.remove(before);
    }
    let at = winners.partition_point(|w| w.order(&winner).is_lt());
    winners.insert(at, winner);
    winners.truncate(count);
}

/// Whether a number is what a unit answers that is not silent.
fn is_answer(activation: f32) -> bool {
    activation > 0.0 && activation.is_finite()
}

/// Where a layer that can run stands in the table.
fn runnable(network: &Network, layer: &str) -> Result<usize> {
    let at = network.plan.position(layer)?;
    network.must_run(at)?;
    Ok(at)
}
