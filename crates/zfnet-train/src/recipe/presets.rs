//! The two presets.

use super::{Finish, Initialisation, Mean, Optimiser, Recipe, Schedule, Stage, Table};
use crate::data::{Augmentation, Colour, Cropping, Mixing};
use crate::{Error, Result};

/// Names of the presets.
pub const PRESETS: [&str; 2] = ["paper", "small-data"];

impl Recipe {
    /// A preset by name.
    ///
    /// # Errors
    /// [`Error::Input`] for a name that is none.
    pub fn preset(name: &str) -> Result<Self> {
        match name {
            "paper" => Ok(Self::paper()),
            "small-data" => Ok(Self::small_data()),
            other => Err(Error::input("preset", PRESETS.join(" or "), other)),
        }
    }

    /// The paper's own recipe (section 3), for a data set of the size of ImageNet.
    pub fn paper() -> Self {
        Self {
            preset: "paper".into(),
            architecture: Table::Named("zfnet".into()),
            dense: None,
            epochs: 70.0,
            batch: 128,
            short_side: 256,
            sizes: vec![Stage {
                until: 1.0,
                size: 224,
            }],
            resize: 256.0 / 224.0,
            mean: Mean::Pixel,
            augmentation: Augmentation {
                cropping: Cropping::TenCrop,
                flip: true,
                colour: Colour::default(),
                noise: 0.0,
                mixing: Mixing::default(),
            },
            // "10⁻²" is read as a deviation: equal weights would never become different ones.
            initialisation: Initialisation::Gaussian { deviation: 1e-2 },
            optimiser: Optimiser {
                momentum: 0.9,
                weight_decay: 5e-4, // not in the paper; Krizhevsky et al. (2012), whose code it builds on
                trust_ratio: false,
            },
            // The paper gives the start, and that it was annealed by hand; ten is Krizhevsky's divisor.
            schedule: Schedule::Plateau {
                rate: 1e-2,
                divisor: 10.0,
                patience: 3,
            },
            dropout: 0.5,
            label_smoothing: 0.0,
            filter_rms: Some(1e-1), // every convolution, not the first alone
            hold_first: 0.0,
            average: None,
            finish: None,
            seed: 0,
        }
    }

    /// For a few thousand pictures, an hour and no GPU: filters come from the pictures before any label is used, and
    /// steps are kept so small that they stay pictures of something.
    pub fn small_data() -> Self {
        let stage = |until, size| Stage { until, size };
        Self {
            preset: "small-data".into(),
            architecture: Table::Named("zfnet".into()),
            dense: Some(512),
            epochs: 14.0,
            batch: 64,
            short_side: 224,
            sizes: vec![stage(0.6, 128), stage(0.86, 160), stage(1.0, 224)],
            resize: 256.0 / 224.0,
            mean: Mean::Channel,
            augmentation: Augmentation {
                cropping: Cropping::Resized {
                    area: [0.25, 1.0],
                    aspect: [0.75, 1.3333],
                },
                flip: true,
                colour: Colour {
                    brightness: 0.3,
                    contrast: 0.3,
                    saturation: 0.3,
                },
                noise: 20.0,
                mixing: Mixing::default(),
            },
            initialisation: Initialisation::KMeans {
                patches: 60_000,
                first: 30.0,
                deviation: 20.0,
                shift: -0.3,
            },
            optimiser: Optimiser {
                momentum: 0.9,
                weight_decay: 5e-4,
                trust_ratio: true,
            },
            schedule: Schedule::Cosine {
                rate: 2.5e-3,
                warm_up: 100,
            },
            dropout: 0.4,
            label_smoothing: 0.05,
            filter_rms: Some(1e-1),
            hold_first: 1.5,
            average: Some(0.998),
            finish: Some(Finish {
                epochs: 5.0,
                rate: 4e-3,
                augmentation: Augmentation {
                    cropping: Cropping::Resized {
                        area: [0.5, 1.0],
                        aspect: [0.8, 1.25],
                    },
                    flip: true,
                    colour: Colour {
                        brightness: 0.2,
                        contrast: 0.2,
                        saturation: 0.2,
                    },
                    noise: 0.0,
                    mixing: Mixing::default(),
                },
            }),
            seed: 0,
        }
    }
}
