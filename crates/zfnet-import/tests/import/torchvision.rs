//! Networks of torchvision, from each file that people have of them, against PyTorch and captum (`tests/golden/networks`).
//!
//! A number may be off by 1e-4 of the largest beside it: those of PyTorch are in double precision, ours in single, and
//! exporters put normalisations into filters, which rounds the filters anew. What is kept as whole numbers of 16 bits is itself
//! off by up to 2e-5.

use std::ops::ControlFlow;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use safetensors::SafeTensors;
use serde::Deserialize;
use zfnet::experiments::Step;
use zfnet::experiments::paper::occlusion::{self, occlude};
use zfnet::experiments::shared::covering::Fill;
use zfnet::experiments::since::attribution::{Attribution, BATCH, Method, attribute};
use zfnet::{Network, ReluRule, Targets, Trace, project, readback};
use zfnet_import::{Options, read};

const TOLERANCE: f32 = 1e-4;

/// What a golden file says.
#[derive(Deserialize)]
struct About {
    files: Vec<String>,
    logits: Vec<f32>,
    projections: Vec<Projection>,
    class: Option<usize>,
    #[serde(default)]
    methods: Vec<Explained>,
    occlusion: Option<Occlusion>,
}

#[derive(Deserialize)]
struct Projection {
    layer: String,
    unit: [usize; 3],
    rule: ReluRule,
    activation: f32,
    /// Row and column of the first pixel that is kept; the others are zero.
    corner: [usize; 2],
    #[serde(flatten)]
    pixels: Kept,
}

#[derive(Deserialize)]
struct Explained {
    settings: Method,
    #[serde(flatten)]
    values: Kept,
}

/// Numbers as whole ones times a step.
#[derive(Deserialize)]
struct Kept {
    tensor: String,
    step: f32,
}

#[derive(Deserialize)]
struct Occlusion {
    side: usize,
    layer: String,
    probability: f32,
    /// What each square takes from the probability.
    lost: Vec<f32>,
}

fn golden(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/networks");
    std::fs::read(folder.join(name)).expect(name)
}

/// A golden file and its tensors.
struct Golden<'a> {
    file: SafeTensors<'a>,
    about: About,
}

impl<'a> Golden<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let (_, header) = SafeTensors::read_metadata(bytes).expect("safetensors");
        let about = &header.metadata().as_ref().expect("a description")["golden"];
        Self {
            file: SafeTensors::deserialize(bytes).expect("safetensors"),
            about: serde_json::from_str(about).expect("a description"),
        }
    }

    fn input(&self, device: &Device) -> Tensor<4> {
        let tensor = self.file.tensor("golden.input").expect("the input");
        let numbers = tensor.data().as_chunks().0.iter();
        let numbers: Vec<f32> = numbers.map(|four| f32::from_le_bytes(*four)).collect();
        let shape: [usize; 4] = tensor.shape().try_into().expect("four axes");
        Tensor::from_data(TensorData::new(numbers, shape), device)
    }

    /// Lengths of the axes, and the numbers.
    fn kept(&self, kept: &Kept) -> (Vec<usize>, Vec<f32>) {
        let tensor = self.file.tensor(&kept.tensor).expect("a tensor");
        let numbers = tensor.data().as_chunks().0.iter();
        let number = |two: &[u8; 2]| f32::from(i16::from_le_bytes(*two)) * kept.step;
        (tensor.shape().to_vec(), numbers.map(number).collect())
    }
}

fn close(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected
        .iter()
        .fold(0f32, |most, value| most.max(value.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= TOLERANCE * largest,
            "{what} {at}: {found} for {expected}, largest {largest}"
        );
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(readback::floats(tensor)).expect("the processor")
}

fn check_projection(
    network: &Network,
    trace: &Trace,
    golden: &Golden<'_>,
    expected: &Projection,
    file: &str,
) {
    let targets = Targets::Units(expected.layer.clone(), vec![expected.unit]);
    let found = project(network, trace, 0, &targets, expected.rule).expect(file);
    let what = format!("{file}: {} {:?}", expected.layer, expected.rule);
    close(&what, &numbers(found.activations), &[expected.activation]);
    let [_, maps, rows, cols] = trace.input.dims();
    let mut frame = vec![0.0; maps * rows * cols];
    let (shape, pixels) = golden.kept(&expected.pixels);
    let [top, left] = expected.corner;
    for (at, pixel) in pixels.iter().enumerate() {
        let (map, row, col) = (
            at / (shape[1] * shape[2]),
            at / shape[2] % shape[1],
            at % shape[2],
        );
        frame[(map * rows + top + row) * cols + left + col] = *pixel;
    }
    let [_, _, high, wide] = found.pixels.dims();
    let mut whole = vec![0.0; frame.len()];
    let [top, left] = found.windows.origins[0];
    for (at, pixel) in numbers(found.pixels).into_iter().enumerate() {
        let (map, row, col) = (at / (high * wide), at / wide % high, at % wide);
        let (row, col) = (top + row as isize, left + col as isize);
        if (0..rows as isize).contains(&row) && (0..cols as isize).contains(&col) {
            whole[(map * rows + row as usize) * cols + col as usize] = pixel;
        }
    }
    close(&what, &whole, &frame);
}

fn check_occlusion(
    network: &Network,
    trace: &Trace,
    class: usize,
    expected: &Occlusion,
    file: &str,
) {
    let settings = occlusion::Settings {
        size: expected.side,
        stride: expected.side,
        fill: Fill::Mean,
        layer: Some(expected.layer.clone()),
        class: Some(class),
        ..Default::default()
    };
    let go_on = async |_: Step<occlusion::Part<'_>>| ControlFlow::Continue(());
    let found = block_on(occlude(network, trace, &settings, go_on)).expect(file);
    let uncovered = found.uncovered.class.expect("a class").probability;
    assert!(
        (uncovered - expected.probability).abs() <= TOLERANCE,
        "{file}"
    );
    let lost: Vec<f32> = found
        .probability()
        .into_iter()
        .map(|covered| uncovered - covered)
        .collect();
    close(&format!("{file}: occlusion"), &lost, &expected.lost);
}

fn check(name: &str, files: usize) {
    let bytes = golden(&format!("{name}.golden.safetensors"));
    let golden_file = Golden::read(&bytes);
    let about = &golden_file.about;
    assert_eq!(about.files.len(), files);
    for file in &about.files {
        let bytes = golden(file);
        let options = Options {
            size: Some([48; 2]),
            ..Options::default()
        };
        let imported = read(&bytes, &options).unwrap_or_else(|error| panic!("{file}: {error}"));
        let network = imported.network(&Device::flex()).expect(file);
        let trace = network
            .forward(golden_file.input(network.device()))
            .expect(file);
        let logits = numbers(trace.logits().expect("scores"));
        close(&format!("{file}: logits"), &logits, &about.logits);
        for expected in &about.projections {
            check_projection(&network, &trace, &golden_file, expected, file);
        }
        let Some(class) = about.class else { continue };
        for expected in &about.methods {
            let go_on = async |_: Step<Option<&Attribution>>| ControlFlow::Continue(());
            let found = attribute(&network, &trace, class, &expected.settings, BATCH, go_on);
            let found = block_on(found).expect(file).expect("nobody stopped it");
            let what = format!("{file}: {}", expected.settings.name());
            close(&what, &found.values, &golden_file.kept(&expected.values).1);
        }
        let occlusion = about.occlusion.as_ref().expect("where there is a class");
        check_occlusion(&network, &trace, class, occlusion, file);
    }
}

#[test]
fn resnet_sees_what_it_sees_in_pytorch() {
    check("resnet18", 3);
}

#[test]
fn googlenet_sees_what_it_sees_in_pytorch() {
    check("googlenet", 3);
}

#[test]
fn mobilenet_sees_what_it_sees_in_pytorch() {
    check("mobilenet_v2", 1);
}

#[test]
fn densenet_sees_what_it_sees_in_pytorch() {
    check("densenet121", 1);
}
