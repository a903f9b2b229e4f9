//! Which maps answer here: of every layer the maps that answer more in a region of the picture than in the rest of it.
//!
//! Readers of lucid asked for the neurons of a region (github.com/tensorflow/lucid, issue 88). Raw answers cannot be compared:
//! one map's every answer is larger than another's largest, and a map that is loud everywhere says nothing of the region. So
//! maps are ranked by the correlation of their answers with the region itself, 1 inside and 0 outside, over the pixels of the
//! picture: the mean inside less the mean outside, by the map's deviation, times a factor that the region alone decides. It
//! lies between -1 and 1, does not heed how loud a map is, and changes its sign where inside and outside change places.
//!
//! A pixel belongs to the unit whose field's centre is nearest; units at the border have all that lies beyond their centre.

mod record;

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::record::{LayerFound, MapFound};
use crate::error::demand;
use crate::experiments::shared::covering::Rectangle;
use crate::experiments::shared::{Experiment, Listener, Subject};
use crate::network::plan::PlannedLayer;
use crate::network::trace::{Answer, Unit};
use crate::readback;
use crate::{Error, Network, Result};

/// Maps of each layer that are usually named.
const MAPS: usize = 8;
/// A map whose deviation is less than this share of its largest answer is the same everywhere, but for rounding.
const SAME: f64 = 1e-6;

/// What is asked about one picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "RegionAsk", deny_unknown_fields)]
pub struct Ask {
    /// The region, in pixels of the input.
    pub region: Rectangle,
    /// The layers, in the order of the answer; every convolution whose maps have more than one unit if none are named.
    #[serde(default)]
    pub layers: Option<Vec<String>>,
    /// Maps of each layer at most.
    #[serde(default = "usual_maps")]
    pub maps: usize,
}

fn usual_maps() -> usize {
    MAPS
}

/// What answers in a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answering {
    /// The region, in pixels of the input.
    pub region: Rectangle,
    /// The layers as far as they are known.
    pub layers: Vec<Level>,
}

/// A layer's maps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The layer.
    pub layer: String,
    /// How many maps it has.
    pub maps: usize,
    /// What each of them answers.
    #[serde(skip)]
    pub compared: Vec<Compared>,
    /// Those that answer more inside, the highest correlation first, of equals the first.
    pub found: Vec<Found>,
}

/// A map's answers inside and outside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Their mean over the pixels of the region.
    pub inside: f64,
    /// Their mean over all others.
    pub outside: f64,
    /// How they correlate with the region, from -1 to 1; 0 for a map that answers the same everywhere.
    pub correlation: f64,
}

/// A map that answers more inside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Its answers.
    #[serde(flatten)]
    pub compared: Compared,
    /// Its strongest unit in the region, among those with at least half of their pixels there; where there are none, among those
    /// with any.
    #[serde(flatten)]
    pub strongest: Answer,
}

impl Experiment for Answering {
    const NAME: &'static str = "region";
    type Ask = Ask;
    type Part<'a> = &'a Self;

    /// The middle of the picture, half as wide and high.
    fn usual(network: &Network) -> Ask {
        let [rows, cols] = network.frame();
        Ask {
            region: Rectangle {
                top: rows / 4,
                left: cols / 4,
                rows: rows.div_ceil(2),
                cols: cols.div_ceil(2),
            },
            layers: None,
            maps: MAPS,
        }
    }

    /// Tells of every layer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a region outside the input or all of it, for no layer or map, or a trace of several pictures,
    /// [`Error::UnknownLayer`], [`Error::NotLoaded`], [`Error::Architecture`] for a layer without places, or
    /// [`Error::Execution`].
    async fn ask(
        Subject { network, trace, .. }: Subject<'_>,
        ask: &Ask,
        mut listener: impl for<'a> Listener<&'a Self>,
    ) -> Result<Self> {
        let pictures = trace.pictures();
        demand(pictures == 1, "pictures of the trace", "1", pictures)?;
        demand(ask.maps > 0, "maps of each layer", "at least 1", ask.maps)?;
        check(ask.region, network.frame())?;
        let usual;
        let names = match &ask.layers {
            Some(names) => names,
            None => {
                usual = with_places(network);
                &usual
            }
        };
        let total = names.len();
        demand(total > 0, "layers of the region", "at least 1", total)?;
        for name in names {
            let at = network.plan.position(name)?;
            network.must_run(at)?;
            let [maps, rows, cols] = network.plan[at].output;
            if rows * cols == 1 {
                return Err(Error::Architecture {
                    layer: name.clone(),
                    expected: "maps with more than one unit".into(),
                    found: format!("{maps} maps of {rows}×{cols}"),
                });
            }
        }
        let mut answering = Self {
            region: ask.region,
            layers: Vec::with_capacity(total),
        };
        for name in names {
            let planned = network.layer(name)?;
            let answers = readback::floats(trace.layer(name)?.answer()).await?;
            let ground = Ground::new(planned, ask.region, network.frame());
            answering
                .layers
                .push(ground.level(name, &answers, ask.maps));
            let done = answering.layers.len();
            if !listener.goes_on(done, total, &answering).await {
                break;
            }
        }
        Ok(answering)
    }
}

/// Refuses a region that does not lie in the frame, and one outside which there is nothing.
fn check(region: Rectangle, frame: [usize; 2]) -> Result<()> {
    region.check("region", frame)?;
    demand(
        [region.rows, region.cols] != frame,
        "region",
        "a part of the picture, so that something lies outside",
        "all of it",
    )
}

/// The convolutions that run and have places.
fn with_places(network: &Network) -> Vec<String> {
    let names = network.convolutions().into_iter();
    let names = names.filter(|name| {
        let planned = network.layer(name);
        planned.is_ok_and(|planned| planned.output[1..] != [1, 1])
    });
    names.map(str::to_owned).collect()
}

/// How many pixels each unit of a map has, inside the region and in all.
struct Ground {
    cols: usize,
    /// For each unit, row by row.
    inside: Vec<f64>,
    whole: Vec<f64>,
    /// The share of the picture that the region is.
    share: f64,
    /// Units that are of the region, as [`Found::strongest`] says.
    within: Vec<usize>,
}

impl Ground {
    fn new(planned: &PlannedLayer, region: Rectangle, frame: [usize; 2]) -> Self {
        let [_, rows, cols] = planned.output;
        let begins = [region.top, region.left];
        let lengths = [region.rows, region.cols];
        // Pixels of each unit along an axis: those in the region, and all.
        let along = |axis: usize| -> Vec<[f64; 2]> {
            let from = begins[axis] as f64;
            let to = from + lengths[axis] as f64;
            let cells = cells(planned, axis, [rows, cols][axis], frame[axis]);
            let cells = cells.windows(2).map(|cell| {
                let shared = cell[1].min(to) - cell[0].max(from);
                [shared.max(0.0), cell[1] - cell[0]]
            });
            cells.collect()
        };
        let (down, across) = (along(0), along(1));
        let product = |part: usize| -> Vec<f64> {
            let mut units = Vec::with_capacity(rows * cols);
            for row in &down {
                units.extend(across.iter().map(|col| row[part] * col[part]));
            }
            units
        };
        let (inside, whole) = (product(0), product(1));
        let least = |wanted: f64| -> Vec<usize> {
            let units = 0..inside.len();
            let held = |at: &usize| inside[*at] > 0.0 && inside[*at] >= wanted * whole[*at];
            units.filter(held).collect()
        };
        let mut within = least(0.5);
        if within.is_empty() {
            within = least(0.0);
        }
        let share = (region.rows * region.cols) as f64 / (frame[0] * frame[1]) as f64;
        Self {
            cols,
            inside,
            whole,
            share,
            within,
        }
    }

    fn level(&self, layer: &str, answers: &[f32], most: usize) -> Level {
        let each: Vec<&[f32]> = answers.chunks(self.whole.len()).collect();
        let compared: Vec<Compared> = each.iter().map(|map| self.compare(map)).collect();
        let mut order: Vec<usize> = (0..compared.len())
            .filter(|map| compared[*map].correlation > 0.0)
            .collect();
        order.sort_by(|a, b| {
            let [a, b] = [a, b].map(|map| compared[*map].correlation);
            b.total_cmp(&a)
        });
        order.truncate(most);
        let found = order.into_iter().map(|map| Found {
            compared: compared[map],
            strongest: self.strongest(map, each[map]),
        });
        Level {
            layer: layer.to_owned(),
            maps: compared.len(),
            found: found.collect(),
            compared,
        }
    }

    fn compare(&self, map: &[f32]) -> Compared {
        let sum = |weights: &[f64], of: &dyn Fn(f64) -> f64| -> f64 {
            let terms = map.iter().zip(weights);
            terms
                .map(|(answer, weight)| of(f64::from(*answer)) * weight)
                .sum()
        };
        let pixels: f64 = self.whole.iter().sum();
        let total = sum(&self.whole, &|answer| answer);
        let within = sum(&self.inside, &|answer| answer);
        let [held, rest] = [self.share, 1.0 - self.share];
        let (inside, outside) = (within / (held * pixels), (total - within) / (rest * pixels));
        let mean = total / pixels;
        let square = sum(&self.whole, &|answer| (answer - mean).powi(2));
        let deviation = (square / pixels).sqrt();
        let largest = map.iter().fold(0f32, |most, answer| most.max(answer.abs()));
        let correlation = match deviation > SAME * f64::from(largest) {
            true => (inside - outside) * (held * rest).sqrt() / deviation,
            false => 0.0,
        };
        Compared {
            inside,
            outside,
            correlation,
        }
    }

    fn strongest(&self, map: usize, answers: &[f32]) -> Answer {
        let units = self.within.iter().copied().rev();
        let at = units
            .max_by(|a, b| answers[*a].total_cmp(&answers[*b]))
            .unwrap_or_default();
        Answer {
            unit: Unit {
                map,
                row: at / self.cols,
                col: at % self.cols,
            },
            activation: answers[at],
        }
    }
}

/// Where the pixels of one unit end along an axis and those of the next begin, from 0 to the frame's length.
///
/// Where units see everything, and so have no centre of their own, they share the frame evenly.
fn cells(planned: &PlannedLayer, axis: usize, units: usize, frame: usize) -> Vec<f64> {
    let (field, length) = (planned.field, frame as f64);
    let border = |at: usize| {
        if field.is_everything() {
            return length * at as f64 / units as f64;
        }
        let first = field.offset[axis] as f64 + field.size[axis] as f64 / 2.0;
        first + field.stride[axis] as f64 * (at as f64 - 0.5)
    };
    (0..=units)
        .map(|at| match at {
            0 => 0.0,
            last if last == units => length,
            _ => border(at).clamp(0.0, length),
        })
        .collect()
}
