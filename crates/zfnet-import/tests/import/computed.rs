//! What networks compute, against onnxruntime on the same files and pictures (`generate.py`).

use burn::tensor::{Device, Tensor, TensorData};
use zfnet::Network;
use zfnet_import::{Options, read};

use crate::graph::{LIGHT, file, filled, numbers_of};

/// The last layer's numbers for the picture of `generate.py`, maps first.
fn scores(network: &Network, is_last: bool) -> Vec<f32> {
    let [maps, rows, cols] = network.plan.input();
    let count = maps * rows * cols;
    let number = |at: usize| {
        let at = match is_last {
            true => at % (rows * cols) * maps + at / (rows * cols),
            false => at,
        };
        (at as f64 / count as f64) as f32
    };
    let picture: Vec<f32> = (0..count).map(number).collect();
    let data = TensorData::new(picture, [1, maps, rows, cols]);
    let trace = network
        .forward(Tensor::from_data(data, network.device()))
        .expect("a trace");
    let last = &trace.layers.last().expect("layers").activation;
    last.clone().into_data().try_to_vec().expect("numbers")
}

fn close(name: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let largest = expected
        .iter()
        .fold(0f32, |most, number| most.max(number.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest,
            "{name}: {at}: {found} for {expected}, largest {largest}"
        );
    }
}

fn zoo(name: &str) {
    let bytes = filled(&file(&format!("light/light_{name}.onnx")));
    let imported = read(&bytes, &Options::default()).expect(name);
    let network = imported.network(&Device::flex()).expect(name);
    let expected = numbers_of(&format!("light/light_{name}.f32"));
    close(name, &scores(&network, false), &expected, 1e-3);
}

#[test]
fn alexnet_computes_what_onnxruntime_does() {
    zoo("bvlc_alexnet");
}

#[test]
fn densenet_computes_what_onnxruntime_does() {
    zoo("densenet121");
}

#[test]
fn googlenet_computes_what_onnxruntime_does() {
    zoo("inception_v1");
}

#[test]
fn inception_computes_what_onnxruntime_does() {
    zoo("inception_v2");
}

#[test]
fn resnet_computes_what_onnxruntime_does() {
    zoo("resnet50");
}

#[test]
fn shufflenet_computes_what_onnxruntime_does() {
    zoo("shufflenet");
}

#[test]
fn squeezenet_computes_what_onnxruntime_does() {
    zoo("squeezenet");
}

#[test]
fn vgg_computes_what_onnxruntime_does() {
    zoo("vgg19");
}

#[test]
fn zfnet_computes_what_onnxruntime_does() {
    zoo("zfnet512");
}

#[test]
fn files_as_they_come_give_the_scores_that_come_with_them() {
    // Beside each file lies what the package's own evaluator finds. Where all weights are one number, so are all scores: a thousandth
    // each, or for DenseNet, which ends before its softmax, what they are.
    for name in LIGHT {
        let bytes = file(&format!("light/light_{name}.onnx"));
        let imported = read(&bytes, &Options::default()).expect(name);
        let network = imported.network(&Device::flex()).expect(name);
        let found = scores(&network, false);
        let (found, expected) = match name {
            "densenet121" => (found, 0.460_955),
            _ => (softmax(found), 0.001),
        };
        close(name, &found, &[expected; 1000], 1e-3);
    }
}

#[test]
fn graphs_as_exporters_write_them_compute_what_onnxruntime_does() {
    for (name, tolerance, share) in [
        ("residual", 1e-4, Some(softmax as fn(Vec<f32>) -> Vec<f32>)),
        ("gated", 1e-4, None),
        ("last", 1e-4, Some(sigmoid as fn(Vec<f32>) -> Vec<f32>)),
        ("parts", 1e-4, None),
        ("same", 1e-4, None),
        ("open", 1e-4, None),
        ("heavy", 1e-4, None),
        ("wide", 1e-4, Some(softmax)),
        ("tall", 1e-4, Some(softmax)),
        // Maps are not rounded to 8 bits here.
        ("few_bits", 2e-2, None),
        ("operators", 1e-2, None),
        ("nodes", 1e-2, None),
    ] {
        let bytes = file(&format!("made/{name}.onnx"));
        let options = Options {
            size: (name == "open").then_some([20; 2]),
            ..Options::default()
        };
        let imported = read(&bytes, &options).expect(name);
        let network = imported.network(&Device::flex()).expect(name);
        let found = scores(&network, matches!(name, "last" | "tall"));
        let found = match share {
            Some(share) => share(found),
            None => found,
        };
        close(
            name,
            &found,
            &numbers_of(&format!("made/{name}.f32")),
            tolerance,
        );
    }
}

fn softmax(scores: Vec<f32>) -> Vec<f32> {
    let largest = scores.iter().fold(f32::MIN, |most, score| most.max(*score));
    let powers: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

fn sigmoid(scores: Vec<f32>) -> Vec<f32> {
    scores
        .iter()
        .map(|score| 1.0 / (1.0 + (-score).exp()))
        .collect()
}
