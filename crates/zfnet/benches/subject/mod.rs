//! What is measured: a network and a picture with reproducible random numbers.

use burn::tensor::{Device, Tensor, TensorData};
use zfnet::Network;
use zfnet::network::architecture::Architecture;
use zfnet::network::model::{FORMAT, Input, Model};

fn sequence(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// The full ZFNet with 512-wide dense layers.
pub(crate) fn network() -> Network {
    let model = Model {
        format: FORMAT,
        name: "bench".into(),
        architecture: Architecture::zfnet(512, 29),
        input: Input {
            size: [224; 2],
            resize_short_side: 224,
            channels: Default::default(),
            range: 255.0,
            mean: vec![0.0; 3],
            std: vec![1.0; 3],
        },
        classes: Vec::new(),
        scores: Default::default(),
        provenance: serde_json::Value::Null,
    };
    let mut next = sequence(1);
    Network::build(model, &Device::flex(), |_, shape| {
        let fan_in = shape[1..].iter().product::<usize>().max(1) as f32;
        (0..shape.iter().product())
            .map(|_| next() * (6.0 / fan_in).sqrt())
            .collect()
    })
    .expect("a sound table")
}

/// A picture of noise, `[1, 3, 224, 224]`.
pub(crate) fn input() -> Tensor<4> {
    let mut next = sequence(2);
    let values: Vec<f32> = (0..3 * 224 * 224).map(|_| next() * 100.0).collect();
    Tensor::from_data(TensorData::new(values, [1, 3, 224, 224]), &Device::flex())
}
