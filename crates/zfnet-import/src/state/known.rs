//! The networks that are known: as what they are published, and which one a state dict is of.

use std::collections::{BTreeMap, BTreeSet};

use zfnet::network::architecture::Shape;

use super::SIDE;
use super::maker::Maker;
use crate::refusal::{Result, damaged, wrong};
use crate::row::Row;
use crate::weight::Weight;

/// As many names as this may be missing or too many before a file is taken for another network: two layers' worth.
const NEAR: usize = 4;
/// Parts of torchvision's GoogLeNet that only its training needs.
const BESIDE: [&str; 2] = ["aux1.", "aux2."];

/// Who publishes a network, and so how its tensors are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    Torchvision,
    Timm,
    Pytorchcv,
}

/// What a network is like, but for its names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Family {
    /// Without normalisation.
    Alexnet,
    NormalisedAlexnet,
    /// Maps of its convolutions.
    Zfnet([usize; 5]),
    /// Convolutions of each block, whether they have a bias, and whether they are normalised.
    Vgg {
        blocks: [usize; 5],
        biased: bool,
        normalised: bool,
    },
    /// Version 1.0 or, else, 1.1.
    Squeezenet {
        first: bool,
    },
    Googlenet,
    /// Blocks of each layer; maps between the outer ones of three convolutions in the first, if there are three, and in how many
    /// groups; whether the first convolution takes the step.
    Resnet {
        blocks: [usize; 4],
        inner: Option<usize>,
        groups: usize,
        early: bool,
    },
    /// Layers of each block, maps of the stem, and those that a layer adds.
    Densenet {
        blocks: [usize; 4],
        stem: usize,
        growth: usize,
    },
    /// Whether the first block has a layer that would let it grow.
    MobilenetV2 {
        grows_first: bool,
    },
}

/// A network of a package.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Known {
    /// Of the package and of the network in it.
    pub(crate) name: &'static str,
    package: Package,
    pub(crate) family: Family,
}

const fn known(name: &'static str, family: Family) -> Known {
    let package = match name.as_bytes()[0] {
        b'p' => Package::Pytorchcv,
        _ => match name.as_bytes()[1] {
            b'i' => Package::Timm,
            _ => Package::Torchvision,
        },
    };
    Known {
        name,
        package,
        family,
    }
}

const fn vgg(blocks: [usize; 5], biased: bool, normalised: bool) -> Family {
    Family::Vgg {
        blocks,
        biased,
        normalised,
    }
}

const fn resnet(blocks: [usize; 4], inner: Option<usize>, groups: usize, early: bool) -> Family {
    Family::Resnet {
        blocks,
        inner,
        groups,
        early,
    }
}

const fn densenet(blocks: [usize; 4], stem: usize, growth: usize) -> Family {
    Family::Densenet {
        blocks,
        stem,
        growth,
    }
}

const VGG11: [usize; 5] = [1, 1, 2, 2, 2];
const VGG13: [usize; 5] = [2, 2, 2, 2, 2];
const VGG16: [usize; 5] = [2, 2, 3, 3, 3];
const VGG19: [usize; 5] = [2, 2, 4, 4, 4];
const RESNET18: [usize; 4] = [2, 2, 2, 2];
const RESNET50: [usize; 4] = [3, 4, 6, 3];
const RESNET101: [usize; 4] = [3, 4, 23, 3];
const RESNET152: [usize; 4] = [3, 8, 36, 3];
const DENSENET121: [usize; 4] = [6, 12, 24, 16];
const DENSENET161: [usize; 4] = [6, 12, 36, 24];
const DENSENET169: [usize; 4] = [6, 12, 32, 32];
const DENSENET201: [usize; 4] = [6, 12, 48, 32];

/// Every network that is recognised; of those that fit as well, the first is taken.
pub(crate) const ALL: [Known; 65] = [
    known("torchvision-alexnet", Family::Alexnet),
    known("torchvision-vgg11", vgg(VGG11, true, false)),
    known("torchvision-vgg13", vgg(VGG13, true, false)),
    known("torchvision-vgg16", vgg(VGG16, true, false)),
    known("torchvision-vgg19", vgg(VGG19, true, false)),
    known("torchvision-vgg11_bn", vgg(VGG11, true, true)),
    known("torchvision-vgg13_bn", vgg(VGG13, true, true)),
    known("torchvision-vgg16_bn", vgg(VGG16, true, true)),
    known("torchvision-vgg19_bn", vgg(VGG19, true, true)),
    known(
        "torchvision-squeezenet1_0",
        Family::Squeezenet { first: true },
    ),
    known(
        "torchvision-squeezenet1_1",
        Family::Squeezenet { first: false },
    ),
    known("torchvision-googlenet", Family::Googlenet),
    known("torchvision-resnet18", resnet(RESNET18, None, 1, false)),
    known("torchvision-resnet34", resnet(RESNET50, None, 1, false)),
    known("torchvision-resnet50", resnet(RESNET50, Some(64), 1, false)),
    known(
        "torchvision-resnet101",
        resnet(RESNET101, Some(64), 1, false),
    ),
    known(
        "torchvision-resnet152",
        resnet(RESNET152, Some(64), 1, false),
    ),
    known(
        "torchvision-wide_resnet50_2",
        resnet(RESNET50, Some(128), 1, false),
    ),
    known(
        "torchvision-wide_resnet101_2",
        resnet(RESNET101, Some(128), 1, false),
    ),
    known(
        "torchvision-resnext50_32x4d",
        resnet(RESNET50, Some(128), 32, false),
    ),
    known(
        "torchvision-resnext101_32x8d",
        resnet(RESNET101, Some(256), 32, false),
    ),
    known(
        "torchvision-resnext101_64x4d",
        resnet(RESNET101, Some(256), 64, false),
    ),
    known("torchvision-densenet121", densenet(DENSENET121, 64, 32)),
    known("torchvision-densenet161", densenet(DENSENET161, 96, 48)),
    known("torchvision-densenet169", densenet(DENSENET169, 64, 32)),
    known("torchvision-densenet201", densenet(DENSENET201, 64, 32)),
    known(
        "torchvision-mobilenet_v2",
        Family::MobilenetV2 { grows_first: false },
    ),
    known("timm-vgg11", vgg(VGG11, true, false)),
    known("timm-vgg13", vgg(VGG13, true, false)),
    known("timm-vgg16", vgg(VGG16, true, false)),
    known("timm-vgg19", vgg(VGG19, true, false)),
    known("timm-vgg11_bn", vgg(VGG11, true, true)),
    known("timm-vgg13_bn", vgg(VGG13, true, true)),
    known("timm-vgg16_bn", vgg(VGG16, true, true)),
    known("timm-vgg19_bn", vgg(VGG19, true, true)),
    known(
        "timm-mobilenetv2_100",
        Family::MobilenetV2 { grows_first: false },
    ),
    known("pytorchcv-zfnet", Family::Zfnet([96, 256, 384, 384, 256])),
    known("pytorchcv-zfnetb", Family::Zfnet([96, 256, 512, 1024, 512])),
    known("pytorchcv-alexnet", Family::NormalisedAlexnet),
    known("pytorchcv-alexnetb", Family::Alexnet),
    known("pytorchcv-vgg11", vgg(VGG11, true, false)),
    known("pytorchcv-vgg13", vgg(VGG13, true, false)),
    known("pytorchcv-vgg16", vgg(VGG16, true, false)),
    known("pytorchcv-vgg19", vgg(VGG19, true, false)),
    known("pytorchcv-bn_vgg11", vgg(VGG11, false, true)),
    known("pytorchcv-bn_vgg13", vgg(VGG13, false, true)),
    known("pytorchcv-bn_vgg16", vgg(VGG16, false, true)),
    known("pytorchcv-bn_vgg19", vgg(VGG19, false, true)),
    known("pytorchcv-bn_vgg11b", vgg(VGG11, true, true)),
    known("pytorchcv-bn_vgg13b", vgg(VGG13, true, true)),
    known("pytorchcv-bn_vgg16b", vgg(VGG16, true, true)),
    known("pytorchcv-bn_vgg19b", vgg(VGG19, true, true)),
    known(
        "pytorchcv-squeezenet_v1_0",
        Family::Squeezenet { first: true },
    ),
    known(
        "pytorchcv-squeezenet_v1_1",
        Family::Squeezenet { first: false },
    ),
    known("pytorchcv-resnet18", resnet(RESNET18, None, 1, false)),
    known("pytorchcv-resnet34", resnet(RESNET50, None, 1, false)),
    known("pytorchcv-resnet50", resnet(RESNET50, Some(64), 1, true)),
    known("pytorchcv-resnet50b", resnet(RESNET50, Some(64), 1, false)),
    known("pytorchcv-resnet101", resnet(RESNET101, Some(64), 1, true)),
    known(
        "pytorchcv-resnet101b",
        resnet(RESNET101, Some(64), 1, false),
    ),
    known(
        "pytorchcv-resnext50_32x4d",
        resnet(RESNET50, Some(128), 32, false),
    ),
    known("pytorchcv-densenet121", densenet(DENSENET121, 64, 32)),
    known("pytorchcv-densenet169", densenet(DENSENET169, 64, 32)),
    known(
        "pytorchcv-mobilenetv2_w1",
        Family::MobilenetV2 { grows_first: true },
    ),
    known(
        "pytorchcv-mobilenetv2b_w1",
        Family::MobilenetV2 { grows_first: false },
    ),
];

/// Names and shapes of tensors.
pub(super) type Shapes = Vec<(String, Vec<usize>)>;

impl Known {
    /// A network by its name.
    pub(super) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|known| known.name == name)
    }

    /// The name in its package.
    fn own_name(self) -> &'static str {
        self.name.split_once('-').map_or(self.name, |(_, own)| own)
    }

    /// Names and shapes of the tensors of the published network, in the order of its layers.
    pub(super) fn published(self) -> Shapes {
        let mut needed = Vec::new();
        let mut tensors = |name: &str, dims: &[usize]| {
            needed.push((name.to_owned(), dims.to_vec()));
            Ok(Weight::fill(dims.to_vec(), 1.0))
        };
        let mut net = Maker::new([3, SIDE, SIDE], &mut tensors);
        let laid = self.family.lay(self.package, &mut net);
        debug_assert!(laid.is_ok(), "{}: {laid:?}", self.name);
        needed
    }

    /// The rows of a network with these tensors, on an input of this shape.
    pub(super) fn rows<'a>(
        self,
        tensors: &BTreeMap<String, Weight<'a>>,
        input: Shape,
    ) -> Result<Vec<Row<'a>>> {
        let mut tensors = |name: &str, _: &[usize]| match tensors.get(name) {
            Some(weight) => Ok(weight.clone()),
            None => Err(self.lacks(name)),
        };
        let mut net = Maker::new(input, &mut tensors);
        self.family.lay(self.package, &mut net)?;
        Ok(net.rows)
    }

    fn lacks(self, tensor: &str) -> crate::refusal::Error {
        wrong(
            format!("tensor {tensor}"),
            format!("every tensor of {}", self.name),
            "no such tensor",
        )
    }
}

/// Names of every tensor of every network.
pub(super) fn every_name() -> BTreeSet<String> {
    let names = ALL.into_iter().flat_map(Known::published);
    names.map(|(name, _)| name).collect()
}

/// The network that is asked for, or of which the tensors are by their names and shapes; `file` is what the file is called,
/// which may tell networks apart that nothing else does.
pub(super) fn recognised(
    tensors: &BTreeMap<String, Weight<'_>>,
    asked: Option<Known>,
    file: &str,
) -> Result<Known> {
    let candidates: Vec<(Known, Shapes)> = match asked {
        Some(known) => vec![(known, known.published())],
        None => ALL
            .into_iter()
            .map(|known| (known, known.published()))
            .collect(),
    };
    let own: Vec<&String> = tensors
        .keys()
        .filter(|name| !BESIDE.iter().any(|beside| name.starts_with(beside)))
        .collect();
    let difference = |shapes: &Shapes| {
        let there = shapes.iter().filter(|(name, _)| tensors.contains_key(name));
        let there = there.count();
        (shapes.len() - there) + own.len().saturating_sub(there)
    };
    let differences: Vec<usize> = candidates
        .iter()
        .map(|(_, shapes)| difference(shapes))
        .collect();
    let least = differences.iter().copied().min().unwrap_or(usize::MAX);
    if least > NEAR {
        return Err(unknown(tensors, asked));
    }
    let fitting = candidates.into_iter().zip(differences);
    let fitting = fitting.filter_map(|(one, differs)| (differs == least).then_some(one));
    let (known, shapes) = the_one(fitting.collect(), tensors, file)?;
    if let Some((missing, _)) = shapes.iter().find(|(name, _)| !tensors.contains_key(name)) {
        return Err(known.lacks(missing));
    }
    let needed: BTreeSet<&str> = shapes.iter().map(|(name, _)| name.as_str()).collect();
    match own.iter().find(|name| !needed.contains(name.as_str())) {
        Some(extra) => Err(wrong(
            format!("tensor {extra}"),
            format!("only the tensors of {}", known.name),
            "one that it does not have",
        )),
        None => Ok(known),
    }
}

/// Of several networks whose tensors have these names, that whose filters are of this size and whose maps are as many.
fn the_one(
    mut fitting: Vec<(Known, Shapes)>,
    tensors: &BTreeMap<String, Weight<'_>>,
    file: &str,
) -> Result<(Known, Shapes)> {
    let dims = |name: &str| tensors.get(name).map(Weight::dims);
    let side = |shapes: &Shapes| shapes[0].1[2..].to_vec();
    if fitting.len() > 1
        && let first = fitting[0].1[0].0.clone()
        && let Some(found) = dims(&first)
    {
        let sides: BTreeSet<usize> = fitting.iter().map(|(_, shapes)| side(shapes)[0]).collect();
        fitting.retain(|(_, shapes)| found.get(2..) == Some(&side(shapes)));
        if fitting.is_empty() {
            let sides: Vec<String> = sides.iter().map(usize::to_string).collect();
            return Err(wrong(
                format!("tensor {first}"),
                format!("filters of {} pixels a side", sides.join(" / ")),
                format!("shape {found:?}"),
            ));
        }
    }
    let is_exact = |shapes: &Shapes| {
        (shapes.iter()).all(|(name, published)| dims(name) == Some(published.as_slice()))
    };
    if fitting.iter().any(|(_, shapes)| is_exact(shapes)) {
        fitting.retain(|(_, shapes)| is_exact(shapes));
    }
    let like = fitting[0].0.family.geometry();
    if (fitting.iter()).all(|(known, _)| known.family.geometry() == like) {
        return Ok(fitting.swap_remove(0));
    }
    let told = fitting
        .iter()
        .filter(|(known, _)| file.contains(known.own_name()))
        .max_by_key(|(known, _)| known.own_name().len());
    if let Some(told) = told {
        return Ok(told.clone());
    }
    let maps = |shape: &dyn Fn(&str, &[usize]) -> Option<usize>| -> Vec<usize> {
        let filters = fitting[0].1.iter().filter(|(_, dims)| dims.len() == 4);
        let counts = filters.filter_map(|(name, dims)| shape(name, dims));
        counts.take(5).collect()
    };
    let described: Vec<String> = fitting
        .iter()
        .map(|(known, shapes)| {
            let published: BTreeMap<&str, usize> = shapes
                .iter()
                .map(|(name, dims)| (name.as_str(), dims[0]))
                .collect();
            let widths = maps(&|name, _| published.get(name).copied());
            format!("{} with {widths:?}", known.name)
        })
        .collect();
    let found = maps(&|name, _| dims(name)?.first().copied());
    Err(wrong(
        "numbers of maps",
        format!("{}, or --layout to say which", described.join(" / ")),
        format!("{found:?}"),
    ))
}

/// The complaint about a file whose names are not those that were expected.
fn unknown(tensors: &BTreeMap<String, Weight<'_>>, asked: Option<Known>) -> crate::refusal::Error {
    let few: Vec<&str> = tensors.keys().take(3).map(String::as_str).collect();
    let found = format!("{}, … ({} in all)", few.join(", "), tensors.len());
    let expected = match asked {
        Some(known) => {
            let shapes = known.published();
            format!("the tensors of {} ({}, …)", known.name, shapes[0].0)
        }
        None => "the tensors of AlexNet, ZFNet, VGG, SqueezeNet, GoogLeNet, ResNet, DenseNet or MobileNet v2 as torchvision, timm or pytorchcv name them".to_owned(),
    };
    damaged(expected, found)
}

impl Family {
    /// What is left of it but for numbers that its tensors tell.
    fn geometry(self) -> Self {
        match self {
            Self::Zfnet(_) => Self::Zfnet([0; 5]),
            Self::Resnet {
                blocks,
                inner,
                early,
                ..
            } => resnet(blocks, inner.map(|_| 0), 1, early),
            Self::Densenet { blocks, .. } => densenet(blocks, 0, 0),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ALL, Known, recognised};
    use crate::weight::Weight;

    fn tensors(known: Known) -> BTreeMap<String, Weight<'static>> {
        let shapes = known.published().into_iter();
        shapes
            .map(|(name, dims)| (name, Weight::fill(dims, 1.0)))
            .collect()
    }

    #[test]
    fn networks_have_as_many_parameters_as_their_publishers_say() {
        let published = [
            ("alexnet", 61_100_840),
            ("vgg11", 132_863_336),
            ("vgg13", 133_047_848),
            ("vgg16", 138_357_544),
            ("vgg19", 143_667_240),
            ("vgg11_bn", 132_868_840),
            ("vgg13_bn", 133_053_736),
            ("vgg16_bn", 138_365_992),
            ("vgg19_bn", 143_678_248),
            ("squeezenet1_0", 1_248_424),
            ("squeezenet1_1", 1_235_496),
            ("googlenet", 6_624_904),
            ("resnet18", 11_689_512),
            ("resnet34", 21_797_672),
            ("resnet50", 25_557_032),
            ("resnet101", 44_549_160),
            ("resnet152", 60_192_808),
            ("wide_resnet50_2", 68_883_240),
            ("wide_resnet101_2", 126_886_696),
            ("resnext50_32x4d", 25_028_904),
            ("resnext101_32x8d", 88_791_336),
            ("resnext101_64x4d", 83_455_272),
            ("densenet121", 7_978_856),
            ("densenet161", 28_681_000),
            ("densenet169", 14_149_480),
            ("densenet201", 20_013_928),
            ("mobilenet_v2", 3_504_872),
        ];
        for (name, count) in published {
            let known = Known::named(&format!("torchvision-{name}")).expect(name);
            let tensors = known.published();
            let learnt = tensors.iter().filter(|(name, _)| !name.contains("running"));
            let found: usize = learnt.map(|(_, dims)| dims.iter().product::<usize>()).sum();
            assert_eq!(found, count, "{name}");
        }
    }

    #[test]
    fn every_network_is_recognised_as_it_is_published() {
        for known in ALL {
            let tensors = tensors(known);
            let found = recognised(&tensors, None, "x");
            match known.name {
                // Nothing but their makers' word tells these apart.
                "pytorchcv-resnet50"
                | "pytorchcv-resnet50b"
                | "pytorchcv-resnet101"
                | "pytorchcv-resnet101b" => {
                    let message = found.expect_err(known.name).to_string();
                    assert!(message.contains("--layout to say which"), "{message}");
                    let file = format!("{}-0611-a1b2c3d4", known.own_name());
                    assert_eq!(recognised(&tensors, None, &file).expect("told"), known);
                }
                name => assert_eq!(found.expect(name), known),
            }
            assert_eq!(recognised(&tensors, Some(known), "").expect("asked"), known);
        }
    }

    #[test]
    fn what_is_missing_too_much_or_of_another_size_is_named() {
        let known = Known::named("torchvision-resnet18").expect("known");
        let mut less = tensors(known);
        less.remove("bn1.bias");
        let mut more = tensors(known);
        more.insert("head.weight".into(), Weight::fill(vec![1], 1.0));
        let mut other = tensors(known);
        other.insert(
            "layer2.0.conv1.weight".into(),
            Weight::fill(vec![128, 60, 3, 3], 1.0),
        );
        let chain = Known::named("pytorchcv-zfnet").expect("known");
        let mut large = tensors(chain);
        large.insert(
            "features.stage1.unit1.conv.weight".into(),
            Weight::fill(vec![96, 3, 9, 9], 1.0),
        );
        for (tensors, words) in [
            (
                less,
                "tensor bn1.bias: expected every tensor of torchvision-resnet18",
            ),
            (
                more,
                "tensor head.weight: expected only the tensors of torchvision-resnet18",
            ),
            (
                other,
                "tensor layer2.0.conv1.weight: expected shape [128, 64, 3, 3], found shape [128, 60, 3, 3]",
            ),
            (large, "filters of 7 / 11 pixels a side"),
        ] {
            let found = recognised(&tensors, None, "")
                .and_then(|known| known.rows(&tensors, [3, 224, 224]));
            let message = found.expect_err(words).to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
