//! The networks whose state dicts are understood: which tensor belongs to which layer, and the geometry that a state dict
//! does not hold (strides, padding, pools, normalisation). Numbers of maps and units come from the tensors.
//!
//! Sources: torchvision 0.29 `models/alexnet.py`, `models/vgg.py`; pytorchcv 0.0.74 `models/alexnet.py`, `models/zfnet.py`.

use std::collections::BTreeSet;

use zfnet::network::architecture::{Conv, Dense, Dropout, Layer, Lrn, MaxPool, Op, Pad, Region};

/// A network of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// torchvision's `alexnet`: Krizhevsky (2014), no groups, no normalisation.
    TorchvisionAlexnet,
    /// torchvision's `vgg16`, without batch normalisation.
    TorchvisionVgg16,
    /// pytorchcv's `zfnet`, and `zfnetb`, which has the same geometry with more maps.
    PytorchcvZfnet,
    /// pytorchcv's `alexnet`: no groups, with normalisation.
    PytorchcvAlexnet,
    /// pytorchcv's `alexnetb`: the keys of its `alexnet` on the geometry of torchvision's.
    PytorchcvAlexnetb,
}

/// Names that [`Layout::named`] knows.
pub const NAMES: [&str; 5] = [
    "torchvision-alexnet",
    "torchvision-vgg16",
    "pytorchcv-zfnet",
    "pytorchcv-alexnet",
    "pytorchcv-alexnetb",
];

/// A layer, and the beginning of its tensors' names if it has any.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The layer; `out` is 0 until it is read from the tensor.
    pub(crate) layer: Layer,
    /// `features.0` for `features.0.weight` and `features.0.bias`.
    pub(crate) key: Option<String>,
}

impl Layout {
    /// Every layout, in the order of [`NAMES`].
    pub const ALL: [Self; 5] = [
        Self::TorchvisionAlexnet,
        Self::TorchvisionVgg16,
        Self::PytorchcvZfnet,
        Self::PytorchcvAlexnet,
        Self::PytorchcvAlexnetb,
    ];

    /// A layout by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name() == name)
    }

    /// The package and the network's name in it.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// Rows and columns of the first filters, and the numbers of maps of the published network; what tells networks with
    /// equal keys apart.
    pub(crate) fn published(self) -> (usize, &'static [usize]) {
        match self {
            Self::TorchvisionAlexnet => (11, &[64, 192, 384, 256, 256]),
            Self::TorchvisionVgg16 => (
                3,
                &[
                    64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512,
                ],
            ),
            Self::PytorchcvZfnet => (7, &[96, 256, 384, 384, 256]),
            Self::PytorchcvAlexnet => (11, &[96, 256, 384, 384, 256]),
            Self::PytorchcvAlexnetb => (11, &[64, 192, 384, 256, 256]),
        }
    }

    /// The table of layers, first to last.
    pub(crate) fn rows(self) -> Vec<Row> {
        let mut rows = Rows::default();
        match self {
            Self::TorchvisionAlexnet => {
                rows.conv("1", "features.0", 11, 4, 2).pool("1", 3, [0; 4]);
                rows.conv("2", "features.3", 5, 1, 2).pool("2", 3, [0; 4]);
                rows.conv("3", "features.6", 3, 1, 1);
                rows.conv("4", "features.8", 3, 1, 1);
                rows.conv("5", "features.10", 3, 1, 1).pool("5", 3, [0; 4]);
                // Dropout comes before the dense layers here. The pool to 6×6 between is the identity on 224 pixels.
                rows.dropout("5").hidden("6", "classifier.1");
                rows.dropout("6").hidden("7", "classifier.4");
                rows.dense("8", "classifier.6");
            }
            Self::TorchvisionVgg16 => {
                let mut key = 0;
                for (block, depth) in [(1, 2), (2, 2), (3, 3), (4, 3), (5, 3)] {
                    for layer in 1..=depth {
                        let suffix = format!("{block}_{layer}");
                        rows.conv(&suffix, &format!("features.{key}"), 3, 1, 1);
                        key += 2;
                    }
                    rows.pool(&block.to_string(), 2, [0; 4]);
                    key += 1;
                }
                rows.hidden("6", "classifier.0").dropout("6");
                rows.hidden("7", "classifier.3").dropout("7");
                rows.dense("8", "classifier.6");
            }
            // Pools round up: 110 → 55 and 26 → 13, as one more row and column at the bottom and right. 13 → 6 is even.
            Self::PytorchcvZfnet => {
                rows.conv("1", "features.stage1.unit1.conv", 7, 2, 1)
                    .norm("1")
                    .pool("1", 3, UP);
                rows.conv("2", "features.stage2.unit1.conv", 5, 2, 0)
                    .norm("2")
                    .pool("2", 3, UP);
                rows.third_stage_of_pytorchcv();
            }
            // Only 54 → 27 is rounded up.
            Self::PytorchcvAlexnet => {
                rows.conv("1", "features.stage1.unit1.conv", 11, 4, 0)
                    .norm("1")
                    .pool("1", 3, UP);
                rows.conv("2", "features.stage2.unit1.conv", 5, 1, 2)
                    .norm("2")
                    .pool("2", 3, [0; 4]);
                rows.third_stage_of_pytorchcv();
            }
            Self::PytorchcvAlexnetb => {
                rows.conv("1", "features.stage1.unit1.conv", 11, 4, 2)
                    .pool("1", 3, [0; 4]);
                rows.conv("2", "features.stage2.unit1.conv", 5, 1, 2)
                    .pool("2", 3, [0; 4]);
                rows.third_stage_of_pytorchcv();
            }
        }
        rows.0
    }

    /// The names of every tensor that the layout needs, in the order of its layers.
    pub(crate) fn keys(self) -> Vec<String> {
        let keys = self.rows().into_iter().filter_map(|row| row.key);
        keys.flat_map(|key| ["weight", "bias"].map(|part| format!("{key}.{part}")))
            .collect()
    }

    /// The names of every tensor that any layout needs.
    pub(crate) fn every_key() -> BTreeSet<String> {
        Self::ALL.into_iter().flat_map(Self::keys).collect()
    }
}

/// What rounding up amounts to where one row and column are left over.
const UP: Pad = [0, 0, 1, 1];

/// A table under construction.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn push(&mut self, name: String, op: Op, key: Option<&str>) -> &mut Self {
        self.0.push(Row {
            layer: Layer::new(name, op),
            key: key.map(str::to_owned),
        });
        self
    }

    /// A convolution and its rectifier.
    fn conv(&mut self, number: &str, key: &str, side: usize, step: usize, pad: usize) -> &mut Self {
        let op = Op::Conv(Conv {
            stride: [step; 2],
            pad: [pad; 4],
            ..Conv::new(0, [side; 2])
        });
        self.push(format!("conv{number}"), op, Some(key)).push(
            format!("relu{number}"),
            Op::Relu,
            None,
        )
    }

    /// What pytorchcv's networks have in common: the last three convolutions and the dense layers.
    fn third_stage_of_pytorchcv(&mut self) {
        self.conv("3", "features.stage3.unit1.conv", 3, 1, 1);
        self.conv("4", "features.stage3.unit2.conv", 3, 1, 1);
        self.conv("5", "features.stage3.unit3.conv", 3, 1, 1)
            .pool("5", 3, [0; 4]);
        self.hidden("6", "output.fc1.fc").dropout("6");
        self.hidden("7", "output.fc2.fc").dropout("7");
        self.dense("8", "output.fc3");
    }

    /// A pool with a step of two.
    fn pool(&mut self, number: &str, side: usize, pad: Pad) -> &mut Self {
        let op = Op::MaxPool(MaxPool {
            kernel: [side; 2],
            stride: [2; 2],
            pad,
        });
        self.push(format!("pool{number}"), op, None)
    }

    /// pytorchcv's normalisation. PyTorch multiplies the mean of the squares by its alpha of 1e-4, we their sum.
    fn norm(&mut self, number: &str) -> &mut Self {
        let op = Op::Lrn(Lrn {
            region: Region::Across,
            size: 5,
            alpha: 1e-4 / 5.0,
            beta: 0.75,
            k: 2.0,
        });
        self.push(format!("norm{number}"), op, None)
    }

    /// A dense layer and its rectifier.
    fn hidden(&mut self, number: &str, key: &str) -> &mut Self {
        self.dense(number, key)
            .push(format!("relu{number}"), Op::Relu, None)
    }

    fn dense(&mut self, number: &str, key: &str) -> &mut Self {
        self.push(
            format!("fc{number}"),
            Op::Dense(Dense { out: 0 }),
            Some(key),
        )
    }

    fn dropout(&mut self, number: &str) -> &mut Self {
        self.push(
            format!("drop{number}"),
            Op::Dropout(Dropout { p: 0.5 }),
            None,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    #[test]
    fn every_layout_has_a_name_of_its_own_and_two_tensors_for_each_layer_with_weights() {
        for layout in Layout::ALL {
            assert_eq!(Layout::named(layout.name()), Some(layout));
            let (_, maps) = layout.published();
            assert_eq!(layout.keys().len(), 2 * (maps.len() + 3), "{layout:?}");
        }
        assert_eq!(Layout::named("lenet"), None);
        assert_eq!(
            Layout::TorchvisionVgg16.keys()[24],
            "features.28.weight",
            "the last convolution of configuration D"
        );
    }
}
