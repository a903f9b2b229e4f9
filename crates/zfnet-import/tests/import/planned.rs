//! What files become: tables of layers, before any number is asked for.

use zfnet::network::architecture::{Curve, Layer, Op};
use zfnet::network::model::{Channels, Model, Scores};
use zfnet_import::{Options, class_names, imagenet, read};

use crate::graph::{self, LIGHT, file, node, tensor};

fn model(name: &str) -> Model {
    let bytes = file(&format!("light/light_{name}.onnx"));
    read(&bytes, &Options::default()).expect(name).model
}

fn count(model: &Model, name: &str) -> usize {
    let layers = model.architecture.layers.iter();
    layers.filter(|layer| layer.op.name() == name).count()
}

#[test]
fn every_network_of_the_zoo_gives_a_thousand_scores() {
    for name in LIGHT {
        let model = model(name);
        let plan = model.plan().expect(name);
        assert_eq!(plan.output().output, [1000, 1, 1], "{name}");
        assert_eq!(model.scores, Scores::Softmax, "{name}");
        assert_eq!(model.input_shape(), [3, 224, 224], "{name}");
        // No normalisation is left where filters before it can take it in.
        let affine = if name == "densenet121" { 62 } else { 0 };
        assert_eq!(count(&model, "affine"), affine, "{name}");
    }
}

#[test]
fn operations_are_as_many_as_in_the_files() {
    for (name, counts) in [
        (
            "bvlc_alexnet",
            &[
                ("conv", 5),
                ("lrn", 2),
                ("max_pool", 3),
                ("dense", 3),
                ("dropout", 0),
            ][..],
        ),
        (
            "densenet121",
            &[
                ("conv", 120),
                ("concat", 58),
                ("avg_pool", 3),
                ("gap", 1),
                ("dense", 1),
            ],
        ),
        (
            "inception_v1",
            &[
                ("conv", 57),
                ("concat", 9),
                ("max_pool", 13),
                ("avg_pool", 0),
                ("gap", 1),
                ("dense", 1),
            ],
        ),
        (
            "inception_v2",
            &[("conv", 69), ("concat", 10), ("avg_pool", 7), ("gap", 1)],
        ),
        (
            "resnet50",
            &[("conv", 53), ("add", 16), ("relu", 49), ("gap", 1)],
        ),
        (
            "shufflenet",
            &[
                ("conv", 49),
                ("shuffle", 16),
                ("concat", 3),
                ("add", 13),
                ("avg_pool", 3),
            ],
        ),
        ("squeezenet", &[("conv", 26), ("concat", 8), ("gap", 1)]),
        ("vgg19", &[("conv", 16), ("max_pool", 5), ("dense", 3)]),
        ("zfnet512", &[("conv", 5), ("lrn", 2), ("dense", 3)]),
    ] {
        let model = model(name);
        for (op, expected) in counts {
            assert_eq!(count(&model, op), *expected, "{name}: {op}");
        }
    }
}

#[test]
fn layers_are_called_as_their_makers_called_them() {
    let names = |name: &str| -> Vec<String> {
        let layers = model(name).architecture.layers.into_iter();
        layers
            .filter(|layer| layer.op.has_parameters())
            .map(|Layer { name, .. }| name)
            .collect()
    };
    assert_eq!(
        names("zfnet512"),
        [
            "conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"
        ]
    );
    assert_eq!(
        names("inception_v1")[2..4],
        ["conv2/3x3", "inception_3a/1x1"]
    );
}

#[test]
fn what_is_fed_is_known_by_who_wrote_the_file() {
    let zfnet = model("zfnet512").input;
    assert_eq!(zfnet.channels, Channels::Bgr);
    assert_eq!(zfnet.mean, [103.939, 116.779, 123.68]);
    assert_eq!(model("bvlc_alexnet").input.mean, [104.0, 117.0, 123.0]);
}

#[test]
fn a_size_that_is_left_open_is_that_which_is_asked_for() {
    let bytes = file("made/residual.onnx");
    let options = Options {
        name: Some("mine".into()),
        ..Options::default()
    };
    let model = read(&bytes, &options).expect("a network").model;
    assert_eq!((model.name.as_str(), model.input.size), ("mine", [32; 2]));
    let last = model.architecture.layers.last().expect("layers");
    assert!(matches!(last.op, Op::Dense(_)));
    assert_eq!(model.provenance["imported_from"]["size"], "fixed");

    let bytes = file("made/open.onnx");
    for (size, side) in [(None, [224; 2]), (Some([96, 128]), [96, 128])] {
        let options = Options {
            size,
            ..Options::default()
        };
        let model = read(&bytes, &options).expect("a network").model;
        assert_eq!(model.input.size, side);
        assert_eq!(model.provenance["imported_from"]["size"], "open");
    }
}

#[test]
fn a_rectifier_comes_back_after_filters_and_not_after_a_mean_that_happened_to_be_positive() {
    let weight = tensor("w", &[2, 3, 3, 3], &[0; 2 * 27 * 4]);
    let scale = tensor("s", &[], &0.1f32.to_le_bytes());
    let conv = node("Conv", &["x", "w"], &["a"], &[]);
    let mean = |from: &str, to: &str| node("GlobalAveragePool", &[from], &[to], &[]);
    // Without a zero, the lowest code is zero.
    let stored = |from: &str, to: &str| {
        let code = format!("{from}_code");
        let coded = node("QuantizeLinear", &[from, "s"], &[&code], &[]);
        [coded, node("DequantizeLinear", &[&code, "s"], &[to], &[])].concat()
    };
    for (parts, rectifiers) in [
        ([conv.clone(), mean("a", "m"), stored("m", "y")], 0),
        ([conv, stored("a", "b"), mean("b", "y")], 1),
    ] {
        let bytes = graph::model(&[&[weight.clone(), scale.clone()][..], &parts[..]].concat());
        let model = read(&bytes, &Options::default()).expect("a network").model;
        assert_eq!(count(&model, "relu"), rectifiers);
    }
}

#[test]
fn pictures_are_in_colour_or_grey_and_have_the_size_that_is_asked_for() {
    let mean = [node("GlobalAveragePool", &["x"], &["y"], &[])];
    let read = |shape, size| {
        let options = Options {
            size,
            ..Options::default()
        };
        let file = graph::model_on(shape, &mean);
        let imported = read(&file, &options);
        imported.map(|imported| imported.model.input_shape())
    };
    assert_eq!(read([1, 1, 8, 8], None).ok(), Some([1, 8, 8]));
    assert_eq!(read([1, 3, 96, 128], None).ok(), Some([3, 96, 128]));
    assert_eq!(read([1, 3, 96, 128], Some([64; 2])).ok(), Some([3, 64, 64]));
    let taller = Some([80, 64]);
    assert_eq!(read([1, 3, 96, 96], taller).ok(), Some([3, 80, 64]));
    assert!(read([1, 4, 8, 8], None).is_err());
}

#[test]
fn constants_that_take_the_kind_of_maps_stay_constants() {
    let numbers = [("low", 0f32), ("high", 6.0)];
    let numbers = numbers.map(|(name, value)| tensor(name, &[], &value.to_le_bytes()));
    let alike = |name: &str, to: &str| node("CastLike", &[name, "x"], &[to], &[]);
    let parts = [
        &numbers[..],
        &[
            alike("low", "min"),
            alike("high", "max"),
            node("CastLike", &["x", "low"], &["same"], &[]),
            node("Clip", &["same", "min", "max"], &["c"], &[]),
            node("GlobalAveragePool", &["c"], &["y"], &[]),
        ],
    ];
    let model = read(&graph::model(&parts.concat()), &Options::default())
        .expect("a network")
        .model;
    let curve = Curve::Clip { min: 0.0, max: 6.0 };
    assert_eq!(model.architecture.layers[0].op, Op::Activation(curve));
    assert_eq!(model.architecture.layers.len(), 2);
}

#[test]
fn a_thousand_classes_have_their_names_and_others_none() {
    let names = imagenet();
    assert_eq!(names.len(), 1000);
    for languages in [
        names.iter().map(|name| Some(name.en.as_str())).collect(),
        names.iter().map(|name| name.zh.as_deref()).collect(),
    ] {
        let distinct: std::collections::HashSet<Option<&str>> = languages;
        assert_eq!(distinct.len(), 1000);
        assert!(!distinct.contains(&None));
    }
    let read_with = |file_name: &str, classes: Vec<_>| {
        let options = Options {
            classes,
            ..Options::default()
        };
        let bytes = file(file_name);
        read(&bytes, &options).expect(file_name).model.classes
    };
    let squeezenet = "light/light_squeezenet.onnx";
    assert_eq!(read_with(squeezenet, imagenet())[281].en, "tabby");
    // As TensorFlow counts: the first of one class more is the background.
    let fewer = read_with(squeezenet, imagenet().split_off(1));
    assert_eq!(
        (fewer[0].en.as_str(), fewer[1].en.as_str()),
        ("background", "goldfish")
    );
    assert_eq!(fewer.len(), 1000);
    assert_eq!(read_with("made/residual.onnx", imagenet()), []);
    assert!(class_names(r#"[{"zh": "猫"}]"#).is_err());
}
