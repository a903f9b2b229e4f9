//! The hierarchy of one picture: what is shown is what was asked for, layer by layer.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use zfnet::experiments::Step;
use zfnet::experiments::paper::hierarchy::{Chosen, Hierarchy, Part, Settings, grow};
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{Channels, FORMAT, Input, Model};
use zfnet::{Network, ReluRule, Targets, Trace, project};

use crate::device::on_a_graphics_device;
use crate::laws::assert_close;
use crate::random::Numbers;

/// Three convolutions, and a picture of noise.
fn looked_at(device: &Device) -> (Network, Trace) {
    let model = Model {
        format: FORMAT,
        name: "tiny".into(),
        architecture: Architecture::tiny([6, 8, 7], 6, 3),
        input: Input {
            size: [40; 2],
            resize_short_side: 40,
            channels: Channels::Bgr,
            range: 255.0,
            mean: vec![0.0; 3],
            std: vec![1.0; 3],
        },
        classes: vec![],
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    let mut random = Numbers::new(5);
    let network = Network::build(model, device, |name, shape| {
        let scale = if name.ends_with("bias") { 0.1 } else { 0.3 };
        let mut values: Vec<f32> = (0..shape.iter().product())
            .map(|_| random.next() * scale)
            .collect();
        if name == "conv2.bias" {
            values[2] = -1e6;
        }
        values
    })
    .expect("the description fits itself");
    let trace = network
        .forward(random.tensor([1, 3, 40, 40], device) * 50.0)
        .expect("it fits");
    (network, trace)
}

fn all(network: &Network, trace: &Trace, settings: &Settings) -> Hierarchy {
    let go_on = async |_: Step<Part<'_>>| ControlFlow::Continue(());
    block_on(grow(network, trace, settings, go_on)).expect("it computes")
}

#[test]
fn the_strongest_maps_of_every_layer_come_with_their_own_projections() {
    let (network, trace) = looked_at(&Device::flex());
    let settings = Settings::poster(&network, Some(5));
    let layers: Vec<_> = settings
        .layers
        .iter()
        .map(|chosen| chosen.layer.as_str())
        .collect();
    assert_eq!(layers, ["conv1", "conv2", "conv3"]);
    let found = all(&network, &trace, &settings);
    let answers = block_on(trace.strongest(0, &layers)).expect("they run");
    for (level, answers) in found.levels.iter().zip(answers) {
        let mut expected: Vec<_> = answers
            .into_iter()
            .filter(|answer| answer.activation > 0.0)
            .collect();
        expected.sort_by(|a, b| {
            b.activation
                .total_cmp(&a.activation)
                .then(a.unit.cmp(&b.unit))
        });
        expected.truncate(5);
        let shown: Vec<_> = level.found.iter().map(|found| found.answer).collect();
        assert_eq!(shown, expected, "{}", level.layer);
        for found in &level.found {
            let target = Targets::Units(level.layer.clone(), vec![found.answer.unit.into()]);
            let own = project(&network, &trace, 0, &target, ReluRule::Deconvnet).expect("a unit");
            let own = block_on(own.on_whole_input([40, 40]))
                .expect("it computes")
                .swap_remove(0);
            let [rows, cols] = level.field;
            assert_eq!([found.tile.view.height, found.tile.view.width], level.field);
            for (at, value) in found.tile.values.iter().enumerate() {
                let (channel, row, col) = (at / (rows * cols), at / cols % rows, at % cols);
                let place = [
                    found.tile.view.top + row as isize,
                    found.tile.view.left + col as isize,
                ];
                let inside = place.iter().all(|at| (0..40).contains(at));
                let expected = match inside {
                    true => own[(channel * 40 + place[0] as usize) * 40 + place[1] as usize],
                    false => 0.0,
                };
                assert!(
                    (value - expected).abs() <= 1e-4 * expected.abs().max(1.0),
                    "{}",
                    level.layer
                );
            }
        }
    }
    let all_maps = all(&network, &trace, &Settings::poster(&network, None));
    let second = &all_maps.levels[1];
    assert!(
        second.found.iter().all(|found| found.answer.unit.map != 2),
        "map 2 is silent"
    );
    assert_eq!(second.maps, 8);
}

#[test]
fn a_graphics_device_shows_what_the_cpu_shows() {
    on_a_graphics_device(|device| {
        let input = &looked_at(device).0.model.input;
        let [expected, found] = [&Device::flex(), device].map(|device| {
            let (network, trace) = looked_at(device);
            all(&network, &trace, &Settings::poster(&network, None))
        });
        assert_eq!(found.bands(), expected.bands());
        for (level, expected) in found.levels.iter().zip(&expected.levels) {
            let subject = &level.layer;
            assert_eq!(
                (&level.layer, level.field, level.maps, level.found.len()),
                (
                    &expected.layer,
                    expected.field,
                    expected.maps,
                    expected.found.len()
                )
            );
            for (found, expected) in level.found.iter().zip(&expected.found) {
                assert_eq!(found.answer.unit, expected.answer.unit, "{subject}");
                assert_eq!(found.tile.view, expected.tile.view, "{subject}");
                let answers = [found, expected].map(|found| [found.answer.activation]);
                assert_close(&answers[0], &answers[1], subject);
                assert_close(&found.tile.values, &expected.tile.values, subject);
                assert_close(&[found.tile.scale()], &[expected.tile.scale()], subject);
                // Rounding to 8 bits may turn at a half.
                let drawn = [found, expected].map(|found| found.tile.picture(input).rgba);
                let [found, expected] = &drawn;
                assert!(
                    { found.iter().zip(expected) }
                        .all(|(found, expected)| found.abs_diff(*expected) <= 1),
                    "{subject}"
                );
            }
        }
    });
}

#[test]
fn it_grows_from_the_first_layer_and_stops_when_told() {
    let (network, trace) = looked_at(&Device::flex());
    let settings = Settings::poster(&network, None);
    let whole = all(&network, &trace, &settings);
    let mut heard = Vec::new();
    let tell = async |step: Step<Part<'_>>| {
        let shown: Vec<_> = step
            .part
            .so_far
            .levels
            .iter()
            .map(|level| level.found.len())
            .collect();
        heard.push((step.done, step.total, shown));
        ControlFlow::Continue(())
    };
    let told = block_on(grow(&network, &trace, &settings, tell)).expect("it computes");
    assert_eq!(told, whole);
    let total = whole.tiles().count();
    assert_eq!(
        heard.last().map(|(done, of, _)| (*done, *of)),
        Some((total, total))
    );
    for (done, _, shown) in &heard {
        assert_eq!(*done, shown.iter().sum::<usize>());
        let unfinished = shown
            .iter()
            .zip(&whole.levels)
            .position(|(now, level)| *now < level.found.len());
        let after = unfinished.map_or(shown.len(), |at| at + 1);
        assert!(
            shown[after..].iter().all(|count| *count == 0),
            "layer by layer: {shown:?}"
        );
    }
    let stop = async |_: Step<Part<'_>>| ControlFlow::Break(());
    let stopped = block_on(grow(&network, &trace, &settings, stop)).expect("it computes");
    assert_eq!(stopped.levels[0].found, whole.levels[0].found);
    assert_eq!(stopped.tiles().count(), whole.levels[0].found.len());
    assert_eq!(stopped.bands().len(), 1);
}

#[test]
fn bad_questions_are_refused() {
    let (network, trace) = looked_at(&Device::flex());
    let refused = |layers: &[&str], trace: &Trace| {
        let chosen = layers.iter().map(|layer| Chosen {
            layer: (*layer).into(),
            maps: 3,
        });
        let settings = Settings {
            layers: chosen.collect(),
            rule: ReluRule::Guided,
        };
        let go_on = async |_: Step<Part<'_>>| ControlFlow::Continue(());
        let error = block_on(grow(&network, trace, &settings, go_on)).expect_err("it cannot be");
        error.to_string()
    };
    assert!(refused(&["conv1", "conv9"], &trace).contains("conv3"));
    assert!(refused(&["fc4"], &trace).contains("more than one unit"));
    assert!(refused(&[], &trace).contains("at least 1"));
    let input = trace.input.clone();
    let two = network
        .forward(Tensor::cat(vec![input.clone(), input], 0))
        .expect("it fits");
    assert!(refused(&["conv1"], &two).contains("expected 1, found 2"));
}
