//! Random small networks and reproducible numbers for the laws.

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use zfnet::Network;
use zfnet::network::architecture::{
    Architecture, Conv, Dense, Dropout, Layer, Lrn, MaxPool, Op, Region,
};
use zfnet::network::model::{FORMAT, Input, Model};

/// Reproducible numbers between -1 and 1.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn next(&mut self) -> f32 {
        // SplitMix64: every seed gives an independent-looking sequence.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    pub(crate) fn tensor<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
    ) -> Tensor<D> {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.next()).collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    }
}

/// A random architecture with the seed of its numbers.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    model: Model,
    seed: u64,
}

impl Case {
    pub(crate) fn network(&self, device: &Device) -> Network {
        let mut random = Numbers::new(self.seed);
        Network::build(self.model.clone(), device, |name, shape| {
            let fan_in = shape[1..].iter().product::<usize>().max(1) as f32;
            let scale = if name.ends_with("bias") {
                0.1
            } else {
                (3.0 / fan_in).sqrt()
            };
            (0..shape.iter().product())
                .map(|_| random.next() * scale)
                .collect()
        })
        .expect("the strategy makes sound tables")
    }

    pub(crate) fn input(&self, device: &Device) -> Tensor<4> {
        let [channels, rows, cols] = self.model.input_shape();
        Numbers::new(self.seed.rotate_left(32)).tensor([1, channels, rows, cols], device) * 4.0
    }

    pub(crate) fn pick(&self, count: usize) -> usize {
        (self.seed % count as u64) as usize
    }
}

/// One convolutional stage: filters, rectifier, and perhaps a pool and a norm in either order.
fn a_stage() -> impl Strategy<Value = (Op, Option<Op>, Option<Op>, bool)> {
    let convolution = (
        1usize..5,
        1usize..3,
        prop::array::uniform4(0usize..3),
        1usize..3,
        2usize..4,
    )
        .prop_map(|(kernel, stride, pad, groups, width)| {
            Op::Conv(Conv {
                out: groups * width,
                kernel: [kernel, kernel.max(2) - 1],
                stride: [stride, 1 + stride % 2],
                pad,
                groups,
            })
        });
    let pooling = (2usize..4, 1usize..3, prop::array::uniform4(0usize..2)).prop_map(
        |(kernel, stride, pad)| {
            Op::MaxPool(MaxPool {
                kernel: [kernel, kernel],
                stride: [stride, stride],
                pad,
            })
        },
    );
    let norm = (any::<bool>(), 1usize..3).prop_map(|(across, half)| {
        Op::Lrn(Lrn {
            region: if across {
                Region::Across
            } else {
                Region::Within
            },
            size: 2 * half + 1,
            alpha: 0.2,
            beta: 0.75,
            k: 1.5,
        })
    });
    (
        convolution,
        prop::option::of(pooling),
        prop::option::of(norm),
        any::<bool>(),
    )
}

/// Networks of one to three stages on small square inputs, with a dense classifier of three classes.
pub(crate) fn a_network() -> impl Strategy<Value = Case> {
    ending_in(|| {
        vec![
            ("fc6", Op::Dense(Dense { out: 6 })),
            ("relu6", Op::Relu),
            ("drop6", Op::Dropout(Dropout { p: 0.5 })),
            ("fc7", Op::Dense(Dense { out: 3 })),
        ]
    })
}

/// The same, with maps that are averaged and one dense layer.
pub(crate) fn an_averaging_network() -> impl Strategy<Value = Case> {
    ending_in(|| vec![("gap", Op::Gap), ("scores", Op::Dense(Dense { out: 3 }))])
}

/// Either of them.
pub(crate) fn any_network() -> impl Strategy<Value = Case> {
    prop_oneof![a_network(), an_averaging_network()]
}

fn ending_in(end: fn() -> Vec<(&'static str, Op)>) -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(a_stage(), 1..4),
        13usize..20,
        any::<u64>(),
    )
        .prop_filter_map("impossible table", move |(stages, size, seed)| {
            let mut layers = Vec::new();
            let mut maps = 3;
            for (number, (mut convolution, pooling, norm, norm_first)) in (1..).zip(stages) {
                if let Op::Conv(Conv { out, groups, .. }) = &mut convolution {
                    if maps % *groups != 0 {
                        *groups = 1;
                    }
                    maps = *out;
                }
                let mut add = |prefix: &str, op: Op| {
                    layers.push(Layer {
                        name: format!("{prefix}{number}"),
                        op,
                    });
                };
                add("conv", convolution);
                add("relu", Op::Relu);
                let mut rest = vec![pooling.map(|op| ("pool", op)), norm.map(|op| ("norm", op))];
                if norm_first {
                    rest.reverse();
                }
                rest.into_iter()
                    .flatten()
                    .for_each(|(prefix, op)| add(prefix, op));
            }
            for (name, op) in end() {
                layers.push(Layer {
                    name: name.into(),
                    op,
                });
            }
            let model = Model {
                format: FORMAT,
                name: "random".into(),
                architecture: Architecture { layers },
                input: Input {
                    size,
                    resize_short_side: size,
                    channels: Default::default(),
                    range: 255.0,
                    mean: vec![0.0; 3],
                    std: vec![1.0; 3],
                },
                classes: Vec::new(),
                provenance: serde_json::Value::Null,
            };
            model.plan().is_ok().then_some(Case { model, seed })
        })
}
