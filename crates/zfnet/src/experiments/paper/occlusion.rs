//! Occlusion sensitivity (paper section 4.2, figure 7): what a covered square does to the strongest map of a layer and to
//! the classes, for every position of the square.

mod incremental;
mod occluder;
mod record;
mod settings;

use serde::{Deserialize, Serialize};

pub use self::occluder::Occluder;
pub use self::record::Entry;
pub use self::settings::{Settings, Strongest};
use crate::experiments::shared::{Experiment, Listener, Subject};
use crate::network::trace::Trace;
use crate::{Network, Result};

/// What is seen of one picture, covered or not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Sum of the watched map's answers, after the rectifier that follows.
    pub activity: f32,
    /// What the classifier says, where it is loaded.
    pub class: Option<Classified>,
}

/// What the classifier says of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Classified {
    /// Probability of the watched class.
    pub probability: f32,
    /// The most probable class.
    pub label: usize,
}

/// All that is seen with the square at one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// The watched map's sum, and what the classifier says.
    pub seen: Seen,
    /// Every class and its probability, the most probable first; none without a classifier.
    pub classes: Vec<(usize, f32)>,
    /// The watched map's answers, after the rectifier that follows, row by row.
    pub answers: Vec<f32>,
    /// The same without the square.
    pub uncovered: Vec<f32>,
    /// Rows and columns of the map.
    pub shape: [usize; 2],
}

/// A grid of positions, and what is seen with the square at each. It is read as [`Record`](crate::experiments::Record) writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "record::Written")]
pub struct Occlusion {
    /// What was asked for.
    pub settings: Settings,
    /// The layer that was watched.
    pub layer: String,
    /// Its map.
    pub map: usize,
    /// The class that was watched, where the classifier is loaded.
    pub class: Option<usize>,
    /// What is seen without a square.
    pub uncovered: Seen,
    /// Rows and columns of the grid.
    pub grid: [usize; 2],
    /// Top and left of the square, row by row of the grid.
    pub positions: Vec<[usize; 2]>,
    /// What is seen with the square there; `None` where it was cancelled before.
    pub seen: Vec<Option<Seen>>,
}

/// What some positions brought.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Places in the grid, row-major, that came with this step.
    pub fresh: &'a [usize],
    /// Everything that is known so far.
    pub so_far: &'a Occlusion,
}

/// Covers every position of the grid, coarse first, and tells `listener` of every batch, counted in positions.
///
/// `trace` is of the one picture that is not covered.
///
/// # Errors
/// Those of [`Occluder::new`], or [`Error::Execution`](crate::Error::Execution).
pub async fn occlude(
    network: &Network,
    trace: &Trace,
    settings: &Settings,
    mut listener: impl for<'a> Listener<Part<'a>>,
) -> Result<Occlusion> {
    let occluder = Occluder::new(network, trace, settings).await?;
    let mut occlusion = occluder.grid();
    let mut done = 0;
    for fresh in occluder.batches() {
        let corners: Vec<_> = fresh.iter().map(|at| occlusion.positions[*at]).collect();
        let seen = occluder.covered(&corners).await?;
        for (at, seen) in fresh.iter().zip(seen) {
            occlusion.seen[*at] = Some(seen);
        }
        done += fresh.len();
        let total = occlusion.positions.len();
        let part = Part {
            fresh: &fresh,
            so_far: &occlusion,
        };
        if !listener.goes_on(done, total, part).await {
            return Ok(occlusion);
        }
    }
    Ok(occlusion)
}

impl Experiment for Occlusion {
    const NAME: &'static str = "occlusion";
    type Ask = Settings;
    type Part<'a> = Part<'a>;

    fn usual(network: &Network) -> Settings {
        Settings::for_input(&network.model.input)
    }

    async fn ask(
        subject: Subject<'_>,
        ask: &Settings,
        listener: impl for<'a> Listener<Part<'a>>,
    ) -> Result<Self> {
        occlude(subject.network, subject.trace, ask, listener).await
    }
}

impl Occlusion {
    /// The watched map's sum at each position; not a number where none is known.
    pub fn activity(&self) -> Vec<f32> {
        self.numbers(|seen| Some(seen.activity))
    }

    /// The watched class's probability at each position; not a number where none is known.
    pub fn probability(&self) -> Vec<f32> {
        self.numbers(|seen| seen.class.map(|class| class.probability))
    }

    /// The most probable class at each position.
    pub fn label(&self) -> Vec<Option<usize>> {
        let label = |seen: &Option<Seen>| seen.and_then(|seen| seen.class).map(|class| class.label);
        self.seen.iter().map(label).collect()
    }

    fn numbers(&self, of: impl Fn(&Seen) -> Option<f32>) -> Vec<f32> {
        let number = |seen: &Option<Seen>| seen.as_ref().and_then(&of).unwrap_or(f32::NAN);
        self.seen.iter().map(number).collect()
    }
}
