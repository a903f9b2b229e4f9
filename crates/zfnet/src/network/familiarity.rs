//! Whether a picture is of what a network was trained on: probabilities add up to one whatever the picture, so they are no
//! measure of that.
//!
//! Two things are: how large the scores are together (energy, Liu et al. 2020), and how near the strongest activations of
//! a layer's maps lie to the mean of the nearest class, each map in units of its own deviation within classes (Lee et al.
//! 2018, with a diagonal covariance). Either is counted as the share of known pictures that it fits better than, and so is
//! the mean of both.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::error::demand;
use crate::network::plan::Plan;
use crate::network::trace::Trace;
use crate::{Error, Result};

/// What a network has learnt of the pictures it knows; part of its weights' description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Familiarity {
    /// The layer whose maps are compared.
    layer: String,
    /// For each class, the mean of each map's strongest activation over the class's training pictures.
    means: Vec<Vec<f32>>,
    /// For each map, the variance of its strongest activation within the classes.
    variances: Vec<f32>,
    /// What known pictures that the network was not trained on have, from the smallest to the largest.
    energies: Vec<f32>,
    /// Distances, likewise.
    distances: Vec<f32>,
    /// Means of both shares, likewise.
    fits: Vec<f32>,
}

/// How well a picture fits what a network knows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TypeScript)]
pub struct Fit {
    /// Share of the known pictures, from 0 to 1, that fit less well.
    pub share: f32,
    /// Whether so few do that nothing the network knows can be said to fit.
    pub strange: bool,
}

/// Fewer known pictures than this fit less well than a strange one. On the bundled network it names two thirds of the
/// pictures of other things, and not one in five of known ones.
const STRANGE: f32 = 0.18;
/// How many numbers stand for the distribution of known pictures.
const QUANTILES: usize = 101;
/// Of a map's variance, so much of the mean of all is added: a map that hardly ever varies must not decide alone.
const FLOOR: f32 = 0.01;

/// The strongest activation of each map of a layer, and the scores, of one picture.
#[derive(Debug, Clone)]
pub struct Seen {
    /// One number for each map.
    pub strongest: Vec<f32>,
    /// One number for each class.
    pub logits: Vec<f32>,
}

impl Seen {
    /// What a picture of a batch has left in a network: the maps of `layer`, and its scores.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::OutOfRange`] for the picture, or [`Error::Execution`].
    pub async fn of(trace: &Trace, picture: usize, layer: &str, logits: &[f32]) -> Result<Self> {
        let strongest = trace.strongest(picture, &[layer]).await?;
        let maps = strongest.iter().flatten().map(|answer| answer.activation);
        Ok(Self {
            strongest: maps.collect(),
            logits: logits.into(),
        })
    }

    fn must_have(&self, maps: usize, classes: usize) -> Result<()> {
        let found = [self.strongest.len(), self.logits.len()];
        demand(maps == found[0], "maps", maps, found[0])?;
        demand(classes == found[1], "classes", classes, found[1])
    }
}

impl Familiarity {
    /// Learns it: classes from training pictures, each with its class, and how far pictures may differ from known ones that
    /// the network has not seen.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a class without a picture, for numbers that differ in their length, or without any known picture.
    pub fn learn(layer: &str, training: &[(Seen, usize)], known: &[Seen]) -> Result<Self> {
        let first = training.first().map(|(seen, _)| seen);
        let (maps, classes) =
            first.map_or((0, 0), |seen| (seen.strongest.len(), seen.logits.len()));
        let all = training.iter().map(|(seen, _)| seen).chain(known);
        for seen in all {
            seen.must_have(maps, classes)?;
        }
        demand(!known.is_empty(), "known pictures", "at least 1", 0)?;
        let mut counts = vec![0usize; classes];
        let mut means = vec![vec![0f64; maps]; classes];
        for (seen, class) in training {
            let mean = means
                .get_mut(*class)
                .ok_or_else(|| Error::out_of_range("class of a picture", classes, *class))?;
            counts[*class] += 1;
            for (sum, value) in mean.iter_mut().zip(&seen.strongest) {
                *sum += f64::from(*value);
            }
        }
        for (class, (mean, count)) in means.iter_mut().zip(&counts).enumerate() {
            let subject = format!("training pictures of class {class}");
            demand(*count > 0, subject, "at least 1", 0)?;
            mean.iter_mut().for_each(|sum| *sum /= *count as f64);
        }
        let mut variances = vec![0f64; maps];
        for (seen, class) in training {
            let own = variances
                .iter_mut()
                .zip(&seen.strongest)
                .zip(&means[*class]);
            for ((sum, value), mean) in own {
                *sum += (f64::from(*value) - mean).powi(2) / training.len() as f64;
            }
        }
        let floor = f64::from(FLOOR) * variances.iter().sum::<f64>() / maps.max(1) as f64;
        let mut found = Self {
            layer: layer.into(),
            means: means
                .iter()
                .map(|mean| mean.iter().map(|value| short_float(*value)).collect())
                .collect(),
            variances: variances
                .iter()
                .map(|variance| {
                    short_float((variance + floor).max(f64::MIN_POSITIVE)).max(f32::MIN_POSITIVE)
                })
                .collect(),
            energies: Vec::new(),
            distances: Vec::new(),
            fits: Vec::new(),
        };
        found.energies = quantiles(known.iter().map(|seen| energy(&seen.logits)).collect());
        found.distances = quantiles(
            known
                .iter()
                .map(|seen| found.distance(&seen.strongest))
                .collect(),
        );
        found.fits = quantiles(known.iter().map(|seen| found.fit(seen)).collect());
        Ok(found)
    }

    /// The layer whose maps are compared.
    pub fn layer(&self) -> &str {
        &self.layer
    }

    /// Refuses what was learnt of other maps or classes than those of a network.
    ///
    /// # Errors
    /// [`Error::Weights`].
    pub(crate) fn check(&self, plan: &Plan) -> Result<()> {
        let unfit = |expected: String, found: String| {
            Err(Error::weights("known pictures", expected, found))
        };
        let Some(layer) = plan.iter().find(|planned| planned.layer.name == self.layer) else {
            return unfit("a layer of the network".into(), self.layer.clone());
        };
        let maps = layer.output[0];
        let classes = plan.output().output[0];
        if self.means.len() != classes {
            return unfit(format!("{classes} classes"), self.means.len().to_string());
        }
        let mut rows = self.means.iter().chain([&self.variances]);
        if let Some(row) = rows.find(|row| row.len() != maps) {
            return unfit(format!("{maps} maps"), row.len().to_string());
        }
        Ok(())
    }

    /// How well a picture fits.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when the network has other maps or classes.
    pub fn of(&self, seen: &Seen) -> Result<Fit> {
        seen.must_have(self.variances.len(), self.means.len())?;
        let share = below(&self.fits, self.fit(seen));
        Ok(Fit {
            share,
            strange: share < STRANGE,
        })
    }

    fn fit(&self, seen: &Seen) -> f32 {
        let near = 1.0 - below(&self.distances, self.distance(&seen.strongest));
        (below(&self.energies, energy(&seen.logits)) + near) / 2.0
    }

    fn distance(&self, strongest: &[f32]) -> f32 {
        let to = |mean: &Vec<f32>| -> f32 {
            let maps = strongest.iter().zip(mean).zip(&self.variances);
            maps.map(|((value, mean), variance)| (value - mean).powi(2) / variance)
                .sum()
        };
        self.means.iter().map(to).fold(f32::INFINITY, f32::min)
    }
}

/// Logarithm of the sum of the exponentials.
fn energy(logits: &[f32]) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    highest
        + logits
            .iter()
            .map(|logit| (logit - highest).exp())
            .sum::<f32>()
            .ln()
}

/// Evenly spaced ones, from the least to the most.
fn quantiles(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_by(f32::total_cmp);
    let last = values.len() - 1;
    (0..QUANTILES)
        .map(|at| {
            let place = (at * last) as f32 / (QUANTILES - 1) as f32;
            let (low, high) = (
                values[place.floor() as usize],
                values[place.ceil() as usize],
            );
            low + (high - low) * place.fract()
        })
        .collect()
}

/// Share of a distribution that lies below a value, between quantiles in proportion.
fn below(quantiles: &[f32], value: f32) -> f32 {
    let at = quantiles.partition_point(|quantile| *quantile < value);
    if at == 0 || at == quantiles.len() {
        return if at == 0 { 0.0 } else { 1.0 };
    }
    let (low, high) = (quantiles[at - 1], quantiles[at]);
    (at as f32 - 1.0 + (value - low) / (high - low)) / (quantiles.len() - 1) as f32
}

/// To four digits, since they stand in a description.
fn short_float(value: f64) -> f32 {
    format!("{value:.3e}").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Familiarity, Seen, below, quantiles};
    use crate::network::architecture::{Architecture, Conv, Layer, Op};

    fn seen(strongest: [f32; 2], logits: [f32; 2]) -> Seen {
        Seen {
            strongest: strongest.into(),
            logits: logits.into(),
        }
    }

    /// Two classes, far from each other, each with pictures around its mean.
    fn learnt() -> Familiarity {
        let around = |[x, y]: [f32; 2], logits| {
            [-1.0, -0.5, 0.5, 1.0].map(|by: f32| seen([x + by, y - by], logits))
        };
        let pictures = [
            around([10.0, 0.0], [5.0, 0.0]),
            around([0.0, 10.0], [0.0, 5.0]),
        ];
        let training: Vec<_> = pictures
            .iter()
            .enumerate()
            .flat_map(|(class, all)| all.iter().map(move |one| (one.clone(), class)))
            .collect();
        Familiarity::learn("conv5", &training, &pictures.concat()).expect("learnt")
    }

    #[test]
    fn what_was_learnt_of_another_network_is_refused() {
        let conv = |name: &str, out| Layer::new(name, Op::Conv(Conv::new(out, [1, 1])));
        let check = |layers: Vec<Layer>| {
            let plan = Architecture { layers }.plan([3, 1, 1]).expect("a plan");
            learnt().check(&plan).map_err(|error| error.to_string())
        };
        assert_eq!(check(vec![conv("conv5", 2)]), Ok(()));
        for (layers, expected) in [
            (vec![conv("conv4", 2)], "a layer"),
            (vec![conv("conv5", 3), conv("last", 2)], "3 maps"),
            (vec![conv("conv5", 2), conv("last", 4)], "4 classes"),
        ] {
            let refused = check(layers).expect_err(expected);
            assert!(refused.contains(expected), "{refused}");
        }
    }

    #[test]
    fn what_is_like_a_class_fits_and_what_is_between_them_does_not() {
        let familiarity = learnt();
        let share = |strongest, logits| {
            familiarity
                .of(&seen(strongest, logits))
                .expect("a share")
                .share
        };
        assert!(share([10.0, 0.0], [6.0, 0.0]) > 0.9);
        assert!(share([0.1, 9.9], [0.0, 6.0]) > 0.9);
        // Just as sure of its class, but with small scores, or with other maps.
        assert_eq!(share([5.0, 5.0], [-3.0, -9.0]), 0.0);
        assert!(share([40.0, 40.0], [6.0, 0.0]) < share([10.0, 0.0], [6.0, 0.0]));
    }

    #[test]
    fn it_survives_its_own_description() {
        let familiarity = learnt();
        let json = serde_json::to_string(&familiarity).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Familiarity>(&json).expect("read"),
            familiarity
        );
    }

    #[test]
    fn numbers_of_another_network_are_refused() {
        let familiarity = learnt();
        for other in [
            Seen {
                strongest: vec![1.0],
                logits: vec![0.0; 2],
            },
            Seen {
                strongest: vec![1.0; 2],
                logits: vec![0.0; 3],
            },
        ] {
            assert!(familiarity.of(&other).is_err());
        }
        assert!(Familiarity::learn("conv5", &[], &[]).is_err());
    }

    #[test]
    fn shares_lie_between_the_quantiles() {
        let table = quantiles((0..=1000).rev().map(|value| value as f32).collect());
        for (value, share) in [
            (-1.0, 0.0),
            (0.0, 0.0),
            (255.0, 0.255),
            (1000.0, 1.0),
            (2000.0, 1.0),
        ] {
            assert!((below(&table, value) - share).abs() < 1e-6, "{value}");
        }
    }
}
