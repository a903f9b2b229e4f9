//! The named networks, each a table. Sizes and sources are in `crates/README.md`.

use crate::network::architecture::{Architecture, Layer, Op, Pad};
use crate::ops::{Conv, Dense, Dropout, Lrn, MaxPool, Region};

/// Names that [`Architecture::named`] knows.
pub const NAMES: [&str; 5] = ["zfnet", "zfnet-spp", "zfnet512", "alexnet", "vgg16"];

impl Architecture {
    /// A network by name, with `dense` units in fc6 and fc7 (`None`: as published) and `classes` outputs.
    pub fn named(name: &str, dense: Option<usize>, classes: usize) -> Option<Self> {
        let wide = dense.unwrap_or(4096);
        Some(match name {
            "zfnet" => Self::zfnet(wide, classes),
            "zfnet-spp" => Self::zfnet_spp(wide, classes),
            "zfnet512" => Self::zfnet512(wide, dense.unwrap_or(1024), classes),
            "alexnet" => Self::alexnet(wide, classes),
            "vgg16" => Self::vgg16(wide, classes),
            _ => return None,
        })
    }

    /// The paper's network (figure 3): 224 → 110 → 55 → 26 → 13 → 13 → 13 → 13 → 6.
    ///
    /// Its code rounded up where others round down; an extra row and column at the bottom and right says the same.
    /// Pooling comes before normalisation; alpha multiplies the sum, as in Krizhevsky et al. (2012).
    pub fn zfnet(dense: usize, classes: usize) -> Self {
        let mut t = Table::default();
        t.conv(96, 7, 2, [0, 0, 1, 1])
            .relu()
            .pool(3, 2, [0, 0, 1, 1])
            .norm(ACROSS);
        t.conv(256, 5, 2, [0; 4])
            .relu()
            .pool(3, 2, [0, 0, 1, 1])
            .norm(ACROSS);
        t.conv(384, 3, 1, [1; 4]).relu();
        t.conv(384, 3, 1, [1; 4]).relu();
        t.conv(256, 3, 1, [1; 4]).relu().pool(3, 2, [0; 4]);
        t.classifier(&[dense, dense], classes)
    }

    /// The geometry of the public re-trained weights: symmetric padding, normalisation within maps before pooling.
    pub fn zfnet_spp(dense: usize, classes: usize) -> Self {
        let mut t = Table::default();
        t.conv(96, 7, 2, [1; 4])
            .relu()
            .norm(WITHIN)
            .pool(3, 2, [0, 0, 1, 1]);
        t.conv(256, 5, 2, [0; 4])
            .relu()
            .norm(WITHIN)
            .pool(3, 2, [0, 0, 1, 1]);
        t.conv(384, 3, 1, [1; 4]).relu();
        t.conv(384, 3, 1, [1; 4]).relu();
        t.conv(256, 3, 1, [1; 4]).relu().pool(3, 2, [0; 4]);
        t.classifier(&[dense, dense], classes)
    }

    /// The model zoo's "zfnet512": no padding below conv3, 512 maps above, a 2×2 last pool.
    pub fn zfnet512(fc6: usize, fc7: usize, classes: usize) -> Self {
        let mut t = Table::default();
        t.conv(96, 7, 2, [0; 4])
            .relu()
            .norm(ACROSS)
            .pool(3, 2, [0; 4]);
        t.conv(256, 5, 2, [0; 4])
            .relu()
            .norm(ACROSS)
            .pool(3, 2, [0; 4]);
        t.conv(512, 3, 1, [1; 4]).relu();
        t.conv(512, 3, 1, [1; 4]).relu();
        t.conv(512, 3, 1, [1; 4]).relu().pool(2, 2, [0; 4]);
        t.classifier(&[fc6, fc7], classes)
    }

    /// Krizhevsky et al. (2012) with its two groups; 224 → 55 by rounding up, as in their code.
    pub fn alexnet(dense: usize, classes: usize) -> Self {
        let mut t = Table::default();
        t.conv(96, 11, 4, [0, 0, 3, 3])
            .relu()
            .norm(ACROSS)
            .pool(3, 2, [0; 4]);
        t.grouped(256, 5, 1, [2; 4], 2)
            .relu()
            .norm(ACROSS)
            .pool(3, 2, [0; 4]);
        t.conv(384, 3, 1, [1; 4]).relu();
        t.grouped(384, 3, 1, [1; 4], 2).relu();
        t.grouped(256, 3, 1, [1; 4], 2).relu().pool(3, 2, [0; 4]);
        t.classifier(&[dense, dense], classes)
    }

    /// Simonyan & Zisserman (2014), configuration D; layers are named `conv1_1` … `conv5_3`.
    pub fn vgg16(dense: usize, classes: usize) -> Self {
        let mut t = Table::default();
        for (block, (maps, depth)) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
            .into_iter()
            .enumerate()
        {
            for layer in 1..=depth {
                let suffix = format!("{}_{layer}", block + 1);
                t.push(format!("conv{suffix}"), conv(maps, 3, 1, [1; 4], 1));
                t.push(format!("relu{suffix}"), Op::Relu);
            }
            t.push(format!("pool{}", block + 1), pool(2, 2, [0; 4]));
        }
        t.stage = 5;
        t.classifier(&[dense, dense], classes)
    }

    /// A small net with every quirk of the paper's (strides, one-sided padding, overlapping pools, normalisation).
    pub fn tiny(maps: [usize; 3], dense: usize, classes: usize) -> Self {
        let mut t = Table::default();
        t.conv(maps[0], 5, 2, [0, 0, 1, 1])
            .relu()
            .pool(3, 2, [0, 0, 1, 1])
            .norm(ACROSS);
        t.conv(maps[1], 3, 1, [1; 4]).relu();
        t.conv(maps[2], 3, 1, [1; 4]).relu().pool(3, 2, [0; 4]);
        t.classifier(&[dense], classes)
    }
}

const ACROSS: Op = Op::Lrn(Lrn {
    region: Region::Across,
    size: 5,
    alpha: 1e-4,
    beta: 0.75,
    k: 2.0,
});
/// Published with alpha 5e-5 on the mean over 3×3; here alpha multiplies the sum.
const WITHIN: Op = Op::Lrn(Lrn {
    region: Region::Within,
    size: 3,
    alpha: 5e-5 / 9.0,
    beta: 0.75,
    k: 1.0,
});

fn conv(out: usize, side: usize, step: usize, pad: Pad, groups: usize) -> Op {
    Op::Conv(Conv {
        stride: [step; 2],
        pad,
        groups,
        ..Conv::new(out, [side; 2])
    })
}

fn pool(side: usize, step: usize, pad: Pad) -> Op {
    Op::MaxPool(MaxPool {
        kernel: [side; 2],
        stride: [step; 2],
        pad,
    })
}

/// Rows under construction; a convolution opens the next stage, whose number every name ends with.
#[derive(Default)]
struct Table {
    layers: Vec<Layer>,
    stage: usize,
}

impl Table {
    fn push(&mut self, name: String, op: Op) -> &mut Self {
        self.layers.push(Layer::new(name, op));
        self
    }

    fn conv(&mut self, out: usize, side: usize, step: usize, pad: Pad) -> &mut Self {
        self.grouped(out, side, step, pad, 1)
    }

    fn grouped(
        &mut self,
        out: usize,
        side: usize,
        step: usize,
        pad: Pad,
        groups: usize,
    ) -> &mut Self {
        self.stage += 1;
        self.push(
            format!("conv{}", self.stage),
            conv(out, side, step, pad, groups),
        )
    }

    fn relu(&mut self) -> &mut Self {
        self.push(format!("relu{}", self.stage), Op::Relu)
    }

    fn pool(&mut self, side: usize, step: usize, pad: Pad) -> &mut Self {
        self.push(format!("pool{}", self.stage), pool(side, step, pad))
    }

    fn norm(&mut self, norm: Op) -> &mut Self {
        self.push(format!("norm{}", self.stage), norm)
    }

    fn classifier(mut self, hidden: &[usize], classes: usize) -> Architecture {
        for &out in hidden {
            self.stage += 1;
            self.push(format!("fc{}", self.stage), Op::Dense(Dense { out }));
            self.relu();
            self.push(
                format!("drop{}", self.stage),
                Op::Dropout(Dropout { p: 0.5 }),
            );
        }
        self.stage += 1;
        self.push(
            format!("fc{}", self.stage),
            Op::Dense(Dense { out: classes }),
        );
        Architecture {
            layers: self.layers,
        }
    }
}
