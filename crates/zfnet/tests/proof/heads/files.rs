//! Heads as files, which fit only the features that they were trained on.

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use zfnet::Network;
use zfnet::files::head::Head;
use zfnet::files::manifest::Manifest;
use zfnet::files::weights::{Precision, Shard};
use zfnet::network::Parameters;

use super::random_network;
use crate::laws::numbers;
use crate::random::{Numbers, a_network};

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_head_shares_the_features_and_comes_back_from_its_file(case in a_network()) {
        let base = case.network(&Device::flex());
        // Some end in maps of a single place, of which there is nothing to average.
        let head = block_on(Head::gap(&base, "gap", 4));
        prop_assume!(head.is_ok());
        let head = head.expect("there are convolutions");
        let mut random = Numbers::new(case.pick(1000) as u64);
        let network = base.headed(&head, |_, shape| {
            let weight = random.tensor([shape[0], shape[1]], base.device());
            Some(Parameters::Dense(weight, random.tensor([shape[0]], base.device())))
        });
        let network = network.expect("it fits");
        let bytes = block_on(network.write_head(&head)).expect("whole");
        let again = block_on(base.with_head(&bytes)).expect("its own features");
        let scores = |network: &Network| numbers(network.forward(case.input(network.device())).expect("fits").logits().expect("whole"));
        prop_assert_eq!(scores(&again), scores(&network));
        prop_assert_eq!(again.model.name, format!("{}-gap", base.model.name));
        // Whatever file the features came from: alone they are enough.
        let features = block_on(base.write(Shard::Features, Precision::F32)).expect("loaded");
        let alone = Network::read(&features, base.device()).expect("features");
        prop_assert_eq!(scores(&block_on(alone.with_head(&bytes)).expect("the same features")), scores(&network));
    }
}

#[test]
fn heads_of_other_features_and_files_that_are_none_are_refused() {
    let (base, _) = random_network();
    let head = block_on(Head::gap(&base, "gap", 3)).expect("there are convolutions");
    let zeros = |_: &str, shape: &[usize]| {
        let weight = Tensor::zeros([shape[0], shape[1]], base.device());
        Some(Parameters::Dense(
            weight,
            Tensor::zeros([shape[0]], base.device()),
        ))
    };
    let network = base.headed(&head, zeros).expect("it fits");
    let bytes = block_on(network.write_head(&head)).expect("whole");
    let mut changed = base.parameters().to_vec();
    let first = changed[0].as_ref().expect("a convolution");
    changed[0] = Some(first.with(first.rows() * 1.01, first.bias()));
    let other = base.with_parameters(changed).expect("the same shapes");
    let refused = |network: &Network, bytes: &[u8], words: &[&str]| {
        let error = block_on(network.with_head(bytes)).expect_err("no head of these");
        let message = error.to_string();
        for word in words.iter().chain(&["expected", "found"]) {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    };
    refused(
        &other,
        &bytes,
        &["head gap", "features", &head.features.sha256[..12]],
    );
    let whole = block_on(base.write(Shard::All, Precision::F32)).expect("whole");
    refused(&base, &whole, &["head", "\"all\""]);
    refused(&base, b"nothing", &["safetensors"]);
    // The other way round: a head is no network.
    let error = Network::read(&bytes, base.device()).expect_err("no network");
    assert!(error.to_string().contains("on top"), "{error}");
    assert!(block_on(base.write(Shard::Head, Precision::F32)).is_err());
}

#[test]
fn a_manifest_may_list_heads() {
    let json = br#"{"format":1,"name":"n","files":[
        {"shard":"features","path":"f","bytes":1,"sha256":"0"},
        {"shard":"head","name":"gap","path":"h","bytes":2,"sha256":"1"}]}"#;
    let manifest = Manifest::parse(json).expect("a manifest");
    assert_eq!(manifest.files[1].shard, Shard::Head);
    assert_eq!(manifest.files[1].name.as_deref(), Some("gap"));
    let again = serde_json::to_value(&manifest).expect("JSON");
    assert!(again["files"][0].get("name").is_none(), "{again}");
}
