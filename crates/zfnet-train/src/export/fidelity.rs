//! Whether projections are the same after a network was stored with fewer bits.

use serde::{Deserialize, Serialize};
use zfnet::{Network, Prepared, ReluRule, Targets, project};

use crate::measures::{UNITS, seen_by};
use crate::{Error, Result};

/// How much projections differ between two networks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// The layer whose units were projected.
    pub layer: String,
    /// Photographs that were looked at.
    pub photographs: usize,
    /// Units that were projected, on all photographs.
    pub units: usize,
    /// Peak signal to noise ratio in decibels, over all units together: the mean of their squared errors, each relative to the
    /// square of its projection's span from darkest to brightest. `None` when no pixel differs.
    pub psnr: Option<f64>,
    /// The same of the unit that differs most.
    pub worst: Option<f64>,
}

/// Compares the projections of a network with those of another with the same layers, photograph by photograph.
#[derive(Debug)]
pub struct Comparison<'a> {
    original: &'a Network,
    other: &'a Network,
    layer: String,
    photographs: usize,
    /// Relative squared error of each unit.
    errors: Vec<f64>,
}

impl<'a> Comparison<'a> {
    /// Begins; the last convolution's strongest units are compared, one of each of the five strongest maps.
    ///
    /// # Errors
    /// [`Error::Input`] when the original has no convolution.
    pub fn new(original: &'a Network, other: &'a Network) -> Result<Self> {
        let layer = original.convolutions().last().map(ToString::to_string);
        let layer = layer.ok_or_else(|| {
            Error::input(
                format!("network {}", original.model.name),
                "at least one convolution with its weights",
                "none",
            )
        })?;
        Ok(Self {
            original,
            other,
            layer,
            photographs: 0,
            errors: Vec::new(),
        })
    }

    /// Looks at one photograph: the original's strongest units, and the same units of the other.
    ///
    /// # Errors
    /// [`Error::Engine`] when the networks take no photographs, have other layers, or the device fails.
    pub fn look(&mut self, photograph: &Prepared) -> Result<()> {
        let frame @ [rows, cols] = self.original.frame();
        let trace = self.original.forward(photograph.tensor(self.original)?)?;
        let mut answers = pollster::block_on(trace.strongest(0, &[&self.layer]))?.concat();
        answers.retain(|answer| answer.activation > 0.0);
        answers.sort_by(|a, b| b.activation.total_cmp(&a.activation));
        answers.truncate(UNITS);
        self.photographs += 1;
        if answers.is_empty() {
            return Ok(());
        }
        let units = answers.iter().map(|answer| answer.unit.into()).collect();
        let targets = Targets::Units(self.layer.clone(), units);
        let frames = |network: &Network, trace: &zfnet::Trace| -> Result<Vec<Vec<f32>>> {
            let projections = project(network, trace, 0, &targets, ReluRule::Deconvnet)?;
            Ok(pollster::block_on(projections.on_whole_input(frame))?)
        };
        let original = frames(self.original, &trace)?;
        let trace = self.other.forward(photograph.tensor(self.other)?)?;
        let other = frames(self.other, &trace)?;
        let field = self.original.layer(&self.layer)?.field;
        for ((answer, original), other) in answers.iter().zip(&original).zip(&other) {
            let seen = seen_by(field, answer.unit, frame);
            let (mut low, mut high, mut error, mut count) = (f32::MAX, f32::MIN, 0.0, 0usize);
            let planes = original.chunks(rows * cols).zip(other.chunks(rows * cols));
            for (original, other) in planes {
                for (a, b) in seen.of(original, cols).zip(seen.of(other, cols)) {
                    (low, high) = (low.min(a), high.max(a));
                    error += f64::from(a - b).powi(2);
                    count += 1;
                }
            }
            let span = f64::from(high) - f64::from(low);
            // A projection of nothing has no span to compare an error with.
            if count > 0 && span > 0.0 {
                self.errors.push(error / count as f64 / (span * span));
            }
        }
        Ok(())
    }

    /// What was found.
    pub fn fidelity(self) -> Fidelity {
        let decibels = |error: f64| (error > 0.0).then(|| -10.0 * error.log10());
        let units = self.errors.len();
        let mean = self.errors.iter().sum::<f64>() / units.max(1) as f64;
        let largest = self.errors.iter().copied().fold(0.0, f64::max);
        Fidelity {
            layer: self.layer,
            photographs: self.photographs,
            units,
            psnr: decibels(mean),
            worst: decibels(largest),
        }
    }
}
