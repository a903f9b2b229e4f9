//! A training that takes seconds: generated pictures, a tiny network, a recipe for both.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use zfnet::network::architecture::Architecture;
use zfnet_train::data::{Augmentation, Cache, Colour, Cropping, Dataset, Mixing};
use zfnet_train::metrics::Row;
use zfnet_train::recipe::{Finish, Initialisation, Recipe, Schedule, Stage, Table};
use zfnet_train::training::Watch;
use zfnet_train::workshop::{About, Workshop};
use zfnet_words::Words;

/// A folder of this test's own, gone when it ends well.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("zfnet-train-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the system's folder for such things is writable");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// 32 pictures of 4 classes: stripes of two directions and two widths, each with its own noise, phase and colour.
pub(crate) fn pictures(root: &Path) {
    let mut seed = 1u64;
    let mut random = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f32 / (1u64 << 24) as f32
    };
    let stripes = [[0.9, 0.0f32], [0.0, 0.9], [2.2, 0.0], [0.0, 2.2]];
    for (class, direction) in stripes.iter().enumerate() {
        for split in ["train", "val"] {
            let folder = root.join(split).join(format!("stripes-{class}"));
            std::fs::create_dir_all(&folder).expect("writable");
            for at in 0..8 {
                let (phase, tint) = (random() * 6.3, random());
                let picture = image::RgbImage::from_fn(40, 40, |x, y| {
                    let along = x as f32 * direction[0] + y as f32 * direction[1];
                    let grey = 128.0 + 70.0 * (along + phase).sin() + 40.0 * (random() - 0.5);
                    image::Rgb([grey as u8, (grey * (0.6 + 0.4 * tint)) as u8, grey as u8])
                });
                picture
                    .save(folder.join(format!("{at}.png")))
                    .expect("writable");
            }
        }
    }
}

pub(crate) fn recipe() -> Recipe {
    Recipe {
        architecture: Table::Own(Architecture::tiny([6, 8, 8], 16, 4)),
        epochs: 12.0,
        batch: 8,
        short_side: 40,
        sizes: vec![
            Stage {
                until: 0.5,
                size: 32,
            },
            Stage {
                until: 1.0,
                size: 36,
            },
        ],
        augmentation: Augmentation {
            cropping: Cropping::Resized {
                area: [0.6, 1.0],
                aspect: [0.9, 1.1],
            },
            flip: false,
            colour: Colour::default(),
            noise: 4.0,
            mixing: Mixing::default(),
        },
        initialisation: Initialisation::KMeans {
            patches: 600,
            first: 10.0,
            deviation: 10.0,
            shift: -0.3,
        },
        schedule: Schedule::Cosine {
            rate: 5e-3,
            warm_up: 4,
        },
        dropout: 0.2,
        hold_first: 1.0,
        finish: Some(Finish {
            epochs: 2.0,
            rate: 2e-2,
            augmentation: Augmentation {
                cropping: Cropping::Resized {
                    area: [0.9, 1.0],
                    aspect: [1.0, 1.0],
                },
                flip: false,
                colour: Colour::default(),
                noise: 0.0,
                mixing: Mixing::default(),
            },
        }),
        ..Recipe::small_data()
    }
}

pub(crate) fn workshop(data: &Path, folder: &Path) -> Workshop {
    let dataset = Dataset::scan(data, None, 0).expect("pictures");
    Workshop {
        folder: folder.to_path_buf(),
        cache: Cache::new(1 << 24, 40),
        validation_cache: Cache::new(1 << 24, 42),
        about: About::default(),
        dataset,
        workers: 2,
        device_name: "cpu".into(),
        words: Words::default(),
    }
}

/// Stops after so many steps.
pub(crate) struct StopAfter(pub(crate) Cell<u64>);

impl Watch for StopAfter {
    fn doing(&mut self, _: &str) {}
    fn stepped(&mut self, _: &Row, _: u64) {}
    fn epoch(&mut self, _: &Row) {}
    fn stop(&self) -> bool {
        self.0.set(self.0.get().saturating_sub(1));
        self.0.get() == 0
    }
}

pub(crate) fn never() -> StopAfter {
    StopAfter(Cell::new(u64::MAX))
}
