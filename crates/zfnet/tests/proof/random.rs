//! Random small networks and reproducible numbers for the laws.

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use zfnet::Network;
use zfnet::network::architecture::{
    Architecture, AvgPool, Conv, Curve, Dense, Dropout, INPUT, Layer, Lrn, MaxPool, Op, Region,
    Shuffle,
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
    /// A network of these layers on pictures of that size, if there is one.
    fn sound(layers: Vec<Layer>, size: [usize; 2], seed: u64) -> Option<Self> {
        let model = Model {
            format: FORMAT,
            name: "random".into(),
            architecture: Architecture { layers },
            input: Input {
                size,
                resize_short_side: size[0].min(size[1]),
                channels: Default::default(),
                range: 255.0,
                mean: vec![0.0; 3],
                std: vec![1.0; 3],
            },
            classes: Vec::new(),
            scores: Default::default(),
            provenance: serde_json::Value::Null,
        };
        model.plan().is_ok().then_some(Self { model, seed })
    }

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

/// The upper half of the paper's network, narrow: convolutions of 3 by 3 above a pool, on maps of 13 by 13.
pub(crate) fn a_tower(seed: u64) -> Case {
    let conv = |out| {
        Op::Conv(Conv {
            pad: [1; 4],
            ..Conv::new(out, [3, 3])
        })
    };
    let pool = Op::MaxPool(MaxPool {
        kernel: [3, 3],
        stride: [2, 2],
        pad: [0; 4],
    });
    let layers = [
        ("conv1", conv(5)),
        ("relu1", Op::Relu),
        ("pool1", pool),
        ("conv2", conv(8)),
        ("relu2", Op::Relu),
        ("conv3", conv(7)),
        ("relu3", Op::Relu),
        ("conv4", conv(9)),
        ("relu4", Op::Relu),
    ];
    let layers = layers.map(|(name, op)| Layer::new(name, op)).to_vec();
    Case::sound(layers, [27, 27], seed).expect("the table is sound")
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
                stride: [stride, 1 + stride % 2],
                pad,
                groups,
                ..Conv::new(groups * width, [kernel, kernel.max(2) - 1])
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

/// Networks of one to three stages on small inputs, with a dense classifier of three classes.
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

/// Any of them.
pub(crate) fn any_network() -> impl Strategy<Value = Case> {
    prop_oneof![a_network(), an_averaging_network(), a_graph()]
}

/// Networks of two or three blocks that fork and join, with three classes.
pub(crate) fn a_graph() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(0usize..BLOCKS.len(), 2..4),
        prop::array::uniform2(13usize..18),
        any::<u64>(),
    )
        .prop_filter_map("impossible table", |(blocks, size, seed)| {
            let mut graph = Graph {
                layers: Vec::new(),
                random: Numbers::new(seed),
            };
            let stem = graph.conv(INPUT, 4, 3);
            let mut last = graph.bent(&stem);
            for block in blocks {
                last = BLOCKS[block](&mut graph, &last);
            }
            match graph.below(3) {
                0 => {
                    let averaged = graph.add("gap", &[&last], Op::Gap);
                    graph.add("scores", &[&averaged], Op::Dense(Dense { out: 3 }));
                }
                1 => {
                    graph.add("scores", &[&last], Op::Dense(Dense { out: 3 }));
                }
                // As SqueezeNet ends: in convolutions.
                _ => {
                    let scores = graph.conv(&last, 3, 1);
                    let rectified = graph.add("relu", &[&scores], Op::Relu);
                    graph.add("scores", &[&rectified], Op::Gap);
                }
            }
            Case::sound(graph.layers, size, seed)
        })
}

/// A table that grows. What has not been said is chosen at random. Every method returns the name of the layer to read on.
struct Graph {
    layers: Vec<Layer>,
    random: Numbers,
}

/// Something between the layer of a name and the layer whose name it returns.
type Block = fn(&mut Graph, &str) -> String;

/// What networks of these years are made of. Blocks take and return four maps.
const BLOCKS: [Block; 7] = [
    Graph::residual,
    Graph::inception,
    Graph::dense,
    Graph::gated,
    Graph::separable,
    Graph::pooled,
    Graph::grouped,
];

impl Graph {
    fn below(&mut self, end: usize) -> usize {
        ((self.random.next() + 1.0) / 2.0 * end as f32) as usize % end
    }

    fn add(&mut self, kind: &str, from: &[&str], op: Op) -> String {
        let name = format!("{kind}_{}", self.layers.len());
        let from = from.iter().map(|name| (*name).to_string()).collect();
        self.layers.push(Layer {
            name: name.clone(),
            from,
            op,
        });
        name
    }

    /// A convolution that keeps rows and columns.
    fn conv(&mut self, from: &str, out: usize, side: usize) -> String {
        let dilation = if side == 3 { 1 + self.below(2) } else { 1 };
        let pad = [(side - 1) / 2 * dilation; 4];
        let filters = Conv {
            pad,
            dilation: [dilation; 2],
            ..Conv::new(out, [side; 2])
        };
        self.add("conv", &[from], Op::Conv(filters))
    }

    /// A rectifier or what others put in its place.
    fn bent(&mut self, from: &str) -> String {
        let op = match self.below(8) {
            0 => Op::Activation(Curve::Clip { min: 0.0, max: 1.5 }),
            1 => Op::Activation(Curve::LeakyRelu { slope: 0.1 }),
            2 => Op::Activation(Curve::Silu),
            3 => Op::Activation(Curve::HardSwish),
            4 => Op::Prelu,
            _ => Op::Relu,
        };
        self.add("bent", &[from], op)
    }

    /// He et al. 2016, with a batch normalisation left over, and a shortcut that is a convolution or nothing.
    fn residual(&mut self, from: &str) -> String {
        let inner = self.conv(from, 5, 3);
        let inner = self.bent(&inner);
        let inner = self.conv(&inner, 4, 3);
        let inner = self.add("affine", &[&inner], Op::Affine);
        let shortcut = match self.below(2) {
            0 => from.to_string(),
            _ => self.conv(from, 4, 1),
        };
        let sum = self.add("add", &[&inner, &shortcut], Op::Add);
        self.bent(&sum)
    }

    /// Szegedy et al. 2015.
    fn inception(&mut self, from: &str) -> String {
        let one = self.conv(from, 1, 1);
        let one = self.bent(&one);
        let three = self.conv(from, 2, 3);
        let three = self.bent(&three);
        let pool = MaxPool {
            kernel: [3, 3],
            stride: [1, 1],
            pad: [1; 4],
        };
        let pooled = self.add("pool", &[from], Op::MaxPool(pool));
        let pooled = self.conv(&pooled, 1, 1);
        self.add("concat", &[&one, &three, &pooled], Op::Concat)
    }

    /// Huang et al. 2017: what comes in stays beside what is made of it.
    fn dense(&mut self, from: &str) -> String {
        let normed = self.add("affine", &[from], Op::Affine);
        let bent = self.add("relu", &[&normed], Op::Relu);
        let made = self.conv(&bent, 2, 3);
        let both = self.add("concat", &[from, &made], Op::Concat);
        self.conv(&both, 4, 1)
    }

    /// Hu et al. 2018, or a gate for every unit.
    fn gated(&mut self, from: &str) -> String {
        let gate = match self.below(2) {
            0 => self.add("gap", &[from], Op::Gap),
            _ => from.to_string(),
        };
        let gate = self.conv(&gate, 4, 1);
        let curve = match self.below(2) {
            0 => Curve::Sigmoid,
            _ => Curve::HardSigmoid {
                alpha: 0.3,
                beta: 0.5,
            },
        };
        let gate = self.add("gate", &[&gate], Op::Activation(curve));
        self.add("scale", &[from, &gate], Op::Scale)
    }

    /// Howard et al. 2017: each map for itself, by a stride or not, then all of a place.
    fn separable(&mut self, from: &str) -> String {
        let stride = 1 + self.below(2);
        let filters = Conv {
            stride: [stride; 2],
            pad: [1, 0, 1, 2],
            groups: 4,
            ..Conv::new(4, [3, 3])
        };
        let each = self.add("depthwise", &[from], Op::Conv(filters));
        let each = self.bent(&each);
        self.conv(&each, 4, 1)
    }

    /// A pool of either kind, at the border as programs differ.
    fn pooled(&mut self, from: &str) -> String {
        let pad = [1, 0, 1, 1];
        let counted = [[0; 4], pad, [1, 0, 0, 0]][self.below(3)];
        let (kernel, stride) = ([3, 2], [2, 2]);
        let op = match self.below(3) {
            0 => Op::MaxPool(MaxPool {
                kernel,
                stride,
                pad,
            }),
            1 => Op::AvgPool(AvgPool {
                kernel,
                stride,
                pad,
                counted,
            }),
            _ => Op::AvgPool(AvgPool {
                kernel,
                stride,
                pad: [0; 4],
                counted: [0; 4],
            }),
        };
        self.add("pool", &[from], op)
    }

    /// Zhang et al. 2018.
    fn grouped(&mut self, from: &str) -> String {
        let filters = Conv {
            groups: 2,
            ..Conv::new(6, [1, 1])
        };
        let split = self.add("grouped", &[from], Op::Conv(filters));
        let dealt = self.add("shuffle", &[&split], Op::Shuffle(Shuffle { groups: 2 }));
        let bent = self.bent(&dealt);
        self.conv(&bent, 4, 1)
    }
}

fn ending_in(end: fn() -> Vec<(&'static str, Op)>) -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(a_stage(), 1..4),
        prop::array::uniform2(13usize..20),
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
                    layers.push(Layer::new(format!("{prefix}{number}"), op));
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
                layers.push(Layer::new(name, op));
            }
            Case::sound(layers, size, seed)
        })
}
