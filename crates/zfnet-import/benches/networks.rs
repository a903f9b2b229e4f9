//! Networks that people know, on the CPU: one picture up to its scores. Their numbers are random.
//!
//! Figures are of one machine and good as ratios only.

use std::hint::black_box;

use burn::tensor::{Device, Tensor, TensorData};
use criterion::{Criterion, criterion_group, criterion_main};
use pollster::block_on;
use safetensors::tensor::{Dtype, TensorView};
use zfnet::readback;
use zfnet_import::{Options, read_state_dict, tensors};

fn sequence(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// A state dict of the network with this name.
fn state_dict(layout: &str) -> Vec<u8> {
    let mut next = sequence(1);
    let shapes = tensors(layout).expect("a network that is known");
    let numbers: Vec<(String, Vec<usize>, Vec<u8>)> = shapes
        .into_iter()
        .map(|(name, shape)| {
            let fan_in = shape[1..].iter().product::<usize>().max(1) as f32;
            let count: usize = shape.iter().product();
            // Of normalisations all are about 1.
            let number = |next: f32| match shape.len() {
                1 => 1.0 + next / 4.0,
                _ => next * (6.0 / fan_in).sqrt(),
            };
            let bytes = (0..count).flat_map(|_| number(next()).to_le_bytes());
            let bytes = bytes.collect();
            (name, shape, bytes)
        })
        .collect();
    let views = numbers.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name, view.expect("as many numbers"))
    });
    safetensors::serialize(views, None).expect("a file")
}

fn networks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("network");
    for name in ["resnet18", "googlenet", "squeezenet1_1"] {
        let layout = format!("torchvision-{name}");
        let file = state_dict(&layout);
        let imported = read_state_dict(&file, Some(&layout), &Options::default());
        let network = imported.expect("sound").network(&Device::flex());
        let network = network.expect("finite numbers");
        let mut next = sequence(2);
        let picture: Vec<f32> = (0..3 * 224 * 224).map(|_| next()).collect();
        let picture = TensorData::new(picture, [1, 3, 224, 224]);
        let input = Tensor::<4>::from_data(picture, &Device::flex());
        group.bench_function(name, |b| {
            b.iter(|| {
                let trace = network.forward(input.clone()).expect("the input fits");
                let logits = trace.logits().expect("whole");
                black_box(block_on(readback::floats(logits)).expect("the CPU answers"))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, networks);
criterion_main!(benches);
