//! Whether a network is worth looking into: numbers for what one sees in its filters and projections.
//!
//! A network can be right about its classes and still show noise on every layer. Three measures tell the two apart:
//!
//! - **High frequencies**: of the energy of all filters of the first convolution, the share above [`LIMIT`] cycles per pixel.
//!   Each channel of each filter goes through the discrete Fourier transform at its own size (7×7), neither padded nor freed
//!   of its mean: a blob of one colour counts as low. White noise has 0.73, blobs next to nothing, edges and gratings lie
//!   between.
//! - **Correlation**: of the magnitude of a projection, blurred by a Gaussian of [`BLUR`] pixels, with the photograph's edge
//!   magnitude (Sobel, all three colours), inside the unit's receptive field as far as it lies in the picture.
//! - **Area**: the share of that field's pixels that holds [`HELD`] of the projection's energy. A projection that is everywhere
//!   shows nothing.
//!
//! The last two are means over photographs and, in each, over the strongest unit of each of the [`UNITS`] strongest maps of a
//! middle convolution and of the last (conv3 and conv5), projected by the deconvnet's rule.

mod filters;
mod signal;

use serde::{Deserialize, Serialize};
use zfnet::network::architecture::{Conv, Op, ReceptiveField};
use zfnet::{Network, Prepared, ReluRule, Targets, Unit, project};

use crate::{Error, Result};
use signal::Area;

pub use filters::{Filters, LIMIT, NEGLIGIBLE, high_frequencies};

/// Standard deviation, in pixels of the input, of the blur of a projection's magnitude.
pub const BLUR: f32 = 2.0;
/// The share of a projection's energy whose area is measured.
pub const HELD: f64 = 0.9;
/// How many of a layer's maps are projected for a photograph.
pub const UNITS: usize = 5;
/// What was measured on a set of photographs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Photographs that were looked at.
    pub photographs: usize,
    /// The first convolution's filters.
    pub filters: Filters,
    /// Projections from a middle convolution and from the last.
    pub projections: Vec<Projected>,
    /// Every convolution's maps that never fired.
    pub silent: Vec<Silent>,
}

/// Projections of one layer's strongest units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Projected {
    /// The layer.
    pub layer: String,
    /// Units that were projected, on all photographs.
    pub units: usize,
    /// Mean correlation with the photographs' edges; `None` when no unit has one.
    pub correlation: Option<f64>,
    /// Mean share of the receptive field that holds [`HELD`] of the energy; `None` when no unit projects to anything.
    pub area: Option<f64>,
}

/// Maps of a layer whose answer was zero everywhere on every photograph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silent {
    /// The layer.
    pub layer: String,
    /// Number of its maps.
    pub maps: usize,
    /// Those that never fired.
    pub silent: Vec<usize>,
}

/// Measures a network on one photograph after the other.
#[derive(Debug)]
pub struct Gauge<'a> {
    network: &'a Network,
    photographs: usize,
    filters: Filters,
    projections: Vec<(Projected, Mean, Mean)>,
    /// Whether each map of each convolution has fired.
    fired: Vec<(String, Vec<bool>)>,
}

/// A mean that is being taken.
#[derive(Debug, Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        self.sum += value.unwrap_or(0.0);
        self.count += usize::from(value.is_some());
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl<'a> Gauge<'a> {
    /// Begins, and measures the filters.
    ///
    /// # Errors
    /// [`Error::Input`] when the network has no convolution, [`Error::Engine`] when the device fails.
    pub fn new(network: &'a Network) -> Result<Self> {
        let convolutions = network.convolutions();
        let Some(first) = convolutions.first() else {
            return Err(Error::input(
                format!("network {}", network.model.name),
                "at least one convolution with its weights",
                "none",
            ));
        };
        let chosen = [
            convolutions[(convolutions.len() - 1) / 2],
            convolutions[convolutions.len() - 1],
        ];
        let chosen = if chosen[0] == chosen[1] {
            &chosen[..1]
        } else {
            &chosen[..]
        };
        let projected = |layer: &&str| {
            let none = Projected {
                layer: (*layer).to_owned(),
                units: 0,
                correlation: None,
                area: None,
            };
            (none, Mean::default(), Mean::default())
        };
        let planned = network.plan.iter();
        let fired = planned
            .filter(|planned| convolutions.contains(&planned.layer.name.as_str()))
            .filter_map(|planned| match planned.layer.op {
                Op::Conv(Conv { out, .. }) => Some((planned.layer.name.clone(), vec![false; out])),
                _ => None,
            });
        Ok(Self {
            network,
            photographs: 0,
            filters: Filters::of(network, first)?,
            projections: chosen.iter().map(projected).collect(),
            fired: fired.collect(),
        })
    }

    /// Looks at one photograph.
    ///
    /// # Errors
    /// [`Error::Engine`] when the network takes no photographs or the device fails.
    pub fn look(&mut self, photograph: &Prepared) -> Result<()> {
        let network = self.network;
        let trace = network.forward(photograph.tensor(network)?)?;
        let layers: Vec<&str> = self.fired.iter().map(|(layer, _)| layer.as_str()).collect();
        let strongest = pollster::block_on(trace.strongest(0, &layers))?;
        let frame = network.frame();
        let edges = signal::edges(&planes(photograph), frame);
        for (projected, correlation, area) in &mut self.projections {
            let Some(at) = layers.iter().position(|layer| *layer == projected.layer) else {
                continue;
            };
            let mut answers = strongest[at].clone();
            answers.retain(|answer| answer.activation > 0.0);
            answers.sort_by(|a, b| b.activation.total_cmp(&a.activation));
            answers.truncate(UNITS);
            if answers.is_empty() {
                continue;
            }
            let units = answers.iter().map(|answer| answer.unit.into()).collect();
            let targets = Targets::Units(projected.layer.clone(), units);
            let projections = project(network, &trace, 0, &targets, ReluRule::Deconvnet)?;
            let pixels = pollster::block_on(projections.on_whole_input(frame))?;
            let field = network.layer(&projected.layer)?.field;
            for (answer, pixels) in answers.iter().zip(&pixels) {
                let seen = seen_by(field, answer.unit, frame);
                let magnitude = signal::magnitude(pixels, frame);
                let smooth = signal::blurred(&magnitude, frame, BLUR);
                projected.units += 1;
                let extent = signal::extent(&magnitude, frame[1], seen, HELD);
                area.add(extent);
                correlation
                    .add(extent.and_then(|_| signal::correlation(&smooth, &edges, frame[1], seen)));
            }
        }
        for ((_, fired), answers) in self.fired.iter_mut().zip(&strongest) {
            for (fired, answer) in fired.iter_mut().zip(answers) {
                *fired |= answer.activation > 0.0;
            }
        }
        self.photographs += 1;
        Ok(())
    }

    /// Photographs that were looked at so far.
    pub fn photographs(&self) -> usize {
        self.photographs
    }

    /// What has been measured.
    ///
    /// # Errors
    /// [`Error::Input`] when there was no photograph.
    pub fn measures(self) -> Result<Measures> {
        if self.photographs == 0 {
            return Err(Error::input(
                "photographs",
                "at least one that can be read",
                "none",
            ));
        }
        let silent = self.fired.into_iter().map(|(layer, fired)| Silent {
            layer,
            maps: fired.len(),
            silent: (0..fired.len()).filter(|map| !fired[*map]).collect(),
        });
        let projections = self.projections.into_iter();
        let projections = projections.map(|(projected, correlation, area)| Projected {
            correlation: correlation.value(),
            area: area.value(),
            ..projected
        });
        Ok(Measures {
            photographs: self.photographs,
            filters: self.filters,
            projections: projections.collect(),
            silent: silent.collect(),
        })
    }
}

/// Measures a network on photographs from start to end.
///
/// # Errors
/// As [`Gauge::look`]; [`Error::Input`] when there is no photograph.
pub fn measure<'p>(
    network: &Network,
    photographs: impl IntoIterator<Item = &'p Prepared>,
) -> Result<Measures> {
    let mut gauge = Gauge::new(network)?;
    for photograph in photographs {
        gauge.look(photograph)?;
    }
    gauge.measures()
}

/// The part of the frame that a unit sees.
pub(crate) fn seen_by(field: ReceptiveField, unit: Unit, frame: [usize; 2]) -> Area {
    let place = [unit.row, unit.col];
    let start = [0, 1].map(|a| field.offset[a] + (field.stride[a] * place[a]) as isize);
    let inside = |at: isize, a: usize| at.clamp(0, frame[a] as isize) as usize;
    Area {
        from: [0, 1].map(|a| inside(start[a], a)),
        to: [0, 1].map(|a| inside(start[a] + field.size[a] as isize, a)),
    }
}

/// A photograph's pixels, planar.
fn planes(photograph: &Prepared) -> Vec<f32> {
    let pixels = || photograph.rgb.pixels();
    (0..3)
        .flat_map(|channel| pixels().map(move |pixel| f32::from(pixel.0[channel])))
        .collect()
}

#[cfg(test)]
mod tests;
