//! Networks layer by layer: which tensor of a state dict belongs where, and the geometry that it does not hold. Layers are
//! called as their package calls them.
//!
//! Sources: torchvision 0.29 `models/{alexnet,vgg,squeezenet,googlenet,resnet,densenet,mobilenetv2}.py`; timm 1.0
//! `models/{vgg,mobilenetv2 in efficientnet}.py`; pytorchcv 0.0.74 `models/{alexnet,zfnet,vgg,squeezenet,resnet,densenet,
//! mobilenetv2}.py`.

use super::known::{Family, Package};
use super::maker::{Maker, Square};
use crate::refusal::Result;

/// Classes of the published networks.
const CLASSES: usize = 1000;

impl Family {
    /// Lays the layers one on the other.
    pub(super) fn lay(self, package: Package, net: &mut Maker<'_, '_>) -> Result<()> {
        match self {
            Self::Alexnet if package == Package::Torchvision => alexnet(net),
            Self::Alexnet => chain(net, [64, 192, 384, 256, 256], FLAT),
            Self::NormalisedAlexnet => chain(net, [96, 256, 384, 384, 256], LARGE),
            Self::Zfnet(maps) => chain(net, maps, SMALL),
            Self::Vgg {
                blocks,
                biased,
                normalised,
            } => match package {
                Package::Pytorchcv => vgg_in_stages(net, blocks, biased, normalised),
                package => vgg(net, package, blocks, normalised),
            },
            Self::Squeezenet { first } => squeezenet(net, package, first),
            Self::Googlenet => googlenet(net),
            Self::Resnet {
                blocks,
                inner,
                groups,
                early,
            } => resnet(net, package, blocks, (inner, groups), early),
            Self::Densenet {
                blocks,
                stem,
                growth,
            } => densenet(net, package, blocks, stem, growth),
            Self::MobilenetV2 { grows_first } => mobilenet_v2(net, package, grows_first),
        }
    }
}

fn alexnet(net: &mut Maker<'_, '_>) -> Result<()> {
    net.conv("features.0", Square::new(64, 11, 4, 2))?
        .relu("features.1")
        .pool("features.2", 3, 2, 0, false)?;
    net.conv("features.3", Square::new(192, 5, 1, 2))?
        .relu("features.4")
        .pool("features.5", 3, 2, 0, false)?;
    net.conv("features.6", Square::new(384, 3, 1, 1))?
        .relu("features.7");
    net.conv("features.8", Square::new(256, 3, 1, 1))?
        .relu("features.9");
    net.conv("features.10", Square::new(256, 3, 1, 1))?
        .relu("features.11")
        .pool("features.12", 3, 2, 0, false)?;
    net.dense("classifier.1", 4096)?.relu("classifier.2");
    net.dense("classifier.4", 4096)?.relu("classifier.5");
    net.dense("classifier.6", CLASSES)?;
    Ok(())
}

/// The first two convolutions of a chain of pytorchcv: side, step and padding of each; whether it is normalised, and whether
/// its pool rounds up.
type Beginning = [(usize, usize, usize, bool, bool); 2];
/// torchvision's geometry.
const FLAT: Beginning = [(11, 4, 2, false, false), (5, 1, 2, false, false)];
const LARGE: Beginning = [(11, 4, 0, true, true), (5, 1, 2, true, true)];
const SMALL: Beginning = [(7, 2, 1, true, true), (5, 2, 0, true, true)];

/// AlexNet and ZFNet of pytorchcv.
fn chain(net: &mut Maker<'_, '_>, maps: [usize; 5], beginning: Beginning) -> Result<()> {
    let up = beginning[0].4;
    for (at, (side, step, pad, normalised, up)) in beginning.into_iter().enumerate() {
        let unit = |part: &str| format!("features.stage{}.unit1.{part}", at + 1);
        net.conv(&unit("conv"), Square::new(maps[at], side, step, pad))?
            .relu(&unit("activ"));
        if normalised {
            net.lrn(&unit("norm"));
        }
        net.pool(&format!("features.stage{0}.pool{0}", at + 1), 3, 2, 0, up)?;
    }
    for (at, maps) in maps[2..].iter().enumerate() {
        let unit = |part: &str| format!("features.stage3.unit{}.{part}", at + 1);
        net.conv(&unit("conv"), Square::new(*maps, 3, 1, 1))?
            .relu(&unit("activ"));
    }
    net.pool("features.stage3.pool3", 3, 2, 0, up)?;
    ending(net)
}

/// The dense layers of pytorchcv's chains.
fn ending(net: &mut Maker<'_, '_>) -> Result<()> {
    net.dense("output.fc1.fc", 4096)?.relu("output.fc1.activ");
    net.dense("output.fc2.fc", 4096)?.relu("output.fc2.activ");
    net.dense("output.fc3", CLASSES)?;
    Ok(())
}

/// Maps of VGG's blocks.
const VGG: [usize; 5] = [64, 128, 256, 512, 512];

fn vgg(
    net: &mut Maker<'_, '_>,
    package: Package,
    blocks: [usize; 5],
    normalised: bool,
) -> Result<()> {
    let mut at = 0;
    let mut next = || {
        at += 1;
        format!("features.{}", at - 1)
    };
    for (depth, maps) in blocks.into_iter().zip(VGG) {
        for _ in 0..depth {
            net.conv(&next(), Square::new(maps, 3, 1, 1))?;
            if normalised {
                net.norm(&next(), 1e-5)?;
            }
            net.relu(&next());
        }
        net.pool(&next(), 2, 2, 0, false)?;
    }
    let dense = match package {
        // Which keeps them as filters.
        Package::Timm => [
            ["pre_logits.fc1", "pre_logits.act1"],
            ["pre_logits.fc2", "pre_logits.act2"],
            ["head.fc", ""],
        ],
        _ => [
            ["classifier.0", "classifier.1"],
            ["classifier.3", "classifier.4"],
            ["classifier.6", ""],
        ],
    };
    for [name, rectifier] in &dense[..2] {
        net.dense(name, 4096)?.relu(rectifier);
    }
    net.dense(dense[2][0], CLASSES)?;
    Ok(())
}

fn vgg_in_stages(
    net: &mut Maker<'_, '_>,
    blocks: [usize; 5],
    biased: bool,
    normalised: bool,
) -> Result<()> {
    for (stage, (depth, maps)) in blocks.into_iter().zip(VGG).enumerate() {
        for at in 0..depth {
            let unit = |part: &str| format!("features.stage{}.unit{}.{part}", stage + 1, at + 1);
            let square = Square::new(maps, 3, 1, 1);
            match biased {
                true => net.conv(&unit("conv"), square)?,
                false => net.filters(&unit("conv"), square)?,
            };
            if normalised {
                net.norm(&unit("bn"), 1e-5)?;
            }
            net.relu(&unit("activ"));
        }
        net.pool(
            &format!("features.stage{0}.pool{0}", stage + 1),
            2,
            2,
            0,
            false,
        )?;
    }
    ending(net)
}

fn squeezenet(net: &mut Maker<'_, '_>, package: Package, first: bool) -> Result<()> {
    let staged = package == Package::Pytorchcv;
    let stem = match staged {
        true => ["features.init_block.conv", "features.init_block.activ"],
        false => ["features.0", "features.1"],
    };
    let square = match first {
        true => Square::new(96, 7, 2, 0),
        false => Square::new(64, 3, 2, 0),
    };
    net.conv(stem[0], square)?.relu(stem[1]);
    // How many fires follow each pool.
    let stages = if first { [3, 4, 1] } else { [2, 2, 4] };
    let mut maps = [16, 16, 32, 32, 48, 48, 64, 64].into_iter();
    let mut at = 2;
    for (stage, count) in stages.into_iter().enumerate() {
        let pool = match staged {
            true => format!("features.stage{0}.pool{0}", stage + 1),
            false => format!("features.{at}"),
        };
        net.pool(&pool, 3, 2, 0, true)?;
        for fire in 0..count {
            at += 1;
            let name = match staged {
                true => format!("features.stage{}.unit{}", stage + 1, fire + 1),
                false => format!("features.{at}"),
            };
            squeezed(net, &name, staged, maps.next().unwrap_or(64))?;
        }
        at += 1;
    }
    let head = match staged {
        true => [
            "output.final_conv",
            "output.final_activ",
            "output.final_pool",
        ],
        false => ["classifier.1", "classifier.2", "classifier.3"],
    };
    net.conv(head[0], Square::new(CLASSES, 1, 1, 0))?
        .relu(head[1])
        .gap(head[2]);
    Ok(())
}

/// Few maps, and what two sizes of filters make of them.
fn squeezed(net: &mut Maker<'_, '_>, name: &str, staged: bool, maps: usize) -> Result<()> {
    let parts = |part: &str| match staged {
        true => [
            format!("{name}.{part}.conv"),
            format!("{name}.{part}.activ"),
        ],
        false => [
            format!("{name}.{part}"),
            format!("{name}.{part}_activation"),
        ],
    };
    let [filters, rectifier] = parts("squeeze");
    net.conv(&filters, Square::new(maps, 1, 1, 0))?
        .relu(&rectifier);
    let below = net.here();
    let mut branches = Vec::new();
    for (part, side) in [("expand1x1", 1), ("expand3x3", 3)] {
        let [filters, rectifier] = parts(part);
        net.back(below)
            .conv(&filters, Square::new(4 * maps, side, 1, side / 2))?
            .relu(&rectifier);
        branches.push(net.here());
    }
    net.concat(name, &branches);
    Ok(())
}

fn googlenet(net: &mut Maker<'_, '_>) -> Result<()> {
    basic(net, "conv1", Square::new(64, 7, 2, 3))?;
    net.pool("maxpool1", 3, 2, 0, true)?;
    basic(net, "conv2", Square::new(64, 1, 1, 0))?;
    basic(net, "conv3", Square::new(192, 3, 1, 1))?;
    net.pool("maxpool2", 3, 2, 0, true)?;
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
                net.pool(name, maps[0], 2, 0, true)?;
            }
            false => inception(net, name, maps)?,
        }
    }
    net.gap("avgpool").dense("fc", CLASSES)?;
    Ok(())
}

/// Filters, normalisation and rectifier of GoogLeNet.
fn basic(net: &mut Maker<'_, '_>, name: &str, square: Square) -> Result<()> {
    net.filters(&format!("{name}.conv"), square)?
        .norm(&format!("{name}.bn"), 1e-3)?
        .relu(&format!("{name}.relu"));
    Ok(())
}

fn inception(net: &mut Maker<'_, '_>, name: &str, maps: [usize; 6]) -> Result<()> {
    let below = net.here();
    let part = |part: &str| format!("{name}.{part}");
    basic(net, &part("branch1"), Square::new(maps[0], 1, 1, 0))?;
    let mut branches = vec![net.here()];
    for (branch, [few, many]) in [
        ("branch2", [maps[1], maps[2]]),
        ("branch3", [maps[3], maps[4]]),
    ] {
        net.back(below);
        basic(
            net,
            &part(&format!("{branch}.0")),
            Square::new(few, 1, 1, 0),
        )?;
        basic(
            net,
            &part(&format!("{branch}.1")),
            Square::new(many, 3, 1, 1),
        )?;
        branches.push(net.here());
    }
    net.back(below).pool(&part("branch4.0"), 3, 1, 1, true)?;
    basic(net, &part("branch4.1"), Square::new(maps[5], 1, 1, 0))?;
    branches.push(net.here());
    net.concat(name, &branches);
    Ok(())
}

/// `inner` maps of the first block between its outer convolutions, if it has three, and in how many groups; `early` where the
/// first convolution of a block takes its step, and not the first that sees more than a place.
fn resnet(
    net: &mut Maker<'_, '_>,
    package: Package,
    blocks: [usize; 4],
    (inner, groups): (Option<usize>, usize),
    early: bool,
) -> Result<()> {
    let staged = package == Package::Pytorchcv;
    let stem = match staged {
        true => ["conv.conv", "conv.bn", "conv.activ", "pool"]
            .map(|part| format!("features.init_block.{part}")),
        false => ["conv1", "bn1", "relu", "maxpool"].map(str::to_owned),
    };
    net.filters(&stem[0], Square::new(64, 7, 2, 3))?
        .norm(&stem[1], 1e-5)?
        .relu(&stem[2])
        .pool(&stem[3], 3, 2, 1, false)?;
    for (layer, count) in blocks.into_iter().enumerate() {
        for block in 0..count {
            let step = if layer > 0 && block == 0 { 2 } else { 1 };
            let squares = match inner {
                None => vec![
                    Square::new(64 << layer, 3, step, 1),
                    Square::new(64 << layer, 3, 1, 1),
                ],
                Some(inner) => {
                    let (first, second) = if early { (step, 1) } else { (1, step) };
                    vec![
                        Square::new(inner << layer, 1, first, 0),
                        Square::new(inner << layer, 3, second, 1).in_groups(groups),
                        Square::new(256 << layer, 1, 1, 0),
                    ]
                }
            };
            residual(net, staged, [layer + 1, block], &squares, step)?;
        }
    }
    net.gap(if staged {
        "features.final_pool"
    } else {
        "avgpool"
    })
    .dense(if staged { "output" } else { "fc" }, CLASSES)?;
    Ok(())
}

/// A block of ResNet: convolutions, and a shortcut past them.
fn residual(
    net: &mut Maker<'_, '_>,
    staged: bool,
    [layer, block]: [usize; 2],
    squares: &[Square],
    step: usize,
) -> Result<()> {
    let part = |part: String| match staged {
        true => format!("features.stage{layer}.unit{}.{part}", block + 1),
        false => format!("layer{layer}.{block}.{part}"),
    };
    let names = |at: usize| match staged {
        true => ["conv", "bn", "activ"].map(|kind| part(format!("body.conv{at}.{kind}"))),
        false => ["conv", "bn", "relu"].map(|kind| part(format!("{kind}{at}"))),
    };
    let below = net.here();
    for (at, square) in squares.iter().enumerate() {
        let [filters, norm, rectifier] = names(at + 1);
        net.filters(&filters, *square)?.norm(&norm, 1e-5)?;
        if at + 1 < squares.len() {
            net.relu(&rectifier);
        }
    }
    let above = net.here();
    let out = net.maps();
    net.back(below);
    if step > 1 || net.maps() != out {
        let [filters, norm] = match staged {
            true => ["identity_conv.conv", "identity_conv.bn"],
            false => ["downsample.0", "downsample.1"],
        }
        .map(|name| part(name.to_owned()));
        net.filters(&filters, Square::new(out, 1, step, 0))?
            .norm(&norm, 1e-5)?;
    }
    let shortcut = net.here();
    net.add(&part("add".into()), &[above, shortcut])
        .relu(&part(if staged { "activ" } else { "relu" }.into()));
    Ok(())
}

fn densenet(
    net: &mut Maker<'_, '_>,
    package: Package,
    blocks: [usize; 4],
    stem: usize,
    growth: usize,
) -> Result<()> {
    let staged = package == Package::Pytorchcv;
    let first = match staged {
        true => ["conv", "bn", "activ", "pool"].map(|part| format!("features.init_block.{part}")),
        false => ["conv0", "norm0", "relu0", "pool0"].map(|part| format!("features.{part}")),
    };
    net.filters(&first[0], Square::new(stem, 7, 2, 3))?
        .norm(&first[1], 1e-5)?
        .relu(&first[2])
        .pool(&first[3], 3, 2, 1, false)?;
    for (block, count) in blocks.into_iter().enumerate() {
        let block = block + 1;
        if block > 1 {
            let names = match staged {
                true => ["conv.bn", "conv.activ", "conv.conv", "pool"]
                    .map(|part| format!("features.stage{block}.trans{block}.{part}")),
                false => ["norm", "relu", "conv", "pool"]
                    .map(|part| format!("features.transition{}.{part}", block - 1)),
            };
            net.norm(&names[0], 1e-5)?.relu(&names[1]);
            let maps = net.maps() / 2;
            net.filters(&names[2], Square::new(maps, 1, 1, 0))?
                .mean(&names[3], 2)?;
        }
        for layer in 1..=count {
            let name = match staged {
                true => format!("features.stage{block}.unit{layer}"),
                false => format!("features.denseblock{block}.denselayer{layer}"),
            };
            let parts = |at: usize| match staged {
                true => ["bn", "activ", "conv"].map(|part| format!("{name}.conv{at}.{part}")),
                false => ["norm", "relu", "conv"].map(|part| format!("{name}.{part}{at}")),
            };
            let below = net.here();
            for (at, square) in [
                Square::new(4 * growth, 1, 1, 0),
                Square::new(growth, 3, 1, 1),
            ]
            .into_iter()
            .enumerate()
            {
                let [norm, rectifier, filters] = parts(at + 1);
                net.norm(&norm, 1e-5)?.relu(&rectifier);
                net.filters(&filters, square)?;
            }
            let grown = net.here();
            net.concat(&name, &[below, grown]);
        }
    }
    let last = match staged {
        true => [
            "features.post_activ.bn",
            "features.post_activ.activ",
            "features.final_pool",
            "output",
        ],
        false => ["features.norm5", "relu5", "avgpool", "classifier"],
    };
    net.norm(last[0], 1e-5)?
        .relu(last[1])
        .gap(last[2])
        .dense(last[3], CLASSES)?;
    Ok(())
}

/// Blocks of MobileNet v2: by how much each grows between, its maps, how often it comes, and the step of the first.
const BLOCKS: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

/// Names of a layer's filters, normalisation and rectifier.
type Names = [String; 3];

fn mobilenet_v2(net: &mut Maker<'_, '_>, package: Package, grows_first: bool) -> Result<()> {
    let owned = |names: [&str; 3]| names.map(str::to_owned);
    let [stem, last] = match package {
        Package::Torchvision => ["features.0", "features.18"]
            .map(|name| ["0", "1", "2"].map(|part| format!("{name}.{part}"))),
        Package::Timm => [
            owned(["conv_stem", "bn1", "bn1.act"]),
            owned(["conv_head", "bn2", "bn2.act"]),
        ],
        Package::Pytorchcv => ["features.init_block", "features.final_block"]
            .map(|name| ["conv", "bn", "activ"].map(|part| format!("{name}.{part}"))),
    };
    let clipped = |net: &mut Maker<'_, '_>, names: &Names, square: Square| -> Result<()> {
        net.filters(&names[0], square)?
            .norm(&names[1], 1e-5)?
            .relu6(&names[2]);
        Ok(())
    };
    clipped(net, &stem, Square::new(32, 3, 2, 1))?;
    let (mut at, mut stage, mut unit) = (0, 1, 0);
    for (block, (growth, maps, count, step)) in BLOCKS.into_iter().enumerate() {
        if step > 1 {
            (stage, unit) = (stage + 1, 0);
        }
        for repeat in 0..count {
            (at, unit) = (at + 1, unit + 1);
            let name = match package {
                Package::Torchvision => format!("features.{at}"),
                Package::Timm => format!("blocks.{block}.{repeat}"),
                Package::Pytorchcv => format!("features.stage{stage}.unit{unit}"),
            };
            let grows = growth > 1 || grows_first;
            let names = inverted(package, &name, grows);
            let step = if repeat == 0 { step } else { 1 };
            let (below, seen) = (net.here(), net.maps());
            if grows {
                clipped(net, &names[0], Square::new(growth * seen, 1, 1, 0))?;
            }
            let wide = net.maps();
            let deep = Square::new(wide, 3, step, 1).in_groups(wide);
            clipped(net, &names[1], deep)?;
            net.filters(&names[2][0], Square::new(maps, 1, 1, 0))?
                .norm(&names[2][1], 1e-5)?;
            if step == 1 && net.maps() == seen {
                let above = net.here();
                net.add(&name, &[below, above]);
            }
        }
    }
    clipped(net, &last, Square::new(1280, 1, 1, 0))?;
    match package {
        Package::Torchvision => net.gap("avgpool").dense("classifier.1", CLASSES)?,
        Package::Timm => net.gap("global_pool").dense("classifier", CLASSES)?,
        Package::Pytorchcv => net.gap("features.final_pool").unbiased("output", CLASSES)?,
    };
    Ok(())
}

/// The three layers of a block of MobileNet v2.
fn inverted(package: Package, name: &str, grows: bool) -> [Names; 3] {
    match package {
        Package::Torchvision => {
            let first = usize::from(grows);
            let layer = |at: usize| [0, 1, 2].map(|part| format!("{name}.conv.{at}.{part}"));
            let last = [1, 2, 3].map(|part| format!("{name}.conv.{}", first + part));
            [layer(0), layer(first), last]
        }
        Package::Timm => {
            let layer = |filters: &str, at: usize| {
                [
                    format!("{name}.{filters}"),
                    format!("{name}.bn{at}"),
                    format!("{name}.bn{at}.act"),
                ]
            };
            match grows {
                true => [
                    layer("conv_pw", 1),
                    layer("conv_dw", 2),
                    layer("conv_pwl", 3),
                ],
                false => [layer("", 0), layer("conv_dw", 1), layer("conv_pw", 2)],
            }
        }
        Package::Pytorchcv => [1, 2, 3]
            .map(|at| ["conv", "bn", "activ"].map(|part| format!("{name}.conv{at}.{part}"))),
    }
}
