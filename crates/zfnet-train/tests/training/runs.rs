//! Whole trainings of a tiny network on generated pictures.

use std::cell::Cell;
use std::path::Path;

use burn::tensor::Device;
use pollster::block_on;
use zfnet::network::architecture::Architecture;
use zfnet::{Network, readback};
use zfnet_train::Error;
use zfnet_train::checkpoint::{FILE, Progress};
use zfnet_train::data::{Augmentation, Cropping, Mixing};
use zfnet_train::history::{EVOLUTION, REPORT, WEIGHTS};
use zfnet_train::metrics::{Metrics, Row};
use zfnet_train::recipe::{Initialisation, Recipe, Schedule, Stage, Table};
use zfnet_train::training::{End, Training};

use crate::tiny::{Folder, StopAfter, never, pictures, recipe, workshop};

pub(crate) fn weights(network: &Network) -> Vec<Vec<f32>> {
    let layers = network.parameters().iter().flatten();
    let tensors = layers.flat_map(|p| {
        [
            block_on(readback::floats(p.rows())),
            block_on(readback::floats(p.bias())),
        ]
    });
    tensors
        .map(|values| values.expect("the CPU answers"))
        .collect()
}

fn without_clock(folder: &Path) -> Vec<Row> {
    let rows = Metrics::read(folder.join("metrics.csv")).expect("a history");
    rows.into_iter()
        .map(|row| Row {
            seconds: 0.0,
            pictures_per_second: 0.0,
            ..row
        })
        .collect()
}

#[test]
fn a_broken_off_run_goes_on_as_an_unbroken_one() {
    let root = Folder::new("resume");
    let data = root.0.join("data");
    pictures(&data);
    let [unbroken, broken] = ["unbroken", "broken"].map(|name| root.0.join(name));
    let device = Device::flex();

    let mut training = Training::begin(
        recipe(),
        workshop(&data, &unbroken),
        None,
        &device,
        &mut never(),
    )
    .expect("begins");
    let End::Finished(evaluated) = training.run(&mut never()).expect("runs") else {
        panic!("nobody stopped it");
    };
    let expected = weights(&training.network().expect("whole"));
    assert_eq!(training.progress().steps(), 48 + 8);

    // Stopped in the middle of an epoch, before and after the pictures grow, where the dense layers go on alone and after it;
    // and once killed: the state of an earlier moment is what the disk still has.
    let mut training = Training::begin(
        recipe(),
        workshop(&data, &broken),
        None,
        &device,
        &mut never(),
    )
    .expect("begins");
    assert!(matches!(
        training.run(&mut StopAfter(Cell::new(7))).expect("runs"),
        End::Stopped
    ));
    assert_eq!(training.progress().step, 7);
    drop(training);
    let saved = std::fs::read(broken.join(FILE)).expect("a state");
    for (kill, stop_after) in [
        (true, 9),
        (false, 21),
        (false, 20),
        (false, 3),
        (false, u64::MAX),
    ] {
        let mut training = Training::resume(workshop(&data, &broken), &device).expect("resumes");
        let end = training
            .run(&mut StopAfter(Cell::new(stop_after)))
            .expect("runs");
        if kill {
            drop(training);
            std::fs::write(broken.join(FILE), &saved).expect("writable");
            continue;
        }
        if stop_after == u64::MAX {
            let End::Finished(again) = end else {
                panic!("nobody stopped it")
            };
            assert_eq!(again, evaluated);
            assert_eq!(weights(&training.network().expect("whole")), expected);
        }
    }
    assert_eq!(without_clock(&broken), without_clock(&unbroken));
    let read = |folder: &Path| {
        std::fs::read(folder.join(EVOLUTION[0]).join(EVOLUTION[1])).expect("a list")
    };
    assert_eq!(read(&broken), read(&unbroken));
    for file in [WEIGHTS, REPORT] {
        assert!(unbroken.join(file).is_file(), "{file}");
    }
    let bytes = std::fs::read(unbroken.join(WEIGHTS)).expect("weights");
    let network = Network::read(&bytes, &device).expect("whole");
    assert_eq!(weights(&network), expected);
    assert_eq!(network.model.input.size, [36; 2]);
    assert_eq!(network.model.provenance["recipe"]["batch"], 8);
}

/// Both presets without what keeps a network from learning by heart.
fn by_heart() -> [(&'static str, Recipe); 2] {
    [
        (
            "small-data",
            Recipe {
                epochs: 60.0,
                augmentation: Augmentation {
                    cropping: Cropping::Resized {
                        area: [1.0, 1.0],
                        aspect: [1.0, 1.0],
                    },
                    noise: 0.0,
                    mixing: Mixing::default(),
                    ..recipe().augmentation
                },
                schedule: Schedule::Cosine {
                    rate: 1e-2,
                    warm_up: 4,
                },
                sizes: vec![Stage {
                    until: 1.0,
                    size: 36,
                }],
                dropout: 0.0,
                average: None,
                ..recipe()
            },
        ),
        (
            "paper",
            Recipe {
                architecture: Table::Own(Architecture::tiny([6, 8, 8], 16, 4)),
                epochs: 120.0,
                batch: 8,
                short_side: 41,
                sizes: vec![Stage {
                    until: 1.0,
                    size: 36,
                }],
                initialisation: Initialisation::Gaussian { deviation: 0.05 },
                schedule: Schedule::Plateau {
                    rate: 1e-3,
                    divisor: 10.0,
                    patience: 40,
                },
                augmentation: Augmentation {
                    flip: false,
                    ..Recipe::paper().augmentation
                },
                dropout: 0.0,
                ..Recipe::paper()
            },
        ),
    ]
}

#[test]
fn a_tiny_net_learns_32_pictures_by_heart() {
    let root = Folder::new("overfit");
    let data = root.0.join("data");
    pictures(&data);
    let _ = std::fs::remove_dir_all(data.join("val"));
    std::fs::rename(data.join("train"), data.join("val")).expect("writable");
    let copy = |from: &Path, to: &Path| {
        for class in std::fs::read_dir(from).expect("a folder") {
            let class = class.expect("readable");
            let folder = to.join(class.file_name());
            std::fs::create_dir_all(&folder).expect("writable");
            for file in std::fs::read_dir(class.path()).expect("a folder") {
                let file = file.expect("readable");
                std::fs::copy(file.path(), folder.join(file.file_name())).expect("writable");
            }
        }
    };
    copy(&data.join("val"), &data.join("train"));
    for (name, recipe) in by_heart() {
        let folder = root.0.join(name);
        let mut training = Training::begin(
            recipe,
            workshop(&data, &folder),
            None,
            &Device::flex(),
            &mut never(),
        )
        .expect("begins");
        let End::Finished(evaluated) = training.run(&mut never()).expect("runs") else {
            panic!("nobody stopped it");
        };
        assert_eq!(evaluated.top_1, 1.0, "{name}: {evaluated:?}");
    }
}

#[test]
fn a_loss_that_is_no_number_stops_and_leaves_the_last_good_state() {
    let root = Folder::new("diverge");
    let data = root.0.join("data");
    pictures(&data);
    let folder = root.0.join("out");
    let hot = Recipe {
        schedule: Schedule::Plateau {
            rate: 1e30,
            divisor: 10.0,
            patience: 9,
        },
        filter_rms: None,
        average: None,
        ..recipe()
    };
    let device = Device::flex();
    let mut training = Training::begin(hot, workshop(&data, &folder), None, &device, &mut never())
        .expect("begins");
    let before = std::fs::read(folder.join(FILE)).expect("a state");
    let error = training.run(&mut never()).expect_err("it cannot go on");
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
    assert!(
        error.to_string().contains("expected a finite loss, found"),
        "{error}"
    );
    assert_eq!(std::fs::read(folder.join(FILE)).expect("a state"), before);
    assert_eq!(
        Training::resume(workshop(&data, &folder), &device)
            .expect("intact")
            .progress()
            .step,
        0
    );
}

#[test]
fn other_data_are_not_gone_on_with() {
    let root = Folder::new("other");
    let data = root.0.join("data");
    pictures(&data);
    let folder = root.0.join("out");
    let device = Device::flex();
    Training::begin(
        recipe(),
        workshop(&data, &folder),
        None,
        &device,
        &mut never(),
    )
    .expect("begins");
    std::fs::remove_file(data.join("train/stripes-1/3.png")).expect("it is there");
    let error = Training::resume(workshop(&data, &folder), &device).expect_err("one is missing");
    assert_eq!(
        error.to_string(),
        "the training set: expected 32 pictures, as when the training began, found 31"
    );
}

#[test]
fn a_wish_for_minutes_sets_the_epochs_before_the_first_step() {
    let root = Folder::new("minutes");
    let data = root.0.join("data");
    pictures(&data);
    let folder = root.0.join("out");
    let device = Device::flex();
    let mut training = Training::begin(
        recipe(),
        workshop(&data, &folder),
        None,
        &device,
        &mut never(),
    )
    .expect("begins");
    training.fit_to(0.5).expect("measures");
    let half = training.progress().recipe.epochs;
    training.fit_to(3600.0).expect("measures");
    let hour = training.progress().recipe.epochs;
    assert!(
        half > 0.0 && hour > 100.0 * half,
        "{half} epochs in half a second, {hour} in an hour"
    );
    let saved = Progress::read(&folder).expect("a state");
    assert_eq!(saved.recipe.epochs, hour);
}
