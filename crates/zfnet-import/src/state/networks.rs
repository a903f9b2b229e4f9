//! Networks of torchvision, layer by layer: which tensor of a state dict belongs where, and the geometry that it does not hold.
//!
//! Source: torchvision 0.24, `models/{alexnet,vgg,squeezenet,googlenet,resnet,densenet,mobilenetv2}.py`.

use super::maker::Maker;
use crate::refusal::Result;

/// A network of torchvision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Known {
    Alexnet,
    /// Numbers of convolutions in each block, and whether they are normalised.
    Vgg(&'static str, [usize; 5], bool),
    Squeezenet10,
    Squeezenet11,
    Googlenet,
    /// Numbers of blocks in each layer, and whether each has three convolutions.
    Resnet(&'static str, [usize; 4], bool),
    Densenet(&'static str, [usize; 4]),
    MobilenetV2,
}

impl Known {
    /// Every network that is recognised.
    pub(crate) const ALL: [Self; 19] = [
        Self::Alexnet,
        Self::Vgg("vgg11", [1, 1, 2, 2, 2], false),
        Self::Vgg("vgg13", [2, 2, 2, 2, 2], false),
        Self::Vgg("vgg16", [2, 2, 3, 3, 3], false),
        Self::Vgg("vgg19", [2, 2, 4, 4, 4], false),
        Self::Vgg("vgg11_bn", [1, 1, 2, 2, 2], true),
        Self::Vgg("vgg13_bn", [2, 2, 2, 2, 2], true),
        Self::Vgg("vgg16_bn", [2, 2, 3, 3, 3], true),
        Self::Vgg("vgg19_bn", [2, 2, 4, 4, 4], true),
        Self::Squeezenet10,
        Self::Squeezenet11,
        Self::Googlenet,
        Self::Resnet("resnet18", [2, 2, 2, 2], false),
        Self::Resnet("resnet34", [3, 4, 6, 3], false),
        Self::Resnet("resnet50", [3, 4, 6, 3], true),
        Self::Resnet("resnet101", [3, 4, 23, 3], true),
        Self::Densenet("densenet121", [6, 12, 24, 16]),
        Self::Densenet("densenet169", [6, 12, 32, 32]),
        Self::MobilenetV2,
    ];

    /// The name in torchvision.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alexnet => "alexnet",
            Self::Squeezenet10 => "squeezenet1_0",
            Self::Squeezenet11 => "squeezenet1_1",
            Self::Googlenet => "googlenet",
            Self::MobilenetV2 => "mobilenet_v2",
            Self::Vgg(name, ..) | Self::Resnet(name, ..) | Self::Densenet(name, _) => name,
        }
    }

    /// The weights of the last layer, whose rows are the classes.
    pub(crate) fn head(self) -> &'static str {
        match self {
            Self::Alexnet | Self::Vgg(..) => "classifier.6.weight",
            Self::Squeezenet10 | Self::Squeezenet11 | Self::MobilenetV2 => "classifier.1.weight",
            Self::Googlenet | Self::Resnet(..) => "fc.weight",
            Self::Densenet(..) => "classifier.weight",
        }
    }

    /// Lays the layers one on the other, for so many classes.
    pub(crate) fn lay(self, net: &mut Maker<'_, '_>, classes: usize) -> Result<()> {
        match self {
            Self::Alexnet => alexnet(net, classes),
            Self::Vgg(_, blocks, normalised) => vgg(net, blocks, normalised, classes),
            Self::Squeezenet10 | Self::Squeezenet11 => {
                squeezenet(net, self == Self::Squeezenet10, classes)
            }
            Self::Googlenet => googlenet(net, classes),
            Self::Resnet(_, blocks, deep) => resnet(net, blocks, deep, classes),
            Self::Densenet(_, blocks) => densenet(net, blocks, classes),
            Self::MobilenetV2 => mobilenet_v2(net, classes),
        }
    }
}

fn alexnet(net: &mut Maker<'_, '_>, classes: usize) -> Result<()> {
    net.conv("features.0", 64, 11, 4, 2)?
        .relu("features.1")
        .pool("features.2", 3, 2, 0, false);
    net.conv("features.3", 192, 5, 1, 2)?
        .relu("features.4")
        .pool("features.5", 3, 2, 0, false);
    net.conv("features.6", 384, 3, 1, 1)?.relu("features.7");
    net.conv("features.8", 256, 3, 1, 1)?.relu("features.9");
    net.conv("features.10", 256, 3, 1, 1)?
        .relu("features.11")
        .pool("features.12", 3, 2, 0, false);
    net.dense("classifier.1", 4096)?.relu("classifier.2");
    net.dense("classifier.4", 4096)?.relu("classifier.5");
    net.dense("classifier.6", classes)?;
    Ok(())
}

fn vgg(
    net: &mut Maker<'_, '_>,
    blocks: [usize; 5],
    normalised: bool,
    classes: usize,
) -> Result<()> {
    let mut at = 0;
    let mut next = || {
        at += 1;
        format!("features.{}", at - 1)
    };
    for (depth, maps) in blocks.into_iter().zip([64, 128, 256, 512, 512]) {
        for _ in 0..depth {
            let name = next();
            net.conv(&name, maps, 3, 1, 1)?;
            if normalised {
                net.norm(&next(), 1e-5)?;
            }
            net.relu(&next());
        }
        net.pool(&next(), 2, 2, 0, false);
    }
    net.dense("classifier.0", 4096)?.relu("classifier.1");
    net.dense("classifier.3", 4096)?.relu("classifier.4");
    net.dense("classifier.6", classes)?;
    Ok(())
}

fn squeezenet(net: &mut Maker<'_, '_>, first: bool, classes: usize) -> Result<()> {
    match first {
        true => net.conv("features.0", 96, 7, 2, 0)?,
        false => net.conv("features.0", 64, 3, 2, 0)?,
    };
    net.relu("features.1").pool("features.2", 3, 2, 0, true);
    // Places of the pools between, and of the fires with so many maps.
    let (pools, fires) = match first {
        true => ([6, 11], [3, 4, 5, 7, 8, 9, 10, 12]),
        false => ([5, 8], [3, 4, 6, 7, 9, 10, 11, 12]),
    };
    for (at, maps) in fires.into_iter().zip([16, 16, 32, 32, 48, 48, 64, 64]) {
        if pools.contains(&(at - 1)) {
            net.pool(&format!("features.{}", at - 1), 3, 2, 0, true);
        }
        let part = |part: &str| format!("features.{at}.{part}");
        net.conv(&part("squeeze"), maps, 1, 1, 0)?
            .relu(&part("squeeze_activation"));
        let squeezed = net.here();
        let small = net.conv(&part("expand1x1"), 4 * maps, 1, 1, 0)?;
        let small = small.relu(&part("expand1x1_activation")).here();
        net.back(squeezed)
            .conv(&part("expand3x3"), 4 * maps, 3, 1, 1)?;
        let large = net.relu(&part("expand3x3_activation")).here();
        net.concat(&format!("features.{at}"), &[small, large]);
    }
    net.conv("classifier.1", classes, 1, 1, 0)?
        .relu("classifier.2")
        .gap("classifier.3");
    Ok(())
}

fn googlenet(net: &mut Maker<'_, '_>, classes: usize) -> Result<()> {
    basic(net, "conv1", 64, 7, 2, 3)?;
    net.pool("maxpool1", 3, 2, 0, true);
    basic(net, "conv2", 64, 1, 1, 0)?;
    basic(net, "conv3", 192, 3, 1, 1)?;
    net.pool("maxpool2", 3, 2, 0, true);
    for (name, maps) in [
        ("inception3a", [64, 96, 128, 16, 32, 32]),
        ("inception3b", [128, 128, 192, 32, 96, 64]),
        ("maxpool3", [3; 6]),
        ("inception4a", [192, 96, 208, 16, 48, 64]),
        ("inception4b", [160, 112, 224, 24, 64, 64]),
        ("inception4c", [128, 128, 256, 24, 64, 64]),
        ("inception4d", [112, 144, 288, 32, 64, 64]),
        ("inception4e", [256, 160, 320, 32, 128, 128]),
        ("maxpool4", [2; 6]),
        ("inception5a", [256, 160, 320, 32, 128, 128]),
        ("inception5b", [384, 192, 384, 48, 128, 128]),
    ] {
        match name.starts_with("maxpool") {
            true => {
                net.pool(name, maps[0], 2, 0, true);
            }
            false => inception(net, name, maps)?,
        }
    }
    net.gap("avgpool").dense("fc", classes)?;
    Ok(())
}

/// Filters, normalisation and rectifier of GoogLeNet.
fn basic(
    net: &mut Maker<'_, '_>,
    name: &str,
    maps: usize,
    side: usize,
    step: usize,
    pad: usize,
) -> Result<()> {
    net.filters(&format!("{name}.conv"), maps, side, step, pad, 1)?
        .norm(&format!("{name}.bn"), 1e-3)?
        .relu(&format!("{name}.relu"));
    Ok(())
}

fn inception(net: &mut Maker<'_, '_>, name: &str, maps: [usize; 6]) -> Result<()> {
    let below = net.here();
    let part = |part: &str| format!("{name}.{part}");
    basic(net, &part("branch1"), maps[0], 1, 1, 0)?;
    let mut branches = vec![net.here()];
    for (branch, [few, many]) in [
        ("branch2", [maps[1], maps[2]]),
        ("branch3", [maps[3], maps[4]]),
    ] {
        net.back(below);
        basic(net, &part(&format!("{branch}.0")), few, 1, 1, 0)?;
        basic(net, &part(&format!("{branch}.1")), many, 3, 1, 1)?;
        branches.push(net.here());
    }
    net.back(below).pool(&part("branch4.0"), 3, 1, 1, true);
    basic(net, &part("branch4.1"), maps[5], 1, 1, 0)?;
    branches.push(net.here());
    net.concat(name, &branches);
    Ok(())
}

fn resnet(net: &mut Maker<'_, '_>, blocks: [usize; 4], deep: bool, classes: usize) -> Result<()> {
    net.filters("conv1", 64, 7, 2, 3, 1)?
        .norm("bn1", 1e-5)?
        .relu("relu")
        .pool("maxpool", 3, 2, 1, false);
    for (layer, (count, maps)) in blocks.into_iter().zip([64, 128, 256, 512]).enumerate() {
        for block in 0..count {
            let part = |part: &str| format!("layer{}.{block}.{part}", layer + 1);
            let step = if layer > 0 && block == 0 { 2 } else { 1 };
            let out = if deep { 4 * maps } else { maps };
            let below = net.here();
            let sides = if deep { &[1, 3, 1][..] } else { &[3, 3] };
            for (at, side) in sides.iter().enumerate() {
                let is_last = at + 1 == sides.len();
                // The step is that of the first filters that see more than a place.
                let step = if at == usize::from(deep) { step } else { 1 };
                let maps = if is_last { out } else { maps };
                net.filters(
                    &part(&format!("conv{}", at + 1)),
                    maps,
                    *side,
                    step,
                    side / 2,
                    1,
                )?
                .norm(&part(&format!("bn{}", at + 1)), 1e-5)?;
                if !is_last {
                    net.relu(&part(&format!("relu{}", at + 1)));
                }
            }
            let above = net.here();
            net.back(below);
            if step > 1 || net.maps() != out {
                net.filters(&part("downsample.0"), out, 1, step, 0, 1)?
                    .norm(&part("downsample.1"), 1e-5)?;
            }
            let shortcut = net.here();
            net.add(&part("add"), &[above, shortcut])
                .relu(&part("relu"));
        }
    }
    net.gap("avgpool").dense("fc", classes)?;
    Ok(())
}

fn densenet(net: &mut Maker<'_, '_>, blocks: [usize; 4], classes: usize) -> Result<()> {
    net.filters("features.conv0", 64, 7, 2, 3, 1)?
        .norm("features.norm0", 1e-5)?
        .relu("features.relu0")
        .pool("features.pool0", 3, 2, 1, false);
    for (block, count) in blocks.into_iter().enumerate() {
        for layer in 1..=count {
            let part =
                |part: &str| format!("features.denseblock{}.denselayer{layer}{part}", block + 1);
            let below = net.here();
            net.norm(&part(".norm1"), 1e-5)?.relu(&part(".relu1"));
            net.filters(&part(".conv1"), 128, 1, 1, 0, 1)?;
            net.norm(&part(".norm2"), 1e-5)?.relu(&part(".relu2"));
            let grown = net.filters(&part(".conv2"), 32, 3, 1, 1, 1)?.here();
            net.concat(&part(""), &[below, grown]);
        }
        if block < 3 {
            let part = |part: &str| format!("features.transition{}.{part}", block + 1);
            net.norm(&part("norm"), 1e-5)?.relu(&part("relu"));
            let maps = net.maps() / 2;
            net.filters(&part("conv"), maps, 1, 1, 0, 1)?
                .mean(&part("pool"), 2);
        }
    }
    net.norm("features.norm5", 1e-5)?
        .relu("relu5")
        .gap("avgpool")
        .dense("classifier", classes)?;
    Ok(())
}

fn mobilenet_v2(net: &mut Maker<'_, '_>, classes: usize) -> Result<()> {
    net.filters("features.0.0", 32, 3, 2, 1, 1)?
        .norm("features.0.1", 1e-5)?
        .relu6("features.0.2");
    let mut at = 0;
    for (growth, maps, count, step) in [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ] {
        for block in 0..count {
            at += 1;
            let part = |part: &str| format!("features.{at}.conv.{part}");
            let step = if block == 0 { step } else { 1 };
            let below = net.here();
            let (seen, mut stage) = (net.maps(), 0);
            if growth > 1 {
                net.filters(&part("0.0"), growth * seen, 1, 1, 0, 1)?;
                net.norm(&part("0.1"), 1e-5)?.relu6(&part("0.2"));
                stage = 1;
            }
            let wide = growth * seen;
            net.filters(&part(&format!("{stage}.0")), wide, 3, step, 1, wide)?;
            net.norm(&part(&format!("{stage}.1")), 1e-5)?
                .relu6(&part(&format!("{stage}.2")));
            net.filters(&part(&(stage + 1).to_string()), maps, 1, 1, 0, 1)?;
            net.norm(&part(&(stage + 2).to_string()), 1e-5)?;
            if step == 1 && seen == maps {
                let above = net.here();
                net.add(&format!("features.{at}"), &[below, above]);
            }
        }
    }
    net.filters("features.18.0", 1280, 1, 1, 0, 1)?
        .norm("features.18.1", 1e-5)?
        .relu6("features.18.2");
    net.gap("avgpool").dense("classifier.1", classes)?;
    Ok(())
}
