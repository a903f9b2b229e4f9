//! A few maps of a network through its training, on one photograph.

use indicatif::ProgressBar;
use zfnet::experiments::paper::evolution;
use zfnet::geometry::view::View;
use zfnet::{Answer, Network, Prepared, Trace};

use super::history::History;
use crate::device::wait;
use crate::failure::bad_input;
use crate::lens::Lens;
use crate::options::Rule;

/// A feature map that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) layer: String,
    pub(super) map: usize,
}

/// The maps, and what became of them.
pub(super) struct Growth {
    pub(super) subjects: Vec<Subject>,
    /// One for each checkpoint.
    pub(super) stages: Vec<Stage>,
}

/// What one checkpoint says about the photograph.
pub(super) struct Stage {
    /// How far the answers of every convolution went since the checkpoint before.
    pub(super) moved: Option<Vec<f32>>,
    /// One for each subject.
    pub(super) tiles: Vec<Tile>,
}

/// The strongest unit of a subject in one checkpoint.
pub(super) struct Tile {
    pub(super) answer: Answer,
    /// Its projection on what the unit sees.
    pub(super) seen: zfnet::deconvnet::tile::Tile,
}

impl Tile {
    /// Whether the map does not answer to the photograph at all; its projection is zero then.
    pub(super) fn is_silent(&self) -> bool {
        self.answer.activation <= 0.0
    }
}

impl Growth {
    /// Asks one checkpoint after the other; the weights of each are gone before the next one's come.
    ///
    /// # Errors
    /// When a checkpoint cannot be read, or the device fails.
    pub(super) fn follow(
        lens: &Lens,
        history: &History,
        prepared: &Prepared,
        subjects: Vec<Subject>,
        rule: Rule,
        bar: &ProgressBar,
    ) -> anyhow::Result<Self> {
        let layers = lens.network().convolutions();
        let mut before: Option<Trace> = None;
        let mut stages = Vec::new();
        for checkpoint in history.checkpoints() {
            let network = history.read(checkpoint, lens.network())?;
            let trace = network.forward(prepared.tensor(&network)?)?;
            let tiles = subjects
                .iter()
                .map(|subject| tile(lens, &network, &trace, subject, rule))
                .collect::<anyhow::Result<_>>()?;
            let moved = match &before {
                Some(before) => Some(wait(evolution::moved(before, &trace, &layers))?),
                None => None,
            };
            stages.push(Stage { moved, tiles });
            before = Some(trace);
            bar.inc(1);
        }
        Ok(Self { subjects, stages })
    }
}

fn tile(
    lens: &Lens,
    network: &Network,
    trace: &Trace,
    subject: &Subject,
    rule: Rule,
) -> anyhow::Result<Tile> {
    let Subject { layer, map } = subject;
    let frame = wait(evolution::frame(network, trace, layer, *map, rule.engine()))?;
    let place = [frame.unit.row, frame.unit.col];
    let view = View::of_unit(network.layer(layer)?.field, place, lens.frame());
    let seen = wait(frame.projections.tiles(&[view]))?
        .pop()
        .ok_or_else(|| bad_input(layer, "one projection", "none"))?;
    Ok(Tile {
        answer: Answer {
            unit: frame.unit,
            activation: frame.activation,
        },
        seen,
    })
}
