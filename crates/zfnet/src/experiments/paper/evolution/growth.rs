//! What a few maps of a network saw in one picture at every checkpoint of its training.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{frame, moved};
use crate::deconvnet::tile::Tile;
use crate::files::checkpoints::Checkpoint;
use crate::geometry::view::View;
use crate::network::Network;
use crate::network::trace::{Answer, Trace};
use crate::pictures::image::Prepared;
use crate::pictures::rendering::{Stretch, white};
use crate::{Error, ReluRule, Result};

/// Which maps are followed, and how they are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The maps.
    pub maps: Vec<FeatureMap>,
    /// What a rectifier lets through on the way down.
    pub rule: ReluRule,
    /// How numbers become brightness.
    pub stretch: Stretch,
    /// Whether all checkpoints of a map are drawn on one scale, so that weak projections look weak.
    pub common_scale: bool,
}

/// A map, which is one filter through the whole training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureMap {
    /// Its layer.
    pub layer: String,
    /// Its number in the layer.
    pub map: usize,
}

/// The maps, and what became of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// What was asked for.
    pub settings: Settings,
    /// Rows and columns of the network's input.
    pub frame: [usize; 2],
    /// One for each checkpoint that was asked, in the order of the training.
    pub stages: Vec<Stage>,
}

/// What one checkpoint says about the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What is known of the checkpoint.
    pub checkpoint: Checkpoint,
    /// How far the answers of each convolution went since the checkpoint before, see [`moved`]; `None` for the first.
    pub moved: Option<BTreeMap<String, f32>>,
    /// What each map's strongest unit sees, in the order of the settings.
    pub units: Vec<Seen>,
}

/// A map's strongest unit in one checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The unit, and what it answers.
    pub answer: Answer,
    /// Its projection, on what the unit sees.
    pub tile: Tile,
}

impl Seen {
    /// Whether the map does not answer to the picture at all; its projection is zero then.
    pub fn is_silent(&self) -> bool {
        self.answer.activation <= 0.0
    }
}

impl Growth {
    /// The scale that all checkpoints of a map are drawn on, where they have one in common.
    pub fn common_scale(&self, at: usize) -> Option<f32> {
        let scales = self.stages.iter().map(|stage| stage.units[at].tile.scale());
        let common = self.settings.common_scale;
        common.then(|| scales.fold(f32::MIN_POSITIVE, f32::max))
    }

    /// The value that is drawn as full white, for each map of a stage.
    pub fn whites(&self, stage: &Stage) -> Vec<f32> {
        let units = stage.units.iter().enumerate();
        let own = units.map(|(at, seen)| {
            let common = self.common_scale(at);
            white(&seen.tile.values, self.settings.stretch, common)
        });
        own.collect()
    }
}

/// Asks one checkpoint after the other. Their weights are the caller's, who lets go of each before the next; what stays is the
/// trace of the last, with which the next is compared.
#[derive(Debug)]
pub struct Follower {
    found: Growth,
    before: Option<Trace>,
}

impl Follower {
    /// Nothing asked yet; `network` is what the training led to.
    pub fn new(network: &Network, settings: Settings) -> Self {
        Self {
            found: Growth {
                settings,
                frame: network.frame(),
                stages: Vec::new(),
            },
            before: None,
        }
    }

    /// Asks the next checkpoint, whose `network` it is.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::OutOfRange`] for a map that the layer does not have or a picture of another size than
    /// the network's, or [`Error::Execution`].
    pub async fn look(
        &mut self,
        checkpoint: &Checkpoint,
        network: &Network,
        prepared: &Prepared,
    ) -> Result<()> {
        let trace = network.forward(prepared.tensor(network)?)?;
        let mut units = Vec::with_capacity(self.found.settings.maps.len());
        for map in &self.found.settings.maps {
            units.push(seen(network, &trace, map, self.found.settings.rule).await?);
        }
        let moved = match &self.before {
            None => None,
            Some(before) => {
                let layers = network.convolutions();
                let moved = moved(before, &trace, &layers).await?;
                Some(layers.into_iter().map(str::to_owned).zip(moved).collect())
            }
        };
        self.found.stages.push(Stage {
            checkpoint: checkpoint.clone(),
            moved,
            units,
        });
        self.before = Some(trace);
        Ok(())
    }

    /// What was found so far.
    pub fn found(self) -> Growth {
        self.found
    }
}

async fn seen(network: &Network, trace: &Trace, of: &FeatureMap, rule: ReluRule) -> Result<Seen> {
    let frame = frame(network, trace, &of.layer, of.map, rule).await?;
    let place = [frame.unit.row, frame.unit.col];
    let view = View::of_unit(network.layer(&of.layer)?.field, place, network.frame());
    let tile = frame.projections.tiles(&[view]).await?.pop();
    Ok(Seen {
        answer: Answer {
            unit: frame.unit,
            activation: frame.activation,
        },
        tile: tile.ok_or_else(|| Error::Execution("no projection of a unit".into()))?,
    })
}
