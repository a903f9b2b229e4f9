//! What a network attends to, and what is left of a class's score when that is taken out of the picture (GAIN: Li et al.
//! 2018, *Tell Me Where to Look*).
//!
//! The attention map is Grad-CAM's of the maps that a head averages, which is CAM's, else of the last convolution, from 0 to 1. If
//! the map shows all that the score rests on, little of the score is left; [`mine`] is how a head is trained towards that.

mod attention;
mod mining;
mod record;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::attention::Attention;
pub use self::mining::{Mined, Mining, Wanted, mine};
use crate::error::demand;
use crate::experiments::shared::Listener;
use crate::experiments::shared::class_score::{scores, weighed_maps};
use crate::network::Network;
use crate::network::model::Scores;
use crate::network::plan::Source;
use crate::network::trace::{Trace, ranked};
use crate::readback::{self, Readback};
use crate::{Error, Result};

/// How an attention map becomes what is taken out: the share `1 / (1 + exp(-omega (map - sigma)))` of each pixel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "AttentionThreshold", default, deny_unknown_fields)]
pub struct Threshold {
    /// How sharp the edge is.
    pub omega: f64,
    /// Where it lies, between the least attention, 0, and the most, 1.
    pub sigma: f64,
}

impl Default for Threshold {
    /// The constants of common implementations; the paper states none.
    fn default() -> Self {
        Self {
            omega: 10.0,
            sigma: 0.5,
        }
    }
}

impl Threshold {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::OutOfRange`].
    pub fn check(&self) -> Result<()> {
        let fits = |value: f64, most: f64| value.is_finite() && (0.0..=most).contains(&value);
        demand(
            fits(self.omega, 1e6) && fits(self.sigma, 1.0),
            "threshold of the attention",
            "omega from 0 to 1000000, sigma from 0 to 1",
            format!("omega {}, sigma {}", self.omega, self.sigma),
        )
    }
}

/// What a network says of a class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "AttentionSaid")]
pub struct Said {
    /// The class's score, before the softmax.
    pub score: f32,
    /// Its probability.
    pub probability: f32,
}

/// What a network attends to in a picture, and what is left without it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attended {
    /// The class.
    pub class: usize,
    /// Rows and columns of the input.
    pub size: [usize; 2],
    /// The attention map from 0 to 1, `[rows, cols]`; 0 everywhere where nothing speaks for the class.
    pub map: Vec<f32>,
    /// The share of each pixel that is taken out, `[rows, cols]`.
    pub share: Vec<f32>,
    /// The picture without that share, as it enters the network: `[channels, rows, cols]`.
    pub removed: Vec<f32>,
    /// Of the whole picture.
    pub before: Said,
    /// Of the picture without what the network attends to; not known until the second pass.
    pub after: Option<Said>,
}

/// Of the picture, and of what is left of it.
const PASSES: usize = 2;

/// Asks what a network attends to in the one picture of a trace when it names a class.
///
/// `listener` hears of each pass: the map after the first, all after the second. `None` is the answer when it says to stop.
///
/// # Errors
/// [`Error::NotLoaded`] without a classifier, [`Error::Architecture`] for a network without convolutions or scores,
/// [`Error::OutOfRange`] for a class, a threshold or a trace of several pictures that do not fit, or [`Error::Execution`].
pub async fn attend(
    network: &Network,
    trace: &Trace,
    class: usize,
    threshold: &Threshold,
    mut listener: impl for<'a> Listener<&'a Attended>,
) -> Result<Option<Attended>> {
    threshold.check()?;
    if trace.pictures() != 1 {
        return Err(Error::refused(
            "pictures of the trace",
            "1",
            trace.pictures(),
        ));
    }
    let [_, _, rows, cols] = trace.input.dims();
    let attention = Attention::new(weighed(network, trace, class)?, [rows, cols], threshold);
    let removed = attention.removed_from(trace.input.clone());
    let mut answers = Readback::default()
        .floats(attention.map.clone())
        .floats(attention.share.clone())
        .floats(removed.clone())
        .floats(scores(network, trace)?)
        .read()
        .await?;
    let mut found = Attended {
        class,
        size: [rows, cols],
        map: answers.floats()?,
        share: answers.floats()?,
        removed: answers.floats()?,
        before: said(&answers.floats()?, network.model.scores, class)?,
        after: None,
    };
    if !listener.goes_on(1, PASSES, &found).await {
        return Ok(None);
    }
    let without = network.forward(removed)?;
    let left = readback::floats(scores(network, &without)?).await?;
    found.after = Some(said(&left, network.model.scores, class)?);
    Ok(listener
        .goes_on(PASSES, PASSES, &found)
        .await
        .then_some(found))
}

/// Σ mean derivative · map of what is averaged, or of the last convolution's answers, `[1, 1, rows, cols]`; signed.
fn weighed(network: &Network, trace: &Trace, class: usize) -> Result<Tensor<4>> {
    let [_, classes] = scores(network, trace)?.dims();
    if class >= classes {
        return Err(Error::out_of_range("class", classes, class));
    }
    let averaged = network
        .averaging()
        .ok()
        .map(|of| network.plan.source(of.gap));
    if let Some(Source::Layer(at)) = averaged {
        return Ok(weighed_maps(network, trace, class, at));
    }
    let convolutions = network.convolutions();
    let layer = convolutions.last().ok_or_else(|| Error::Architecture {
        layer: network.plan.first().layer.name.clone(),
        expected: "a convolution, whose maps show where the network looks".into(),
        found: "none".into(),
    })?;
    let at = network.plan.activation(trace.position(layer)?);
    Ok(weighed_maps(network, trace, class, at))
}

fn said(scores: &[f32], kind: Scores, class: usize) -> Result<Said> {
    let score = scores.get(class).copied();
    let probability = ranked(scores, kind)
        .into_iter()
        .find(|(index, _)| *index == class);
    match (score, probability) {
        (Some(score), Some((_, probability))) => Ok(Said { score, probability }),
        _ => Err(Error::out_of_range("class", scores.len(), class)),
    }
}
