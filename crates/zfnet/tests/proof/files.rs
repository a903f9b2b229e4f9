//! Weights files and manifests: every precision comes back, and every mismatch names what was expected and found.

use std::collections::HashMap;

use burn::tensor::Device;
use pollster::block_on;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use safetensors::tensor::{SafeTensors, TensorView};
use zfnet::files::manifest::{File, Manifest};
use zfnet::files::weights::{METADATA_KEY, Precision, Shard};
use zfnet::{Network, readback};

/// A file with its metadata or tensors changed.
fn altered(
    file: &[u8],
    json: impl Fn(&mut serde_json::Value),
    keep: impl Fn(&str) -> bool,
) -> Vec<u8> {
    let (_, metadata) = SafeTensors::read_metadata(file).expect("a whole file");
    let entries = metadata.metadata().clone().expect("metadata");
    let mut value = serde_json::from_str(&entries[METADATA_KEY]).expect("JSON");
    json(&mut value);
    let tensors = SafeTensors::deserialize(file).expect("a whole file");
    let kept: Vec<(String, TensorView<'_>)> = tensors
        .tensors()
        .into_iter()
        .filter(|(name, _)| keep(name))
        .collect();
    let metadata = HashMap::from([(METADATA_KEY.to_string(), value.to_string())]);
    safetensors::serialize(kept, Some(metadata)).expect("a sound file")
}

fn network() -> Network {
    let mut runner = TestRunner::deterministic();
    let case = crate::random::a_network()
        .new_tree(&mut runner)
        .expect("a network")
        .current();
    case.network(&Device::flex())
}

fn file(network: &Network) -> Vec<u8> {
    block_on(network.write(Shard::All, Precision::F32)).expect("all weights are there")
}

fn check(file: &[u8], names: &[&str]) {
    let error = Network::read(file, &Device::flex()).expect_err("a broken file");
    let message = error.to_string();
    for name in names.iter().chain(&["expected", "found"]) {
        assert!(message.contains(name), "{name} is not in: {message}");
    }
}

#[test]
fn mismatches_name_tensor_expected_and_found() {
    let whole = file(&network());
    let all = |_: &str| true;
    check(&whole[..whole.len() / 2], &["file"]);
    check(b"no safetensors at all", &["file"]);
    check(&[], &["file"]);
    check(
        &altered(&whole, |_| (), |name| name != "conv1.bias"),
        &["conv1.bias", "no such tensor"],
    );
    check(
        &altered(&whole, |json| json["format"] = 2.into(), all),
        &["format version", "1", "2"],
    );
    check(
        &altered(
            &whole,
            |json| json["classes"] = serde_json::json!([{"en": "cat"}]),
            all,
        ),
        &["classes", "3", "1"],
    );
    check(
        &altered(
            &whole,
            |json| json["architecture"][0]["op"] = "fold".into(),
            all,
        ),
        &["fold"],
    );
    check(
        &altered(
            &whole,
            |json| json["architecture"][0]["out"] = 96.into(),
            all,
        ),
        &["conv1"],
    );
    check(
        &altered(
            &whole,
            |json| json["input"]["mean"] = serde_json::json!([0, 0]),
            all,
        ),
        &["2"],
    );
    check(
        &altered(&whole, |json| json["shard"] = "features".into(), all),
        &["fc6.", "features"],
    );
    check(
        &altered(
            &whole,
            |json| json["input"]["resize_short_side"] = 1.into(),
            all,
        ),
        &["resize_short_side", "1"],
    );
}

/// What a file's metadata says of the input.
fn input(file: &[u8]) -> serde_json::Value {
    let (_, metadata) = SafeTensors::read_metadata(file).expect("a whole file");
    let entries = metadata.metadata().as_ref().expect("metadata");
    let mut value: serde_json::Value = serde_json::from_str(&entries[METADATA_KEY]).expect("JSON");
    value["input"].take()
}

#[test]
fn deviations_are_written_in_full_and_may_be_left_out() {
    let mut network = network();
    network.model.input.std.clear();
    let whole = file(&network);
    let channels = network.model.input.mean.len();
    assert_eq!(input(&whole)["std"], serde_json::json!(vec![1.0; channels]));
    let empty = |json: &mut serde_json::Value| json["input"]["std"] = serde_json::json!([]);
    let absent = |json: &mut serde_json::Value| {
        let input = json["input"].as_object_mut().expect("an object");
        input.remove("std").expect("it was there");
    };
    let halves = |json: &mut serde_json::Value| {
        json["input"]["std"] = serde_json::json!(vec![0.5; channels]);
    };
    let read = |json: &dyn Fn(&mut serde_json::Value)| {
        let file = altered(&whole, json, |_| true);
        Network::read(&file, &Device::flex()).expect("a sound file")
    };
    assert_eq!(read(&empty).model.input.std, vec![1.0; channels]);
    assert_eq!(read(&absent).model.input.std, vec![1.0; channels]);
    assert_eq!(read(&halves).model.input.std, vec![0.5; channels]);
    check(
        &altered(
            &whole,
            |json| json["input"]["std"] = serde_json::json!([1, 1, 1, 1, 1]),
            |_| true,
        ),
        &["input.std", "5"],
    );
}

#[test]
fn what_a_download_left_instead_of_a_file_is_named() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3742032\n";
    let page = b"<!DOCTYPE html><title>404</title>";
    for (bytes, name) in [(&pointer[..], "a Git LFS pointer"), (page, "a web page")] {
        check(bytes, &[name]);
        let error = Manifest::parse(bytes).expect_err("no manifest").to_string();
        assert!(error.contains(name), "{error}");
        let entry = File::of(Shard::Features, "features.safetensors", b"some weights");
        let error = entry.verify(bytes).expect_err("no weights").to_string();
        assert!(
            error.contains("features.safetensors") && error.contains(name),
            "{error}"
        );
    }
}

#[test]
fn nan_is_found_and_placed() {
    let network = network();
    let whole = file(&network);
    let broken = Network::build(network.model.clone(), network.device(), |name, shape| {
        let mut values = vec![0.5; shape.iter().product()];
        if name == "fc6.weight" {
            values[3] = f32::NAN;
        }
        values
    })
    .expect("numbers of the right count");
    check(&file(&broken), &["fc6.weight", "NaN", "position 3"]);
    assert!(Network::read(&whole, network.device()).is_ok());
}

#[test]
fn a_shard_of_another_network_is_refused_and_nothing_changes() {
    let network = network();
    let features = block_on(network.write(Shard::Features, Precision::F32)).expect("weights");
    let classifier = block_on(network.write(Shard::Classifier, Precision::F32)).expect("weights");
    let mut half = Network::read(&features, network.device()).expect("its own file");
    let stranger = altered(
        &classifier,
        |json| json["name"] = "stranger".into(),
        |_| true,
    );
    let error = half.add_shard(&stranger).expect_err("another network");
    assert!(error.to_string().contains("stranger"), "{error}");
    let runnable = half.runnable();
    half.add_shard(&classifier).expect("its own shard");
    assert!(half.runnable() > runnable);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Half a step of each format, relative to the largest number of a channel.
    #[test]
    fn reduced_precision_stays_within_its_step(case in crate::random::a_network()) {
        let network = case.network(&Device::flex());
        for (precision, step) in [(Precision::F16, 5e-4), (Precision::Bf16, 4e-3), (Precision::I8, 4e-3)] {
            let bytes = block_on(network.write(Shard::All, precision)).expect("weights");
            let again = Network::read(&bytes, network.device()).expect("its own file");
            let filters = |network: &Network| block_on(readback::floats(network.filters("conv1").expect("loaded"))).expect("CPU");
            let (before, after) = (filters(&network), filters(&again));
            let largest = before.iter().fold(0f32, |most, v| most.max(v.abs()));
            for (b, a) in before.iter().zip(&after) {
                prop_assert!((b - a).abs() <= step * largest, "{precision:?}: {b} became {a}");
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..4000, flip in 0usize..4000) {
        let _ = Network::read(&bytes, &Device::flex());
        let _ = zfnet::Photo::decode(&bytes);
        let _ = Manifest::parse(&bytes);
        let mut whole = file(&network());
        let at = flip % whole.len();
        whole[at] ^= 0x55;
        let _ = Network::read(&whole, &Device::flex());
        whole.truncate(cut % whole.len());
        prop_assert!(Network::read(&whole, &Device::flex()).is_err());
    }
}

#[test]
fn a_manifest_knows_when_a_file_is_not_whole() {
    let bytes = b"some weights".to_vec();
    let entry = File::of(Shard::Features, "features.safetensors", &bytes);
    entry.verify(&bytes).expect("the same bytes");
    let mut flipped = bytes.clone();
    flipped[0] ^= 1;
    let error = entry
        .verify(&flipped)
        .expect_err("another hash")
        .to_string();
    assert!(
        error.contains("features.safetensors") && error.contains(&entry.sha256),
        "{error}"
    );
    let error = entry
        .verify(&bytes[1..])
        .expect_err("too short")
        .to_string();
    assert!(
        error.contains("12 bytes") && error.contains("11 bytes"),
        "{error}"
    );
    let manifest = format!(
        r#"{{"format": 1, "name": "x", "files": [{}]}}"#,
        serde_json::to_string(&entry).expect("JSON")
    );
    let marked = format!("\u{feff}{manifest}");
    assert_eq!(
        Manifest::parse(marked.as_bytes()).expect("with a mark"),
        Manifest::parse(manifest.as_bytes()).expect("without"),
    );
    let newer = br#"{"format": 2, "name": "x", "files": []}"#;
    assert!(
        Manifest::parse(newer)
            .expect_err("newer")
            .to_string()
            .contains('2')
    );
}

#[test]
fn bundled_files_describe_their_input_in_full() {
    let weights = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../weights");
    let mut described = 0;
    for folder in ["", "alexnet", "evolution"] {
        for entry in std::fs::read_dir(weights.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|name| name == "safetensors") {
                let input = input(&std::fs::read(&path).expect("a file"));
                if !input.is_null() {
                    assert_eq!(
                        input["std"],
                        serde_json::json!([1.0, 1.0, 1.0]),
                        "{}",
                        path.display()
                    );
                    described += 1;
                }
            }
        }
    }
    assert!(described >= 12, "two networks and eight checkpoints");
}

#[test]
fn the_bundled_network_is_what_its_manifest_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../weights");
    let manifest =
        Manifest::parse(&std::fs::read(folder.join("manifest.json")).expect("a manifest"))
            .expect("sound");
    let mut network: Option<Network> = None;
    for entry in &manifest.files {
        let bytes = std::fs::read(folder.join(&entry.path)).expect("a listed file");
        entry.verify(&bytes).expect("whole");
        match &mut network {
            Some(network) if entry.shard == Shard::Head => {
                let headed = block_on(network.with_head(&bytes)).expect("a head of these features");
                assert_eq!(headed.runnable(), headed.plan.len());
                assert_eq!(headed.model.classes, network.model.classes);
            }
            Some(network) => network.add_shard(&bytes).expect("its shard"),
            None => {
                network = Some(Network::read(&bytes, &Device::flex()).expect("its first shard"));
            }
        }
    }
    let network = network.expect("at least one file");
    assert_eq!(network.runnable(), network.plan.len());
    assert_eq!(network.model.name, manifest.name);
    assert!(
        network.model.classes.iter().all(|class| class.zh.is_some()),
        "every class has a Chinese name"
    );
}
