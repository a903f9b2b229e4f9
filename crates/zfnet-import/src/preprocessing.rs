//! What a network is fed, which files of other programs do not say: known by who wrote them and how layers are called.

use zfnet::network::architecture::{Architecture, Op, Shape};
use zfnet::network::model::{Channels, Input};

/// A way to prepare pictures.
#[derive(Debug, Clone, Copy)]
struct Recipe {
    channels: Channels,
    range: f32,
    mean: [f32; 3],
    std: [f32; 3],
}

/// ImageNet's mean and deviation on values from 0 to 1: torchvision, timm, gluon and most others.
const TORCHVISION: Recipe = Recipe {
    channels: Channels::Rgb,
    range: 1.0,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
};
/// Caffe's own networks: blue first, without the mean of ImageNet.
const CAFFE: Recipe = Recipe {
    channels: Channels::Bgr,
    range: 255.0,
    mean: [104.0, 117.0, 123.0],
    std: [1.0; 3],
};
/// VGG's networks and ZFNet-512 in Caffe.
const VGG: Recipe = Recipe {
    mean: [103.939, 116.779, 123.68],
    ..CAFFE
};
/// DenseNet in Caffe, whose pictures are multiplied by 0.017.
const DENSENET: Recipe = Recipe {
    mean: [103.94, 116.78, 123.68],
    std: [1.0 / 0.017; 3],
    ..CAFFE
};
/// Caffe2's own training.
const CAFFE2: Recipe = Recipe {
    mean: [128.0; 3],
    std: [128.0; 3],
    ..CAFFE
};
/// EfficientNet-Lite.
const LITE: Recipe = Recipe {
    channels: Channels::Rgb,
    range: 255.0,
    mean: [127.0; 3],
    std: [128.0; 3],
};
/// GoogLeNet in torchvision, whose weights came from TensorFlow.
const MIDDLE: Recipe = Recipe {
    mean: [0.5; 3],
    std: [0.5; 3],
    ..TORCHVISION
};
/// Networks that begin with the normalisation themselves.
const RAW: Recipe = Recipe {
    channels: Channels::Rgb,
    range: 1.0,
    mean: [0.0; 3],
    std: [1.0; 3],
};

/// By what torchvision's GoogLeNet multiplies the pictures of [`TORCHVISION`], to be fed as by [`MIDDLE`].
const TRANSFORMED: [f32; 3] = [0.458, 0.448, 0.45];

/// The description of what enters, and whether it is a guess. `factors` are those by which the network itself multiplies what
/// enters first, if it does.
pub(crate) fn of(
    shape: Shape,
    producer: &str,
    name: &str,
    table: &Architecture,
    factors: Option<&[f32]>,
) -> (Input, bool) {
    let (recipe, guessed) = match factors {
        Some(factors) if is_near(factors, TRANSFORMED) => (TORCHVISION, false),
        Some(_) => (RAW, true),
        None => recipe(producer, name, table),
    };
    let [channels, rows, cols] = shape;
    let grey = |three: [f32; 3]| match channels {
        1 => vec![three.iter().sum::<f32>() / 3.0],
        _ => three.to_vec(),
    };
    let input = Input {
        size: [rows, cols],
        // As 256 to 224.
        resize_short_side: (rows.min(cols) * 8).div_ceil(7),
        channels: recipe.channels,
        range: recipe.range,
        mean: grey(recipe.mean),
        std: grey(recipe.std),
    };
    (input, guessed || channels != 3)
}

fn is_near(found: &[f32], expected: [f32; 3]) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < 1e-4)
}

fn recipe(producer: &str, name: &str, table: &Architecture) -> (Recipe, bool) {
    let has = |layer: &str| table.layers.iter().any(|row| row.name == layer);
    let first = table.layers.first();
    match producer {
        "torchvision" => return (TORCHVISION, false),
        "torchvision googlenet" => return (MIDDLE, false),
        _ => {}
    }
    if producer.contains("caffe") {
        let is_zfnet_512 = table
            .layers
            .iter()
            .any(|row| row.name == "conv3" && matches!(&row.op, Op::Conv(conv) if conv.out == 512));
        return if has("conv1_1") || is_zfnet_512 {
            (VGG, false)
        } else if has("conv2_1/x1") {
            (DENSENET, false)
        } else if has("pred") {
            (CAFFE2, true)
        } else if has("conv1") || has("conv1/7x7_s2") {
            (CAFFE, false)
        } else {
            (CAFFE, true)
        };
    }
    let name = name.to_ascii_lowercase();
    if name.contains("efficientnet-lite") || has("efficientnet-lite4/model/stem/conv2d") {
        return (LITE, false);
    }
    let is_torchvision = [
        "features.0",
        "features.0.0",
        "features.conv0",
        "layer1.0.conv1",
    ]
    .iter()
    .any(|layer| has(layer));
    let is_gluon = first
        .is_some_and(|row| row.name.contains("_conv0") || row.name.contains("_features_conv0"));
    (TORCHVISION, !(is_torchvision || is_gluon))
}
