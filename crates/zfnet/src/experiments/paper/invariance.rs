//! Feature invariance (paper section 4, figure 5): how far features move, and how the probability of a class falls, when
//! a picture is translated, scaled or rotated.

mod record;
mod transformation;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::transformation::Transformation;
use crate::experiments::shared::class_score::scores_if_any;
use crate::experiments::shared::order::coarse_first;
use crate::experiments::shared::record::{class_index, floats};
use crate::experiments::shared::{Experiment, Listener, Subject};
use crate::network::trace::{Trace, ranked};
use crate::pictures::image::Prepared;
use crate::readback::Readback;
use crate::{Error, Network, Result};

/// What to do to a picture and where to look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "InvarianceSweep")]
pub struct Settings {
    /// What happens to the picture.
    pub transformation: Transformation,
    /// How far, once for each point of the curves.
    pub parameters: Vec<f32>,
    /// Layers whose answers, after the rectifier that follows, are compared.
    pub layers: Vec<String>,
    /// The class whose probability is watched; the most probable of the original if none is named.
    pub class: Option<usize>,
    /// Pictures that go through the network together, the original among them.
    pub batch: usize,
}

impl Settings {
    /// Pictures that usually go through the network together.
    pub const BATCH: usize = 16;

    /// The figure's own: its parameters, the first convolution, and the last hidden dense layer if it is loaded.
    pub fn figure(transformation: Transformation, network: &Network) -> Self {
        let convolutions = network.convolutions();
        let layers = convolutions.first().copied().into_iter();
        Self {
            transformation,
            parameters: transformation.figure(),
            layers: layers
                .chain(network.last_hidden_dense())
                .map(String::from)
                .collect(),
            class: None,
            batch: Self::BATCH,
        }
    }
}

/// The curves of one picture under one transformation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invariance {
    /// What happened to the picture.
    pub transformation: Transformation,
    /// How far, for each point.
    pub parameters: Vec<f32>,
    /// A curve for each layer that was asked for.
    pub layers: Vec<Curve>,
    /// The class that was watched, where the classifier is loaded.
    #[serde(deserialize_with = "class_index::if_any")]
    pub class: Option<usize>,
    /// Its probability at each point, where the classifier is loaded; not a number where it was cancelled before.
    #[serde(deserialize_with = "floats::if_any")]
    pub probability: Option<Vec<f32>>,
}

/// How far one layer's features moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The layer.
    pub layer: String,
    /// Length of the original's features.
    pub norm: f32,
    /// Euclidean distance of the transformed picture's features from the original's, at each point; not a number where it
    /// was cancelled before.
    #[serde(deserialize_with = "floats::deserialize")]
    pub distance: Vec<f32>,
}

/// The curves of one picture under several transformations.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweeps {
    /// What was asked for.
    pub settings: Vec<Settings>,
    /// What each of them found.
    pub found: Vec<Invariance>,
}

impl Experiment for Sweeps {
    const NAME: &'static str = "invariance";
    type Ask = Vec<Settings>;
    type Part<'a> = Part<'a>;

    fn usual(network: &Network) -> Vec<Settings> {
        let figure = |kind: Transformation| Settings::figure(kind, network);
        Transformation::ALL.map(figure).to_vec()
    }

    async fn ask(
        subject: Subject<'_>,
        ask: &Vec<Settings>,
        listener: impl for<'a> Listener<Part<'a>>,
    ) -> Result<Self> {
        Ok(Self {
            settings: ask.clone(),
            found: sweeps(subject.network, subject.prepared, ask, listener).await?,
        })
    }
}

impl Curve {
    /// The distances as multiples of the original's length; the distances themselves where that is 0.
    pub fn relative(&self) -> Vec<f32> {
        let unit = if self.norm > 0.0 { self.norm } else { 1.0 };
        self.distance
            .iter()
            .map(|distance| distance / unit)
            .collect()
    }
}

impl Invariance {
    /// Curves of which nothing is known yet.
    fn unknown(settings: &Settings) -> Self {
        let unknown = vec![f32::NAN; settings.parameters.len()];
        let curve = |layer: &String| Curve {
            layer: layer.clone(),
            norm: f32::NAN,
            distance: unknown.clone(),
        };
        Self {
            transformation: settings.transformation,
            parameters: settings.parameters.clone(),
            layers: settings.layers.iter().map(curve).collect(),
            class: settings.class,
            probability: None,
        }
    }
}

/// What some points of a sweep brought.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The place of the sweep that this step belongs to, among those that were asked for.
    pub sweep: usize,
    /// Places among the sweep's parameters that came with this step.
    pub fresh: &'a [usize],
    /// Everything that is known of this sweep so far.
    pub so_far: &'a Invariance,
}

/// Transforms a picture by every parameter of one or several sweeps, coarse first: every one of them is there roughly before
/// any is refined. Tells `listener` of every batch, counted in points of all sweeps.
///
/// The original goes through the network in every batch, so that both sides of a distance are computed the same way.
///
/// # Errors
/// [`Error::OutOfRange`] for a parameter that cannot be, a batch of fewer than 2, or a class that is not there;
/// [`Error::UnknownLayer`] for a layer that does not run, [`Error::NotLoaded`] for a class without a classifier, or
/// [`Error::Execution`].
pub async fn sweeps(
    network: &Network,
    picture: &Prepared,
    all: &[Settings],
    mut listener: impl for<'a> Listener<Part<'a>>,
) -> Result<Vec<Invariance>> {
    if let Some(Settings { batch, .. }) = all.iter().find(|settings| settings.batch < 2) {
        return Err(Error::refused(
            "pictures of a batch",
            "at least 2, the original and a transformed one",
            batch,
        ));
    }
    let input = &network.model.input;
    let mut found: Vec<Invariance> = all.iter().map(Invariance::unknown).collect();
    let total = all.iter().map(|settings| settings.parameters.len()).sum();
    let mut done = 0;
    for (sweep, fresh) in steps(all) {
        let Settings {
            transformation,
            parameters,
            ..
        } = &all[sweep];
        let mut planes = transformation.apply(transformation.identity(), picture, input)?;
        for point in &fresh {
            planes.extend(transformation.apply(parameters[*point], picture, input)?);
        }
        let trace = network.forward(network.input_of(planes)?)?;
        look(network, &trace, &fresh, &mut found[sweep]).await?;
        done += fresh.len();
        let part = Part {
            sweep,
            fresh: &fresh,
            so_far: &found[sweep],
        };
        if !listener.goes_on(done, total, part).await {
            break;
        }
    }
    Ok(found)
}

/// The batches of all sweeps in their order, each as the place of its sweep and places among that one's parameters.
fn steps(all: &[Settings]) -> Vec<(usize, Vec<usize>)> {
    let levels: Vec<_> = all
        .iter()
        .map(|settings| coarse_first(1, settings.parameters.len()))
        .collect();
    let depth = levels.iter().map(Vec::len).max().unwrap_or(0);
    let mut steps = Vec::new();
    for level in 0..depth {
        for (sweep, (settings, levels)) in all.iter().zip(&levels).enumerate() {
            let points: Vec<usize> = levels[level].iter().map(|[_, at]| *at).collect();
            let fresh = points.chunks(settings.batch - 1);
            steps.extend(fresh.map(|fresh| (sweep, fresh.to_vec())));
        }
    }
    steps
}

/// Enters what a batch of the original and some points shows.
async fn look(
    network: &Network,
    trace: &Trace,
    fresh: &[usize],
    found: &mut Invariance,
) -> Result<()> {
    let mut questions = Readback::default();
    for curve in &found.layers {
        let answer = trace.layer(&curve.layer)?.answer();
        let [pictures, maps, rows, cols] = answer.dims();
        let units = maps * rows * cols;
        let features = answer.reshape([pictures, units]);
        let original = features.clone().slice([0..1, 0..units]);
        let moved = features.slice([1..pictures, 0..units]) - original.clone();
        questions = questions.floats(squares(original)).floats(squares(moved));
    }
    let logits = scores_if_any(network, trace);
    let classes = logits.as_ref().map(|logits| logits.dims()[1]);
    match (found.class, classes, network.missing_in(trace)) {
        (Some(class), Some(count), _) if class >= count => {
            return Err(Error::out_of_range("class", count, class));
        }
        (Some(_), None, missing) => {
            return Err(network.not_loaded(missing.map_or("a class", |m| &m.layer.name)));
        }
        _ => (),
    }
    if let Some(logits) = logits {
        questions = questions.floats(logits);
    }
    let mut answers = questions.read().await?;
    for curve in &mut found.layers {
        curve.norm = answers.floats()?.first().map_or(f32::NAN, |sum| sum.sqrt());
        for (point, sum) in fresh.iter().zip(answers.floats()?) {
            curve.distance[*point] = sum.sqrt();
        }
    }
    if let Some(classes) = classes {
        let scores = answers.floats()?;
        let ranked = |scores| ranked(scores, network.model.scores);
        let mut pictures = scores.chunks(classes.max(1)).map(ranked);
        let original = pictures.next().unwrap_or_default();
        let class = found.class.or(original.first().map(|first| first.0));
        found.class = class;
        let unknown = || vec![f32::NAN; found.parameters.len()];
        let probability = found.probability.get_or_insert_with(unknown);
        for (point, ranked) in fresh.iter().zip(pictures) {
            let own = ranked.iter().find(|(index, _)| Some(*index) == class);
            probability[*point] = own.map_or(f32::NAN, |own| own.1);
        }
    }
    Ok(())
}

/// Each row's sum of squares, `[rows]`.
fn squares(features: Tensor<2>) -> Tensor<1> {
    let [rows, _] = features.dims();
    features.square().sum_dim(1).reshape([rows])
}
