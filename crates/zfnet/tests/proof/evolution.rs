//! How features evolved: a checkpoint equal to the network has not moved and sees the same, a known change is measured as
//! what it is, and a broken list or file names what was expected and found.

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use zfnet::experiments::Record;
use zfnet::experiments::paper::evolution::{self, FeatureMap, Follower, Growth, Settings};
use zfnet::experiments::shared::record::Values;
use zfnet::files::checkpoints::{self, Checkpoint, Evolution};
use zfnet::files::weights::{Precision, Shard};
use zfnet::pictures::rendering::Stretch;
use zfnet::{Crop, Network, Photo, ReluRule, Targets, Unit, project, readback};

use crate::random::{Case, a_network};

fn a_case() -> Case {
    let mut runner = TestRunner::deterministic();
    let sound = a_network().prop_filter("two convolutions that see much", |case| {
        let network = case.network(&Device::flex());
        let layers = network.convolutions();
        let field = layers.last().and_then(|last| network.layer(last).ok());
        layers.len() > 1 && field.is_some_and(|last| last.field.size[0] > 8)
    });
    sound.new_tree(&mut runner).expect("a network").current()
}

/// The same network with one layer's weights and biases multiplied.
fn scaled(network: &Network, layer: &str, factor: f32) -> Network {
    let parameters = network.plan.iter().zip(network.parameters());
    let parameters = parameters.map(|(planned, parameters)| {
        let own = parameters.as_ref()?;
        Some(match planned.layer.name == layer {
            true => own.with(own.rows() * factor, own.bias() * factor),
            false => own.clone(),
        })
    });
    network
        .with_parameters(parameters.collect())
        .expect("the same shapes")
}

fn features(network: &Network) -> Vec<u8> {
    block_on(network.write(Shard::Features, Precision::F32)).expect("all weights are there")
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(readback::floats(tensor)).expect("CPU")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_checkpoint_equal_to_the_network_has_not_moved_and_sees_the_same(case in a_network()) {
        let network = case.network(&Device::flex());
        let bytes = features(&network);
        let entry = Checkpoint::of(1.0, 32, "epoch-01.safetensors", &bytes);
        let checkpoint = entry.read(&bytes, &network).expect("its own file");
        let weights = block_on(evolution::weights_moved(&network, &checkpoint)).expect("weights");
        let layers = network.convolutions();
        prop_assert_eq!(
            weights,
            layers.iter().map(|layer| ((*layer).to_owned(), 0.0)).collect()
        );

        let input = case.input(&Device::flex());
        let (whole, half) = (
            network.forward(input.clone()).expect("runs"),
            checkpoint.forward(input).expect("runs"),
        );
        let moved = block_on(evolution::moved(&whole, &half, &layers)).expect("the same layers");
        prop_assert_eq!(moved, vec![0.0; layers.len()]);

        let layer = layers[case.pick(layers.len())];
        let map = case.pick(network.layer(layer).expect("a layer").output[0]);
        let rule = [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient][case.pick(3)];
        let frame = block_on(evolution::frame(&checkpoint, &half, layer, map, rule)).expect("a map");
        let strongest = block_on(whole.strongest(0, &[layer])).expect("a layer")[0][map];
        prop_assert_eq!((frame.unit, frame.activation), (strongest.unit, strongest.activation));
        let target = Targets::Units(layer.into(), vec![strongest.unit.into()]);
        let expected = project(&network, &whole, 0, &target, rule).expect("a unit");
        prop_assert_eq!(&frame.projections.windows, &expected.windows);
        prop_assert_eq!(numbers(frame.projections.pixels), numbers(expected.pixels));
    }

    /// A rectifier and a convolution both pass a factor on, so weights and answers move by the same share.
    #[test]
    fn doubled_weights_have_moved_by_half_and_no_other_layer_below_them(case in a_network()) {
        let before = case.network(&Device::flex());
        let layers = before.convolutions();
        let at = case.pick(layers.len());
        let after = scaled(&before, layers[at], 2.0);
        let weights = block_on(evolution::weights_moved(&before, &after)).expect("weights");
        for (layer, moved) in &weights {
            let expected = if layer == layers[at] { 0.5 } else { 0.0 };
            prop_assert!((moved - expected).abs() < 1e-6, "{layer}: expected {expected}, found {moved}");
        }
        prop_assert!(weights.contains_key("fc6"), "dense layers are measured as well");

        let input = case.input(&Device::flex());
        let (a, b) = (
            before.forward(input.clone()).expect("runs"),
            after.forward(input).expect("runs"),
        );
        let moved = block_on(evolution::moved(&a, &b, &layers)).expect("the same layers");
        prop_assert!(moved[..at].iter().all(|moved| *moved == 0.0), "{moved:?}");
        let fires = block_on(b.strongest(0, &[layers[at]])).expect("a layer")[0]
            .iter()
            .any(|answer| answer.activation > 0.0);
        let expected = if fires { 0.5 } else { 0.0 };
        prop_assert!((moved[at] - expected).abs() < 1e-6, "expected {expected}, found {moved:?}");
    }
}

#[test]
fn a_layer_that_fell_silent_or_began_to_answer_has_moved_all_the_way() {
    let case = a_case();
    let network = case.network(&Device::flex());
    let silent = scaled(&network, "conv1", 0.0);
    let conv1 = |before: &Network, after: &Network| {
        let input = || case.input(&Device::flex());
        let (a, b) = (
            before.forward(input()).expect("runs"),
            after.forward(input()).expect("runs"),
        );
        let weights = block_on(evolution::weights_moved(before, after)).expect("weights");
        let answers = block_on(evolution::moved(&a, &b, &["conv1"])).expect("a layer");
        (weights["conv1"], answers[0])
    };
    assert_eq!(conv1(&network, &silent), (1.0, 1.0));
    assert_eq!(conv1(&silent, &network), (1.0, 1.0));
    assert_eq!(conv1(&silent, &silent), (0.0, 0.0));
}

#[test]
fn a_training_that_went_on_to_larger_pictures_is_still_compared_and_read() {
    let network = a_case().network(&Device::flex());
    let size = network.model.input.size;
    let larger = network
        .at_size(size.map(|side| side + 8))
        .expect("room for more");
    let moved = block_on(evolution::weights_moved(&network, &larger)).expect("weights");
    assert!(moved["conv1"] == 0.0 && moved["fc6"] < 1e-5, "{moved:?}");
    let bytes = features(&network);
    let entry = Checkpoint::of(1.0, 32, "epoch-01.safetensors", &bytes);
    let read = entry.read(&bytes, &larger).expect("an earlier state");
    assert_eq!(read.model.input.size, size.map(|side| side + 8));
}

/// The same network twice, of which the first checkpoint has the last layer at half its strength.
#[test]
fn what_was_seen_on_the_way_is_written_down_checkpoint_by_checkpoint() {
    let network = a_case().network(&Device::flex());
    let [rows, cols] = network.frame().map(|length| length as u32);
    let last = network.convolutions().len() - 1;
    let layer = network.convolutions()[last].to_owned();
    let pixels: Vec<u8> = (0..rows * cols * 4)
        .map(|at| (at * 37 % 251) as u8)
        .collect();
    let photo = Photo::from_rgba(cols, rows, &pixels).expect("pixels that fit");
    let prepared = photo
        .prepare(&network.model.input, Crop::Centre)
        .expect("all of it");
    let trace = prepared
        .tensor(&network)
        .and_then(|input| network.forward(input))
        .expect("runs");
    let map = block_on(evolution::strongest_maps(&trace, &layer, 1)).expect("a layer")[0];
    let follow = |common_scale| {
        let maps = vec![FeatureMap {
            layer: layer.clone(),
            map,
        }];
        let (rule, stretch) = (ReluRule::Guided, Stretch::Quantile);
        let mut follower = Follower::new(
            &network,
            Settings {
                maps,
                rule,
                stretch,
                common_scale,
            },
        );
        for (epoch, state) in [(0.5, scaled(&network, &layer, 0.5)), (2.0, network.clone())] {
            let checkpoint = Checkpoint::of(epoch, 32, "features.safetensors", b"numbers");
            block_on(follower.look(&checkpoint, &state, &prepared)).expect("it runs");
        }
        follower.found()
    };
    let found = follow(true);
    assert_eq!(found.stages[0].moved, None, "nothing came before");
    let moved = found.stages[1].moved.as_ref().expect("the one before");
    for (at, name) in network.convolutions().into_iter().enumerate() {
        let expected = if at == last { 0.5 } else { 0.0 };
        assert!((moved[name] - expected).abs() < 1e-6, "{moved:?}");
    }
    let [half, whole] = [0, 1].map(|at: usize| &found.stages[at].units[0]);
    assert!(!whole.is_silent() && half.answer.unit == whole.answer.unit);

    // The last checkpoint is the network, and what it sees is the projection of its strongest unit.
    let target = Targets::Units(layer.clone(), vec![whole.answer.unit.into()]);
    let expected = project(&network, &trace, 0, &target, ReluRule::Guided).expect("a unit");
    let expected = block_on(expected.on_whole_input(network.frame())).expect("CPU");
    let tensors = found.tensors();
    let names: Vec<_> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names, ["projection.0.5", "projection.2"]);
    assert_eq!(tensors[1].shape, [3, rows as usize, cols as usize]);
    assert_eq!(tensors[1].values, Values::Floats(expected[0].clone()));

    let whites = |found: &Growth| [0, 1].map(|at: usize| found.whites(&found.stages[at])[0]);
    let own = [half, whole].map(|seen| seen.tile.scale());
    assert_eq!(whites(&follow(false)), own);
    assert_eq!(
        whites(&found),
        [own[1]; 2],
        "the weaker one on the scale of the stronger"
    );
}

#[test]
fn maps_are_ordered_by_their_strongest_units() {
    let case = a_case();
    let network = case.network(&Device::flex());
    let trace = network.forward(case.input(&Device::flex())).expect("runs");
    let layer = network.convolutions()[0];
    let answers = block_on(trace.strongest(0, &[layer]))
        .expect("a layer")
        .swap_remove(0);
    let all = block_on(evolution::strongest_maps(&trace, layer, 99)).expect("a layer");
    assert_eq!(all.len(), answers.len());
    for pair in all.windows(2) {
        let [first, second] = [pair[0], pair[1]].map(|map| answers[map].activation);
        assert!(
            first > second || (first == second && pair[0] < pair[1]),
            "{answers:?}"
        );
    }
    let two = block_on(evolution::strongest_maps(&trace, layer, 2)).expect("a layer");
    assert_eq!(two, all[..2]);
}

#[test]
fn what_does_not_fit_names_expected_and_found() {
    let case = a_case();
    let network = case.network(&Device::flex());
    let bytes = features(&network);
    let entry = Checkpoint::of(2.0, 64, "epoch-02.safetensors", &bytes);
    let refused = |result: zfnet::Result<Network>, words: &[&str]| {
        let message = result.expect_err("it does not fit").to_string();
        for word in words.iter().chain(&["expected", "found"]) {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    };
    let mut flipped = bytes.clone();
    flipped[40] ^= 1;
    refused(entry.read(&flipped, &network), &["epoch-02", &entry.sha256]);
    refused(entry.read(&bytes[1..], &network), &["epoch-02", "bytes"]);

    let mut other = network.model.clone();
    other.architecture.layers[1].name = "rectifier".into();
    let other = Network::build(other, network.device(), |_, shape| {
        vec![0.1; shape.iter().product()]
    })
    .expect("a sound table");
    refused(entry.read(&bytes, &other), &["epoch-02", "rectifier"]);

    let trace = network.forward(case.input(&Device::flex())).expect("runs");
    let rule = ReluRule::Deconvnet;
    let frame = |layer, map| block_on(evolution::frame(&network, &trace, layer, map, rule));
    let maps = network.layer("conv1").expect("a layer").output[0];
    let message = frame("conv1", maps).expect_err("one too many").to_string();
    assert!(
        message.contains("map of conv1") && message.contains("expected 0 to"),
        "{message}"
    );
    let message = frame("conv9", 0).expect_err("no such layer").to_string();
    assert!(message.contains("conv9"), "{message}");
    let Unit { map, .. } = frame("conv1", maps - 1).expect("the last map").unit;
    assert_eq!(map, maps - 1);

    let small = network
        .at_size(network.model.input.size.map(|side| side + 8))
        .expect("room for more");
    let [rows, cols] = small.frame();
    let input = Tensor::zeros([1, 3, rows, cols], &Device::flex());
    let small = small.forward(input).expect("runs");
    let message = block_on(evolution::moved(&trace, &small, &["conv1"]))
        .expect_err("other shapes")
        .to_string();
    assert!(
        message.contains("conv1") && message.contains("expected ["),
        "{message}"
    );
}

/// A sound list with one thing changed.
fn list(change: impl Fn(&mut Value)) -> zfnet::Result<Evolution> {
    let entry = |epoch: f64, path: &str| Checkpoint {
        top_1: Some(0.31),
        moved: [("conv1".to_owned(), 0.12)].into(),
        ..Checkpoint::of(epoch, (epoch * 11_409.0) as u64, path, b"numbers")
    };
    let sound = Evolution {
        format: checkpoints::FORMAT,
        network: "tiny".into(),
        checkpoints: vec![
            entry(1.0, "epoch-01.safetensors"),
            entry(2.5, "epoch-02.safetensors"),
        ],
    };
    let mut value = serde_json::to_value(&sound).expect("JSON");
    change(&mut value);
    Evolution::parse(&serde_json::to_vec(&value).expect("JSON"))
}

#[test]
fn a_list_of_checkpoints_is_read_as_it_was_written() {
    let evolution = list(|_| ()).expect("sound");
    assert_eq!(evolution.checkpoints[1].epoch, 2.5);
    assert_eq!(evolution.checkpoints[1].moved["conv1"], 0.12);
    evolution.checkpoints[0]
        .verify(b"numbers")
        .expect("the same bytes");
    let text = br#"{"format":1,"network":"n","checkpoints":[{"epoch":1.0,"pictures":11409,"path":"epoch-01.features.i8.safetensors","bytes":7,"sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]}"#;
    let bare = Evolution::parse(text).expect("accuracy and movement may be missing");
    assert_eq!(
        (bare.checkpoints[0].top_1, bare.checkpoints[0].moved.len()),
        (None, 0)
    );
}

#[test]
fn a_list_that_cannot_be_followed_says_why() {
    let at = |change: fn(&mut Value), words: &[&str]| {
        let message = list(change).expect_err("a broken list").to_string();
        for word in words.iter().chain(&["expected", "found"]) {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    };
    at(
        |list| list["format"] = json!(2),
        &["format version", "1", "2"],
    );
    at(
        |list| list["checkpoints"] = json!([]),
        &["at least one", "none"],
    );
    at(
        |list| list["network"] = json!(7),
        &["list of checkpoints", "7"],
    );
    at(
        |list| list["checkpoints"][1]["epoch"] = json!(1.0),
        &["epoch of checkpoint 1", "more than 1"],
    );
    at(
        |list| list["checkpoints"][0]["epoch"] = json!(-1.0),
        &["epoch of checkpoint 0", "-1"],
    );
    at(
        |list| list["checkpoints"][1]["path"] = json!("epoch-01.safetensors"),
        &["path of checkpoint 1", "second time"],
    );
    at(
        |list| list["checkpoints"][0]["top_1"] = json!(31),
        &["top_1", "31"],
    );
    at(
        |list| list["checkpoints"][0]["sha256"] = json!("ABC"),
        &["sha256", "64", "ABC"],
    );
    at(
        |list| list["checkpoints"][0]["moved"]["conv1"] = json!(-0.5),
        &["moved.conv1", "-0.5"],
    );
    for path in [
        "../up.safetensors",
        "a/b",
        "a\\b",
        "C:x",
        "",
        "..",
        "a?b",
        "a#b",
        "a\nb",
    ] {
        let message = list(|list| list["checkpoints"][0]["path"] = json!(path))
            .expect_err("elsewhere")
            .to_string();
        assert!(
            message.contains("path of checkpoint 0"),
            "{path:?}: {message}"
        );
    }
    let message = Evolution::parse(b"no JSON")
        .expect_err("no JSON")
        .to_string();
    assert!(
        message.contains("expected") && message.contains("found"),
        "{message}"
    );
}
