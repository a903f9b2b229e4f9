//! The climb against PyTorch's Adam (`tests/golden/attribution/make.py`), and that it climbs.

use std::ops::ControlFlow;

use burn::tensor::Device;
use pollster::block_on;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use zfnet::experiments::since::activation_maximisation::{Climb, Settings, Target, climb};
use zfnet::{Error, Network};

use crate::attribution::{golden, off};
use crate::device::on_a_graphics_device;
use crate::random::a_network;

fn climbed(network: &Network, target: &Target, settings: &Settings) -> Climb {
    block_on(climb(
        network,
        &target.clone().into(),
        None,
        settings,
        async |_| ControlFlow::Continue(()),
    ))
    .expect("sound")
}

fn check(device: &Device) {
    let (stored, about) = golden();
    let network = stored.network(device);
    assert_eq!(about.climbs.len(), 3);
    for expected in &about.climbs {
        let target: Target = serde_json::from_value(expected["target"].clone()).expect("a target");
        let settings: Settings =
            serde_json::from_value(expected["settings"].clone()).expect("settings");
        let from = match &expected["from"] {
            Value::String(_) => Some(stored.input(device)),
            _ => None,
        };
        let mut steps = Vec::new();
        let found = block_on(climb(
            &network,
            &target.clone().into(),
            from,
            &settings,
            async |step| {
                assert_eq!(step.done, step.part.end.step);
                steps.push(step.done);
                ControlFlow::Continue(())
            },
        ));
        let found = found.expect("sound");
        assert_eq!(steps, [2, 4, 6]);
        let number = |key: &str| expected[key].as_f64().expect("a number") as f32;
        let pixels = stored.floats(expected["tensor"].as_str().expect("a name"));
        let off = off(&found.end.pixels, &pixels);
        // Adam divides by the slope's own size, so where a slope is next to nothing its rounding shows.
        assert!(off <= 10.0 * about.tolerance, "{target:?}: off by {off}");
        for (found, expected) in [
            (found.start.answer, number("before")),
            (found.end.answer, number("answer")),
        ] {
            assert!(
                (found - expected).abs() <= 1e-3 * expected.abs().max(0.1),
                "{target:?}: expected {expected}, found {found}"
            );
        }
    }
}

#[test]
fn the_cpu_climbs_as_pytorch_does() {
    check(&Device::flex());
}

#[test]
fn a_graphics_device_climbs_as_pytorch_does() {
    on_a_graphics_device(check);
}

/// Small steps along a slope lead up; the same networks on every run, since a step across a rectifier's corner need not.
#[test]
fn the_targets_answer_rises() {
    let mut runner = TestRunner::deterministic();
    let settings = Settings {
        steps: 6,
        rate: 0.0005,
        noise: 0.2,
        jitter: 0,
        variation: 0.0,
        decay: 0.0,
        ..Settings::default()
    };
    let mut risen = 0;
    for _ in 0..24 {
        let case = a_network()
            .new_tree(&mut runner)
            .expect("a network")
            .current();
        let network = case.network(&Device::flex());
        let layers = network.convolutions();
        let layer = layers[case.pick(layers.len())].to_owned();
        let [maps, rows, cols] = network.layer(&layer).expect("a layer").output;
        let map = case.pick(maps);
        let targets = [
            Target::Unit {
                layer: layer.clone(),
                unit: [map, rows / 2, cols / 2],
            },
            Target::Map { layer, map },
            Target::Class {
                class: case.pick(3),
            },
        ];
        for target in targets {
            let found = climbed(&network, &target, &settings);
            let (before, after) = (found.start.answer, found.end.answer);
            // Where no unit on the way fires there is no slope, and the climb stays where it is.
            let stayed = found.end.pixels == found.start.pixels;
            assert!(
                after > before || stayed,
                "{target:?}: from {before} to {after}"
            );
            risen += usize::from(after > before);
        }
    }
    assert!(risen > 48, "most targets have a slope: {risen} of 72");
}

#[test]
fn a_climb_rises_with_jitter_follows_from_its_seed_and_can_be_ended() {
    let (stored, about) = golden();
    let network = stored.network(&Device::flex());
    let target = Target::Class { class: about.class };
    let settings = Settings {
        steps: 40,
        every: 10,
        jitter: 2,
        ..Settings::default()
    };
    let found = climbed(&network, &target, &settings);
    assert!(
        found.end.answer > found.start.answer + 0.1,
        "from {} to {}",
        found.start.answer,
        found.end.answer
    );
    assert_eq!((found.end.step, found.answers.len()), (40, 3));
    assert!(
        found
            .end
            .pixels
            .iter()
            .all(|value| (0.0..=1.0).contains(value))
    );
    assert_eq!(found, climbed(&network, &target, &settings));
    let other = climbed(
        &network,
        &target,
        &Settings {
            seed: 1,
            ..settings
        },
    );
    assert_ne!(found.end.pixels, other.end.pixels);
    let ended = block_on(climb(
        &network,
        &target.clone().into(),
        None,
        &settings,
        async |_| ControlFlow::Break(()),
    ));
    assert_eq!(ended.expect("sound").end.step, 10);
}

#[test]
fn more_variation_gives_smoother_pictures() {
    let (stored, about) = golden();
    let network = stored.network(&Device::flex());
    let target = Target::Class { class: about.class };
    let roughness = |settings: Settings| {
        let end = climbed(&network, &target, &settings).end;
        let lines = end.pixels.chunks(end.size[1]);
        lines
            .map(|line| {
                line.windows(2)
                    .map(|pair| (pair[0] - pair[1]).abs())
                    .sum::<f32>()
            })
            .sum::<f32>()
    };
    let plain = Settings {
        steps: 30,
        variation: 0.0,
        ..Settings::default()
    };
    assert!(
        roughness(Settings {
            variation: 1.0,
            ..plain
        }) < 0.7 * roughness(plain)
    );
    assert!(roughness(Settings { blur: 1.0, ..plain }) < 0.7 * roughness(plain));
}

#[test]
fn climbs_that_cannot_be_say_what_was_expected_and_found() {
    let network = golden().0.network(&Device::flex());
    let ask = |target: Target, settings: Settings| {
        block_on(climb(
            &network,
            &target.clone().into(),
            None,
            &settings,
            async |_| ControlFlow::Continue(()),
        ))
        .expect_err("no climb")
    };
    let plain = Settings::default();
    let unit = |layer: &str, unit| Target::Unit {
        layer: layer.into(),
        unit,
    };
    assert!(matches!(
        ask(unit("conv9", [0; 3]), plain),
        Error::UnknownLayer { .. }
    ));
    assert!(matches!(
        ask(unit("conv2", [0, 99, 0]), plain),
        Error::OutOfRange { .. }
    ));
    assert!(matches!(
        ask(Target::Class { class: 3 }, plain),
        Error::OutOfRange { .. }
    ));
    let class = Target::Class { class: 0 };
    assert!(matches!(
        ask(class.clone(), Settings { every: 0, ..plain }),
        Error::OutOfRange { .. }
    ));
    assert!(matches!(
        ask(
            class,
            Settings {
                rate: f64::NAN,
                ..plain
            }
        ),
        Error::OutOfRange { .. }
    ));
    let mut model = network.model.clone();
    model.architecture.layers.truncate(2);
    let zeros = |_: &str, shape: &[usize]| vec![0.0; shape.iter().product()];
    let maps = Network::build(model, &Device::flex(), zeros).expect("a convolution");
    let class = Target::Class { class: 0 };
    let class = class.into();
    let found = climb(&maps, &class, None, &plain, async |_| {
        ControlFlow::Continue(())
    });
    let message = block_on(found).expect_err("no classes").to_string();
    assert!(message.contains("one number for each class"), "{message}");
}
