//! Steps of SGD against PyTorch's (`tests/golden/training/make.py`).

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use safetensors::SafeTensors;
use serde::Deserialize;
use zfnet::deconvnet::gradients::cross_entropy;
use zfnet::{Network, readback};
use zfnet_train::optimiser::{renormalise, step};
use zfnet_train::recipe::Optimiser;

#[derive(Deserialize)]
struct Golden {
    settings: Settings,
    losses: Vec<f32>,
}

#[derive(Deserialize)]
struct Settings {
    rate: f64,
    momentum: f64,
    decay: f64,
    filter_rms: f64,
    smoothing: f32,
}

fn numbers(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let tensor = file.tensor(name).expect("the golden file has it");
    let values = tensor.data().as_chunks::<4>().0;
    values.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(readback::floats(tensor)).expect("the CPU answers")
}

#[test]
fn four_steps_are_those_of_pytorch() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/training/steps.safetensors");
    let bytes = std::fs::read(path).expect("the golden file is there");
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("safetensors");
    let golden = &metadata.metadata().as_ref().expect("metadata")["golden"];
    let Golden { settings, losses } = serde_json::from_str(golden).expect("the script's JSON");
    let file = SafeTensors::deserialize(&bytes).expect("safetensors");
    let device = Device::flex();
    let mut network = Network::read(&bytes, &device).expect("a network");
    let optimiser = Optimiser {
        momentum: settings.momentum,
        weight_decay: settings.decay,
        trust_ratio: false,
    };
    let mut velocities = Vec::new();
    for (at, expected) in losses.iter().enumerate() {
        let input = TensorData::new(
            numbers(&file, &format!("golden.input.{at}")),
            [3, 3, 17, 17],
        );
        let classes = file
            .tensor(&format!("golden.classes.{at}"))
            .expect("classes");
        let classes = classes.data().as_chunks::<4>().0;
        let classes: Vec<usize> = classes
            .iter()
            .map(|b| i32::from_le_bytes(*b) as usize)
            .collect();
        let trace = network
            .forward_training(Tensor::from_data(input, &device), &Vec::new())
            .expect("it fits");
        let (loss, signal) = cross_entropy(
            trace.logits().expect("scores"),
            &classes,
            settings.smoothing,
        );
        let loss = values(loss)[0];
        assert!(
            (loss - expected).abs() < 1e-5,
            "loss of step {at}: expected {expected}, found {loss}"
        );
        let gradients = network.gradients(&trace, &Vec::new(), signal, 0);
        let mut parameters = network.parameters().to_vec();
        step(
            &mut parameters,
            &mut velocities,
            gradients,
            settings.rate,
            &optimiser,
        );
        renormalise(&mut parameters, settings.filter_rms);
        network = network
            .with_parameters(parameters)
            .expect("the same shapes");
    }
    for (planned, parameters) in network.plan.iter().zip(network.parameters()) {
        let Some(parameters) = parameters else {
            continue;
        };
        for (kind, found) in [
            ("weight", values(parameters.rows())),
            ("bias", values(parameters.bias())),
        ] {
            let name = format!("golden.after.{}.{kind}", planned.layer.name);
            for (found, expected) in found.iter().zip(numbers(&file, &name)) {
                assert!(
                    (found - expected).abs() < 2e-5,
                    "{name}: expected {expected}, found {found}"
                );
            }
        }
    }
}
