//! How pictures enter a network of which nobody says: the four usual ways, each tried on a few pictures.
//!
//! A file of another program holds operations and numbers, and not what its makers did to a picture before. What the network
//! makes of pictures under each way shows it: the right one gives the right names. How sure it is does not alone decide, since
//! numbers that are too large for a network make it sure of anything.

use serde::{Deserialize, Serialize};
use serde_json::json;
use zfnet_typescript::TypeScript;

use crate::error::demand;
use crate::experiments::shared::Listener;
use crate::experiments::shared::class_score::scores;
use crate::network::model::{Channels, Input, Model};
use crate::network::trace::ranked;
use crate::pictures::image::Prepared;
use crate::{Network, Result, readback};

/// Under which key of a model's provenance it stands how pictures enter, where its makers do not say: [`GUESSED`], or the
/// [`Preprocessing`] that somebody chose.
pub const KEY: &str = "preprocessing";
/// What stands there before anybody chose.
pub const GUESSED: &str = "guessed";

/// A usual way for a picture to enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "kebab-case")]
pub enum Preprocessing {
    /// Red first, from 0 to 1, less ImageNet's mean, by its deviation: torchvision, timm, gluon.
    Torchvision,
    /// Blue first, from 0 to 255, less ImageNet's mean: Caffe.
    Caffe,
    /// Red first, from 0 to 1.
    ZeroToOne,
    /// Red first, from -1 to 1: TensorFlow.
    MinusOneToOne,
}

impl Preprocessing {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Torchvision,
        Self::Caffe,
        Self::ZeroToOne,
        Self::MinusOneToOne,
    ];

    /// The name of options, JSON and links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Torchvision => "torchvision",
            Self::Caffe => "caffe",
            Self::ZeroToOne => "zero-to-one",
            Self::MinusOneToOne => "minus-one-to-one",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The same input, of the same size and part of the picture, entering this way.
    #[must_use]
    pub fn input(self, input: &Input) -> Input {
        let (channels, range, mean, std) = match self {
            Self::Torchvision => (
                Channels::Rgb,
                1.0,
                [0.485, 0.456, 0.406],
                [0.229, 0.224, 0.225],
            ),
            Self::Caffe => (Channels::Bgr, 255.0, [103.939, 116.779, 123.68], [1.0; 3]),
            Self::ZeroToOne => (Channels::Rgb, 1.0, [0.0; 3], [1.0; 3]),
            Self::MinusOneToOne => (Channels::Rgb, 1.0, [0.5; 3], [0.5; 3]),
        };
        // A network of grey pictures takes the mean of the three.
        let of = |three: [f32; 3]| match input.mean.len() {
            1 => vec![three.iter().sum::<f32>() / 3.0],
            _ => three.to_vec(),
        };
        Input {
            channels,
            range,
            mean: of(mean),
            std: of(std),
            ..input.clone()
        }
    }

    /// The network with pictures entering this way, which is written down with it.
    #[must_use]
    pub fn of(self, network: &Network) -> Network {
        let mut other = network.with_mean(None);
        other.model.input = self.input(&network.model.input);
        other.model.provenance[KEY] = json!(self.name());
        other
    }
}

/// Whether it is a guess how pictures enter.
pub fn is_guessed(model: &Model) -> bool {
    model.provenance[KEY] == GUESSED
}

/// What a network says of pictures that enter in one way.
#[derive(Debug, Clone, PartialEq, Serialize, TypeScript)]
#[serde(rename = "PreprocessingTried")]
pub struct Tried {
    /// The way.
    pub preprocessing: Preprocessing,
    /// What it says of each picture, in their order.
    pub said: Vec<Said>,
    /// The mean of their probabilities.
    pub confidence: f64,
}

/// What a network says of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TypeScript)]
#[serde(rename = "PreprocessingSaid")]
pub struct Said {
    /// The class with the highest score.
    pub class: usize,
    /// Its share, as the network's scores make shares.
    pub probability: f32,
}

/// Tries every way on pictures that were prepared for the network, and tells of each.
///
/// # Errors
/// [`Error::OutOfRange`](crate::Error::OutOfRange) without a picture, [`Error::NotLoaded`](crate::Error::NotLoaded) without a
/// classifier, [`Error::Architecture`](crate::Error::Architecture) for a network that gives no scores or takes no photographs,
/// or [`Error::Execution`](crate::Error::Execution).
pub async fn try_each(
    network: &Network,
    pictures: &[Prepared],
    mut listener: impl for<'a> Listener<&'a [Tried]>,
) -> Result<Vec<Tried>> {
    let count = pictures.len();
    demand(count > 0, "pictures to try", "at least 1", count)?;
    let total = Preprocessing::ALL.len();
    let mut tried = Vec::with_capacity(total);
    for preprocessing in Preprocessing::ALL {
        let network = preprocessing.of(network);
        let mut said = Vec::with_capacity(count);
        for picture in pictures {
            let trace = network.forward(picture.tensor(&network)?)?;
            let logits = readback::floats(scores(&network, &trace)?).await?;
            let first = ranked(&logits, network.model.scores).into_iter().next();
            said.extend(first.map(|(class, probability)| Said { class, probability }));
        }
        let sum: f64 = said.iter().map(|one| f64::from(one.probability)).sum();
        tried.push(Tried {
            preprocessing,
            confidence: sum / count as f64,
            said,
        });
        if !listener.goes_on(tried.len(), total, &tried).await {
            break;
        }
    }
    Ok(tried)
}
